package render

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/importer"
	"github.com/mokasync/mokasync/internal/spec"
)

// Import is an import as it is told.
type Import struct {
	Endpoint, Dealer, Folder, Lockfile string
	*importer.Result
}

// kindWords name the kinds, one and many, in the order in which they are counted.
var kindWords = []kindWord{
	{spec.Customer, "customer", "customers"}, {spec.Card, "card", "cards"}, {spec.Product, "product", "products"},
	{spec.Schedule, "schedule", "schedules"}, {spec.Sale, "sale", "sales"}, {spec.PaymentStep, "payment step", "payment steps"},
}

type kindWord struct {
	kind      spec.Kind
	one, many string
}

// namedImports is how many fields and things of one sort the text names; the manifests name all of them.
const namedImports = 20

// ImportText tells an import to people; all says that everything is named, however much it is.
func ImportText(w io.Writer, in Import, all bool, s Style) error {
	out := &planWriter{w: bufio.NewWriter(w), style: s, paint: s.paint()}
	out.line(out.paint.bold(title("import", in.Endpoint, in.Dealer)))
	var parts []string
	for _, k := range kindWords {
		if n := in.Counts[k.kind.Prefix()]; n > 0 {
			parts = append(parts, plural(n, k.one, k.many))
		}
	}
	if len(in.Accepted) > 0 {
		var rules []string
		for _, rule := range slices.Sorted(maps.Keys(in.Accepted)) {
			rules = append(rules, fmt.Sprintf("%s %d", rule, in.Accepted[rule]))
		}
		out.line("Excused from a rule (mokasync/accept), as Moka has it so: " + strings.Join(rules, ", "))
	}
	var fields, things []string
	for _, x := range in.NotManaged {
		fields = append(fields, fmt.Sprintf("%s %s: %s", x.Address, x.Field, x.Reason))
	}
	for _, x := range in.LeftOut {
		things = append(things, x.String())
	}
	out.named("Not managed, since no manifest can say what Moka has: "+plural(len(fields), "field", "fields"), fields, all)
	out.named(out.paint.yellow("Left out: "+plural(len(things), "thing", "things")+" at Moka of which there is no manifest"), things, all)
	if in.KeptLockfile {
		out.line(out.paint.yellow("A lockfile came to be there since this import was begun. It stays: the next apply takes over what it does not know."))
	}
	if len(parts) == 0 {
		out.line(out.paint.bold("Nothing to import."))
		return out.w.Flush()
	}
	out.line(out.paint.bold(fmt.Sprintf("Imported into %s: %s.", safe(in.Folder), strings.Join(parts, ", "))))
	return out.w.Flush()
}

// named writes a heading and lines below it; nothing if there are none.
func (p *planWriter) named(heading string, lines []string, all bool) {
	if len(lines) == 0 {
		return
	}
	p.line(heading)
	for i, line := range lines {
		if i == namedImports && !all {
			p.line(fmt.Sprintf("  and %d more: comments in the manifests tell of each; -v and --format json name all", len(lines)-i))
			return
		}
		p.line("  " + Line(line))
	}
}

// ImportJSON tells an import to programs. All keys are always there.
func ImportJSON(w io.Writer, in Import) error {
	text, err := json.MarshalIndent(struct {
		FormatVersion string                `json:"formatVersion"`
		Endpoint      string                `json:"endpoint"`
		Dealer        string                `json:"dealer"`
		Folder        string                `json:"folder"`
		Lockfile      string                `json:"lockfile"`
		Summary       map[string]int        `json:"summary"`
		Accepted      map[string]int        `json:"accepted"`
		NotManaged    []importer.NotManaged `json:"notManaged"`
		LeftOut       []importer.LeftOut    `json:"leftOut"`
		KeptLockfile  bool                  `json:"keptLockfile"`
	}{"1.0", in.Endpoint, in.Dealer, in.Folder, in.Lockfile, in.Counts, in.Accepted, in.NotManaged, in.LeftOut, in.KeptLockfile}, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}
