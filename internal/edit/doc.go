// Package edit changes manifests as text. What it does not change stays as it is, byte for byte: comments, order, blank lines, quotes.
//
//   - Set changes a field of one resource in a file (set.go and what follows it);
//   - Writer writes new manifests, in the project's own style (write.go);
//   - Format puts a file into that style (format.go).
//
// The parser (yaml.v3) says where each node begins; page.go and measure.go find where it ends, and everything is done by cutting and joining the
// file's own bytes. The parser's encoder is not used: it drops blank lines and moves comments. Every result is read again and compared with what
// was asked (same.go) before it is given out, so that a mistake in here costs an edit, and never a manifest.
package edit
