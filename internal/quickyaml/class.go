package quickyaml

import "unicode/utf8"

// What a byte may be.
const (
	plainly   uint8 = 1 << iota // stands for itself: printable ASCII, and the end of a line
	begins                      // a plain scalar may begin with it, whatever follows
	word                        // a letter or digit of ASCII, a slash
	stops                       // a plain scalar may end before it
	flowStops                   // and so within [ ] and { }
)

var class = classes()

func classes() (t [256]uint8) {
	for c := ' '; c <= '~'; c++ {
		t[c] |= plainly
	}
	for c := range t {
		switch {
		case c >= 0x80, c == '_', c == '$', c == '(', c == '+':
			t[c] |= begins
		case '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '/':
			t[c] |= begins | word
		}
	}
	t['\n'] |= plainly | stops
	t['\r'] |= stops
	t[':'] |= stops
	t['#'] |= stops
	for _, c := range ",[]{}?" { // the question mark for yaml.v3 alone: what goes on behind it is left to it
		t[c] |= flowStops
	}
	return t
}

// inspect reports whether text holds nothing but characters that are the same to everyone: UTF-8, of whose controls only line ends, and none of the
// characters that YAML 1.1 takes for line ends too, or that mark a byte order. ascii: it has no other than those of ASCII.
func inspect(text string) (ascii, clean bool) {
	ascii = true
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case class[c]&plainly != 0:
		case c == '\r':
			if i+1 == len(text) || text[i+1] != '\n' {
				return false, false
			}
		case c < 0x80:
			return false, false
		case 0xc3 <= c && c <= 0xdf && i+1 < len(text) && text[i+1]&0xc0 == 0x80: // U+00C0 to U+07FF
			ascii = false
			i++
		default:
			ascii = false
			char, size := utf8.DecodeRuneInString(text[i:])
			if size == 1 || !ordinary(char) {
				return false, false
			}
			i += size - 1
		}
	}
	return ascii, true
}

func ordinary(c rune) bool {
	switch c {
	case '\u2028', '\u2029', '\ufeff', '\ufffe', '\uffff':
		return false
	}
	return c >= '\u00a0'
}
