//go:build crashpoints

// Package crashpoint names the places at which the kill harness ends the process, as a power cut or the kernel would: without a farewell.
package crashpoint

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

var (
	mu     sync.Mutex
	passed = map[string]int{}
)

// At is a named place. MOKASYNC_CRASH=NAME@N kills the process when it comes there for the Nth time; MOKASYNC_CRASH_LOG=FILE notes every place passed.
func At(name string) {
	mu.Lock()
	defer mu.Unlock()
	passed[name]++
	if file := os.Getenv("MOKASYNC_CRASH_LOG"); file != "" {
		note(file, name)
	}
	at, count, found := strings.Cut(os.Getenv("MOKASYNC_CRASH"), "@")
	if n, err := strconv.Atoi(count); found && err == nil && at == name && n == passed[name] {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // until the kernel is done
	}
}

func note(file, name string) {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	fmt.Fprintln(f, name)
}
