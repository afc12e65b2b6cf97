// Package apply carries a Plan out: it looks at Moka, makes the calls in the order of the graph, records every intent before its call and every
// outcome after it, settles what is unknown by looking, and gives an account in which every planned change stands once.
//
//	apply.go    Applier: what a run needs; proof of the credentials
//	account.go  Account and Result
//	request.go  manifest → wire
//	look.go     reading what is at Moka, shared and never too old
//	settle.go   what became of a write whose outcome is not known
//	send.go     one write: intent, call, outcome
//	steps.go    one change, by kind and action
//	run.go      the ready-queue over the graph
//	prove.go    after the last write: each sale stands once
package apply
