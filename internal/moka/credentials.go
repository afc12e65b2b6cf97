package moka

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
)

// Credentials are what Moka issued to one dealer for its API (moka-api 1.3). They print, log and marshal without their secrets.
type Credentials struct {
	DealerCode string // names the account; no secret
	Username   string
	Password   string
}

// CheckKey is the lower-case hex of SHA-256 over DealerCode, "MK", Username, "PD" and Password in UTF-8 (moka-api 1.4).
// It never changes for one set of credentials, so it is as secret as the password.
func (c Credentials) CheckKey() string {
	sum := sha256.Sum256([]byte(c.DealerCode + "MK" + c.Username + "PD" + c.Password))
	return hex.EncodeToString(sum[:])
}

// String names the dealer and nothing else.
func (c Credentials) String() string { return "credentials of dealer " + c.DealerCode }

// GoString is String, so that %#v shows no secret.
func (c Credentials) GoString() string { return c.String() }

// Format prints String for every verb.
func (c Credentials) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.String()) }

// MarshalText gives String. It serves JSON and every other encoding that asks for text.
func (c Credentials) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// MarshalJSON gives String, quoted.
func (c Credentials) MarshalJSON() ([]byte, error) { return appendString(nil, c.String()), nil }

// LogValue gives String.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }
