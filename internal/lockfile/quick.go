package lockfile

import (
	"strconv"
	"strings"

	"github.com/mokasync/mokasync/internal/spec"
)

// quick walks along lines that are just as appendEntry writes them, and takes nothing else: whatever is otherwise, an escape among it, is left to encoding/json, which also says what is wrong.
// FuzzQuickEntry holds the two against each other. Once it is bad it stays so, and what it gives means nothing. The texts that it gives are parts of s.
type quick struct {
	s   string
	at  int
	bad bool

	maps map[string]map[string]string // by their text: most labels are those of many
	room []spec.Address               // dependencies are cut from it
}

// entry reads a resource's line, its newline too.
func (q *quick) entry(e *Entry) bool {
	q.members(e)
	q.must("\n")
	return !q.bad
}

// members reads an entry's object.
func (q *quick) members(e *Entry) {
	q.must(`{"address":"`)
	e.Address = q.address()
	if q.bad {
		return
	}
	kind := e.Address.Kind
	if q.is(`,"id":`) {
		e.ID = q.number()
	}
	if q.is(`,"code":"`) {
		e.Code = q.text()
	}
	if q.is(`,"byWord":"`) {
		e.Word = q.text()
	}
	if q.is(`,"labels":`) {
		e.Labels = q.mapping()
	}
	if q.is(`,"annotations":`) {
		e.Annotations = q.mapping()
	}
	if q.is(`,"dependsOn":[`) {
		e.DependsOn = q.addresses()
	}
	if q.is(`,"fields":`) {
		e.Fields = q.fields(kind)
	}
	if q.is(`,"defaults":`) {
		e.Defaults = q.fields(kind)
	}
	q.must("}")
}

// is goes past a text if it comes next.
func (q *quick) is(text string) bool {
	if q.bad || !strings.HasPrefix(q.s[q.at:], text) {
		return false
	}
	q.at += len(text)
	return true
}

func (q *quick) must(text string) {
	if !q.is(text) {
		q.bad = true
	}
}

// text reads a string without escapes, from behind its opening quote. No line's end is in it.
func (q *quick) text() string {
	if q.bad {
		return ""
	}
	end, ascii := textEnd(q.s, q.at)
	if end == len(q.s) || q.s[end] != '"' {
		q.bad = true
		return ""
	}
	text := q.s[q.at:end]
	q.at = end + 1
	q.bad = !ascii && !wellWritten(text)
	return text
}

func (q *quick) number() int64 {
	from := q.at
	for q.at < len(q.s) && q.s[q.at] >= '0' && q.s[q.at] <= '9' {
		q.at++
	}
	n, err := strconv.ParseInt(q.s[from:q.at], 10, 64)
	if err != nil || q.s[from] == '0' { // JSON has no zeros before others
		q.bad = true
	}
	return n
}

// addressStart is how a kind's addresses begin.
type addressStart struct {
	kind spec.Kind
	text string // "sale/"
}

// addressStarts are those that begin with a letter.
var addressStarts = makeAddressStarts()

func makeAddressStarts() (out [256][]addressStart) {
	for _, kind := range spec.Kinds() {
		text := kind.Prefix() + "/"
		out[text[0]] = append(out[text[0]], addressStart{kind, text})
	}
	return out
}

// address reads an address from behind its opening quote. What spec.ValidName takes needs no escape.
func (q *quick) address() spec.Address {
	if q.bad || q.at == len(q.s) {
		q.bad = true
		return spec.Address{}
	}
	for _, start := range addressStarts[q.s[q.at]] {
		if !q.is(start.text) {
			continue
		}
		end := plainEnd(q.s, q.at)
		name := q.s[q.at:end]
		q.at = end
		if q.must(`"`); q.bad || !spec.ValidName(name) {
			break
		}
		return spec.Address{Kind: start.kind, Name: name}
	}
	q.bad = true
	return spec.Address{}
}

// addresses reads a list of at least one, from behind its bracket.
func (q *quick) addresses() []spec.Address {
	var few [8]spec.Address
	out := few[:0]
	for !q.bad {
		q.must(`"`)
		out = append(out, q.address())
		if !q.is(",") {
			q.must("]")
			break
		}
	}
	return q.keep(out)
}

// keep gives a copy that is cut from a larger piece, and cannot grow into its neighbour.
func (q *quick) keep(list []spec.Address) []spec.Address {
	if len(q.room)+len(list) > cap(q.room) {
		q.room = make([]spec.Address, 0, max(256, len(list)))
	}
	from := len(q.room)
	q.room = append(q.room, list...)
	return q.room[from:len(q.room):len(q.room)]
}

// maxShared is how many mappings are looked up before a new one is made.
const maxShared = 1 << 10

// mapping reads a mapping of at least one key, its keys in order. Equal ones are one map, which nobody writes to.
func (q *quick) mapping() map[string]string {
	from := q.at
	end := from + strings.IndexByte(q.s[from:], '}') + 1 // from, if there is none
	// A text with one brace, at its end, that was read as a whole mapping is one wherever it stands.
	if had := q.maps[q.s[from:end]]; had != nil {
		q.at = end
		return had
	}
	out := map[string]string{}
	q.must("{")
	for last := ""; !q.bad; {
		q.must(`"`)
		key := q.text()
		q.must(`:"`)
		value := q.text()
		if len(out) > 0 && key <= last {
			q.bad = true
		}
		out[key], last = value, key
		if !q.is(",") {
			q.must("}")
			break
		}
	}
	if !q.bad && q.at == end && len(q.maps) < maxShared {
		if q.maps == nil {
			q.maps = map[string]map[string]string{}
		}
		q.maps[q.s[from:end]] = out
	}
	return out
}

// fieldStart is how a field begins in a packed text.
type fieldStart struct {
	text string // "amount":" or "cards":[
	list bool
}

// fieldStarts are those of each kind, in the order of its table.
var fieldStarts = makeFieldStarts()

func makeFieldStarts() map[spec.Kind][]fieldStart {
	out := map[spec.Kind][]fieldStart{}
	for _, kind := range spec.Kinds() {
		def := kind.Def()
		for i := range def.Fields {
			f := &def.Fields[i]
			out[kind] = append(out[kind], fieldStart{`"` + f.Name + `":` + string(`"[`[btoi(f.IsList())]), f.IsList()})
		}
	}
	return out
}

// fields reads at least one, in the order of the kind's table. They stay as they stand there.
func (q *quick) fields(kind spec.Kind) Fields {
	from := q.at
	q.must("{")
	for starts := fieldStarts[kind]; !q.bad; {
		for len(starts) > 0 && !strings.HasPrefix(q.s[q.at:], starts[0].text) {
			starts = starts[1:]
		}
		if len(starts) == 0 {
			q.bad = true
			break
		}
		q.at += len(starts[0].text)
		if starts[0].list {
			q.list()
		} else {
			q.text()
		}
		if starts = starts[1:]; !q.is(",") {
			q.must("}")
			break
		}
	}
	return Fields{kind, q.s[from:q.at]}
}

// list goes past the rest of a list of strings, from behind its bracket.
func (q *quick) list() {
	for first := true; !q.bad && !(first && q.is("]")); first = false {
		q.must(`"`)
		q.text()
		if !q.is(",") {
			q.must("]")
			break
		}
	}
}
