package plan

import "testing"

func TestPlaceOfGuard(t *testing.T) {
	for at, want := range map[string]struct {
		file         string
		line, column int
	}{
		"mokasync.yaml:12:5": {"mokasync.yaml", 12, 5}, "C:/x/mokasync.yaml:1:2": {"C:/x/mokasync.yaml", 1, 2}, "a:b:c": {"a:b:c", 0, 0}, "mokasync.yaml": {"mokasync.yaml", 0, 0}, "": {"", 0, 0},
	} {
		if file, line, column := (BrokenGuard{At: at}).Place(); file != want.file || line != want.line || column != want.column {
			t.Errorf("%q is %q, %d, %d; want %+v", at, file, line, column, want)
		}
	}
}
