package forgetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// github is the forge with GitHub's face.
type github struct{ *Forge }

// maxBody is the length of a comment on GitHub in characters.
const maxBody = 65536

func (github) no(status int, message string) reply {
	return reply{status: status, body: object{"message": message, "status": strconv.Itoa(status)}}
}

func (f github) notFound() reply { return f.no(http.StatusNotFound, "Not Found") }

func (f github) limited(kind Kind, wait time.Duration, reset time.Time) reply {
	seconds := strconv.Itoa(int(wait / time.Second))
	switch kind {
	case Primary:
		a := f.no(http.StatusForbidden, "API rate limit exceeded for installation.")
		a.header = http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {strconv.FormatInt(reset.Unix(), 10)}}
		return a
	case Secondary:
		a := f.no(http.StatusForbidden, "You have exceeded a secondary rate limit.")
		a.header = http.Header{"Retry-After": {seconds}}
		return a
	case TooMany:
		a := f.no(http.StatusTooManyRequests, "Too many requests.")
		a.header = http.Header{"Retry-After": {seconds}}
		return a
	}
	return f.no(http.StatusForbidden, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.")
}

// answer finds out what is asked, and whether it may be.
func (f github) answer(r *http.Request) reply {
	token, known := f.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	if !known {
		return f.no(http.StatusUnauthorized, "Bad credentials")
	}
	if r.Header.Get("User-Agent") == "" {
		return f.no(http.StatusForbidden, "Request forbidden by administrative rules.")
	}
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), f.prefix)
	if !ok {
		return f.notFound()
	}
	if path == "/user" {
		if token.App {
			return f.no(http.StatusForbidden, "Resource not accessible by integration")
		}
		return reply{status: http.StatusOK, body: object{"login": token.Login}}
	}
	path, ok = strings.CutPrefix(path, "/repos/"+Repository+"/")
	if !ok {
		return f.notFound()
	}
	if r.Method != http.MethodGet && token.ReadOnly {
		return f.no(http.StatusForbidden, "Resource not accessible by integration")
	}
	return f.resource(r, token, strings.Split(path, "/"))
}

func (f github) resource(r *http.Request, token Token, path []string) reply {
	get := r.Method == http.MethodGet
	switch {
	case get && path[0] == "branches" && len(path) == 2:
		return f.branch(path[1])
	case get && len(path) == 1 && path[0] == "pulls":
		return f.list(r)
	case get && len(path) == 2 && path[0] == "pulls":
		if p := f.pulls[number(path[1])]; p != nil {
			return reply{status: http.StatusOK, body: shownPull(p)}
		}
	case len(path) == 3 && path[0] == "issues" && path[2] == "comments":
		return f.onIssue(r, token, number(path[1]))
	case len(path) == 3 && path[0] == "issues" && path[1] == "comments":
		return f.onComment(r, token, f.find(int64(number(path[2]))))
	}
	return f.notFound()
}

// branch answers for a branch; a slash in its name is escaped.
func (f github) branch(escaped string) reply {
	name, err := url.PathUnescape(escaped)
	commit, known := f.branches[name]
	if err != nil || !known {
		return f.no(http.StatusNotFound, "Branch not found")
	}
	return reply{status: http.StatusOK, body: object{"name": name, "commit": object{"sha": commit}}}
}

func shownPull(p *Pull) object {
	state := map[bool]string{true: "closed", false: "open"}[p.Closed]
	return object{"number": p.Number, "state": state, "base": object{"ref": p.Base, "sha": p.BaseCommitAtWrite}, "head": object{"sha": p.Head}}
}

func (f github) list(r *http.Request) reply {
	var all []object
	for _, p := range f.pulls {
		if base := r.URL.Query().Get("base"); p.Closed && r.URL.Query().Get("state") != "all" || base != "" && base != p.Base {
			continue
		}
		all = append(all, shownPull(p))
	}
	slices.SortFunc(all, func(a, b object) int { return a["number"].(int) - b["number"].(int) })
	return f.page(r, all)
}

func (f github) onIssue(r *http.Request, token Token, n int) reply {
	p := f.pulls[n]
	if p == nil {
		return f.notFound()
	}
	switch r.Method {
	case http.MethodGet:
		var all []object
		for _, c := range f.comments {
			if c.Number == n {
				all = append(all, shown(c))
			}
		}
		return f.page(r, all)
	case http.MethodPost:
		if p.Locked {
			return f.no(http.StatusForbidden, "Unable to create comment because issue is locked.")
		}
		body, refused := f.bodyOf(r)
		if refused != nil {
			return *refused
		}
		return reply{status: http.StatusCreated, do: func() any { return shown(f.add(n, token.Login, body)) }}
	}
	return f.notFound()
}

func (f github) onComment(r *http.Request, token Token, c *Comment) reply {
	if c == nil {
		return f.notFound()
	}
	switch r.Method {
	case http.MethodGet:
		return reply{status: http.StatusOK, body: shown(c)}
	case http.MethodPatch:
		// As a token with write access may, whoever wrote it: only the client keeps others' comments safe.
		body, refused := f.bodyOf(r)
		if refused != nil {
			return *refused
		}
		return reply{status: http.StatusOK, do: func() any {
			if c.Body != body {
				c.Edits++
			}
			c.Body = body
			return shown(c)
		}}
	case http.MethodDelete:
		return reply{status: http.StatusNoContent, do: func() any { f.remove(c.ID); return nil }}
	}
	return f.notFound()
}

func (f github) bodyOf(r *http.Request) (string, *reply) {
	var said struct{ Body string }
	if err := json.NewDecoder(r.Body).Decode(&said); err != nil || strings.TrimSpace(said.Body) == "" {
		no := f.no(http.StatusUnprocessableEntity, "Validation Failed")
		return "", &no
	}
	if utf8.RuneCountInString(said.Body) > maxBody {
		return "", &reply{status: http.StatusUnprocessableEntity, body: object{"message": "Validation Failed",
			"errors": []object{{"resource": "IssueComment", "code": "unprocessable", "field": "data", "message": "Body is too long (maximum is 65536 characters)"}}}}
	}
	return said.Body, nil
}

func shown(c *Comment) object {
	var user any = object{"login": c.Author, "type": "Bot"}
	if c.Author == "" {
		user = nil // the account is gone
	}
	return object{"id": c.ID, "html_url": fmt.Sprintf("https://github.example.com/%s/pull/%d#issuecomment-%d", Repository, c.Number, c.ID), "user": user, "body": c.Body}
}

// page gives a part of a list, thirty if it is not said how many, and where the others are.
func (f github) page(r *http.Request, all []object) reply {
	p := partOf(r.URL.Query(), all, 30)
	a := reply{status: http.StatusOK, body: p.items, header: http.Header{"X-Ratelimit-Remaining": {"4999"}}}
	if p.next > 0 {
		a.header.Set("Link", links(r, p))
	}
	return a
}
