package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// MarkdownOptions say what stands around a plan in Markdown.
type MarkdownOptions struct {
	// Digest of the plan, shown at the foot; "" for none.
	Digest string
	// Commit that the manifests are of, shown at the foot; "" for none.
	Commit string
	// Limit is how many bytes it may take; 0 means CommentLimit.
	Limit int
	// Head are lines of Markdown that come first, as they are: nothing of a manifest may stand in them.
	Head []string
	// Full is the command that shows the whole plan, "mokasync plan --endpoint live"; "" means "mokasync plan".
	Full string
}

// CommentLimit is how many characters GitHub takes in a comment; as bytes it is on the safe side.
const CommentLimit = 65536

// TooSmallError: a limit leaves no room even for what must be said.
type TooSmallError struct {
	Limit, Needed int // bytes
}

func (e *TooSmallError) Error() string {
	return fmt.Sprintf("the Markdown needs at least %d bytes, and may take %d", e.Needed, e.Limit)
}

// PlanMarkdown writes a plan as Markdown for GitHub and GitLab: what it means for the charges, what is in doubt or blocked, sales that left the manifests, what is deleted, the other sales, then all else. It is never longer than o.Limit bytes: what does not
// fit is counted by kind and action, the least important first. With an error among ds there is no plan, and it says why. Personal and secret values are masked, and nothing
// of a manifest is anything but text. The same input gives the same bytes. A limit that is too small for a plan without its changes is a TooSmallError.
func PlanMarkdown(w io.Writer, p *plan.Plan, ds []spec.Diagnostic, o MarkdownOptions) error {
	if o.Full == "" {
		o.Full = "mokasync plan"
	}
	if spec.HasErrors(ds) {
		p = &plan.Plan{Endpoint: p.Endpoint, Dealer: p.Dealer, Partial: p.Partial}
	}
	page := &markdownPage{limit: o.Limit, full: o.Full, whole: "the whole plan"}
	for _, line := range o.Head {
		page.head += line + "\n"
	}
	if page.head != "" {
		page.head += "\n"
	}
	page.head += planHead(p, ds) + moneyHead(p)
	page.foot = planFoot(o)
	addDiagnostics(page, ds, spec.Error, "Mistakes", 50, weighsMistake)
	confirm, ds := splitConfirm(ds)
	ds = append(ds, addChanges(page, p, confirm)...)
	addDiagnostics(page, ds, spec.Warning, "Warnings", 10, weighsWarning)
	addDiagnostics(page, ds, spec.Info, "Notes", 0, weighsNote)
	return page.write(w)
}

// splitConfirm takes out what asks for a confirmation of deletes: it is shown above them. A saved plan keeps of it no more than the sentence, which is known by the flag that it names; one about
// a manifest has a place.
func splitConfirm(ds []spec.Diagnostic) (confirm, others []spec.Diagnostic) {
	for _, d := range ds {
		if d.Severity == spec.Warning && d.Place() == "" && d.Address == "" && strings.Contains(d.Message, "--confirm-deletes") {
			confirm = append(confirm, d)
		} else {
			others = append(others, d)
		}
	}
	return confirm, others
}

// planHead is the headline, and what nobody may overlook.
func planHead(p *plan.Plan, ds []spec.Diagnostic) string {
	dealer := "dealer not known"
	if p.Dealer != "" {
		dealer = "dealer " + code(p.Dealer)
	}
	first, also := headline(p, ds)
	text := "## " + first + "; endpoint " + code(p.Endpoint) + ", " + dealer + "\n\n"
	if also != "" {
		text += also + "\n\n"
	}
	if n := inDoubt(p); n > 0 {
		text += alert("CAUTION", many(n, "change is", "changes are")+" in doubt.",
			"An earlier call may or may not have taken effect. The next apply looks at Moka first, and repeats nothing that was done.")
	}
	if n := p.Counts[plan.Blocked]; n > 0 {
		text += alert("CAUTION", many(n, "change is", "changes are")+" blocked",
			"and will not be made. Below stands why, and the way out.")
	}
	if p.Confirm > 0 {
		text += alert("WARNING", many(p.Confirm, "delete", "deletes")+" must be confirmed:",
			fmt.Sprintf("apply asks for `--confirm-deletes %d`.", p.Confirm))
	}
	text += guardAlert(p)
	if p.Partial != "" {
		text += alert("WARNING", "This is a part of the manifests only:", sentence(p.Partial))
	}
	return text
}

// alert is a coloured box; where a forge does not know it, it is a quotation that begins with its name.
func alert(level, bold, text string) string {
	return "> [!" + level + "]\n> **" + bold + "** " + text + "\n\n"
}

func planFoot(o MarkdownOptions) string {
	var parts []string
	if o.Digest != "" {
		parts = append(parts, "Plan digest "+code(o.Digest))
	}
	if o.Commit != "" {
		parts = append(parts, "commit "+code(o.Commit))
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ", ") + "\n"
}
