package importer

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/mokasync/mokasync/internal/spec"
	"golang.org/x/text/unicode/norm"
)

// maxName is the longest metadata.name, in bytes; all its characters are ASCII.
const maxName = 100

// letters are those that are no letter of a name with a mark on it.
var letters = strings.NewReplacer("ı", "i", "İ", "I", "ß", "ss", "æ", "ae", "Æ", "AE", "œ", "oe", "Œ", "OE", "ø", "o", "Ø", "O", "ł", "l", "Ł", "L", "đ", "d", "Đ", "D")

// slug makes of a text what may stand as metadata.name: letters lose their marks (Şule becomes Sule), all else that a name may not have becomes a dash.
// "" if nothing is left.
func slug(text string) string {
	if spec.ValidName(text) {
		return text
	}
	var b strings.Builder
	for _, r := range norm.NFD.String(letters.Replace(text)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r < 0x80 && strings.ContainsRune("._@:+", r), '0' <= r && r <= '9', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= maxName {
			break
		}
	}
	return strings.TrimRight(strings.TrimLeft(b.String(), "._@:+-"), "-")
}

// namer gives each a name of its own, also for whoever does not tell upper from lower case.
type namer struct {
	taken map[string]bool // in lower case
	count map[string]int  // how often a base was asked for
}

func newNamer() *namer { return &namer{taken: map[string]bool{}, count: map[string]int{}} }

// claim takes exactly this name, if it may be had.
func (n *namer) claim(name string) bool {
	key := strings.ToLower(name)
	if !spec.ValidName(name) || n.taken[key] || spec.HoldsCardNumber(name) {
		return false
	}
	n.taken[key] = true
	return true
}

// name gives base with tail, or with a number between the two where that is taken. Where base is nothing, or looks like a card number, otherwise takes its place.
func (n *namer) name(base, tail, otherwise string) string {
	if base == "" || spec.HoldsCardNumber(base) || spec.HoldsCardNumber(cut(base, maxName-len(tail))+tail) {
		base, tail = otherwise, ""
	}
	key := strings.ToLower(base + "\x00" + tail)
	for {
		n.count[key]++
		number := ""
		if n.count[key] > 1 {
			number = "-" + strconv.Itoa(n.count[key])
		}
		if name := cut(base, maxName-len(number)-len(tail)) + number + tail; n.claim(name) {
			return name
		}
	}
}

func cut(text string, most int) string {
	if len(text) > most {
		text = text[:most]
	}
	return strings.TrimRight(text, "-")
}
