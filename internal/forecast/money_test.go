package forecast_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/mokasync/mokasync/internal/forecast"
	"pgregory.net/rapid"
)

// Money reckons as big.Int does, within 64 bits and beyond them, and back again.
func TestMoneyIsExact(t *testing.T) {
	edges := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-3, 3), rapid.SampledFrom([]int64{math.MaxInt64, math.MinInt64, math.MaxInt64 - 1, 1 << 60, 1<<60 - 1, 1 << 31, -1 << 31}))
	rapid.Check(t, func(t *rapid.T) {
		var m forecast.Money
		want := new(big.Int)
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			kurus, times := edges.Draw(t, "kuruş"), rapid.OneOf(rapid.IntRange(-3, 3), rapid.Int()).Draw(t, "times")
			var other forecast.Money
			other.AddTimes(kurus, times)
			much := new(big.Int).Mul(big.NewInt(kurus), big.NewInt(int64(times)))
			if other.Kurus().Cmp(much) != 0 {
				t.Fatalf("%d times %d is %s, want %s", times, kurus, other.Kurus(), much)
			}
			if got, want := m.Compare(other), want.Cmp(much); got != want {
				t.Fatalf("%s compared with %s is %d, want %d", m, other, got, want)
			}
			if rapid.Bool().Draw(t, "less") {
				m, want = m.Minus(other), want.Sub(want, much)
			} else {
				m.AddMoney(other)
				want.Add(want, much)
			}
			m.Add(kurus)
			want.Add(want, big.NewInt(kurus))
			if m.Kurus().Cmp(want) != 0 || m.Sign() != want.Sign() || m.Abs().Kurus().Cmp(new(big.Int).Abs(want)) != 0 {
				t.Fatalf("it is %s, want %s kuruş", m, want)
			}
			n := rapid.OneOf(rapid.Int64Range(1, 13), rapid.Int64Range(1, math.MaxInt64/2)).Draw(t, "months")
			if got, want := m.Mean(n).Kurus(), mean(want, n); got.Cmp(want) != 0 {
				t.Fatalf("the mean of %s over %d is %s, want %s", m, n, got, want)
			}
		}
	})
}

// mean divides, and rounds half away from zero.
func mean(sum *big.Int, n int64) *big.Int {
	quotient, rest := new(big.Int).QuoRem(new(big.Int).Abs(sum), big.NewInt(n), new(big.Int))
	if rest.Lsh(rest, 1).Cmp(big.NewInt(n)) >= 0 {
		quotient.Add(quotient, big.NewInt(1))
	}
	if sum.Sign() < 0 {
		quotient.Neg(quotient)
	}
	return quotient
}
