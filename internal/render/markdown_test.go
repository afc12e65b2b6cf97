package render

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"pgregory.net/rapid"
)

// forge reads Markdown as GitHub and GitLab do: tables, strikethrough, bare links, task lists, and footnotes on top.
var forge = goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote))

// emitted are the only things that a page is made of.
var emitted = map[ast.NodeKind]bool{
	ast.KindDocument: true, ast.KindHeading: true, ast.KindParagraph: true, ast.KindBlockquote: true, ast.KindText: true, ast.KindCodeSpan: true, ast.KindEmphasis: true,
	ast.KindList: true, ast.KindListItem: true, ast.KindTextBlock: true, ast.KindHTMLBlock: true, ast.KindRawHTML: true,
	east.KindTable: true, east.KindTableHeader: true, east.KindTableRow: true, east.KindTableCell: true, east.KindStrikethrough: true,
}

// seen is what a reader sees of a page.
type seen struct {
	rows  [][]string // cells of the tables of changes and findings, headings of tables aside
	money [][]string // those of the tables about money
	loose string     // what stands outside of code spans
	code  []string
	html  []string
}

// look reads a page, and fails at anything that this package does not write.
func look(t interface {
	Helper()
	Fatalf(string, ...any)
}, page string) *seen {
	t.Helper()
	source := []byte(page)
	out := &seen{}
	err := ast.Walk(forge.Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		if !emitted[n.Kind()] {
			t.Fatalf("the page has a %s:\n%s", n.Kind(), page)
		}
		switch n := n.(type) {
		case *ast.RawHTML:
			out.html = append(out.html, string(n.Segments.Value(source)))
		case *ast.HTMLBlock:
			out.html = append(out.html, strings.TrimSpace(string(n.Lines().Value(source))))
		case *ast.CodeSpan:
			out.code = append(out.code, shownText(n, source))
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			out.loose += string(n.Segment.Value(source)) + "\n"
		case *east.TableRow:
			var cells []string
			for c := n.FirstChild(); c != nil; c = c.NextSibling() {
				cells = append(cells, shownText(c, source))
			}
			if head := shownText(n.Parent().FirstChild().LastChild(), source); strings.HasPrefix(head, "What") {
				out.rows = append(out.rows, cells)
			} else {
				out.money = append(out.money, cells)
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatalf("%v", err)
	}
	for _, h := range out.html {
		if h != "<br>" && h != "</details>" && !(strings.HasPrefix(h, foldOpens) && strings.HasSuffix(h, "</summary>") && !strings.ContainsAny(h[len(foldOpens):len(h)-len("</summary>")], "<>&")) {
			t.Fatalf("the page has the HTML %q:\n%s", h, page)
		}
	}
	return out
}

// shownText is the text of a node as it is read; a line break counts as a newline.
func shownText(n ast.Node, source []byte) string {
	var b strings.Builder
	ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Text:
			if entering {
				value := string(n.Segment.Value(source))
				if n.Parent().Kind() != ast.KindCodeSpan {
					value = strings.ReplaceAll(value, "&lrm;", "")
				}
				b.WriteString(value)
			}
		case *ast.String:
			if entering {
				b.Write(n.Value)
			}
		case *ast.RawHTML:
			if entering {
				b.WriteByte('\n')
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// tricks are what makes Markdown, HTML and forges do something.
var tricks = []string{
	"|", "||", `\|`, `\`, "`", "``", "```", "~~~", "<b>", "</details>", "<!--", "-->", "<script>alert(1)</script>", "<img src=x onerror=y>", "@org/team", "@all", "#1", "GH-1", "owner/repo#1", "!1", "%1", "~label", "$1", "&1",
	"3f2c1ab9d04e55aa7700c1d2e3f4a5b6c7d8e9f0", "defaced", "1234567", "https://example.com/", "www.example.com", "mailto:a@b.de", "a@b.de", "[x](https://example.com)", "![x](y)", "[^1]", "[^1]: x", "[x]: y", "*", "**", "_x_", "__x__", "~~", "$x$", "$`x`$", "$$", ":smile:", "/close", "/label ~x",
	"\n", "\r\n", "\n\n", "\n/close\n", "\n# x", "\n---\n", "\n===\n", "\n- x", "\n1. x", "\n> x", "\t", "\x00", "\x1b[31m", "\u202e", "\u2066", "\u200b", "\ufeff", "\u00ad", "\u3164", "\u2800", "\ufe0f", "\U000e0041", "\u00a0", "\u2028", "\xff", "אבג", "السعر 100", "ğüşiöçİı", "🙂", "&amp;", "&#64;", "&lt;b&gt;", " ", "  ", "a", "1", "(", ")", "\"", "'", ".", ",", ":", "::", "%0A",
}

func adversary() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		for range rapid.IntRange(0, 6).Draw(t, "parts") {
			if rapid.Bool().Draw(t, "trick") {
				b.WriteString(rapid.SampledFrom(tricks).Draw(t, "what"))
			} else {
				b.WriteString(rapid.String().Draw(t, "text"))
			}
		}
		return b.String()
	})
}

// hostile is a plan in which every text of a manifest is one of texts, in turn.
func hostile(texts ...string) (*plan.Plan, []spec.Diagnostic) {
	next := func(i int) string { return texts[i%len(texts)] }
	sale := changed(spec.Sale, "s", plan.Update, field{"saleCode", next(0), next(1)}, field{"product", next(2), next(3)}, field{"description", next(4), next(5)})
	sale.Code, sale.Reason = next(6), "it is "+next(7)+", and `"+next(8)+"` too"
	other := changed(spec.Sale, next(9), plan.Create, field{"description", "", next(10)})
	blocked := changed(spec.Product, "p", plan.Blocked, field{"productName", next(11), next(12)})
	blocked.Reason = next(13)
	gone := changed(spec.Card, "c", plan.Delete)
	gone.Reason = fmt.Sprintf("its code is %q", next(14))
	left := [2]*plan.Change{}
	for i := range left { // what they share stands above their table
		left[i] = withKnown(changed(spec.Sale, next(20), plan.Orphan), "product", next(21), "amount", next(22), "currency", next(23))
		left[i].DependsOn, left[i].Reason = []spec.Address{{Kind: spec.Customer, Name: next(24)}}, fmt.Sprintf("it is %s, and charges", next(25))
	}
	p := planOf(sale, other, blocked, gone, left[0], left[1])
	p.Partial, p.Endpoint, p.Dealer = next(15), next(16), next(17)
	p.Money, p.Digest = hostileMoney(next), next(30)
	p.Guards = []plan.BrokenGuard{{Guard: next(31), Message: "it is " + next(32), At: next(33)}}
	p.Expiries = []plan.Expiry{{Address: spec.Address{Kind: spec.Sale, Name: next(34)}, Field: "beginDate", Day: next(35)}}
	return p, []spec.Diagnostic{{Severity: spec.Warning, File: next(18), Line: 3, Column: 1, Message: next(19)}}
}

// TestNothingBreaksOut: whatever a manifest says, the page holds what this package writes and nothing else, a table's rows have their cells, and values are seen whole in code spans.
func TestNothingBreaksOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkHostile(t, rapid.SliceOfN(adversary(), 36, 36).Draw(t, "texts")) })
}

// TestTricks is the same for each trick alone.
func TestTricks(t *testing.T) {
	for _, trick := range tricks {
		checkHostile(t, []string{trick})
		checkHostile(t, []string{"a " + trick + " b", trick + trick})
	}
}

func checkHostile(t interface {
	Helper()
	Fatalf(string, ...any)
}, texts []string) {
	t.Helper()
	p, ds := hostile(texts...)
	var b strings.Builder
	if err := PlanMarkdown(&b, p, ds, MarkdownOptions{Full: texts[0], Digest: texts[0], Commit: texts[0]}); err != nil {
		t.Fatalf("%v", err)
	}
	page := b.String()
	got := look(t, page)
	if len(got.rows) != len(p.Changes)+len(ds) || len(got.money) != hostileMoneyRows {
		t.Fatalf("%d rows and %d about money, want %d and %d:\n%s", len(got.rows), len(got.money), len(p.Changes)+len(ds), hostileMoneyRows, page)
	}
	for _, row := range got.rows {
		if len(row) != 2 {
			t.Fatalf("a row has %d cells: %q\n%s", len(row), row, page)
		}
	}
	for _, line := range strings.Split(page, "\n") {
		if line != "" && !strings.ContainsAny(line[:1], "#>|<-") && !isOwnLine(line) {
			t.Fatalf("a line begins with %q:\n%s", line, page)
		}
	}
	checkLoose(t, got.loose, page)
	// The old and the new product, each in a code span of its own. "" is no value.
	if want := visible(texts[2%len(texts)]); texts[2%len(texts)] != "" && !holds(got.code, want) {
		t.Fatalf("%q is in no code span: %q\n%s", want, got.code, page)
	}
	if want := code(p.Changes[1].Address.String()); !strings.Contains(page, cell(want)) {
		t.Fatalf("the address %q is not there:\n%s", want, page)
	}
}

// isOwnLine: these lines begin with words of this package.
func isOwnLine(line string) bool {
	for _, begin := range []string{"Also: ", "Compared with ", "Each sale", "Each row", "The whole plan is in the job's log, or run `", "Plan digest ", "1 resource", "`",
		"Per month is the mean of ", "Sales in `", "What Moka's documentation leaves open ", "Can be applied until ", "⚠️ **", "and 1 more"} {
		if strings.HasPrefix(line, begin) {
			return true
		}
	}
	return false
}

// checkLoose: what stands outside of code spans cannot be a mention, a reference, a link, an emoji, mathematics or hidden.
func checkLoose(t interface {
	Helper()
	Fatalf(string, ...any)
}, loose, page string) {
	t.Helper()
	for _, line := range strings.Split(loose, "\n") {
		line = strings.ReplaceAll(strings.ReplaceAll(line, "&lrm;", ""), "[!", "")
		if i := strings.IndexAny(line, "@#$%&~`*_<>{}/\\^="); i >= 0 {
			t.Fatalf("%q stands outside of code spans:\n%s", line, page)
		}
		for _, w := range strings.Fields(line) {
			if commitLike.MatchString(w) || emojiCode.MatchString(w) {
				t.Fatalf("%q stands outside of code spans:\n%s", w, page)
			}
		}
		for _, r := range line {
			if !isSeen(r) && r != '\ufe0f' {
				t.Fatalf("%U stands outside of code spans:\n%s", r, page)
			}
		}
	}
}

var emojiCode = regexp.MustCompile(`:[0-9A-Za-z_+-]+:`)

func holds(list []string, want string) bool {
	for _, s := range list {
		if s == want || s == strings.ReplaceAll(want, "|", `\|`) {
			return true
		}
	}
	return false
}

// FuzzPlanMarkdown is TestNothingBreaksOut for texts that nobody thought of.
func FuzzPlanMarkdown(f *testing.F) {
	for i, trick := range tricks {
		f.Add(trick, tricks[(i*7+3)%len(tricks)]+trick, i*100)
	}
	f.Fuzz(func(t *testing.T, a, b string, limit int) {
		checkHostile(t, []string{a, b, a + b})
		p, ds := hostile(a, b)
		checkWithin(t, p, ds, min(max(limit, 1), 20000))
	})
}

// checkWithin: a page is never over its limit, whole, and accounts for every row; or there is none, and the error says what it needs.
func checkWithin(t interface {
	Helper()
	Fatalf(string, ...any)
}, p *plan.Plan, ds []spec.Diagnostic, limit int) *seen {
	t.Helper()
	var b bytes.Buffer
	err := PlanMarkdown(&b, p, ds, MarkdownOptions{Limit: limit})
	var small *TooSmallError
	switch {
	case errors.As(err, &small):
		if small.Needed <= limit || b.Len() > 0 {
			t.Fatalf("%d bytes are written at a limit of %d, and the error is %v", b.Len(), limit, err)
		}
		return nil
	case err != nil:
		t.Fatalf("%v", err)
	}
	page := b.String()
	if len(page) > limit || !utf8.ValidString(page) {
		t.Fatalf("%d bytes at a limit of %d", len(page), limit)
	}
	got := look(t, page)
	open, closed := 0, 0
	for _, h := range got.html {
		if strings.HasPrefix(h, foldOpens) {
			open++
		} else if h == "</details>" {
			closed++
		}
	}
	if open != closed {
		t.Fatalf("%d folds open and %d close:\n%s", open, closed, page)
	}
	left := 0
	_, list, cut := strings.Cut(page, "### Left out here\n\n")
	for _, line := range strings.Split(list, "\n") {
		n := 0
		if _, err := fmt.Sscanf(strings.ReplaceAll(line, ",", ""), "- %d ", &n); err == nil {
			left += n
		}
	}
	if len(got.rows)+left != len(p.Changes)+len(ds) || cut != (left > 0) {
		t.Fatalf("%d rows are shown and %d left out, of %d:\n%s", len(got.rows), left, len(p.Changes)+len(ds), page)
	}
	return got
}

// TestLimit: any limit is kept, and with less room the less important goes first.
func TestLimit(t *testing.T) {
	p := studio(300)
	ds := []spec.Diagnostic{{Severity: spec.Warning, File: "m.yaml", Line: 1, Message: "day 31"}, {Severity: spec.Info, Message: "a note"}}
	sales := p.Counts[plan.Delete] + p.Counts[plan.Blocked] + 1 // what must stay longest
	for _, c := range p.Changes {
		if c.Address.Kind == spec.Sale && c.Action != plan.Delete && c.Action != plan.Blocked && !c.InDoubt {
			sales++
		}
	}
	whole := false
	for limit := 100; limit < 70000; limit += limit/10 + 1 {
		got := checkWithin(t, p, ds, limit)
		if got == nil {
			continue
		}
		whole = len(got.rows) == len(p.Changes)+len(ds)
		kinds := map[string]int{}
		for _, row := range got.rows {
			kinds[strings.SplitN(row[0], "/", 2)[0]]++
		}
		if kinds["customer"] > 0 && kinds["sale"] < sales {
			t.Errorf("limit %d: %d customers are shown, and only %d of %d sales", limit, kinds["customer"], kinds["sale"], sales)
		}
	}
	if !whole {
		t.Error("the page never became whole")
	}
}

// TestLimitOfMany: of a hundred thousand changes only those are written that are shown, and one more.
func TestLimitOfMany(t *testing.T) {
	checkWithin(t, studio(100_000), nil, CommentLimit)
	page := &markdownPage{head: "## many\n\n", full: "mokasync plan"}
	section := page.section("Sales", 20, "Sale", "What happens")
	asked := 0
	for range 100_000 {
		page.add(markdownRow{section: section, counted: counted{kind: spec.Sale, action: plan.Create}, cells: func() []string { asked++; return []string{"x", "y"} }})
	}
	var b strings.Builder
	if err := page.write(&b); err != nil {
		t.Fatal(err)
	}
	if most := CommentLimit / len("| x | y |\n"); asked > most+1 {
		t.Errorf("%d rows were written to show %d", asked, len(section.rows))
	}
}

// TestSameBytes: the same plan gives the same page.
func TestSameBytes(t *testing.T) {
	var a, b strings.Builder
	for _, w := range []*strings.Builder{&a, &b} {
		if err := PlanMarkdown(w, studio(2000), nil, MarkdownOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if a.String() != b.String() {
		t.Error("two pages of one plan differ")
	}
}

// TestSentence: what a manifest may have said stands in code spans, the rest reads as it was written.
func TestSentence(t *testing.T) {
	for _, test := range []struct{ sentence, want string }{
		{"its name is taken", "its name is taken"},
		{"write `replaces: sale/x` into it", "write `replaces: sale/x` into it"},
		{"`mokasync plan`, then `mokasync apply`", "`mokasync plan`, then `mokasync apply`"},
		{"a backtick ` alone", "a backtick `` ` `` alone"},
		{"sent at 2026-11-20 09:14:03 UTC", "sent at `2026-11-20 09:14:03` UTC"},
		{"write metadata: {name: …}", "write metadata: `{name: …}`"},
		{"(sale/a, sale/b and 7 more)", "(`sale/a`, `sale/b` and 7 more)"},
		{`a product "@org/team #1"`, "a product \"`@org/team #1`\""},
		{"commits deadbeef and 1234567", "commits `deadbeef` and `1234567`"},
		{"Gümüş üyelik, ayda bir: 12", "Gümüş üyelik, ayda bir: 12"},
		{"two\nlines", "two<br>lines"},
		{"an amount is a text: kurus(resource.spec.amount) > 10000", "an amount is a text: `kurus(resource.spec.amount) >` 10000"},
		{"+ does not take (list(int), list(int))", "`+` does not take (`list(int)`, `list(int)`)"},
		{"a`b`c@d`e`", "a`b` `c@d` `e`"},
	} {
		if got := sentence(test.sentence); got != test.want {
			t.Errorf("sentence(%q) = %q, want %q", test.sentence, got, test.want)
		}
	}
}

// TestVisible: what cannot be seen is named.
func TestVisible(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"Gümüş üyelik", "Gümüş üyelik"}, {"", `""`}, {" x", `" x"`}, {`a\b`, `"a\\b"`}, {`"x"`, `"\"x\""`}, {"a\u202eb", `"a\u202eb"`}, {"a\nb", `"a\nb"`}, {"a\u3164", `"a\u3164"`},
		{"a\U000e0041", `"a\U000e0041"`}, {"a\xff", `"a\xff"`}, {"x" + strings.Repeat("y", 400), "x" + strings.Repeat("y", 299) + "… (401 characters)"},
	} {
		if got := visible(test.text); got != test.want {
			t.Errorf("visible(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}
