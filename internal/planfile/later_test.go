package planfile_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/mokasync/mokasync/internal/planfile"
	"pgregory.net/rapid"
)

// outside names in variables what its manifests need: tokens of stored cards, and numbers of schedules.
const outside = `apiVersion: mokasync/v1
kind: Customer
metadata: {name: elif}
spec: {customerCode: C1, firstName: Elif}
---
apiVersion: mokasync/v1
kind: Card
metadata: {name: bonus}
spec: {customer: elif, token: {fromEnv: CARD}}
---
apiVersion: mokasync/v1
kind: Product
metadata: {name: gold}
spec: {productName: Gold}
---
apiVersion: mokasync/v1
kind: Schedule
metadata: {name: old}
spec: {id: {fromEnv: OLD}, frequency: monthly, daysOfMonth: [1]}
---
apiVersion: mokasync/v1
kind: Sale
metadata: {name: s}
spec: {customer: elif, product: gold, schedule: {id: {fromEnv: SCHED}}, cards: [{token: {fromEnv: FIRST}}, bonus, {token: {fromEnv: LAST}}], amount: "149.90", beginDate: "2035-01-15", endDate: "2036-01-15"}
`

// variables are those of outside, each with what may stand in it: "" for nothing.
var variables = []struct {
	name   string
	values []string
}{
	{"CARD", []string{"", token, "9de41bb0-e82f-4670-b36b-d71ff27a3112"}},
	{"FIRST", []string{"", "9de41bb0-e82f-4670-b36b-d71ff27a3113", "9de41bb0-e82f-4670-b36b-d71ff27a3114"}},
	{"LAST", []string{"", "9de41bb0-e82f-4670-b36b-d71ff27a3115", "9de41bb0-e82f-4670-b36b-d71ff27a3116"}},
	{"OLD", []string{"", "1005", "1006"}},
	{"SCHED", []string{"", "2005", "2006"}},
}

// Every value that was at hand when the plan was made must be the same at the apply, whatever becomes of the others; one that was not may come, and may stay away. Numbers are shown and
// tokens are not. The plan's digest is the same in any case.
func TestEachValueForItself(t *testing.T) {
	digest := ""
	rapid.Check(t, func(rt *rapid.T) {
		then, now, same := map[string]string{}, map[string]string{}, true
		for _, v := range variables {
			then[v.name], now[v.name] = rapid.SampledFrom(v.values).Draw(rt, v.name+" at the plan"), rapid.SampledFrom(v.values).Draw(rt, v.name+" at the apply")
			same = same && (then[v.name] == "" || then[v.name] == now[v.name])
		}
		key := rapid.SampledFrom([]string{"", "k"}).Draw(rt, "key")
		text := encoded(t, made(t, outside, then, key))
		f, err := planfile.Decode(text, key)
		if err != nil {
			rt.Fatal(err)
		}
		if got := f.Differences(made(t, outside, now, key), "2034-01-01"); (len(got) == 0) != same {
			rt.Errorf("differences: %q, want some: %v", got, !same)
		}
		for _, v := range variables {
			isNumber := len(v.values[1]) == len("1005")
			if value := then[v.name]; value != "" && bytes.Contains(text, fmt.Appendf(nil, "%s", value)) != isNumber {
				rt.Errorf("%s: that the file holds the value is %v, want %v", v.name, !isNumber, isNumber)
			}
		}
		if key != "" {
			return
		}
		if digest == "" {
			digest = f.Digest
		}
		if f.Digest != digest {
			rt.Errorf("the digest %s differs from %s", f.Digest, digest)
		}
	})
}
