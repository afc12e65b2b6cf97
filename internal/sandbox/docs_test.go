package sandbox

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// docs/sandbox.md names every switch with its values, default first, every kind
// of fault and every operation, and no switch or operation that is not there.
func TestDocs(t *testing.T) {
	raw, err := os.ReadFile("../../docs/sandbox.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(raw)
	for _, known := range KnownSwitches() {
		values := "`" + known.Default + "`"
		for _, value := range known.Values {
			if value == durationValue {
				values += ", any duration up to `1h`"
			} else if value != known.Default {
				values += ", `" + value + "`"
			}
		}
		row := regexp.MustCompile("(?m)^\\| `" + known.Name + "` \\| (.*?) \\| (.*?) \\| " + regexp.QuoteMeta(known.Source) + " \\|$").FindStringSubmatch(doc)
		if row == nil {
			t.Errorf("no row for switch %s of moka-api %s", known.Name, known.Source)
			continue
		}
		if row[1] != values {
			t.Errorf("switch %s: the values are given as %s, want %s", known.Name, row[1], values)
		}
	}
	for _, kind := range faultKinds {
		if !regexp.MustCompile("(?m)^\\| [^|]*`" + string(kind) + "`").MatchString(doc) {
			t.Errorf("no row for fault %s", kind)
		}
	}
	for _, op := range operations {
		if !regexp.MustCompile(`(?m)^\| (customers|cards|products|schedules|sales|payment steps) \|.*\b` + op.method + `\b`).MatchString(doc) {
			t.Errorf("%s is not named", op.name())
		}
	}
	for _, want := range []string{DefaultDealerCode, DefaultUsername, DefaultPassword, DefaultDealer().CheckKey(), InProcessDealerCode, testCardPrefix} {
		if !strings.Contains(doc, "`"+want) {
			t.Errorf("%s is not given", want)
		}
	}
	for token := range printedCards {
		if !strings.Contains(doc, token) {
			t.Errorf("test card %s is not given", token)
		}
	}
}
