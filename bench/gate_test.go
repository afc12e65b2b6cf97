package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The gate opens for what takes no more than its baseline and a tenth, and says which step it is that does.
func TestGate(t *testing.T) {
	was := map[string]cost{"load": {1000, 64_000}, "plan": {5000, 200_000}, "write": {11, 900}}
	for _, c := range []struct {
		name string
		now  map[string]cost
		shut string // the step because of which the gate stays shut, "" where it opens
		say  string
	}{
		{"nothing changed", map[string]cost{"write": {11, 900}, "load": {1000, 64_000}, "plan": {5000, 200_000}}, "", ""},
		{"just a tenth more", map[string]cost{"write": {11, 900}, "load": {1100, 70_400}, "plan": {5000, 200_000}}, "", ""},
		{"more allocations", map[string]cost{"write": {11, 900}, "load": {1101, 64_000}, "plan": {5000, 200_000}}, "load", ""},
		{"more bytes", map[string]cost{"write": {11, 900}, "load": {1000, 70_500}, "plan": {5000, 200_000}}, "load", ""},
		{"fewer allocations do not pay for more bytes", map[string]cost{"write": {11, 900}, "load": {100, 70_500}, "plan": {5000, 200_000}}, "load", "renew the baseline"},
		{"one better does not pay for another", map[string]cost{"write": {11, 900}, "load": {10, 64_000}, "plan": {6000, 200_000}}, "plan", "renew the baseline"},
		{"a tenth less", map[string]cost{"write": {11, 900}, "load": {900, 57_600}, "plan": {5000, 200_000}}, "", ""},
		{"much less", map[string]cost{"write": {11, 900}, "load": {899, 64_000}, "plan": {5000, 200_000}}, "", "renew the baseline"},
		{"one more of a few", map[string]cost{"load": {1000, 64_000}, "plan": {5000, 200_000}, "write": {40, 3000}}, "", ""},
		{"a few that are many", map[string]cost{"load": {1000, 64_000}, "plan": {5000, 200_000}, "write": {120, 3000}}, "write", ""},
		{"a step that is gone", map[string]cost{"write": {11, 900}, "plan": {5000, 200_000}}, "load", ""},
		{"a step without a baseline", map[string]cost{"write": {11, 900}, "load": {1000, 64_000}, "plan": {5000, 200_000}, "apply": {1, 1}}, "apply", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, v := range compare(was, c.now) {
				if got, want := v.Wrong != "", v.Name == c.shut; got != want {
					t.Errorf("%s: %q", v.Name, v.Wrong)
				}
			}
			var out bytes.Buffer
			err := report(&out, baseline{Go: "go1.26", Steps: was}, baseline{Go: "go1.26", Steps: c.now}, nil)
			if (err != nil) != (c.shut != "") || err != nil && !strings.Contains(err.Error(), "\n"+c.shut+" ") {
				t.Errorf("the gate says %v", err)
			}
			if got := strings.Contains(out.String(), "renew the baseline"); got != (c.say != "") {
				t.Errorf("it prints\n%s", out.String())
			}
		})
	}
}

// What a step allocates is counted, whatever was allocated before it; its preparation is not.
func TestMeasure(t *testing.T) {
	var kept [][]byte
	before := 0
	s := step{
		Before: func() error { before++; kept = append(kept, make([]byte, 1<<20)); return nil },
		Run: func() error {
			for range 1000 {
				kept = append(kept[:1], make([]byte, 1024))
			}
			return nil
		},
	}
	got, spread, err := measure(s, 3)
	if err != nil {
		t.Fatal(err)
	}
	if before != 4 {
		t.Errorf("prepared %d times for a run that does not count and three that do", before)
	}
	if got.Allocations < 1000 || got.Allocations > 1050 || got.Bytes < 1000*1024 || got.Bytes > 1100*1024 || spread > 5 {
		t.Errorf("1,000 allocations of 1,024 bytes are %+v, %.1f %% apart", got, spread)
	}
	failed := errors.New("failed")
	for _, s := range []step{{Run: func() error { return failed }}, {Before: func() error { return failed }, Run: func() error { return nil }}} {
		if _, _, err := measure(s, 3); !errors.Is(err, failed) {
			t.Errorf("a step that fails gives %v", err)
		}
	}
}

// A baseline reads back as it was written, and one that is not there is an error, not an empty one.
func TestBaseline(t *testing.T) {
	file := filepath.Join(t.TempDir(), "baseline.json")
	if _, err := readBaseline(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no baseline gives %v", err)
	}
	want := baseline{Go: "go1.26", Steps: map[string]cost{"load": {1000, 64_000}}}
	if err := writeBaseline(file, want); err != nil {
		t.Fatal(err)
	}
	got, err := readBaseline(file)
	if err != nil || got.Go != want.Go || got.Steps["load"] != want.Steps["load"] {
		t.Errorf("%+v, %v", got, err)
	}
}

// Every step does what its name says of accounts of any size, as often as it is run, and has a name of its own. What it may take is the gate's business.
func TestGateSteps(t *testing.T) {
	steps, err := gateSteps(t.Context(), t.TempDir(), gateSizes{30, 120})
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, s := range steps {
		if names[s.Name] {
			t.Errorf("two steps are named %s", s.Name)
		}
		names[s.Name] = true
		if got, _, err := measure(s, 1); err != nil || got.Allocations == 0 || got.Bytes == 0 {
			t.Errorf("%s: %+v, %v", s.Name, got, err)
		}
	}
}
