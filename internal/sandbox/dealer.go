package sandbox

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
)

// Credentials of the dealer that a served sandbox has unless told otherwise.
const (
	DefaultDealerCode = "1731"
	DefaultUsername   = "ApiUserDemo"
	DefaultPassword   = "S3cretDemo"
)

// Credentials of the dealer of a sandbox that lives inside one process.
const (
	InProcessDealerCode = "sandbox"
	InProcessUsername   = "sandbox"
	InProcessPassword   = "sandbox"
)

// Dealer is one merchant account: the three texts Moka issues (moka-api 1.3).
type Dealer struct {
	Code     string
	Username string
	Password string
}

// DefaultDealer returns the dealer of a served sandbox.
func DefaultDealer() Dealer {
	return Dealer{Code: DefaultDealerCode, Username: DefaultUsername, Password: DefaultPassword}
}

// InProcessDealer returns the dealer of an in-process sandbox.
func InProcessDealer() Dealer {
	return Dealer{Code: InProcessDealerCode, Username: InProcessUsername, Password: InProcessPassword}
}

// String names the dealer by its code; the password never prints.
func (d Dealer) String() string { return "dealer " + d.Code }

// CheckKey is the control key of moka-api 1.4: SHA-256 over code, "MK", user
// name, "PD" and password as UTF-8, in lower-case hexadecimal.
func (d Dealer) CheckKey() string {
	sum := sha256.Sum256([]byte(d.Code + "MK" + d.Username + "PD" + d.Password))
	return hex.EncodeToString(sum[:])
}

// credentials are what the authentication object of a request holds.
type credentials struct{ code, username, password, checkKey string }

// holder is a dealer of a sandbox, with the key that follows from the rest.
type holder struct {
	Dealer
	checkKey string
}

// admits reports whether all four members are this dealer's own. The key must
// be lower-case hexadecimal, as every known client sends it.
func (d holder) admits(given credentials) bool {
	same := func(a, b string) int { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) }
	return same(given.code, d.Code)&same(given.username, d.Username)&
		same(given.password, d.Password)&same(given.checkKey, d.checkKey) == 1
}

// indexDealers checks the dealers of the options and keys them by code.
func indexDealers(dealers []Dealer) (map[string]holder, error) {
	if len(dealers) == 0 {
		return nil, errors.New("sandbox: no dealer given")
	}
	byCode := make(map[string]holder, len(dealers))
	for _, d := range dealers {
		if d.Code == "" || d.Username == "" || d.Password == "" {
			return nil, errors.New("sandbox: a dealer needs a code, a user name and a password")
		}
		if _, twice := byCode[d.Code]; twice {
			return nil, fmt.Errorf("sandbox: dealer code %q is given twice", d.Code)
		}
		byCode[d.Code] = holder{d, d.CheckKey()}
	}
	return byCode, nil
}
