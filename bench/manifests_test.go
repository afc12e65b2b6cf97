package main

import (
	"context"
	"testing"

	"github.com/mokasync/mokasync/internal/spec"
)

// The made-up accounts are ones that mokasync takes, of about the size that was asked for, and the shares of the kinds are those that the text names.
func TestAccount(t *testing.T) {
	for _, n := range []int{10, 100, 5000} {
		a, err := writeAccount(t.TempDir(), n)
		if err != nil {
			t.Fatal(err)
		}
		set, ds := spec.Load(context.Background(), []string{a.Folder}, spec.Options{})
		if len(ds) > 0 {
			t.Fatalf("%s: %v", a.Folder, ds[0])
		}
		counts := map[spec.Kind]int{}
		for _, r := range set.Resources {
			counts[r.Address.Kind]++
		}
		if got := len(set.Resources); got != a.Resources || n >= 100 && (got < n*9/10 || got > n*12/10) {
			t.Errorf("%d resources are %d, and %d as counted", n, got, a.Resources)
		}
		if sales := counts[spec.Sale]; sales != counts[spec.Customer] || n > 1000 && sales*100/a.Resources < 40 {
			t.Errorf("%d customers and %d sales among %d", counts[spec.Customer], sales, a.Resources)
		}
	}
}
