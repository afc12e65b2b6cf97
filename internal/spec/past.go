package spec

// PastDates reports the dates of sales that known does not know and that lie before today (YYYY-MM-DD, the day in Europe/Istanbul):
// Moka refuses to make such a sale (moka-api 2.20: SaleDateAlreadyPassed and its like). Sales that exist already keep their dates.
func (s *Set) PastDates(today string, known func(Address) bool) []Diagnostic {
	var ds []Diagnostic
	for _, r := range s.Resources {
		if r.Address.Kind != Sale || known(r.Address) {
			continue
		}
		for i := range r.Values {
			v := &r.Values[i]
			if t := v.Field.Type; t != Date && t != EndDate || v.Text == Never || v.Text >= today {
				continue
			}
			ds = append(ds, s.at(r, v, Error, nil, "%s %s has passed, today is %s in Istanbul: Moka refuses a new sale with a date in the past; choose today or a later day%s", v.Field.Name, v.Text, today, pastHint(v.Field)))
		}
	}
	s.Sort(ds)
	return ds
}

func pastHint(f *Field) string {
	if f.Name == "saleDate" {
		return ", or leave saleDate out"
	}
	return ""
}
