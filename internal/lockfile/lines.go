package lockfile

import "github.com/mokasync/mokasync/internal/spec"

// LinesAt gives what the lockfile's text says at each of these addresses: the resource's own line, those of its deleted codes and open calls; "" for nothing.
func (l *Lock) LinesAt(addresses []spec.Address) map[spec.Address]string {
	out := make(map[spec.Address]string, len(addresses))
	for _, a := range addresses {
		out[a] = ""
		if e := l.Get(a); e != nil {
			out[a] = string(append(appendEntry(nil, e), '\n'))
		}
	}
	for _, o := range l.otherLines() {
		if text, asked := out[o.address]; asked {
			out[o.address] = string(append(o.append([]byte(text)), '\n'))
		}
	}
	return out
}
