package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/mokasync/mokasync/internal/cli"
	"github.com/mokasync/mokasync/internal/lockfile"
	"gopkg.in/yaml.v3"
)

// partVariable makes bench a part of itself that is measured in a process of its own, so that neither's garbage is collected at the other's cost. Its value is the part:
//
//	decode FOLDER         yaml.v3 decodes the manifests to nodes, with two workers
//	read FILE             reads a file's bytes
//	index FILE            reads and indexes a lockfile
//	fsync=10ms COMMAND…   runs a command of mokasync's on a disk whose fsync takes that long
//
// The first three print how long that took, in nanoseconds, without the process's start, and for decode without reading the files.
const partVariable = "MOKASYNC_BENCH_PART"

func part(ctx context.Context, name string, args []string) error {
	switch name {
	case "decode":
		files, err := readManifests(args[0])
		if err != nil {
			return err
		}
		return printTime(func() error { return decode(files, 2) })
	case "read":
		return printTime(func() error { _, err := os.ReadFile(args[0]); return err })
	case "index":
		return printTime(func() error { _, err := (&lockfile.Store{Path: args[0]}).Read(); return err })
	}
	var fsync time.Duration
	var err error
	if value, ok := bytes.CutPrefix([]byte(name), []byte("fsync=")); !ok {
		return fmt.Errorf("no part %q", name)
	} else if fsync, err = time.ParseDuration(string(value)); err != nil {
		return err
	}
	os.Exit(cli.Run(ctx, commandEnv(newSlowDisk(fsync)), args))
	return nil
}

// commandEnv is the world of a command that runs in bench's own process: this one's, but for the disk.
func commandEnv(disk lockfile.Disk) cli.Env {
	return cli.Env{
		Stdin: bytes.NewReader(nil), Stdout: io.Discard, Stderr: os.Stderr, LookupEnv: os.LookupEnv,
		Now: time.Now, Version: "bench", Disk: disk,
	}
}

func printTime(run func() error) error {
	start := time.Now()
	if err := run(); err != nil {
		return err
	}
	_, err := fmt.Println(time.Since(start).Nanoseconds())
	return err
}

// ownTime is how long a part says it took.
func ownTime(stdout []byte) (time.Duration, error) {
	ns, err := strconv.ParseInt(string(bytes.TrimSpace(stdout)), 10, 64)
	return time.Duration(ns), err
}

func readManifests(folder string) (files [][]byte, err error) {
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

// decode is what a plan is measured against: yaml.v3 decodes the same bytes to nodes, which are dropped at once.
func decode(files [][]byte, workers int) error {
	jobs := make(chan []byte, len(files))
	for _, data := range files {
		jobs <- data
	}
	close(jobs)
	failed := make([]error, workers)
	var all sync.WaitGroup
	for i := range workers {
		all.Go(func() {
			for data := range jobs {
				if failed[i] = decodeFile(data); failed[i] != nil {
					return
				}
			}
		})
	}
	all.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}

func decodeFile(data []byte) error {
	for dec := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var n yaml.Node
		if err := dec.Decode(&n); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}
