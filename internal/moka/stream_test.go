package moka

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The lists are read as they come, and never held whole. Here they are held whole, and read by encoding/json: both have to find the same, and to refuse the same.

// listing is what an answer of a list says.
type listing struct {
	Records      [][][2]string
	Code, Said   string
	Listed, Good bool
}

// streamed reads an answer as the client does.
func streamed(op Op, from io.Reader) listing {
	var got listing
	env, data, err := readAnswer(op, from, func(r Record) error {
		got.Records = append(got.Records, plainly(r))
		return nil
	})
	if err != nil {
		return listing{}
	}
	got.Code, got.Said, got.Listed, got.Good = env.code, data.said, data.listed, true
	return got
}

// whole reads it by encoding/json.
func whole(op Op, body []byte) listing {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if !json.Valid(body) {
		return listing{}
	}
	var got listing
	var data json.RawMessage
	top, ok := membersOf(body)
	if !ok || slices.ContainsFunc(envelopeNames[:], func(name string) bool { return len(named(top, name)) > 1 }) {
		return listing{}
	}
	if code := named(top, "ResultCode"); len(code) == 1 {
		got.Code = shortText(code[0])
	}
	if d := named(top, "Data"); len(d) == 1 {
		data = d[0]
	}
	if got.Code == "" || !got.readList(table[op], data) {
		return listing{}
	}
	got.Good = true
	return got
}

func (got *listing) readList(r row, data json.RawMessage) bool {
	switch string(data) {
	case "", "null", "false", `""`:
		return true
	}
	in, ok := membersOf(data)
	counts, arrays := listNames(r.count), listNames(r.array)
	for _, m := range in {
		switch {
		case slices.Contains(counts[:], m.name):
			if got.Said != "" {
				return false
			}
			got.Said = shortText(m.value)
		case slices.Contains(arrays[:], m.name):
			if got.Listed || !got.readRecords(m.value) {
				return false
			}
			got.Listed = true
		}
	}
	return ok
}

func (got *listing) readRecords(array json.RawMessage) bool {
	var elements []json.RawMessage
	if json.Unmarshal(array, &elements) != nil {
		return false
	}
	for _, e := range elements {
		in, ok := membersOf(e)
		if !ok || len(in) > maxMembers {
			return false
		}
		record := [][2]string{}
		for _, m := range in {
			if len(named(in, m.name)) > 1 {
				return false
			}
			if m.value[0] != '{' && m.value[0] != '[' {
				record = append(record, [2]string{m.name, scalarText(m.value)})
			}
		}
		got.Records = append(got.Records, record)
	}
	return true
}

type namedValue struct {
	name  string
	value json.RawMessage
}

// membersOf lists an object's members in their order, those that stand twice too; false for what is no object.
func membersOf(raw json.RawMessage) (list []namedValue, ok bool) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if begin, err := dec.Token(); err != nil || begin != json.Delim('{') {
		return nil, false
	}
	for dec.More() {
		var m namedValue
		name, _ := dec.Token()
		m.name, _ = name.(string)
		if dec.Decode(&m.value) != nil {
			return nil, false
		}
		list = append(list, m)
	}
	return list, true
}

func named(list []namedValue, name string) (values []json.RawMessage) {
	for _, m := range list {
		if m.name == name {
			values = append(values, m.value)
		}
	}
	return values
}

// scalarText is a scalar's text: that of a string, nothing for null, anything else as it stands.
func scalarText(raw json.RawMessage) string {
	var s string
	switch {
	case raw[0] == '"':
		_ = json.Unmarshal(raw, &s)
		return s
	case raw[0] == 'n':
		return ""
	}
	return string(raw)
}

// shortText is the text of an envelope's member, which is cut to what is kept.
func shortText(raw json.RawMessage) string {
	s := scalarText(raw)
	return s[:min(len(s), maxText)]
}

// compareReadings holds what the client finds in an answer against what encoding/json finds in the whole of it, in whatever pieces it comes.
func compareReadings(t interface{ Errorf(string, ...any) }, op Op, body []byte) {
	want := whole(op, body)
	for name, from := range map[string]io.Reader{
		"at once": bytes.NewReader(body), "byte by byte": iotest.OneByteReader(bytes.NewReader(body)),
		"in halves": iotest.HalfReader(bytes.NewReader(body)), "its end with its last bytes": iotest.DataErrReader(bytes.NewReader(body)),
	} {
		if d := cmp.Diff(streamed(op, from), want); d != "" {
			t.Errorf("%s, read %s (-got +want)\n%s\n%.400s", op, name, d, body)
		}
	}
	// What breaks off is no answer, whatever came before: absence is believed of whole lists only.
	if got := streamed(op, io.MultiReader(bytes.NewReader(body), iotest.ErrReader(errors.New("connection reset")))); got.Good {
		t.Errorf("%s: taken for whole although the connection broke off after it: %.400s", op, body)
	}
}

var listOps = []Op{GetCustomerList, GetCardList, GetProductList, GetScheduleList, GetSaleList, GetPaymentPlanList, GetPaymentPlanReport}

// Random answers, whole, cut anywhere, and with a piece taken out, put in, or changed.
func TestStreamedListsReadAsWholeOnes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		op := rapid.SampledFrom(listOps).Draw(t, "op")
		body := drawAnswer(t, op)
		compareReadings(t, op, body)
		compareReadings(t, op, body[:rapid.IntRange(0, len(body)).Draw(t, "cut")])
		at := rapid.IntRange(0, len(body)).Draw(t, "at")
		n := rapid.IntRange(0, min(3, len(body)-at)).Draw(t, "out")
		in := rapid.SampledFrom([]string{"", "{", "}", "[", "]", ",", ":", `"`, "0", "-", ".", "e", "\\", "\\u12", "null", "\x01", "\xff", " ", `"a":1,`}).Draw(t, "in")
		compareReadings(t, op, slices.Concat(body[:at], []byte(in), body[at+n:]))
	})
}

// drawAnswer makes an answer of a list, mostly a good one.
func drawAnswer(t *rapid.T, op Op) []byte {
	scalar := rapid.SampledFrom([]string{`1003`, `"1003"`, `0.01`, `-1e2`, `null`, `true`, `""`, `"TL"`, `"TAŞDELEN"`, `"\u0131\n\ud83d\ude00"`, `"} ] \" {"`, "\"\xff\"", `{"a":[1,{"b":"]"}]}`, `[[],{}]`})
	name := rapid.SampledFrom([]string{"DealerSaleId", "SaleCode", "Amount", "Currency", "EndDate", "İsim", "a\\u0062", "", "More"})
	object := func(t *rapid.T) string {
		var parts []string
		for range rapid.IntRange(0, 6).Draw(t, "members") {
			parts = append(parts, fmt.Sprintf(`"%s":%s`, name.Draw(t, "name"), scalar.Draw(t, "value")))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	elements := make([]string, rapid.IntRange(0, 5).Draw(t, "elements"))
	for i := range elements {
		elements[i] = object(t)
	}
	r := table[op]
	parts := []string{
		fmt.Sprintf(`"%s":%s`, rapid.SampledFrom([]string{r.count, r.count, listNames(r.count)[1]}).Draw(t, "count's name"),
			rapid.SampledFrom([]string{fmt.Sprint(len(elements)), fmt.Sprintf(`"%d"`, len(elements)), "null", "7", "{}"}).Draw(t, "count")),
		fmt.Sprintf(`"%s" : [%s]`, r.array, strings.Join(elements, " ,\n")),
		`"Page":` + object(t),
	}
	data := "{" + strings.Join(rapid.Permutation(parts).Draw(t, "data")[:rapid.IntRange(1, 3).Draw(t, "of it")], ",") + "}"
	data = rapid.SampledFrom([]string{data, data, data, data, "null", `""`, "[]", "true"}).Draw(t, "Data")
	envelope := []string{`"Data":` + data, `"ResultCode":"Success"`, `"ResultMessage":""`, `"Exception":null`, `"More":` + object(t)}
	return []byte(rapid.SampledFrom([]string{"", "\xef\xbb\xbf", " \n"}).Draw(t, "begin") + "{" + strings.Join(rapid.Permutation(envelope).Draw(t, "envelope"), ",") + "}" +
		rapid.SampledFrom([]string{"", "\n", "{}", "x"}).Draw(t, "end"))
}

func FuzzStreamedList(f *testing.F) {
	f.Add(uint8(4), []byte(`{"Data":{"DealerSaleListCount":2,"DealerSaleList":[{"DealerSaleId":1,"SaleCode":"a\u0131"},{"EndDate":null,"x":[1]}]},"ResultCode":"Success","Exception":null}`))
	f.Add(uint8(2), []byte(` {"ResultCode":"DealerSale.GetProductList.NoDataFound","Data":null} `))
	f.Add(uint8(0), []byte(`{"Data":{"DealerCustomerList":[{"a":1,"a":2}]},"ResultCode":"Success"}`))
	f.Add(uint8(3), []byte("\xef\xbb\xbf{\"Data\":{\"SaleScheduleList\":null,\"SaleScheduleListCount\":\"0\"},\"ResultCode\":\"Success\"}"))
	f.Fuzz(func(t *testing.T, n uint8, body []byte) {
		compareReadings(t, listOps[int(n)%len(listOps)], body)
	})
}

// FuzzScan: the scanner takes for a value what encoding/json takes for one, from its first byte to its last.
func FuzzScan(f *testing.F) {
	for _, s := range []string{`{"a":[1,-0.5e+3,"\u00e7\\",true,null]}`, "01", "-", "1.", `"\x"`, "[1,]", "{,}", " nul", "\"\t\"", `{"a"1}`, "[", "1 "} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, from := range []io.Reader{bytes.NewReader(raw), iotest.OneByteReader(bytes.NewReader(raw))} {
			s := scanner{from: from}
			got, err := s.value()
			value := string(got)
			good := err == nil
			if good {
				_, err = s.peek()
				good = err == io.EOF // and nothing after it
			}
			if good != json.Valid(raw) {
				t.Fatalf("%q: taken for JSON: %t (%v)", raw, good, err)
			}
			if good && value != strings.Trim(string(raw), " \t\r\n") {
				t.Fatalf("%q: read as %q", raw, value)
			}
		}
	})
}

// Nesting ends where encoding/json ends it, so that no answer can use up the stack.
func TestScanDepth(t *testing.T) {
	for _, depth := range []int{1, maxDepth, maxDepth + 1, 2_000_000} {
		raw := []byte(strings.Repeat("[", depth) + strings.Repeat("]", depth))
		s := scanner{from: bytes.NewReader(raw)}
		_, err := s.value()
		if got, want := err == nil, json.Valid(raw); got != want {
			t.Errorf("%d deep: taken for JSON: %t, by encoding/json %t", depth, got, want)
		}
	}
}

// Whatever an object's members are, there is a bound to them: each is held against all before it.
func TestMembersAreBounded(t *testing.T) {
	for _, value := range []string{"1", "[]", "{}"} {
		for n, want := range map[int]error{maxMembers: nil, maxMembers + 1: ErrShape} {
			members := make([]string, n)
			for i := range members {
				members[i] = fmt.Sprintf(`"m%d":%s`, i, value)
			}
			object := "{" + strings.Join(members, ",") + "}"
			_, _, err := readAnswer(GetSaleList, strings.NewReader(`{"Data":{"DealerSaleListCount":1,"DealerSaleList":[`+object+`]},"ResultCode":"Success"}`), nil)
			if !errors.Is(err, want) {
				t.Errorf("%d members like %s: got %v, want %v", n, value, err, want)
			}
		}
	}
}

type idleReader struct{}

func (idleReader) Read([]byte) (int, error) { return 0, nil }

// A connection that gives neither bytes nor an error ends the reading, at any place.
func TestReadingEndsWithoutProgress(t *testing.T) {
	const body = ` {"Data":{"DealerSaleListCount":1,"DealerSaleList":[{"a":"\u0131"}]},"ResultCode":"Success"}`
	for at := range body {
		if _, _, err := readAnswer(GetSaleList, io.MultiReader(strings.NewReader(body[:at]), idleReader{}), nil); !errors.Is(err, io.ErrNoProgress) {
			t.Errorf("after %q: %v", body[:at], err)
		}
	}
}

// What is kept for the next answer holds nothing of this one but its members' names: customers' passwords are in answers.
func TestNothingOfAnAnswerIsKept(t *testing.T) {
	r := &reading{row: table[GetCustomerList], limit: limitReader{left: maxAnswer,
		from: strings.NewReader(`{"Data":{"DealerCustomerListCount":1,"DealerCustomerList":[{"Password":"s3cret","Card":{}}]},"ResultMessage":"s3cret"}`)}}
	r.scan.from = &r.limit
	r.parser.many(true)
	if err := r.readEnvelope(); err != nil {
		t.Fatal(err)
	}
	r.release()
	if held := r.scan.buf[:cap(r.scan.buf)]; len(held) == 0 || bytes.Contains(held, []byte("s3cret")) {
		t.Errorf("the buffer holds %q", bytes.Trim(held, "\x00"))
	}
	if held := r.parser.member[:cap(r.parser.member)]; slices.ContainsFunc(held, func(m Member) bool { return m != Member{} }) {
		t.Errorf("the members hold %q", plainly(held))
	}
	if r.parser.values != nil || r.env != (envelope{}) || r.limit.from != nil || r.scan.from != nil {
		t.Error("values, envelope or connection are kept")
	}
}
