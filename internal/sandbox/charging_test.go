package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// told is a charge in short: "01-15 12:00 s1 149.90 TL card 1 charged", with
// "for 01-14" when it is a retry.
func told(c Charge) string {
	text := fmt.Sprintf("%s %s %s %s %s", c.Date[5:], c.Time, c.SaleCode, c.Amount, c.Currency)
	if number, ok := testCardNumber(c.Card); ok {
		text += fmt.Sprintf(" card %d", number)
	}
	if c.PaymentDate != c.Date {
		text += " for " + c.PaymentDate[5:]
	}
	return text + " " + c.Status
}

func charges(s *Server) (list []string) {
	for _, c := range s.Charges() {
		list = append(list, told(c))
	}
	return list
}

func wantCharges(t testing.TB, s *Server, want ...string) {
	t.Helper()
	if diff := cmp.Diff(charges(s), want); diff != "" {
		t.Errorf("charges: got (-), want (+):\n%s", diff)
	}
}

// istanbulTime is a moment of 2027.
func istanbulTime(month time.Month, day, hour int) time.Time {
	return time.Date(2027, month, day, hour, 0, 0, 0, istanbul)
}

func cardText(number int64) string { return fmt.Sprintf("%q", TestCardToken(number)) }

// A sale is charged at 12:00 of each day that its schedule names, at neither
// hour before its time, and once.
func TestChargeOnTheDay(t *testing.T) {
	s := shop(t)
	must(t, s, "AddSale", saleRequest("EndDate", `"20270315"`))
	s.SetClock(istanbulTime(1, 14, 23))
	wantCharges(t, s)
	s.SetClock(istanbulTime(1, 15, 12).Add(-time.Second))
	step := must(t, s, "GetPaymentPlan", `{"DealerPaymentPlanId":5001}`)
	if want := `{"DealerPaymentPlanId":5001,"DealerSaleId":1003,"SaleCode":"s1","PaymentDate":"20270115","Amount":149.90,"Currency":"TL","InstallmentNumber":1,` +
		`"HistoryDate":"","CardToken":"","DealerCustomerTypeId":0,"UserPosPaymentId":0,"DealerPaymentId":0,"IsManualPlan":false,"PlanStatus":0}`; step != want {
		t.Errorf("that morning: got %s, want %s", step, want)
	}
	s.AdvanceClock(time.Second)
	wantCharges(t, s, "01-15 12:00 s1 149.90 TL card 1 charged")
	step = must(t, s, "GetPaymentPlan", `{"DealerPaymentPlanId":5001}`)
	if want := `"HistoryDate":"2027-01-15T12:00:00","CardToken":"7e57ca4d-0000-4000-8000-000000000001","DealerCustomerTypeId":0,"UserPosPaymentId":0,` +
		`"DealerPaymentId":9001,"IsManualPlan":false,"PlanStatus":1}`; !strings.HasSuffix(step, want) {
		t.Errorf("after noon: got %s, want %s", step, want)
	}
	s.SetClock(istanbulTime(12, 1, 0))
	wantCharges(t, s,
		"01-15 12:00 s1 149.90 TL card 1 charged", "02-15 12:00 s1 149.90 TL card 1 charged", "03-15 12:00 s1 149.90 TL card 1 charged")
}

// A card that declines is tried at 12:00 and 18:00 of HowManyTrial days; each
// attempt is in the history; the step ends in 3.
func TestRetries(t *testing.T) {
	for _, c := range []struct {
		settings []string
		trials   string
		attempts int
	}{
		{nil, `"1"`, 2}, {nil, `"0"`, 2}, {nil, `"3"`, 6},
		{[]string{"how-many-trial=more-days"}, `"1"`, 4}, {[]string{"how-many-trial=more-days"}, `"0"`, 2}, {[]string{"how-many-trial=more-days"}, `"3"`, 8},
	} {
		s := shop(t, c.settings...)
		must(t, s, "AddSale", saleRequest("HowManyTrial", c.trials, "DefaultCard1Token", cardText(FailingCards+2), "EndDate", `"20270115"`))
		end := istanbulTime(1, 15+(c.attempts-1)/2, 18)
		s.SetClock(end.Add(-time.Second))
		if got := statusOf(t, s, 5001); got != "2" {
			t.Errorf("trials %s %v: before the last attempt the status is %s, want 2", c.trials, c.settings, got)
		}
		s.SetClock(end)
		if got := statusOf(t, s, 5001); got != "3" {
			t.Errorf("trials %s %v: after the last attempt the status is %s, want 3", c.trials, c.settings, got)
		}
		s.SetClock(istanbulTime(6, 1, 0))
		if got := len(s.Charges()); got != c.attempts {
			t.Errorf("trials %s %v: got %d attempts, want %d", c.trials, c.settings, got, c.attempts)
		}
		history := must(t, s, "GetPaymentPlanHistoryList", `{"DealerPaymentPlanId":5001}`)
		head := fmt.Sprintf(`{"DealerPaymentPlanId":5001,"PaymentPlanHistoryListCount":%d,"PaymentPlanHistoryList":[`+
			`{"DealerPaymentPlanHistoryId":7001,"HistoryDate":"2027-01-15T12:00:00","Amount":149.90,"Currency":"TL","InstallmentNumber":1,`+
			`"CreditCardToken":"7e57ca4d-0000-4000-8000-900000000002","DealerCustomerTypeId":0,"DealerPaymentId":9001,"HistoryStatus":0,"ServiceMessage":"002 insufficient limit"},`+
			`{"DealerPaymentPlanHistoryId":7002,"HistoryDate":"2027-01-15T18:00:00",`, c.attempts)
		if !strings.HasPrefix(history, head) {
			t.Errorf("history: got %s, want %s…", history, head)
		}
	}
}

func statusOf(t testing.TB, s *Server, id int) string {
	t.Helper()
	return field(t, must(t, s, "GetPaymentPlan", fmt.Sprintf(`{"DealerPaymentPlanId":%d}`, id)), "PlanStatus")
}

// What each kind of failing test card does over two months of two days each.
func TestFailingCards(t *testing.T) {
	for _, c := range []struct {
		number int64
		want   []string // date, hour and status
	}{
		{1, []string{"01-15 12:00 charged", "02-15 12:00 charged"}},
		{900_000_000_021, []string{"01-15 12:00 failed", "01-15 18:00 failed", "01-16 12:00 failed", "01-16 18:00 failed", "02-15 12:00 failed", "02-15 18:00 failed", "02-16 12:00 failed", "02-16 18:00 failed"}},
		{910_300_007_002, []string{"01-15 12:00 failed", "01-15 18:00 failed", "01-16 12:00 failed", "01-16 18:00 charged", "02-15 12:00 failed", "02-15 18:00 failed", "02-16 12:00 failed", "02-16 18:00 charged"}},
		{910_000_000_002, []string{"01-15 12:00 charged", "02-15 12:00 charged"}},
		{922_702_150_006, []string{"01-15 12:00 charged", "02-15 12:00 failed", "02-15 18:00 failed", "02-16 12:00 failed", "02-16 18:00 failed"}},
		{922_702_169_006, []string{"01-15 12:00 charged", "02-15 12:00 charged"}},
		{930_100_000_021, []string{"01-15 12:00 taken", "01-15 18:00 charged", "02-15 12:00 taken", "02-15 18:00 charged"}},
		{999_999_999_999, []string{"01-15 12:00 failed", "01-15 18:00 failed", "01-16 12:00 failed", "01-16 18:00 failed", "02-15 12:00 failed", "02-15 18:00 failed", "02-16 12:00 failed", "02-16 18:00 failed"}},
	} {
		s := shop(t)
		must(t, s, "AddSale", saleRequest("HowManyTrial", `"2"`, "DefaultCard1Token", cardText(c.number)))
		s.SetClock(istanbulTime(3, 1, 0))
		var got []string
		for _, charge := range s.Charges() {
			got = append(got, charge.Date[5:]+" "+charge.Time+" "+charge.Status)
		}
		if diff := cmp.Diff(got, c.want); diff != "" {
			t.Errorf("card %d: got (-), want (+):\n%s", c.number, diff)
		}
		if twice := len(s.Ledger().ChargedTwice) > 0; twice != slices.ContainsFunc(c.want, func(s string) bool { return strings.HasSuffix(s, "taken") }) {
			t.Errorf("card %d: the ledger says charged twice: %+v", c.number, s.Ledger().ChargedTwice)
		}
	}
}

func TestFallbackCards(t *testing.T) {
	for setting, want := range map[string][]string{
		"same-attempt": {"01-15 12:00 s1 149.90 TL card 900000000002 failed", "01-15 12:00 s1 149.90 TL card 900000000018 failed", "01-15 12:00 s1 149.90 TL card 3 charged"},
		"next-attempt": {"01-15 12:00 s1 149.90 TL card 900000000002 failed", "01-15 18:00 s1 149.90 TL card 900000000018 failed", "01-16 12:00 s1 149.90 TL card 3 for 01-15 charged"},
	} {
		s := shop(t, "fallback-cards="+setting)
		must(t, s, "AddSale", saleRequest("HowManyTrial", `"2"`, "DefaultCard1Token", cardText(FailingCards+2), "DefaultCard2Token", cardText(FailingCards+18), "DefaultCard3Token", cardText(3)))
		s.SetClock(istanbulTime(2, 1, 0))
		wantCharges(t, s, want...)
		must(t, s, "AddSale", saleRequest("SaleCode", `"good"`, "BeginDate", `"20270201"`, "EndDate", `"20270220"`, "SaleDate", `"20270201"`, "DefaultCard1Token", cardText(3), "DefaultCard2Token", cardText(4)))
		must(t, s, "DeleteSale", `{"SaleCode":"s1"}`)
		s.SetClock(istanbulTime(3, 1, 0))
		wantCharges(t, s, append(want, "02-15 12:00 good 149.90 TL card 3 charged")...)
		if got := field(t, must(t, s, "GetPaymentPlan", `{"DealerPaymentPlanId":5001}`), "CardToken"); got != cardText(3) {
			t.Errorf("%s: the step shows card %s, want the last one tried", setting, got)
		}
	}
}

// The day on which a sale or step is added, and the hour.
func TestSameDay(t *testing.T) {
	for _, c := range []struct {
		setting string
		hour    int
		want    []string // hours of charges on that day
	}{
		{"yes", 9, []string{"12:00"}}, {"yes", 12, []string{"18:00"}}, {"yes", 18, nil}, {"yes", 19, nil}, {"no", 9, nil},
	} {
		for _, manual := range []bool{false, true} {
			s := shop(t, "same-day-charge="+c.setting)
			s.SetClock(istanbulTime(1, 15, c.hour))
			if manual {
				must(t, s, "AddSale", saleRequest("PlanType", `"2"`, "SaleDate", `"20270115"`))
				must(t, s, "AddPaymentPlan", stepRequest("SaleCode", `"s1"`, "PaymentDate", `"20270115"`))
			} else {
				must(t, s, "AddSale", saleRequest("SaleDate", `"20270115"`))
			}
			s.SetClock(istanbulTime(2, 15, 11))
			var got []string
			for _, charge := range s.Charges() {
				got = append(got, charge.Time)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s, added at %d:00, manual %v: got %v, want %v", c.setting, c.hour, manual, got, c.want)
			}
			if manual && c.want == nil && statusOf(t, s, 5001) != "0" {
				t.Errorf("%s: the step that was never tried has status %s, want 0", c.setting, statusOf(t, s, 5001))
			}
			s.SetClock(istanbulTime(2, 16, 0))
			if regular := len(s.Charges()) - len(got); !manual && regular != 1 {
				t.Errorf("%s: got %d charges in the next month, want 1", c.setting, regular)
			}
		}
	}
}

// Plan types: 1 by the schedule, 2 by hand, 3 both; a payment request without a
// card is not played.
func TestPlanTypes(t *testing.T) {
	s := shop(t)
	for plan := range int64(3) {
		must(t, s, "AddSale", saleRequest("SaleCode", fmt.Sprintf(`"p%d"`, plan+1), "PlanType", fmt.Sprint(plan+1)))
	}
	must(t, s, "AddSale", saleRequest("SaleCode", `"request"`, "DealerCustomerTypeId", `7`, "DefaultCard1Token", ""))
	for _, code := range []string{"p2", "p3"} {
		must(t, s, "AddPaymentPlan", stepRequest("SaleCode", fmt.Sprintf("%q", code), "PaymentDate", `"20270115"`, "Currency", `"EUR"`))
	}
	s.SetClock(istanbulTime(1, 16, 0))
	want := []string{"p1 149.90 TL", "p2 25.45 EUR", "p3 149.90 TL", "p3 25.45 EUR"}
	var got []string
	for _, c := range s.Charges() {
		got = append(got, c.SaleCode+" "+c.Amount+" "+c.Currency)
	}
	slices.Sort(got)
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
	report := must(t, s, "GetPaymentPlanReport", `{`+inJanuary+`}`)
	if want := `"SaleCode":"request","PaymentDate":"20270115","Amount":149.90,"Currency":"TL","InstallmentNumber":1,"HistoryDate":"","CardToken":"","DealerCustomerTypeId":7,` +
		`"UserPosPaymentId":0,"DealerPaymentId":0,"IsManualPlan":false,"PlanStatus":0}`; !strings.Contains(report, want) {
		t.Errorf("payment request: got %s, want %s in it", report, want)
	}
}

// What becomes of an open step when its sale is changed or deleted, its card
// removed, or the schedule deleted.
func TestStepsOutlive(t *testing.T) {
	failing, good := FailingCards+int64(2), int64(1)
	for _, c := range []struct {
		name, setting string
		call, request string
		want          []string // charges after the call at 13:00 of the first day
	}{
		{"the sale goes, its step stays", "delete-sale-steps=leave", "DeleteSale", `{"SaleCode":"s1"}`, []string{"01-15 18:00 s1 149.90 TL card 900000000002 failed"}},
		{"the sale goes with its step", "delete-sale-steps=drop", "DeleteSale", `{"SaleCode":"s1"}`, nil},
		{"a change does not reach the step", "update-sale-steps=leave", "UpdateSale", `{"SaleCode":"s1","Amount":"5","EndDate":"20270120","DefaultCard1Token":` + cardText(good) + `}`,
			[]string{"01-15 18:00 s1 149.90 TL card 900000000002 failed"}},
		{"a change reaches the step", "update-sale-steps=reach", "UpdateSale", `{"SaleCode":"s1","Amount":"5","EndDate":"20270120","DefaultCard1Token":` + cardText(good) + `}`,
			[]string{"01-15 18:00 s1 5.00 TL card 1 charged"}},
		{"a removed card is tried on", "remove-card=leave", "RemoveCard", `{"CardToken":` + cardText(failing) + `}`,
			[]string{"01-15 18:00 s1 149.90 TL card 900000000002 failed", "02-15 12:00 s1 149.90 TL card 900000000002 failed", "02-15 18:00 s1 149.90 TL card 900000000002 failed"}},
		{"a removed card is gone", "remove-card=break", "RemoveCard", `{"CardToken":` + cardText(failing) + `}`,
			[]string{"01-15 18:00 s1 149.90 TL failed", "02-15 12:00 s1 149.90 TL failed", "02-15 18:00 s1 149.90 TL failed"}},
		{"the schedule goes, the rhythm stays", "delete-schedule=keep", "DeleteSchedule", `{"DealerSaleScheduleId":1005}`,
			[]string{"01-15 18:00 s1 149.90 TL card 900000000002 failed", "02-15 12:00 s1 149.90 TL card 900000000002 failed", "02-15 18:00 s1 149.90 TL card 900000000002 failed"}},
		{"no schedule, no payments", "delete-schedule=stop", "DeleteSchedule", `{"DealerSaleScheduleId":1005}`, []string{"01-15 18:00 s1 149.90 TL card 900000000002 failed"}},
		{"another schedule", "end-date=inclusive", "UpdateSchedule", `{"DealerSaleScheduleId":1005,"DaysOfMonth":"20"}`,
			[]string{"01-15 18:00 s1 149.90 TL card 900000000002 failed", "01-20 12:00 s1 149.90 TL card 900000000002 failed", "01-20 18:00 s1 149.90 TL card 900000000002 failed",
				"02-20 12:00 s1 149.90 TL card 900000000002 failed", "02-20 18:00 s1 149.90 TL card 900000000002 failed"}},
	} {
		// Reopened in between: what only the engine knows is stored too.
		s := open(t, Options{Data: filepath.Join(t.TempDir(), "data"), Switches: parseSwitches(t, c.setting)})
		stock(t, s)
		must(t, s, "AddSale", saleRequest("DefaultCard1Token", cardText(failing)))
		s.SetClock(istanbulTime(1, 15, 13))
		before := len(s.Charges())
		must(t, s, c.call, c.request)
		s = reopenAt(t, s, istanbulTime(1, 15, 13))
		s.SetClock(istanbulTime(3, 1, 0))
		if diff := cmp.Diff(charges(s)[before:], c.want, cmp.Transformer("nil", func(l []string) []string { return append([]string{}, l...) })); diff != "" {
			t.Errorf("%s: got (-), want (+):\n%s", c.name, diff)
		}
	}
}

// reopenAt opens the data file anew, with the same switches, at a moment.
func reopenAt(t testing.TB, s *Server, now time.Time) *Server {
	t.Helper()
	s.Close()
	return open(t, Options{Data: s.store.path, LockWait: time.Second, Switches: s.start.Switches, Clock: func() time.Time { return now }})
}

// A clock that runs by itself charges what passed when it is next asked; one
// that is set back charges nothing twice.
func TestClockCharges(t *testing.T) {
	now := testNow
	s := open(t, Options{Clock: func() time.Time { return now }})
	stock(t, s)
	must(t, s, "AddSale", saleRequest("DefaultCard1Token", cardText(FailingCards+2), "HowManyTrial", `"2"`))
	now = istanbulTime(1, 15, 13)
	list := must(t, s, "GetPaymentPlanList", `{"SaleCode":"s1",`+inJanuary+`}`)
	if !strings.Contains(list, `"HistoryDate":"2027-01-15T12:00:00"`) || !strings.Contains(list, `"PlanStatus":2`) {
		t.Errorf("got %s", list)
	}
	s.SetClock(testNow) // with a step in retry
	s.SetClock(istanbulTime(1, 15, 13))
	wantCharges(t, s, "01-15 12:00 s1 149.90 TL card 900000000002 failed")
	s.SetClock(istanbulTime(3, 1, 0))
	before := charges(s)
	s.SetClock(testNow)
	must(t, s, "AddSale", saleRequest("SaleCode", `"late"`))
	s.SetClock(istanbulTime(3, 1, 0))
	after := slices.DeleteFunc(charges(s), func(text string) bool { return strings.Contains(text, "late") })
	if diff := cmp.Diff(after, before); diff != "" {
		t.Errorf("once more the same days: got (-), want (+):\n%s", diff)
	}
	if late := len(s.Charges()) - len(after); late != 2 {
		t.Errorf("the sale added after the clock was set back was charged %d times, want 2", late)
	}
}

// All that a year brings is the same whether the clock goes in one step or in
// many, and whether the sandbox is closed and opened on the way; and it is what
// the walk over the calendar finds.
func TestYear(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		// Data files cost time: half of the cases go without.
		data := ""
		if rapid.Bool().Draw(r, "stored") {
			data = filepath.Join(t.TempDir(), "data")
		}
		whole, steps := newSandbox(t), open(t, Options{Data: data})
		defer func() { steps.Close() }()
		var sales []string
		for i := range rapid.IntRange(1, 8).Draw(r, "sales") {
			request := drawSale(r, i)
			sales = append(sales, request)
		}
		for _, s := range []*Server{whole, steps} {
			stock(t, s)
			must(t, s, "AddSchedule", `{"DailyWeeklyMonthly":1,"EveryX":10}`)
			must(t, s, "AddSchedule", `{"DailyWeeklyMonthly":2,"EveryX":3,"DaysOfWeek":"1,6"}`)
			must(t, s, "AddSchedule", `{"DailyWeeklyMonthly":3,"EveryX":2,"DaysOfMonth":"1,31"}`)
			for _, request := range sales {
				must(t, s, "AddSale", request)
			}
		}
		end := testNow.AddDate(1, 0, 0)
		whole.SetClock(end)
		for at := testNow; at.Before(end); {
			at = at.Add(time.Duration(rapid.IntRange(1, 900).Draw(r, "hours")) * time.Hour)
			if at.After(end) {
				at = end
			}
			if data != "" && rapid.IntRange(0, 3).Draw(r, "reopen") == 0 {
				steps = reopenAt(t, steps, steps.Now())
			}
			steps.SetClock(at)
		}
		if diff := cmp.Diff(charges(steps), charges(whole)); diff != "" {
			r.Fatalf("in many steps (-), in one (+):\n%s", diff)
		}
		checkDueDates(r, whole, end)
		if l := whole.Ledger(); len(l.ChargedTwice)+len(l.DuplicateSteps)+len(l.AutomaticAndManual) > 0 {
			r.Fatalf("the ledger has %+v", l)
		}
	})
}

func drawSale(r *rapid.T, i int) string {
	numbers := []int64{1, 2, FailingCards + 2, 910_300_000_002, 922_706_010_006}
	begin := testNow.AddDate(0, 0, rapid.IntRange(0, 200).Draw(r, "begin"))
	end := `""`
	if rapid.Bool().Draw(r, "ends") {
		end = begin.AddDate(0, 0, rapid.IntRange(0, 200).Draw(r, "end")).Format(`"20060102"`)
	}
	return saleRequest("SaleCode", fmt.Sprintf(`"s%d"`, i), "Amount", fmt.Sprintf("%d.05", i+1), "EndDate", end, "BeginDate", begin.Format(`"20060102"`),
		"DealerSaleScheduleId", fmt.Sprint(rapid.IntRange(1005, 1008).Draw(r, "schedule")), "HowManyTrial", fmt.Sprint(rapid.IntRange(0, 4).Draw(r, "trials")),
		"DefaultCard1Token", cardText(rapid.SampledFrom(numbers).Draw(r, "card")))
}

// checkDueDates holds each sale's payment dates against the walk.
func checkDueDates(r *rapid.T, s *Server, end time.Time) {
	state := s.account(DefaultDealerCode).truth
	got := map[int64][]string{}
	for _, c := range s.Charges() {
		if date := strings.ReplaceAll(c.PaymentDate, "-", ""); !slices.Contains(got[c.SaleID], date) {
			got[c.SaleID] = append(got[c.SaleID], date)
		}
	}
	// The last day ends at 09:00, before its charges.
	last := time.Date(end.Year(), end.Month(), end.Day()-1, 0, 0, 0, 0, time.UTC)
	for _, row := range state.sales.all() {
		want := walk(row, state.schedules.get(row.ScheduleID), "", defaultPositions(), last)
		if !slices.Equal(got[row.ID], want) {
			r.Fatalf("sale %+v: charged for %v, due on %v", row, got[row.ID], want)
		}
	}
}

// The served account of charges.
func TestChargesServed(t *testing.T) {
	s := shop(t)
	must(t, s, "AddSale", saleRequest("DefaultCard1Token", cardText(910_100_000_002)))
	must(t, s, "AddSale", saleRequest("SaleCode", `"s2"`, "DefaultCard1Token", cardText(1), "Amount", `7`))
	if _, text := control(t, s, "GET", "/_sandbox/charges", ""); strings.TrimSpace(text) != `{"charges":[]}` {
		t.Errorf("before any: got %s", text)
	}
	if status, text := control(t, s, "PUT", "/_sandbox/clock", `{"now":"2027-01-31T00:00:00+03:00"}`); status != 200 {
		t.Fatal(text)
	}
	want := `{"charges":[{"dealer":"1731","saleCode":"s1","saleId":1003,"stepId":5001,"manual":false,"paymentDate":"2027-01-15","date":"2027-01-15","time":"18:00",` +
		`"amount":"149.90","currency":"TL","installmentNumber":1,"card":"7e57ca4d-0000-4000-8000-910100000002","paymentId":9003,"status":"charged","message":""}]}`
	if _, text := control(t, s, "GET", "/_sandbox/charges?sale=s1&status=charged", ""); strings.TrimSpace(text) != want {
		t.Errorf("got %s, want %s", text, want)
	}
	var all struct{ Charges []Charge }
	_, text := control(t, s, "GET", "/_sandbox/charges", "")
	if err := json.Unmarshal([]byte(text), &all); err != nil || len(all.Charges) != 3 {
		t.Errorf("got %d charges, %v", len(all.Charges), err)
	}
	if status, _ := control(t, s, "GET", "/_sandbox/charges?code=s1", ""); status != 400 {
		t.Errorf("an unknown question: got %d", status)
	}
	if got := s.Ledger().Attempts; got != (Attempts{Charged: 2, Failed: 1}) {
		t.Errorf("the ledger counts %+v", got)
	}
}

// Charges that cannot be written are not made, calls say so, and nothing is lost
// once the disk works again.
func TestChargesOnFullDisk(t *testing.T) {
	s := open(t, Options{Data: filepath.Join(t.TempDir(), "data")})
	stock(t, s)
	must(t, s, "AddSale", saleRequest())
	working, broken := s.store.file, filepath.Join(t.TempDir(), "other")
	s.store.file = readOnly(t, broken)
	if status, text := control(t, s, "PUT", "/_sandbox/clock", `{"advance":"720h"}`); status != 400 || !strings.Contains(text, "cannot be written") {
		t.Errorf("got %d %s", status, text)
	}
	if r := ask(t, s, "GetSale", `{"SaleCode":"s1"}`); r.ResultCode != "EX" {
		t.Errorf("a read: got %s, want EX", r.text)
	}
	s.store.file, s.store.broken = working, nil
	wantCharges(t, s, "01-15 12:00 s1 149.90 TL card 1 charged")
	wantCharges(t, reopenAt(t, s, s.Now()), "01-15 12:00 s1 149.90 TL card 1 charged")
}

// BenchmarkYear charges 10,000 monthly sales over a year, with a data file.
func BenchmarkYear(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s := open(b, Options{Data: filepath.Join(b.TempDir(), "data")})
		stock(b, s)
		fill(b, s, 10_000)
		b.StartTimer()
		s.SetClock(testNow.AddDate(1, 0, 0))
		b.StopTimer()
		if got := s.Ledger().Attempts.Charged; got != 120_000 {
			b.Fatalf("got %d charges", got)
		}
		served := httptest.NewRecorder()
		s.ServeHTTP(discard{served}, httptest.NewRequest("GET", "/_sandbox/charges", nil))
		b.StartTimer()
	}
}
