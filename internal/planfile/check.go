package planfile

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// Differences says in words what of a file is not so any more, each in a sentence without a full stop; none where the plan that is made now is the one that was reviewed.
// today is the day in Europe/Istanbul, YYYY-MM-DD. Plans of other resources, and lockfile lines that no change rests on, make no difference.
func (f *File) Differences(now Facts, today string) []string {
	out := f.Misfits(Account{now.Tool, now.Plan.Endpoint, now.BaseURL, now.Plan.Dealer}, today)
	if len(out) > 0 {
		return out // all else would differ with it
	}
	is := headOf(now)
	if f.Lockfile != "" && f.Lockfile != is.Lockfile {
		return []string{"the lockfile is another one than the one that the plan was made from (its first line differs)"}
	}
	if f.UpdateSale != is.UpdateSale {
		out = append(out, fmt.Sprintf("mokasync.yaml said updateSale: %s when the plan was made, and says %s", f.UpdateSale, is.UpdateSale))
	}
	if f.done(now.Plan) {
		return append(out, "there is nothing left to do: it was applied already, or somebody made the same changes")
	}
	out = append(out, f.changes(now)...)
	out = append(out, differing(f.Moves, is.Moves, func(from, was, will string) string {
		return fmt.Sprintf("%s was to move to %q, and is to move to %q now", from, was, will)
	})...)
	if len(out) == 0 { // what differs is told above
		out = append(out, f.chargedDifferently(is)...)
	}
	lines := f.linesIn(now.Known)
	for _, a := range slices.Sorted(maps.Keys(f.Lines)) {
		if was := f.Lines[a]; was != lines[a] {
			out = append(out, a+": "+lineDiffers(was, lines[a]))
		}
	}
	if len(f.Live) == 0 {
		return out
	}
	planned := plannedIn(now.Plan)
	for _, a := range slices.Sorted(maps.Keys(f.Live)) {
		// Where nothing was seen nothing can differ; what is not to be changed any more is told above.
		if was, seen := f.Live[a], is.Live[a]; !strings.HasPrefix(was, "not told") && planned[a] != nil && was != seen {
			out = append(out, a+": what is at Moka is not what was there when the plan was made")
		}
	}
	return out
}

// chargedDifferently names the sales whose payments would not become what they were to become, though the changes are the same. What was not known when the plan was made was shown so.
func (f *File) chargedDifferently(is *File) []string {
	var out []string
	for _, sale := range slices.Sorted(maps.Keys(f.Charged)) {
		switch now, there := is.Charged[sale]; {
		case !there:
			out = append(out, fmt.Sprintf("what the sale %s is charged was to change, and does not now", sale))
		case f.Charged[sale] != "" && f.Charged[sale] != now:
			out = append(out, fmt.Sprintf("what the sale %s is charged before the plan or after it is not what it was to be: its schedule, or what is known of it, is another", sale))
		}
	}
	for _, sale := range slices.Sorted(maps.Keys(is.Charged)) {
		if _, there := f.Charged[sale]; !there {
			out = append(out, fmt.Sprintf("what the sale %s is charged changes now, which the plan does not have", sale))
		}
	}
	return out
}

// linesIn gives digests of what a lockfile says at the addresses of the file's lines.
func (f *File) linesIn(known *lockfile.Lock) map[string]string {
	var addresses []spec.Address
	for text := range f.Lines {
		if a, err := spec.ParseAddress(text); err == nil { // what is none has no line
			addresses = append(addresses, a)
		}
	}
	return lines(addresses, known)
}

// done reports whether all that was to be done is as it was to be.
func (f *File) done(now *plan.Plan) bool {
	was := 0
	for i := range f.Changes {
		if action := f.Changes[i].action; action.Planned() && action != plan.Blocked {
			was++
		}
	}
	return was > 0 && now.Planned() == 0
}

// plannedIn are the changes of a plan that do something, by their addresses.
func plannedIn(p *plan.Plan) map[string]*plan.Change {
	out := make(map[string]*plan.Change, len(p.Changes))
	for _, c := range p.Changes {
		if c.Action.Planned() {
			out[c.Address.String()] = c
		}
	}
	return out
}

// Account is who would apply a plan, and where: the program's version, the endpoint's name, its base URL if it is none of Moka's own, and the dealer, "" where that is not known.
type Account struct{ Tool, Endpoint, BaseURL, Dealer string }

// Misfits says what of a file does not fit the program, the account or the day (YYYY-MM-DD, Europe/Istanbul); it needs no plan.
func (f *File) Misfits(now Account, today string) []string {
	var out []string
	differs := func(what, was, is string) {
		if was != is {
			out = append(out, fmt.Sprintf("the plan was made %s %q, and this is %q", what, was, is))
		}
	}
	differs("by mokasync", f.Tool, now.Tool)
	if f.Endpoint != now.Endpoint {
		differs("for the endpoint", f.Endpoint, now.Endpoint)
	} else { // one host and port may serve several, by their paths
		differs("for the endpoint", f.BaseURL, now.BaseURL)
	}
	if f.Dealer != "" && now.Dealer != "" {
		differs("for the dealer", f.Dealer, now.Dealer)
	}
	if f.ValidThrough != "" && today > f.ValidThrough {
		out = append(out, fmt.Sprintf("the plan could be applied until %s, and today is %s in Istanbul: a date in it has passed", f.ValidThrough, today))
	}
	return out
}

func lineDiffers(was, is string) string {
	switch {
	case was == "":
		return "the lockfile knows it by now"
	case is == "":
		return "the lockfile does not know it any more"
	}
	return "the lockfile's line of it is not the one that the plan was made from"
}

// differing walks two maps in the order of their keys. What only the second has belongs to a change that the first does not have, and is told there.
func differing(was, is map[string]string, say func(key, was, is string) string) []string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(was)) {
		if now, there := is[k]; !there || now != was[k] {
			out = append(out, say(k, was[k], now))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(is)) {
		if _, there := was[k]; !there {
			out = append(out, say(k, "", is[k]))
		}
	}
	return out
}

// changes compares what is planned; what only informs (orphans) is left out.
func (f *File) changes(facts Facts) []string {
	var out []string
	now, d, line := plannedIn(facts.Plan), newDigester(facts.Key), newLineWriter()
	for i := range f.Changes {
		had := &f.Changes[i]
		if !had.action.Planned() {
			continue
		}
		a := had.Address.String()
		if now[a] == nil {
			out = append(out, fmt.Sprintf("%s: the plan was to %s it, and there is nothing to do about it now", a, verb(had.action.String())))
			continue
		}
		is := d.change(now[a])
		delete(now, a)
		if text, err := line.of(&is); err == nil && bytes.Equal(text, had.line) {
			continue // as almost all are: it need not be read
		}
		was, err := had.change()
		if err != nil {
			out = append(out, fmt.Sprintf("%s: it cannot be read: %v", a, err)) // Decode has read it
			continue
		}
		out = append(out, was.differences(&is)...)
	}
	for _, c := range facts.Plan.Changes {
		if now[c.Address.String()] == c {
			out = append(out, fmt.Sprintf("%s: the plan does not have it, and there is %s now", c.Address, noun(c.Action.String())))
		}
	}
	return out
}

func verb(action string) string {
	if action == plan.Blocked.String() {
		return "leave (blocked)"
	}
	return action
}

func noun(action string) string {
	switch action {
	case plan.Blocked.String():
		return "a blocked change of it"
	case plan.Adopt.String():
		return "an adoption of it"
	case plan.Update.String():
		return "an update of it"
	}
	return "a " + action + " of it"
}

// differences says how a change is not the one that was reviewed.
func (c *Change) differences(is *Change) []string {
	if c.Action != is.Action {
		return []string{fmt.Sprintf("%s: the plan was to %s it, and there is %s now", c.Address, verb(c.Action), noun(is.Action))}
	}
	var out []string
	say := func(format string, args ...any) {
		out = append(out, c.Address.String()+": "+fmt.Sprintf(format, args...))
	}
	if c.Code != is.Code {
		say("its code was %q, and is %q", c.Code, is.Code)
	}
	switch {
	case c.ID == is.ID || c.ID == 0 && c.IDElsewhere && is.IDElsewhere: // it was not at hand when the plan was made
	case is.ID == 0 && is.IDElsewhere:
		say("its id at Moka is not at hand here: set the variable or file that it stands in")
	default:
		say("its id at Moka was %d, and is %d", c.ID, is.ID)
	}
	if c.InDoubt != is.InDoubt {
		say("%s", map[bool]string{true: "it was in doubt when the plan was made, and is not any more", false: "it is in doubt now"}[c.InDoubt])
	}
	if !slices.Equal(c.DependsOn, is.DependsOn) || c.ReplacedBy != is.ReplacedBy {
		say("it depends on something else now")
	}
	c.fieldDifferences(is, say)
	if len(out) == 0 && c.Manifest != is.Manifest {
		say("its manifest says something else (labels, annotations, or where a value stands)")
	}
	return out
}

func (c *Change) fieldDifferences(is *Change, say func(string, ...any)) {
	now := map[string]*Field{}
	for i := range is.Fields {
		now[is.Fields[i].Name] = &is.Fields[i]
	}
	for i := range c.Fields {
		was := &c.Fields[i]
		field := now[was.Name]
		delete(now, was.Name)
		switch {
		case field == nil:
			say("%s was to change, and is not any more", was.Name)
		case !equal(was.From, field.From):
			say("%s was %s when the plan was made, and is %s", was.Name, text(was.From), text(field.From))
		default:
			was.newValueDiffers(field, say)
		}
	}
	for i := range is.Fields {
		if f := &is.Fields[i]; now[f.Name] == f {
			say("%s is to be %s, which the plan does not have", f.Name, text(f.To))
		}
	}
}

// newValueDiffers compares item by item: what was at hand when the plan was made must be the same, what was not may be there by now.
func (f *Field) newValueDiffers(is *Field, say func(string, ...any)) {
	const notAtHand = "%s is not at hand here: set the variable or file that it stands in"
	switch same := equal(f.To, is.To); {
	case !same && f.alone() && is.alone() && f.Digests[0] == "": // a public value shows itself where it is at hand, and its variable where it is not
		return
	case !same && f.alone() && is.alone() && is.Digests[0] == "":
		say(notAtHand, f.Name)
		return
	case !same:
		say("%s was to be %s, and is to be %s", f.Name, text(f.To), text(is.To))
		return
	case len(f.Digests) != len(is.Digests):
		say("%s stands elsewhere now: in the manifest, in a variable or in a file", f.Name)
		return
	}
	for i, was := range f.Digests {
		switch now := is.Digests[i]; {
		case was == "" || was == now:
		case now == "":
			say(notAtHand, f.Name)
			return
		default:
			say("%s is to be another value than the one in the plan (it is not shown)", f.Name)
			return
		}
	}
}

// alone reports whether a new value is one text that has a digest.
func (f *Field) alone() bool { return len(f.To) == 1 && len(f.Digests) == 1 }

func equal(a, b []string) bool { return (a == nil) == (b == nil) && slices.Equal(a, b) }

func text(values []string) string {
	if values == nil {
		return "nothing"
	}
	return fmt.Sprintf("%q", strings.Join(values, ", "))
}
