package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mokasync/mokasync/internal/importer"
	"github.com/mokasync/mokasync/internal/lockfile"
	"github.com/mokasync/mokasync/internal/moka"
	"github.com/mokasync/mokasync/internal/render"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
)

type importOptions struct {
	targetFlags
	callFlags
	format, layout string
	kinds, codes   []string
}

func (a *app) importCommand() *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "import DIR",
		Short: "Write manifests and lockfile of what is at Moka into an empty folder",
		Long: `Write what is at Moka as manifests into DIR, with the lockfile beside them, so that the next plan is empty. DIR is made
if it is not there; one that holds anything is refused, unless an import was begun in it that did not end: then it is finished.
Nothing is changed at Moka. Customers' passwords are not written, and no card number; card tokens are. docs/importing.md tells more.`,
		Example: "  mokasync import billing --endpoint live\n  mokasync import billing --endpoint test --layout customer\n  mokasync import elif --endpoint test --code CUST-0001",
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return usageError(cmd, errors.New("say into which folder"))
			case len(args) > 1:
				return usageError(cmd, fmt.Errorf("one folder at a time, not %d", len(args)))
			}
			if err := o.check(cmd); err != nil {
				return err
			}
			return a.importInto(cmd, args[0], o)
		},
	}
	f := cmd.Flags()
	o.targetFlags.add(f)
	o.callFlags.add(f)
	addFormat(cmd, &o.format)
	f.StringVar(&o.layout, "layout", string(importer.ByKind), "kind: a file a kind; customer: a file a customer, with cards and sales")
	f.StringArrayVar(&o.kinds, "kind", nil, "only this kind; may be given again")
	f.StringArrayVar(&o.codes, "code", nil, "only what has this code, with what it depends on; of a customer also cards and sales; may be given again")
	completeWords(cmd, "endpoint", "sandbox", "test", "live")
	completeWords(cmd, "layout", importer.Layouts...)
	completeWords(cmd, "kind", kindNames()...)
	return cmd
}

func (o *importOptions) check(cmd *cobra.Command) error {
	if err := oneOf(cmd, "format", o.format, formats...); err != nil {
		return err
	}
	if err := oneOf(cmd, "layout", o.layout, importer.Layouts...); err != nil {
		return err
	}
	if slices.Contains(o.codes, "") {
		return usageError(cmd, errors.New("--code may not be empty"))
	}
	if err := o.callFlags.check(); err != nil {
		return usageError(cmd, err)
	}
	return nil
}

func (a *app) importInto(cmd *cobra.Command, dir string, o importOptions) error {
	folder, err := importer.Open(dir)
	if err != nil {
		return refusedFolder(err, dir)
	}
	t, err := a.target(o.targetFlags, []string{dir})
	if err != nil {
		return err
	}
	if t.inProcess && !t.said && a.anyCredential() {
		return hinted(errors.New("credentials are set, but no endpoint: they would not be used"), "say --endpoint test, --endpoint live, or --endpoint sandbox")
	}
	named, err := a.importLockfile(t, dir, o.targetFlags)
	if err != nil {
		return err
	}
	what, err := o.resume(cmd, folder, t, named)
	if err != nil {
		return err
	}
	what.Store, what.Command, what.Now, what.Today = t.store, "mokasync import "+dir, a.now(), a.today()
	what.Parallelism, what.Fresh = o.parallelism, func() *lockfile.Lock { return a.freshLock(t) }
	result, err := a.importing(cmd.Context(), folder, t, o, what)
	if err != nil {
		return err
	}
	return a.showImport(render.Import{Endpoint: t.name, Dealer: t.dealer(), Folder: dir, Lockfile: t.store.Path, Result: result}, o)
}

// refusedFolder says what to do about a folder into which nothing can be imported.
func refusedFolder(err error, dir string) error {
	var full *importer.NotEmptyError
	switch {
	case !errors.As(err, &full):
		return err
	case full.Unfinished:
		return hinted(err, "take it away, and `mokasync import %s` finishes the import", dir)
	case strings.HasSuffix(full.Name, ".lock"):
		return hinted(err, "it is imported or applied already: `mokasync plan %s --refresh` shows what differs at Moka; to import anew, name an empty folder", dir)
	}
	return hinted(err, "name a folder that is empty or not there yet; what is there already is compared by `mokasync plan --refresh`")
}

// importLockfile has the lockfile lie in the folder itself, unless it is named, and gives its absolute path then.
func (a *app) importLockfile(t *target, dir string, flags targetFlags) (named string, err error) {
	if said, err := a.saidLockfile(flags); said != "" || err != nil {
		return filepath.Abs(t.store.Path)
	}
	own := filepath.Join(dir, "mokasync."+t.name+".lock")
	if t.store.Path != own {
		a.warn("%s is the lockfile of the manifests above %s, and stays so; the import makes another one. What both know is managed from two places: plan and apply each on its own", t.store.Path, dir)
		t.store.Path = own
	}
	return "", nil
}

// resume reads what to import from the flags, and for an import that was begun from what it said then; both must agree.
func (o *importOptions) resume(cmd *cobra.Command, folder *importer.Folder, t *target, named string) (importer.Options, error) {
	layout, kinds, codes := o.layout, o.kinds, o.codes
	if begun := folder.Begun; begun != nil {
		if t.name != begun.Endpoint || t.dealer() != "" && t.dealer() != begun.Dealer {
			return importer.Options{}, hinted(fmt.Errorf("the import that was begun in %s is of dealer %s at %s", folder.Path, begun.Dealer, begun.Endpoint), "say that endpoint, with that dealer's credentials")
		}
		differs := func(flag string, same bool) bool { return cmd.Flags().Changed(flag) && !same }
		if differs("layout", layout == string(begun.Layout)) || differs("kind", slices.EqualFunc(kinds, begun.Kinds, strings.EqualFold)) ||
			differs("code", slices.Equal(codes, begun.Codes)) || named != "" && named != begun.Lockfile {
			return importer.Options{}, hinted(fmt.Errorf("the import that was begun in %s has another --layout, --kind, --code or --lockfile", folder.Path),
				"leave these out to finish it as it was begun; or remove the folder and import anew")
		}
		layout, kinds, codes = string(begun.Layout), begun.Kinds, begun.Codes
		if named = begun.Lockfile; named != "" {
			t.store.Path = named
		}
	}
	what := importer.Options{Layout: importer.Layout(layout), Choice: importer.Choice{Codes: codes}, Named: named}
	for _, text := range kinds {
		kind, ok := kindNamed(text)
		if !ok {
			return what, usageError(cmd, fmt.Errorf("--kind: there is no kind %q; there are %s", text, strings.Join(kindNames(), ", ")))
		}
		what.Choice.Kinds = append(what.Choice.Kinds, kind)
	}
	return what, nil
}

// importing connects, proves the credentials, and imports. What was written before it died needs no connection.
func (a *app) importing(ctx context.Context, folder *importer.Folder, t *target, o importOptions, what importer.Options) (*importer.Result, error) {
	if t.name == moka.Live && t.store.Key == "" {
		a.warn("whoever has the lockfile can guess at the personal data in it: its fingerprints are made without a key. Set MOKASYNC_KEY for live (docs/lockfile.md)")
	}
	if !folder.Begun.Written() {
		conn, err := a.connectToLook(t, o.callFlags)
		if err != nil {
			return nil, err
		}
		defer conn.close()
		if err := conn.reader.Prove(ctx); err != nil {
			return nil, reading(err)
		}
		what.Reader = conn.reader
	}
	progress := &importProgress{app: a}
	what.Progress = progress.tell
	result, err := folder.Import(ctx, what)
	progress.end()
	var missing *importer.MissingError
	switch {
	case errors.As(err, &missing):
		return nil, fmt.Errorf("--code: %w", err)
	case errors.As(err, new(*moka.Error)):
		return nil, hinted(err, "nothing was imported, and nothing changed at Moka")
	}
	return result, refusedFolder(err, folder.Path)
}

func (a *app) showImport(in render.Import, o importOptions) error {
	if o.format == "json" {
		return writing(render.ImportJSON(a.Stdout, in))
	}
	if err := render.ImportText(a.Stdout, in, a.flags.verbose, a.style(a.StdoutTTY, false)); err != nil {
		return writing(err)
	}
	endpoint := ""
	if o.endpoint != "" { // what stands in the environment is there for the next command too
		endpoint = " --endpoint " + o.endpoint
	}
	fmt.Fprintf(a.Stderr, "mokasync: next: `mokasync plan %s%s`\n", in.Folder, endpoint)
	return nil
}

// importProgress tells how far an import is, on standard error: a bar on a terminal while cards are read customer by customer, a line now and then elsewhere.
type importProgress struct {
	app  *app
	bar  *progressbar.ProgressBar
	said time.Time
}

// betweenLines is the time between two lines about the same list.
const betweenLines = 5 * time.Second

func (p *importProgress) tell(at importer.Progress) {
	now := p.app.Env.Now()
	switch {
	case at.Done == at.Total:
		p.end()
		what := at.What
		if at.Things == 1 {
			what = strings.TrimSuffix(what, "s")
		}
		fmt.Fprintf(p.app.Stderr, "mokasync: %d %s\n", at.Things, what)
	case p.app.StderrTTY:
		if p.bar == nil {
			p.bar = progressbar.NewOptions(at.Total, progressbar.OptionSetWriter(p.app.Stderr), progressbar.OptionSetDescription(at.What+" of customers"),
				progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
				progressbar.OptionFullWidth(), progressbar.OptionUseANSICodes(true))
		}
		p.bar.Set(at.Done) // a terminal that cannot be written to does not stop the run
	case now.Sub(p.said) >= betweenLines:
		if !p.said.IsZero() {
			fmt.Fprintf(p.app.Stderr, "mokasync: %s of %d of %d customers\n", at.What, at.Done, at.Total)
		}
		p.said = now
	}
}

func (p *importProgress) end() {
	if p.bar != nil {
		p.bar.Finish()
		p.bar = nil
	}
}
