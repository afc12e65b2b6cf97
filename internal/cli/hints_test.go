package cli_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/cli"
)

// TestHintsNameCommands: whoever types what a hint, an example or a page of the documentation says gets a command that exists, with flags that it has.
func TestHintsNameCommands(t *testing.T) {
	var quoted, flags int
	for _, said := range append(saidInGo(t), saidInDocs(t)...) {
		for _, line := range commandLines(said.text) {
			quoted++
			if err := cli.CheckCommandLine(line); err != nil {
				t.Errorf("%s: `mokasync %s`: %v", said.at, strings.Join(line, " "), err)
			}
		}
		if !strings.HasSuffix(said.file, ".go") || strings.Contains(said.file, "internal/git/") {
			continue
		}
		for _, flag := range bareFlags(said.text) {
			flags++
			if !knownFlags[flag] {
				t.Errorf("%s: no command has the flag %s, of which this speaks: %q", said.at, flag, said.text)
			}
		}
	}
	// A search that finds nothing would prove nothing.
	if quoted < 200 || flags < 80 {
		t.Errorf("only %d command lines and %d flags were found in the texts", quoted, flags)
	}
}

// TestHintsNameCommandsCanFail: the search above finds what is wrong.
func TestHintsNameCommandsCanFail(t *testing.T) {
	for _, text := range []string{
		"`mokasync aply`", "see `mokasync plan --prun`", "`mokasync state remove %s` forgets it", "`mokasync apply -x`", `"mokasync lock take" does`,
		"```\nmokasync plan \\\n  --recreate sale/a --adopt 1\n```", "  mokasync plan --out p && mokasync apply --plann p", "$ mokasync validate --refresh",
		"`mokasync drift --accept %s --auto-aprove`", "`plan --everything`",
	} {
		wrong := 0
		for _, line := range commandLines(text) {
			if cli.CheckCommandLine(line) != nil {
				wrong++
			}
		}
		if wrong != 1 {
			t.Errorf("%d command lines of %q are found wrong, want 1 (%q)", wrong, text, commandLines(text))
		}
	}
	if got := bareFlags("say --confirm-delets 3, or git checkout --ours"); !slices.Equal(got, []string{"--confirm-delets"}) || knownFlags[got[0]] {
		t.Errorf("flags: %q", got)
	}
}

var knownFlags = func() map[string]bool {
	known := map[string]bool{}
	for _, name := range []string{"log-level", "log-format", "verbose", "color", "env", "version", "help"} {
		known["--"+name] = true
	}
	for _, flags := range cli.CommandFlags() {
		for _, name := range flags {
			known["--"+name] = true
		}
	}
	return known
}()

var (
	inQuotes = regexp.MustCompile("`((?:mokasync|plan|apply|drift|lock|state|import) [^`\n]+)`|\"(mokasync [^\"\n]+)\"")
	onALine  = regexp.MustCompile(`(?m)^[ \t]*(?:\$ |run: )?(mokasync .*)$`)
	joint    = regexp.MustCompile(`&&|\|\||[|;>#()]`)
	aFlag    = regexp.MustCompile(`(^|[\s(])(--[a-z][a-z-]*[a-z])`)
	ofGit    = regexp.MustCompile(`\bgit [a-z-]+( --?[a-z]+| or)+`)
)

// prose is what follows the program's name in texts that are not to be typed.
var prose = map[string]bool{"does": true, "lockfiles": true, "{{.Version}}": true}

// commandLines gives the words of every command line of ours in a text: in backticks, in quotes, or on a line of its own, as examples are; several may be joined by && or a pipe.
func commandLines(text string) [][]string {
	text = strings.ReplaceAll(text, "\\\n", " ")
	var found []string
	for _, m := range inQuotes.FindAllStringSubmatch(text, -1) {
		found = append(found, m[1]+m[2])
	}
	for _, m := range onALine.FindAllStringSubmatch(inQuotes.ReplaceAllString(text, ""), -1) {
		if !strings.ContainsAny(m[1], ":,") { // prose that begins with the program's name
			found = append(found, m[1])
		}
	}
	var lines [][]string
	for _, line := range found {
		for i, part := range joint.Split(line, -1) {
			words := strings.Fields(strings.NewReplacer("[", "", "]", "").Replace(part))
			switch {
			case len(words) > 1 && words[0] == "mokasync":
				if !prose[words[1]] {
					lines = append(lines, words[1:])
				}
			case i == 0 && len(words) > 1 && strings.HasPrefix(words[1], "--"):
				lines = append(lines, words) // "plan --refresh", the program's name left out
			}
		}
	}
	return lines
}

// bareFlags gives the flags that a text speaks of, but for git's.
func bareFlags(text string) []string {
	var out []string
	for _, m := range aFlag.FindAllStringSubmatch(ofGit.ReplaceAllString(text, ""), -1) {
		out = append(out, m[2])
	}
	return out
}

type said struct{ at, file, text string }

// saidInGo gives the texts of the program: every string of its source, with %s for what is put in between by +.
func saidInGo(t *testing.T) []said {
	t.Helper()
	var out []said
	walkFiles(t, "../../internal", ".go", func(path string) {
		if strings.HasSuffix(path, "_test.go") || strings.Contains(path, "forgetest") {
			return
		}
		files := gotoken.NewFileSet()
		parsed, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			text, whole := textOf(e)
			if whole {
				at := files.Position(e.Pos())
				out = append(out, said{fmt.Sprintf("%s:%d", at.Filename, at.Line), filepath.ToSlash(path), text})
			}
			return !whole
		})
	})
	return out
}

// textOf is the text of a string, or of strings and other things put together.
func textOf(e ast.Expr) (text string, isText bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == gotoken.STRING {
			text, err := strconv.Unquote(e.Value)
			return text, err == nil
		}
	case *ast.BinaryExpr:
		if e.Op == gotoken.ADD {
			left, one := textOf(e.X)
			right, other := textOf(e.Y)
			return left + right, one || other
		}
	}
	return "%s", false
}

func saidInDocs(t *testing.T) []said {
	t.Helper()
	var out []said
	add := func(path string) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, said{path, filepath.ToSlash(path), string(text)})
	}
	add("../../README.md")
	walkFiles(t, "../../docs", ".md", add)
	walkFiles(t, "../../examples", ".md", add)
	return out
}

func walkFiles(t *testing.T, root, ext string, visit func(path string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(path) == ext {
			visit(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
