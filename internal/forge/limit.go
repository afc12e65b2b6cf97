package forge

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// limit reads what the forge says of calls that come too soon: by Retry-After, by the limit that is used up, or by a sentence alone, which
// asks for a minute at least, and longer each time.
func (c *wire) limit(r *http.Response, message string) answer {
	if r.StatusCode != http.StatusForbidden && r.StatusCode != http.StatusTooManyRequests {
		return answer{}
	}
	if wait, ok := c.retryAfter(r.Header.Get("Retry-After")); ok {
		return answer{limited: true, wait: wait, exact: true}
	}
	for _, prefix := range []string{"X-RateLimit-", "RateLimit-"} { // GitHub's, GitLab's
		if r.Header.Get(prefix+"Remaining") != "0" {
			continue
		}
		if at, err := strconv.ParseInt(r.Header.Get(prefix+"Reset"), 10, 64); err == nil {
			// A second more: the two clocks tick apart.
			return answer{limited: true, wait: max(time.Unix(at, 0).Sub(c.o.Now()), 0) + time.Second, exact: true}
		}
	}
	said := strings.ToLower(message)
	if r.StatusCode == http.StatusTooManyRequests || strings.Contains(said, "rate limit") || strings.Contains(said, "abuse detection") {
		return answer{limited: true, wait: time.Minute}
	}
	return answer{}
}

// retryAfter reads seconds, or a date.
func (c *wire) retryAfter(s string) (time.Duration, bool) {
	if n, err := strconv.Atoi(s); err == nil && n >= 0 && n < 1<<30 {
		return max(time.Duration(n)*time.Second, time.Second), true
	}
	if at, err := http.ParseTime(s); err == nil {
		return max(at.Sub(c.o.Now()), 0) + time.Second, true
	}
	return 0, false
}

var errNextPage = errors.New("the next page of the list lies on another server, to which the token is not sent")

// nextPage gives the URL of a list's next page, "" if there is none: GitLab gives its number, GitHub its URL in a Link header.
func (c *wire) nextPage(list string, h http.Header) (string, error) {
	if n, err := strconv.Atoi(h.Get("X-Next-Page")); err == nil && n > 0 {
		u, err := url.Parse(list)
		if err != nil {
			return "", err
		}
		q := u.Query()
		q.Set("page", strconv.Itoa(n))
		u.RawQuery = q.Encode()
		return u.String(), nil
	}
	for _, header := range h.Values("Link") {
		for header != "" {
			_, rest, found := strings.Cut(header, "<")
			if !found {
				break
			}
			target, rest, found := strings.Cut(rest, ">")
			if !found {
				break
			}
			parameters, others, _ := strings.Cut(rest, ",")
			header = others
			if !namesNext(parameters) {
				continue
			}
			u, err := url.Parse(target)
			if err != nil || !sameOrigin(u, c.base) {
				return "", errNextPage
			}
			return u.String(), nil
		}
	}
	return "", nil
}

func namesNext(parameters string) bool {
	for p := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if strings.EqualFold(strings.TrimSpace(name), "rel") && strings.EqualFold(strings.Trim(strings.TrimSpace(value), `"`), "next") {
			return true
		}
	}
	return false
}
