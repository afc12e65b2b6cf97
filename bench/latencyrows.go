package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	latency     = 50 * time.Millisecond
	inFlight    = 16
	slowFsync   = 10 * time.Millisecond
	overNetwork = 3000 // resources
)

// latencyRows are applies over the loopback to a sandbox that waits before each answer, on the disk that is there and on one with a slow fsync, against the calls' own time: as many calls as the
// server counted, each as long as it waits, so many at once.
func (b *bencher) latencyRows() ([]row, error) {
	folder := filepath.Join(b.folder, "latency")
	if err := os.RemoveAll(folder); err != nil {
		return nil, err
	}
	if _, err := writeAccount(folder, min(overNetwork, b.large)); err != nil {
		return nil, err
	}
	command := fmt.Sprintf("apply, %v a call, %d parallel, journal on", latency, inFlight)
	rows := []row{{What: command, Must: 1.10, Reach: 1.05}, {What: fmt.Sprintf("the same with an fsync of %v", slowFsync), Must: 1.35, Reach: 1.06}}
	calls, walls := make([]samples, 2), make([]samples, 2)
	var counted int
	for round := range b.runs + 1 {
		for i := range rows {
			n, s, err := b.applyOver(folder, i == 1)
			if err != nil {
				return nil, err
			}
			if counted = n; round > 0 {
				walls[i] = append(walls[i], s)
				calls[i] = append(calls[i], sample{Took: time.Duration(n) * latency / inFlight})
			}
		}
	}
	for i := range rows {
		rows[i].Took, rows[i].Base, rows[i].Figures = walls[i].took(), calls[i].took(), ratios(walls[i], calls[i])
		rows[i].Against = fmt.Sprintf("%s calls × %v ÷ %d", count(counted), latency, inFlight)
	}
	return rows, nil
}

// applyOver applies a folder anew to a server of its own, and gives how many calls the server counted. slow: on a disk with a slow fsync, by the same command in bench's own binary.
func (b *bencher) applyOver(folder string, slow bool) (calls int, s sample, err error) {
	server, err := b.serve()
	if err != nil {
		return 0, s, err
	}
	defer server.stop()
	if err := server.delay(latency); err != nil {
		return 0, s, err
	}
	if err := forget(folder); err != nil {
		return 0, s, err
	}
	p := b.command(folder, "apply", "--auto-approve", "--parallelism", fmt.Sprint(inFlight))
	if slow {
		p.Args[0] = b.self
		p.Env = append(p.Env, partVariable+"=fsync="+slowFsync.String())
		p.Args = append([]string{b.self, "--"}, p.Args[1:]...)
	}
	p.Env = append(p.Env, server.exports...)
	if s, err = p.run(b.ctx); err != nil {
		return 0, s, err
	}
	calls, err = server.calls()
	return calls, s, err
}

// served is `mokasync sandbox` at work.
type served struct {
	cmd     *exec.Cmd
	url     string
	exports []string // endpoint and credentials, as NAME=VALUE
}

// serve begins a sandbox on a free port, its data in memory.
func (b *bencher) serve() (*served, error) {
	s := &served{cmd: exec.CommandContext(b.ctx, b.mokasync, "sandbox", "--listen", "127.0.0.1:0")}
	s.cmd.Env = b.environment()
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for len(s.exports) < 4 && lines.Scan() { // the endpoint and three credentials
		if export, ok := strings.CutPrefix(lines.Text(), "export "); ok {
			s.exports = append(s.exports, export)
			if url, ok := strings.CutPrefix(export, "MOKA_ENDPOINT="); ok {
				s.url = url
			}
		}
	}
	if len(s.exports) < 4 {
		s.stop()
		return nil, fmt.Errorf("mokasync sandbox does not say how it is reached")
	}
	go io.Copy(io.Discard, out)
	return s, nil
}

func (s *served) stop() {
	s.cmd.Process.Signal(syscall.SIGTERM)
	s.cmd.Wait() // how it ends does not matter
}

// delay has it wait before it does anything, at every call.
func (s *served) delay(d time.Duration) error {
	rules, err := json.Marshal(map[string]any{"rules": []any{map[string]any{"kind": "latency", "delay": d.String()}}})
	if err != nil {
		return err
	}
	return s.control(http.MethodPut, "faults", rules, nil)
}

// calls is how many it received.
func (s *served) calls() (n int, err error) {
	var ledger struct{ Calls map[string]int }
	err = s.control(http.MethodGet, "ledger", nil, &ledger)
	for _, calls := range ledger.Calls {
		n += calls
	}
	return n, err
}

func (s *served) control(method, what string, body []byte, into any) error {
	request, err := http.NewRequestWithContext(context.Background(), method, s.url+"/_sandbox/"+what, bytes.NewReader(body))
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s: %s", method, what, answer.Status, text)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}
