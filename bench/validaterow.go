package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mokasync/mokasync/schemas"
)

// validateRows is `validate` against kubeconform, with the same schemas on the same files.
func (b *bencher) validateRows() ([]row, error) {
	small, err := b.account(b.small())
	if err != nil {
		return nil, err
	}
	r := row{What: fmt.Sprintf("validate, %s", count(small.Resources)), Against: "kubeconform with our schemas on the same files", Must: 0.6, Reach: 0.4}
	binary, void := b.have(kubeconform)
	if r.Void = void; void != "" {
		return []row{r}, nil
	}
	if err := b.writeSchemas(); err != nil {
		return nil, err
	}
	if err := b.kubeconformJudges(binary); err != nil {
		r.Void = err.Error()
		return []row{r}, nil
	}
	theirs := b.kubeconform(binary, small.Folder)
	theirs.Check = func(stdout []byte) error { return summaryIs(stdout, small.Resources) }
	ours := b.command(small.Folder, "validate")
	ours.Check = func(stdout []byte) error {
		if want := fmt.Sprintf("Valid: %d resources", small.Resources); !strings.Contains(string(stdout), want) {
			return fmt.Errorf("validate says %q, which is not %q", stdout, want)
		}
		return nil
	}
	runs, err := rounds(b.ctx, b.runs, theirs, ours)
	if err != nil {
		return nil, err
	}
	r.Took, r.Base, r.Figures = runs[1].took(), runs[0].took(), ratios(runs[1], runs[0])
	return []row{r}, nil
}

func (b *bencher) schemaFolder() string { return filepath.Join(b.folder, "schemas") }

// writeSchemas puts the schema of each kind where kubeconform finds it by the kind's name. It takes them as they are.
func (b *bencher) writeSchemas() error {
	if err := os.MkdirAll(b.schemaFolder(), 0o755); err != nil {
		return err
	}
	for _, kind := range schemas.Kinds() {
		if err := os.WriteFile(filepath.Join(b.schemaFolder(), schemas.FileName(kind)), schemas.For(kind), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// kubeconform reads a folder with two workers, as mokasync does on two processors.
func (b *bencher) kubeconform(binary, folder string) program {
	return program{Dir: folder, Env: b.environment(), Args: []string{binary, "-n", "2", "-summary", "-output", "json", "-schema-location", filepath.Join(b.schemaFolder(), "{{.ResourceKind}}.schema.json"), folder}}
}

// kubeconformJudges proves that it holds manifests against our schemas: one that only they forbid fails.
func (b *bencher) kubeconformJudges(binary string) error {
	folder := filepath.Join(b.folder, "bad")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	const bad = "apiVersion: mokasync/v1\nkind: Customer\nmetadata: {name: c1}\nspec: {customerCode: C-1, firstName: Şule, gender: unknown}\n"
	if err := os.WriteFile(filepath.Join(folder, "bad.yaml"), []byte(bad), 0o644); err != nil {
		return err
	}
	if _, err := b.kubeconform(binary, folder).run(b.ctx); err == nil {
		return errors.New("kubeconform let a manifest pass that our schemas forbid")
	}
	return nil
}

// summaryIs wants of kubeconform that it found just these resources, and each valid.
func summaryIs(stdout []byte, resources int) error {
	var said struct {
		Summary struct{ Valid, Invalid, Errors, Skipped int }
	}
	if err := json.Unmarshal(stdout, &said); err != nil {
		return fmt.Errorf("kubeconform's summary: %w", err)
	}
	if got := said.Summary; got.Valid != resources || got.Invalid+got.Errors+got.Skipped > 0 {
		return fmt.Errorf("kubeconform says %+v of %d resources", got, resources)
	}
	return nil
}
