package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// sample is what one run of a program took.
type sample struct {
	Wall time.Duration
	// Peak is the memory that it held at most, in bytes, as the kernel counts it.
	Peak int64
}

// program is a command that is measured.
type program struct {
	Dir  string
	Env  []string // in place of this process's own; nil for that
	Args []string
	// Codes are the exit codes that are no failure.
	Codes []int
}

// run runs a program once, its output thrown away. The error has what it wrote to standard error.
func (p program) run(ctx context.Context) (sample, error) {
	cmd := exec.CommandContext(ctx, p.Args[0], p.Args[1:]...)
	cmd.Dir, cmd.Env = p.Dir, p.Env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if cmd.ProcessState == nil || !slices.Contains(append(p.Codes, 0), cmd.ProcessState.ExitCode()) {
		text := stderr.String()
		return sample{}, fmt.Errorf("%s: %w\n%s", strings.Join(p.Args, " "), err, text[max(0, len(text)-2000):])
	}
	out := sample{Wall: wall}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		out.Peak = usage.Maxrss * 1024
	}
	return out, nil
}

// figures are the samples of several runs, put in order.
type figures []time.Duration

// median of the samples; of an even number the lower of the two in the middle.
func (f figures) median() time.Duration { return f[(len(f)-1)/2] }

// spread is from the fastest to the slowest, as a share of the median in per cent.
func (f figures) spread() float64 { return 100 * float64(f[len(f)-1]-f[0]) / float64(f.median()) }

// repeat runs a program so many times, after one run that does not count.
func repeat(ctx context.Context, p program, runs int) (figures, int64, error) {
	var out figures
	var peak int64
	for i := range runs + 1 {
		s, err := p.run(ctx)
		if err != nil {
			return nil, 0, err
		}
		if i > 0 {
			out = append(out, s.Wall)
			peak = max(peak, s.Peak)
		}
	}
	slices.Sort(out)
	return out, peak, nil
}

// timed runs something in this process so many times, after one run that does not count.
func timed(runs int, run func() error) (figures, error) {
	var out figures
	for i := range runs + 1 {
		start := time.Now()
		if err := run(); err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, time.Since(start))
		}
	}
	slices.Sort(out)
	return out, nil
}
