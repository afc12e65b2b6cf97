// Package lockfile holds what is known of a dealer's account, durably: the lockfile that lives in git, the journal of a run
// that is under way, and the guard that keeps two runs apart. It knows nothing of Moka and of calls beyond their names.
//
// Four files lie side by side:
//
//	F          the lockfile: a header line, then one line of JSON a resource, sorted by address
//	F.journal  append-only JSON Lines of a run: every record is on disk before what it announces happens
//	F.guard    the operating-system lock, held by whoever changes the others; never renamed or removed
//	F.report   the account of the last run
//
// No personal or secret value is in any of them, only fingerprints (see Keyring).
package lockfile
