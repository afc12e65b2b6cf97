// Package sandbox plays Moka's DealerCustomer/* and DealerSale/* services: a
// stateful simulator behind [http.Handler], good enough to develop any client
// of Moka against.
//
// It has its own reading of the documentation and shares no type with any
// client, so that one misreading cannot hide in both. "moka-api N.N" in the
// comments names the section of the collected facts a rule comes from. Where
// Moka's documentation is silent or contradicts itself, the behaviour is a
// switch ([KnownSwitches]); what has no switch is said in docs/sandbox.md.
//
// # What is played
//
// Every operation on customers, cards, products, schedules, sales and payment
// steps (moka-api 2.1 to 2.31), with every documented result code in its
// documented spelling. On the days that a sale's schedule names, payment steps
// are made and their cards tried, at 12:00 and 18:00 of the sandbox's clock
// (moka-api 3.3); some test cards fail ([FailingCards]).
//
// # How it is used
//
// Served, by giving a [Server] to net/http; or in one process, through
// [Server.Transport], a RoundTripper that needs no network. In both the
// CheckKey is verified (moka-api 1.4). Data live in memory and, when
// [Options.Data] names a file, in that file, written before each answer.
//
// # Control surface
//
// With [Options.Control] the handler also answers under /_sandbox/, in JSON,
// without authentication:
//
//	GET    /_sandbox/ledger    what is stored, duplicates, writes, calls ([Ledger])
//	GET    /_sandbox/charges   every charge that was tried ([Charge]); ?sale=CODE, ?status=charged
//	GET    /_sandbox/clock     {"now": RFC 3339, "today": YYYYMMDD, "set": whether it was set}
//	PUT    /_sandbox/clock     {"now": RFC 3339}, {"advance": "24h"} or {"real": true}
//	GET    /_sandbox/switches  every switch with its value, its values and its question
//	PUT    /_sandbox/switches  {"duplicate-sale-code": "refuse", …}
//	GET    /_sandbox/faults    the rules in force, and how often each matched and fired
//	PUT    /_sandbox/faults    {"rules": [{"operation": "AddSale", "kind": "drop-after", "calls": [1]}, …]}
//	DELETE /_sandbox/faults    no rules
//	POST   /_sandbox/reset     data erased; faults, switches and clock as at the start (?only=data: data alone)
//
// Each has its twin among the methods of [Server]. Clock, switches and faults
// are not stored: they end with the Server.
package sandbox
