package lockfile

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mokasync/mokasync/internal/spec"
)

// quickEntry reads a resource's line that is just as appendEntry writes it, and nothing else: whatever is otherwise, an escape among it, is left to encoding/json, which also says what is wrong.
// FuzzQuickEntry holds the two against each other.
func quickEntry(line []byte) (*Entry, bool) {
	q := &quick{s: string(line)} // the entry's texts are parts of it
	e := &Entry{}
	q.must(`{"address":`)
	e.Address = q.address()
	if q.bad {
		return nil, false
	}
	if q.is(`,"id":`) {
		e.ID = q.number()
	}
	if q.is(`,"code":`) {
		e.Code = q.text()
	}
	if q.is(`,"byWord":`) {
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
		e.Fields = q.fields(e.Address.Kind.Def())
	}
	if q.is(`,"defaults":`) {
		e.Defaults = q.fields(e.Address.Kind.Def())
	}
	q.must("}")
	return e, !q.bad && q.at == len(q.s)
}

// quick walks along a line. Once it is bad it stays so, and what it gives means nothing.
type quick struct {
	s   string
	at  int
	bad bool
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

// text reads a string without escapes.
func (q *quick) text() string {
	q.must(`"`)
	if q.bad {
		return ""
	}
	ascii := true
	for i := q.at; i < len(q.s); i++ {
		switch c := q.s[i]; {
		case c == '"':
			text := q.s[q.at:i]
			q.at, q.bad = i+1, !ascii && !utf8.ValidString(text)
			return text
		case c == '\\' || c < ' ':
			q.bad = true
			return ""
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	q.bad = true
	return ""
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

func (q *quick) address() spec.Address {
	text := q.text()
	if q.bad {
		return spec.Address{}
	}
	a, err := spec.ParseAddress(text)
	q.bad = err != nil
	return a
}

// addresses reads a list of at least one, from behind its bracket.
func (q *quick) addresses() []spec.Address {
	var out []spec.Address
	for !q.bad {
		out = append(out, q.address())
		if !q.is(",") {
			q.must("]")
			break
		}
	}
	return out
}

// mapping reads a mapping of at least one key, its keys in order.
func (q *quick) mapping() map[string]string {
	out := map[string]string{}
	q.must("{")
	for last := ""; !q.bad; {
		key := q.text()
		q.must(":")
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
	return out
}

// fields reads at least one, in the order of the kind's table.
func (q *quick) fields(def *spec.Definition) []Locked {
	var room [24]Locked // more than any kind has
	out := room[:0]
	q.must("{")
	for last := -1; !q.bad; {
		f := def.Field(q.text())
		q.must(":")
		if q.bad || f == nil || f.Index() <= last {
			q.bad = true
			break
		}
		last = f.Index()
		l := Locked{Field: f}
		if f.IsList() {
			l.List = q.list()
		} else {
			l.Text = q.text()
		}
		out = append(out, l)
		if !q.is(",") {
			q.must("}")
			break
		}
	}
	return slices.Clone(out)
}

func (q *quick) list() []string {
	out := []string{}
	q.must("[")
	if q.is("]") {
		return out
	}
	for !q.bad {
		out = append(out, q.text())
		if !q.is(",") {
			q.must("]")
			break
		}
	}
	return out
}
