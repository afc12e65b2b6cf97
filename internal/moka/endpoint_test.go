package moka

import (
	"strings"
	"testing"
)

func TestEndpoint(t *testing.T) {
	for _, row := range []struct{ in, name, base string }{
		{"test", "test", "https://service.refmokaunited.com"},
		{"live", "live", "https://service.mokaunited.com"},
		{"https://service.refmokaunited.com", "test", "https://service.refmokaunited.com"},
		{"https://service.refmoka.com/", "test", "https://service.refmoka.com"},
		{"https://Service.TestMoka.com:443", "test", "https://service.testmoka.com:443"},
		{"https://service.moka.com", "live", "https://service.moka.com"},
		{"HTTPS://SERVICE.MOKAUNITED.COM./", "live", "https://service.mokaunited.com."},
		{"https://moka.example.com", "moka.example.com_443", "https://moka.example.com"},
		{"https://moka.example.com:443", "moka.example.com_443", "https://moka.example.com:443"},
		{"https://Moka.example.com:8443/api/", "moka.example.com_8443", "https://moka.example.com:8443/api"},
		{" http://127.0.0.1:8080 ", "127.0.0.1_8080", "http://127.0.0.1:8080"},
		{"http://127.9.8.7", "127.9.8.7_80", "http://127.9.8.7"},
		{"http://localhost:8080/", "localhost_8080", "http://localhost:8080"},
		{"http://[::1]:8080", "--1_8080", "http://[::1]:8080"},
		{"https://moka.example.com:0443", "moka.example.com_443", "https://moka.example.com:443"},
		{"http://127.0.0.1:018931", "127.0.0.1_18931", "http://127.0.0.1:18931"},
		{"http://[::1]:0080", "--1_80", "http://[::1]:80"},
		{"https://service.moka.com.example.com", "service.moka.com.example.com_443", "https://service.moka.com.example.com"},
	} {
		name, base, err := Endpoint(row.in)
		if name != row.name || base != row.base || err != nil {
			t.Errorf("%q: %q, %q, %v; want %q, %q", row.in, name, base, err, row.name, row.base)
		}
		if _, err := NewReader(Options{BaseURL: base, Credentials: dealer}); err != nil {
			t.Errorf("%q: its own base URL is refused: %v", row.in, err)
		}
	}
}

func TestEndpointsThatAreRefused(t *testing.T) {
	for _, in := range []string{
		"", "Test", "prod", "sandbox", "moka.example.com", "moka.example.com:8080", "ftp://moka.example.com", "https://", "https:///path", "//moka.example.com",
		"http://moka.example.com", "http://service.moka.com", "http://10.0.0.1", "http://localhost.example.com", "http://127.0.0.1.example.com", "http://0.0.0.0", "http://[::]",
		"https://user:S3cretDemo@moka.example.com", "https://S3cretDemo@moka.example.com", "http://u:S3cretDemo@service.moka.com",
		"https://moka.example.com:0", "https://moka.example.com:000", "https://moka.example.com:65536", "https://moka.example.com:99999999999999999999",
		"https://moka.example.com?key=S3cretDemo", "https://moka.example.com/#S3cretDemo", "https://moka.example.com:S3cretDemo", "https://u:S3cretDemo@moka example.com", "https://%zz",
	} {
		name, base, err := Endpoint(in)
		if err == nil {
			t.Errorf("%q is accepted as %s at %s", in, name, base)
		} else if strings.Contains(err.Error(), "S3cretDemo") {
			t.Errorf("%q: the error shows the password: %v", in, err)
		}
		if _, err := NewClient(Options{BaseURL: in, Credentials: dealer}); err == nil {
			t.Errorf("a client takes %q", in)
		}
	}
}

func TestMissingCredentials(t *testing.T) {
	for _, row := range []struct {
		c       Credentials
		missing string
	}{
		{Credentials{}, "dealer code"},
		{Credentials{DealerCode: "1731", Password: "x"}, "user name"},
		{Credentials{DealerCode: "1731", Username: "x"}, "password"},
	} {
		if _, err := NewClient(Options{BaseURL: "https://moka.example.com", Credentials: row.c}); err == nil || !strings.Contains(err.Error(), row.missing) {
			t.Errorf("%v, want an error that names the %s", err, row.missing)
		}
	}
}
