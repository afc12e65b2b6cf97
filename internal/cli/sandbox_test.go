package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/cli"
	"github.com/mokasync/mokasync/internal/moka"
)

// serveSandbox runs `mokasync sandbox` and gives what it prints as a shell would read it, and how to end it.
func serveSandbox(t *testing.T, data string) (env map[string]string, end func() int) {
	t.Helper()
	read, write := io.Pipe()
	signals, code := make(chan os.Signal, 1), make(chan int, 1)
	var stderr bytes.Buffer
	go func() {
		code <- cli.Run(context.Background(), cli.Env{
			Stdin: strings.NewReader(""), Stdout: write, Stderr: &stderr, Now: time.Now, Version: "test", TakeSignals: func() <-chan os.Signal { return signals },
			LookupEnv: func(string) (string, bool) { return "", false },
		}, []string{"sandbox", "--listen", "127.0.0.1:0", "--data", data})
		write.Close()
	}()
	env = map[string]string{}
	lines := bufio.NewScanner(read)
	for len(env) < 4 && lines.Scan() {
		if name, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "="); ok {
			env[name] = value
		}
	}
	if len(env) < 4 {
		t.Fatalf("it printed only %v\n%s", env, &stderr)
	}
	go io.Copy(io.Discard, read)
	return env, func() int {
		signals <- syscall.SIGINT
		return <-code
	}
}

// The served sandbox prints its address and credentials as lines for a shell, ends in good order, and has its data again when it comes back.
func TestServeSandbox(t *testing.T) {
	data := filepath.Join(t.TempDir(), "sandbox.data")
	folder := t.TempDir()
	w := &world{t: t, folder: folder}
	w.write("apiVersion: mokasync/v1\nkind: Product\nmetadata: {name: gold}\nspec: {productName: Gold}\n")
	env, end := serveSandbox(t, data)
	w.env = env
	w.env["TMPDIR"] = folder
	w.run(0, "apply", "--auto-approve")
	if code := end(); code != 0 {
		t.Fatalf("the sandbox exits with %d", code)
	}
	env, end = serveSandbox(t, data)
	defer end()
	r, err := moka.NewReader(moka.Options{BaseURL: env["MOKA_ENDPOINT"], Credentials: moka.Credentials{DealerCode: env["MOKA_DEALER_CODE"], Username: env["MOKA_USERNAME"], Password: env["MOKA_PASSWORD"]}})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	if err := r.GetProductList(context.Background(), func(p moka.Record) error { names = append(names, p.Get("ProductCode")); return nil }); err != nil || len(names) != 1 || names[0] != "gold" {
		t.Errorf("after it came back it has %v, %v", names, err)
	}
	if info, err := os.Stat(data); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the data file: %v, %v", info.Mode(), err)
	}
}
