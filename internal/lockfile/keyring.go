package lockfile

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"sync"

	"github.com/mokasync/mokasync/internal/spec"
	"golang.org/x/text/unicode/norm"
)

// Keyring makes fingerprints: HMAC-SHA256, cut to 128 bits, over kind, code, field and the value in NFC. The key is MOKASYNC_KEY or,
// without one, a salt that stands in the lockfile's header; a salt keeps values from being read or looked up in tables, not from
// being guessed one by one by someone who has the lockfile.
type Keyring struct {
	key   []byte
	salt  string // hex, "" with a key
	keyID string // "" with a salt
	blind bool
	pool  *sync.Pool
}

// NewSalt makes a keyring with a fresh salt.
func NewSalt() *Keyring {
	salt := make([]byte, 16)
	rand.Read(salt) // never fails: crypto/rand ends the process where there is no randomness
	return saltKeyring(hex.EncodeToString(salt))
}

func saltKeyring(salt string) *Keyring {
	k := newKeyring([]byte(salt))
	k.salt = salt
	return k
}

// NewKeyring makes a keyring of MOKASYNC_KEY's value.
func NewKeyring(key string) *Keyring {
	k := newKeyring([]byte(key))
	k.keyID = k.sum(hex.EncodeToString, "key id")[:16]
	return k
}

// blindKeyring stands for a lockfile whose key is not at hand: it can compare nothing.
func blindKeyring(keyID string) *Keyring {
	k := newKeyring(nil)
	k.keyID, k.blind = keyID, true
	return k
}

func newKeyring(key []byte) *Keyring {
	return &Keyring{key: key, pool: &sync.Pool{New: func() any { return &summing{mac: hmac.New(sha256.New, key)} }}}
}

// Blind reports whether the key is missing, so that personal values and tokens cannot be compared.
func (k *Keyring) Blind() bool { return k.blind }

// Keyed reports whether MOKASYNC_KEY made it, not a salt.
func (k *Keyring) Keyed() bool { return k.keyID != "" }

// Fingerprint gives the fingerprint of a value of field of the resource that Moka knows by code ("" for a kind without a code).
func (k *Keyring) Fingerprint(field *spec.Field, code, value string) string {
	return k.sum(base64.RawURLEncoding.EncodeToString, field.Kind().String(), code, field.Name, norm.NFC.String(value))
}

// Digest gives a keyed digest of parts, for what is too personal to be kept but must be recognised.
func (k *Keyring) Digest(parts ...string) string {
	return k.sum(hex.EncodeToString, append([]string{"digest"}, parts...)...)
}

// summing is what one sum is made with, to be used again.
type summing struct {
	mac     hash.Hash
	in, out []byte
}

// sum gives the keyed sum of parts, 128 bits of it, as a text.
func (k *Keyring) sum(text func([]byte) string, parts ...string) string {
	s := k.pool.Get().(*summing)
	defer k.pool.Put(s)
	s.in = s.in[:0]
	for i, p := range parts {
		if i > 0 {
			s.in = append(s.in, 0)
		}
		s.in = append(s.in, p...)
	}
	s.mac.Reset()
	s.mac.Write(s.in)
	s.out = s.mac.Sum(s.out[:0])
	clear(s.in) // personal values do not linger
	return text(s.out[:16])
}

// tokenField is the field under which all card tokens are fingerprinted, those of a Sale's cards too, so that they can be compared.
var tokenField = spec.Card.Def().Field("token")

// Token gives the fingerprint of a canonical card token.
func (k *Keyring) Token(token string) string { return k.Fingerprint(tokenField, "", token) }

// Lock gives a field's value in the form in which it is kept. texts are canonical texts: for a password its version, for references the keys
// under which Moka knows their targets (for cards, their tokens).
func (k *Keyring) Lock(field *spec.Field, code string, texts []string) Locked {
	l := Locked{Field: field}
	if field.IsList() {
		l.List = make([]string, len(texts))
		for i, t := range texts {
			l.List[i] = k.lockText(field, code, t)
		}
		return l
	}
	l.Text = k.lockText(field, code, texts[0])
	return l
}

func (k *Keyring) lockText(field *spec.Field, code, text string) string {
	switch {
	case field.Type == spec.Token, field.Type == spec.References && field.Target == spec.Card:
		return k.Token(text)
	case field.Sensitivity == spec.Personal:
		return k.Fingerprint(field, code, text)
	}
	return text
}

// Sealed reports whether a field's kept form is a fingerprint, which a blind keyring cannot make.
func Sealed(field *spec.Field) bool {
	return field.Sensitivity == spec.Personal || field.Type == spec.Token || field.Type == spec.References
}
