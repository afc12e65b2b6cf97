package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func took(ms ...int) (out samples) {
	for _, m := range ms {
		out = append(out, sample{Took: time.Duration(m) * time.Millisecond})
	}
	return out
}

func TestFigures(t *testing.T) {
	f := figures{3, 1, 2, 100}
	if got := f.median(); got != 2 {
		t.Errorf("the median is %v, not the lower of the two in the middle", got)
	}
	if got := f.spread(); got != 4950 {
		t.Errorf("the spread is %v %%", got)
	}
	// The machine is slower in the third round, and for both: the ratio does not see it.
	if got := ratios(took(20, 22, 60), took(10, 11, 30)); !slices.Equal(got, figures{2, 2, 2}) {
		t.Errorf("ratios by rounds are %v", got)
	}
	got := exponents(took(10, 10, 10), took(100, 1000, 10), 10)
	if !slices.Equal(got, figures{1, 2, 0}) {
		t.Errorf("exponents of linear, quadratic and constant growth are %v", got)
	}
}

// Programs are measured in turns, each round prepared, and the first does not count.
func TestRounds(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	say := func(name string) program {
		return program{Args: []string{"sh", "-c", "printf %s " + name + " >> " + log}, Before: func() error { return appendTo(log, ".") }}
	}
	out, err := rounds(t.Context(), 2, say("a"), say("b"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(text), ".a.b.a.b.a.b"; got != want {
		t.Errorf("ran %s, not %s", got, want)
	}
	if len(out[0]) != 2 || len(out[1]) != 2 || out[0].took() <= 0 || out[0].peak() <= 0 {
		t.Errorf("%+v", out)
	}
}

func appendTo(file, text string) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// A run that fails, or whose output is not what it must be, is no measurement.
func TestFailedRuns(t *testing.T) {
	wrong := errors.New("wrong")
	for name, p := range map[string]program{
		"exit code": {Args: []string{"sh", "-c", "echo why >&2; exit 3"}},
		"output":    {Args: []string{"echo"}, Check: func([]byte) error { return wrong }},
		"time":      {Args: []string{"echo", "soon"}, Took: ownTime},
		"before":    {Args: []string{"echo"}, Before: func() error { return wrong }},
	} {
		if _, err := p.run(t.Context()); err == nil {
			t.Errorf("%s: the run counts", name)
		} else if name == "exit code" && !strings.Contains(err.Error(), "why") {
			t.Errorf("the error does not say what the program said: %v", err)
		}
	}
	if s, err := (program{Args: []string{"echo", "1500"}, Took: ownTime}).run(t.Context()); err != nil || s.Took != 1500 {
		t.Errorf("a program that says 1,500 ns took %v, %v", s.Took, err)
	}
}
