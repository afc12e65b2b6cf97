package moka

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Names of Moka's own endpoints.
const (
	Test = "test"
	Live = "live"
)

// Hosts of Moka's own endpoints, the current one first, then the names they had (moka-api 1.1).
var (
	TestHosts = []string{"service.refmokaunited.com", "service.refmoka.com", "service.testmoka.com"}
	LiveHosts = []string{"service.mokaunited.com", "service.moka.com"}
)

// Endpoint reads what a user gives as endpoint: "test", "live", or a base URL. It gives the name under which the endpoint is known, and its base URL without a slash at its end.
// All hosts that Moka has or had for an environment share that environment's name; any other URL is named host_port, in lower case, with the scheme's port where it gives none
// and colons of an IPv6 address as dashes, so that the name can be part of a file's name.
func Endpoint(s string) (name, baseURL string, err error) {
	switch s {
	case Test:
		return Test, "https://" + TestHosts[0], nil
	case Live:
		return Live, "https://" + LiveHosts[0], nil
	}
	u, err := parseBase(s)
	if err != nil {
		return "", "", err
	}
	return nameOf(u), u.String(), nil
}

func nameOf(u *url.URL) string {
	host := hostOf(u)
	switch {
	case slices.Contains(TestHosts, host):
		return Test
	case slices.Contains(LiveHosts, host):
		return Live
	}
	return strings.ReplaceAll(host, ":", "-") + "_" + portOf(u)
}

func hostOf(u *url.URL) string { return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".") }

// portOf gives a URL's port in one spelling: 0443 is 443.
func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return strings.TrimLeft(u.Port(), "0")
	case u.Scheme == "http":
		return "80"
	}
	return "443"
}

var errEndpoint = errors.New("the endpoint is sandbox, test, live, or a base URL such as https://moka.example.com")

// parseBase reads a base URL. Its errors do not quote what may be a password.
func parseBase(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		return nil, errEndpoint
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, errors.New("a base URL has no user, query or fragment: credentials are given in the environment")
	}
	host := hostOf(u)
	if u.Scheme == "http" && !loopback(host) {
		return nil, fmt.Errorf("plain http is for this machine only, and would show the password to the network: write https://%s", u.Host)
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return nil, errors.New("the port of a base URL is 1 to 65535")
		}
		u.Host = strings.TrimSuffix(u.Host, port) + portOf(u)
	}
	u.Host = strings.ToLower(u.Host)
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u, nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
