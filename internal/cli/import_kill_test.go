package cli_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/sandbox"
)

var importKills = flag.Int("importkills", 8, "how often an import is killed at a random moment")

// importerArena runs imports of one account as processes that can be killed.
type importerArena struct {
	t            *testing.T
	program, url string
	folder       string // in which the imports lie
}

func newImporterArena(t *testing.T) *importerArena {
	t.Helper()
	handler, err := sandbox.New(sandbox.Options{Dealers: []sandbox.Dealer{sandbox.DefaultDealer()}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close(); handler.Close() })
	a := &importerArena{t: t, program: buildWithCrashPoints(t), url: server.URL, folder: t.TempDir()}
	for i := range 12 {
		a.call("DealerCustomer/AddCustomer", fmt.Sprintf(`{"CustomerCode":"c%d","FirstName":"Şule","Email":"c%d@example.com"}`, i, i))
		a.call("DealerCustomer/AddCard", fmt.Sprintf(`{"CustomerCode":"c%d","CardHolderFullName":"Ş","CardNumber":"5127541122223332","ExpMonth":"01","ExpYear":"2040"}`, i))
	}
	a.call("DealerSale/AddProduct", `{"ProductCode":"p","ProductName":"P"}`)
	a.call("DealerSale/AddSchedule", `{"ScheduleName":"Aylık","DailyWeeklyMonthly":3,"DaysOfMonth":"1,31"}`)
	a.call("DealerSale/AddSale", `{"CustomerCode":"c1","ProductCode":"p","SaleCode":"s","Amount":"1","DealerSaleScheduleId":1005,"SaleDate":"20350101","BeginDate":"20350115","DefaultCard1Token":"9de41bb0-e82f-4670-b36b-d71ff27a3111"}`)
	return a
}

func (a *importerArena) call(op, request string) {
	a.t.Helper()
	d := sandbox.DefaultDealer()
	family, _, _ := strings.Cut(op, "/")
	key := moka.Credentials{DealerCode: d.Code, Username: d.Username, Password: d.Password}.CheckKey()
	body := fmt.Sprintf(`{"%sAuthentication":{"DealerCode":%q,"Username":%q,"Password":%q,"CheckKey":%q},"%sRequest":%s}`, family, d.Code, d.Username, d.Password, key, family, request)
	answer, err := http.Post(a.url+"/"+op, "application/json", strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, _ := io.ReadAll(answer.Body); !bytes.Contains(text, []byte(`"Success"`)) {
		a.t.Fatalf("%s: %s", op, text)
	}
}

// run runs a command about a folder, killed at a crash point or after a while if one is given. It reports whether it was killed.
func (a *importerArena) run(dir string, env []string, after time.Duration, args ...string) (killed bool, code int, out string) {
	a.t.Helper()
	cmd := exec.Command(a.program, append(args, dir)...)
	cmd.Env = append([]string{"MOKA_ENDPOINT=" + a.url, "MOKA_DEALER_CODE=1731", "MOKA_USERNAME=ApiUserDemo", "MOKA_PASSWORD=S3cretDemo", "MOKASYNC_KEY=k",
		"MOKASYNC_NOW=2034-06-01T10:00:00+03:00", "HOME=" + a.folder, "TMPDIR=" + a.folder}, env...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		a.t.Fatal(err)
	}
	if after > 0 {
		timer := time.AfterFunc(after, func() { cmd.Process.Kill() })
		defer timer.Stop()
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return true, 0, ""
	}
	return false, cmd.ProcessState.ExitCode(), output.String()
}

// imported gives what lies in a folder, but for the guard, which names processes.
func imported(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".guard") {
			return err
		}
		text, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, dir)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// An import that is killed with SIGKILL, at every crash point or at random moments, once or twice, is finished by the next: the same files as without a death, and an empty plan.
func TestImportKilled(t *testing.T) {
	a := newImporterArena(t)
	whole, log := filepath.Join(a.folder, "whole"), filepath.Join(t.TempDir(), "points")
	begun := time.Now()
	if _, code, out := a.run(whole, []string{"MOKASYNC_CRASH_LOG=" + log}, 0, "import", "--layout", "customer"); code != 0 {
		t.Fatal(out)
	}
	took := time.Since(begun)
	want := imported(t, whole)
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for i, name := range strings.Fields(string(text)) {
		count[name]++
		a.dies(filepath.Join(a.folder, fmt.Sprint("point", i)), want, fmt.Sprintf("%s@%d", name, count[name]), 0)
	}
	for _, name := range []string{"import-begun", "import-committed", "import-placed", "file-rename", "import-saved"} {
		if count[name] == 0 {
			t.Errorf("the crash point %s is never passed", name)
		}
	}
	random := rand.New(rand.NewPCG(*killSeed, 3))
	for i := range *importKills {
		a.dies(filepath.Join(a.folder, fmt.Sprint("random", i)), want, "", time.Duration(random.Int64N(int64(took))))
	}
}

// dies kills an import, and another that would finish it, and has a third one finish it.
func (a *importerArena) dies(dir string, want map[string]string, point string, after time.Duration) {
	a.t.Helper()
	what := fmt.Sprintf("%s %v", point, after)
	var env []string
	if point != "" {
		env = []string{"MOKASYNC_CRASH=" + point}
	}
	killed, code, out := a.run(dir, env, after, "import", "--layout", "customer")
	if !killed && code != 0 {
		a.t.Fatalf("%s: %s", what, out)
	}
	if killed && after > 0 {
		a.run(dir, nil, after/2, "import", "--layout", "customer")
	}
	_, code, out = a.run(dir, nil, 0, "import", "--layout", "customer")
	if finished := code == 1 && strings.Contains(out, "is not empty"); code != 0 && !finished {
		a.t.Fatalf("%s: it is not finished: exit %d\n%s", what, code, out)
	}
	if diff := cmp.Diff(want, imported(a.t, dir)); diff != "" {
		a.t.Fatalf("%s: not what it is without a death (want -, got +):\n%s", what, diff)
	}
	if _, code, out := a.run(dir, nil, 0, "plan", "--detailed-exitcode", "--refresh"); code != 0 {
		a.t.Fatalf("%s: the plan: exit %d\n%s", what, code, out)
	}
}

// Between the death of an import and its end somebody may apply what is in place already. The lockfile of that stays, and nothing is made twice.
func TestImportMeetsApply(t *testing.T) {
	a := newImporterArena(t)
	dir, salted := filepath.Join(a.folder, "met"), "MOKASYNC_KEY="
	if killed, _, out := a.run(dir, []string{salted, "MOKASYNC_CRASH=import-placed@2"}, 0, "import"); !killed {
		t.Fatalf("it is not killed: %s", out)
	}
	if _, code, out := a.run(dir, []string{salted}, 0, "apply", "--auto-approve"); code != 0 { // cards and customers are in place
		t.Fatalf("the apply of a part: exit %d\n%s", code, out)
	}
	if _, code, out := a.run(dir, []string{salted}, 0, "import"); code != 0 || !strings.Contains(out, "It stays") {
		t.Fatalf("it is not finished: exit %d\n%s", code, out)
	}
	if _, code, out := a.run(dir, []string{salted}, 0, "apply", "--auto-approve", "--format", "json"); code != 0 || strings.Contains(out, `"adopted": false`) {
		t.Fatalf("what is there is not taken over: exit %d\n%s", code, out)
	}
	if _, code, out := a.run(dir, []string{salted}, 0, "plan", "--detailed-exitcode", "--refresh"); code != 0 {
		t.Fatalf("the plan: exit %d\n%s", code, out)
	}
}
