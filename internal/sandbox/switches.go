package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Names of the switches that something asks for, and the values it asks for.
const (
	swDuplicateSaleCode = "duplicate-sale-code"
	duplicateAccept     = "accept"
	duplicateRefuse     = "refuse"
	duplicateReturnOld  = "return-old"

	swUpdateSaleOmitted = "update-sale-omitted"
	swUpdateCustOmitted = "update-customer-omitted"
	omittedDefault      = "default"
	omittedKeep         = "keep"
	omittedClear        = "clear"

	swEmptyList   = "empty-list"
	emptyNoData   = "no-data-found"
	emptyNotFound = "not-found"
	emptySuccess  = "success"

	swWriteAnswer = "write-answer"
	answerLost    = "lost"
	answerEX      = "ex"

	swUpdateSalePastDate = "update-sale-past-date"
	swEndDateRequired    = "end-date-required"
	swUpdateCustCode     = "update-customer-code"
	swRemoveCard         = "remove-card"
	swUpdateCardCodes    = "update-card-codes"
	swFailureStatus      = "failure-status"
	swNumbers            = "numbers"
	swReadDelay          = "read-delay"
)

// Names of the switches of charges and payment steps.
const (
	swEndDate           = "end-date"
	swSameDayCharge     = "same-day-charge"
	swBeginDay          = "begin-day"
	swEveryXFrom        = "every-x-from"
	swShortMonth        = "short-month"
	swHowManyTrial      = "how-many-trial"
	swFallbackCards     = "fallback-cards"
	swDeleteSaleSteps   = "delete-sale-steps"
	swUpdateSaleSteps   = "update-sale-steps"
	swDeleteSchedule    = "delete-schedule"
	swAddStepAutomatic  = "add-step-automatic"
	swUpdateStepOmitted = "update-step-omitted"
	swStepToday         = "step-today"
	swMissingStep       = "missing-step"
	swBlankMembers      = "blank-members"
	swStepRange         = "step-range"
	swDeletedSaleSteps  = "deleted-sale-steps"
)

// durationValue stands for any duration among the values of a switch.
const durationValue = "DURATION"

// Switch is one question that Moka's documentation leaves open, with the
// answers that the sandbox can play.
type Switch struct {
	Name string `json:"name"`
	// Values are the allowed ones, or DURATION alone for a Go duration of at
	// most an hour ("0s", "1.5s").
	Values   []string `json:"values"`
	Default  string   `json:"default"`
	Question string   `json:"question"`
	// Source is the section of moka-api that the question is from.
	Source string `json:"source"`
}

// KnownSwitches lists every switch in the order in which help shows them.
func KnownSwitches() []Switch { return slices.Clone(knownSwitches) }

var knownSwitches = append(callSwitches, chargeSwitches...)

// callSwitches are the questions about calls.
var callSwitches = []Switch{
	{swDuplicateSaleCode, []string{duplicateAccept, duplicateRefuse, duplicateReturnOld}, duplicateAccept,
		"AddSale with a SaleCode that a live sale has: a second sale, a refusal (SaleCodeAlreadyUsing), or the old sale as the answer.", "4.1"},
	{swUpdateSaleOmitted, []string{omittedDefault, omittedKeep, omittedClear}, omittedDefault,
		"UpdateSale without a member: it gets the default of AddSale (an EndDate is gone) and what has no default stays; it stays; or it is emptied.", "2.21"},
	{swUpdateSalePastDate, []string{"unchanged", "refuse"}, "unchanged",
		"UpdateSale with a date in the past: accepted where it is the stored one, or always refused (…AlreadyPassed).", "4.2"},
	{swEndDateRequired, []string{"no", "yes"}, "no",
		"AddSale without EndDate: open-ended, or EndDateIsRequired.", "2.20"},
	{swUpdateCustOmitted, []string{omittedKeep, omittedClear}, omittedKeep,
		"UpdateCustomer without a member: it stays, or it is emptied.", "2.3"},
	{swUpdateCustCode, []string{"match", "rename"}, "match",
		"UpdateCustomer with an id and another code: a mismatch, or a rename (CustomerCodeAlreadyUsing if the code is taken).", "2.3"},
	{swRemoveCard, []string{"leave", "break"}, "leave",
		"RemoveCard of a card that sales use: they keep the token, or lose it.", "2.9"},
	{swEmptyList, []string{emptyNoData, emptyNotFound, emptySuccess}, emptyNoData,
		"A list with nothing in it: NoDataFound, …NotFound, or Success with 0.", "2.14"},
	{swUpdateCardCodes, []string{"GetCard", "UpdateCard"}, "GetCard",
		"UpdateCard's codes: as printed (GetCard), or under its own name.", "2.8"},
	{swFailureStatus, []string{"200", "400"}, "200",
		"HTTP status of an answer that is not Success.", "1.2"},
	{swNumbers, []string{"both", "strings"}, "both",
		"Numbers in requests: quoted or bare, or only quoted (a bare one is InvalidRequest).", "1.7"},
	{swWriteAnswer, []string{"given", answerLost, answerEX}, "given",
		"The answer to a write that took effect: given, lost (the connection closes), or EX.", "1.6"},
	{swReadDelay, []string{durationValue}, "0s",
		"How long reads do not see a write.", "4.1"},
}

// chargeSwitches are the questions about charges and payment steps.
var chargeSwitches = []Switch{
	{swEndDate, []string{"inclusive", "exclusive"}, "inclusive",
		"Whether a payment due on EndDate is made.", "3.4"},
	{swSameDayCharge, []string{"yes", "no"}, "yes",
		"Whether a sale added on a day on which it is due, or a step added for the same day, is charged that day.", "3.4"},
	{swBeginDay, []string{"if-named", "always"}, "if-named",
		"Whether a payment is due on BeginDate only if the schedule names that day, or in any case.", "3.4"},
	{swEveryXFrom, []string{"begin-date", "calendar"}, "begin-date",
		"Where every X days, weeks (from Monday) or months are counted from: BeginDate, or Monday 1 January 2001 for all sales.", "3.4"},
	{swShortMonth, []string{"skip", "last-day"}, "skip",
		"Day 29, 30 or 31 in a month without it: no payment, or on the month's last day.", "3.4"},
	{swHowManyTrial, []string{"days", "more-days"}, "days",
		"HowManyTrial: days of attempts, or days after the first.", "3.3"},
	{swFallbackCards, []string{"same-attempt", "next-attempt"}, "same-attempt",
		"When cards 2 and 3 are tried: at once, or at the next attempt each.", "3.3"},
	{swDeleteSaleSteps, []string{"leave", "drop"}, "leave",
		"What DeleteSale does with open payment steps: they are still charged, or deleted.", "3.6"},
	{swUpdateSaleSteps, []string{"leave", "reach"}, "leave",
		"Whether UpdateSale reaches open steps: cards and trials of all, the amount of automatic ones.", "4.2"},
	{swDeleteSchedule, []string{"keep", "stop"}, "keep",
		"Sales whose schedule is deleted: they go on as before, or have no more payments.", "2.17"},
	{swAddStepAutomatic, []string{"accept", "refuse"}, "accept",
		"AddPaymentPlan for a sale of PlanType 1: accepted, or refused (PlanTypeNotManual).", "2.25"},
	{swUpdateStepOmitted, []string{omittedDefault, omittedKeep}, omittedDefault,
		"UpdatePaymentPlan without Currency or InstallmentNumber: TL and 1, or they stay.", "2.26"},
	{swStepToday, []string{"open", "passed"}, "open",
		"Whether a step of today can still be added, changed and deleted until it was tried.", "2.27"},
	{swMissingStep, []string{"code", "null"}, "code",
		"GetPaymentPlan of no step: PaymentPlanNotFound, or Success with Data null.", "4.3"},
	{swBlankMembers, []string{"empty", "null"}, "empty",
		"Blank members of a payment step: 0 and an empty text, or null.", "2.28"},
	{swStepRange, []string{"inclusive", "exclusive"}, "inclusive",
		"Whether the two days that a list of steps is asked for belong to the range.", "2.29"},
	{swDeletedSaleSteps, []string{"listed", "hidden"}, "listed",
		"GetPaymentPlanList of a deleted sale: its steps, or DealerSaleNotFound.", "3.6"},
}

// Setting is one switch in one position.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// ParseSwitch reads "name=value". The error names what is allowed.
func ParseSwitch(text string) (Setting, error) {
	name, value, found := strings.Cut(text, "=")
	if !found {
		return Setting{}, fmt.Errorf("switch %q: want name=value", text)
	}
	setting := Setting{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)}
	return setting, setting.check()
}

func (s Setting) check() error {
	at := slices.IndexFunc(knownSwitches, func(known Switch) bool { return known.Name == s.Name })
	if at < 0 {
		return fmt.Errorf("there is no switch %q; there are %s", s.Name, switchNames())
	}
	known := knownSwitches[at]
	if known.Values[0] == durationValue {
		if d, err := time.ParseDuration(s.Value); err != nil || d < 0 || d > time.Hour {
			return fmt.Errorf("switch %s: %q is not a duration from 0s to 1h", s.Name, s.Value)
		}
		return nil
	}
	if !slices.Contains(known.Values, s.Value) {
		return fmt.Errorf("switch %s: %q is none of %s", s.Name, s.Value, strings.Join(known.Values, ", "))
	}
	return nil
}

func switchNames() string {
	names := make([]string, len(knownSwitches))
	for i, known := range knownSwitches {
		names[i] = known.Name
	}
	return strings.Join(names, ", ")
}

// positions holds where each switch stands. It is never changed in place, so
// that a call is answered under one set of positions.
type positions map[string]string

func defaultPositions() positions {
	p := make(positions, len(knownSwitches))
	for _, known := range knownSwitches {
		p[known.Name] = known.Default
	}
	return p
}

// with returns the positions after some settings.
func (p positions) with(settings []Setting) (positions, error) {
	next := make(positions, len(p))
	for name, value := range p {
		next[name] = value
	}
	for _, setting := range settings {
		if err := setting.check(); err != nil {
			return nil, err
		}
		next[setting.Name] = setting.Value
	}
	return next, nil
}

// is reports whether a switch stands at a value.
func (p positions) is(name, value string) bool { return p[name] == value }

// readDelay is how long reads do not see a write.
func (p positions) readDelay() time.Duration {
	d, _ := time.ParseDuration(p[swReadDelay]) // checked when it was set
	return d
}
