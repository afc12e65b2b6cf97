package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/plan"
	"github.com/mokasync/mokasync/internal/spec"
)

// maxAge is how old a list may be when the last AddSale that relies on it goes out.
const maxAge = 60 * time.Second

// looks reads what is at Moka. A list is read once and shared; whoever needs a younger one says so.
type looks struct {
	reader reads
	now    func() time.Time
	// knowsSale: while a live sale is known, a list that is said to hold no data is not believed (moka-api 4.5).
	knowsSale func(kind spec.Kind) bool
	// wanted limits what is kept of a list of customers or sales to these codes, so that memory does not grow with the account; nil keeps all.
	wanted map[spec.Kind]map[string]bool
	// partners are the customers, by code or by the kept form of their number, of whom a list of sales is to keep all: a sale is to be made for each.
	partners map[string]bool
	// watched are the things of which a list of sales is to tell whether a sale uses them, by kind and Moka's key.
	watched map[use]bool
	keys    *lockfile.Keyring

	lists map[spec.Kind]*shared
	// seenCards are those that were read before the first write, by canonical token; a card has one owner. Written before workers begin.
	seenCards map[string]*plan.Found
}

// shared is where the newest list of a kind is, for all who look.
type shared struct {
	mu sync.Mutex
	*list
}

// list is one reading of a kind's list; it does not change any more. begun is when its call began: what happened later may not be in it.
type list struct {
	begun time.Time
	found []*plan.Found
	code  map[string][]*plan.Found // found, by code
	uses  map[use][]string         // what of the watched things is used, with a sale that does
	err   error
	// silent: Moka said that there is nothing to list, instead of listing nothing (moka-api 4.5).
	silent bool
}

func newLooks(r *moka.Reader, s *slots, now func() time.Time, knowsSale func(kind spec.Kind) bool) *looks {
	l := &looks{reader: reads{r, s}, now: now, knowsSale: knowsSale, lists: map[spec.Kind]*shared{}, seenCards: map[string]*plan.Found{}, wanted: map[spec.Kind]map[string]bool{}}
	for _, k := range spec.Kinds() {
		l.lists[k] = &shared{}
	}
	return l
}

// want adds a code to those that are kept of a kind's list. A list that was read without it says nothing of it: it is read again. Called while nothing else looks.
func (l *looks) want(kind spec.Kind, code string) {
	if l.wanted[kind] == nil {
		l.wanted[kind] = map[string]bool{}
	}
	if !l.wanted[kind][code] {
		l.wanted[kind][code] = true
		l.lists[kind].list = nil
	}
}

// partner has lists of sales keep all those of a customer. Called while nothing else looks.
func (l *looks) partner(customer string) {
	if l.partners == nil {
		l.partners = map[string]bool{}
	}
	l.partners[customer] = true
	l.lists[spec.Sale].list = nil
}

// since gives a kind's list that was begun no earlier than t, or the error with which that reading ended: a list that could not be read is not read
// again for everyone who wants it.
func (l *looks) since(ctx context.Context, kind spec.Kind, t time.Time) (*list, error) {
	s := l.lists[kind]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.list == nil || s.begun.Before(t) {
		begun := l.now()
		uses := map[use][]string{}
		found, err := l.read(ctx, kind, uses)
		code := make(map[string][]*plan.Found, len(found))
		for _, f := range found {
			code[f.Code] = append(code[f.Code], f)
		}
		s.list = &list{begun: begun, found: found, code: code, uses: uses, err: err}
		if s.silent = moka.IsNoData(err); s.silent {
			s.list.err = nil
		}
	}
	return s.list, s.list.err
}

func (l *looks) read(ctx context.Context, kind spec.Kind, uses map[use][]string) ([]*plan.Found, error) {
	var found []*plan.Found
	keep := l.wanted[kind]
	each := func(r moka.Record) error {
		f := plan.FoundOf(kind, r.Get)
		if kind == spec.Sale && len(l.watched) > 0 {
			l.noteUses(f, uses)
		}
		if (kind == spec.Customer || kind == spec.Sale) && keep != nil && !keep[f.Code] && !(kind == spec.Sale && f.OfCustomer(l.partners)) {
			return nil
		}
		found = append(found, f)
		return nil
	}
	var err error
	switch kind {
	case spec.Customer:
		err = l.reader.GetCustomerList(ctx, each)
	case spec.Product:
		err = l.reader.GetProductList(ctx, each)
	case spec.Schedule:
		err = l.reader.GetScheduleList(ctx, each)
	case spec.Sale:
		err = l.reader.GetSaleList(ctx, each)
	default:
		return nil, fmt.Errorf("there is no list of all %ss at Moka", kind.Prefix())
	}
	switch {
	case err == nil:
		return found, nil
	case !moka.IsNoData(err):
		return nil, err
	case l.knowsSale(kind):
		return nil, fmt.Errorf("nothing is listed, although the lockfile knows sales: is this the right dealer and endpoint? %s (%v)", emptyHints[kind], err)
	}
	return nil, err
}

// byCode gives what a kind's list, begun no earlier than t, has under a code. More than one sale is an error that names them.
func (l *looks) byCode(ctx context.Context, kind spec.Kind, code string, t time.Time) (*plan.Found, error) {
	all, err := l.since(ctx, kind, t)
	if err != nil {
		return nil, err
	}
	switch same := all.code[code]; len(same) {
	case 0:
		return nil, nil
	case 1:
		return same[0], nil
	default:
		return nil, &TwiceError{plan.TwoSales(code, same)}
	}
}

// TwiceError says that Moka has two sales with one code.
type TwiceError struct{ text string }

func (e *TwiceError) Error() string { return e.text }

// customer reads one customer by its code; nil if there is none. It gives the members as they were read too.
func (l *looks) customer(ctx context.Context, code string) (*plan.Found, moka.Record, error) {
	r, err := l.reader.GetCustomer(ctx, moka.Record{{Name: "CustomerCode", Value: code}})
	if moka.IsNotFound(err) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	return plan.FoundOf(spec.Customer, r.Get), r, nil
}

// card reads a card by its canonical token; nil if there is none (moka-api 2.10).
func (l *looks) card(ctx context.Context, token string) (*plan.Found, error) {
	customer, card, err := l.reader.GetCard(ctx, tokenField.ToWire(token))
	if moka.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return cardFound(customer, card), nil
}

// together reads lists of the kinds before, then cards by their canonical tokens, which Moka has no list of (moka-api 2.11), then lists of the kinds after: begun in that order, a few at a
// time. After one that failed no other is begun. It gives the cards in the order of the tokens, nil for one that is not there, and the first error in the order of the reads.
// The lists, and the errors that their readings ended with, are there for since.
func (l *looks) together(ctx context.Context, before []spec.Kind, tokens []string, after []spec.Kind, atOnce int) ([]*plan.Found, error) {
	lists := slices.Concat(before, after)
	found, errs := make([]*plan.Found, len(tokens)), make([]error, len(lists)+len(tokens))
	var failed atomic.Bool
	inParallel(len(errs), atOnce, func(i int) {
		if failed.Load() {
			return
		}
		switch card := i - len(before); {
		case card < 0:
			_, errs[i] = l.since(ctx, lists[i], time.Time{})
		case card < len(tokens):
			found[card], errs[i] = l.card(ctx, tokens[card])
		default:
			_, errs[i] = l.since(ctx, lists[i-len(tokens)], time.Time{})
		}
		if errs[i] != nil {
			failed.Store(true)
		}
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// inParallel does something for 0 to n-1, begun in that order, a few at a time, and waits for all. Where it is one at a time, the caller's goroutine does it.
func inParallel(n, atOnce int, do func(i int)) {
	if min(n, atOnce) <= 1 {
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(atOnce, n) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	workers.Wait()
}

func cardFound(customer, card moka.Record) *plan.Found {
	f := plan.FoundOf(spec.Card, func(member string) string {
		if member == "CustomerCode" || member == "DealerCustomerId" {
			return customer.Get(member)
		}
		return card.Get(member)
	})
	f.Owner = customer.Get("CustomerCode")
	return f
}

// schedule reads one schedule by Moka's number out of the shared list, begun no earlier than t; nil if there is none.
func (l *looks) schedule(ctx context.Context, id int64, t time.Time) (*plan.Found, error) {
	all, err := l.since(ctx, spec.Schedule, t)
	if err != nil {
		return nil, err
	}
	for _, f := range all.found {
		if f.ID == id {
			return f, nil
		}
	}
	return nil, nil
}

// schedulesNamed gives the schedules of one name out of the shared list, begun no earlier than t.
func (l *looks) schedulesNamed(ctx context.Context, name string, t time.Time) ([]*plan.Found, error) {
	all, err := l.since(ctx, spec.Schedule, t)
	if err != nil {
		return nil, err
	}
	var same []*plan.Found
	for _, f := range all.found {
		if f.Texts(scheduleName)[0] == name {
			same = append(same, f)
		}
	}
	return same, nil
}

var scheduleName = spec.Schedule.Def().Field("scheduleName")

// cannotLook says that a look failed, for a change to which nothing was sent.
func cannotLook(err error) string {
	var twice *TwiceError
	if errors.As(err, &twice) {
		return twice.Error()
	}
	return "Moka could not be looked at, so nothing was sent: " + err.Error()
}

// emptyHints say what to do where a list of a kind is said to be empty and cannot be believed.
var emptyHints = map[spec.Kind]string{
	spec.Sale:     "If the last sale was ended in the panel, take it out of the lockfile with `mokasync state rm`.",
	spec.Customer: "If the last customer was removed in the panel, take its sales out of the lockfile with `mokasync state rm`.",
	spec.Product:  "If the last product was deleted in the panel, take its sales out of the lockfile with `mokasync state rm`, or add any product there.",
	spec.Schedule: "If the last schedule was deleted in the panel, add any schedule there, so that the list can be read.",
}
