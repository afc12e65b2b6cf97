package edit

// Remark writes comment lines, one a line of text, behind what was written last: what an import leaves out. What cannot be seen becomes a blank.
func (w *Writer) Remark(text string) {
	w.buf = appendComment(w.buf[:0], text, "")
	w.w.Write(w.buf) // an error comes again with Flush
}
