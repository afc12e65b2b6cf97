package edit

import "bytes"

// join puts the documents of a file together again, with --- between them.
func join(parts []part) []byte {
	var out []byte
	for i, p := range parts {
		text := p.text
		if p.done {
			if next := i + 1; next == len(parts) || parts[next].done || beginsDocument(parts[next].text) {
				text = withoutEnd(text)
			}
			if i > 0 && parts[i-1].done && len(text) > 0 && !beginsDocument(text) && p.ours {
				out = append(out, "---\n"...)
			}
		}
		out = append(out, text...)
	}
	return out
}

// beginsDocument reports whether a document's bytes have its marker.
func beginsDocument(text []byte) bool {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSuffix(line, []byte("\n")); isMarker(bytes.TrimSuffix(line, []byte("\r"))) {
			return true
		} else if trimmed := bytes.TrimSpace(line); len(trimmed) > 0 && trimmed[0] != '#' {
			return false
		}
	}
	return false
}

// withoutEnd takes the end marker (...) off a document, where it stands alone on its line.
func withoutEnd(text []byte) []byte {
	rest, found := bytes.CutSuffix(text, []byte("\n...\n"))
	if !found {
		return text
	}
	return append(rest, '\n')
}
