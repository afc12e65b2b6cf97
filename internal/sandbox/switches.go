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

const (
	// durationValue stands for any duration among the values of a switch.
	durationValue = "DURATION"
	notPlayed     = " Read by payments, which are not played yet."
)

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

var knownSwitches = []Switch{
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
	{"end-date", []string{"inclusive", "exclusive"}, "inclusive",
		"Whether a payment due on EndDate is made." + notPlayed, "3.4"},
	{"same-day-charge", []string{"yes", "no"}, "yes",
		"Whether a sale that begins on the day it is added is charged that day." + notPlayed, "3.4"},
	{"how-many-trial", []string{"days", "more-days"}, "days",
		"HowManyTrial: days of attempts, or days after the first." + notPlayed, "3.3"},
	{"fallback-cards", []string{"same-attempt", "next-attempt"}, "same-attempt",
		"When cards 2 and 3 are tried." + notPlayed, "3.3"},
	{"delete-sale-steps", []string{"leave", "drop"}, "leave",
		"What DeleteSale does with open payment steps." + notPlayed, "3.6"},
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
