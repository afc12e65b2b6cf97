package guard

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// Waiver lets one guard through for one plan.
type Waiver struct {
	// Guard is one of Names, Digest that of the plan.
	Guard, Digest string
}

// String gives the waiver as --waive takes it.
func (w Waiver) String() string { return w.Guard + "=" + w.Digest }

// For gives the waiver that lets a broken guard through for the plan of a digest.
func For(b plan.BrokenGuard, digest string) Waiver { return Waiver{b.Guard, digest} }

var digestForm = regexp.MustCompile(`^[0-9a-f]{32}$`)

// ParseWaiver reads GUARD=DIGEST. The error says what is wrong with it, and what to write.
func ParseWaiver(text string) (Waiver, error) {
	name, digest, both := strings.Cut(text, "=")
	switch {
	case !both:
		return Waiver{}, errors.New("a waiver names a guard and the plan that it is for: GUARD=DIGEST, such as maxAmount=0123456789abcdef0123456789abcdef")
	case !slices.Contains(Names(), name):
		guess := ""
		if near := spec.Nearest(name, Names(), 1); len(near) > 0 {
			guess = "; did you mean " + near[0] + "?"
		}
		return Waiver{}, fmt.Errorf("%q is no guard that can be waived: there are %s%s", name, strings.Join(Names(), ", "), guess)
	case !digestForm.MatchString(digest):
		return Waiver{}, fmt.Errorf("%s= wants the digest of a plan, 32 hexadecimal digits in lower case, not %q", name, digest)
	}
	return Waiver{name, digest}, nil
}

// Verdict says what waivers do to the guards that a plan breaks.
type Verdict struct {
	// Stops are the broken guards that nothing waives.
	Stops []plan.BrokenGuard
	// Used let a broken guard through; Idle are of guards that are not broken; Foreign are for another plan, and let nothing through.
	Used, Idle, Foreign []Waiver
}

// Judge holds waivers against the guards that a plan breaks. digests are all under which the plan goes.
func Judge(broken []plan.BrokenGuard, waivers []Waiver, digests ...string) Verdict {
	var v Verdict
	for _, w := range waivers {
		of := func(b plan.BrokenGuard) bool { return b.Guard == w.Guard }
		switch {
		case !slices.Contains(digests, w.Digest):
			v.Foreign = append(v.Foreign, w)
		case slices.ContainsFunc(broken, of):
			v.Used = append(v.Used, w)
		default:
			v.Idle = append(v.Idle, w)
		}
	}
	for _, b := range broken {
		if !slices.ContainsFunc(v.Used, func(w Waiver) bool { return w.Guard == b.Guard }) {
			v.Stops = append(v.Stops, b)
		}
	}
	return v
}
