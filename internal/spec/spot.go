package spec

import (
	"slices"
	"strings"
)

// level is how far down in a manifest something stands.
type level uint8

const (
	nowhere level = iota // under a key that is not known
	atRoot
	atMetadata
	atLabels
	atAnnotations
	atSpec
	atValue
)

// view says whether a scalar may be shown.
type view uint8

const (
	hidden   view = iota // not known to be harmless: never shown
	personal             // shown with Options.Show
	open
)

// spot is a place in a manifest: what may stand there, and who may see it.
type spot struct {
	level level
	def   *Definition
	field *Field
	view  view
	token bool // a card token: digits in it are no card number
	word  bool // shown only if it looks like a kind's name
}

// child gives the spot under a key. Items of a list stand at the spot of the list.
func (s spot) child(key string) spot {
	switch s.level {
	case atRoot:
		switch key {
		case "apiVersion":
			return spot{level: atValue, view: open}
		case "kind":
			return spot{level: atValue, view: open, word: true}
		case "metadata":
			return spot{level: atMetadata}
		case "spec":
			return spot{level: atSpec, def: s.def}
		}
	case atMetadata:
		switch key {
		case "name", "movedFrom", "replaces":
			return spot{level: atValue, view: open}
		case "labels":
			return spot{level: atLabels, view: personal}
		case "annotations":
			return spot{level: atAnnotations, view: personal}
		}
	case atLabels:
		return spot{level: atValue, view: personal}
	case atAnnotations:
		if slices.Contains(annotationKeys, key) {
			return spot{level: atValue, view: open}
		}
		return spot{level: atValue, view: personal}
	case atSpec:
		if s.def != nil {
			if f := s.def.Field(key); f != nil {
				return fieldSpot(f)
			}
		}
	case atValue:
		if s.field != nil {
			return s.within(key)
		}
	}
	return spot{}
}

func fieldSpot(f *Field) spot {
	s := spot{level: atValue, field: f, token: f.Type == Token}
	switch f.Sensitivity {
	case Public:
		s.view = open
	case Personal:
		s.view = personal
	}
	return s
}

// within gives the spot under a key of a field's mapping: {customerCode: …}, {fromEnv: …, version: …}.
func (s spot) within(key string) spot {
	switch {
	case key == "token" && s.field.Type == References:
		return spot{level: atValue, field: tokenField, token: true}
	case slices.Contains(s.field.Elsewhere, key):
		return s
	case key == "version" && s.field.Type == Password:
		return spot{level: atValue} // a person may put the password itself here, and below
	case key == "fromEnv" || key == "fromFile":
		return spot{level: atValue, view: s.view}
	}
	return spot{}
}

// keyKnown reports whether key is one that may stand here.
func (s spot) keyKnown(key string) bool {
	switch s.level {
	case atRoot:
		return slices.Contains(topKeys, key)
	case atMetadata:
		return slices.Contains(metadataKeys, key)
	case atAnnotations:
		return slices.Contains(annotationKeys, key)
	case atSpec:
		return s.def != nil && s.def.Field(key) != nil
	case atValue:
		return s.field != nil && s.child(key).level != nowhere
	}
	return false
}

// keyView says whether a key may be shown. A key that is not known is shown where keys are field names and it looks like one; personal data rarely does.
func (s spot) keyView(key string) view {
	switch {
	case s.keyKnown(key):
		return open
	case s.level == atRoot, s.level == atMetadata, s.level == atSpec, s.level == atValue && s.view == open && s.field != nil:
		if identifier(key) {
			return open
		}
	case s.level == atLabels, s.level == atAnnotations:
		if identifier(strings.NewReplacer(".", "", "-", "", "_", "", "/", "").Replace(key)) {
			return open
		}
		return personal
	}
	return hidden
}

// identifier reports whether s looks like a field's name: letters only, and not many.
func identifier(s string) bool {
	if s == "" || len(s) > 40 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}
