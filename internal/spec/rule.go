package spec

import "slices"

// Rule is a check that a manifest may be excused from by the annotation mokasync/accept: a warning, or an error that is our own and not Moka's.
type Rule struct {
	Name     string // as mokasync/accept says it
	Severity Severity
	Meaning  string // one or two sentences, for the documentation
}

var (
	ruleOpenEnd     = &Rule{"open-end", Warning, "A Sale with a schedule and without an endDate, or with `endDate: never`, charges until someone ends it."}
	ruleLateDays    = &Rule{"days-29-31", Warning, "A Schedule names the 29th, 30th or 31st, which not every month has. Moka does not say what it does in a shorter month; what mokasync takes it to do is the reading `short-month`."}
	rulePlanBoth    = &Rule{"plan-type-both", Warning, "A Sale with `planType: both` may be charged twice on one day: once by its schedule, once by a step made by hand."}
	ruleDateOrder   = &Rule{"sale-date-order", Warning, "A Sale's saleDate comes after its beginDate or its endDate. Moka may refuse that (BeginSaleEndDateException)."}
	ruleNever       = &Rule{"never-charged", Warning, "No payment of a Sale by its schedule ever falls due: its endDate comes before the first one, or the Schedule's days never come, as the 31st of each February. Which days count is told by the readings in force."}
	ruleCardOwner   = &Rule{"card-owner", Error, "A Sale lists a Card of another customer. Moka does not say whether it charges such a card."}
	ruleCodeForm    = &Rule{"code-form", Error, "Two codes of one kind differ only by upper and lower case (as in English or as in Turkish) or by the form of their Unicode characters. Moka, or a person, may take one for the other."}
	ruleProductName = &Rule{"product-name-form", Warning, "Two productNames differ only by upper and lower case or by the form of their Unicode characters. Moka wants each name once."}
	ruleNameCase    = &Rule{"name-case", Warning, "Two resources of one kind have names that differ only by upper and lower case."}
	ruleKeptHere    = &Rule{"kept-here", Warning, "A reference gives Moka's key of something that has a manifest here. Refer to it by its name, so that it is made first."}
	ruleEmailDomain = &Rule{"email-domain", Error, "The part of an e-mail address after the @ has no point in it, or an empty part."}
	ruleYesNo       = &Rule{"quote-y-n", Warning, "A text is an unquoted `y` or `n`. Older YAML, and kubeconform with it, reads that as yes or no."}
	ruleUnknownSale = &Rule{RuleUnknownSale, Error, "A new Sale has the customer and product of a sale at Moka that no manifest and no lockfile knows, and that charges: it may be the same one, made by an apply whose record is lost. `apply` and `plan --refresh` judge it."}
	ruleAnnotation  = &Rule{"unknown-annotation", Warning, "An annotation begins with `mokasync/` but is none of mokasync's. It has no effect."}
)

var rules = []*Rule{ruleOpenEnd, ruleLateDays, rulePlanBoth, ruleDateOrder, ruleNever, ruleCardOwner, ruleCodeForm, ruleProductName, ruleNameCase, ruleKeptHere, ruleEmailDomain, ruleYesNo, ruleUnknownSale, ruleAnnotation}

// RuleUnknownSale names the one rule that a look at Moka judges.
const RuleUnknownSale = "unknown-sale"

// Rules lists the rules that mokasync/accept can name.
func Rules() []Rule {
	out := make([]Rule, len(rules))
	for i, r := range rules {
		out[i] = *r
	}
	return out
}

// Accepts reports whether the resource is excused from the rule of this name.
func (r *Resource) Accepts(rule string) bool {
	text, ok := r.Annotations[AnnotationAccept]
	return ok && slices.Contains(acceptedNames(text), rule)
}

func (r *Resource) accepts(rule *Rule) bool { return r.Accepts(rule.Name) }

// Protected reports whether the annotation mokasync/protect keeps the resource from being deleted.
func (r *Resource) Protected() bool { return r.Annotations[AnnotationProtect] == "true" }
