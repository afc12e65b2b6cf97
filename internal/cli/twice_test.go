package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/cli"
	"github.com/mokasync/mokasync/internal/sandbox"
	"github.com/mokasync/mokasync/internal/spec"
)

// world is a folder of manifests and a sandbox.
type world struct {
	t      *testing.T
	folder string
	server *sandbox.Server
	env    map[string]string
}

func newWorld(t *testing.T) *world {
	handler, err := sandbox.New(sandbox.Options{Dealers: []sandbox.Dealer{sandbox.DefaultDealer()}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(func() { server.Close(); handler.Close() })
	return &world{t: t, folder: t.TempDir(), server: handler, env: map[string]string{
		"MOKA_ENDPOINT": server.URL, "MOKA_DEALER_CODE": sandbox.DefaultDealerCode, "MOKA_USERNAME": sandbox.DefaultUsername, "MOKA_PASSWORD": sandbox.DefaultPassword,
		"MOKASYNC_SETTLE": "100ms", "TMPDIR": t.TempDir(),
	}}
}

// run runs a command in the world; its exit code must be want.
func (w *world) run(want int, args ...string) string {
	w.t.Helper()
	var stdout, stderr bytes.Buffer
	got := cli.Run(context.Background(), cli.Env{
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: time.Now, Version: "test",
		LookupEnv: func(name string) (string, bool) { v, ok := w.env[name]; return v, ok },
	}, append(args, w.folder))
	if got != want {
		w.t.Fatalf("mokasync %s exits with %d, want %d\n%s%s", strings.Join(args, " "), got, want, &stdout, &stderr)
	}
	return stdout.String()
}

func (w *world) write(text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.folder, "m.yaml"), []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// settled: nothing is left to do, neither by the lockfile nor by Moka.
func (w *world) settled(more ...string) {
	w.t.Helper()
	w.run(0, append([]string{"plan", "--detailed-exitcode"}, more...)...)
	w.run(0, append([]string{"plan", "--detailed-exitcode", "--refresh"}, more...)...)
}

// actions counts a plan's actions.
func (w *world) actions() map[string]int {
	w.t.Helper()
	var doc struct{ Summary map[string]int }
	if err := json.Unmarshal([]byte(w.run(0, "plan", "--format", "json")), &doc); err != nil {
		w.t.Fatal(err)
	}
	return doc.Summary
}

func (w *world) writes() int64 {
	var n int64
	for _, count := range w.server.Ledger().Writes {
		n += count
	}
	return n
}

const twiceCustomer = "apiVersion: mokasync/v1\nkind: Customer\nmetadata: {name: c}\nspec:\n  firstName: Elif\n"

// twiceSale is a sale with all that it needs; KEY stands for one of its fields. Its other fields are those that it cannot do without, unless skip is one of them.
func twiceSale(skip string) string {
	text := twiceCustomer + `---
apiVersion: mokasync/v1
kind: Card
metadata: {name: bonus}
spec: {customer: c, token: 9de41bb0-e82f-4670-b36b-d71ff27a3111}
---
apiVersion: mokasync/v1
kind: Card
metadata: {name: axess}
spec: {customer: c, token: 7e57ca4d-0000-4000-8000-000000000001}
---
apiVersion: mokasync/v1
kind: Product
metadata: {name: p}
spec: {productName: Gold}
---
apiVersion: mokasync/v1
kind: Schedule
metadata: {name: m1}
spec: {frequency: monthly, daysOfMonth: [1]}
---
apiVersion: mokasync/v1
kind: Schedule
metadata: {name: m15}
spec: {frequency: monthly, daysOfMonth: [15]}
---
apiVersion: mokasync/v1
kind: Sale
metadata: {name: s}
spec:
  customer: c
  product: p
`
	for _, line := range []string{"schedule: m1", "cards: [bonus]", `amount: "10.00"`, `beginDate: "2035-01-15"`} {
		if name, _, _ := strings.Cut(line, ":"); name != skip {
			text += "  " + line + "\n"
		}
	}
	return text + "KEY"
}

// twiceStep is a payment step of a sale whose steps are made by hand; KEY stands for one of its fields.
func twiceStep(rest string) string {
	sale := strings.Replace(twiceSale("schedule"), "KEY", "  planType: manual\n", 1)
	return sale + "---\napiVersion: mokasync/v1\nkind: PaymentStep\nmetadata: {name: step}\nspec:\n  sale: s\n" + rest + "KEY"
}

// changeable is the table of every field that Moka can change: two values, and other spellings of the first. KEY stands where the field stands.
var changeable = []struct {
	kind      spec.Kind
	field     string
	manifest  string
	a, b      string
	spellings []string
	required  bool // cannot be left out
}{
	{spec.Customer, "firstName", strings.Replace(twiceCustomer, "  firstName: Elif\n", "  lastName: X\nKEY", 1), "firstName: Şule", "firstName: Ayşe",
		[]string{"firstName: 'Şule'", `"firstName": "Şule"`, `firstName: "\u015eule"`, "firstName: S\u0327ule", "firstName: >-\n    Şule"}, false},
	{spec.Customer, "lastName", twiceCustomer + "KEY", "lastName: Çınar", `lastName: ""`, []string{`lastName: "Çınar"`}, false},
	{spec.Customer, "gender", twiceCustomer + "KEY", "gender: female", "gender: male", []string{`gender: "female"`}, false},
	{spec.Customer, "birthDate", twiceCustomer + "KEY", `birthDate: "1990-12-18"`, `birthDate: "1988-02-29"`, []string{"birthDate: 1990-12-18", "birthDate: 1990-12-18T00:00:00Z"}, false},
	{spec.Customer, "gsmNumber", twiceCustomer + "KEY", `gsmNumber: "5301111111"`, `gsmNumber: "5302222222"`, []string{`gsmNumber: '5301111111'`}, false},
	{spec.Customer, "email", twiceCustomer + "KEY", "email: a@example.com", "email: b@example.com", []string{`email: "a@example.com"`}, false},
	{spec.Customer, "address", twiceCustomer + "KEY", "address: TAŞDELEN", "address: Moda Cad. 5 \"B\" <Kat 2>", []string{`address: "TA\u015eDELEN"`}, false},
	{spec.Card, "cardName", twiceCustomer + "---\napiVersion: mokasync/v1\nkind: Card\nmetadata: {name: k}\nspec:\n  customer: c\n  token: 9de41bb0-e82f-4670-b36b-d71ff27a3111\nKEY", "cardName: Bonus", "cardName: Bonus kartım", []string{"cardName: 'Bonus'"}, false},
	{spec.Schedule, "scheduleName", "apiVersion: mokasync/v1\nkind: Schedule\nmetadata: {name: s}\nspec:\n  frequency: daily\nKEY", "scheduleName: Her gün", "scheduleName: Günlük", []string{`scheduleName: "Her gün"`}, false},
	{spec.Schedule, "every", "apiVersion: mokasync/v1\nkind: Schedule\nmetadata: {name: s}\nspec:\n  frequency: daily\nKEY", "every: 2", "every: 3", nil, false},
	{spec.Schedule, "frequency", "apiVersion: mokasync/v1\nkind: Schedule\nmetadata: {name: s}\nspec:\nKEY", "frequency: monthly\n  daysOfMonth: [1, 15]", "frequency: weekly\n  daysOfWeek: [monday]",
		[]string{"frequency: monthly\n  daysOfMonth: [15, 1]"}, true},
	{spec.Schedule, "daysOfMonth", "apiVersion: mokasync/v1\nkind: Schedule\nmetadata: {name: s}\nspec:\n  frequency: monthly\nKEY", "daysOfMonth: [1, 15]", "daysOfMonth: [28]", []string{"daysOfMonth:\n  - 15\n  - 1"}, true},
	{spec.Schedule, "daysOfWeek", "apiVersion: mokasync/v1\nkind: Schedule\nmetadata: {name: s}\nspec:\n  frequency: weekly\nKEY", "daysOfWeek: [monday, thursday]", "daysOfWeek: [sunday]", []string{"daysOfWeek: [thursday, monday]"}, true},
	{spec.Sale, "schedule", twiceSale("schedule"), "schedule: m1", "schedule: m15", nil, true},
	{spec.Sale, "cards", twiceSale("cards"), "cards: [bonus, axess]", "cards: [axess]", []string{"cards: [bonus, {token: 7E57CA4D-0000-4000-8000-000000000001}]", "cards:\n    - bonus\n    - axess"}, true},
	{spec.Sale, "amount", twiceSale("amount"), `amount: "149.90"`, `amount: "0.50"`, []string{"amount: 149.90", "amount: 149.9", `amount: "149.9"`}, true},
	{spec.Sale, "currency", twiceSale(""), "currency: TL", "currency: USD", []string{`currency: "TL"`}, false},
	{spec.Sale, "installmentNumber", twiceSale(""), "installmentNumber: 3", "installmentNumber: 12", []string{}, false},
	{spec.Sale, "saleDate", twiceSale(""), `saleDate: "2035-01-01"`, `saleDate: "2035-01-02"`, []string{"saleDate: 2035-01-01"}, false},
	{spec.Sale, "beginDate", twiceSale("beginDate"), `beginDate: "2035-01-15"`, `beginDate: "2035-02-15"`, []string{"beginDate: 2035-01-15T00:00:00Z"}, true},
	{spec.Sale, "endDate", twiceSale(""), `endDate: "2036-01-15"`, "endDate: never", []string{"endDate: 2036-01-15"}, true},
	{spec.Sale, "howManyTrial", twiceSale(""), "howManyTrial: 2", "howManyTrial: 3", nil, false},
	{spec.Sale, "description", twiceSale(""), "description: Şubat kampanyası", `description: ""`, []string{"description: >-\n    Şubat kampanyası"}, false},
	{spec.PaymentStep, "paymentDate", twiceStep("  amount: 10\n"), `paymentDate: "2035-03-15"`, `paymentDate: "2035-04-15"`, []string{"paymentDate: 2035-03-15"}, true},
	{spec.PaymentStep, "amount", twiceStep("  paymentDate: 2035-03-15\n"), "amount: 149.9", `amount: "150.00"`, []string{`amount: "149.90"`}, true},
	{spec.PaymentStep, "currency", twiceStep("  amount: 10\n  paymentDate: 2035-03-15\n"), "currency: EUR", "currency: USD", nil, false},
	{spec.PaymentStep, "installmentNumber", twiceStep("  amount: 10\n  paymentDate: 2035-03-15\n"), "installmentNumber: 1", "installmentNumber: 2", nil, false},
	{spec.Sale, "customerTypeId", twiceSale(""), "customerTypeId: 5", "customerTypeId: 0", nil, false},
}

// Run it twice: the second run must do nothing. For every field that Moka can change, every transition, and every accepted spelling.
func TestTwice(t *testing.T) {
	for _, row := range changeable {
		t.Run(fmt.Sprintf("%s.%s", row.kind, row.field), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			set := func(value string) {
				line := ""
				if value != "" {
					line = "  " + value + "\n"
				}
				w.write(strings.Replace(row.manifest, "KEY", line, 1))
			}
			change := func(what string, updates int, writes int64) {
				t.Helper()
				if got := w.actions()["update"]; got != updates {
					t.Fatalf("%s: %d updates planned, want %d", what, got, updates)
				}
				before := w.writes()
				w.run(0, "apply", "--auto-approve")
				if got := w.writes() - before; got != writes {
					t.Fatalf("%s: %d writes, want %d", what, got, writes)
				}
				w.settled()
			}
			set(row.a)
			w.run(0, "apply", "--auto-approve")
			w.settled()
			for _, spelling := range row.spellings {
				set(spelling)
				w.settled()
			}
			set(row.b)
			change("A→B", 1, 1)
			set(row.a)
			change("B→A", 1, 1)
			if row.required {
				return
			}
			set("")
			change("A→absent", 0, 0)
			set(row.a)
			planned := 1 // what was managed once is looked at anew before it counts
			if field := row.kind.Def().Field(row.field); row.a == field.Name+": "+field.Default {
				planned = 0 // as is a default that went with the creation and is said in words later
			}
			change("absent→A, which is there still", planned, 0)
			set("")
			change("A→absent again", 0, 0)
			set(row.b)
			change("absent→B", 1, 1)
		})
	}
}

// The table above has every field that can change: a new one in the table of kinds is not forgotten here.
func TestTwiceIsWhole(t *testing.T) {
	covered := map[string]bool{"Customer.password": true} // testdata/script/password.txtar
	for _, row := range changeable {
		covered[row.kind.String()+"."+row.field] = true
	}
	for _, kind := range spec.Kinds() {
		for _, f := range kind.Def().Fields {
			if name := kind.String() + "." + f.Name; f.Change == spec.Changeable && !covered[name] {
				t.Errorf("%s can change and is in no row", name)
			}
		}
	}
}
