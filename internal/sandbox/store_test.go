package sandbox

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// reopen closes a sandbox and opens its data file anew.
func reopen(t testing.TB, s *Server) *Server {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	return open(t, Options{Data: s.store.path, LockWait: time.Second})
}

// busy does something of everything, with rows that are replaced and removed.
func busy(t testing.TB, s *Server) {
	t.Helper()
	stock(t, s)
	must(t, s, "AddCustomerWithCard", `{"CustomerCode":"C",`+newCard+`}`)
	must(t, s, "AddSale", saleRequest())
	must(t, s, "AddSale", saleRequest("Amount", `"0.01"`, "Description", `"line\nbreak \u2028 ğ"`))
	must(t, s, "AddSale", saleRequest("SaleCode", `"s2"`, "DefaultCard2Token", `"`+TestCardToken(2)+`"`))
	must(t, s, "UpdateSale", `{"SaleCode":"s2","Amount":"7"}`)
	must(t, s, "DeleteSale", `{"DealerSaleId":1004}`)
	must(t, s, "UpdateCustomer", `{"CustomerCode":"A","FirstName":"x"}`)
	must(t, s, "RemoveCustomer", `{"CustomerCode":"B"}`)
	must(t, s, "RemoveCard", `{"CardToken":"`+TestCardToken(2)+`"}`)
	must(t, s, "UpdateCard", `{"CardToken":"`+TestCardToken(3)+`","CardName":"third"}`)
	must(t, s, "AddSchedule", `{"DailyWeeklyMonthly":"1"}`)
	must(t, s, "DeleteSchedule", `{"DealerSaleScheduleId":"1006"}`)
	must(t, s, "AddProduct", `{"ProductName":"Silver"}`)
	must(t, s, "DeleteProduct", `{"DealerProductId":"1009"}`)
}

// whole is all that a data file is to bring back.
func whole(s *Server) map[string]any {
	w := map[string]any{"next": s.next, "writes": s.writes, "salt": s.salt}
	for dealer, a := range s.accounts {
		t := a.truth
		w[dealer], w[dealer+" past"] = snapshot(t), []any{t.salesByCode, t.pastSchedules, t.addedOn, t.lastDue, t.liveSteps}
	}
	return w
}

func TestDataSurvive(t *testing.T) {
	s := open(t, Options{Data: filepath.Join(t.TempDir(), "data")})
	busy(t, s)
	again := reopen(t, s)
	if diff := cmp.Diff(whole(again), whole(s)); diff != "" {
		t.Errorf("reopened (-), before (+):\n%s", diff)
	}
	// A removed row's id is not given again, and a number is still recognised.
	if got := field(t, must(t, again, "AddProduct", `{"ProductName":"New"}`), "DealerProductId"); got != "1011" {
		t.Errorf("got product %s, want 1011", got)
	}
	wantCode(t, again, "AddCard", `{"CustomerCode":"C",`+newCard+`}`, "CardAlreadyExists")
}

// The same holds after a compaction, and the file is then as small as can be.
func TestCompaction(t *testing.T) {
	s := open(t, Options{Data: filepath.Join(t.TempDir(), "data")})
	busy(t, s)
	for i := range 200 {
		must(t, s, "UpdateCustomer", fmt.Sprintf(`{"CustomerCode":"A","FirstName":"%d"}`, i))
	}
	before := s.store.size
	again := reopen(t, s)
	if diff := cmp.Diff(whole(again), whole(s)); diff != "" {
		t.Errorf("compacted (-), before (+):\n%s", diff)
	}
	if again.store.lines > 20 || again.store.size > before/10 {
		t.Errorf("got %d lines, %d bytes of %d", again.store.lines, again.store.size, before)
	}
	third := reopen(t, again)
	if diff := cmp.Diff(whole(third), whole(s)); diff != "" {
		t.Errorf("compacted and reopened (-), before (+):\n%s", diff)
	}
}

// It holds customers' passwords: nobody else may read it, whatever it was before.
func TestFileMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s := open(t, Options{Data: path})
	must(t, s, "AddCustomer", `{}`)
	for _, name := range []string{path, path + ".guard"} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: got mode %v, %v, want 0600", name, info.Mode(), err)
		}
	}
}

// Cut anywhere in its last line, the file opens as it was before that line.
func TestTornLastLine(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Data: filepath.Join(dir, "data")})
	must(t, s, "AddCustomer", `{"CustomerCode":"A"}`)
	kept := s.store.size
	must(t, s, "AddCustomer", `{"CustomerCode":"B"}`)
	s.Close()
	data, err := os.ReadFile(s.store.path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := int(kept); cut < len(data); cut++ {
		path := filepath.Join(dir, fmt.Sprint("cut", cut))
		if err := os.WriteFile(path, data[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		torn := open(t, Options{Data: path})
		if l := torn.Ledger(); l.Counts.Customers != 1 {
			t.Fatalf("cut at %d: got %d customers, want 1", cut, l.Counts.Customers)
		}
		must(t, torn, "AddCustomer", `{"CustomerCode":"B"}`)
		if l := reopen(t, torn).Ledger(); l.Counts.Customers != 2 {
			t.Fatalf("cut at %d, then added to: got %d customers, want 2", cut, l.Counts.Customers)
		}
	}
}

// Any other damage is refused with the number of its line, and the file stays
// as it is.
func TestDamagedFile(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Data: filepath.Join(dir, "data")})
	busy(t, s)
	s.Close()
	good, err := os.ReadFile(s.store.path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(good, []byte("\n"))
	flipped := func(line int) []byte {
		at := len(bytes.Join(lines[:line-1], nil)) + 30
		bad := bytes.Clone(good)
		bad[at] ^= 1
		return bad
	}
	other, err := new(lineEncoder).encode(&record{Header: &header{Format: "mokasync-sandbox/2"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data []byte
		line int
	}{
		"a bit in the header":       {flipped(1), 1},
		"a bit in the middle":       {flipped(5), 5},
		"a bit in the last line":    {flipped(len(lines) - 1), len(lines) - 1},
		"an empty line":             {append(bytes.Clone(lines[0]), '\n'), 2},
		"no header":                 {bytes.Join(lines[1:], nil), 1},
		"another format":            {other, 1},
		"something else":            {[]byte("kind: Customer\n"), 1},
		"something else, one line":  {[]byte("kind: Customer"), 1},
		"something else at the end": {append(bytes.Clone(good), "kind: Customer"...), len(lines)},
		"JSON, but not ours":        {append(bytes.Clone(lines[0]), "{}\n"...), 2},
	} {
		path := filepath.Join(dir, "damaged")
		if err := os.WriteFile(path, c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := New(Options{Data: path, Dealers: []Dealer{DefaultDealer()}})
		var damaged *DamagedError
		if !errors.As(err, &damaged) || damaged.Line != c.line || damaged.Path != path {
			t.Errorf("%s: got %v, want damage in line %d", name, err, c.line)
		}
		if after, _ := os.ReadFile(path); !bytes.Equal(after, c.data) {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

// A long file is read in pieces. Wherever those end, and however long a line is,
// the file holds its whole lines, and damage is told by its line.
func TestLongFile(t *testing.T) {
	var data []byte
	var ends []int // of the lines; the first is the header's
	for i, size := range []int{0, 40, linesAtOnce - 500, 1, linesAtOnce + 17, 300, 0, 20} {
		r := &record{Dealer: "d", Products: []*product{{ID: int64(i), Name: strings.Repeat("x", size)}}}
		if i == 0 {
			r = &record{Header: &header{Format: dataFormat}}
		}
		line, err := new(lineEncoder).encode(r)
		if err != nil {
			t.Fatal(err)
		}
		data = append(data, line...)
		ends = append(ends, len(data))
	}
	read := func(from io.Reader) (records []*record, whole int64, err error) {
		whole, err = readData(from, func(r *record) error {
			if n := len(records); n > 0 && r.Products[0].ID != int64(n) {
				t.Errorf("record %d comes as the one after %d", r.Products[0].ID, n)
			}
			records = append(records, r)
			return nil
		})
		return records, whole, err
	}
	for _, at := range append(slices.Clone(ends), linesAtOnce, 2*linesAtOnce) {
		for cut := at - 1; cut <= min(at+1, len(data)); cut++ {
			lines, _ := slices.BinarySearch(ends, cut+1) // how many end up to the cut
			records, whole, err := read(bytes.NewReader(data[:cut]))
			var damaged *DamagedError
			switch {
			case lines == 0 && (!errors.As(err, &damaged) || damaged.Line != 1):
				t.Errorf("cut in the header at %d: %v", cut, err)
			case lines > 0 && (err != nil || len(records) != lines || whole != int64(ends[lines-1])):
				t.Errorf("cut at %d: %d records in %d bytes, %v, want %d in %d", cut, len(records), whole, err, lines, ends[lines-1])
			}
		}
	}
	for i, end := range ends {
		bad := bytes.Clone(data)
		bad[end-3] ^= 1
		var damaged *DamagedError
		if _, _, err := read(bytes.NewReader(bad)); !errors.As(err, &damaged) || damaged.Line != i+1 {
			t.Errorf("got %v, want damage in line %d", err, i+1)
		}
	}
	broken := errors.New("the disk fails")
	if _, _, err := read(io.MultiReader(bytes.NewReader(data[:ends[5]]), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("got %v, want the disk's error", err)
	}
}

func TestUnusableFile(t *testing.T) {
	dir := t.TempDir()
	for name, path := range map[string]string{"a folder": dir, "no folder": filepath.Join(dir, "none", "data")} {
		if _, err := New(Options{Data: path, Dealers: []Dealer{DefaultDealer()}}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A link to a data file stays a link.
func TestLinkedFile(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	if err := os.WriteFile(filepath.Join(dir, "real"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real", link); err != nil {
		t.Skip("no symbolic links here")
	}
	open(t, Options{Data: link})
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("got %v, %v, want a link", info.Mode(), err)
	}
}

// Two cannot have one file: the second waits for a short while and then says so.
func TestFileInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	s := open(t, Options{Data: path})
	if _, err := New(Options{Data: path, Dealers: []Dealer{DefaultDealer()}, LockWait: 30 * time.Millisecond}); !errors.Is(err, ErrInUse) {
		t.Fatalf("got %v, want ErrInUse", err)
	}
	opened := make(chan error)
	go func() {
		second, err := New(Options{Data: path, Dealers: []Dealer{DefaultDealer()}, LockWait: 10 * time.Second})
		if err == nil {
			second.Close()
		}
		opened <- err
	}()
	s.Close()
	if err := <-opened; err != nil {
		t.Errorf("while the first ends: got %v", err)
	}
}

// readOnly is a file that cannot be written to.
func readOnly(t testing.TB, path string) *os.File {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

// What cannot be written is not done, and is answered with EX.
func TestFullDisk(t *testing.T) {
	s := open(t, Options{Data: filepath.Join(t.TempDir(), "data")})
	must(t, s, "AddCustomer", `{"CustomerCode":"A"}`)
	working := s.store.file
	s.store.file = readOnly(t, filepath.Join(t.TempDir(), "other"))
	if r := ask(t, s, "AddCustomer", `{"CustomerCode":"B"}`); r.ResultCode != "EX" {
		t.Errorf("got %s, want EX", r.text)
	}
	wantCode(t, s, "GetCustomer", `{"CustomerCode":"B"}`, "DealerCustomerNotFound")
	s.store.file, s.store.broken = working, nil
	if got := field(t, field(t, must(t, s, "AddCustomer", `{"CustomerCode":"B"}`), "DealerCustomer"), "DealerCustomerId"); got != "1034" {
		t.Errorf("got id %s, want 1034", got)
	}
}

func TestClosed(t *testing.T) {
	s := open(t, Options{Data: filepath.Join(t.TempDir(), "data")})
	must(t, s, "AddCustomer", `{}`)
	s.Close()
	if err := s.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
	wantCode(t, s, "AddCustomer", `{}`, "EX")
	if err := s.Reset(true); err == nil {
		t.Error("a closed sandbox was reset")
	}
}

// A process that adds sales is killed at any moment: every sale that was
// answered is there, at most one more, and the lock is free at once.
func TestKilled(t *testing.T) {
	if os.Getenv("SANDBOX_KILLED_DATA") != "" {
		addUntilKilled(t)
		return
	}
	path := filepath.Join(t.TempDir(), "data")
	answered := 0
	for round := range 5 {
		child := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		child.Env = append(os.Environ(), "SANDBOX_KILLED_DATA="+path)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan() && strings.HasPrefix(lines.Text(), "added"); n++ {
			answered++
			if n == 20+37*round {
				child.Process.Kill()
			}
		}
		child.Wait()
		s := open(t, Options{Data: path, LockWait: time.Millisecond})
		sales := s.Ledger().Counts.Sales
		if sales < answered || sales > answered+1 {
			t.Fatalf("round %d: got %d sales, %d were answered", round, sales, answered)
		}
		answered = sales
		s.Close()
	}
}

// addUntilKilled is the other process of TestKilled.
func addUntilKilled(t *testing.T) {
	s := open(t, Options{Data: os.Getenv("SANDBOX_KILLED_DATA")})
	if s.Ledger().Counts.Products == 0 {
		stock(t, s)
	}
	for range 100_000 {
		must(t, s, "AddSale", saleRequest("SaleCode", ""))
		fmt.Println("added")
	}
}

// withSum makes a line of a data file of a text with a wrong checksum.
func withSum(text string) []byte {
	rest := text[sumLen:]
	return fmt.Appendf(nil, "%s%08x%s%s\n", sumStart, crc32.Checksum([]byte(rest), castagnoli), sumEnd, rest)
}
