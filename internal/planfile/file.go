// Package planfile keeps a plan in a file between its review and its apply: what it would do, and every fact that it rests on, so that an apply can tell whether it is still that plan.
//
// No personal or secret value is in the file: hidden values stand there as keyed digests. The key is MOKASYNC_KEY; without it the digests keep values from being read, not from being guessed one by one.
package planfile

import (
	"bytes"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/mokasync/mokasync/internal/forecast"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/spec"
)

// FormatVersion is the version of the files that this program writes and reads.
const FormatVersion = "1.1"

// File is a saved plan.
type File struct {
	Mokasync      string `json:"mokasync"` // "plan"
	FormatVersion string `json:"formatVersion"`
	Tool          string `json:"tool"` // the version of the mokasync that wrote it
	Endpoint      string `json:"endpoint"`
	// BaseURL is that of an endpoint which is none of Moka's own, without a slash at its end; "" for those, whose hosts change (moka-api 1.1), and for the embedded sandbox.
	BaseURL string `json:"baseURL"`
	Dealer  string `json:"dealer"` // "" where it was not known
	// Commit is the git commit of the manifests' folder, "" without one. It is told, never compared: a merge makes a new one.
	Commit string `json:"commit"`
	// ValidThrough is the last day (YYYY-MM-DD, Europe/Istanbul) on which Moka takes the dates of what is made, "" for no limit.
	ValidThrough string `json:"validThrough"`
	// Digest is the plan's: the same changes of the same account have the same.
	Digest  string  `json:"digest"`
	Options Options `json:"options"`
	Partial string  `json:"partial"`
	// UpdateSale is "full" or "changed": which members of a sale are sent (mokasync.yaml).
	UpdateSale string `json:"updateSale"`
	// Looked: Moka was looked at. Uncompared: the lockfile's key was missing, so that personal fields and card tokens were not compared.
	Looked     bool `json:"looked"`
	Uncompared bool `json:"uncompared"`
	// Confirm is the number of deletes that must be confirmed, 0 if none need be.
	Confirm int `json:"confirm"`
	// Lockfile is a digest of the lockfile's first line, "" where nothing was known yet.
	Lockfile string `json:"lockfile"`
	// Lines are digests of what the lockfile says at the addresses that are touched and at those that they depend on, "" for nothing.
	Lines map[string]string `json:"lines"`
	// Live are digests of what is at Moka of what is touched; nil where Moka was not looked at.
	Live map[string]string `json:"live"`
	// Charged are digests of what is charged before and after, of the sales that the plan begins, ends or changes, by their names; "" where that was not known.
	Charged map[string]string `json:"charged"`
	// Moves are the addresses that the lockfile follows without a call, from before to now.
	Moves   map[string]string `json:"moves"`
	Summary map[string]int    `json:"summary"`
	Changes Changes           `json:"changes"`
	// Money is what the plan came to when it was made, and Guards those of mokasync.yaml that it broke then. They are shown, and never compared: an apply works them out anew.
	Money  *forecast.Impact `json:"money"`
	Guards []Guard          `json:"guards"`
	// Diagnostics are all that the plan had to say. They are shown, and never compared.
	Diagnostics []Diagnostic `json:"diagnostics"`
	// Seal is a digest of all the rest: "hmac-sha256:" with MOKASYNC_KEY, else "sha256:", and hexadecimal digits.
	Seal string `json:"seal"`
}

// Options are what the plan was asked for; an apply of the file plans with the same.
type Options struct {
	Paths    []string `json:"paths"`
	Refresh  bool     `json:"refresh"`
	Prune    bool     `json:"prune"`
	Selector string   `json:"selector"`
	Targets  []string `json:"targets"`
	Excluded []string `json:"excluded"`
	Kinds    []string `json:"kinds"`
	Recreate []string `json:"recreate"`
}

// Change is one change as it was reviewed.
type Change struct {
	Address spec.Address `json:"address"`
	Action  string       `json:"action"`
	Code    string       `json:"code"`
	// ID is Moka's number, 0 where it is not known. IDElsewhere: it stands in a variable or a file, and 0 then means that it was not at hand.
	ID          int64          `json:"id"`
	IDElsewhere bool           `json:"idElsewhere,omitempty"`
	Fields      []Field        `json:"fields"`
	DependsOn   []spec.Address `json:"dependsOn"`
	Reason      string         `json:"reason"`
	InDoubt     bool           `json:"inDoubt"`
	// ReplacedBy is, of a sale's delete, the sale that comes in its place; zero for none.
	ReplacedBy spec.Address `json:"replacedBy,omitzero"`
	// Desired and Known are what manifest and lockfile say beside Fields of a sale's or a payment step's money and parties. They are shown, and never compared: Manifest and File.Lines are.
	Desired []Standing `json:"desired,omitempty"`
	Known   []Standing `json:"known,omitempty"`
	// Manifest is a digest of all that the manifest says, "" without one.
	Manifest string `json:"manifest"`
}

// Field is one field's old and new value, masked; nil for none.
type Field struct {
	Name string   `json:"name"`
	From []string `json:"from"`
	To   []string `json:"to"`
	// Digests are those of what To hides, and of what stands in a variable or a file: of a list an item each, in its order. "" is an item that was not at hand, which To then only names.
	// nil where To says all.
	Digests []string `json:"digests,omitempty"`
}

// Guard is a guard of mokasync.yaml that the plan breaks.
type Guard struct {
	Guard   string `json:"guard"`
	Message string `json:"message"`
	At      string `json:"at"` // path:line:column
}

// Diagnostic is something that the plan had to say, masked; the line of the manifest is left out.
type Diagnostic struct {
	Severity string `json:"severity"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Address  string `json:"address"`
	Message  string `json:"message"`
}

// beginning is how every file of ours begins.
const beginning = `{"mokasync":"plan"`

// IsPlan reports whether a text begins as a saved plan does, of whatever format: nothing but a plan is lost with it.
func IsPlan(text []byte) bool { return bytes.HasPrefix(text, []byte(beginning)) }

// ErrUnverified says of a file that it was sealed with MOKASYNC_KEY, which is not at hand: nobody can tell whether it is as it was written.
var ErrUnverified = errors.New("it was sealed with MOKASYNC_KEY, which is not set")

// Decode reads a file's text and checks its seal. With ErrUnverified the File is there all the same, to be looked at.
func Decode(text []byte, key string) (*File, error) {
	if err := versionOf(text); err != nil {
		return nil, err
	}
	f := &File{}
	if err := f.read(text); err != nil {
		return nil, errChanged
	}
	right := ""
	again := &comparing{rest: text}
	err := f.write(again, key, f.linesAsTheyAre, func(seal string) string {
		right = seal
		return f.Seal
	})
	keyed := strings.HasPrefix(f.Seal, keyedSeal)
	switch {
	case err != nil:
		return nil, err
	case !again.same():
		return nil, errChanged
	case keyed && key == "":
		return f, ErrUnverified
	case !keyed && key != "":
		return nil, errors.New("MOKASYNC_KEY is set here, and the plan was made without it, so that nobody can tell who wrote it: make it with the key")
	case !hmac.Equal([]byte(right), []byte(f.Seal)):
		if keyed {
			return nil, errors.New("it was changed since it was written, or made with another MOKASYNC_KEY: make the plan anew")
		}
		return nil, errChanged
	}
	return f, nil
}

// read reads the members in their order, and a change at a time: encoding/json then holds no copy of the whole text. It need not see all that is wrong: what it has read is written again,
// and compared with the text.
func (f *File) read(text []byte) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := expect(dec, json.Delim('{')); err != nil {
		return err
	}
	v := reflect.ValueOf(f).Elem()
	for i := range v.NumField() {
		if err := expect(dec, v.Type().Field(i).Tag.Get("json")); err != nil {
			return err
		}
		var err error
		if changes, many := v.Field(i).Addr().Interface().(*Changes); many {
			*changes, err = readChanges(dec, text)
		} else {
			err = dec.Decode(v.Field(i).Addr().Interface())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func expect(dec *json.Decoder, want json.Token) error {
	if have, err := dec.Token(); err != nil || have != want {
		return errChanged
	}
	return nil
}

var errChanged = errors.New("it was changed since it was written, or is not whole: make the plan anew")

// versionOf refuses what is no saved plan, or one of another format.
func versionOf(text []byte) error {
	var head struct {
		Mokasync      string `json:"mokasync"`
		FormatVersion string `json:"formatVersion"`
	}
	if err := json.Unmarshal(text, &head); err != nil || head.Mokasync != "plan" {
		return errors.New("this is no saved plan: `mokasync plan --out FILE` writes one")
	}
	if head.FormatVersion != FormatVersion {
		return fmt.Errorf("it is in format %s and this mokasync reads %s: use the mokasync that wrote it, or make the plan anew", head.FormatVersion, FormatVersion)
	}
	return nil
}

// keysOf gives the keyring of a file's digests. Without MOKASYNC_KEY it is the same for all, so that two machines come to the same digests.
func keysOf(key string) *lockfile.Keyring {
	if key == "" {
		return lockfile.NewKeyring("mokasync plan")
	}
	return lockfile.NewKeyring(key)
}
