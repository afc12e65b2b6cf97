package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/mokasync/mokasync/internal/render"
)

// summaryLimit is how many bytes of a step's summary GitHub shows.
const summaryLimit = 1 << 20

// stepSummary appends to the summary of the step, if the command runs in one. It adds to the result: not being able to write it stops nothing.
func (a *app) stepSummary(write func(w io.Writer, limit int) error) {
	path := a.getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return
	}
	if err := appendSummary(path, write); err != nil {
		var small *render.TooSmallError
		if errors.As(err, &small) {
			err = errors.New("it is full")
		}
		a.warn("the step's summary (GITHUB_STEP_SUMMARY) was not written: %s", render.Line(underlying(err).Error()))
	}
}

func appendSummary(path string, write func(w io.Writer, limit int) error) (err error) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	before, err := f.Stat()
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if before.Size() > 0 {
		text.WriteString("\n\n") // what stands there may not end its line
	}
	room := summaryLimit - int(min(before.Size(), summaryLimit)) - text.Len()
	if room <= 0 {
		return &render.TooSmallError{Limit: room}
	}
	if err := write(&text, room); err != nil {
		return err
	}
	_, err = f.Write(text.Bytes())
	return err
}

// runnerReads reports whether GitHub's runner, if the command runs in one, would find a workflow command in a text.
func (a *app) runnerReads(text []byte) bool {
	var out bytes.Buffer
	render.Inert(&out).Write(text) // a buffer takes everything
	return a.getenv("GITHUB_ACTIONS") == "true" && !bytes.Equal(out.Bytes(), text)
}

// inWorkspace gives paths as GitHub knows them: from the repository's root on. Without GITHUB_WORKSPACE, and outside of it, they stay as they are.
func (a *app) inWorkspace() func(string) string {
	root, err := realPath(a.getenv("GITHUB_WORKSPACE"))
	if a.getenv("GITHUB_WORKSPACE") == "" || err != nil {
		return filepath.ToSlash
	}
	folders := map[string]string{}
	return func(file string) string {
		folder, name := filepath.Split(file)
		at, known := folders[folder]
		if !known {
			at = folderInside(root, folder)
			folders[folder] = at
		}
		if at == "" {
			return filepath.ToSlash(file)
		}
		return filepath.ToSlash(filepath.Join(at, name))
	}
}

// folderInside gives a folder's path from root on, "" if it is not inside.
func folderInside(root, folder string) string {
	at, err := realPath(folder)
	if err != nil {
		return ""
	}
	rel, err := filepath.Rel(root, at)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return ""
	}
	return rel
}

// fullValidate is the command that tells all that a check found.
func fullValidate(paths []string) string {
	if len(paths) == 1 && paths[0] == "." {
		return "mokasync validate"
	}
	return fmt.Sprintf("mokasync validate %s", strings.Join(paths, " "))
}
