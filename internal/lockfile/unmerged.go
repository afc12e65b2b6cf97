package lockfile

import "strings"

// UnmergedError says that git's conflict markers stand in a lockfile: a merge of it was begun and not finished.
type UnmergedError struct{}

func (*UnmergedError) Error() string {
	return "a merge of the lockfile is not finished here: of each resource keep the lines that are right, delete the lines that begin with <<<<<<<, |||||||, ======= and >>>>>>>, " +
		"and let `mokasync plan --refresh` compare with Moka"
}

// Git's conflict markers, as a merge with the common ancestor shown writes them.
const (
	markOurs   = "<<<<<<< "
	markBase   = "||||||| "
	markApart  = "======="
	markTheirs = ">>>>>>> "
)

// isMarker reports whether a line is a conflict marker. A line of a lockfile begins with a brace.
func isMarker(line string) bool {
	for _, mark := range []string{markOurs, markBase, markApart, markTheirs} {
		if strings.HasPrefix(line, mark[:7]) {
			return true
		}
	}
	return false
}
