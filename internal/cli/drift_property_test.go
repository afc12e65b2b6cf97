package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/calendar"
	"github.com/mokasync/mokasync/internal/cli"
	"github.com/mokasync/mokasync/internal/edit"
	"github.com/mokasync/mokasync/internal/sandbox"
	"github.com/mokasync/mokasync/internal/spec"
	"pgregory.net/rapid"
)

// driftFiles are manifests in several styles, with comments everywhere. All values stand in driftBase too.
var driftFiles = map[string]string{
	"people.yaml": `# People.
apiVersion: mokasync/v1
kind: Customer
metadata: {name: a} # first
spec:
  # who
  firstName: Elif # given
  lastName: 'Öz' # family

  email: a@example.com
  address: "Moda" # where
  gender: female
--- # next
{apiVersion: mokasync/v1, kind: Customer, metadata: {name: b}, spec: {firstName: Elif, lastName: Öz, email: a@example.com, address: Moda, gender: female}} # flow
---
apiVersion: mokasync/v1
kind: Card
metadata: {name: c1}
spec: {customer: a, token: 7e57ca4d-0000-4000-8000-000000000001, cardName: Bonus}
---
apiVersion: mokasync/v1
kind: Card
metadata: {name: c2}
spec:
  customer: a
  token: 7e57ca4d-0000-4000-8000-000000000002
  cardName: Bonus # what she calls it
`,
	"deep/sales.yaml": strings.ReplaceAll(`# Windows.
apiVersion: mokasync/v1
kind: Product
metadata: {name: p1}
spec: {productName: P1}
---
apiVersion: mokasync/v1
kind: Schedule
metadata: {name: m1}
spec:
  frequency: monthly # how often
  every: 1
  daysOfMonth:
    - 15 # pay day
---
apiVersion: mokasync/v1
kind: Schedule
metadata: {name: m2}
spec: {frequency: monthly, every: 1, daysOfMonth: [15]}
---
# A sale.
apiVersion: mokasync/v1
kind: Sale
metadata: {name: s1}
spec:
  customer: a
  product: p1
  schedule: m1 # when
  cards: [c1] # in order
  amount: "10.00" # each time
  installmentNumber: 1
  beginDate: "2035-01-15"
  endDate: "2036-01-15" # a year
  howManyTrial: 1
  description: yaz # said
`, "\n", "\r\n"),
}

// driftChoices are the values, in a manifest's canonical text, that the property draws from; the first is the one that the files have.
var driftChoices = map[string]map[string][]string{
	"customer/a": person, "customer/b": person,
	"card/c1": {"cardName": {"Bonus", "Yeni", "12", "a: b # c"}}, "card/c2": {"cardName": {"Bonus", "Yeni", "12", "a: b # c"}},
	"schedule/m1": rhythm, "schedule/m2": rhythm,
	"sale/s1": {
		"schedule": {"m1", "m2"}, "cards": {"c1", "c2", "c1,c2", "c2,c1"}, "amount": {"10.00", "10.50", "999.00"}, "installmentNumber": {"1", "3", "12"},
		"endDate": {"2036-01-15", "never", "2037-01-15"}, "howManyTrial": {"1", "2"}, "description": {"yaz", "", "yes", "two words", "x: y # z"},
	},
}

var (
	person = map[string][]string{"firstName": {"Elif", "Ayşe", "Mert Can"}, "lastName": {"Öz", "", "yes", "007", "O'Neil \"x\""}, "email": {"a@example.com", "", "b@example.com"},
		"address": {"Moda", "", "Çankaya, 2: #3"}, "gender": {"female", "male"}}
	rhythm = map[string][]string{"every": {"1", "2"}, "daysOfMonth": {"15", "1,15", "3", "1,2,28"}}
)

// driftWorld is an account whose manifests and Moka's side are edited at random.
type driftWorld struct {
	t           *rapid.T
	folder      string
	server      *sandbox.Server
	url         string
	here, there map[string]map[string]string // what the manifests say, and what Moka has, by address and field
	ids         map[string]int64
}

func (w *driftWorld) run(want int, args ...string) string {
	env := map[string]string{"MOKA_ENDPOINT": w.url, "MOKA_DEALER_CODE": sandbox.DefaultDealerCode, "MOKA_USERNAME": sandbox.DefaultUsername, "MOKA_PASSWORD": sandbox.DefaultPassword,
		"MOKASYNC_SETTLE": "100ms", "TMPDIR": filepath.Dir(w.folder)}
	var stdout, stderr bytes.Buffer
	got := cli.Run(context.Background(), cli.Env{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: time.Now, Version: "test",
		LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok }}, append(args, w.folder))
	if got != want {
		w.t.Fatalf("mokasync %s exits with %d, want %d\n%s%s%s", strings.Join(args, " "), got, want, &stdout, &stderr, manifestsOf(w.folder))
	}
	return stdout.String()
}

func manifestsOf(folder string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(driftFiles)) {
		text, err := os.ReadFile(filepath.Join(folder, name))
		fmt.Fprintf(&b, "== %s %v\n%s", name, err, text)
	}
	return b.String()
}

// call changes something at Moka, as a colleague does.
func (w *driftWorld) call(op string, request map[string]any) map[string]any {
	family, _, _ := strings.Cut(op, "/")
	d := sandbox.DefaultDealer()
	body, err := json.Marshal(map[string]any{
		family + "Authentication": map[string]any{"DealerCode": d.Code, "Username": d.Username, "Password": d.Password, "CheckKey": d.CheckKey()}, family + "Request": request,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	w.server.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/"+op, bytes.NewReader(body)))
	var out struct {
		ResultCode string
		Data       map[string]any
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &out); err != nil || out.ResultCode != "Success" {
		w.t.Fatalf("%s: %v: %s", op, err, answer.Body)
	}
	return out.Data
}

// tell has Moka say what w.there says of an address. Every member is sent.
func (w *driftWorld) tell(address string) {
	v := w.there[address]
	name := address[strings.Index(address, "/")+1:]
	token := func(card string) string {
		return map[string]string{"": "", "c1": sandbox.TestCardToken(1), "c2": sandbox.TestCardToken(2)}[card]
	}
	switch strings.Split(address, "/")[0] {
	case "customer":
		w.call("DealerCustomer/UpdateCustomer", map[string]any{"CustomerCode": name, "FirstName": v["firstName"], "LastName": v["lastName"], "Email": v["email"], "Address": v["address"],
			"Gender": map[string]string{"male": "1", "female": "2"}[v["gender"]]})
	case "card":
		w.call("DealerCustomer/UpdateCard", map[string]any{"CardToken": token(name), "CardName": v["cardName"]})
	case "schedule":
		w.call("DealerSale/UpdateSchedule", map[string]any{"DealerSaleScheduleId": w.ids[name], "ScheduleName": name, "DailyWeeklyMonthly": "3", "EveryX": v["every"], "DaysOfMonth": v["daysOfMonth"]})
	case "sale":
		cards := append(strings.Split(v["cards"], ","), "", "")
		w.call("DealerSale/UpdateSale", map[string]any{"SaleCode": name, "Amount": v["amount"], "InstallmentNumber": v["installmentNumber"], "SaleDate": time.Now().In(calendar.Istanbul).Format("20060102"),
			"BeginDate": "20350115", "EndDate": strings.TrimPrefix(strings.ReplaceAll(v["endDate"], "-", ""), "never"), "HowManyTrial": v["howManyTrial"], "Description": v["description"],
			"DealerSaleScheduleId": w.ids[v["schedule"]], "DefaultCard1Token": token(cards[0]), "DefaultCard2Token": token(cards[1]), "DefaultCard3Token": "", "PlanType": "1"})
	}
}

// write has the manifest of an address say a value.
func (w *driftWorld) write(address, field, text string) {
	file := filepath.Join(w.folder, "people.yaml")
	if !strings.HasPrefix(address, "customer/") && !strings.HasPrefix(address, "card/") {
		file = filepath.Join(w.folder, "deep/sales.yaml")
	}
	data, err := os.ReadFile(file)
	if err != nil {
		w.t.Fatal(err)
	}
	a, err := spec.ParseAddress(address)
	if err != nil {
		w.t.Fatal(err)
	}
	f := a.Kind.Def().Field(field)
	v := &spec.Value{Field: f, Text: text}
	if f.IsList() {
		v.Text = ""
		for _, item := range strings.Split(text, ",") {
			v.SetItems(append(v.Items(), spec.Value{Field: f, Text: item}))
		}
	}
	now, err := edit.Set(file, data, a, 0, edit.Change{Field: field, Value: v})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(file, now, 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// expected is what a drift should find: address → where, and field → where.
func (w *driftWorld) expected() map[string]map[string]string {
	out := map[string]map[string]string{}
	for address, fields := range driftChoices {
		for field, choices := range fields {
			here, there, base := w.here[address][field], w.there[address][field], choices[0]
			where := ""
			switch {
			case here == there:
			case here == base:
				where = "there"
			case there == base:
				where = "here"
			default:
				where = "both"
			}
			if where == "" {
				continue
			}
			if out[address] == nil {
				out[address] = map[string]string{"": where}
			}
			out[address][field] = where
			if out[address][""] != where {
				out[address][""] = "both"
			}
		}
	}
	return out
}

// comments gives the comments in all files, in any order.
func (w *driftWorld) comments() []string {
	var out []string
	for line := range strings.Lines(manifestsOf(w.folder)) {
		for _, text := range []string{"# People.", "# first", "# who", "# given", "# family", "# where", "# next", "# flow", "# what she calls it", "# Windows.", "# how often", "# pay day", "# A sale.", "# when",
			"# in order", "# each time", "# a year", "# said"} {
			if strings.HasSuffix(strings.TrimRight(line, "\r\n"), text) {
				out = append(out, text)
			}
		}
	}
	slices.Sort(out)
	return out
}

// Whatever is changed here and there: a drift finds exactly that. Accepted, nothing is left of it, neither for a drift nor for a plan; no comment is lost, and nothing is sent.
func TestDriftAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		handler, err := sandbox.New(sandbox.Options{Dealers: []sandbox.Dealer{sandbox.DefaultDealer()}})
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(handler)
		defer func() { server.CloseClientConnections(); server.Close(); handler.Close() }()
		parent, err := os.MkdirTemp("", "drift")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(parent)
		w := &driftWorld{t: t, folder: filepath.Join(parent, "billing"), server: handler, url: server.URL, here: map[string]map[string]string{}, there: map[string]map[string]string{}, ids: map[string]int64{}}
		for name, text := range driftFiles {
			path := filepath.Join(w.folder, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		w.run(0, "apply", "--auto-approve")
		for _, row := range w.call("DealerSale/GetScheduleList", nil)["SaleScheduleList"].([]any) {
			s := row.(map[string]any)
			w.ids[s["ScheduleName"].(string)] = int64(s["DealerSaleScheduleId"].(float64))
		}
		w.run(0, "drift")
		for _, address := range slices.Sorted(maps.Keys(driftChoices)) {
			w.here[address], w.there[address] = map[string]string{}, map[string]string{}
			for _, field := range slices.Sorted(maps.Keys(driftChoices[address])) {
				choices := driftChoices[address][field]
				w.here[address][field], w.there[address][field] = choices[0], choices[0]
				draw := func(side string) string { return rapid.SampledFrom(choices).Draw(t, side+" "+address+"."+field) }
				if rapid.IntRange(0, 3).Draw(t, "there?") == 0 {
					w.there[address][field] = draw("there")
				}
				if rapid.IntRange(0, 3).Draw(t, "here?") == 0 {
					w.here[address][field] = draw("here")
					if w.here[address][field] != choices[0] {
						w.write(address, field, w.here[address][field])
					}
				}
			}
			if !maps.Equal(w.there[address], baseOf(address)) {
				w.tell(address)
			}
		}
		w.judge()
	})
}

func baseOf(address string) map[string]string {
	out := map[string]string{}
	for field, choices := range driftChoices[address] {
		out[field] = choices[0]
	}
	return out
}

func (w *driftWorld) judge() {
	want := w.expected()
	code := 0
	if len(want) > 0 {
		code = 2
	}
	var doc struct {
		Drift []struct {
			Address, Where string
			Fields         []struct{ Name, Where string }
		}
	}
	if err := json.Unmarshal([]byte(w.run(code, "drift", "--format", "json")), &doc); err != nil {
		w.t.Fatal(err)
	}
	got := map[string]map[string]string{}
	accept := []string{"drift", "--auto-approve"}
	for _, row := range doc.Drift {
		got[row.Address] = map[string]string{"": row.Where}
		for _, f := range row.Fields {
			got[row.Address][f.Name] = f.Where
		}
		accept = append(accept, "--accept", row.Address)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Fatalf("the drift is\n%v, want\n%v\n%s", got, want, manifestsOf(w.folder))
	}
	comments := w.comments()
	before := w.server.Ledger().Writes
	if len(got) > 0 {
		w.run(0, accept...)
	}
	w.run(0, "drift")
	w.run(0, "validate")
	w.run(0, "plan", "--detailed-exitcode", "--refresh")
	if after := w.comments(); !slices.Equal(comments, after) {
		w.t.Fatalf("comments were %q and are %q\n%s", comments, after, manifestsOf(w.folder))
	}
	w.run(0, "apply", "--auto-approve") // what was equal here and there has a lockfile that is behind
	w.run(0, "plan", "--detailed-exitcode")
	if after := w.server.Ledger().Writes; fmt.Sprint(before) != fmt.Sprint(after) {
		w.t.Fatalf("something was sent: the ledger had %v and has %v", before, after)
	}
}
