package render

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
	"pgregory.net/rapid"
)

// What is written an element at a time is what the whole document would be.
func TestPlanJSONIsWrittenWhole(t *testing.T) {
	email, cards := spec.Customer.Def().Field("email"), spec.Sale.Def().Field("cards")
	rapid.Check(t, func(t *rapid.T) {
		p := &plan.Plan{Endpoint: rapid.String().Draw(t, "endpoint"), Dealer: "1731", Digest: rapid.SampledFrom([]string{"", "d"}).Draw(t, "digest")}
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			c := &plan.Change{Address: spec.Address{Kind: spec.Sale, Name: "s"}, Action: plan.Update, Code: rapid.SampledFrom([]string{"", "<c>"}).Draw(t, "code"), Reason: rapid.String().Draw(t, "reason")}
			if rapid.Bool().Draw(t, "fields") {
				c.Fields = []plan.FieldChange{{Field: email, To: plan.Masked(email, []string{"x"})}, {Field: cards, From: plan.Masked(cards, []string{}), To: plan.Masked(cards, []string{"a", "b"})}}
				c.DependsOn = []spec.Address{{Kind: spec.Customer, Name: "c"}}
			}
			p.Changes = append(p.Changes, c)
		}
		var ds []spec.Diagnostic
		for range rapid.IntRange(0, 2).Draw(t, "diagnostics") {
			ds = append(ds, spec.Diagnostic{Severity: spec.Info, Message: rapid.String().Draw(t, "message")})
		}
		type head struct {
			FormatVersion string      `json:"formatVersion"`
			Endpoint      string      `json:"endpoint"`
			Dealer        string      `json:"dealer"`
			Digest        string      `json:"digest,omitempty"`
			Summary       planSummary `json:"summary"`
			planMoney
			Changes     []planChange    `json:"changes"`
			Diagnostics []diagnosticRow `json:"diagnostics"`
		}
		doc := head{formatVersion, p.Endpoint, p.Dealer, p.Digest, planSummary{}, moneyOfPlan(p), []planChange{}, diagnosticRows(ds)}
		for _, c := range p.Changes {
			doc.Changes = append(doc.Changes, changeRow(c))
		}
		var want, got bytes.Buffer
		if err := errors.Join(writeJSON(&want, doc), PlanJSON(&got, p, ds)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), got.String()); diff != "" {
			t.Fatal(diff)
		}
	})
}

// full is a disk with room for a few bytes.
type full struct{ room int }

var errFull = errors.New("no room is left")

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// Where nothing can be written any more the error is told, and nothing more is made.
func TestPlanJSONTellsOfAFullDisk(t *testing.T) {
	p := &plan.Plan{}
	for range 10_000 {
		p.Changes = append(p.Changes, &plan.Change{Address: spec.Address{Kind: spec.Sale, Name: "s"}, Action: plan.Create})
	}
	for _, room := range []int{0, 10, 100_000, 500_000} {
		if err := PlanJSON(&full{room}, p, nil); !errors.Is(err, errFull) {
			t.Errorf("with room for %d bytes: %v", room, err)
		}
	}
}
