// Package moka speaks to Moka's card storage and recurring payment services over HTTP: it builds and signs requests, reads answers tolerantly, and says of every call
// how it ended. It holds no state but connections, and knows nothing of manifests, plans or lockfiles.
//
// The one thing that matters about a write is its Outcome. OutcomeOf gives it for the error of any call:
//
//	Done     Success, with the id and the code that belong to what was sent
//	Refused  a result code that the documentation lists as a refusal: nothing was written
//	NotSent  it is proven that no byte of the request left this machine
//	Unknown  everything else: the write may or may not have taken effect
//
// Writes are never repeated here, neither by this package nor by net/http beneath it. Reads are, within bounds.
//
// Comments that say "moka-api 2.20" cite the project's fact sheet of the provider's documentation by its section.
package moka
