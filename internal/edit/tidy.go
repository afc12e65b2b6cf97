package edit

import (
	"bytes"

	"gopkg.in/yaml.v3"
)

// breaks makes every line end with a newline alone.
func breaks(data []byte) []byte {
	if bytes.IndexByte(data, '\r') < 0 {
		return data
	}
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
}

// tidy gives a document without blanks at the ends of lines, without blank lines at its ends and behind its marker, with one blank line in a row at
// most, and with a newline at its end. Texts of several lines stay as they are.
func (p *page) tidy() []byte {
	out := make([]byte, 0, len(p.data)+1)
	blank := true  // the line before is blank, or there is none
	empty := false // the line before is blank, and was written
	for i := range p.lines {
		start, end := p.lines[i], p.ending(i)
		if start == len(p.data) {
			break
		}
		line := p.data[start:end]
		if !p.within(end) {
			line = bytes.TrimRight(line, " \t")
		}
		if len(line) == 0 && !p.within(start) && !p.within(end) {
			if !blank {
				out = append(out, '\n')
				empty = true
			}
			blank = true
			continue
		}
		if empty && string(line) == "..." {
			out = out[:len(out)-1]
		}
		out = append(append(out, line...), '\n')
		blank, empty = isMarker(line), false
	}
	if p.root == nil || !p.ending0() {
		out = append(bytes.TrimRight(out, "\n"), '\n')
	}
	if len(bytes.TrimSpace(out)) == 0 {
		return nil
	}
	return out
}

// within reports whether the character at an offset belongs to a text whose blanks and line breaks are its own, or are best left alone.
func (p *page) within(at int) bool {
	low, high := 0, len(p.leaves)
	for low < high {
		if mid := (low + high) / 2; p.leaves[mid].end <= at {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low < len(p.leaves) && p.leaves[low].start <= at
}

// ending0 reports whether the document ends in a block scalar whose blank lines belong to it.
func (p *page) ending0() bool {
	if len(p.leaves) == 0 {
		return false
	}
	last := p.leaves[len(p.leaves)-1]
	return last.style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 && last.end+1 >= len(p.data)
}

func isMarker(line []byte) bool {
	return bytes.HasPrefix(line, []byte("---")) && (len(line) == 3 || isBlank(line[3]))
}
