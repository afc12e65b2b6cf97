package lockfile

import (
	"time"

	"github.com/mokasync/mokasync/internal/spec"
)

// at makes a moment from seconds after a fixed one.
func at(seconds int) time.Time {
	return time.Date(2027, 1, 15, 9, 0, seconds, 0, time.UTC)
}

func address(text string) spec.Address {
	a, err := spec.ParseAddress(text)
	if err != nil {
		panic(err)
	}
	return a
}

// kept makes an entry's fields from manifest names and texts.
func kept(kind spec.Kind, pairs ...string) Fields {
	var out []Locked
	for i := 0; i < len(pairs); i += 2 {
		l := Locked{Field: kind.Def().Field(pairs[i])}
		if l.Field.IsList() {
			l.List = []string{pairs[i+1]}
		} else {
			l.Text = pairs[i+1]
		}
		out = append(out, l)
	}
	return FieldsOf(out)
}

func sampleSale() *Entry {
	return &Entry{
		Address: address("sale/elif-gold"), ID: 1003, Code: "elif-gold-1", Labels: map[string]string{"segment": "gold", "city": "izmir"},
		Annotations: map[string]string{"mokasync/protect": "true"},
		DependsOn:   []spec.Address{address("card/elif-bonus"), address("customer/elif")},
		Fields:      kept(spec.Sale, "customer", "CUST-0001", "cards", "fp", "amount", "149.90", "description", "Tırnak \" ve \\ ve\nsatır"),
		Defaults:    kept(spec.Sale, "currency", "TL"),
	}
}

func sampleCustomer() *Entry {
	return &Entry{Address: address("customer/elif"), ID: 1033, Code: "CUST-0001", Fields: kept(spec.Customer, "firstName", "fp", "password", "2")}
}

func sampleIntent() *Intent {
	e := sampleSale()
	e.ID = 0
	return &Intent{Op: "DealerSale/AddSale", At: at(0), Deadline: at(30), Digest: "d1", Entry: *e}
}

func sampleLock() *Lock {
	l := New("test", "1731", saltKeyring("5a17"))
	l.Put(sampleSale())
	l.Put(sampleCustomer())
	l.Pending = []*Intent{sampleIntent()}
	return l
}
