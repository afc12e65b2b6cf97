package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

// baselineFile is where the baseline stands, from the repository's root.
const baselineFile = "bench/baseline.json"

// tolerated is how many per cent more a figure may be than its baseline, and how many less before the baseline is to be renewed.
const tolerated = 10

// gateRuns is how often each step runs, after one run that does not count. The medians count.
const gateRuns = 3

// cost is what one run of a step takes from the heap.
type cost struct {
	// Allocations are counted, Bytes their sizes together; what is freed meanwhile counts too.
	Allocations int64 `json:"allocations"`
	Bytes       int64 `json:"bytes"`
}

// baseline is what the steps took when it was written.
type baseline struct {
	Go    string          `json:"go"` // the version: another one may allocate otherwise
	Steps map[string]cost `json:"steps"`
}

// step is something that is measured.
type step struct {
	Name string
	// Before, if set, puts things in order before each run; it is not measured.
	Before func() error
	Run    func() error
}

// runGate measures the steps and holds them against the baseline; the error says that one is too far from it. update writes it instead.
func runGate(ctx context.Context, w io.Writer, file string, update bool) error {
	folder, err := os.MkdirTemp("", "mokasync-gate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	runtime.GOMAXPROCS(2) // as many workers wherever it runs
	steps, err := gateSteps(ctx, folder, gateSizes{1000, 10_000})
	if err != nil {
		return err
	}
	now := baseline{Go: runtime.Version(), Steps: map[string]cost{}}
	spreads := map[string]float64{}
	for _, s := range steps {
		if now.Steps[s.Name], spreads[s.Name], err = measure(s, gateRuns); err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	if update {
		return writeBaseline(file, now)
	}
	was, err := readBaseline(file)
	if err != nil {
		return err
	}
	return report(w, was, now, spreads)
}

// measure runs a step and gives the medians of what it took, and how far apart the runs were, of whichever figure they were further, in per cent.
func measure(s step, runs int) (cost, float64, error) {
	var allocations, bytes figures
	for i := range runs + 1 {
		if s.Before != nil {
			if err := s.Before(); err != nil {
				return cost{}, 0, err
			}
		}
		took, err := allocated(s.Run)
		if err != nil {
			return cost{}, 0, err
		}
		if i > 0 {
			allocations, bytes = append(allocations, float64(took.Allocations)), append(bytes, float64(took.Bytes))
		}
	}
	return cost{int64(allocations.median()), int64(bytes.median())}, max(allocations.spread(), bytes.spread()), nil
}

// allocated runs something without the garbage collector, which would empty pools at moments that are never the same.
func allocated(run func() error) (cost, error) {
	runtime.GC()
	runtime.GC() // a pool keeps what it has for one collection
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := run()
	runtime.ReadMemStats(&after)
	return cost{int64(after.Mallocs - before.Mallocs), int64(after.TotalAlloc - before.TotalAlloc)}, err
}

// verdict is how a step stands to its baseline.
type verdict struct {
	Name string
	// Allocations and Bytes are the changes in per cent.
	Allocations, Bytes float64
	// Wrong says why the gate does not open, "" if it may.
	Wrong string
	// Better says that the baseline is to be renewed, so that what was won is not lost again unseen.
	Better bool
}

// compare holds every step that is measured or in the baseline against it, ordered by name.
func compare(was, now map[string]cost) (out []verdict) {
	both := maps.Clone(was)
	maps.Copy(both, now)
	for _, name := range slices.Sorted(maps.Keys(both)) {
		v := verdict{Name: name}
		before, known := was[name]
		after, measured := now[name]
		switch {
		case !measured:
			v.Wrong = "is in the baseline and is not measured any more"
		case !known:
			v.Wrong = "has no baseline"
		default:
			v.Allocations, v.Bytes = change(before.Allocations, after.Allocations, fewAllocations), change(before.Bytes, after.Bytes, fewBytes)
			if max(v.Allocations, v.Bytes) > tolerated {
				v.Wrong = fmt.Sprintf("takes more than %d %% more than its baseline", tolerated)
			}
			v.Better = min(v.Allocations, v.Bytes) < -tolerated
		}
		out = append(out, v)
	}
	return out
}

// What takes less is counted as if it took this: one more of ten allocations, or the share that a second worker happens to get, says nothing about ten thousand resources.
const fewAllocations, fewBytes = 1000, 50_000

// change in per cent.
func change(before, after, few int64) float64 {
	return 100 * float64(after-before) / float64(max(before, few))
}

// report prints each step's figures and their change, and gives an error if the gate does not open.
func report(w io.Writer, was, now baseline, spreads map[string]float64) error {
	var b, wrong bytes.Buffer
	better := false
	fmt.Fprintf(&b, "%-24s %12s %8s %14s %8s %8s\n", "step", "allocations", "change", "bytes", "change", "spread")
	for _, v := range compare(was.Steps, now.Steps) {
		c := now.Steps[v.Name]
		fmt.Fprintf(&b, "%-24s %12d %+7.1f%% %14d %+7.1f%% %7.1f%%\n", v.Name, c.Allocations, v.Allocations, c.Bytes, v.Bytes, spreads[v.Name])
		if v.Wrong != "" {
			fmt.Fprintf(&wrong, "\n%s %s", v.Name, v.Wrong)
		}
		better = better || v.Better
	}
	if was.Go != now.Go {
		fmt.Fprintf(&b, "\nThe baseline is of %s, this is %s.\n", was.Go, now.Go)
	}
	const renew = "go run ./bench -gate -update"
	if better {
		fmt.Fprintf(&b, "\nSome steps take less than %d %% of what they took: renew the baseline, %s.\n", 100-tolerated, renew)
	}
	if _, err := w.Write(b.Bytes()); err != nil || wrong.Len() == 0 {
		return err
	}
	return fmt.Errorf("the gate does not open:%s\nIf that is meant: %s, and say why in the commit", strings.TrimRight(wrong.String(), "\n"), renew)
}

func readBaseline(file string) (b baseline, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return b, err
	}
	if err := json.Unmarshal(text, &b); err != nil {
		return b, fmt.Errorf("%s: %w", file, err)
	}
	return b, nil
}

func writeBaseline(file string, b baseline) error {
	text, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}
