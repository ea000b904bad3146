package main

import "bytes"

// stripComments takes comments that have lines of their own out of a JavaScript
// module or a style sheet: a third of the modules' packed bytes are for those who read the source.
// The lines stay, empty, so that stack traces tell the lines of the source.
// A line within a template literal that begins like a comment is not told apart;
// a test sees to it that there is none.
func stripComments(script []byte) []byte {
	out := make([]byte, 0, len(script))
	inside := false
	for line := range bytes.Lines(script) {
		trimmed := bytes.TrimSpace(line)
		ends := bytes.HasSuffix(trimmed, []byte("*/"))
		switch {
		case inside:
			inside = !bytes.Contains(trimmed, []byte("*/"))
			if !inside && !ends {
				out = append(out, line[bytes.Index(line, []byte("*/"))+2:]...)
				continue
			}
		case bytes.HasPrefix(trimmed, []byte("//")):
		case bytes.HasPrefix(trimmed, []byte("/*")) && (ends || !bytes.Contains(trimmed, []byte("*/"))):
			inside = !ends
		default:
			out = append(out, line...)
			continue
		}
		if bytes.HasSuffix(line, []byte("\n")) {
			out = append(out, '\n')
		}
	}
	return out
}
