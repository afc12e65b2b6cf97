package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// peer is a program of the same trade that mokasync is measured against.
type peer struct {
	Name, Module, Version string
	// Package is the command's, below the module.
	Package string
	// Flags go to the linker.
	Flags string
}

var (
	kubeconform = peer{Name: "kubeconform", Module: "github.com/yannh/kubeconform", Version: "v0.8.0", Package: "cmd/kubeconform"}
	// Without the flag OpenTofu calls itself a development version.
	opentofu = peer{Name: "tofu", Module: "github.com/opentofu/opentofu", Version: "v1.12.6", Package: "cmd/tofu", Flags: "-X github.com/opentofu/opentofu/version.dev=no"}
)

func (p peer) String() string { return p.Name + " " + p.Version }

// cache is the folder of a peer in the user's cache, by version.
func (p peer) cache() (string, error) {
	folder, err := os.UserCacheDir()
	return filepath.Join(folder, "mokasync-bench", p.Name+"-"+p.Version), err
}

// get gives the peer's binary, built the first time from the module proxy's source. The module is copied and built where it is the main module: `go install` refuses one that replaces others.
func (p peer) get(ctx context.Context) (string, error) {
	folder, err := p.cache()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(folder, p.Name)
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	fmt.Fprintf(os.Stderr, "bench: building %v (once; OpenTofu takes minutes)\n", p)
	source, err := p.source(ctx)
	if err != nil {
		return "", err
	}
	work, err := os.MkdirTemp("", "mokasync-bench-peer")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	if err := os.CopyFS(work, os.DirFS(source)); err != nil {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	built := filepath.Join(work, "built") // renamed when it is whole: a build that was interrupted is none
	if _, err := goTool(ctx, work, "build", "-trimpath", "-ldflags=-s -w "+p.Flags, "-o", built, "./"+p.Package); err != nil {
		return "", err
	}
	return binary, move(built, binary)
}

// source is the folder of the module's files, as the module cache has them.
func (p peer) source(ctx context.Context) (string, error) {
	out, err := goTool(ctx, os.TempDir(), "mod", "download", "-json", p.Module+"@"+p.Version)
	if err != nil {
		return "", err
	}
	var module struct{ Dir string }
	return module.Dir, json.Unmarshal(out, &module)
}

// goTool runs go in a folder and gives its standard output.
func goTool(ctx context.Context, folder string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = folder, append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		text := stderr.String()
		return nil, fmt.Errorf("go %s: %w\n%s", args[0], err, text[max(0, len(text)-1000):])
	}
	return out, nil
}

// move puts a program in its place, which may be on another file system. It holds no more than a piece of it: a program that is measured begins with the peak of the process that starts it.
func move(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to+".tmp", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	return os.Rename(to+".tmp", to)
}

// have gives the peer's binary, or void says in a line why there is none.
func (b *bencher) have(p peer) (binary, void string) {
	binary, err := p.get(b.ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return "", p.String() + " cannot be had"
	}
	b.versions = append(b.versions, p.String())
	return binary, ""
}
