package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mokasync/mokasync/internal/cli"
	"github.com/mokasync/mokasync/internal/sandbox"
	"pgregory.net/rapid"
)

// merchant fills a sandbox by calls of its own, as any client library would, and knows nothing of mokasync.
type merchant struct {
	t       *rapid.T
	server  *sandbox.Server
	numbers map[string][]int64 // Moka's numbers by kind, of what was once there
	tokens  []string
}

// wire are members of a request.
type wire map[string]any

// call makes a call and gives its Data, nil for a refusal.
func (m *merchant) call(op string, request wire) map[string]any {
	return callMoka(m.t, m.server, op, request)
}

// callMoka calls a sandbox past mokasync and gives the answer's Data, nil for a refusal.
func callMoka(t interface{ Fatalf(string, ...any) }, server *sandbox.Server, op string, request wire) map[string]any {
	family, _, _ := strings.Cut(op, "/")
	d := sandbox.DefaultDealer()
	body, err := json.Marshal(map[string]any{
		family + "Authentication": wire{"DealerCode": d.Code, "Username": d.Username, "Password": d.Password, "CheckKey": d.CheckKey()},
		family + "Request":        request,
	})
	if err != nil {
		t.Fatalf("%v", err)
	}
	answer := httptest.NewRecorder()
	server.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/"+op, bytes.NewReader(body)))
	var out struct{ Data any }
	if err := json.Unmarshal(answer.Body.Bytes(), &out); err != nil {
		t.Fatalf("%s: %v: %s", op, err, answer.Body)
	}
	data, _ := out.Data.(map[string]any)
	return data
}

// oddTexts are what people type, paste, and what programs make of it.
var oddTexts = []string{
	"", "a", "A", "ı", "I", "İ", "i", "yes", "null", "~", "007", "1e3", "2027-01-15", "true", "Elif", "elif", "ELİF", "Elıf", " leading", "trailing ", "\ttab", "two\nlines", "line\r\nend", "nel\u0085", "bell\a", "zero\x00",
	"Şule Çağlar", "e\u0301", "é", "日本", "🙂", "a\u200db", "\u202eevil", "\ufeffbom", "4111 1111 1111 1111", "4111111111111111", "4111-1111 11111111", "a/b", "..", "../x", "a:b", "a-b", "a b", "{x}", "[x]", "#x", "x #y", "x: y", "'", "\"", "\\",
	"mokasync", "kustomization", "con", "-", "---", "*", "&a", "!x", "%d", "|", ">", "@home", "`x`", "9de41bb0-e82f-4670-b36b-d71ff27a3111", "x\u2028y", "\ufffd", strings.Repeat("ş", 40), strings.Repeat("uzun ", 9), "customer-1033", "a-2", "sales",
}

func (m *merchant) text(label string, most int) string {
	text := rapid.OneOf(rapid.SampledFrom(oddTexts), rapid.SampledFrom(oddTexts), rapid.StringN(0, 12, -1)).Draw(m.t, label)
	if r := []rune(text); len(r) > most {
		text = string(r[:most])
	}
	return text
}

func (m *merchant) date(label string) string {
	return rapid.SampledFrom([]string{"20340601", "20340602", "20340615", "20350228", "20991231", ""}).Draw(m.t, label)
}

// of gives one of Moka's numbers of a kind, also of what is gone; 0 for none.
func (m *merchant) of(kind string) int64 {
	if len(m.numbers[kind]) == 0 {
		return 0
	}
	return rapid.SampledFrom(m.numbers[kind]).Draw(m.t, kind)
}

func (m *merchant) keep(kind, member string, data map[string]any) {
	if id, ok := data[member].(float64); ok {
		m.numbers[kind] = append(m.numbers[kind], int64(id))
	}
}

// act does one of the things that a merchant does. What Moka refuses is no matter.
func (m *merchant) act() {
	switch rapid.SampledFrom([]string{"customer", "customer", "card", "card", "product", "schedule", "schedule", "sale", "sale", "sale", "sale", "step", "step", "remove", "rename", "later"}).Draw(m.t, "act") {
	case "customer":
		data := m.call("DealerCustomer/AddCustomer", wire{"CustomerCode": m.text("code", 100), "Password": "s3cret-pw", "FirstName": m.text("first", 50), "LastName": m.text("last", 50),
			"Gender": rapid.IntRange(0, 2).Draw(m.t, "gender"), "BirthDate": m.date("birth"), "GsmNumber": m.text("gsm", 20), "Address": m.text("address", 200),
			"Email": rapid.SampledFrom([]string{"", "elif@example.com", "çağ@örnek.com.tr", "a@b.c", "x@y..z"}).Draw(m.t, "email")})
		customer, _ := data["DealerCustomer"].(map[string]any)
		m.keep("customer", "DealerCustomerId", customer)
	case "card":
		data := m.call("DealerCustomer/AddCard", wire{"DealerCustomerId": m.of("customer"), "CardHolderFullName": "E Y", "CardNumber": fmt.Sprintf("5%015d", rapid.IntRange(0, 1_000_000).Draw(m.t, "number")),
			"ExpMonth": "01", "ExpYear": "2040", "CardName": m.text("card name", 50)})
		if cards, _ := data["CardList"].([]any); len(cards) > 0 {
			m.tokens = append(m.tokens, cards[0].(map[string]any)["CardToken"].(string))
		}
	case "product":
		m.keep("product", "DealerProductId", m.call("DealerSale/AddProduct", wire{"ProductCode": m.text("code", 1000), "ProductName": m.text("name", 100)}))
	case "schedule":
		m.keep("schedule", "DealerSaleScheduleId", m.call("DealerSale/AddSchedule", wire{"ScheduleName": m.text("name", 100), "DailyWeeklyMonthly": rapid.IntRange(1, 3).Draw(m.t, "rhythm"),
			"EveryX": rapid.IntRange(1, 3).Draw(m.t, "every"), "DaysOfWeek": rapid.SampledFrom([]string{"1", "7,1", "3,3"}).Draw(m.t, "week"),
			"DaysOfMonth": rapid.SampledFrom([]string{"15", "31,1", "5,5"}).Draw(m.t, "month")}))
	case "sale":
		m.addSale()
	case "step":
		m.keep("step", "DealerPaymentPlanId", m.call("DealerSale/AddPaymentPlan", wire{"DealerSaleId": m.of("sale"), "PaymentDate": m.date("day"), "Amount": "25.45",
			"Currency": rapid.SampledFrom([]string{"", "EUR"}).Draw(m.t, "currency"), "InstallmentNumber": rapid.IntRange(0, 3).Draw(m.t, "instalments")}))
	case "remove":
		m.remove()
	case "rename":
		m.call("DealerCustomer/UpdateCustomer", wire{"DealerCustomerId": m.of("customer"), "CustomerCode": m.text("code", 100), "Address": m.text("address", 200)})
	case "later":
		m.call("DealerSale/UpdateSale", wire{"DealerSaleId": m.of("sale"), "EndDate": m.date("end"), "Description": m.text("description", 200), "SaleCode": ""})
	}
}

func (m *merchant) addSale() {
	token := func(label string) string {
		return rapid.SampledFrom(append([]string{"", sandbox.TestCardToken(1), sandbox.TestCardToken(2)}, m.tokens...)).Draw(m.t, label)
	}
	for range 4 { // most tokens are of another customer, and refused
		data := m.call("DealerSale/AddSale", wire{"DealerCustomerId": m.of("customer"), "DealerProductId": m.of("product"), "DealerSaleScheduleId": m.of("schedule"), "SaleCode": m.text("code", 100),
			"Amount": rapid.SampledFrom([]string{"0.01", "149.90", "1", "999999999999.99"}).Draw(m.t, "amount"), "Currency": rapid.SampledFrom([]string{"", "TL", "USD", "EUR"}).Draw(m.t, "currency"),
			"InstallmentNumber": rapid.IntRange(1, 12).Draw(m.t, "instalments"), "SaleDate": "20340601", "BeginDate": m.date("begin"), "EndDate": m.date("end"),
			"HowManyTrial": rapid.IntRange(0, 2).Draw(m.t, "trials"), "Description": m.text("description", 200), "PlanType": rapid.IntRange(1, 3).Draw(m.t, "plan"),
			"DealerCustomerTypeId": rapid.SampledFrom([]int{0, 0, 0, 7}).Draw(m.t, "type"), "DefaultCard1Token": token("card 1"), "DefaultCard2Token": token("card 2"), "DefaultCard3Token": token("card 3")})
		if m.keep("sale", "DealerSaleId", data); data != nil {
			return
		}
	}
}

func (m *merchant) remove() {
	switch rapid.SampledFrom([]string{"customer", "product", "schedule", "sale", "card", "step"}).Draw(m.t, "removed") {
	case "customer":
		m.call("DealerCustomer/RemoveCustomer", wire{"DealerCustomerId": m.of("customer")})
	case "product":
		m.call("DealerSale/DeleteProduct", wire{"DealerProductId": m.of("product")})
	case "schedule":
		m.call("DealerSale/DeleteSchedule", wire{"DealerSaleScheduleId": m.of("schedule")})
	case "sale":
		m.call("DealerSale/DeleteSale", wire{"DealerSaleId": m.of("sale")})
	case "step":
		m.call("DealerSale/DeletePaymentPlan", wire{"DealerPaymentPlanId": m.of("step")})
	case "card":
		if len(m.tokens) > 0 {
			m.call("DealerCustomer/RemoveCard", wire{"CardToken": rapid.SampledFrom(m.tokens).Draw(m.t, "token")})
		}
	}
}

// there counts what is at Moka, by the kinds' names in addresses. Of payment steps those that a merchant has made and that still come.
func (m *merchant) there(today string) map[string]int {
	n := map[string]int{"customer": 0, "product": 0, "schedule": 0, "card": 0, "sale": 0, "paymentstep": 0}
	rows := func(op, list string, request wire) []any {
		rows, _ := m.call(op, request)[list].([]any)
		return rows
	}
	customers := rows("DealerCustomer/GetCustomerList", "DealerCustomerList", nil)
	for _, c := range customers {
		n["card"] += len(rows("DealerCustomer/GetCardList", "CardList", wire{"DealerCustomerId": c.(map[string]any)["DealerCustomerId"]}))
	}
	n["customer"] = len(customers)
	n["product"] = len(rows("DealerSale/GetProductList", "ProductList", nil))
	n["schedule"] = len(rows("DealerSale/GetScheduleList", "SaleScheduleList", nil))
	n["sale"] = len(rows("DealerSale/GetSaleList", "DealerSaleList", nil))
	for _, row := range rows("DealerSale/GetPaymentPlanReport", "PaymentPlanList", wire{"PaymentPlanPaymentDateStart": "20000101", "PaymentPlanPaymentDateEnd": "29991231"}) {
		step := row.(map[string]any)
		if status := step["PlanStatus"].(float64); step["IsManualPlan"] == true && step["PaymentDate"].(string) >= today && status != 1 && status != 3 {
			n["paymentstep"]++
		}
	}
	return n
}

// importable are the switches that change what an account may hold, or how its lists answer.
var importable = []string{"duplicate-sale-code", "empty-list", "failure-status", "remove-card", "update-customer-code", "add-step-automatic", "blank-members", "step-range", "deleted-sale-steps", "delete-sale-steps", "update-sale-omitted"}

// Whatever an account holds, it is imported: every thing at Moka has a manifest or is named as left out, the manifests are valid and in our own style, and both plans are empty.
func TestImportAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var switches []sandbox.Setting
		for _, s := range sandbox.KnownSwitches() {
			if slices.Contains(importable, s.Name) {
				switches = append(switches, sandbox.Setting{Name: s.Name, Value: rapid.SampledFrom(s.Values).Draw(t, s.Name)})
			}
		}
		now := time.Date(2034, 6, 1, 9, 0, 0, 0, time.UTC)
		handler, err := sandbox.New(sandbox.Options{Dealers: []sandbox.Dealer{sandbox.DefaultDealer()}, Switches: switches, Clock: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(handler)
		defer func() { server.CloseClientConnections(); server.Close(); handler.Close() }()
		m := &merchant{t: t, server: handler, numbers: map[string][]int64{}}
		for range rapid.IntRange(0, 60).Draw(t, "acts") {
			m.act()
		}
		if rapid.Bool().Draw(t, "time passes") {
			now = now.AddDate(0, 0, 10)
		}
		folder, err := os.MkdirTemp("", "import")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(folder)
		dir := filepath.Join(folder, "billing")
		run := func(want int, args ...string) string {
			var stdout, stderr bytes.Buffer
			env := map[string]string{"MOKA_ENDPOINT": server.URL, "MOKA_DEALER_CODE": sandbox.DefaultDealerCode, "MOKA_USERNAME": sandbox.DefaultUsername, "MOKA_PASSWORD": sandbox.DefaultPassword,
				"TMPDIR": folder, "MOKASYNC_KEY": "k"}
			got := cli.Run(context.Background(), cli.Env{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: func() time.Time { return now }, Version: "test",
				LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok }}, append(args, dir))
			if got != want {
				t.Fatalf("mokasync %s exits with %d, want %d\n%s%s%s", strings.Join(args, " "), got, want, &stdout, &stderr, manifestsIn(dir))
			}
			return stdout.String()
		}
		var result struct {
			Summary map[string]int
			LeftOut []struct{ Kind string }
		}
		if err := json.Unmarshal([]byte(run(0, "import", "--format", "json", "--layout", rapid.SampledFrom([]string{"kind", "customer"}).Draw(t, "layout"))), &result); err != nil {
			t.Fatal(err)
		}
		manifests := 0
		for _, n := range result.Summary {
			manifests += n
		}
		for _, left := range result.LeftOut {
			result.Summary[left.Kind]++
		}
		if there := m.there(now.Format("20060102")); fmt.Sprint(result.Summary) != fmt.Sprint(there) {
			t.Fatalf("imported and left out: %v; at Moka: %v\n%s", result.Summary, there, manifestsIn(dir))
		}
		if manifests == 0 {
			return
		}
		run(0, "validate")
		run(0, "plan", "--detailed-exitcode")
		run(0, "plan", "--detailed-exitcode", "--refresh")
		run(0, "fmt", "--check")
		for _, secret := range []string{"s3cret-pw", "4111 1111", "41111111", "4111-1111"} {
			if text := manifestsIn(dir); strings.Contains(text, secret) {
				t.Fatalf("a password or a card number is written: …%s\n%s", text[max(0, strings.Index(text, secret)-200):][:min(500, len(text[max(0, strings.Index(text, secret)-200):]))], text)
			}
		}
	})
}

// manifestsIn gives all files below a folder.
func manifestsIn(dir string) string {
	var b strings.Builder
	filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			text, _ := os.ReadFile(path) // only shown
			fmt.Fprintf(&b, "== %s\n%s", path, text)
		}
		return nil
	})
	return b.String()
}
