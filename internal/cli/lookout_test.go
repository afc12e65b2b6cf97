package cli

import (
	"reflect"
	"testing"

	"github.com/mokasync/mokasync/internal/moka"
)

// What a command that looks holds cannot write: wherever it is followed to, there is no Client, and no method of one that a Reader does not have.
func TestLookoutCannotWrite(t *testing.T) {
	given := reflect.TypeOf((*app).connectToLook).Out(0)
	if given != reflect.TypeFor[*lookout]() {
		t.Fatalf("connectToLook gives a %s", given)
	}
	found := reachable(given, map[reflect.Type]bool{})
	if !found[reflect.TypeFor[moka.Reader]()] {
		t.Error("a lookout cannot look")
	}
	for _, what := range []reflect.Type{reflect.TypeFor[moka.Client](), reflect.TypeFor[connection](), reflect.TypeFor[target](), reflect.TypeFor[moka.Options]()} {
		if found[what] {
			t.Errorf("a lookout leads to a %s, with which one can write", what)
		}
	}
	client, reader := reflect.TypeFor[*moka.Client](), reflect.TypeFor[*moka.Reader]()
	writes := 0
	for i := range client.NumMethod() {
		name := client.Method(i).Name
		if _, shared := reader.MethodByName(name); shared {
			continue
		}
		writes++
		for at := range found {
			if at.PkgPath() == reader.Elem().PkgPath() || at.PkgPath() == given.Elem().PkgPath() {
				if _, has := reflect.PointerTo(at).MethodByName(name); has {
					t.Errorf("a %s, to which a lookout leads, has the method %s", at, name)
				}
			}
		}
	}
	if writes < 10 {
		t.Errorf("a Client has only %d methods that a Reader has not", writes)
	}
	if !reachable(reflect.TypeFor[connection](), map[reflect.Type]bool{})[client.Elem()] {
		t.Error("the Client is not found where there is one: this test would miss it")
	}
}

// reachable gives every type to which fields lead, also those that are not exported; what an interface or a function holds no type tells.
func reachable(t reflect.Type, seen map[reflect.Type]bool) map[reflect.Type]bool {
	if seen[t] {
		return seen
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan:
		reachable(t.Elem(), seen)
	case reflect.Map:
		reachable(t.Key(), seen)
		reachable(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			reachable(t.Field(i).Type, seen)
		}
	}
	return seen
}
