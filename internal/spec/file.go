package spec

import (
	"bytes"
	"context"
	"strings"
)

// Document is one YAML document's bytes in a file: data[Start:End], with its marker (---) and the comments before it. Line is that of its first byte, from 1.
type Document struct{ Start, End, Line int }

// Documents cuts a file's bytes, without a byte order mark, into its documents, as Load does. Documents of nothing but comments are among them.
func Documents(data []byte) []Document {
	spans := split(bytes.Clone(data)) // it may change a directive
	out := make([]Document, len(spans))
	for i, sp := range spans {
		out[i] = Document{sp.start, sp.end, sp.line}
	}
	return out
}

// Reading is what one file says by itself: its documents are read as Load reads them, and nothing is judged against other files.
type Reading struct {
	// Resources without mistakes, in the order in which they stand.
	Resources []*Resource
	// Diagnostics are the mistakes, Skipped the notes on documents with a foreign apiVersion; both in the order of lines.
	Diagnostics, Skipped []Diagnostic
}

// ReadFile reads the bytes of one file. path stands in the diagnostics, and paths in the manifests are taken from its folder. data is not changed.
func ReadFile(path string, data []byte, o Options) *Reading {
	src := &source{path: path}
	src.take(bytes.Clone(data))
	r := &Reading{Diagnostics: src.ds}
	for _, b := range src.batches() {
		out := b.decode(o.manner())
		r.Resources = append(r.Resources, out.resources...)
		r.Diagnostics = append(r.Diagnostics, out.ds...)
		r.Skipped = append(r.Skipped, out.skipped...)
	}
	s := Set{sources: []*source{src}}
	s.Sort(r.Diagnostics)
	return r
}

// Listing is what there is to read at some PATHs.
type Listing struct {
	// Files in the order in which they are given and found, each once; standard input is "-".
	Files []string
	// Diagnostics are PATHs and links that lead nowhere, Skipped the notes on what Load passes over.
	Diagnostics, Skipped []Diagnostic
}

// List finds the files that Load would read at these PATHs, and reads none of them.
func List(ctx context.Context, paths []string) Listing {
	f := finder{stdin: strings.NewReader("")}
	for i, p := range paths {
		f.add(ctx, i, p)
	}
	l := Listing{Skipped: f.skipped}
	for _, src := range f.sources {
		l.Diagnostics = append(l.Diagnostics, src.ds...)
		if src.data != nil || src.lazy {
			l.Files = append(l.Files, src.path)
		}
	}
	return l
}

// MaxFile is how many bytes of a file are read at most; a larger one is no file of manifests.
const MaxFile = maxFile
