package spec

import (
	"regexp"
	"sync"
)

// patterns are the schemas' patterns of which every manifest is judged, each with what decides the same without a regular expression. A fuzz test holds each pair together.
var patterns = map[string]func(string) bool{
	`^[A-Za-z0-9][A-Za-z0-9._@:+-]{0,99}$`:                                     ValidName,
	`^[^\x00-\x20\x7f,=!()]+$`:                                                 isPairKey,
	`^[^\x00-\x1f\x7f-\x9f]*$`:                                                 isBare,
	`^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]*$`:                       isProse,
	`^[^\x00-\x20\x7f-\xa0]([^\x00-\x1f\x7f-\x9f]*[^\x00-\x20\x7f-\xa0])?$`:    schemaCode,
	`^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(T00:00:00Z)?$`:         schemaDate,
	`^(never|[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(T00:00:00Z)?)$`: schemaEndDate,
	`^(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$`:                                    isMoney,
	`^([^@\x00-\x20\x7f]+@[^@\x00-\x20\x7f]+)?$`:                               schemaEmail,
	`^[A-Za-z_][A-Za-z0-9_]*$`:                                                 isEnv,
	`^(\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})$`: isToken,
}

// quickPattern gives what decides whether a text fits a schema's pattern.
func quickPattern(pattern string) func(string) bool {
	if quick, ok := patterns[pattern]; ok {
		return quick
	}
	compiled := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) }) // as the validator has it
	return func(text string) bool { return compiled().MatchString(text) }
}
