package spec

// PastDates reports the dates of sales and payment steps that known does not know and that lie before today (YYYY-MM-DD, the day in Europe/Istanbul):
// Moka refuses to make such a sale (moka-api 2.20: SaleDateAlreadyPassed and its like), and a step whose day has passed is history (moka-api 2.26). What exists already keeps its dates.
func (s *Set) PastDates(today string, known func(Address) bool) []Diagnostic {
	var ds []Diagnostic
	for _, r := range s.Resources {
		if r.Address.Kind != Sale && r.Address.Kind != PaymentStep || known(r.Address) {
			continue
		}
		for i := range r.Values {
			v := &r.Values[i]
			if t := v.Field.Type; t != Date && t != EndDate || v.Text == Never || v.Text >= today {
				continue
			}
			ds = append(ds, s.at(r, v, Error, nil, "%s %s has passed, today is %s in Istanbul: Moka refuses a new %s with a date in the past; choose today or a later day%s. If it is at Moka already and only the lockfile does not know it, --refresh finds it", v.Field.Name, v.Text, today, whatPast[r.Address.Kind], pastHint(v.Field)))
		}
	}
	s.Sort(ds)
	return ds
}

var whatPast = map[Kind]string{Sale: "sale", PaymentStep: "payment step"}

func pastHint(f *Field) string {
	if f.Name == "saleDate" {
		return ", or leave saleDate out"
	}
	return ""
}
