package lockfile

import (
	"testing"

	"github.com/mokasync/mokasync/internal/spec"
	"pgregory.net/rapid"
)

// Whatever is added, settled, put off and moved in whatever order: what is open is found by its address, stands once, and in the order in which it was added.
func TestOpenProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := New("test", "1731", saltKeyring("5a17"))
		var want []*Intent
		place := func(a spec.Address) int {
			for i, in := range want {
				if in.Entry.Address == a {
					return i
				}
			}
			return -1
		}
		for n := range rapid.IntRange(0, 30).Draw(t, "steps") {
			a := spec.Address{Kind: spec.Sale, Name: rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "name")}
			i := place(a)
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				in := &Intent{Op: "o", At: at(n), Entry: Entry{Address: a}}
				l.AddPending(in)
				if i >= 0 {
					want = append(want[:i], want[i+1:]...)
				}
				want = append(want, in)
			case 1:
				l.Settle(a)
				if i >= 0 {
					want = append(want[:i], want[i+1:]...)
				}
			case 2:
				l.Record(&Outcome{Address: a, Status: InDoubt, GaveUp: at(n)})
				if i >= 0 {
					want[i] = l.Open(a)
					if !want[i].GaveUp.Equal(at(n)) {
						t.Fatal("it is not known when waiting ended")
					}
				}
			case 3: // set from outside, as by a test
				l.Pending = append([]*Intent{}, want...)
				l.open = nil
			}
			if len(l.Pending) != len(want) {
				t.Fatalf("%d are open, want %d", len(l.Pending), len(want))
			}
			for i, in := range want {
				if l.Pending[i] != in || l.Open(in.Entry.Address) != in {
					t.Fatalf("%s is not found", in.Entry.Address)
				}
			}
			if place(a) < 0 && l.Open(a) != nil {
				t.Fatalf("%s is found, and is settled", a)
			}
		}
	})
}
