package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Code is what is known of one result code. Its members are never nil.
type Code struct {
	// Code as it is printed.
	Code string `json:"code"`
	// Service: it is about an attempt to charge and stands in a payment step's history; it answers no call of ours.
	Service bool   `json:"service"`
	Meaning string `json:"meaning"`
	// Outcome is "done", "refused" or "unknown": of a write that is answered with it, or of the attempt to charge.
	Outcome string `json:"outcome"`
	// Any: every operation may give it; Operations is empty then.
	Any bool `json:"any"`
	// Operations give it, "DealerSale/AddSale".
	Operations []string `json:"operations"`
	// LentTo are operations on whose own page it does not stand. Where Sources are given, it stands on a sibling's.
	LentTo []string `json:"lentTo"`
	// Reads: the operations write nothing.
	Reads bool `json:"reads"`
	// Fields of manifests that it speaks of, "Sale.beginDate".
	Fields []string `json:"fields"`
	Cure   string   `json:"cure"`
	// Sources are sections of the facts about Moka's API, "moka-api 2.20".
	Sources []string `json:"sources"`
}

// CodesJSON writes result codes as one JSON document.
func CodesJSON(w io.Writer, codes []Code) error {
	return writeJSON(w, struct {
		FormatVersion string `json:"formatVersion"`
		Codes         []Code `json:"codes"`
	}{formatVersion, codes})
}

// CodesText explains a few result codes.
func CodesText(w io.Writer, codes []Code, s Style) error {
	out := bufio.NewWriter(w)
	p := s.paint()
	for i, c := range codes {
		if i > 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintln(out, p.bold(c.Code))
		line := func(name, text string) {
			if text != "" {
				fmt.Fprintf(out, "  %-9s  %s\n", name, text)
			}
		}
		line("meaning", c.Meaning)
		line(c.question(), c.answer())
		line("given by", c.givenBy())
		line("manifest", strings.Join(c.Fields, ", "))
		line("cure", c.Cure)
		line("source", strings.Join(c.Sources, ", "))
	}
	return out.Flush()
}

func (c *Code) question() string {
	if c.Service {
		return "charged"
	}
	return "written"
}

// answer says what is known about whether something was written, or charged.
func (c *Code) answer() string {
	switch {
	case c.Service && c.Outcome == "unknown":
		return "not known: the bank may or may not have taken the money"
	case c.Service:
		return "no: this attempt took no money"
	case c.Reads:
		return "nothing: these calls only read"
	case c.Outcome == "done":
		return "yes"
	case c.Outcome == "refused":
		return "nothing: it is a documented refusal"
	}
	return "not known: the call may or may not have taken effect. The next `mokasync apply` looks at Moka before it does anything else"
}

func (c *Code) givenBy() string {
	given, lent := strings.Join(c.Operations, ", "), strings.Join(c.LentTo, ", ")
	switch {
	case c.Service:
		return "a bank or Moka's payment services, in the history of a payment step"
	case c.Any:
		return "every operation"
	case lent == "" && given == "":
		return "no operation that mokasync calls"
	case lent == "":
		return given
	case len(c.Sources) == 0:
		return lent + ", on whose page it does not stand"
	case given == "":
		return lent + "; no copy of its page shows it, a sibling's does"
	}
	return given + "; " + lent + " too, though no copy of those pages shows it"
}

// CodeListText lists result codes under the operation that gives them, in the order in which they come.
func CodeListText(w io.Writer, codes []Code, s Style) error {
	out := bufio.NewWriter(w)
	p := s.paint()
	wide := 0
	for _, c := range codes {
		wide = max(wide, len(c.Code))
	}
	group := ""
	for _, c := range codes {
		head := "Every operation"
		switch {
		case c.Service:
			head = "Attempts to charge, in the history of a payment step"
		case len(c.Operations) > 0:
			head = strings.Join(c.Operations, ", ") + " (" + strings.Join(c.Sources, ", ") + ")"
		}
		if head != group {
			if group != "" {
				fmt.Fprintln(out)
			}
			fmt.Fprintln(out, p.bold(head))
			group = head
		}
		fmt.Fprintf(out, "  %-*s  %-7s  %s\n", wide, c.Code, c.Outcome, c.Meaning)
	}
	return out.Flush()
}
