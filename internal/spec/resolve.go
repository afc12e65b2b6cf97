package spec

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// besideManifest gives the path of a file that a manifest names, relative paths from the manifest's folder.
func besideManifest(manifest, path string) string {
	if manifest == "-" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(manifest), filepath.FromSlash(path))
}

// ResolveSources reads the card tokens and schedule ids that stand outside the manifests, {fromEnv: …} or {fromFile: …}. What is there becomes the Value's
// canonical text, as if it stood in the manifest; what is not (an unset or empty variable, a missing file) is left as it is. A value that is
// no token or id is an error, which does not echo it. Then the rules that need tokens and ids are judged on what is known by now.
func (s *Set) ResolveSources(getenv func(string) (string, bool), readFile func(string) ([]byte, error)) []Diagnostic {
	var ds []Diagnostic
	asked := false
	for _, r := range s.Resources {
		for i := range r.Values {
			v := &r.Values[i]
			if v.Field.Type == Password {
				continue // read when it is sent
			}
			if v.FromSource() {
				asked = true
				ds = append(ds, s.resolve(r, v, -1, getenv, readFile)...)
			}
			for j := range v.Items() {
				if v.Items()[j].FromSource() {
					asked = true
					ds = append(ds, s.resolve(r, &v.Items()[j], j, getenv, readFile)...)
				}
			}
		}
	}
	if !asked && len(s.reported) == 0 {
		return ds // Load has judged all of it, and found nothing
	}
	here, tokens := newIndex(len(s.Resources)), s.judgeTokens()
	marked := make(suspects, len(s.Resources))
	for i, r := range s.Resources {
		here.add(r)
		if r.Address.Kind == Sale && tokens.concern(r) {
			marked[i] = ofKeys
		}
	}
	for _, d := range s.judgeKeys(here, tokens, marked) {
		if !s.reported[placeOfDiagnostic(d)] {
			ds = append(ds, d)
		}
	}
	s.Sort(ds)
	return ds
}

func (s *Set) resolve(r *Resource, v *Value, item int, getenv func(string) (string, bool), readFile func(string) ([]byte, error)) []Diagnostic {
	prefix, from, nested := strings.Cut(v.Key(), ".")
	if !nested {
		prefix, from = "", v.Key()
	}
	rare := r.rarely()
	rare.sources = append(rare.sources, Source{v.Field.Name, item, v.Key() + " " + v.Text})
	text, err := readSource(from, v.Text, getenv, readFile)
	if err != nil {
		return []Diagnostic{s.at(r, v, Error, nil, "%s: %s", from, err)}
	}
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	if v.Field.Type == MokaID || prefix == "id" {
		if !isInteger(text) || len(text) > 10 || atoi(text) < 1 || atoi(text) > maxInteger {
			return []Diagnostic{s.at(r, v, Error, nil, "what %s names holds no id of a schedule: a whole number from 1 to %d", from, maxInteger)}
		}
	} else {
		if !isToken(text) {
			return []Diagnostic{s.at(r, v, Error, nil, "what %s names holds no card token: %s", from, tokenHint)}
		}
		text = CanonicalToken(text)
	}
	v.Text = text
	v.SetKey(prefix)
	return nil
}

// readSource gives what a variable or a file holds, "" if there is none.
func readSource(from, name string, getenv func(string) (string, bool), readFile func(string) ([]byte, error)) (string, error) {
	if from == "fromEnv" {
		text, _ := getenv(name)
		return text, nil
	}
	data, err := readFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", errors.New(unreadable(err))
	}
	return string(data), nil
}

// ReadPassword reads a customer's password from where the manifest says that it is. One line break at a file's end does not belong to it.
// The errors name the variable or the file and never hold any of the password.
func (v *Value) ReadPassword(getenv func(string) (string, bool), readFile func(string) ([]byte, error)) (string, error) {
	what := "the variable " + v.Text
	var text string
	switch v.Key() {
	case "fromEnv":
		var ok bool
		if text, ok = getenv(v.Text); !ok {
			return "", fmt.Errorf("password: %s is not set", what)
		}
	case "fromFile":
		what = "the file " + v.Text
		data, err := readFile(v.Text)
		if err != nil {
			return "", fmt.Errorf("password: %s: %s", what, unreadable(err))
		}
		var crlf bool
		if text, crlf = strings.CutSuffix(string(data), "\r\n"); !crlf {
			text = strings.TrimSuffix(text, "\n")
		}
	default:
		return "", errors.New("password: the manifest does not say where it is")
	}
	switch {
	case text == "":
		return "", fmt.Errorf("password: %s is empty", what)
	case !utf8.ValidString(text):
		return "", fmt.Errorf("password: %s is not UTF-8", what)
	case utf8.RuneCountInString(text) > v.Field.MaxRunes:
		return "", fmt.Errorf("password: %s holds more than %d characters, the most that Moka takes", what, v.Field.MaxRunes)
	}
	return text, nil
}
