package forecast

import (
	"cmp"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// Money is an exact sum in kuruş, of any size. The zero Money is nothing. A Money is not changed through its copies.
type Money struct {
	small int64
	large *big.Int // the sum where 64 bits do not hold it, else nil
}

func (m Money) value() *big.Int {
	if m.large == nil {
		return big.NewInt(m.small)
	}
	return m.large
}

// moneyOf keeps a sum; n is not to be changed afterwards.
func moneyOf(n *big.Int) Money {
	if n.IsInt64() {
		return Money{small: n.Int64()}
	}
	return Money{large: n}
}

// Add adds an amount in kuruş.
func (m *Money) Add(kurus int64) { m.AddMoney(Money{small: kurus}) }

// AddTimes adds an amount in kuruş so many times.
func (m *Money) AddTimes(kurus int64, n int) {
	const narrow = 1 << 31 // the product of two such numbers fits
	if kurus > -narrow && kurus < narrow && n > -narrow && n < narrow {
		m.Add(kurus * int64(n))
		return
	}
	m.AddMoney(moneyOf(new(big.Int).Mul(big.NewInt(kurus), big.NewInt(int64(n)))))
}

// AddMoney adds another sum.
func (m *Money) AddMoney(other Money) {
	if m.large == nil && other.large == nil {
		sum := m.small + other.small
		if (sum > m.small) == (other.small > 0) { // else it went beyond 64 bits
			m.small = sum
			return
		}
	}
	*m = moneyOf(new(big.Int).Add(m.value(), other.value()))
}

// Minus gives the difference.
func (m Money) Minus(other Money) Money {
	return moneyOf(new(big.Int).Sub(m.value(), other.value()))
}

// Abs gives the sum without its sign.
func (m Money) Abs() Money {
	if m.large == nil && m.small >= 0 {
		return m
	}
	return moneyOf(new(big.Int).Abs(m.value()))
}

// Compare is negative, 0 or positive as m is less than, equal to or more than another sum.
func (m Money) Compare(other Money) int {
	if m.large == nil && other.large == nil {
		return cmp.Compare(m.small, other.small)
	}
	return m.value().Cmp(other.value())
}

// Sign is -1, 0 or 1.
func (m Money) Sign() int { return m.value().Sign() }

// Mean gives the sum divided by n, above 0, rounded half up to the kuruş (of a negative sum: half away from zero).
func (m Money) Mean(n int64) Money {
	const narrow = 1 << 60 // twice such a sum, and n more, fit
	if m.large == nil && m.small >= 0 && m.small < narrow && n < narrow {
		return Money{small: (2*m.small + n) / (2 * n)}
	}
	twice := new(big.Int).Abs(m.value())
	twice.Mul(twice, big.NewInt(2)).Add(twice, big.NewInt(n)).Quo(twice, big.NewInt(2*n))
	if m.Sign() < 0 {
		twice.Neg(twice)
	}
	return moneyOf(twice)
}

// Kurus gives the sum in kuruş; the result is not to be changed.
func (m Money) Kurus() *big.Int { return m.value() }

// String gives the sum with two decimal places, "149.90".
func (m Money) String() string {
	sign := ""
	if m.Sign() < 0 {
		sign = "-"
	}
	digits := new(big.Int).Abs(m.value()).String()
	digits = strings.Repeat("0", max(0, 3-len(digits))) + digits
	return sign + digits[:len(digits)-2] + "." + digits[len(digits)-2:]
}

// MarshalText gives what String does.
func (m Money) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what String gives. The error is for a text that is no sum.
func (m *Money) UnmarshalText(text []byte) error {
	whole, part, ok := strings.Cut(string(text), ".")
	sum, number := new(big.Int).SetString(whole+part, 10)
	if !ok || len(part) != 2 || !number {
		return fmt.Errorf("%q is no amount with two decimal places", text)
	}
	*m = moneyOf(sum)
	return nil
}

// Kurus reads a canonical amount, "149.90". The error is for a text that is none.
func Kurus(amount string) (int64, error) {
	whole, part, ok := strings.Cut(amount, ".")
	if !ok || len(part) != 2 {
		return 0, fmt.Errorf("%q is no amount with two decimal places", amount)
	}
	return strconv.ParseInt(whole+part, 10, 64)
}
