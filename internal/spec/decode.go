package spec

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"sync"
	"unicode/utf8"

	"github.com/mokasync/mokasync/internal/quickyaml"
	"gopkg.in/yaml.v3"
)

// outcome is what a batch held.
type outcome struct {
	resources []*Resource
	broken    []*Resource // with mistakes, but with an address
	hints     []Address   // of documents that are no YAML, or of no known kind
	skipped   []Diagnostic
	ds        []Diagnostic
	found     int   // documents of ours, broken ones too
	room      *room // where the resources are put; nil for one of its own
}

// readers of plain documents, each used again and again.
var readers = sync.Pool{New: func() any { return new(quickyaml.Reader) }}

// decode reads the documents in their order: the plain ones quickly, what stands between two of them with yaml.v3.
func (b *batch) decode(how manner) outcome {
	o := outcome{room: rooms.Get().(*room)}
	defer rooms.Put(o.room)
	r := readers.Get().(*quickyaml.Reader)
	defer readers.Put(r)
	slowly := how.slowly || b.entangled()
	from := 0 // the first of those that are not read yet
	for i, sp := range b.spans {
		if slowly || sp.end-sp.start > maxDocument {
			continue
		}
		root, ok := r.Read(b.src.text(sp), sp.line)
		if !ok {
			continue
		}
		b.decodeRun(&o, b.spans[from:i], how)
		from = i + 1
		m := manifest{src: b.src, span: sp, raw: root, manner: how, out: &o}
		m.read()
	}
	b.decodeRun(&o, b.spans[from:], how)
	return o
}

// entangled reports whether what yaml.v3 makes of a document may depend on those beside it: whose end it takes a directive or a second end marker for, and where it lets
// a byte order mark or an odd line end stand.
func (b *batch) entangled() bool {
	text := b.src.data[b.spans[0].start:b.spans[len(b.spans)-1].end]
	return bytes.Contains(text, []byte("\n...")) || bytes.Contains(text, []byte("\n%")) || oddBreaks(text)
}

// decodeRun reads documents with yaml.v3, as one stream if their bytes can be YAML.
func (b *batch) decodeRun(o *outcome, spans []span, how manner) {
	from := 0
	for i, sp := range spans {
		if mayBeYAML(b.src.data[sp.start:sp.end]) {
			continue
		}
		b.decodeStream(o, spans[from:i], how)
		o.unreadable(b.src, sp)
		from = i + 1
	}
	b.decodeStream(o, spans[from:], how)
}

// mayBeYAML reports whether a document is UTF-8, has no NUL and is not too long.
func mayBeYAML(text []byte) bool {
	return len(text) <= maxDocument && utf8.Valid(text) && bytes.IndexByte(text, 0) < 0
}

// decodeStream reads all documents together. If one of them is not YAML it reads each by itself, so that the others are judged too.
func (b *batch) decodeStream(o *outcome, spans []span, how manner) {
	if len(spans) == 0 {
		return
	}
	all := batch{src: b.src, spans: spans}
	part := outcome{room: o.room}
	if all.together(&part, how) {
		o.add(part)
		return
	}
	for _, sp := range spans {
		one := batch{src: b.src, spans: []span{sp}}
		part := outcome{room: o.room}
		if !one.together(&part, how) {
			part = outcome{}
			part.notYAML(b.src, sp)
		}
		o.add(part)
	}
}

func (o *outcome) add(p outcome) {
	o.resources = append(o.resources, p.resources...)
	o.broken = append(o.broken, p.broken...)
	o.hints = append(o.hints, p.hints...)
	o.skipped = append(o.skipped, p.skipped...)
	o.ds = append(o.ds, p.ds...)
	o.found += p.found
}

// together decodes the batch with yaml.v3 as one stream and reports whether all of it is YAML.
func (b *batch) together(o *outcome, how manner) bool {
	first, last := b.spans[0], b.spans[len(b.spans)-1]
	dec := newStream(b.src.data[first.start:last.end])
	at := 0
	for {
		doc, err := dec.next()
		if err == io.EOF {
			return true
		}
		if err != nil {
			return false
		}
		base := first.line - 1
		for at+1 < len(b.spans) && b.spans[at+1].line <= doc.Line+base {
			at++
		}
		m := manifest{src: b.src, span: b.spans[at], base: base, raw: doc.Content[0], manner: how, out: o}
		if m.read(); m.anchorless {
			return false
		}
	}
}

// stream decodes documents one by one.
type stream struct{ dec *yaml.Decoder }

func newStream(text []byte) stream { return stream{yaml.NewDecoder(bytes.NewReader(text))} }

// next gives the next document's node. A parser's panic is an error as well: what a person wrote may be wrong, it may not stop the program.
func (s stream) next() (doc *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	doc = new(yaml.Node)
	err = s.dec.Decode(doc)
	return doc, err
}

// whole reports whether text is a stream of YAML documents, by the error if it is not.
func whole(text []byte) error {
	s := newStream(text)
	for {
		if _, err := s.next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// unreadable reports a document whose bytes cannot be YAML.
func (o *outcome) unreadable(src *source, sp span) {
	text := src.data[sp.start:sp.end]
	if o.foreign(src, sp, text) {
		return
	}
	o.found++
	d := Diagnostic{Severity: Error, File: src.path, Line: sp.line, Column: 1}
	switch nul, bad := bytes.IndexByte(text, 0), invalidUTF8(text); {
	case nul >= 0 && (bad < 0 || nul < bad):
		d.Line, d.Column = placeOf(text, nul, sp.line)
		d.Message = fmt.Sprintf("a NUL byte (at byte %d of the file): this is not a text file, or it is damaged", sp.start+nul)
	case bad >= 0:
		d.Line, d.Column = placeOf(text, bad, sp.line)
		d.Message = fmt.Sprintf("not UTF-8 (at byte %d of the file): save the file as UTF-8; older editors write Windows-1254 or ISO-8859-9", sp.start+bad)
	default:
		d.Message = fmt.Sprintf("this document is %.1f MiB long, a manifest is at most %d MiB: was something else pasted into it?", float64(len(text))/(1<<20), maxDocument>>20)
	}
	o.ds = append(o.ds, d)
}

func invalidUTF8(text []byte) int {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return -1
}

// placeOf gives the line and column of a byte of text whose first line has the given number.
func placeOf(text []byte, at, line int) (int, int) {
	before, start := text[:at], 0
	breaks := yamlBreak.FindAllIndex(before, -1)
	if len(breaks) > 0 {
		start = breaks[len(breaks)-1][1]
	}
	return line + len(breaks), utf8.RuneCount(before[start:]) + 1
}

var (
	apiVersionLine = regexp.MustCompile(`(?m)^apiVersion:[ \t]*["']?([^\s"'#]+)`)
	kindLine       = regexp.MustCompile(`(?m)^kind:[ \t]*["']?(\w+)`)
	nameLine       = regexp.MustCompile(`(?m)^metadata:(?:[ \t]*\{|[ \t]*\r?\n[ \t]+)name:[ \t]*["']?([A-Za-z0-9][A-Za-z0-9._@:+-]*)`)
)

// foreign passes over a document that cannot be read, if its text says that it belongs to another tool: templates often are no YAML.
func (o *outcome) foreign(src *source, sp span, text []byte) bool {
	at := apiVersionLine.FindSubmatchIndex(text)
	if at == nil {
		return false
	}
	version := string(text[at[2]:at[3]])
	if ownership(version) != theirs {
		return false
	}
	line, column := placeOf(text, at[2], sp.line)
	o.skipped = append(o.skipped, skippedNote(src.path, line, column, version))
	return true
}

func skippedNote(file string, line, column int, apiVersion string) Diagnostic {
	return Diagnostic{Severity: Info, File: file, Line: line, Column: column, Message: fmt.Sprintf("passed over: a document with apiVersion %s belongs to another tool", shorten(apiVersion))}
}

// notYAML reports a document that YAML cannot read.
func (o *outcome) notYAML(src *source, sp span) {
	text := src.data[sp.start:sp.end]
	if o.foreign(src, sp, text) {
		return
	}
	o.found++
	line, column, message := SyntaxMistake(text)
	content := lineOf(text, line)
	d := Diagnostic{Severity: Error, File: src.path, Line: sp.line + line - 1, Column: column, Message: message}
	d.Excerpt = bareExcerpt(content)
	d.ExcerptColumn = d.Column
	kind, name := kindLine.FindSubmatch(text), nameLine.FindSubmatch(text)
	if kind != nil && name != nil {
		if k, ok := KindOf(string(kind[1])); ok && ValidName(string(name[1])) && !holdsCardNumber(string(name[1])) {
			a := Address{k, string(name[1])}
			o.hints = append(o.hints, a)
			d.Address = a.String()
		}
	}
	o.ds = append(o.ds, d)
}
