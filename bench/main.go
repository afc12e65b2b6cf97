// Command bench measures mokasync on made-up accounts and prints a table: what was measured, against what, the ratio, and what it must be.
//
//	go run ./bench                 # all rows, 10,000 and 100,000 resources
//	go run ./bench -n 2000 -runs 3 # a quick look: the large account has 2,000 resources
//
// Ratios compare two things that were measured in the same minutes on the same machine; times by themselves say little.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
)

func main() {
	large := flag.Int("n", 100_000, "resources of the large account; the small one has a tenth")
	runs := flag.Int("runs", 5, "runs of each measurement, after one that does not count")
	keep := flag.String("dir", "", "work in this folder and keep it; default: a temporary one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := bench(ctx, *large, *runs, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, large, runs int, folder string) error {
	if folder == "" {
		temporary, err := os.MkdirTemp("", "mokasync-bench")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temporary)
		folder = temporary
	}
	b := &bencher{ctx: ctx, folder: folder, runs: runs, mokasync: filepath.Join(folder, "mokasync")}
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", b.mokasync, "./cmd/mokasync")
	build.Env, build.Stderr = append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("go build: %w (run it from the repository's root)", err)
	}
	var err error
	for at, n := range map[*state]int{&b.small: large / 10, &b.large: large} {
		if *at, err = b.prepare(n); err != nil {
			return err
		}
	}
	fmt.Printf("mokasync on %s, %d cores, %s; %d and %d resources (%.1f MB), medians of %d runs\n\n", runtime.GOOS+"/"+runtime.GOARCH, runtime.NumCPU(), runtime.Version(),
		b.small.Resources, b.large.Resources, float64(b.large.Bytes)/1e6, runs)
	return b.table(os.Stdout)
}
