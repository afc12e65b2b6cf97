package forge

import (
	"net/url"
	"strings"
)

// Marker is what a comment's first line hides: whose it is, and what its plan was made of.
type Marker struct {
	// ID tells the comments of one pull request apart: one for each environment. It is never empty.
	ID string
	// Base is the branch, and BaseCommit its commit, that was planned against; HeadCommit is the pull request's.
	Base, BaseCommit, HeadCommit string
	// Digest of the plan, "" where there is none.
	Digest string
}

const (
	markerBegin = "<!-- mokasync:plan "
	markerEnd   = " -->"
)

// line writes the marker, without a newline. Values are escaped, so that none can end the remark that it stands in.
func (m Marker) line() string {
	var b strings.Builder
	b.WriteString(markerBegin)
	for i, f := range m.fields() {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(f.name + "=" + url.QueryEscape(*f.value))
	}
	return b.String() + markerEnd
}

type markerField struct {
	name  string
	value *string
}

func (m *Marker) fields() []markerField {
	return []markerField{{"id", &m.ID}, {"base", &m.Base}, {"base-commit", &m.BaseCommit}, {"head-commit", &m.HeadCommit}, {"digest", &m.Digest}}
}

// parseMarker reads a first line. Fields that it does not know are passed over: another version may have written them.
func parseMarker(line string) (Marker, bool) {
	text, begins := strings.CutPrefix(strings.TrimSuffix(line, "\r"), markerBegin)
	text, ends := strings.CutSuffix(text, markerEnd)
	if !begins || !ends {
		return Marker{}, false
	}
	said := map[string]string{}
	for field := range strings.FieldsSeq(text) {
		name, value, _ := strings.Cut(field, "=")
		value, err := url.QueryUnescape(value)
		if _, twice := said[name]; err != nil || twice {
			return Marker{}, false
		}
		said[name] = value
	}
	var m Marker
	for _, f := range m.fields() {
		*f.value = said[f.name]
	}
	return m, m.ID != ""
}

// parts are what a comment of ours is made of: the line of the marker with its newline, the banner with its two remarks, and the text.
type parts struct {
	marker              Marker
	first, banner, text string
}

const (
	bannerBegin = "<!-- mokasync:stale -->"
	bannerEnd   = "<!-- /mokasync:stale -->"
)

// take takes a comment's body apart; first + banner + text is the body. It reports false of a comment that carries no marker.
func take(body string) (parts, bool) {
	line, text, more := strings.Cut(body, "\n")
	m, ok := parseMarker(line)
	if !ok || !more {
		return parts{}, false
	}
	p := parts{marker: m, first: body[:len(line)+1], text: text}
	if begin, _, _ := strings.Cut(text, "\n"); strings.TrimSuffix(begin, "\r") == bannerBegin {
		if at := strings.Index(text, "\n"+bannerEnd); at >= 0 {
			rest := text[at+1+len(bannerEnd):]
			rest = strings.TrimPrefix(strings.TrimPrefix(rest, "\r"), "\n")
			p.banner, p.text = text[:len(text)-len(rest)], rest
		}
	}
	return p, true
}

func (p parts) body() string { return p.first + p.banner + p.text }

// same reports whether two bodies say the same: a forge may keep line ends and blanks at the end otherwise than they were sent.
func same(a, b string) bool {
	even := func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }
	return even(a) == even(b)
}
