package edit

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mokasync/mokasync/internal/spec"
)

// FuzzSet: whatever the file, a change of a resource in it reads as asked, or is refused; nothing panics, and what may not be seen is not in the mask.
func FuzzSet(f *testing.F) {
	names, _ := filepath.Glob("../spec/testdata/agreement/good/*.yaml")
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, "x: y", uint8(len(name)))
	}
	f.Fuzz(func(t *testing.T, data []byte, to string, which uint8) {
		if got, want := strings.Count(Masked("m.yaml", data, false), "\n"), strings.Count(string(data), "\n"); got != want {
			t.Errorf("%d lines become %d", want, got)
		}
		for _, r := range spec.ReadFile("m.yaml", data, spec.Options{}).Resources {
			fields := r.Address.Kind.Def().Fields
			field := &fields[int(which)%len(fields)]
			for _, value := range []*spec.Value{nil, text(to), texts(to, "x")} {
				out, err := Set("m.yaml", data, r.Address, r.Line, Change{field.Name, value})
				var e *Error
				if err != nil && !errors.As(err, &e) {
					t.Fatal(err)
				}
				if err != nil {
					continue
				}
				now, _ := find("m.yaml", spec.ReadFile("m.yaml", out, spec.Options{}), r.Address, 0)
				if v := now.Value(field.Name); value == nil && v != nil || value != nil && !field.IsList() && v.Text != to {
					t.Errorf("%s of %s is now %+v, in\n%s", field.Name, r.Address, v, out)
				}
			}
		}
	})
}
