package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// heading says on what the table was measured, and with which versions.
func (b *bencher) heading() string {
	versions := append([]string{runtime.Version()}, b.versions...)
	text := fmt.Sprintf("%s, %d cores of which each program uses %d, %s, %s; %s; %s; ", processor(), runtime.NumCPU(), min(b.procs, runtime.NumCPU()), kernel(), runtime.GOARCH, strings.Join(versions, ", "), time.Now().Format(time.DateOnly))
	if large := b.accounts[b.large]; large != nil {
		text += fmt.Sprintf("%s resources are %.1f MB of manifests; ", count(large.Resources), float64(large.Bytes)/1e6)
	}
	return text + fmt.Sprintf("medians of %d runs.\n", b.runs)
}

// processor is the model as Linux names it.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo") // elsewhere: unknown
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "a processor of unknown model"
}

func kernel() string {
	out, err := exec.Command("uname", "-sr").Output()
	if err != nil {
		return runtime.GOOS
	}
	return strings.TrimSpace(string(out))
}
