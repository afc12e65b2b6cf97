package forge

import "strings"

// MaxBody is the length in bytes up to which a comment is sent. The forge counts characters, of which there are never more.
const MaxBody = 65536

// maxBanner is room for every banner, in bytes.
const maxBanner = 2048

// maxName is the length in bytes up to which a banner names a branch or a commit.
const maxName = 200

// Room is how many bytes the text below a marker may take, so that a banner still finds place above it later.
func Room(m Marker) int { return MaxBody - len(m.line()) - len("\n") - maxBanner }

// now is how a pull request stands: the branch it is to be merged into, that branch's commit, its own, and where.
type now struct {
	base, baseCommit, headCommit string
	forge                        Kind
}

// bannerOf says in what a comment's plan is out of date, "" if it is not. The words depend on nothing but what was planned and what is not so any more, so
// that a comment is not edited again at each further push.
func bannerOf(m Marker, n now) string {
	var moved []string
	switch {
	case m.Base != n.base:
		moved = append(moved, "**The "+n.forge.Request()+" is to be merged into "+code(n.base)+" now; this plan was made against "+code(m.Base)+".**")
	case m.BaseCommit != n.baseCommit:
		moved = append(moved, "**"+code(m.Base)+" has moved on** from the commit that this plan was made against, "+short(m.BaseCommit)+".")
	}
	if m.HeadCommit != n.headCommit {
		moved = append(moved, "**The "+n.forge.Request()+" has new commits since this plan was made** of its commit "+short(m.HeadCommit)+".")
	}
	if len(moved) == 0 {
		return ""
	}
	return bannerBegin + "\n> [!WARNING]\n> " + strings.Join(moved, "\n> ") +
		"\n> What an apply would do may differ from what stands below. Bring the branch up to date, or run its plan again.\n\n" + bannerEnd + "\n"
}

// short is a commit's id as people know it.
func short(commit string) string {
	if len(commit) > 12 {
		commit = commit[:12]
	}
	return code(commit)
}

// code writes a name as code, in which it can be nothing but itself.
func code(s string) string {
	s = shorten(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "")), maxName)
	if s == "" {
		s = "(unknown)"
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}
