package forge

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var errAddress = errors.New("the API's address is a URL such as https://api.github.com, https://github.example.com/api/v3 or https://gitlab.example.com/api/v4")

// ParseAddress reads the API's address: https, or http on this machine; no user, query or fragment. Its errors do not quote what may be a password.
func ParseAddress(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		return nil, errAddress
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, errors.New("the API's address has no user, query or fragment: the token is given in the environment")
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return nil, fmt.Errorf("plain http is for this machine only, and would show the token to the network: write https://%s", u.Host)
	}
	u.Host = strings.ToLower(u.Host)
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), ""
	return u, nil
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

var (
	repositoryName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9._-]+$`)
	projectName    = regexp.MustCompile(`^[A-Za-z0-9_.][A-Za-z0-9_.-]*(/[A-Za-z0-9_.][A-Za-z0-9_.-]*)+$`)
	projectNumber  = regexp.MustCompile(`^[1-9][0-9]{0,17}$`)
)

// ParseRepository reads "owner/name"; on GitLab "group/name" with any number of groups, or the project's number.
func ParseRepository(k Kind, s string) (string, error) {
	steps := strings.Split(s, "/")
	dots := slices.Contains(steps, ".") || slices.Contains(steps, "..")
	switch {
	case k == GitLab && (projectNumber.MatchString(s) || projectName.MatchString(s) && !dots):
		return s, nil
	case k == GitLab:
		return "", fmt.Errorf("a project is written group/name, or by its number, not %q", s)
	case !repositoryName.MatchString(s) || dots:
		return "", fmt.Errorf("a repository is written owner/name, not %q", s)
	}
	return s, nil
}

var commitID = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

// ParseCommit reads a commit's whole id, 40 or 64 hexadecimal digits, and gives it in lower case.
func ParseCommit(s string) (string, error) {
	id := strings.ToLower(strings.TrimSpace(s))
	if !commitID.MatchString(id) {
		return "", fmt.Errorf("a commit is given by its whole id, 40 hexadecimal digits, not %q: `git rev-parse NAME` gives it", s)
	}
	return id, nil
}
