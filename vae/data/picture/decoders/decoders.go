// Package decoders decodes pictures in Go, for programs that are not run by a browser: PNG, JPEG, GIF, and what else
// package image has decoders for in the program.
//
// Where a browser shows a file that the decoders of the standard library refuse, it is mended first as far as that is
// simple: chunks of a PNG that pictures do not need, a JPEG of four colours without Adobe's marker, and a GIF whose frame is larger than its screen.
package decoders

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	_ "image/gif" // registers itself, as do the others
	_ "image/jpeg"
	_ "image/png"
	"math"

	"inkdrift/vae/data/picture"
)

// Decode is a [picture.Decoder]. It gives all pixels that there are, as they are stored.
func Decode(file []byte, _ int, yield func()) (img image.Image, err error) {
	return picture.Registered(mend(file), 0, yield)
}

// mend returns the file in a form that the decoders take, or as it is.
func mend(file []byte) []byte {
	switch {
	case bytes.HasPrefix(file, []byte("\x89PNG\r\n\x1a\n")):
		return mendPNG(file)
	case bytes.HasPrefix(file, []byte("\xff\xd8\xff")):
		return mendJPEG(file)
	case bytes.HasPrefix(file, []byte("GIF8")):
		return mendGIF(file)
	}
	return file
}

// mendPNG leaves out chunks whose names begin with a small letter, which pictures do not need (PNG, third edition, 5.4),
// but for transparency whose checksum is right: so it does not matter whether those of the others are.
func mendPNG(file []byte) []byte {
	var out []byte
	kept := 0 // bytes of file that are in out
	for at := 8; at+12 <= len(file); {
		n := int64(binary.BigEndian.Uint32(file[at:])) + 12
		if n > int64(len(file)-at) {
			break
		}
		if name := string(file[at+4 : at+8]); name[0]&0x20 != 0 && (name != "tRNS" || crc32.ChecksumIEEE(file[at+4:at+int(n)-4]) != binary.BigEndian.Uint32(file[at+int(n)-4:])) {
			out = append(out, file[kept:at]...)
			kept = at + int(n)
		}
		at += int(n)
	}
	if kept == 0 {
		return file
	}
	return append(out, file[kept:]...)
}

// mendGIF makes the screen of a GIF as large as its first frame needs it.
func mendGIF(file []byte) []byte {
	h, err := picture.Inspect(file)
	if err != nil || h.Width > math.MaxUint16 || h.Height > math.MaxUint16 {
		return file
	}
	out := bytes.Clone(file)
	binary.LittleEndian.PutUint16(out[6:], uint16(h.Width))
	binary.LittleEndian.PutUint16(out[8:], uint16(h.Height))
	return out
}

// mendJPEG gives a JPEG of four components Adobe's marker if it has none: without it they are cyan, magenta, yellow and
// black.
func mendJPEG(file []byte) []byte {
	four := false
	for at := 2; at+4 <= len(file) && file[at] == 0xff; {
		kind, n := file[at+1], int(binary.BigEndian.Uint16(file[at+2:]))
		switch {
		case kind == 0xee && at+9 <= len(file) && string(file[at+4:at+9]) == "Adobe":
			return file
		case kind >= 0xc0 && kind <= 0xc2 && at+10 <= len(file):
			four = file[at+9] == 4
		case kind == 0xda:
			if !four {
				return file
			}
			marker := []byte("\xff\xd8\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00")
			return append(marker, file[2:]...)
		}
		at += 2 + n
	}
	return file
}
