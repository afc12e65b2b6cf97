package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// account is manifests as a merchant keeps them: several folders and files, Turkish texts, comments, anchors and block scalars; 45 of 100 resources are customers, 45 sales, the rest cards.
type account struct {
	Folder    string
	Resources int
	Bytes     int64
}

// perFile is how many customers, with what is theirs, one file has.
const perFile = 400

// cities are the folders.
var cities = []string{"adana", "ankara", "bursa", "eskişehir", "istanbul", "izmir", "muğla", "trabzon"}

var (
	firstNames = []string{"Şule", "Elif", "Çiğdem", "Ömer", "İbrahim", "Gülşah", "Uğur", "Yağmur", "Ayşe", "Mert"}
	lastNames  = []string{"Öztürk", "Yetimoğlu", "Güneş", "Çelik", "Şahin", "Kılıç", "Aydın", "Polat", "Doğan", "Işık"}
	districts  = []string{"Kadıköy", "Çankaya", "Bornova", "Nilüfer", "Odunpazarı", "Ortahisar", "Seyhan", "Menteşe"}
)

// writeAccount writes n resources, about, into an empty folder.
func writeAccount(folder string, n int) (account, error) {
	a := account{Folder: folder}
	put := func(name, text string, resources int) error {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		a.Resources += resources
		a.Bytes += int64(len(text))
		return os.WriteFile(path, []byte(text), 0o644)
	}
	if err := put("catalogue.yaml", catalogue(), 10); err != nil {
		return a, err
	}
	customers := max(1, (n-10)*45/100)
	for first := 0; first < customers; first += perFile {
		var text strings.Builder
		resources := 0
		text.WriteString("# Aboneler. Tutarlar KDV dahildir.\n")
		for i := first; i < min(first+perFile, customers); i++ {
			resources += subscriber(&text, i, i%50 == 0)
		}
		name := fmt.Sprintf("%s/%03d/aboneler.yaml", cities[first/perFile%len(cities)], first/perFile)
		if err := put(name, text.String(), resources); err != nil {
			return a, err
		}
	}
	return a, nil
}

// catalogue is five products and five schedules.
func catalogue() string {
	var b strings.Builder
	for i := range 5 {
		fmt.Fprintf(&b, "apiVersion: mokasync/v1\nkind: Product\nmetadata: {name: p%d}\nspec:\n  productCode: URUN-%02d\n  productName: Üyelik %d\n---\n", i, i, i)
		fmt.Fprintf(&b, "apiVersion: mokasync/v1\nkind: Schedule\nmetadata: {name: day-%d}\nspec: {frequency: monthly, daysOfMonth: [%d]}\n---\n", i+1, i*5+1)
	}
	return b.String()
}

// subscriber writes a customer and a sale, of every ninth two cards too, and gives how many resources that is. anchor: its labels are named and used again.
func subscriber(b *strings.Builder, i int, anchor bool) int {
	first, last, district := firstNames[i%len(firstNames)], lastNames[i/7%len(lastNames)], districts[i%len(districts)]
	labels := fmt.Sprintf("{city: c%d, segment: home}", i%8)
	if anchor {
		labels = "&etiket " + labels + "\n  annotations: *etiket"
	}
	fmt.Fprintf(b, "# abone %d\napiVersion: mokasync/v1\nkind: Customer\nmetadata:\n  name: c%d\nspec:\n  customerCode: ABONE-%06d\n  firstName: %s\n  lastName: %s\n  gender: female\n  birthDate: \"19%02d-0%d-1%d\"\n"+
		"  gsmNumber: \"53%08d\"\n  email: abone%d@example.com\n", i, i, i, first, last, 50+i%50, i%9+1, i%9, i%100000000, i)
	if i%4 == 0 {
		fmt.Fprintf(b, "  address: >-\n    Moda Caddesi No: %d,\n    Daire %d, %s\n---\n", i%200, i%12, district)
	} else {
		fmt.Fprintf(b, "  address: Moda Caddesi No %d, %s   # fatura adresi\n---\n", i%200, district)
	}
	resources := 2
	card := fmt.Sprintf("{token: 7e57ca4d-0000-4000-8000-%012d}", i)
	if i%9 == 0 {
		fmt.Fprintf(b, "apiVersion: mokasync/v1\nkind: Card\nmetadata: {name: k%d}\nspec: {customer: c%d, token: 7e57ca4d-0000-4000-8000-%012d, cardName: Ana kart}\n---\n", i, i, i)
		fmt.Fprintf(b, "apiVersion: mokasync/v1\nkind: Card\nmetadata: {name: k%d-2}\nspec: {customer: c%d, token: 7e57ca4d-0000-4000-8000-%012d}\n---\n", i, i, 500_000_000+i)
		card = fmt.Sprintf("k%d, k%d-2", i, i)
		resources += 2
	}
	fmt.Fprintf(b, "apiVersion: mokasync/v1\nkind: Sale\nmetadata:\n  name: s%d\n  labels: %s\nspec:\n  saleCode: SATIS-%06d-v1\n  customer: c%d\n  product: p%d\n  schedule: day-%d\n  cards: [%s]\n  amount: \"%d.90\"\n"+
		"  currency: TL\n  beginDate: \"2035-0%d-01\"\n  endDate: \"2037-12-31\"\n  description: Aylık üyelik, sözleşme %d\n---\n", i, labels, i, i, i%5, i%5+1, card, 99+i%400, i%9+1, i)
	return resources
}
