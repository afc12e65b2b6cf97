package spec

import "gopkg.in/yaml.v3"

// What fields of one manifest have to do with each other. A rule is judged only where the fields that it needs are good.

// good gives a field's value and node, nil if it is left out or has a mistake.
func (m *manifest) good(name string) (*Value, *yaml.Node) {
	f := m.def.Field(name)
	if m.have&(1<<f.index) == 0 {
		return nil, nil
	}
	return &m.values[f.index], m.nodes[f.index]
}

// stands reports whether a field stands in the manifest, with a mistake perhaps, and gives its node.
func (m *manifest) stands(name string) (*yaml.Node, bool) {
	f := m.def.Field(name)
	return m.nodes[f.index], m.given&(1<<f.index) != 0
}

// judgeSchedule: a weekly schedule has week days, a monthly one days of the month, a daily one neither (moka-api 2.15).
func (m *manifest) judgeSchedule() {
	week, hasWeek := m.stands("daysOfWeek")
	month, hasMonth := m.stands("daysOfMonth")
	if frequency, _ := m.good("frequency"); frequency != nil {
		switch frequency.Text {
		case "weekly":
			if !hasWeek {
				m.errorf(m.home(), "daysOfWeek is missing: a weekly schedule needs its days, for example daysOfWeek: [monday]")
			}
		case "monthly":
			if !hasMonth {
				m.errorf(m.home(), "daysOfMonth is missing: a monthly schedule needs its days, for example daysOfMonth: [15]")
			}
		}
		if hasWeek && frequency.Text != "weekly" {
			m.errorf(week, "daysOfWeek stands only in a weekly schedule, this one is %s: remove it, or change frequency", frequency.Text)
		}
		if hasMonth && frequency.Text != "monthly" {
			m.errorf(month, "daysOfMonth stands only in a monthly schedule, this one is %s: remove it, or change frequency", frequency.Text)
		}
	}
	if v, n := m.good("daysOfMonth"); v != nil {
		for _, c := range n.Content {
			if atoi(c.Value) > 28 {
				m.breach(ruleLateDays, c, "not every month has a day %s, and Moka does not say what it does then (read here as %s): choose 1 to 28", c.Value, m.shortMonth())
			}
		}
	}
}

// shortMonth names the reading of what happens in a month without a day.
func (m *manifest) shortMonth() string {
	if m.reading.ShortMonthLastDay {
		return "short-month: last-day, the last day of such a month"
	}
	return "short-month: skip, no payment in such a month"
}

// judgeSale: what a sale's schedule, cards and dates have to do with its other fields (moka-api 2.20, 3.2).
func (m *manifest) judgeSale() {
	m.judgePlanType()
	m.judgeCards()
	begin, _ := m.good("beginDate")
	end, endNode := m.good("endDate")
	date, dateNode := m.good("saleDate")
	if end != nil && end.Text != Never {
		switch {
		case begin != nil && end.Text < begin.Text:
			m.errorf(endNode, "endDate %s comes before beginDate %s: the sale would end before it begins", end.Text, begin.Text)
		case date != nil && end.Text < date.Text:
			m.breach(ruleDateOrder, dateNode, "saleDate %s comes after endDate %s: Moka may refuse that", date.Text, end.Text)
		}
	}
	if date != nil && begin != nil && begin.Text < date.Text && (end == nil || end.Text >= date.Text) {
		m.breach(ruleDateOrder, dateNode, "saleDate %s comes after beginDate %s: Moka may refuse that", date.Text, begin.Text)
	}
	if plan, _ := m.good("planType"); plan != nil && plan.Text == "manual" {
		return // no schedule goes on charging
	}
	if node, given := m.stands("endDate"); !given {
		m.breach(ruleOpenEnd, m.home(), "no endDate: the sale charges until someone ends it; give it an endDate, or write endDate: never and accept this rule")
	} else if end != nil && end.Text == Never {
		m.breach(ruleOpenEnd, node, "endDate is never: the sale charges until someone ends it")
	}
}

func (m *manifest) judgePlanType() {
	plan, node := m.good("planType")
	if _, given := m.stands("planType"); given && plan == nil {
		return
	}
	schedule, hasSchedule := m.stands("schedule")
	switch manual := plan != nil && plan.Text == "manual"; {
	case manual && hasSchedule:
		m.errorf(schedule, "a sale with planType: manual has no schedule, Moka would drop it: remove it, or change planType")
	case !manual && !hasSchedule:
		m.errorf(m.home(), "schedule is missing: a sale that Moka charges by itself needs one (only planType: manual does not)")
	}
	if plan != nil && plan.Text == "both" {
		m.breach(rulePlanBoth, node, "planType both can charge twice on one day, by the schedule and by hand: automatic or manual is safer")
	}
}

func (m *manifest) judgeCards() {
	if _, hasCards := m.stands("cards"); hasCards {
		return
	}
	collects, node := m.good("customerTypeId")
	_, given := m.stands("customerTypeId")
	switch {
	case collects != nil && collects.Text == "0":
		m.errorf(node, "customerTypeId 0 stands for none, so the sale needs cards: list 1 to 3, or give the id of a customer type")
	case !given:
		m.errorf(m.home(), "cards is missing: list 1 to 3 Cards to charge (only a sale with a customerTypeId, which sends payment requests, does without)")
	}
}
