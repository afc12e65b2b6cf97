package planfile

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strconv"
)

const keyedSeal, plainSeal = "hmac-sha256:", "sha256:"

// Write writes the file of a plan, sealed with the facts' key, a change at a time: what a hundred thousand of them say is never held at once. The same plan gives the same bytes. The error
// is that of w.
func Write(w io.Writer, f Facts) error {
	file := headOf(f)
	d, line := newDigester(f.Key), newLineWriter()
	changes := func(yield func([]byte, error) bool) {
		for _, c := range f.Plan.Changes {
			change := d.change(c)
			if !yield(line.of(&change)) {
				return
			}
		}
	}
	buffered := bufio.NewWriterSize(w, 1<<16)
	if err := file.write(buffered, f.Key, changes, func(seal string) string { return seal }); err != nil {
		return err
	}
	return buffered.Flush()
}

func (f *File) linesAsTheyAre(yield func([]byte, error) bool) {
	for i := range f.Changes {
		if !yield(f.Changes[i].line, nil) {
			return
		}
	}
}

// write writes a member a line, and a change a line. The last member is the seal: what is given for the right one.
func (f *File) write(w io.Writer, key string, changes iter.Seq2[[]byte, error], seal func(right string) string) error {
	kind, sum := newSum(key)
	out := &members{w: io.MultiWriter(w, sum), lines: newLineWriter()}
	v := reflect.ValueOf(f).Elem()
	last := v.NumField() - 1
	for i := range last {
		out.name([]string{"{", ","}[min(i, 1)], v.Type().Field(i).Tag.Get("json"))
		switch member := v.Field(i).Interface().(type) {
		case Changes:
			out.changes(changes)
		case map[string]string:
			out.pairs(member)
		default:
			out.value(member, "")
		}
	}
	if out.err != nil {
		return out.err
	}
	name := fmt.Sprintf(",%q:", v.Type().Field(last).Tag.Get("json"))
	io.WriteString(sum, name+unsealed) // a sum takes everything
	_, err := io.WriteString(w, name+strconv.Quote(seal(kind+hex.EncodeToString(sum.Sum(nil))))+unsealed[len(`""`):])
	return err
}

// unsealed ends a file's text without its seal, which is what the seal is a sum of.
const unsealed = `""` + "\n}\n"

// newSum begins a seal, and gives what it begins with.
func newSum(key string) (kind string, sum hash.Hash) {
	if key == "" {
		return plainSeal, sha256.New()
	}
	sum = hmac.New(sha256.New, []byte(key))
	sum.Write([]byte("saved plan\x00"))
	return keyedSeal, sum
}

// members writes a file's members. The first error stays.
type members struct {
	w     io.Writer
	lines *lineWriter
	err   error
}

func (o *members) text(s string) {
	if o.err == nil {
		_, o.err = io.WriteString(o.w, s)
	}
}

func (o *members) name(before, name string) { o.text(before + fmt.Sprintf("%q:", name)) }

// value writes a value and a line's end, without its last bytes.
func (o *members) value(v any, without string) {
	if o.err != nil {
		return
	}
	var line []byte
	if line, o.err = o.lines.of(v); o.err == nil {
		_, o.err = o.w.Write(bytes.TrimSuffix(line, []byte(without)))
	}
}

func (o *members) changes(all iter.Seq2[[]byte, error]) {
	o.text("[\n")
	before := ""
	for line, err := range all {
		o.text(before)
		if o.err == nil {
			o.err = err
		}
		if o.err != nil {
			return
		}
		_, o.err = o.w.Write(line)
		before = ","
	}
	o.text("]\n")
}

// pairs writes a mapping as encoding/json does, a pair at a time.
func (o *members) pairs(m map[string]string) {
	if m == nil {
		o.text("null\n")
		return
	}
	before := "{"
	for _, key := range slices.Sorted(maps.Keys(m)) {
		o.text(before)
		o.value(key, "\n")
		o.text(":")
		o.value(m[key], "\n")
		before = ","
	}
	if len(m) == 0 {
		o.text("{")
	}
	o.text("}\n")
}

// comparing takes what is written and holds it against a text.
type comparing struct {
	rest   []byte
	differ bool
}

func (c *comparing) Write(p []byte) (int, error) {
	if c.differ = c.differ || !bytes.HasPrefix(c.rest, p); !c.differ {
		c.rest = c.rest[len(p):]
	}
	return len(p), nil
}

// same reports whether all that was written is the whole text.
func (c *comparing) same() bool { return !c.differ && len(c.rest) == 0 }
