package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/cli"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/sandbox"
	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite what the scripts compare with")

func TestMain(m *testing.M) {
	// These tests wait for servers and settle times far more than they compute.
	flag.Set("test.parallel", "6")
	testscript.Main(m, map[string]func(){"mokasync": runProgram})
}

// runProgram is cmd/mokasync with a fixed version.
func runProgram() {
	takeSignals := func() <-chan os.Signal {
		signals := make(chan os.Signal, 4)
		signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
		return signals
	}
	os.Exit(cli.Run(context.Background(), cli.Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, LookupEnv: os.LookupEnv, TakeSignals: takeSignals, Now: time.Now, Version: "v0.0.0-test",
		// TERMINAL pretends that the streams are terminals.
		StdinTTY: os.Getenv("TERMINAL") != "", StderrTTY: os.Getenv("TERMINAL") != "", StdoutTTY: os.Getenv("TERMINAL") != "",
	}, os.Args[1:]))
}

// The scripts tell how the command line behaves: a file a subject, headed by what it guards. Beside testscript's own commands they have:
//
//	exits N CMD…          runs CMD, which must exit with N
//	serve [NAME=VALUE…]   starts a sandbox with these switches and sets MOKA_ENDPOINT and credentials
//	control METHOD PATH [BODY]  speaks to the sandbox's control surface; the answer is standard output
//	call OP JSON          calls the sandbox as a colleague would, past mokasync; the answer is standard output
//	writes OP N           the sandbox has committed N writes of OP since the last `writes` of it
//	respond STATUS BODY   starts a server that answers so, and sets MOKA_ENDPOINT
//	hold FILE             holds the lock of a lockfile until the script ends
//	replace FILE OLD NEW  replaces text that must be there
//	killed METHOD CMD…     runs CMD and kills it (SIGKILL) when the sandbox has had a call of METHOD
//	background METHOD CMD… runs CMD beside the script, which goes on when the sandbox has had a call of METHOD; it is killed at the end
//	token                  sets TOKEN to the one stored card of customer "other"
//	signalled METHOD N EXIT CMD…  runs CMD, sends it N interrupts once the sandbox has had a call of METHOD, and wants the exit code
//	forge …                the forge of forge_test.go
//	lacks FILE TEXT…      none of the texts stands in the file (stdout and stderr are files too)
func TestScripts(t *testing.T) {
	examples, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("EXAMPLES", examples)
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("TMPDIR", env.WorkDir)
			env.Setenv("MOKASYNC_SETTLE", "300ms")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "serve": serve, "control": control, "call": call, "writes": writes, "respond": respond, "hold": hold, "replace": replace, "lacks": lacks,
			"forge": forgeCommand, "killed": killed, "background": background, "token": token, "signalled": signalled,
		},
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("%s exits with %d, want %d\nstdout:\n%s\nstderr:\n%s", strings.Join(args[1:], " "), got, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// served is a sandbox of one script.
type served struct {
	url    string
	dealer sandbox.Dealer
	counts map[string]int
}

// sandboxes are those of the scripts, by a script's work folder.
var (
	mu        sync.Mutex
	sandboxes = map[string]*served{}
)

func serve(ts *testscript.TestScript, _ bool, args []string) {
	options := sandbox.Options{Dealers: []sandbox.Dealer{sandbox.DefaultDealer()}, Control: true}
	for _, text := range args {
		setting, err := sandbox.ParseSwitch(text)
		ts.Check(err)
		options.Switches = append(options.Switches, setting)
	}
	handler, err := sandbox.New(options)
	ts.Check(err)
	server := httptest.NewServer(handler)
	ts.Defer(func() { server.CloseClientConnections(); server.Close(); handler.Close() })
	d := sandbox.DefaultDealer()
	mu.Lock()
	sandboxes[ts.Getenv("WORK")] = &served{url: server.URL, dealer: d, counts: map[string]int{}}
	mu.Unlock()
	ts.Setenv("MOKA_ENDPOINT", server.URL)
	ts.Setenv("MOKA_DEALER_CODE", d.Code)
	ts.Setenv("MOKA_USERNAME", d.Username)
	ts.Setenv("MOKA_PASSWORD", d.Password)
}

func sandboxOf(ts *testscript.TestScript) *served {
	mu.Lock()
	defer mu.Unlock()
	s := sandboxes[ts.Getenv("WORK")]
	if s == nil {
		ts.Fatalf("serve first")
	}
	return s
}

func control(ts *testscript.TestScript, _ bool, args []string) {
	body := ""
	if len(args) > 2 {
		body = args[2]
	}
	status, answer := request(ts, args[0], sandboxOf(ts).url+"/_sandbox/"+args[1], body)
	if status != http.StatusOK && status != http.StatusNoContent {
		ts.Fatalf("%v: %d %s", args, status, answer)
	}
	fmt.Fprint(ts.Stdout(), answer)
}

func call(ts *testscript.TestScript, _ bool, args []string) {
	s := sandboxOf(ts)
	family, _, _ := strings.Cut(args[0], "/")
	key := moka.Credentials{DealerCode: s.dealer.Code, Username: s.dealer.Username, Password: s.dealer.Password}.CheckKey()
	body := fmt.Sprintf(`{"%sAuthentication":{"DealerCode":%q,"Username":%q,"Password":%q,"CheckKey":%q},"%sRequest":%s}`,
		family, s.dealer.Code, s.dealer.Username, s.dealer.Password, key, family, args[1])
	_, answer := request(ts, http.MethodPost, s.url+"/"+args[0], body)
	fmt.Fprintln(ts.Stdout(), answer)
}

func request(ts *testscript.TestScript, method, url, body string) (int, string) {
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	ts.Check(err)
	answer, err := http.DefaultClient.Do(r)
	ts.Check(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	ts.Check(err)
	return answer.StatusCode, string(text)
}

func writes(ts *testscript.TestScript, _ bool, args []string) {
	s := sandboxOf(ts)
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	_, text := request(ts, http.MethodGet, s.url+"/_sandbox/ledger", "")
	var ledger sandbox.Ledger
	ts.Check(json.Unmarshal([]byte(text), &ledger))
	mu.Lock()
	defer mu.Unlock()
	total := int(ledger.Writes[args[0]])
	if args[0] == "all" {
		for _, n := range ledger.Writes {
			total += int(n)
		}
	}
	if got := total - s.counts[args[0]]; got != want {
		ts.Fatalf("%d writes of %s, want %d: %s", got, args[0], want, text)
	}
	s.counts[args[0]] = total
}

func respond(ts *testscript.TestScript, _ bool, args []string) {
	status, err := strconv.Atoi(args[0])
	ts.Check(err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, args[1])
	}))
	ts.Defer(server.Close)
	ts.Setenv("MOKA_ENDPOINT", server.URL)
	ts.Setenv("MOKA_DEALER_CODE", "1731")
	ts.Setenv("MOKA_USERNAME", "u")
	ts.Setenv("MOKA_PASSWORD", "p")
}

func hold(ts *testscript.TestScript, _ bool, args []string) {
	store := &lockfile.Store{Path: ts.MkAbs(args[0])}
	session, err := store.Begin("mokasync apply elsewhere", time.Date(2027, 1, 15, 9, 0, 0, 0, time.UTC), func() *lockfile.Lock {
		return lockfile.New("sandbox", "sandbox", lockfile.NewSalt())
	})
	ts.Check(err)
	ts.Defer(session.End)
}

func replace(ts *testscript.TestScript, _ bool, args []string) {
	name := ts.MkAbs(args[0])
	text, err := os.ReadFile(name)
	ts.Check(err)
	unescape := strings.NewReplacer(`\n`, "\n")
	from, to := unescape.Replace(args[1]), unescape.Replace(args[2])
	if !bytes.Contains(text, []byte(from)) {
		ts.Fatalf("%s does not hold %q", args[0], from)
	}
	ts.Check(os.WriteFile(name, bytes.ReplaceAll(text, []byte(from), []byte(to)), 0o644))
}

// start runs a command of a script beside it, until the sandbox has had one call more of a method.
func start(ts *testscript.TestScript, method string, args []string) (*exec.Cmd, *bytes.Buffer, *bytes.Buffer) {
	calls := func() int64 {
		_, text := request(ts, http.MethodGet, sandboxOf(ts).url+"/_sandbox/ledger", "")
		var ledger sandbox.Ledger
		ts.Check(json.Unmarshal([]byte(text), &ledger))
		var n int64
		for op, count := range ledger.Calls {
			if strings.HasSuffix(op, "."+method) {
				n += count
			}
		}
		return n
	}
	before := calls()
	program, err := exec.LookPath(args[0])
	ts.Check(err)
	cmd := exec.Command(program, args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "MOKA_ENDPOINT", "MOKA_DEALER_CODE", "MOKA_USERNAME", "MOKA_PASSWORD", "MOKASYNC_SETTLE", "ELIF_PASSWORD"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	ts.Check(cmd.Start())
	for deadline := time.Now().Add(20 * time.Second); calls() == before; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			cmd.Process.Kill()
			ts.Fatalf("%s was never called:\n%s%s", method, &stdout, &stderr)
		}
	}
	return cmd, &stdout, &stderr
}

func killed(ts *testscript.TestScript, _ bool, args []string) {
	cmd, _, _ := start(ts, args[0], args[1:])
	ts.Check(cmd.Process.Kill())
	if err := cmd.Wait(); err == nil {
		ts.Fatalf("it ended before it was killed")
	}
}

func background(ts *testscript.TestScript, _ bool, args []string) {
	cmd, _, _ := start(ts, args[0], args[1:])
	ts.Defer(func() { cmd.Process.Kill(); cmd.Wait() })
}

func token(ts *testscript.TestScript, _ bool, _ []string) {
	s := sandboxOf(ts)
	r, err := moka.NewReader(moka.Options{BaseURL: s.url, Credentials: moka.Credentials{DealerCode: s.dealer.Code, Username: s.dealer.Username, Password: s.dealer.Password}})
	ts.Check(err)
	ts.Check(r.GetCardList(context.Background(), moka.Record{{Name: "CustomerCode", Value: "other"}}, func(card moka.Record) error {
		ts.Setenv("TOKEN", card.Get("CardToken"))
		return nil
	}))
}

func signalled(ts *testscript.TestScript, _ bool, args []string) {
	cmd, stdout, stderr := start(ts, args[0], args[3:])
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	for range n {
		ts.Check(cmd.Process.Signal(syscall.SIGINT))
		time.Sleep(50 * time.Millisecond) // two at once are one
	}
	cmd.Wait() // the exit code is looked at below
	fmt.Fprint(ts.Stdout(), stdout)
	fmt.Fprint(ts.Stderr(), stderr)
	if got := cmd.ProcessState.ExitCode(); strconv.Itoa(got) != args[2] {
		ts.Fatalf("exits with %d, want %s\n%s%s", got, args[2], stdout, stderr)
	}
}

func lacks(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	if text == "" {
		ts.Fatalf("%s is empty: nothing could stand in it", args[0])
	}
	for _, not := range args[1:] {
		if strings.Contains(strings.ToLower(text), strings.ToLower(not)) {
			ts.Fatalf("%s holds %q:\n%s", args[0], not, text)
		}
	}
}
