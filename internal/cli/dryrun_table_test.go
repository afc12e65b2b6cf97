package cli_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/cli"
	"github.com/mokasync/mokasync/internal/forge/forgetest"
)

// dryCommand are the command lines of one command, without its name, the one that looks furthest first. Words in capitals are filled in for each folder of manifests:
//
//	PATH  the folder     LOCK  its lockfile     PLAN  a saved plan of it     NEW  a folder that is not there
//	ONE   the address of a resource, a sale if there is one     EACH  of one resource of every kind there is: as many lines
//	FORGE what is said of a forge that has a pull request
type dryCommand struct {
	pure   []string // write no file
	writes []string // may write files
	once   []string // write no file, and are the same for every folder
	here   []string // may write files into the working folder, and nowhere else; it holds the manifests
	on     source   // what it depends on
}

// source is what a command depends on besides its own arguments: where that is the same, it need not be run again.
type source int

const (
	onAll       source = iota
	onManifests        // alone
	onLock             // the lockfile alone, or a saved plan
	onMoka             // what is at Moka alone
)

// dryCommands are all commands but those that may write to Moka, or serve. A command or a flag that is missing here fails TestDryRunIsWhole: give it a line for every way in which
// it may look at Moka, among pure if it promises to write no file.
var dryCommands = map[string]dryCommand{
	"validate": {on: onManifests, pure: []string{"PATH", "PATH --format json --show-personal"}, here: []string{""}},
	"fmt":      {on: onManifests, pure: []string{"--check PATH", "--check --format json PATH", "--diff --show-personal PATH"}, writes: []string{"PATH"}, here: []string{"--check", ""}},
	"forecast": {
		pure: []string{"PATH --format json --show-personal -l !none", "PATH --from 2035-01-01 --months 24 --by product --kind sale", "PATH --sale ONE --next 3", "PATH --format csv --target ONE", "PATH --exclude ONE", "- --lockfile LOCK"},
		here: []string{"", "--html NEW", "--endpoint sandbox"},
	},
	"graph": {on: onManifests, pure: []string{"PATH", "PATH --format json --show-personal -l !none", "PATH --target ONE", "PATH --kind sale --exclude ONE"}, here: []string{""}},

	"plan": {
		pure: []string{"PATH --refresh --prune --format json --show-personal", "PATH", "PATH --detailed-exitcode --prune --kind sale --full", "PATH --recreate ONE", "PATH --refresh --target ONE",
			"PATH --refresh --exclude ONE -l !none", "- --refresh --lockfile LOCK"},
		here: []string{"", "--refresh", "--refresh --format markdown", "--refresh --format github", "--refresh --out NEW", "--refresh --endpoint sandbox"},
	},
	"drift": {
		pure:   []string{"PATH", "PATH --format json --show-personal --kind customer", "PATH --target ONE", "PATH --exclude ONE -l !none", "PATH --accept all"},
		writes: []string{"PATH --accept all --auto-approve", "PATH --accept ONE --auto-approve"},
		here:   []string{"", "--accept all --auto-approve", "--endpoint sandbox"},
	},
	"explain": {
		once: []string{"", "DealerSale.AddSale.InvalidCardToken --format json"}, pure: []string{"EACH PATH --refresh", "ONE PATH --format json --show-personal"},
		here: []string{"ONE --refresh", "ONE --refresh --endpoint sandbox"},
	},
	"import": {on: onMoka, writes: []string{"NEW --layout customer --format json", "NEW --kind sale", "NEW --code stranger", "PATH"}, here: []string{".", "new", "new --endpoint sandbox"}},
	"comment": {
		on: onLock, pure: []string{"PATH --refresh --prune --dry-run"},
		here: []string{
			onPull + " --refresh --target ONE -l !none --format json", onPull + " --refresh --exclude ONE --kind sale", onPull + " --refresh --recreate ONE --only-changes --detailed-exitcode --id a",
			"FORGE --stale --base-branch main --id a", "--show-personal",
		},
	},

	"state list": {on: onLock, pure: []string{"--lockfile LOCK --format json"}, here: []string{""}},
	"state show": {on: onLock, pure: []string{"ONE --lockfile LOCK --format json"}, here: []string{"ONE"}},
	"state rm":   {on: onLock, pure: []string{"ONE --lockfile LOCK --dry-run"}, writes: []string{"ONE --lockfile LOCK --auto-approve"}, here: []string{"ONE"}},
	"state mv":   {on: onLock, pure: []string{"ONE ONE-2 --lockfile LOCK --dry-run"}, writes: []string{"ONE ONE-2 --lockfile LOCK --auto-approve"}, here: []string{"ONE ONE-2"}},
	"resolve":    {on: onLock, writes: []string{"ONE --lockfile LOCK --absent", "ONE --lockfile LOCK --adopt 1003"}, here: []string{"ONE --absent"}},
	"report":     {on: onLock, pure: []string{"--lockfile LOCK --format json"}, here: []string{""}},
	"lock merge": {on: onLock, writes: []string{"LOCK LOCK LOCK", "NEW LOCK NEW mokasync.lock"}},
	"lock pull":  {on: onLock, here: []string{"--remote none --branch main"}},
	"lock push":  {on: onLock, here: []string{"--remote none --branch main --attempts 1 --message applied"}},
	"show":       {on: onLock, here: []string{"PLAN", "PLAN --full", "PLAN --format markdown"}},
	"init":       {on: onManifests, here: []string{""}},

	"schema":                {once: []string{"", "Sale"}},
	"version":               {once: []string{""}},
	"help":                  {once: []string{"", "plan"}},
	"completion bash":       {once: []string{"--no-descriptions"}},
	"completion fish":       {once: []string{"--no-descriptions"}},
	"completion powershell": {once: []string{"--no-descriptions"}},
	"completion zsh":        {once: []string{"--no-descriptions"}},
}

// mayWrite are the commands that a dry run leaves out: apply writes to Moka, and sandbox is a Moka.
var mayWrite = []string{"apply", "sandbox"}

// dryFlags are flags that need no line of their own: they say to whom is spoken, and how fast.
var dryFlags = []string{"help", "env", "endpoint", "lockfile", "parallelism", "rate", "timeout"}

// onPull says which pull request of FORGE is commented on.
var onPull = "FORGE --pr 7 --base-branch main --base " + baseCommit + " --head " + headCommit

// forgeFlags stand for FORGE, with the address of a forge.
const forgeFlags = "--forge github --api-url %s/forge --repo " + forgetest.Repository + " --author elif --wait 1s"

// The table above is whole: it has every command, and every flag of each.
func TestDryRunIsWhole(t *testing.T) {
	there := cli.CommandFlags()
	for _, name := range slices.Sorted(maps.Keys(there)) {
		command, known := dryCommands[name]
		if !known && !slices.Contains(mayWrite, name) {
			t.Errorf("the command %q is in no row of dryCommands: say with which arguments it is run against a Moka that must not be written to", name)
		}
		said := " " + strings.Join(slices.Concat(command.pure, command.writes, command.once, command.here, []string{forgeFlags}), " ") + " "
		for _, flag := range there[name] {
			if known && !slices.Contains(dryFlags, flag) && !strings.Contains(said, " --"+flag+" ") && !(flag == "selector" && strings.Contains(said, " -l ")) {
				t.Errorf("no line of dryCommands has %s --%s", name, flag)
			}
		}
	}
	for name := range dryCommands {
		if _, known := there[name]; !known {
			t.Errorf("there is no command %q", name)
		}
	}
}
