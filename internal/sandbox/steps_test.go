package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const stepText = `{"DealerPaymentPlanId":5001,"DealerSaleId":1004,"SaleCode":"manual","PaymentDate":"20270120","Amount":25.45,"Currency":"TL","InstallmentNumber":1,` +
	`"HistoryDate":"","CardToken":"","DealerCustomerTypeId":0,"UserPosPaymentId":0,"DealerPaymentId":0,"IsManualPlan":true,"PlanStatus":0}`

// The answers about a step, member by member in the order of the page.
func TestStepAnswers(t *testing.T) {
	s := stepShop(t)
	for _, c := range []struct{ method, request, data string }{
		{"GetPaymentPlan", `{"DealerPaymentPlanId":"5001"}`, stepText},
		{"GetPaymentPlanList", `{"DealerSaleId":1004,"PaymentPlanPaymentDateStart":"20270111","PaymentPlanPaymentDateEnd":"20270120"}`,
			`{"PaymentPlanListCount":1,"PaymentPlanList":[` + stepText + `]}`},
		{"UpdatePaymentPlan", `{"DealerPaymentPlanId":"5001","PaymentDate":"20270121","Amount":"7","Currency":"USD","InstallmentNumber":"3"}`,
			strings.NewReplacer("20270120", "20270121", "25.45", "7.00", `"TL"`, `"USD"`, `"InstallmentNumber":1`, `"InstallmentNumber":3`).Replace(stepText)},
		{"DeletePaymentPlan", `{"DealerPaymentPlanId":5001}`, `true`},
	} {
		if got := must(t, s, c.method, c.request); got != c.data {
			t.Errorf("%s %s:\n got %s\nwant %s", c.method, c.request, got, c.data)
		}
	}
	wantCode(t, s, "GetPaymentPlan", `{"DealerPaymentPlanId":5001}`, "PaymentPlanNotFound")
	wantCode(t, s, "DeletePaymentPlan", `{"DealerPaymentPlanId":5001}`, "PaymentPlanNotFound")
	report := must(t, s, "GetPaymentPlanReport", `{`+inJanuary+`}`)
	if !strings.HasPrefix(report, `{"PaymentPlanListCount":2,"PaymentPlanList":[{"DealerPaymentPlanId":5002,`) || !strings.Contains(report, `{"DealerPaymentPlanId":5003,"DealerSaleId":1005,"SaleCode":"due"`) {
		t.Errorf("report: got %s", report)
	}
	// TL and 1 are the defaults; 0 instalments is single as well.
	got := must(t, s, "AddPaymentPlan", `{"DealerSaleId":1004,"PaymentDate":"20270120","Amount":25.45}`)
	if want := strings.Replace(stepText, "5001", "5004", 1); got != want {
		t.Errorf("defaults: got %s, want %s", got, want)
	}
	if got := must(t, s, "AddPaymentPlan", stepRequest("InstallmentNumber", `"0"`)); field(t, got, "InstallmentNumber") != "0" {
		t.Errorf("no instalments: got %s", got)
	}
}

func TestUpdateStepOmitted(t *testing.T) {
	for setting, want := range map[string]string{"default": `"TL" 1`, "keep": `"EUR" 4`} {
		s := stepShop(t, "update-step-omitted="+setting)
		id := field(t, must(t, s, "AddPaymentPlan", stepRequest("Currency", `"EUR"`, "InstallmentNumber", `4`)), "DealerPaymentPlanId")
		data := must(t, s, "UpdatePaymentPlan", `{"DealerPaymentPlanId":`+id+`}`)
		if got := field(t, data, "Currency") + " " + field(t, data, "InstallmentNumber"); got != want {
			t.Errorf("%s: got %s, want %s", setting, got, want)
		}
		if field(t, data, "PaymentDate") != `"20270120"` || field(t, data, "Amount") != "25.45" {
			t.Errorf("%s: what has no default went: %s", setting, data)
		}
	}
}

// A step that was tried can be neither changed nor deleted, though it is still
// its day.
func TestStepTriedToday(t *testing.T) {
	s := stepShop(t)
	must(t, s, "UpdatePaymentPlan", `{"DealerPaymentPlanId":5002,"Amount":"3"}`)
	must(t, s, "UpdatePaymentPlan", `{"DealerPaymentPlanId":5003,"Amount":"4"}`)
	s.AdvanceClock(4 * time.Hour)
	wantCharges(t, s, "01-10 12:00 manual 3.00 TL card 1 charged", "01-10 12:00 due 4.00 TL card 1 charged")
	wantCode(t, s, "UpdatePaymentPlan", `{"DealerPaymentPlanId":5002,"Amount":"5"}`, "PaymentDatePassed")
	wantCode(t, s, "DeletePaymentPlan", `{"DealerPaymentPlanId":5002}`, "PaymentDatePassed")
	must(t, s, "DeletePaymentPlan", `{"DealerPaymentPlanId":5001}`)
}

// An automatic step that is put off is charged on its new day, and its due date
// makes no other.
func TestStepPutOff(t *testing.T) {
	s := stepShop(t)
	must(t, s, "UpdatePaymentPlan", `{"DealerPaymentPlanId":5003,"PaymentDate":"20270113"}`)
	s.SetClock(istanbulTime(1, 19, 0))
	wantCharges(t, s, "01-10 12:00 manual 25.45 TL card 1 charged", "01-13 12:00 due 149.90 TL card 1 charged", "01-15 12:00 s1 149.90 TL card 1 charged")
}

func TestStepSwitches(t *testing.T) {
	s := stepShop(t, "missing-step=null")
	if got := must(t, s, "GetPaymentPlan", `{"DealerPaymentPlanId":9}`); got != "null" {
		t.Errorf("missing-step=null: got %s", got)
	}
	s = stepShop(t, "blank-members=null")
	data := must(t, s, "GetPaymentPlan", `{"DealerPaymentPlanId":5001}`)
	for _, member := range []string{"HistoryDate", "CardToken", "DealerCustomerTypeId", "UserPosPaymentId", "DealerPaymentId"} {
		if got := field(t, data, member); got != "null" || strings.Count(data, `"`+member+`"`) != 1 {
			t.Errorf("blank-members=null: %s is %s in %s", member, got, data)
		}
	}
	s.AdvanceClock(4 * time.Hour)
	if data := must(t, s, "GetPaymentPlan", `{"DealerPaymentPlanId":5002}`); field(t, data, "CardToken") != cardText(1) || field(t, data, "DealerPaymentId") != "9001" {
		t.Errorf("blank-members=null, after an attempt: got %s", data)
	}
	s = stepShop(t, "step-range=exclusive")
	wantCode(t, s, "GetPaymentPlanList", `{"SaleCode":"manual","PaymentPlanPaymentDateStart":"20270110","PaymentPlanPaymentDateEnd":"20270120"}`, "NoDataFound")
	must(t, s, "GetPaymentPlanList", `{"SaleCode":"manual","PaymentPlanPaymentDateStart":"20270119","PaymentPlanPaymentDateEnd":"20270121"}`)
	s = stepShop(t, "empty-list=success")
	if got := must(t, s, "GetPaymentPlanHistoryList", `{"DealerPaymentPlanId":5001}`); got != `{"DealerPaymentPlanId":5001,"PaymentPlanHistoryListCount":0,"PaymentPlanHistoryList":[]}` {
		t.Errorf("empty-list=success: got %s", got)
	}
}

// The steps of a deleted sale can be listed, by id or code, unless they are
// hidden; the report lists them always.
func TestStepsOfDeletedSale(t *testing.T) {
	for setting, code := range map[string]string{"listed": "Success", "hidden": "DealerSaleNotFound"} {
		s := stepShop(t, "deleted-sale-steps="+setting)
		must(t, s, "DeleteSale", `{"SaleCode":"manual"}`)
		for _, key := range []string{`"SaleCode":"manual"`, `"DealerSaleId":1004`} {
			wantCode(t, s, "GetPaymentPlanList", `{`+key+`,`+inJanuary+`}`, code)
		}
		must(t, s, "DeletePaymentPlan", `{"DealerPaymentPlanId":5001}`)
		wantCode(t, s, "AddPaymentPlan", stepRequest(), "DealerSaleNotFound")
		if report := must(t, s, "GetPaymentPlanReport", `{`+inJanuary+`}`); !strings.Contains(report, `"SaleCode":"manual"`) {
			t.Errorf("%s: the report lacks the deleted sale's step: %s", setting, report)
		}
	}
	s := stepShop(t)
	must(t, s, "DeleteSale", `{"SaleCode":"manual"}`)
	wantCode(t, s, "GetPaymentPlanList", `{"SaleCode":"s1","DealerSaleId":1004,`+inJanuary+`}`, "SaleCodeDoesntMatchDealerSaleId")
	must(t, s, "DeleteSale", `{"SaleCode":"s1"}`) // without steps: nothing is left to find
	wantCode(t, s, "GetPaymentPlanList", `{"SaleCode":"s1",`+inJanuary+`}`, "DealerSaleNotFound")
}

// The ledger's findings: two manual steps of one day, a manual and an automatic
// one, and money taken twice.
func TestLedgerOfSteps(t *testing.T) {
	s := shop(t)
	must(t, s, "AddSale", saleRequest("SaleCode", `"manual"`, "PlanType", `"2"`, "DefaultCard1Token", cardText(FailingCards+2)))
	must(t, s, "AddSale", saleRequest("SaleCode", `"both"`, "PlanType", `"3"`))
	must(t, s, "AddPaymentPlan", stepRequest())
	if l := s.Ledger(); len(l.DuplicateSteps)+len(l.AutomaticAndManual) != 0 || l.Counts.Steps != 1 {
		t.Errorf("one step: got %+v", l)
	}
	must(t, s, "AddPaymentPlan", stepRequest())
	must(t, s, "AddPaymentPlan", stepRequest("PaymentDate", `"20270121"`))
	must(t, s, "AddPaymentPlan", stepRequest("SaleCode", `"both"`, "PaymentDate", `"20270115"`))
	none := []int64{}
	duplicate := DayFinding{Dealer: "1731", SaleCode: "manual", SaleIDs: []int64{1003}, PaymentDate: "20270120", StepIDs: []int64{5001, 5002}, PaymentIDs: none}
	collision := DayFinding{Dealer: "1731", SaleCode: "both", SaleIDs: []int64{1004}, PaymentDate: "20270115", StepIDs: []int64{5004}, PaymentIDs: none}
	check := func(when string, duplicates, collisions, twice []DayFinding) {
		t.Helper()
		l := s.Ledger()
		if diff := cmp.Diff([][]DayFinding{l.DuplicateSteps, l.AutomaticAndManual, l.ChargedTwice}, [][]DayFinding{duplicates, collisions, twice}); diff != "" {
			t.Errorf("%s: got (-), want (+):\n%s", when, diff)
		}
	}
	some := func(list ...DayFinding) []DayFinding { return append([]DayFinding{}, list...) }
	check("before", some(duplicate), some(collision), some())
	s.SetClock(istanbulTime(1, 16, 0))
	collision.StepIDs = []int64{5004, 5005}
	paid := collision
	paid.PaymentIDs = []int64{9001, 9002}
	check("after the collision", some(duplicate), some(collision), some(paid))
	s.SetClock(istanbulTime(1, 22, 0)) // both duplicates have failed for good
	check("after the failures", some(), some(collision), some(paid))
	must(t, s, "AddPaymentPlan", stepRequest("PaymentDate", `"20270125"`))
	must(t, s, "AddPaymentPlan", stepRequest("PaymentDate", `"20270125"`))
	must(t, s, "DeletePaymentPlan", `{"DealerPaymentPlanId":5007}`)
	check("a deleted one does not count", some(), some(collision), some(paid))
}

// Two sales under one code that are charged for one day: charged twice.
func TestLedgerOfTwoSales(t *testing.T) {
	s := shop(t)
	must(t, s, "AddSale", saleRequest())
	must(t, s, "AddSale", saleRequest())
	s.SetClock(istanbulTime(1, 16, 0))
	want := []DayFinding{{Dealer: "1731", SaleCode: "s1", SaleIDs: []int64{1003, 1004}, PaymentDate: "20270115", StepIDs: []int64{5001, 5002}, PaymentIDs: []int64{9001, 9002}}}
	if diff := cmp.Diff(s.Ledger().ChargedTwice, want); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
}

// Faults and switches of writes meet AddPaymentPlan as they meet AddSale.
func TestStepFaults(t *testing.T) {
	for kind, committed := range map[FaultKind]int{
		FaultDropBefore: 0, FaultDropAfter: 1, Fault500Before: 0, Fault500After: 1, FaultEXBefore: 0, FaultEXAfter: 1, FaultGarbage: 1, FaultHTML: 1, Fault429: 0, Fault503: 0,
	} {
		s := shop(t)
		must(t, s, "AddSale", saleRequest("SaleCode", `"manual"`, "PlanType", `"2"`))
		setFaults(t, s, Fault{Operation: "AddPaymentPlan", Kind: kind, Calls: []int64{1}})
		if cut := isCut(s, "AddPaymentPlan", stepRequest()); cut != strings.HasPrefix(string(kind), "drop") {
			t.Errorf("%s: the connection was cut: %v", kind, cut)
		}
		if got := s.Ledger().Counts.Steps; got != committed {
			t.Errorf("%s: got %d steps, want %d", kind, got, committed)
		}
		// Repeated blindly, it makes the second step that the ledger names.
		must(t, s, "AddPaymentPlan", stepRequest())
		if got := len(s.Ledger().DuplicateSteps); got != committed {
			t.Errorf("%s, then repeated: got %d duplicates, want %d", kind, got, committed)
		}
	}
	s := stepShop(t)
	setFaults(t, s, Fault{Operation: "GetPaymentPlanReport", Kind: FaultWrongCount, CountOff: 5}, Fault{Operation: "GetPaymentPlanHistoryList", Kind: FaultWrongCount})
	if report := must(t, s, "GetPaymentPlanReport", `{`+inJanuary+`}`); field(t, report, "PaymentPlanListCount") != "8" {
		t.Errorf("wrong-count: got %s", report)
	}
	s.AdvanceClock(4 * time.Hour)
	if history := must(t, s, "GetPaymentPlanHistoryList", `{"DealerPaymentPlanId":5002}`); field(t, history, "PaymentPlanHistoryListCount") != "2" {
		t.Errorf("wrong-count: got %s", history)
	}
}

// Reads do not see a step before the delay; a charge in the meantime shows it.
func TestStepReadDelay(t *testing.T) {
	s := stepShop(t, "read-delay=10s", "empty-list=success")
	now := stopElapsed(s)
	must(t, s, "AddPaymentPlan", stepRequest("PaymentDate", `"20270112"`))
	list := func() string {
		return field(t, must(t, s, "GetPaymentPlanList", `{"SaleCode":"manual",`+inJanuary+`}`), "PaymentPlanListCount")
	}
	if got := list(); got != "2" {
		t.Errorf("at once: got %s steps, want 2", got)
	}
	wantCode(t, s, "GetPaymentPlan", `{"DealerPaymentPlanId":5004}`, "PaymentPlanNotFound")
	must(t, s, "UpdatePaymentPlan", `{"DealerPaymentPlanId":5004,"Amount":"2"}`)
	*now = now.Add(10 * time.Second)
	if got := list(); got != "3" {
		t.Errorf("after the delay: got %s steps, want 3", got)
	}
	must(t, s, "AddPaymentPlan", stepRequest("PaymentDate", `"20270113"`))
	s.SetClock(istanbulTime(1, 14, 0))
	if got := list(); got != "4" {
		t.Errorf("after the charge: got %s steps, want 4", got)
	}
	if history := must(t, s, "GetPaymentPlanHistoryList", `{"DealerPaymentPlanId":5005}`); field(t, history, "PaymentPlanHistoryListCount") != "1" {
		t.Errorf("after the charge: got the history %s", history)
	}
}

// midMonth is a stored sandbox at 19:00 of 15 January, with a charged step, one
// in retry and one to come. The last line of its file, from kept on, is what
// happened since 13:00.
func midMonth(t testing.TB, path string) (s *Server, kept int64) {
	t.Helper()
	s = open(t, Options{Data: path})
	stock(t, s)
	must(t, s, "AddSale", saleRequest("DefaultCard1Token", cardText(FailingCards+2), "HowManyTrial", `"2"`))
	must(t, s, "AddSale", saleRequest("SaleCode", `"manual"`, "PlanType", `"3"`))
	must(t, s, "AddPaymentPlan", stepRequest())
	must(t, s, "DeleteSchedule", `{"DealerSaleScheduleId":1005}`)
	s.SetClock(istanbulTime(1, 15, 13))
	kept = s.store.size
	s.SetClock(istanbulTime(1, 15, 19))
	return s, kept
}

// Steps, attempts and what was charged until when survive a restart in the
// middle of a month, and a compaction.
func TestStepsSurvive(t *testing.T) {
	s, _ := midMonth(t, filepath.Join(t.TempDir(), "data"))
	before := whole(s)
	again := reopenAt(t, s, s.Now())
	if diff := cmp.Diff(whole(again), before); diff != "" {
		t.Errorf("reopened (-), before (+):\n%s", diff)
	}
	if err := again.rewrite(); err != nil {
		t.Fatal(err)
	}
	compacted := reopenAt(t, again, s.Now())
	if diff := cmp.Diff(whole(compacted), before); diff != "" {
		t.Errorf("compacted (-), before (+):\n%s", diff)
	}
	compacted.SetClock(istanbulTime(2, 1, 0))
	wantCharges(t, compacted,
		"01-15 12:00 s1 149.90 TL card 900000000002 failed", "01-15 12:00 manual 149.90 TL card 1 charged", "01-15 18:00 s1 149.90 TL card 900000000002 failed",
		"01-16 12:00 s1 149.90 TL card 900000000002 for 01-15 failed", "01-16 18:00 s1 149.90 TL card 900000000002 for 01-15 failed", "01-20 12:00 manual 25.45 TL card 1 charged")
}

// Cut anywhere in the line of an evening, the file opens as it was before, and
// the evening is charged anew, to the same.
func TestTornCharges(t *testing.T) {
	dir := t.TempDir()
	s, kept := midMonth(t, filepath.Join(dir, "data"))
	want := charges(s)
	s.Close()
	data, err := os.ReadFile(s.store.path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := int(kept); cut < len(data); cut += 7 {
		path := filepath.Join(dir, fmt.Sprint("cut", cut))
		if err := os.WriteFile(path, data[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		torn := open(t, Options{Data: path, Clock: s.Now})
		if got := len(torn.charges()); got != len(want)-1 {
			t.Fatalf("cut at %d: got %d charges before the sandbox is asked, want %d", cut, got, len(want)-1)
		}
		if diff := cmp.Diff(charges(torn), want); diff != "" {
			t.Fatalf("cut at %d: got (-), want (+):\n%s", cut, diff)
		}
		torn.Close()
	}
}

// What was charged until when is stored with every write: a change of today does
// not reach back to days that passed without a charge.
func TestNoChargeBackwards(t *testing.T) {
	s := open(t, Options{Data: filepath.Join(t.TempDir(), "data")})
	stock(t, s)
	must(t, s, "AddSale", saleRequest())
	s.SetClock(istanbulTime(2, 10, 9)) // the charge of 15 January is the last thing in the file
	must(t, s, "UpdateSchedule", `{"DealerSaleScheduleId":1005,"DaysOfMonth":"5"}`)
	again := reopenAt(t, s, istanbulTime(3, 10, 9))
	wantCharges(t, again, "01-15 12:00 s1 149.90 TL card 1 charged", "03-05 12:00 s1 149.90 TL card 1 charged")
}

// A file that was written before charges were played opens; its sales are
// charged from then on, not for the time before.
func TestOldDataFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	var file []byte
	for _, text := range []string{
		`{"sum":"00000000","header":{"format":"mokasync-sandbox/1","salt":"00ff","next":{"customer":1034,"card":2,"product":1010,"schedule":1006,"sale":1003},"writes":{"DealerSale.AddSale":1}}}`,
		`{"sum":"00000000","dealer":"1731","customers":[{"DealerCustomerId":1033,"CustomerCode":"A"}]}`,
		`{"sum":"00000000","dealer":"1731","schedules":[{"DealerSaleScheduleId":1005,"ScheduleName":"m","DailyWeeklyMonthly":3,"EveryX":1,"DaysOfMonth":"15"}]}`,
		`{"sum":"00000000","dealer":"1731","method":"DealerSale.AddSale","sales":[{"DealerSaleId":1003,"SaleCode":"s1","DealerCustomerId":1033,"Amount":5.00,"Currency":"TL",` +
			`"InstallmentNumber":1,"DealerSaleScheduleId":1005,"SaleDate":"20260101","BeginDate":"20260101","HowManyTrial":1,"PlanType":1,"DefaultCard1Token":"` + TestCardToken(1) + `"}]}`,
	} {
		file = append(file, withSum(text)...)
	}
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, Options{Data: path})
	wantCharges(t, s)
	s.SetClock(istanbulTime(1, 16, 0))
	wantCharges(t, s, "01-15 12:00 s1 5.00 TL card 1 charged")
	if c := s.Charges()[0]; c.StepID != 5001 || c.PaymentID != 9001 {
		t.Errorf("the first ids are %d and %d", c.StepID, c.PaymentID)
	}
	if got := reopenAt(t, s, s.Now()).Charges(); len(got) != 1 {
		t.Errorf("reopened: got %d charges", len(got))
	}
}
