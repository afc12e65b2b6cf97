package moka

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// The worked examples of moka-api 1.4.
func TestCheckKey(t *testing.T) {
	for _, row := range []struct{ password, want string }{
		{"S3cretDemo", "e4f847ef42427d65f5d343ef5937415024a9bb9e516c5879c17dcf8bd4221c14"},
		{"Şifre-1", "a2b76f16cd052f192b018a5d035b1d0e291cfabbaee35b214f3f6de4b2042ead"},
	} {
		c := Credentials{DealerCode: "1731", Username: "ApiUserDemo", Password: row.password}
		if got := c.CheckKey(); got != row.want {
			t.Errorf("%s: %s, want %s", row.password, got, row.want)
		}
	}
}

// Whatever a value of this package is printed, logged or encoded with, by itself, behind a pointer or inside something else, no secret and no personal datum is in it.
func TestNothingShowsSecrets(t *testing.T) {
	hidden := append([]string{"elif@example.com", "Elif1234", "9de41bb0-e82f-4670-b36b-d71ff27a3111", "moka said elif"}, secrets...)
	record := Record{{"Email", "elif@example.com"}, {"Password", "Elif1234"}, {"DefaultCard1Token", "9de41bb0-e82f-4670-b36b-d71ff27a3111"}}
	options := Options{BaseURL: "http://localhost:1", Credentials: dealer}
	client := newTestClient(t, options.BaseURL)
	failed := &Error{Op: AddSale, Code: "EX", Message: "moka said elif@example.com", Exception: "moka said elif", Status: 500, Phase: PhaseAnswer, Err: ErrShape}
	got := data{object: record, customer: record, cards: []Record{record}}
	for _, v := range []any{
		dealer, &dealer, []Credentials{dealer}, map[string]Credentials{"a": dealer}, struct{ C Credentials }{dealer},
		record, &record, record[0], &record[1], []Record{record}, struct{ R Record }{record}, map[string]any{"r": record},
		options, &options, client, *client, client.Reader, *client.Reader, []*Client{client},
		failed, *failed, []error{failed}, errors.Join(failed), fmt.Errorf("apply: %w", failed), struct{ E error }{failed}, struct{ r *Reader }{client.Reader}, struct{ c *Client }{client},
		&CountError{Op: GetSaleList, Said: 2, Got: 1}, got.object, AddSale, Unknown, PhaseSend, table[AddSale],
	} {
		var out strings.Builder
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		encoded, _ := json.Marshal(v)
		out.Write(encoded)
		func() {
			defer func() { _ = recover() }() // yaml cannot encode functions
			encoded, _ = yaml.Marshal(v)
			out.Write(encoded)
		}()
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		out.Write(log.Bytes())
		for _, h := range hidden {
			if strings.Contains(out.String(), h) || strings.Contains(out.String(), fmt.Sprintf("%x", h)) || strings.Contains(out.String(), fmt.Sprintf("%X", h)) {
				t.Errorf("%T shows %q", v, h)
			}
		}
	}
}
