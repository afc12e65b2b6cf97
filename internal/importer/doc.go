// Package importer writes what is at Moka as manifests, with the lockfile that an apply of them would have left, so that the next plan is empty.
// It holds a Reader: it cannot change anything at Moka.
//
//	read.go      what is at Moka: lists, and the cards of each customer
//	choose.go    the part of it that is asked for
//	names.go     metadata.name of each
//	draft.go     one resource on its way into a manifest; refer.go what it refers to
//	judge.go     mokasync's own reading judges what was written: what breaks a rule is accepted, not managed, or left out
//	prove.go     the lockfile's entries, and the proof that a plan of them is empty
//	files.go     which manifest stands in which file
//	folder.go    the folder, and how an import that dies is found again and finished
//	publish.go   the moment from which it is finished, whatever dies
//
// No rule is told here a second time: a manifest is written, read with package spec, and changed until it is read without an error, so that a rule
// that comes later holds here too.
package importer
