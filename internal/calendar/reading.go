package calendar

// Reading says how what Moka's documentation leaves open (moka-api 3.4) is read. The zero Reading is the default.
type Reading struct {
	// EndExcluded: no charge falls on the end date.
	EndExcluded bool
	// BeginAlways: a charge falls on the begin date even if the schedule does not name that day.
	BeginAlways bool
	// EveryFromCalendar: every X days, weeks or months are counted from Monday, 1 January 2001, for all sales, not from the begin date of each.
	EveryFromCalendar bool
	// ShortMonthLastDay: the 29th to 31st fall on the last day of a month that is too short, instead of not at all.
	ShortMonthLastDay bool
}

// Rule is one thing that the documentation leaves open, and the words that say how it is read.
type Rule struct {
	Name    string
	Words   [2]string // the default first
	Meaning string    // of both, in a sentence
	set     func(*Reading) *bool
}

// Other gives the other of a rule's two words.
func (r Rule) Other(word string) string {
	if word == r.Words[0] {
		return r.Words[1]
	}
	return r.Words[0]
}

// Rules lists what is left open, in the order in which it is told.
func Rules() []Rule {
	return []Rule{
		{"end-day", [2]string{"included", "excluded"}, "whether a payment that is due on the end date is made", func(r *Reading) *bool { return &r.EndExcluded }},
		{"begin-day", [2]string{"if-named", "always"}, "whether the begin date is charged only if the schedule names that day, or in any case", func(r *Reading) *bool { return &r.BeginAlways }},
		{"every-from", [2]string{"begin-date", "calendar"}, "where every X days, weeks (from Monday) or months are counted from: the sale's begin date, or Monday, 1 January 2001, for all sales", func(r *Reading) *bool { return &r.EveryFromCalendar }},
		{"short-month", [2]string{"skip", "last-day"}, "whether the 29th to 31st are left out in a month without them, or fall on its last day", func(r *Reading) *bool { return &r.ShortMonthLastDay }},
	}
}

// Set reads a rule in one of its words; false if there is no such rule or word.
func (r *Reading) Set(name, word string) bool {
	for _, rule := range Rules() {
		if rule.Name == name && (word == rule.Words[0] || word == rule.Words[1]) {
			*rule.set(r) = word == rule.Words[1]
			return true
		}
	}
	return false
}

// Word gives the word by which a rule is read.
func (r Reading) Word(rule Rule) string {
	if *rule.set(&r) {
		return rule.Words[1]
	}
	return rule.Words[0]
}
