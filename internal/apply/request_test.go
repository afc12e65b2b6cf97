package apply

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

const manifests = `
apiVersion: mokasync/v1
kind: Customer
metadata: {name: elif}
spec: {customerCode: Customer, firstName: Elif, lastName: Yetimoğlu, gender: female, birthDate: "1990-12-18", gsmNumber: "5301111111", email: elif.y@example.com, address: TAŞDELEN, password: {fromEnv: P, version: 1}}
---
apiVersion: mokasync/v1
kind: Card
metadata: {name: bonus}
spec: {customer: elif, token: 9de41bb0-e82f-4670-b36b-d71ff27a3111}
---
apiVersion: mokasync/v1
kind: Product
metadata: {name: Product01}
spec: {productName: Gold}
---
apiVersion: mokasync/v1
kind: Schedule
metadata: {name: monthly}
spec: {frequency: monthly, daysOfMonth: [15, 1]}
---
apiVersion: mokasync/v1
kind: Sale
metadata: {name: satis}
spec:
  customer: elif
  product: Product01
  schedule: {id: 1005}
  cards: [bonus, {token: "{51937236-82E0-4637-A8F5-2E1EC56EC870}"}]
  amount: 0.5
  beginDate: "2035-08-21"
---
apiVersion: mokasync/v1
kind: Sale
metadata: {name: by-hand}
spec: {customer: {dealerCustomerId: 1034}, product: {dealerProductId: 1009}, planType: manual, customerTypeId: 7, amount: "12", currency: EUR, beginDate: "2035-08-21", saleDate: "2035-08-20", endDate: "2036-12-30", description: ""}
`

// What is sent looks as the documentation's samples look (moka-api 2.1, 2.12, 2.15, 2.20): codes always, dates YYYYMMDD, tokens in braces and upper
// case, numbers as texts, absent members left out.
func TestCreation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.yaml")
	if err := os.WriteFile(path, []byte(manifests), 0o644); err != nil {
		t.Fatal(err)
	}
	set, ds := spec.Load(context.Background(), []string{path}, spec.Options{})
	if spec.HasErrors(ds) {
		t.Fatal(ds)
	}
	known := lockfile.New("test", "1731", lockfile.NewSalt())
	want := map[string]string{
		"customer/elif":     "CustomerCode=Customer FirstName=Elif LastName=Yetimoğlu Gender=2 BirthDate=19901218 GsmNumber=5301111111 Email=elif.y@example.com Address=TAŞDELEN Password=Elif1234",
		"product/Product01": "ProductCode=Product01 ProductName=Gold",
		"schedule/monthly":  "ScheduleName=monthly DailyWeeklyMonthly=3 EveryX=1 DaysOfMonth=1,15",
		"sale/satis": "SaleCode=satis CustomerCode=Customer ProductCode=Product01 DealerSaleScheduleId=1005 DefaultCard1Token={9DE41BB0-E82F-4670-B36B-D71FF27A3111} " +
			"DefaultCard2Token={51937236-82E0-4637-A8F5-2E1EC56EC870} Amount=0.50 Currency=TL InstallmentNumber=1 SaleDate=20350801 BeginDate=20350821 EndDate= HowManyTrial=1 PlanType=1",
		"sale/by-hand": "SaleCode=by-hand DealerCustomerId=1034 DealerProductId=1009 Amount=12.00 Currency=EUR InstallmentNumber=1 SaleDate=20350820 BeginDate=20350821 EndDate=20361230 " +
			"HowManyTrial=1 Description= PlanType=2 DealerCustomerTypeId=7",
	}
	for _, r := range set.Resources {
		if r.Address.Kind == spec.Card {
			continue
		}
		a := &Applier{Options: Options{Today: "2035-08-01", World: plan.NewWorld(set.Resources, known), Passwords: map[spec.Address]string{r.Address: "Elif1234"}}}
		session := &lockfile.Session{Lock: known}
		a.Session = session
		var got []string
		for _, m := range a.creation(r).members {
			got = append(got, m.Name+"="+m.Value)
		}
		if diff := cmp.Diff(want[r.Address.String()], strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", r.Address, diff)
		}
	}
}

// An update of a customer sends every member: those that are managed as they are meant to be, the others as they were read. What is not set at
// Moka and not meant to be stays out.
func TestOverlay(t *testing.T) {
	live := moka.Record{{Name: "DealerCustomerId", Value: "1033"}, {Name: "CustomerCode", Value: "C"}, {Name: "Password", Value: "kept"}, {Name: "FirstName", Value: "Old"},
		{Name: "Gender", Value: "0"}, {Name: "Email", Value: "kept@example.com"}, {Name: "Address", Value: "old"}, {Name: "LastName", Value: ""}}
	set := moka.Record{{Name: "CustomerCode", Value: "C"}, {Name: "FirstName", Value: "New"}, {Name: "Address", Value: ""}, {Name: "BirthDate", Value: "19901218"}}
	want := []string{"CustomerCode=C", "Password=kept", "FirstName=New", "Email=kept@example.com", "Address=", "BirthDate=19901218"}
	var got []string
	for _, m := range overlay(live, set, "DealerCustomerId") {
		got = append(got, m.Name+"="+m.Value)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// An answer is held against what was sent; tokens, numbers and unset members may be written in any of Moka's ways.
func TestOtherThanSent(t *testing.T) {
	sent := moka.Record{{Name: "Amount", Value: "149.90"}, {Name: "EndDate", Value: ""}, {Name: "DefaultCard1Token", Value: "{9DE41BB0-E82F-4670-B36B-D71FF27A3111}"},
		{Name: "CustomerCode", Value: "C"}, {Name: "Description", Value: "Üyelik"}, {Name: "HowManyTrial", Value: "3"}}
	answer := func(pairs ...string) moka.Record {
		r := moka.Record{{Name: "Amount", Value: "149.9"}, {Name: "EndDate", Value: ""}, {Name: "DefaultCard1Token", Value: "9de41bb0-e82f-4670-b36b-d71ff27a3111"},
			{Name: "DefaultCard2Token", Value: ""}, {Name: "CustomerCode", Value: "C"}, {Name: "Description", Value: "Üyelik"}, {Name: "HowManyTrial", Value: "3"}}
		for i := range r {
			if r[i].Name == pairs[0] {
				r[i].Value = pairs[1]
			}
		}
		return r
	}
	tests := []struct{ member, value, want string }{
		{"Amount", "149.9", ""}, {"Amount", "149.91", "amount"}, {"Amount", "14990", "amount"}, {"Description", "U\u0308yelik", ""}, {"Description", "Uyelik", "description"},
		{"EndDate", "20360101", "endDate"}, {"DefaultCard1Token", "", "cards"}, {"DefaultCard2Token", "51937236-82e0-4637-a8f5-2e1ec56ec870", "cards"}, {"HowManyTrial", "1", "howManyTrial"},
	}
	for _, test := range tests {
		if got := fieldNames(otherThanSent(spec.Sale, sent, answer(test.member, test.value))); got != test.want {
			t.Errorf("%s %q: got %q, want %q", test.member, test.value, got, test.want)
		}
	}
}
