package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// sample is what one run of a program took.
type sample struct {
	Took time.Duration
	// Peak is the memory that it held at most, in bytes, as the kernel counts it: never less than bench itself held when it started the program, which is some 20 MB.
	Peak int64
}

// program is a command that is measured.
type program struct {
	Dir  string
	Env  []string
	Args []string
	// Before, if set, puts things in order before each run; it is not measured.
	Before func() error
	// Took, if set, finds in standard output how long it took, in place of the time from its start to its end; without it the output is thrown away.
	Took func(stdout []byte) (time.Duration, error)
	// Check, if set, judges standard output: an error of it makes the run one that failed.
	Check func(stdout []byte) error
}

// run runs a program once. The error has the end of what it wrote to standard error.
func (p program) run(ctx context.Context) (sample, error) {
	if p.Before != nil {
		if err := p.Before(); err != nil {
			return sample{}, err
		}
	}
	cmd := exec.CommandContext(ctx, p.Args[0], p.Args[1:]...)
	cmd.Dir, cmd.Env = p.Dir, p.Env
	var stdout, stderr bytes.Buffer
	cmd.Stderr = &stderr
	if p.Took != nil || p.Check != nil {
		cmd.Stdout = &stdout
	}
	start := time.Now()
	err := cmd.Run()
	out := sample{Took: time.Since(start)}
	if err != nil {
		text := stderr.String() + stdout.String()
		return sample{}, fmt.Errorf("%s: %w\n%s", strings.Join(p.Args, " "), err, text[max(0, len(text)-2000):])
	}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		out.Peak = usage.Maxrss * 1024
	}
	if p.Took != nil {
		if out.Took, err = p.Took(stdout.Bytes()); err != nil {
			return sample{}, err
		}
	}
	if p.Check != nil {
		err = p.Check(stdout.Bytes())
	}
	return out, err
}

// samples are the runs of one program, in the order of the rounds.
type samples []sample

// rounds measures programs in turns, A B C A B C …, so that what else the machine does hits all of them; the first round does not count.
func rounds(ctx context.Context, runs int, programs ...program) ([]samples, error) {
	out := make([]samples, len(programs))
	for round := range runs + 1 {
		for i, p := range programs {
			s, err := p.run(ctx)
			if err != nil {
				return nil, err
			}
			if round > 0 {
				out[i] = append(out[i], s)
			}
		}
	}
	return out, nil
}

// took is the median time.
func (s samples) took() time.Duration {
	return time.Duration(s.figures(func(x sample) float64 { return float64(x.Took) }).median())
}

// peak is the most memory of any run.
func (s samples) peak() (most int64) {
	for _, x := range s {
		most = max(most, x.Peak)
	}
	return most
}

func (s samples) figures(of func(sample) float64) figures {
	out := make(figures, len(s))
	for i, x := range s {
		out[i] = of(x)
	}
	return out
}

// ratios holds two programs against each other round by round.
func ratios(a, b samples) figures { return perRound(a, b, func(x, y float64) float64 { return x / y }) }

// exponents are those of growth from a size to another that is so many times as large: 1 is linear.
func exponents(small, large samples, times float64) figures {
	return perRound(large, small, func(x, y float64) float64 { return math.Log(x/y) / math.Log(times) })
}

func perRound(a, b samples, join func(x, y float64) float64) figures {
	out := make(figures, min(len(a), len(b)))
	for i := range out {
		out[i] = join(float64(a[i].Took), float64(b[i].Took))
	}
	return out
}

// figures are what several runs gave.
type figures []float64

// median of the figures; of an even number the lower of the two in the middle.
func (f figures) median() float64 { return slices.Sorted(slices.Values(f))[(len(f)-1)/2] }

// spread is from the least to the most, as a share of the median in per cent.
func (f figures) spread() float64 { return 100 * (slices.Max(f) - slices.Min(f)) / f.median() }
