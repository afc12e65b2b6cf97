package main

import (
	"strings"
	"testing"
	"time"
)

// A row says which goals its median reaches; what was not measured reaches none.
func TestStanding(t *testing.T) {
	for _, c := range []struct {
		row  row
		want string
	}{
		{row{Figures: figures{1.2, 1.2, 9}, Must: 1.5, Reach: 1.2}, "reached, and the further goal"},
		{row{Figures: figures{1.5}, Must: 1.5, Reach: 1.2}, "reached"},
		{row{Figures: figures{1.51}, Must: 1.5, Reach: 1.2}, "**not reached**"},
		{row{Figures: figures{0.5}, Must: 1.5}, "reached"},
		{row{Void: "tofu cannot be had", Must: 1}, "not measured"},
		{row{Figures: figures{7}}, ""},
	} {
		if got := c.row.standing(); got != c.want {
			t.Errorf("%+v: %q, not %q", c.row, got, c.want)
		}
	}
}

func TestTable(t *testing.T) {
	var out strings.Builder
	err := printTable(&out, []row{
		{What: "plan", Took: 1500 * time.Millisecond, Against: "decoding", Base: time.Second, Figures: figures{1.4, 1.5, 1.6}, Must: 1.5, Reach: 1.2},
		{What: "validate", Against: "kubeconform", Must: 0.6, Reach: 0.4, Void: "kubeconform v0 cannot be had"},
		{What: "memory", Figures: figures{2.5}, Unit: "KiB", Must: 3, Reach: 1.5, Note: "peak 300 MB"},
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `| what | took | against | took | figure | spread | must | reach for | |
|---|--:|---|--:|--:|--:|--:|--:|---|
| plan | 1.50 s | decoding | 1.00 s | 1.50 | 13 % | 1.5 | 1.2 | reached |
| validate |  | kubeconform |  | kubeconform v0 cannot be had |  | 0.6 | 0.4 | not measured |
| memory |  |  |  | 2.50 KiB | 0 % | 3 | 1.5 | reached; peak 300 MB |

2 of 3 goals that must be reached are.
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Groups are chosen by name; without the peers those that need one are left out.
func TestChosen(t *testing.T) {
	for _, c := range []struct {
		names []string
		peers bool
		want  string
	}{
		{nil, true, "plan validate tofu lockfile latency apply"},
		{nil, false, "plan lockfile latency apply"},
		{[]string{"apply", "plan"}, true, "plan apply"},
		{[]string{"tofu"}, false, ""},
	} {
		groups, err := chosen(c.names, c.peers)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, g := range groups {
			got = append(got, g.name)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%v, peers %v: %v, not %s", c.names, c.peers, got, c.want)
		}
	}
	if _, err := chosen([]string{"plans"}, true); err == nil {
		t.Error("a group that there is not is passed over")
	}
}

// kubeconform's figure counts only if it judged as many resources as there are, and passed none over.
func TestSummary(t *testing.T) {
	for text, good := range map[string]bool{
		`{"resources": [], "summary": {"valid": 10, "invalid": 0, "errors": 0, "skipped": 0}}`: true,
		`{"summary": {"valid": 9}}`:                false,
		`{"summary": {"valid": 10, "skipped": 1}}`: false,
		`{"summary": {"valid": 10, "errors": 1}}`:  false,
		`Summary: 10 resources`:                    false,
	} {
		if err := summaryIs([]byte(text), 10); (err == nil) != good {
			t.Errorf("%s: %v", text, err)
		}
	}
}
