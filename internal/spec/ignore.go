package spec

import (
	"regexp"
	"strings"
)

// ignoreList is what .mokasyncignore files list, in the syntax of .gitignore: those of a folder and of the folders above it up to the PATH.
type ignoreList struct{ patterns []ignorePattern }

// ignorePattern is one line of an ignore file.
type ignorePattern struct {
	base    string // the folder of the ignore file, below the PATH
	again   bool   // the line begins with !: what matches is read after all
	folders bool   // the line ends with /: only folders match
	form    *regexp.Regexp
}

// with gives the list with the lines of a folder's ignore file added. rel is the folder below the PATH.
func (l *ignoreList) with(rel, text string) *ignoreList {
	out := &ignoreList{}
	if l != nil {
		out.patterns = append(out.patterns, l.patterns...)
	}
	for _, line := range strings.Split(text, "\n") {
		if p, ok := parseIgnore(strings.TrimSuffix(line, "\r")); ok {
			p.base = rel
			out.patterns = append(out.patterns, p)
		}
	}
	return out
}

// matches reports whether a file or folder is passed over. The last pattern that matches decides.
func (l *ignoreList) matches(rel string, folder bool) bool {
	if l == nil {
		return false
	}
	for i := len(l.patterns) - 1; i >= 0; i-- {
		p := &l.patterns[i]
		below := rel
		if p.base != "" {
			below = strings.TrimPrefix(rel, p.base+"/")
		}
		if (folder || !p.folders) && p.form.MatchString(below) {
			return !p.again
		}
	}
	return false
}

func parseIgnore(line string) (ignorePattern, bool) {
	line = trimBlanks(line)
	if line == "" || line[0] == '#' {
		return ignorePattern{}, false
	}
	var p ignorePattern
	if line[0] == '!' {
		p.again = true
		line = line[1:]
	}
	if strings.HasSuffix(line, "/") && !strings.HasSuffix(line, `\/`) {
		p.folders = true
		line = strings.TrimRight(line, "/")
	}
	if line == "" {
		return ignorePattern{}, false
	}
	prefix := "(?:.*/)?"
	if strings.Contains(line, "/") {
		prefix = ""
		line = strings.TrimPrefix(line, "/")
	}
	form, err := regexp.Compile("(?s)^" + prefix + globToRegexp(line) + "$")
	p.form = form
	return p, err == nil
}

// trimBlanks removes blanks from a line's end, but those behind a backslash.
func trimBlanks(line string) string {
	for strings.HasSuffix(line, " ") && !escaped(line, len(line)-1) {
		line = line[:len(line)-1]
	}
	return line
}

func escaped(s string, at int) bool {
	n := 0
	for at--; at >= 0 && s[at] == '\\'; at-- {
		n++
	}
	return n%2 == 1
}

// globToRegexp translates a pattern: * and ? do not match a slash, ** between slashes matches any number of folders.
func globToRegexp(glob string) string {
	var b strings.Builder
	for i := 0; i < len(glob); {
		rest := glob[i:]
		atStart := i == 0 || glob[i-1] == '/'
		switch {
		case atStart && strings.HasPrefix(rest, "**/"):
			b.WriteString("(?:.*/)?")
			i += 3
		case atStart && rest == "**":
			b.WriteString(".+")
			i += 2
		case rest[0] == '*':
			b.WriteString("[^/]*")
			i++
		case rest[0] == '?':
			b.WriteString("[^/]")
			i++
		case rest[0] == '[' && classEnd(rest) > 0:
			end := classEnd(rest)
			b.WriteString(classToRegexp(rest[1:end]))
			i += end + 1
		case rest[0] == '\\' && len(rest) > 1:
			b.WriteString(regexp.QuoteMeta(rest[1:2]))
			i += 2
		default:
			b.WriteString(regexp.QuoteMeta(rest[:1]))
			i++
		}
	}
	return b.String()
}

// classEnd finds the bracket that closes a class at the beginning of s, 0 if there is none.
func classEnd(s string) int {
	for i := 2; i < len(s); i++ {
		if s[i] == ']' && !(i == 2 && (s[1] == '!' || s[1] == '^')) {
			return i
		}
	}
	return 0
}

func classToRegexp(class string) string {
	not := ""
	if class[0] == '!' || class[0] == '^' {
		not, class = "^", class[1:]
	}
	escape := strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `^`, `\^`, `&`, `\&`, `~`, `\~`)
	text := "[" + not + escape.Replace(class) + "]"
	if not != "" {
		return "(?:" + strings.TrimSuffix(text, "]") + "/])"
	}
	return text
}
