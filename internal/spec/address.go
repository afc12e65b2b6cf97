package spec

import (
	"cmp"
	"fmt"
	"strings"
)

// Address names one resource: its kind and its metadata.name. It is map key, sort key and, printed, what users type: "sale/elif-gold".
type Address struct {
	Kind Kind
	Name string
}

// String gives the printed form, lower-case kind, slash, name; the zero Address prints as "".
func (a Address) String() string {
	if a.Kind == 0 {
		return ""
	}
	return a.Kind.Prefix() + "/" + a.Name
}

// Compare orders addresses as their printed forms are ordered.
func (a Address) Compare(b Address) int {
	if c := cmp.Compare(a.Kind.Prefix(), b.Kind.Prefix()); c != 0 {
		return c
	}
	return cmp.Compare(a.Name, b.Name)
}

// IsZero reports whether a names nothing.
func (a Address) IsZero() bool { return a == Address{} }

// MarshalText gives the printed form.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads the printed form.
func (a *Address) UnmarshalText(text []byte) (err error) {
	*a, err = ParseAddress(string(text))
	return err
}

// ParseAddress reads "sale/elif-gold". The error names the kinds there are, or what a name may consist of.
func ParseAddress(s string) (Address, error) {
	prefix, name, found := strings.Cut(s, "/")
	if !found {
		return Address{}, fmt.Errorf("%q is not an address: write kind/name, for example sale/elif-gold", s)
	}
	kind, ok := kindOfPrefix(prefix)
	if !ok {
		return Address{}, fmt.Errorf("%q is not an address: the kind is one of %s", s, strings.Join(prefixes(), ", "))
	}
	if !ValidName(name) {
		return Address{}, fmt.Errorf("%q is not an address: %s", s, NameRule)
	}
	return Address{kind, name}, nil
}

// NameRule says in words what ValidName accepts.
const NameRule = "a name is 1 to 100 letters, digits and . _ @ : + -, and begins with a letter or a digit"

// ValidName reports whether s may stand as metadata.name: [A-Za-z0-9][A-Za-z0-9._@:+-]{0,99}.
func ValidName(s string) bool {
	if len(s) == 0 || len(s) > 100 || !alphanumeric(s[0]) {
		return false
	}
	for i := 1; i < len(s); i++ {
		if !alphanumeric(s[i]) && strings.IndexByte("._@:+-", s[i]) < 0 {
			return false
		}
	}
	return true
}

func alphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
