package sandbox

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Any sequence of calls is answered as the naive model would, also when the
// sandbox is closed and opened in between.
func TestAgainstModel(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := open(t, Options{Data: filepath.Join(t.TempDir(), "data"), Switches: parseSwitches(t, "update-sale-omitted=keep")})
		defer func() { s.Close() }()
		m := newModel()
		if rapid.Bool().Draw(r, "stocked") { // else sales rarely come about
			check(r, s, m, "AddCustomer", fields{"CustomerCode": "a"})
			check(r, s, m, "AddCustomer", fields{"CustomerCode": "b"})
			check(r, s, m, "AddProduct", fields{"ProductCode": "p", "ProductName": "one"})
			check(r, s, m, "AddSchedule", fields{"DailyWeeklyMonthly": 1.0})
		}
		for range rapid.IntRange(1, 60).Draw(r, "calls") {
			switch rapid.IntRange(0, 30).Draw(r, "between") {
			case 0:
				s.Close()
				s = open(t, Options{Data: s.store.path, Clock: s.Now, Switches: s.start.Switches})
			case 1:
				s.AdvanceClock(24 * time.Hour)
				m.today = s.Now().Format("20060102")
			}
			method, in := drawCall(r, m)
			check(r, s, m, method, in)
		}
		if got, want := s.Ledger().Counts.Sales, len(m.sales); got != want {
			r.Errorf("got %d sales, want %d", got, want)
		}
	})
}

// check makes one call in both worlds and compares.
func check(r *rapid.T, s *Server, m *model, method string, in fields) {
	request, err := json.Marshal(in)
	if err != nil {
		r.Fatal(err)
	}
	path, family := pathOf(method)
	_, answer := post(s, path, wrap(family, string(request)))
	var got envelopeReply
	if err := json.Unmarshal([]byte(answer), &got); err != nil {
		r.Fatalf("%s answered %s", method, answer)
	}
	want := m.call(method, in)
	if got.ResultCode != want.code && !strings.HasSuffix(got.ResultCode, "."+want.code) {
		r.Fatalf("%s %s: got %s, want %s", method, request, got.ResultCode, want.code)
	}
	if got.ResultCode != "Success" {
		return
	}
	data, err := seen(method, got.Data)
	if err != nil {
		r.Fatal(err)
	}
	if method == "AddCard" {
		card := data.(fields)["CardList"].([]any)[0].(fields)
		m.added(card["CardToken"].(string), in, data.(fields)["DealerCustomerId"].(float64))
		return
	}
	if diff := cmp.Diff(data, want.data); diff != "" {
		r.Fatalf("%s %s: got (-), want (+):\n%s", method, request, diff)
	}
}

// drawCall makes a call that is good more often than not: its values come from
// small pools, so that calls meet each other.
func drawCall(r *rapid.T, m *model) (method string, in fields) {
	in = fields{}
	set := func(name string, often int, values ...any) {
		if rapid.IntRange(1, 10).Draw(r, name+"?") <= often {
			in[name] = rapid.SampledFrom(values).Draw(r, name)
		}
	}
	tokens := []any{TestCardToken(1), TestCardToken(2), "51937236-82e0-4637-a8f5-2e1ec56ec870", "00000000-0000-0000-0000-000000000000"}
	for _, token := range m.order {
		tokens = append(tokens, token)
	}
	customer := func() {
		set("CustomerCode", 8, "a", "b", "c")
		set("DealerCustomerId", 2, 1033.0, 1034.0, 1035.0)
	}
	method = rapid.SampledFrom([]string{
		"AddCustomer", "AddCustomer", "UpdateCustomer", "RemoveCustomer", "GetCustomer", "GetCustomerList",
		"AddCard", "UpdateCard", "RemoveCard", "GetCard", "GetCardList", "AddProduct", "AddProduct", "DeleteProduct", "GetProductList",
		"AddSchedule", "AddSchedule", "UpdateSchedule", "DeleteSchedule", "GetSchedule", "GetScheduleList",
		"AddSale", "AddSale", "AddSale", "AddSale", "AddSale", "AddSale", "AddSale", "AddSale",
		"UpdateSale", "UpdateSale", "DeleteSale", "DeleteSale", "GetSale", "GetSale", "GetSaleList",
	}).Draw(r, "method")
	switch {
	case strings.HasSuffix(method, "Customer"):
		customer()
		if method == "AddCustomer" {
			delete(in, "DealerCustomerId")
		}
		if method == "AddCustomer" || method == "UpdateCustomer" {
			set("FirstName", 5, "Elif", "Çağrı", "")
			set("Email", 3, "a@b.co", "bad", "")
		}
	case method == "AddCard" || method == "GetCardList":
		customer()
		if method == "AddCard" {
			in["CardNumber"] = rapid.SampledFrom([]string{"5127541122223332", "5127541122223340"}).Draw(r, "CardNumber")
			in["ExpMonth"], in["ExpYear"] = "01", "2030"
			set("CardName", 5, "x", "y")
		}
	case strings.HasSuffix(method, "Card"):
		set("CardToken", 9, tokens...)
		if method == "UpdateCard" {
			in["CardName"] = rapid.SampledFrom([]string{"p", "q"}).Draw(r, "CardName")
		}
	case method == "AddProduct":
		in["ProductCode"] = rapid.SampledFrom([]string{"p", "q", "r"}).Draw(r, "ProductCode")
		set("ProductName", 9, "one", "two", "three")
	case method == "DeleteProduct":
		set("ProductCode", 7, "p", "q", "r")
		set("DealerProductId", 3, 1009.0, 1010.0)
	case method == "AddSchedule":
		in["DailyWeeklyMonthly"] = rapid.SampledFrom([]float64{daily, monthly}).Draw(r, "rhythm")
		if in["DailyWeeklyMonthly"] == float64(monthly) {
			set("DaysOfMonth", 8, "1", "15,31")
		}
		set("ScheduleName", 5, "s", "t")
	case strings.HasSuffix(method, "Schedule"):
		set("DealerSaleScheduleId", 9, 1005.0, 1006.0, 1007.0)
		set("ScheduleName", 5, "u", "")
	case method == "AddSale":
		in["CustomerCode"] = rapid.SampledFrom([]string{"a", "a", "b", "c"}).Draw(r, "CustomerCode")
		set("DealerCustomerId", 1, 1033.0, 1034.0)
		in["ProductCode"] = rapid.SampledFrom([]string{"p", "p", "p", "q"}).Draw(r, "ProductCode")
		set("Amount", 9, 0.01, 149.9, 1e6)
		set("DealerSaleScheduleId", 9, 1005.0, 1005.0, 1006.0)
		set("EndDate", 3, "20270113", "20280101")
		set("DefaultCard2Token", 3, tokens...)
		in["SaleCode"] = rapid.SampledFrom([]string{"s1", "s1", "s2"}).Draw(r, "SaleCode")
		in["SaleDate"], in["PlanType"] = m.today, rapid.SampledFrom([]float64{1, 2, 3}).Draw(r, "PlanType")
		in["BeginDate"] = rapid.SampledFrom([]string{"20270110", "20270112", "20270301", "20280101"}).Draw(r, "BeginDate")
		in["DefaultCard1Token"] = rapid.SampledFrom(tokens).Draw(r, "DefaultCard1Token")
	case strings.HasSuffix(method, "Sale"):
		set("SaleCode", 8, "s1", "s2", "s3")
		set("DealerSaleId", 3, 1003.0, 1004.0, 1005.0)
		if method == "UpdateSale" {
			set("Amount", 5, 5.0, 7.25)
			set("EndDate", 5, "", "20270111", "20290101")
			set("Description", 3, "", "d")
			set("DefaultCard2Token", 3, append(tokens, "")...)
		}
	}
	return method, in
}
