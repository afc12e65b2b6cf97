package planfile

import "bytes"

// Encode gives the text of a file that was read, sealed anew.
func (f *File) Encode(key string) ([]byte, error) {
	var b bytes.Buffer
	err := f.write(&b, key, f.linesAsTheyAre, func(seal string) string { return seal })
	return b.Bytes(), err
}
