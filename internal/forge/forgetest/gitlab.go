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

const gitlabPrefix = "/api/v4/"

// gitlab is the forge with GitLab's face.
type gitlab struct{ *Forge }

// maxNote is the length of a note on GitLab in characters.
const maxNote = 1_000_000

func (gitlab) no(status int, message string) reply {
	return reply{status: status, body: object{"message": fmt.Sprintf("%d %s", status, message)}}
}

func (f gitlab) limited(kind Kind, wait time.Duration, reset time.Time) reply {
	a := reply{status: http.StatusTooManyRequests, header: http.Header{}, body: "Retry later\n"}
	switch kind {
	case Primary:
		a.header.Set("RateLimit-Remaining", "0")
		a.header.Set("RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
	case Secondary, TooMany:
		a.header.Set("Retry-After", strconv.Itoa(int(wait/time.Second)))
	default:
		a.body = object{"message": object{"error": "This endpoint has been requested too many times. Try again later."}}
	}
	return a
}

// answer finds out what is asked, and whether it may be.
func (f gitlab) answer(r *http.Request) reply {
	token, known := f.tokens[r.Header.Get("PRIVATE-TOKEN")]
	if !known {
		return f.no(http.StatusUnauthorized, "Unauthorized")
	}
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), f.prefix+gitlabPrefix)
	if !ok {
		return f.no(http.StatusNotFound, "Not Found")
	}
	if path == "user" {
		return reply{status: http.StatusOK, body: object{"id": 7, "username": token.Login}}
	}
	if r.Method != http.MethodGet && token.ReadOnly {
		return reply{status: http.StatusForbidden, body: object{
			"error": "insufficient_scope", "error_description": "The request requires higher privileges than provided by the access token.", "scope": "api",
		}}
	}
	segments := strings.Split(path, "/")
	if len(segments) < 3 || segments[0] != "projects" || segments[1] != ProjectNumber && segments[1] != url.PathEscape(Repository) {
		return f.no(http.StatusNotFound, "Project Not Found")
	}
	return f.resource(r, token, segments[2:])
}

func (f gitlab) resource(r *http.Request, token Token, path []string) reply {
	read := r.Method == http.MethodGet
	switch {
	case read && len(path) == 3 && path[0] == "repository" && path[1] == "branches":
		return f.branch(path[2])
	case read && len(path) == 1 && path[0] == "merge_requests":
		return f.list(r)
	case len(path) < 2 || path[0] != "merge_requests":
		return f.no(http.StatusNotFound, "Not Found")
	}
	p := f.pulls[number(path[1])]
	switch {
	case p == nil:
		return f.no(http.StatusNotFound, "Not found")
	case read && len(path) == 2:
		return reply{status: http.StatusOK, body: shownMerge(p)}
	case len(path) == 3 && path[2] == "notes":
		return f.onNotes(r, token, p)
	case len(path) == 4 && path[2] == "notes":
		c := f.find(int64(number(path[3])))
		if c == nil || c.Number != p.Number {
			return f.no(http.StatusNotFound, "Not found")
		}
		return f.onNote(r, token, c)
	}
	return f.no(http.StatusNotFound, "Not Found")
}

// branch answers for a branch; a slash in its name is escaped.
func (f gitlab) branch(escaped string) reply {
	name, err := url.PathUnescape(escaped)
	commit, known := f.branches[name]
	if err != nil || !known {
		return f.no(http.StatusNotFound, "Branch Not Found")
	}
	return reply{status: http.StatusOK, body: object{"name": name, "commit": object{"id": commit}}}
}

func shownMerge(p *Pull) object {
	state := map[bool]string{true: "closed", false: "opened"}[p.Closed]
	return object{
		"id": 5000 + p.Number, "iid": p.Number, "state": state, "target_branch": p.Base, "sha": p.Head, "diff_refs": object{"base_sha": p.BaseCommitAtWrite},
		"web_url": fmt.Sprintf("https://gitlab.example.com/%s/-/merge_requests/%d", Repository, p.Number),
	}
}

func (f gitlab) list(r *http.Request) reply {
	var all []object
	q := r.URL.Query()
	for _, p := range f.pulls {
		m := shownMerge(p)
		if state := q.Get("state"); state != "" && state != "all" && state != m["state"] || q.Has("target_branch") && q.Get("target_branch") != p.Base {
			continue
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b object) int { return a["iid"].(int) - b["iid"].(int) })
	return f.page(r, all)
}

func (f gitlab) onNotes(r *http.Request, token Token, p *Pull) reply {
	switch r.Method {
	case http.MethodGet:
		// Every merge request has notes that GitLab itself made.
		all := []object{{"id": 1, "body": "added 1 commit", "system": true, "author": object{"username": token.Login}}}
		for _, c := range f.comments {
			if c.Number == p.Number {
				all = append(all, shownNote(c))
			}
		}
		return f.page(r, all)
	case http.MethodPost:
		if p.Locked {
			return f.no(http.StatusForbidden, "Forbidden")
		}
		body, refused := f.bodyOf(r)
		switch {
		case refused != nil:
			return *refused
		case body == "":
			return reply{status: http.StatusAccepted, body: object{"commands_changes": object{}}}
		}
		return reply{status: http.StatusCreated, do: func() any { return shownNote(f.add(p.Number, token.Login, body)) }}
	}
	return f.no(http.StatusMethodNotAllowed, "Method Not Allowed")
}

func (f gitlab) onNote(r *http.Request, token Token, c *Comment) reply {
	switch r.Method {
	case http.MethodGet:
		return reply{status: http.StatusOK, body: shownNote(c)}
	case http.MethodPut:
		// A maintainer's token may edit what others wrote: only the client keeps it safe.
		body, refused := f.bodyOf(r)
		switch {
		case refused != nil:
			return *refused
		case body == "": // quick actions alone
			return reply{status: http.StatusNoContent, do: func() any { f.remove(c.ID); return nil }}
		}
		return reply{status: http.StatusOK, do: func() any {
			if c.Body != body {
				c.Edits++
			}
			c.Body = body
			return shownNote(c)
		}}
	case http.MethodDelete:
		return reply{status: http.StatusNoContent, do: func() any { f.remove(c.ID); return nil }}
	}
	return f.no(http.StatusMethodNotAllowed, "Method Not Allowed")
}

func (f gitlab) bodyOf(r *http.Request) (string, *reply) {
	var said struct{ Body string }
	if err := json.NewDecoder(r.Body).Decode(&said); err != nil || said.Body == "" {
		return "", &reply{status: http.StatusBadRequest, body: object{"error": "body is missing, body is empty"}}
	}
	if utf8.RuneCountInString(said.Body) > maxNote {
		return "", &reply{status: http.StatusBadRequest, body: object{"message": object{"note": []string{"is too long (maximum is 1000000 characters)"}}}}
	}
	return f.takeActions(said.Body), nil
}

// takeActions takes the lines out that are quick actions, as GitLab does before it keeps a note. Lines of fenced code are none.
func (f gitlab) takeActions(body string) string {
	var kept []string
	fenced := false
	for line := range strings.SplitSeq(strings.ReplaceAll(body, "\r", ""), "\n") {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		word, _, _ := strings.Cut(line, " ")
		if !fenced && slices.Contains(quickActions, word) {
			f.actions = append(f.actions, line)
			continue
		}
		kept = append(kept, line)
	}
	return strings.TrimRight(strings.Join(kept, "\n"), " \t\n")
}

// quickActions are some of GitLab's.
var quickActions = []string{"/approve", "/assign", "/close", "/label", "/lock", "/merge", "/rebase", "/title", "/target_branch"}

func shownNote(c *Comment) object {
	author := c.Author
	if author == "" {
		author = "ghost" // the account is gone
	}
	return object{"id": c.ID, "body": c.Body, "system": false, "author": object{"username": author}, "noteable_iid": c.Number}
}

// page gives a part of a list, twenty if it is not said how many, the newest first unless the oldest are asked for, and which page is next.
func (f gitlab) page(r *http.Request, all []object) reply {
	q := r.URL.Query()
	if q.Get("sort") != "asc" {
		slices.Reverse(all)
	}
	p := partOf(q, all, 20)
	a := reply{status: http.StatusOK, body: p.items, header: http.Header{"X-Next-Page": {""}}}
	if p.next > 0 {
		a.header.Set("X-Next-Page", strconv.Itoa(p.next))
		a.header.Set("Link", links(r, p))
	}
	return a
}
