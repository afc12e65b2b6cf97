package render

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mokasync/mokasync/internal/apply"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// accountDocument is the beginning of an account's document; results and notes follow.
type accountDocument struct {
	FormatVersion string         `json:"formatVersion"`
	Endpoint      string         `json:"endpoint"`
	Dealer        string         `json:"dealer"`
	Partial       string         `json:"partial,omitempty"`
	Summary       accountSummary `json:"summary"`
}

type accountSummary struct {
	Planned  int `json:"planned"`
	Done     int `json:"done"`
	Failed   int `json:"failed"`
	Skipped  int `json:"skipped"`
	InDoubt  int `json:"inDoubt"`
	NotTried int `json:"notTried"`
}

type resultRow struct {
	Address    string `json:"address"`
	Action     string `json:"action"`
	Status     string `json:"status"`
	Adopted    bool   `json:"adopted"`
	ID         *int64 `json:"id"`
	ResultCode string `json:"resultCode"`
	Message    string `json:"message"`
	Because    string `json:"because"`
}

// AccountJSON writes an account as one JSON document, a result at a time.
func AccountJSON(w io.Writer, a *apply.Account) error {
	out := newIndented(w)
	out.begin(accountDocument{
		FormatVersion: formatVersion, Endpoint: a.Endpoint, Dealer: a.Dealer, Partial: a.Partial,
		Summary: accountSummary{len(a.Results), a.Count(apply.Done), a.Count(apply.Failed), a.Count(apply.Skipped), a.Count(apply.InDoubt), a.Count(apply.NotTried)},
	})
	out.list("results", len(a.Results), func(i int) any { return rowOf(a.Results[i]) })
	if len(a.Notes) > 0 {
		out.list("notes", len(a.Notes), func(i int) any { return a.Notes[i] })
	}
	return out.end()
}

func rowOf(r apply.Result) resultRow {
	row := resultRow{r.Address.String(), r.Action.String(), string(r.Status), r.Adopted, nil, r.ResultCode, r.Message, r.Because}
	if r.ID != 0 {
		row.ID = &r.ID
	}
	return row
}

// AccountText writes an account for people: first what did not get done, then a sentence that counts. all lists what got done too.
func AccountText(w io.Writer, a *apply.Account, all bool, s Style) error {
	out := bufio.NewWriter(w)
	p := s.paint()
	fmt.Fprintln(out, p.bold(title("apply", a.Endpoint, a.Dealer)))
	wide := 0
	for _, r := range a.Results {
		if all || r.Status != apply.Done {
			wide = max(wide, len(r.Address.String()))
		}
	}
	for _, r := range a.Results {
		if all || r.Status != apply.Done {
			fmt.Fprintln(out, resultLine(r, min(wide, 40), p))
		}
	}
	for _, n := range a.Notes {
		fmt.Fprintln(out, p.yellow(safeLine(n)))
	}
	fmt.Fprintln(out, p.bold(accountCounts(a)))
	return out.Flush()
}

func resultLine(r apply.Result, wide int, p paint) string {
	tint := map[apply.Status]func(...any) string{
		apply.Done: p.green, apply.Failed: p.red, apply.Skipped: p.yellow, apply.InDoubt: p.red, apply.NotTried: p.yellow,
	}[r.Status]
	status := map[apply.Status]string{
		apply.Done: "done", apply.Failed: "failed", apply.Skipped: "skipped", apply.InDoubt: "IN DOUBT", apply.NotTried: "not tried",
	}[r.Status]
	line := fmt.Sprintf("  %s %s %-*s", tint(fmt.Sprintf("%-9s", status)), signs[r.Action], wide, r.Address)
	switch {
	case r.Adopted:
		line += "  found equal, nothing was sent"
	case r.Because != "":
		line += "  because " + safeLine(r.Because)
	case r.Message != "":
		line += "  " + safeLine(r.Message)
	}
	if r.Status == apply.Done && r.ID != 0 {
		line += fmt.Sprintf("  id %d", r.ID)
	}
	return strings.TrimRight(line, " ")
}

func accountCounts(a *apply.Account) string {
	if len(a.Results) == 0 {
		return "Nothing to do."
	}
	text := fmt.Sprintf("Applied: %d of %d done", a.Count(apply.Done), len(a.Results))
	for _, s := range apply.Statuses[1:] {
		if n := a.Count(s); n > 0 {
			text += fmt.Sprintf(", %d %s", n, map[apply.Status]string{apply.Failed: "failed", apply.Skipped: "skipped", apply.InDoubt: "in doubt", apply.NotTried: "not tried"}[s])
		}
	}
	return text + "."
}

// ReadAccount reads what AccountJSON wrote.
func ReadAccount(text []byte) (*apply.Account, error) {
	var doc struct {
		accountDocument
		Results []resultRow `json:"results"`
		Notes   []string    `json:"notes"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	a := &apply.Account{Endpoint: doc.Endpoint, Dealer: doc.Dealer, Partial: doc.Partial, Notes: doc.Notes}
	for _, row := range doc.Results {
		address, err := spec.ParseAddress(row.Address)
		if err != nil {
			return nil, err
		}
		action, ok := plan.ParseAction(row.Action)
		if !ok || !slices.Contains(apply.Statuses, apply.Status(row.Status)) {
			return nil, fmt.Errorf("%s has the action %q and the status %q", address, row.Action, row.Status)
		}
		r := apply.Result{Address: address, Action: action, Status: apply.Status(row.Status), Adopted: row.Adopted, ResultCode: row.ResultCode, Message: row.Message, Because: row.Because}
		if row.ID != nil {
			r.ID = *row.ID
		}
		a.Results = append(a.Results, r)
	}
	return a, nil
}
