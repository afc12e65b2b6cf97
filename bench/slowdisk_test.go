package main

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// What is written is in the file, and two that sync at once take as long as one after another.
func TestSlowDisk(t *testing.T) {
	const fsync = 20 * time.Millisecond
	disk := newSlowDisk(fsync)
	name := filepath.Join(t.TempDir(), "journal")
	f, err := disk.Create(name, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("intent\n")); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	var both sync.WaitGroup
	both.Go(func() { f.Sync() })
	both.Go(func() { disk.SyncDir(filepath.Dir(name)) })
	both.Wait()
	if took := time.Since(start); took < 2*fsync {
		t.Errorf("two syncs of %v took %v", fsync, took)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(name); err != nil || string(text) != "intent\n" {
		t.Errorf("%q, %v", text, err)
	}
}
