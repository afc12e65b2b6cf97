package moka

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The forms in which a list may come.
func TestLists(t *testing.T) {
	success := func(data string) string {
		return `{"Data":` + data + `,"ResultCode":"Success","ResultMessage":"","Exception":null}`
	}
	for _, row := range []struct {
		name, body string
		want       []string // product codes handed over
		is         error
		noData     bool
		count      *CountError
	}{
		{name: "two", body: success(`{"ProductListCount":2,"ProductList":[{"DealerProductId":1,"ProductCode":"a"},{"DealerProductId":2,"ProductCode":"b"}]}`), want: []string{"a", "b"}},
		{name: "count last and quoted", body: success(`{"ProductList":[{"ProductCode":"a"}],"ProductListCount":"1"}`), want: []string{"a"}},
		{name: "result code first", body: `{"ResultCode":"Success","Data":{"ProductList":[{"ProductCode":"a"}],"ProductListCount":1}}`, want: []string{"a"}},
		{name: "further members", body: success(`{"Page":{"n":[1,2]},"ProductListCount":1,"ProductList":[{"ProductCode":"a","Tags":["x"]}],"More":null}`), want: []string{"a"}},
		{name: "with the prefix that other lists have", body: success(`{"DealerProductListCount":1,"DealerProductList":[{"ProductCode":"a"}]}`), want: []string{"a"}},
		{name: "empty", body: success(`{"ProductListCount":0,"ProductList":[]}`)},
		{name: "null for empty", body: success(`{"ProductListCount":0,"ProductList":null}`)},
		{name: "no data, as the page's example has it", body: failure("DealerSale.GetProductList.NoDataFound"), noData: true},
		{name: "no data, as the page's table has it", body: failure("DealerSale.GetProductList.ProductNotFound"), noData: true},
		{name: "no data, with an empty list", body: `{"Data":{"ProductListCount":0,"ProductList":[]},"ResultCode":"DealerSale.GetProductList.NoDataFound"}`, noData: true},
		{name: "no data, with data", body: `{"Data":{"ProductListCount":1,"ProductList":[{"ProductCode":"a"}]},"ResultCode":"DealerSale.GetProductList.NoDataFound"}`, want: []string{"a"}, is: ErrShape},
		{name: "shorter than said", body: success(`{"ProductListCount":3,"ProductList":[{"ProductCode":"a"}]}`), want: []string{"a"}, count: &CountError{GetProductList, 3, 1}},
		{name: "longer than said", body: success(`{"ProductListCount":0,"ProductList":[{"ProductCode":"a"}]}`), want: []string{"a"}, count: &CountError{GetProductList, 0, 1}},
		{name: "null and yet counted", body: success(`{"ProductListCount":2,"ProductList":null}`), count: &CountError{GetProductList, 2, 0}},
		{name: "no count", body: success(`{"ProductList":[{"ProductCode":"a"}]}`), want: []string{"a"}, count: &CountError{GetProductList, -1, 1}},
		{name: "count null", body: success(`{"ProductListCount":null,"ProductList":[]}`), count: &CountError{GetProductList, -1, 0}},
		{name: "count no number", body: success(`{"ProductListCount":"many","ProductList":[]}`), count: &CountError{GetProductList, -1, 0}},
		{name: "no list", body: success(`{"ProductListCount":0}`), is: ErrShape},
		{name: "another list", body: success(`{"DealerSaleListCount":0,"DealerSaleList":[]}`), is: ErrShape},
		{name: "Data null", body: success(`null`), is: ErrShape},
		{name: "Data a list", body: success(`[{"ProductCode":"a"}]`), is: ErrShape},
		{name: "the list an object", body: success(`{"ProductListCount":0,"ProductList":{}}`), is: ErrShape},
		{name: "an element that is no object", body: success(`{"ProductListCount":1,"ProductList":["a"]}`), is: ErrShape},
		{name: "a null element", body: success(`{"ProductListCount":1,"ProductList":[null]}`), is: ErrShape},
		{name: "two lists", body: success(`{"ProductListCount":0,"ProductList":[],"ProductList":[]}`), is: ErrShape},
		{name: "two counts", body: success(`{"ProductListCount":0,"DealerProductListCount":1,"ProductList":[]}`), is: ErrShape},
		{name: "cut after an element", body: `{"Data":{"ProductListCount":1,"ProductList":[{"ProductCode":"a"}`, want: []string{"a"}, is: ErrTruncated},
		{name: "cut after the list", body: `{"Data":{"ProductListCount":1,"ProductList":[{"ProductCode":"a"}]}`, want: []string{"a"}, is: ErrTruncated},
		{name: "HTML", body: "<html>", is: errHTML},
		{name: "EX after the list", body: `{"Data":{"ProductListCount":1,"ProductList":[{"ProductCode":"a"}]},"ResultCode":"EX"}`, want: []string{"a"}, is: ErrShape},
	} {
		t.Run(row.name, func(t *testing.T) {
			base, _ := answering(t, 200, row.body)
			each, got := collect()
			err := newTestClient(t, base, func(o *Options) { o.Attempts = 1 }).GetProductList(t.Context(), each)
			var codes []string
			for _, r := range *got {
				codes = append(codes, r.Get("ProductCode"))
			}
			if d := cmp.Diff(codes, row.want); d != "" {
				t.Errorf("(-got +want)\n%s", d)
			}
			if IsNoData(err) != row.noData {
				t.Errorf("no data: %v (%v)", IsNoData(err), err)
			}
			var count *CountError
			if errors.As(err, &count); row.count != nil {
				if d := cmp.Diff(count, row.count); d != "" {
					t.Errorf("(-got +want)\n%s", d)
				}
			}
			if row.is != nil && !errors.Is(err, row.is) {
				t.Errorf("error %v, want one that is %q", err, row.is)
			}
			if bad := row.is != nil || row.noData || row.count != nil; bad != (err != nil) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// Which codes say "nothing to list" of which list, and which of them say something else.
func TestNoData(t *testing.T) {
	for _, row := range []struct {
		op               Op
		code             string
		noData, notFound bool
	}{
		{GetProductList, "DealerSale.GetProductList.NoDataFound", true, false},
		{GetProductList, "DealerSale.GetProductList.ProductNotFound", true, false},
		{GetProductList, "DealerSale.GetProductList.InvalidRequest", false, false},
		{GetSaleList, "DealerSale.GetSaleList.NoDataFound", true, false},
		{GetSaleList, "DealerSale.GetSaleList.DealerSaleNotFound", true, false},
		{GetSaleList, "DealerSale.GetSaleList.DealerSaleNotFund", true, false},
		{GetSaleList, "DealerSale.GetSaleList.SaleNotFound", true, false},
		{GetSaleList, "DealerCustomer.GetSaleList.NoDataFound", false, false},
		{GetSaleList, "NoDataFound", false, false},
		{GetSaleList, "EX", false, false},
		{GetScheduleList, "DealerSale.GetScheduleList.ScheduleNotFound", true, false},
		{GetCustomerList, "DealerCustomer.GetCustomerList.DealerCustomerNotFound", true, false},
		{GetCardList, "DealerCustomer.GetCardList.NoDataFound", true, false},
		{GetCardList, "DealerCustomer.GetCardList.CardNotFound", true, false},
		{GetCardList, "DealerCustomer.GetCardList.DealerCustomerNotFound", false, true},
		{GetCustomer, "DealerCustomer.GetCustomer.DealerCustomerNotFound", false, true},
		{GetCustomer, "DealerCustomer.GetCustomer.NoDataFound", false, true},
		{GetCustomer, "DealerCustomer.GetCustomer.InvalidRequest", false, false},
		{GetSale, "DealerSale.DeleteDealer.DealerSaleNotFund", false, true},
		{GetCard, "DealerCustomer.GetCard.CardNotFound", false, true},
		{AddSale, "DealerSale.AddSale.DealerCustomerIdNotFound", false, false},
		{UpdateSchedule, "DealerSale.UpdateSchedule.ScheduleNotFound", false, false},
	} {
		err := fmt.Errorf("look: %w", &Error{Op: row.op, Code: row.code, Phase: PhaseAnswer})
		if IsNoData(err) != row.noData || IsNotFound(err) != row.notFound {
			t.Errorf("%s %s: no data %v, not found %v", row.op, row.code, IsNoData(err), IsNotFound(err))
		}
	}
	if IsNoData(nil) || IsNotFound(nil) || IsTemporary(nil) {
		t.Error("no error is something")
	}
}

// An error of the caller's own function ends a list at once and comes back as it was.
func TestListEndsWithItsCaller(t *testing.T) {
	base, calls := answering(t, 200, `{"Data":{"DealerSaleListCount":3,"DealerSaleList":[{"SaleCode":"a"},{"SaleCode":"b"},{"SaleCode":"c"}]},"ResultCode":"Success"}`)
	enough := errors.New("enough")
	seen := 0
	err := newTestClient(t, base).GetSaleList(t.Context(), func(Record) error {
		if seen++; seen == 2 {
			return enough
		}
		return nil
	})
	if err != enough || seen != 2 || calls.Load() != 1 {
		t.Errorf("error %v after %d records and %d calls", err, seen, calls.Load())
	}
}

// The objects that reads give.
func TestReadsOfOne(t *testing.T) {
	const token = "51937236-82e0-4637-a8f5-2e1ec56ec870"
	ctx := t.Context()
	answers := map[Op]string{
		GetCustomer: `{"DealerCustomer":{"DealerCustomerId":1033,"CustomerCode":"Customer","Password":"Elif1234","Gender":2},"CardListCount":0,"CardList":[]}`,
		GetCard:     `{"DealerCustomer":{"DealerCustomerId":1034},"CardListCount":2,"CardList":[{"CardToken":"other"},{"CardToken":"` + token + `","CardName":"Bonus kartım"}]}`,
		GetCardList: `{"DealerCustomer":{"DealerCustomerId":1034},"CardListCount":1,"CardList":[{"CardToken":"` + token + `","CardName":"Bonus kartım"}]}`,
		GetSchedule: `{"DealerSaleScheduleId":1005,"DaysOfWeek":"1,2,3"}`,
		GetSale:     `{"DealerSaleId":"1003","SaleCode":"satis","EndDate":null}`,
	}
	c := newTestClient(t, serving(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"Data":`+answers[Op(r.URL.Path[1:])]+`,"ResultCode":"Success","ResultMessage":"","Exception":null}`)
	}))
	customer, err := c.GetCustomer(ctx, Record{{"CustomerCode", "Customer"}})
	if err != nil || customer.ID("DealerCustomerId") != 1033 || customer.Get("Password") != "Elif1234" || customer.Get("Gender") != "2" {
		t.Errorf("GetCustomer: %v, %v", plainly(customer), err)
	}
	if _, err := c.GetCustomer(ctx, Record{{"CustomerCode", "CUSTOMER"}}); !errors.Is(err, ErrMismatch) {
		t.Errorf("GetCustomer of another: %v", err)
	}
	for _, form := range []string{token, strings.ToUpper(token), "{" + token + "}"} {
		customer, card, err := c.GetCard(ctx, form)
		if err != nil || customer.ID("DealerCustomerId") != 1034 || card.Get("CardName") != "Bonus kartım" {
			t.Errorf("GetCard %s: %v, %v, %v", form, plainly(customer), plainly(card), err)
		}
	}
	if _, _, err := c.GetCard(ctx, "00000000-0000-0000-0000-000000000000"); !errors.Is(err, ErrMismatch) {
		t.Errorf("GetCard of another: %v", err)
	}
	each, cards := collect()
	if err := c.GetCardList(ctx, Record{{"DealerCustomerId", "1034"}}, each); err != nil || len(*cards) != 1 || (*cards)[0].Get("CardToken") != token {
		t.Errorf("GetCardList: %d, %v", len(*cards), err)
	}
	if s, err := c.GetSchedule(ctx, 1005); err != nil || s.Get("DaysOfWeek") != "1,2,3" {
		t.Errorf("GetSchedule: %v, %v", plainly(s), err)
	}
	if _, err := c.GetSchedule(ctx, 1006); !errors.Is(err, ErrMismatch) {
		t.Errorf("GetSchedule of another: %v", err)
	}
	if s, err := c.GetSale(ctx, Record{{"SaleCode", "satis"}}); err != nil || s.ID("DealerSaleId") != 1003 || !s.Has("EndDate") {
		t.Errorf("GetSale: %v, %v", plainly(s), err)
	}
}

// A hundred thousand sales pass through without staying: 48 MB of answer, and memory does not grow by a twelfth of that.
func TestLongListInLittleMemory(t *testing.T) {
	const n = 100_000
	base := serving(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"Data":{"DealerSaleListCount":%d,"DealerSaleList":[`, n)
		for i := range n {
			if i > 0 {
				io.WriteString(w, ",")
			}
			io.WriteString(w, saleJSON(i))
		}
		io.WriteString(w, `]},"ResultCode":"Success","ResultMessage":"","Exception":null}`)
	})
	c := newTestClient(t, base, func(o *Options) { o.Timeout = 2 * time.Minute })
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var seen int
	var most uint64
	err := c.GetSaleList(t.Context(), func(r Record) error {
		if seen++; seen%20_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
		if r.ID("DealerSaleId") != int64(seen) {
			return fmt.Errorf("sale %d has the id %s", seen, r.Get("DealerSaleId"))
		}
		return nil
	})
	if err != nil || seen != n {
		t.Fatalf("%d sales, %v", seen, err)
	}
	if most > before.HeapAlloc+4<<20 {
		t.Errorf("memory grew from %d to %d KiB", before.HeapAlloc>>10, most>>10)
	}
}

func saleJSON(i int) string {
	return fmt.Sprintf(`{"DealerSaleId":%d,"SaleCode":"sub-%d-v1","DealerCustomerId":%d,"CustomerCode":"acct-%d","DealerProductId":61,"ProductCode":"fiber-100","Amount":249.90,"Currency":"TL",`+
		`"InstallmentNumber":1,"DealerSaleScheduleId":3307,"SaleDate":"20310401","BeginDate":"20310405","EndDate":"20320405","HowManyTrial":3,"Description":"","PlanType":1,`+
		`"DealerCustomerTypeId":0,"DefaultCard1Token":"7c0f5b1e-2f7d-4c57-9a39-6d1a%08d","DefaultCard2Token":"","DefaultCard3Token":""}`, i+1, i, i, i, i)
}

// An element of a list is bounded like a whole answer, the list is not.
func TestElementsAreBounded(t *testing.T) {
	fat := `{"Description":"` + strings.Repeat("x", maxAnswer*2/3) + `"}`
	base, _ := answering(t, 200, `{"Data":{"DealerSaleListCount":3,"DealerSaleList":[`+fat+`,`+fat+`,`+fat+`]},"ResultCode":"Success"}`)
	each, got := collect()
	if err := newTestClient(t, base).GetSaleList(t.Context(), each); err != nil || len(*got) != 3 {
		t.Errorf("%d records, %v", len(*got), err)
	}
	base, _ = answering(t, 200, `{"Data":{"DealerSaleListCount":1,"DealerSaleList":[{"Description":"`+strings.Repeat("x", maxAnswer+64<<10)+`"}]},"ResultCode":"Success"}`)
	if err := newTestClient(t, base).GetSaleList(t.Context(), each); !errors.Is(err, ErrTooLarge) {
		t.Errorf("an endless element: %v", err)
	}
}

// FuzzAnswer reads anything as the answer of a list, of a customer and of a sale: it never panics, accepts the same whether bytes come at once or one by one, and what it accepts as a
// sale reads back the same when it is written again.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{saleDone, failure("EX"), "\ufeff{}", "<html>", `{"Data":{"DealerSaleListCount":1,"DealerSaleList":[{"SaleCode":"a","x":{"y":[null]}}]},"ResultCode":"Success"}`,
		`{"Data":{"DealerCustomer":{"DealerCustomerId":1},"CardListCount":1,"CardList":[{"CardToken":"a"}]},"ResultCode":"Success"}`, `{"Data":{"CardList":[1]},"ResultCode":"Success"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, op := range []Op{GetSaleList, GetCustomer, GetCard, AddSale} {
			each, got := collect()
			env, d, err := readAnswer(op, strings.NewReader(string(body)), each)
			each2, got2 := collect()
			env2, d2, err2 := readAnswer(op, iotest.OneByteReader(strings.NewReader(string(body))), each2)
			if env != env2 || d.seen != d2.seen || d.seen != len(*got) || len(*got) != len(*got2) || (err == nil) != (err2 == nil) {
				t.Fatalf("%s: read in pieces it is something else: %v, %v", op, err, err2)
			}
			if err != nil || op != AddSale || d.object == nil {
				continue
			}
			again := append(appendRecord([]byte(`{"Data":`), d.object), `,"ResultCode":"Success"}`...)
			_, back, err := readAnswer(op, strings.NewReader(string(again)), nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(plainly(back.object), plainly(d.object)); diff != "" {
				t.Fatalf("(-got +want)\n%s", diff)
			}
		}
	})
}

func BenchmarkList(b *testing.B) {
	var body strings.Builder
	const n = 1000
	fmt.Fprintf(&body, `{"Data":{"DealerSaleListCount":%d,"DealerSaleList":[`, n)
	for i := range n {
		if i > 0 {
			body.WriteString(",")
		}
		body.WriteString(saleJSON(i))
	}
	body.WriteString(`]},"ResultCode":"Success"}`)
	b.SetBytes(int64(body.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, d, err := readAnswer(GetSaleList, strings.NewReader(body.String()), func(Record) error { return nil }); err != nil || d.seen != n {
			b.Fatal(d.seen, err)
		}
	}
}
