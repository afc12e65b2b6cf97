package sandbox

import (
	"strings"
	"testing"
)

// Amounts are exact: what cannot be said in hundredths is refused, not rounded.
func TestAmounts(t *testing.T) {
	for text, want := range map[string]string{
		`"0.01"`: "0.01", `0.01`: "0.01", `"1"`: "1.00", `149.9`: "149.90", `"149.90"`: "149.90", `10.0`: "10.00", `"25.450"`: "25.45",
		`1.5e2`: "150.00", `1.0E-2`: "0.01", `"999999999999.99"`: "999999999999.99", `0.1`: "0.10", `1e2`: "100.00",
	} {
		s := shop(t)
		if got := field(t, must(t, s, "AddSale", saleRequest("Amount", text)), "Amount"); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{
		`"25,45"`, `"1.005"`, `0.001`, `"0"`, `0`, `"-1"`, `-0.01`, `"abc"`, `"1_000"`, `" 1"`, `"1 "`, `"+1"`, `".5"`, `"5."`, `"007"`, `"1e"`, `true`, `[]`,
		`"1000000000000"`, `1e12`, `1e999`, `"1e99999999999"`, `1e-999`, `"NaN"`, `"Infinity"`, `"0x10"`, `"` + strings.Repeat("1", 5000) + `"`,
	} {
		wantCode(t, shop(t), "AddSale", saleRequest("Amount", text), "InvalidRequest")
	}
}

// Integers come quoted or bare; "" and null are nothing (moka-api 1.7).
func TestIntegers(t *testing.T) {
	for text, want := range map[string]string{`"3"`: "3", `3`: "3", `""`: "1", `null`: "1"} {
		s := shop(t)
		if got := field(t, must(t, s, "AddSale", saleRequest("InstallmentNumber", text)), "InstallmentNumber"); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	for member, bad := range map[string][]string{
		"InstallmentNumber": {`0`, `"13"`, `"-1"`, `"1.0"`, `1.5`, `"one"`, `true`, `{}`, `99999999999`, `" 1"`, `"+1"`},
		"HowManyTrial":      {`-1`, `"x"`},
		"PlanType":          {`0`, `4`},
	} {
		for _, text := range bad {
			wantCode(t, shop(t), "AddSale", saleRequest(member, text), "InvalidRequest")
		}
	}
}

func TestDates(t *testing.T) {
	for _, text := range []string{`"20270230"`, `"2027-01-15"`, `"20271301"`, `"270115"`, `"+2027115"`, `" 2027115"`, `"today"`, `[]`, `"２０２７０１１５"`} {
		wantCode(t, shop(t), "AddSale", saleRequest("BeginDate", text), "InvalidRequest")
	}
	must(t, shop(t), "AddSale", saleRequest("BeginDate", `20270115`))
	must(t, shop(t), "AddCustomer", `{"BirthDate":"20240229"}`)
}

// A token is the same with or without braces and in any case, and is answered
// in lower case without braces.
func TestTokens(t *testing.T) {
	for _, text := range []string{
		"7e57ca4d-0000-4000-8000-00000000000a", // no decimal number
		"7e57ca4d-0000-4000-8000-0000000000001",
		"{7e57ca4d-0000-4000-8000-000000000001",
		"7e57ca4d00004000800000000000001",
		"{}", "{", "}",
	} {
		wantCode(t, shop(t), "AddSale", saleRequest("DefaultCard1Token", `"`+text+`"`), "InvalidCardToken")
	}
	for _, text := range []string{
		"7e57ca4d-0000-4000-8000-000000000001", "7E57CA4D-0000-4000-8000-000000000001",
		"{7e57ca4d-0000-4000-8000-000000000001}", "{7E57CA4D-0000-4000-8000-000000000001}",
	} {
		got := must(t, shop(t), "AddSale", saleRequest("DefaultCard1Token", `"`+text+`"`))
		if token := field(t, got, "DefaultCard1Token"); token != `"`+TestCardToken(1)+`"` {
			t.Errorf("%s: got %s", text, token)
		}
	}
}

// Lengths are in code points; one more is refused.
func TestLengths(t *testing.T) {
	limits := []struct {
		method, member string
		limit          int
		rest           []string
	}{
		{"AddCustomer", "CustomerCode", 100, nil}, {"AddCustomer", "Password", 50, nil}, {"AddCustomer", "FirstName", 50, nil},
		{"AddCustomer", "LastName", 50, nil}, {"AddCustomer", "GsmNumber", 20, nil}, {"AddCustomer", "Address", 200, nil},
		{"AddProduct", "ProductName", 100, nil},
		{"AddSchedule", "ScheduleName", 100, []string{"DailyWeeklyMonthly", "1"}},
		{"UpdateCard", "CardName", 50, []string{"CardToken", `"` + TestCardToken(1) + `"`}},
		{"AddCard", "CardHolderFullName", 100, []string{"CustomerCode", `"A"`, "CardNumber", `"5127541122223332"`, "ExpMonth", `"1"`, "ExpYear", `"2030"`}},
	}
	for _, l := range limits {
		s := shop(t)
		must(t, s, l.method, edit(l.rest, []string{l.member, `"` + strings.Repeat("ğ", l.limit) + `"`}))
		r := ask(t, s, l.method, edit(l.rest, []string{l.member, `"` + strings.Repeat("ğ", l.limit+1) + `"`}))
		if !strings.HasSuffix(r.ResultCode, ".InvalidRequest") {
			t.Errorf("%s.%s of %d: got %s, want InvalidRequest", l.method, l.member, l.limit+1, r.ResultCode)
		}
	}
	must(t, shop(t), "AddSale", saleRequest("SaleCode", `"`+strings.Repeat("ş", 100)+`"`))
	wantCode(t, shop(t), "AddSale", saleRequest("SaleCode", `"`+strings.Repeat("ş", 101)+`"`), "InvalidRequest")
	must(t, shop(t), "AddSale", saleRequest("Description", `"`+strings.Repeat("ş", 200)+`"`))
	wantCode(t, shop(t), "AddSale", saleRequest("Description", `"`+strings.Repeat("ş", 201)+`"`), "InvalidRequest")
	email := strings.Repeat("e", 88) + "@example.com"
	must(t, shop(t), "AddCustomer", `{"Email":"`+email+`"}`)
	wantCode(t, shop(t), "AddCustomer", `{"Email":"e`+email+`"}`, "InvalidRequest")
}

func TestEmails(t *testing.T) {
	for address, good := range map[string]bool{
		"elif@example.com": true, "a.b+c@x.co": true, "çağ@örnek.com.tr": true, "a@b.c": true, "": true,
		"elif": false, "elif@": false, "@example.com": false, "elif@example": false, "elif@.com": false, "elif@example.": false,
		"a b@example.com": false, "a@b@example.com": false, "elif@exa mple.com": false,
	} {
		want := "Success"
		if !good {
			want = "InvalidEmailFormat"
		}
		wantCode(t, newSandbox(t), "AddCustomer", `{"Email":"`+address+`"}`, want)
	}
}

// Texts may come as bare numbers; members that nobody knows are passed over, and
// names are compared exactly.
func TestTolerance(t *testing.T) {
	s := newSandbox(t)
	got := field(t, must(t, s, "AddCustomer", `{"CustomerCode":12345678901234567890,"GsmNumber":5301111111,"Phone":{"x":[1]},"firstname":"no","FIRSTNAME":"no"}`), "DealerCustomer")
	for member, want := range map[string]string{"CustomerCode": `"12345678901234567890"`, "GsmNumber": `"5301111111"`, "FirstName": `""`} {
		if text := field(t, got, member); text != want {
			t.Errorf("%s: got %s, want %s", member, text, want)
		}
	}
	must(t, s, "GetCustomer", `{"CustomerCode":"12345678901234567890"}`)
	if r := read(t, s, "/DealerCustomer/GetCustomerList", "\xef\xbb\xbf"+wrap(familyCustomer, "null")); r.ResultCode != "Success" {
		t.Errorf("after a byte order mark: got %s", r.text)
	}
}
