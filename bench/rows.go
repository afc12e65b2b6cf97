package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"sync"

	"github.com/mokasync/mokasync/internal/lockfile"
	"gopkg.in/yaml.v3"
)

// bencher holds what the rows share.
type bencher struct {
	ctx          context.Context
	folder       string
	runs         int
	mokasync     string // the binary
	small, large state
}

// state is one account's manifests, as new and as applied.
type state struct {
	account
	applied string // a folder with the same manifests and the lockfile after their apply
	apply   sample
	files   [][]byte
}

// environment is that of every run: no credentials, no settings of the user's.
func environment(home string) []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "NO_COLOR=1", "GOMAXPROCS=" + os.Getenv("GOMAXPROCS")}
}

// prepare writes an account twice and applies one of the two to the embedded sandbox.
func (b *bencher) prepare(n int) (s state, err error) {
	s.account, err = writeAccount(filepath.Join(b.folder, fmt.Sprint("new-", n)), n)
	if err != nil {
		return s, err
	}
	s.applied = filepath.Join(b.folder, fmt.Sprint("applied-", n))
	if err = os.RemoveAll(s.applied); err == nil {
		_, err = writeAccount(s.applied, n)
	}
	if err != nil {
		return s, err
	}
	fmt.Fprintf(os.Stderr, "bench: applying %d resources to the embedded sandbox\n", s.Resources)
	s.apply, err = b.program(s.applied, "apply", "--auto-approve", "--parallelism", "16").run(b.ctx)
	if err != nil {
		return s, err
	}
	s.files, err = read(s.Folder)
	return s, err
}

func (b *bencher) program(folder string, args ...string) program {
	return program{Dir: folder, Env: environment(b.folder), Args: append([]string{b.mokasync}, args...)}
}

func read(folder string) (files [][]byte, err error) {
	err = filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		data, err := os.ReadFile(path)
		files = append(files, data)
		return err
	})
	return files, err
}

// decode is what a plan is measured against: yaml.v3 decoding the same bytes to nodes, with two workers.
func (s *state) decode() error {
	jobs := make(chan []byte)
	failed := make(chan error, 2)
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			for data := range jobs {
				for dec := yaml.NewDecoder(bytes.NewReader(data)); ; {
					var n yaml.Node
					if err := dec.Decode(&n); err == io.EOF {
						break
					} else if err != nil {
						failed <- err
						return
					}
				}
			}
		})
	}
	for _, data := range s.files {
		select {
		case jobs <- data:
		case err := <-failed:
			return err
		}
	}
	close(jobs)
	workers.Wait()
	return nil
}

// table measures all rows and prints them.
func (b *bencher) table(w io.Writer) error {
	fmt.Fprintln(w, "| what | took | against | took | ratio | must | reach for | spread |\n|---|--:|---|--:|--:|--:|--:|--:|")
	decoded, err := timed(b.runs, b.large.decode)
	if err != nil {
		return err
	}
	plans := map[string]figures{}
	peaks := map[string]int64{}
	for name, p := range map[string]program{
		"unchanged": b.program(b.large.applied, "plan"), "new": b.program(b.large.Folder, "plan"), "small": b.program(b.small.applied, "plan"), "version": b.program(b.folder, "version"),
	} {
		if plans[name], peaks[name], err = repeat(b.ctx, p, b.runs); err != nil {
			return err
		}
	}
	const against = "yaml.v3 nodes of the same bytes, 2 workers"
	row := func(what string, f figures, against string, base figures, must, reach float64) {
		fmt.Fprintf(w, "| %s | %.3f s | %s | %.3f s | %.2f | %g | %g | %.0f %% |\n", what, f.median().Seconds(), against, base.median().Seconds(), ratio(f, base), must, reach, f.spread())
	}
	row(fmt.Sprintf("plan, %d, nothing changed", b.large.Resources), plans["unchanged"], against, decoded, 1.5, 1.2)
	row(fmt.Sprintf("plan, %d, all new", b.large.Resources), plans["new"], against, decoded, 2.5, 1.6)
	memory := float64(peaks["unchanged"]-peaks["version"]) / float64(b.large.Resources) / 1024
	fmt.Fprintf(w, "| memory a resource, plan of %d | %.2f KiB | | | | 3 | 1.5 | |\n", b.large.Resources, memory)
	growth := math.Log(plans["unchanged"].median().Seconds()/plans["small"].median().Seconds()) / math.Log(float64(b.large.Resources)/float64(b.small.Resources))
	fmt.Fprintf(w, "| growth %d → %d, exponent | %.2f | | | | 1.1 | 1.03 | |\n", b.small.Resources, b.large.Resources, growth)
	if err := b.lockfile(row); err != nil {
		return err
	}
	fmt.Fprintf(w, "| apply of %d creates, no latency | %.1f s | apply of %d | %.1f s | %.1f | linear, 500 MB | | peak %.0f MB |\n", b.large.Resources, b.large.apply.Wall.Seconds(), b.small.Resources,
		b.small.apply.Wall.Seconds(), b.large.apply.Wall.Seconds()/b.small.apply.Wall.Seconds(), float64(b.large.apply.Peak)/1e6)
	fmt.Fprintf(w, "| mokasync version | %.4f s | | | | 1 | 0.4 | %.0f %% |\n", plans["version"].median().Seconds(), plans["version"].spread())
	return nil
}

func ratio(f, base figures) float64 { return f.median().Seconds() / base.median().Seconds() }

// lockfile measures reading and indexing the lockfile against reading its bytes.
func (b *bencher) lockfile(row func(what string, f figures, against string, base figures, must, reach float64)) error {
	path := filepath.Join(b.large.applied, "mokasync.sandbox.lock")
	bytesOnly, err := timed(b.runs, func() error { _, err := os.ReadFile(path); return err })
	if err != nil {
		return err
	}
	parsed, err := timed(b.runs, func() error { _, err := (&lockfile.Store{Path: path}).Read(); return err })
	if err == nil {
		row("lockfile read and indexed", parsed, "reading its bytes", bytesOnly, 9, 3)
	}
	return err
}
