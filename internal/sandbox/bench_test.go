package sandbox

import (
	"fmt"
	"io"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// fill adds n sales, each with a card of its own, to a stocked sandbox.
func fill(tb testing.TB, s *Server, n int) {
	tb.Helper()
	for i := range n {
		code := fmt.Sprintf(`"sale-%06d"`, i)
		must(tb, s, "AddSale", saleRequest("SaleCode", code, "DefaultCard1Token", `"`+TestCardToken(int64(i))+`"`))
	}
}

// BenchmarkAddSale adds sales with a data file; the time an operation must not
// grow with their number.
func BenchmarkAddSale(b *testing.B) {
	s := open(b, Options{Data: filepath.Join(b.TempDir(), "data")})
	stock(b, s)
	b.ReportAllocs()
	b.ResetTimer()
	fill(b, s, b.N)
}

// BenchmarkOpen opens a data file of 20,000 sales.
func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "data")
	s := open(b, Options{Data: path})
	stock(b, s)
	fill(b, s, 20_000)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := open(b, Options{Data: path}).Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSaleList lists 20,000 sales.
func BenchmarkSaleList(b *testing.B) {
	s := newSandbox(b)
	stock(b, s)
	fill(b, s, 20_000)
	body := wrap(familySale, "null")
	b.ReportAllocs()
	for b.Loop() {
		s.ServeHTTP(discard{httptest.NewRecorder()}, httptest.NewRequest("POST", "/DealerSale/GetSaleList", strings.NewReader(body)))
	}
}

// discard is a ResponseWriter that keeps no body.
type discard struct{ *httptest.ResponseRecorder }

func (discard) Write(p []byte) (int, error) { return io.Discard.Write(p) }
