package cli

import (
	"errors"
	"fmt"

	"github.com/mokasync/mokasync/internal/forge"
)

// job is what the environment of a pipeline says of the forge, and in which words its users are told what is missing.
type job struct {
	pullRequest
	kind           forge.Kind
	branch         string // that the pipeline runs for; "" on a tag, and on GitLab for a merge request
	address, token string
	words          jobWords
}

// jobWords are names of variables, but for the last four, which are hints.
type jobWords struct {
	address, token, head, base                   string
	repository, request, push, noToken, readOnly string
	rights                                       string // that a token needs
}

// job finds out which forge is meant, by --forge or by the variables that a pipeline there has, and reads them. Without any it is GitHub's.
func (a *app) job(o commentOptions) (job, error) {
	kind := forge.Kind(o.forge)
	if kind == "" {
		gitlab := a.getenv("GITLAB_CI") == "true" || a.getenv("CI_API_V4_URL") != ""
		switch github := a.anySet("GITHUB_ACTIONS", "GITHUB_REPOSITORY", "GITHUB_API_URL", "GITHUB_EVENT_PATH"); {
		case gitlab && github:
			return job{}, hinted(errors.New("the environment has variables of GitHub's and of GitLab's"), "say which forge is meant: --forge github or --forge gitlab")
		case gitlab:
			kind = forge.GitLab
		}
	}
	if kind == forge.GitLab {
		return a.gitlabJob()
	}
	return a.githubJob(o.stale)
}

func (a *app) anySet(names ...string) bool {
	for _, name := range names {
		if a.getenv(name) != "" {
			return true
		}
	}
	return false
}

// client makes the forge's client. The token comes from the environment alone.
func (a *app) client(o commentOptions, j job, repository string) (*forge.Client, error) {
	if j.token == "" {
		return nil, hinted(fmt.Errorf("no token to comment with: %s is not set", j.words.token), "%s", j.words.noToken)
	}
	address, from := o.address, "--api-url"
	if address == "" {
		address, from = j.address, j.words.address
	}
	if address != "" {
		if _, err := forge.ParseAddress(address); err != nil {
			return nil, fmt.Errorf("%s: %w", from, err)
		}
	}
	client, err := forge.New(forge.Options{
		Kind: j.kind, Address: address, Repository: repository, Token: j.token, UserAgent: "mokasync/" + a.Version, Wait: o.wait, Log: a.logger(),
	})
	if err != nil {
		return nil, fmt.Errorf("cannot comment: %w", err)
	}
	return client, nil
}

// failed says what to do about a call that failed.
func (j job) failed(err error) error {
	var limit *forge.LimitError
	var e *forge.Error
	switch {
	case errors.As(err, &limit):
		return hinted(err, "run it again then, or let it wait longer with --wait")
	case !errors.As(err, &e):
		return err
	case e.ReadOnly():
		return hinted(err, "%s", j.words.readOnly)
	case e.BadToken():
		return hinted(err, "%s is wrong, out of date, or another forge's", j.words.token)
	case e.NotFound(), j.kind == forge.GitLab && e.Status == 403:
		return hinted(err, "check repository and number, and that the token may see and change them: %s", j.words.rights)
	case e.Unknown:
		return hinted(err, "run it again: it looks at what is there first, and makes no second comment")
	}
	return err
}
