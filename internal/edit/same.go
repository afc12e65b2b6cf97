package edit

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/mokasync/mokasync/internal/spec"
	"gopkg.in/yaml.v3"
)

// What a file says, and its comments, in forms that can be compared: the proof that an edit has changed what it should and nothing else.

// comments gives the comments of a document, in order, each without the blanks at its end.
func (p *page) comments() []string {
	var out []string
	at := 0
	for _, l := range append(p.leaves[:len(p.leaves):len(p.leaves)], leaf{start: len(p.data), end: len(p.data)}) {
		for i := at; i < l.start; i++ {
			if p.data[i] != '#' || i > 0 && !isBlank(p.data[i-1]) && !isBreak(p.data[i-1]) {
				continue
			}
			end := p.ending(p.line(i))
			out = append(out, strings.TrimRight(string(p.data[i:end]), " \t"))
			i = end
		}
		at = max(at, l.end)
	}
	return out
}

// fact is one scalar of a document, or an empty collection, and where it stands.
type fact struct{ path, tag, value string }

// facts gives what a document says, in an order that does not depend on the order of its keys.
func (p *page) facts() []fact {
	if p.root == nil {
		return nil
	}
	var out []fact
	collect(p.root, "", &out)
	slices.SortStableFunc(out, func(a, b fact) int { return strings.Compare(a.path, b.path) })
	return out
}

func collect(n *yaml.Node, path string, out *[]fact) {
	var tag string
	switch n.Kind {
	case yaml.AliasNode:
		tag = "alias"
	case yaml.ScalarNode:
		tag = n.ShortTag()
	default:
		tag = fmt.Sprintf("%d of %s", len(n.Content), n.ShortTag())
	}
	*out = append(*out, fact{path, tag + " &" + n.Anchor, n.Value})
	for i := 0; i < len(n.Content); i++ {
		if n.Kind == yaml.SequenceNode {
			collect(n.Content[i], fmt.Sprintf("%s\x00%06d", path, i), out)
			continue
		}
		key, below := n.Content[i], path+"\x00?"
		if key.Kind == yaml.ScalarNode {
			below = path + "\x00" + key.Value + "\x01" + key.ShortTag() + key.Anchor
		} else {
			collect(key, below, out)
		}
		i++
		collect(n.Content[i], below, out)
	}
}

// differ says by which path two documents differ, where quoted tells which paths may have been put into quotes; "" if they do not.
func differ(a, b []fact, quoted func(path string) bool) string {
	for i := range min(len(a), len(b)) {
		same := a[i] == b[i] || a[i].path == b[i].path && a[i].value == b[i].value && quoted != nil && quoted(a[i].path)
		if !same {
			return readable(a[i].path)
		}
	}
	if len(a) != len(b) {
		return "the number of its values"
	}
	return ""
}

// readable is a path for a message.
func readable(path string) string {
	var keys []string
	for _, part := range strings.Split(path, "\x00")[1:] {
		key, _, _ := strings.Cut(part, "\x01")
		keys = append(keys, key)
	}
	return strings.Join(keys, ".")
}

// sameComments reports whether two documents have the same comments, in whatever order.
func sameComments(a, b *page) bool {
	one, other := a.comments(), b.comments()
	slices.Sort(one)
	slices.Sort(other)
	return slices.Equal(one, other)
}

// sameAs reports whether two documents say the same with the same comments. def, if it is given, tells which fields may have been put into quotes.
func (p *page) sameAs(q *page, def *spec.Definition) bool {
	return differ(p.facts(), q.facts(), quotedIn(def)) == "" && sameComments(p, q)
}

// quotedIn tells the paths of the fields that formatting may put into quotes; nil without a definition.
func quotedIn(def *spec.Definition) func(path string) bool {
	if def == nil {
		return nil
	}
	return func(path string) bool {
		name, ok := strings.CutPrefix(path, "\x00spec\x01!!str\x00")
		if !ok {
			return false
		}
		name, ok = strings.CutSuffix(name, "\x01!!str")
		field := def.Field(name)
		return ok && field != nil && formOf(field, "") == inQuotes
	}
}

// sameDocuments reports whether the documents of two files say the same, one by one, each with the same comments. It passes over documents that
// cannot be taken apart; they have not been touched.
func sameDocuments(a, b []byte) bool { return slices.Equal(digests(a), digests(b)) }

// digests gives a digest of what each document says that holds something.
func digests(data []byte) [][sha256.Size]byte {
	text, _ := trimBOM(data)
	docs := spec.Documents(text)
	out := make([][sha256.Size]byte, len(docs))
	inParallel(len(docs), func(i int) {
		if p, err := read(breaks(text[docs[i].Start:docs[i].End])); err == nil && p.root != nil {
			out[i] = p.digest()
		}
	})
	return slices.DeleteFunc(out, func(d [sha256.Size]byte) bool { return d == [sha256.Size]byte{} })
}

func (p *page) digest() [sha256.Size]byte {
	def, _ := owned(p.root)
	quoted := quotedIn(def)
	h := sha256.New()
	for _, f := range p.facts() {
		if quoted != nil && quoted(f.path) {
			f.tag = ""
		}
		fmt.Fprintf(h, "%q %q %q\n", f.path, f.tag, f.value)
	}
	comments := p.comments()
	slices.Sort(comments)
	fmt.Fprintf(h, "%q", comments)
	return [sha256.Size]byte(h.Sum(nil))
}

// inParallel calls do for 0 to n-1 from as many goroutines as there are processors.
func inParallel(n int, do func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wg.Wait()
}

// bare gives a copy of a resource without its places.
func bare(r *spec.Resource) *spec.Resource {
	out := *r
	out.Line, out.Column = 0, 0
	out.Values = bareValues(r.Values)
	return &out
}

func bareValues(values []spec.Value) []spec.Value {
	out := slices.Clone(values)
	for i := range out {
		out[i].Line, out[i].Column = 0, 0
		out[i].SetItems(bareValues(out[i].Items()))
	}
	return out
}

// sameReading reports whether a file is read alike before and after: the same resources in the same order, the same mistakes.
func sameReading(a, b *spec.Reading) bool {
	if len(a.Resources) != len(b.Resources) || len(a.Skipped) != len(b.Skipped) {
		return false
	}
	for i := range a.Resources {
		if !reflect.DeepEqual(bare(a.Resources[i]), bare(b.Resources[i])) {
			return false
		}
	}
	return slices.Equal(mistakes(a), mistakes(b))
}

var lineNumber = regexp.MustCompile(`line [0-9]+`)

func mistakes(r *spec.Reading) []string {
	var out []string
	for _, d := range r.Diagnostics {
		out = append(out, fmt.Sprint(d.Severity, d.Address, d.Rule, lineNumber.ReplaceAllString(d.Message, "line")))
	}
	slices.Sort(out)
	return out
}

// trimBOM gives data without a byte order mark, and the mark.
func trimBOM(data []byte) (text, mark []byte) {
	mark = []byte("\xef\xbb\xbf")
	if !bytes.HasPrefix(data, mark) {
		return data, nil
	}
	return data[len(mark):], mark
}
