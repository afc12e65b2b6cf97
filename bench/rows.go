package main

import (
	"fmt"
	"path/filepath"
)

// planRows are the plans of the large account against the decoding of its bytes, the memory they take, and how they grow.
func (b *bencher) planRows() ([]row, error) {
	small, large, err := b.both()
	if err != nil {
		return nil, err
	}
	runs, err := rounds(b.ctx, b.runs, b.part("decode", large.Folder), b.command(large.applied, "plan"), b.command(large.Folder, "plan"), b.command(small.applied, "plan"))
	if err != nil {
		return nil, err
	}
	decoded, unchanged, fresh, less := runs[0], runs[1], runs[2], runs[3]
	own := unchanged.figures(func(s sample) float64 { return float64(s.Peak) / float64(large.Resources) / 1024 })
	const nodes = "yaml.v3 decodes the same bytes to nodes, 2 workers"
	return []row{
		{What: fmt.Sprintf("plan, %s, nothing changed", count(large.Resources)), Took: unchanged.took(), Against: nodes, Base: decoded.took(), Figures: ratios(unchanged, decoded), Must: 1.5, Reach: 1.2},
		{What: fmt.Sprintf("plan, %s, all new", count(large.Resources)), Took: fresh.took(), Against: "the same", Base: decoded.took(), Figures: ratios(fresh, decoded), Must: 2.5, Reach: 1.6},
		{What: fmt.Sprintf("memory a resource, plan of %s", count(large.Resources)), Figures: own, Unit: "KiB", Must: 3, Reach: 1.5, Note: fmt.Sprintf("peak %.0f MB", float64(unchanged.peak())/1e6)},
		{What: fmt.Sprintf("growth of plan, %s → %s", count(small.Resources), count(large.Resources)), Took: unchanged.took(), Against: "the small account", Base: less.took(),
			Figures: exponents(less, unchanged, float64(large.Resources)/float64(small.Resources)), Unit: "exponent", Must: 1.1, Reach: 1.03},
	}, nil
}

// lockfileRows is reading and indexing the large account's lockfile against reading its bytes.
func (b *bencher) lockfileRows() ([]row, error) {
	large, err := b.account(b.large)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(large.applied, "mokasync.sandbox.lock")
	runs, err := rounds(b.ctx, 3*b.runs, b.part("read", path), b.part("index", path)) // short: more rounds
	if err != nil {
		return nil, err
	}
	return []row{{What: fmt.Sprintf("lockfile of %s read and indexed", count(large.Resources)), Took: runs[1].took(), Against: "reading its bytes", Base: runs[0].took(), Figures: ratios(runs[1], runs[0]), Must: 9, Reach: 3}}, nil
}

// applyRows are applies of both accounts to a sandbox that answers at once: how they grow, and the memory of the large one, the embedded sandbox's included.
func (b *bencher) applyRows() ([]row, error) {
	small, large, err := b.both()
	if err != nil {
		return nil, err
	}
	runs, err := rounds(b.ctx, b.runs, b.apply(small.applied), b.apply(large.applied))
	if err != nil {
		return nil, err
	}
	return []row{
		{What: fmt.Sprintf("apply of %s creates, no latency: growth", count(large.Resources)), Took: runs[1].took(), Against: fmt.Sprintf("apply of %s", count(small.Resources)), Base: runs[0].took(),
			Figures: exponents(runs[0], runs[1], float64(large.Resources)/float64(small.Resources)), Unit: "exponent", Must: 1.1},
		{What: "its memory, the embedded sandbox's included", Figures: runs[1].figures(func(s sample) float64 { return float64(s.Peak) / 1e6 }), Unit: "MB", Must: 500},
	}, nil
}

// count writes a number with commas between thousands.
func count(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", count(n/1000), n%1000)
}
