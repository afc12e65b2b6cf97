package forgetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// object is a JSON object.
type object map[string]any

// reply is an answer that has not been sent yet; do is what is done when it is.
type reply struct {
	status int
	header http.Header
	body   any
	do     func() any // gives the body, if it is not nil
}

// face is how a forge's API looks.
type face interface {
	answer(r *http.Request) reply
	// no is what it says to a call that it does not do.
	no(status int, message string) reply
	// limited is what it says to a call that comes too soon; reset is when the next one may come.
	limited(kind Kind, wait time.Duration, reset time.Time) reply
}

// ServeHTTP answers one call: below /api/v4 as GitLab does, else as GitHub, over the same comments.
func (f *Forge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, f.prefix+gitlabPrefix) {
		f.serve(w, r, gitlab{f})
		return
	}
	f.serve(w, r, github{f})
}

// serve answers one call; calls wait for each other.
func (f *Forge) serve(w http.ResponseWriter, r *http.Request, as face) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, r.Method+" "+r.URL.Path)
	f.tick()
	x := f.nextFault(r.Method)
	if f.before(w, r, x, as) {
		return
	}
	a := as.answer(r)
	if x.Kind == Late {
		if a.do != nil {
			f.late = append(f.late, late{2, func() { a.do() }})
		}
		panic(http.ErrAbortHandler)
	}
	if a.do != nil {
		a.body = a.do()
	}
	if !after(w, x, as) {
		a.send(w)
	}
}

func (a reply) send(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(a.status)
	if a.body != nil {
		json.NewEncoder(w).Encode(a.body)
	}
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// part gives a part of a list, as many as were asked for and at most a hundred.
type part struct {
	items      []object
	next, last int // pages; next is 0 on the last one
}

func partOf(q url.Values, all []object, usual int) part {
	size, at := number(q.Get("per_page")), max(number(q.Get("page")), 1)
	if size < 1 {
		size = usual
	}
	size = min(size, 100)
	from, to := min((at-1)*size, len(all)), min(at*size, len(all))
	p := part{items: append([]object{}, all[from:to]...), last: (len(all) + size - 1) / size}
	if to < len(all) {
		p.next = at + 1
	}
	return p
}

// links writes the Link header of a page.
func links(r *http.Request, p part) string {
	q := r.URL.Query()
	link := func(page int, rel string) string {
		q.Set("page", strconv.Itoa(page))
		return fmt.Sprintf(`<http://%s%s?%s>; rel="%s"`, r.Host, r.URL.EscapedPath(), q.Encode(), rel)
	}
	return link(p.next, "next") + ", " + link(p.last, "last")
}
