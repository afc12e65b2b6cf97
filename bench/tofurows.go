package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// tofuRows are a plan in which nothing changed, and `version`, against OpenTofu's. Its resources are terraform_data, which is built in: no provider is fetched or started, no network asked.
func (b *bencher) tofuRows() ([]row, error) {
	small, err := b.account(b.small())
	if err != nil {
		return nil, err
	}
	rows := []row{
		{What: fmt.Sprintf("plan, %s, nothing changed", count(small.Resources)), Against: fmt.Sprintf("tofu plan of %s terraform_data", count(small.Resources)), Must: 0.01, Reach: 0.006},
		{What: "mokasync version", Against: "tofu version", Must: 1, Reach: 0.4},
	}
	binary, void := b.have(opentofu)
	if void != "" {
		rows[0].Void, rows[1].Void = void, void
		return rows, nil
	}
	folder, err := b.tofuApplied(binary, small.Resources)
	if err != nil {
		return nil, err
	}
	plan := b.tofu(binary, folder, "plan", "-input=false", "-no-color")
	plan.Check = func(stdout []byte) error {
		if !bytes.Contains(stdout, []byte("No changes.")) {
			return errors.New("tofu plan finds changes where there are none")
		}
		return nil
	}
	plans, err := rounds(b.ctx, b.runs, plan, b.command(small.applied, "plan"))
	if err != nil {
		return nil, err
	}
	versions, err := rounds(b.ctx, 3*b.runs, b.tofu(binary, b.folder, "version"), b.command(b.folder, "version")) // short: more rounds
	if err != nil {
		return nil, err
	}
	for i, runs := range [][]samples{plans, versions} {
		rows[i].Took, rows[i].Base, rows[i].Figures = runs[1].took(), runs[0].took(), ratios(runs[1], runs[0])
	}
	rows[0].Note = fmt.Sprintf("peak %.0f MB, tofu's %.0f MB", float64(plans[1].peak())/1e6, float64(plans[0].peak())/1e6)
	return rows, nil
}

func (b *bencher) tofu(binary, folder string, args ...string) program {
	return program{Dir: folder, Env: b.environment(), Args: append([]string{binary}, args...)}
}

// tofuApplied is a folder in which so many terraform_data are applied. It is kept beside the binary: the apply takes a minute.
func (b *bencher) tofuApplied(binary string, resources int) (string, error) {
	folder := filepath.Join(filepath.Dir(binary), fmt.Sprint("applied-", resources))
	if _, err := os.Stat(filepath.Join(folder, "terraform.tfstate")); err == nil {
		return folder, nil
	}
	fmt.Fprintf(os.Stderr, "bench: applying %d resources with OpenTofu (once)\n", resources)
	making := folder + ".tmp" // renamed when it is whole
	if err := os.RemoveAll(making); err != nil {
		return "", err
	}
	if err := os.MkdirAll(making, 0o755); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(making, "main.tf"), tofuConfiguration(resources), 0o644); err != nil {
		return "", err
	}
	for _, args := range [][]string{{"init", "-input=false"}, {"apply", "-auto-approve", "-input=false"}} {
		if _, err := b.tofu(binary, making, args...).run(b.ctx); err != nil {
			return "", err
		}
	}
	return folder, os.Rename(making, folder)
}

// tofuConfiguration is resources of a few values each, in one file. None refers to another: a graph with edges takes OpenTofu longer.
func tofuConfiguration(resources int) []byte {
	var b strings.Builder
	for i := range resources {
		fmt.Fprintf(&b, "# abone %d\nresource \"terraform_data\" \"r%d\" {\n  input = {\n    code   = \"ABONE-%06d\"\n    name   = \"%s %s\"\n    amount = \"%d.90\"\n    begin  = \"2035-0%d-01\"\n  }\n}\n\n",
			i, i, i, firstNames[i%len(firstNames)], lastNames[i/7%len(lastNames)], 99+i%400, i%9+1)
	}
	return []byte(b.String())
}
