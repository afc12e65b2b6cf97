package lockfile

import "math/bits"

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// plainEnd gives the place of the first byte from a place on that does not stand for itself in a JSON string: a quote, a backslash, a control character, a byte beyond ASCII; len(s) if there is none.
// It looks at eight bytes at once: in each word the lowest of the marked bytes is marked rightly, as a borrow only spoils what is above it.
func plainEnd(s string, at int) int {
	for ; at+8 <= len(s); at += 8 {
		b := s[at : at+8]
		w := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 | uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		quote, slash := w^(ones*'"'), w^(ones*'\\')
		marked := (w | (w-ones*' ')&^w | (quote-ones)&^quote | (slash-ones)&^slash) & highs
		if marked != 0 {
			return at + bits.TrailingZeros64(marked)/8
		}
	}
	for at < len(s) && s[at] >= ' ' && s[at] < 0x80 && s[at] != '"' && s[at] != '\\' {
		at++
	}
	return at
}
