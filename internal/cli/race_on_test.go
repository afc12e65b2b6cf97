//go:build race

package cli_test

// raced: the race detector is on, and everything takes several times as long. What is exhaustive is sampled then; without it all is run.
const raced = true
