package importer

import (
	"cmp"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/mokasync/mokasync/internal/edit"
	"github.com/mokasync/mokasync/internal/spec"
)

// Layout says which manifest stands in which file.
type Layout string

// The layouts.
const (
	ByKind     Layout = "kind"     // a file a kind
	ByCustomer Layout = "customer" // a file a customer, with its cards, sales and payment steps; all else a file a kind
)

// Layouts lists the layouts.
var Layouts = []string{string(ByKind), string(ByCustomer)}

// kindFiles are the files of the layout by kind.
var kindFiles = map[spec.Kind]string{
	spec.Customer: "customers.yaml", spec.Product: "products.yaml", spec.Schedule: "schedules.yaml", spec.Card: "cards.yaml", spec.Sale: "sales.yaml", spec.PaymentStep: "payment-steps.yaml",
}

// customersFolder holds a file a customer.
const customersFolder = "customers"

// arrange gives the drafts of each file, in the order in which they stand there: by kind and by name, what is left out by Moka's number.
func (ds *drafts) arrange(layout Layout) map[string][]*draft {
	files := map[string][]*draft{}
	own := ds.customerFiles(layout)
	for _, d := range ds.list {
		file := kindFiles[d.Kind]
		if of := ds.customerOf(d); of != nil && own[of] != "" {
			file = own[of]
		}
		files[file] = append(files[file], d)
	}
	rank := map[spec.Kind]int{}
	for i, kind := range spec.Kinds() {
		rank[kind] = i
	}
	for _, list := range files {
		slices.SortStableFunc(list, func(a, b *draft) int {
			return cmp.Or(cmp.Compare(rank[a.Kind], rank[b.Kind]), cmp.Compare(a.name, b.name))
		})
	}
	return files
}

// customerFiles names the files of the customers, so that they are told apart on every file system and none is passed over when manifests are read.
func (ds *drafts) customerFiles(layout Layout) map[*draft]string {
	if layout != ByCustomer {
		return nil
	}
	files := map[*draft]string{}
	n := newNamer()
	for _, taken := range []string{"mokasync", "kustomization", "con", "prn", "aux", "nul"} {
		n.claim(taken)
	}
	for _, d := range ds.list {
		if d.Kind == spec.Customer && d.out == "" {
			stem := strings.ReplaceAll(d.name, ":", "-")
			files[d] = filepath.Join(customersFolder, n.name(stem, "", stem)+".yaml")
		}
	}
	return files
}

// customerOf gives the customer to whom a draft belongs, nil for none that is here.
func (ds *drafts) customerOf(d *draft) *draft {
	switch d.Kind {
	case spec.Customer:
		return d
	case spec.Card:
		return ds.of[ds.index.party(d.thing, cardCustomer, d.Owner)]
	case spec.Sale:
		return ds.of[ds.index.party(d.thing, saleCustomer, d.Texts(saleCustomer)[0])]
	case spec.PaymentStep:
		if sale := ds.index.party(d.thing, stepSale, d.Texts(stepSale)[0]); sale != nil {
			return ds.of[ds.index.party(sale, saleCustomer, sale.Texts(saleCustomer)[0])]
		}
	}
	return nil
}

// write writes the manifests into an empty folder.
func (ds *drafts) write(folder string, layout Layout) error {
	files := ds.arrange(layout)
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	if slices.ContainsFunc(names, func(name string) bool { return filepath.Dir(name) == customersFolder }) {
		if err := os.Mkdir(filepath.Join(folder, customersFolder), folderMode); err != nil {
			return err
		}
	}
	return inParallel(names, func(name string) error {
		return writeFile(filepath.Join(folder, name), func(w io.Writer) error { return ds.writeTo(w, files[name]) })
	})
}

// writeTo writes one file: the manifests, and at its end what is left out.
func (ds *drafts) writeTo(to io.Writer, list []*draft) error {
	w := edit.NewWriter(to)
	var out []string
	for _, d := range list {
		if d.out != "" {
			out = append(out, "Left out: "+d.leftOut().String())
			continue
		}
		if err := w.Write(ds.manifest(d)); err != nil {
			return err
		}
	}
	if len(out) > 0 {
		w.Remark(strings.Join(out, "\n"))
	}
	return w.Flush()
}

// fileMode is that of the manifests, which hold personal data and card tokens.
const (
	fileMode   = 0o600
	folderMode = 0o755
)

// writeFile writes a file and makes its bytes durable.
func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Sync(), f.Close())
}

// inParallel calls do for each name, from as many goroutines as there are processors, and gives the first errors.
func inParallel(names []string, do func(name string) error) error {
	var next atomic.Int64
	errs := make([]error, len(names))
	var wg sync.WaitGroup
	for range min(len(names), runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(names)); i = next.Add(1) - 1 {
				errs[i] = do(names[i])
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
