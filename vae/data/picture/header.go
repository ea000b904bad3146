package picture

import (
	"encoding/binary"
	"math"

	"inkdrift/vae/data"
)

// MaxPixels is the size of the largest picture that is taken.
const MaxPixels = 40_000_000

// Header is what the first bytes of a picture file say of it. Nothing of it is decoded.
type Header struct {
	Format        string // as [data.Sniff] names it
	Width, Height int    // in pixels, as it is stored; of a GIF the larger of its screen and its first frame
	Orientation   Orientation
	torn          bool   // the file ends before the picture does
	endless       bool   // of a JPEG: its end marker is missing
	orientedAt    int    // where the file has the orientation, a byte
	frame         int64  // pixels of a GIF's first frame
	rare          string // the kind of a JPEG that hardly any program reads
}

// mostPixels is the most pixels that one byte of a file can encode: 1,032 bytes of one-bit pixels from a byte of PNG's
// deflate, a string as long as the table for 12 bits of GIF's LZW, and at least a bit for each 8x8 block of JPEG. A
// file whose header claims more is truncated.
var mostPixels = map[string]int64{"PNG": 8 * 1032, "GIF": 4096, "JPEG": 1024}

// readers read the headers of the formats whose size can be told. They return false if there is no size.
var readers = map[string]func(file []byte, h *Header) bool{
	"PNG": readPNG, "JPEG": readJPEG, "GIF": readGIF, "WebP": readWebP, "AVIF": readISO, "HEIC": readISO, "BMP": readBMP,
}

// Inspect reads the header of a picture file and checks it, so that a decoder is never given what it would need too
// much memory for. Errors are of type [*data.FileError] and match ErrNotPicture, ErrNoPixels, [data.ErrTooLarge] (more
// than [MaxPixels]), [data.ErrTruncated], [data.ErrFormat] for pictures of a format without a reader, and what
// [data.Format.Refuse] says of web pages and the like.
func Inspect(file []byte) (Header, error) {
	format := data.Sniff(file[:min(len(file), data.SniffBytes)])
	if format.Kind != data.FormatPicture {
		return Header{}, format.Refuse(ErrNotPicture, "choose a picture, such as a PNG or JPEG file")
	}
	h := Header{Format: format.Name, Orientation: 1}
	read := readers[format.Name]
	if read == nil {
		return h, notRead(format.Name)
	}
	if !read(file, &h) {
		if readElsewhere[h.Format] {
			return h, notRead(h.Format)
		}
		return h, data.NewFileError("header", data.ErrTruncated, adviceAgain, "")
	}
	if h.Width <= 0 || h.Height <= 0 {
		return h, data.NewFileError("size", ErrNoPixels, "choose another picture", "")
	}
	if int64(h.Width) > MaxPixels || int64(h.Height) > MaxPixels || int64(h.Width)*int64(h.Height) > MaxPixels {
		return h, data.NewFileError("size", data.ErrTooLarge, "make the picture smaller or cut out a part",
			"%d x %d pixels, at most %d million are taken", h.Width, h.Height, MaxPixels/1_000_000)
	}
	pixels := int64(h.Width) * int64(h.Height)
	if h.Format == "GIF" { // around its frame a screen has no pixels of its own
		pixels = h.frame
	}
	if most := mostPixels[h.Format]; most > 0 && pixels > most*int64(len(file)) {
		return h, data.NewFileError("pixels", data.ErrTruncated, adviceAgain,
			"%d bytes cannot hold %d x %d pixels", len(file), h.Width, h.Height)
	}
	return h, nil
}

// notRead is the error for a picture of a format that nothing here decodes.
func notRead(format string) error {
	advice := "save it as PNG or JPEG"
	if format == "HEIC" {
		advice = "save it as JPEG; phones can be set to take JPEG (\"most compatible\")"
	}
	return &data.FileError{Field: "format", Kind: data.ErrFormat, What: format, Detail: format, Advice: advice}
}

// cut returns n bytes of b from at on, or none if they are not all there.
func cut(b []byte, at, n int) []byte {
	if at < 0 || n < 0 || at > len(b) || n > len(b)-at {
		return nil
	}
	return b[at : at+n]
}

// size reads a number of 32 bits that is no size if it needs all of them.
func size(v uint32) int { return int(min(v, math.MaxInt32)) }

// readPNG walks the chunks (PNG, third edition, 5.3): IHDR is the first, eXIf has the orientation, IEND is the last.
func readPNG(file []byte, h *Header) bool {
	be := binary.BigEndian
	head := cut(file, 8, 8+13)
	if head == nil || string(head[4:8]) != "IHDR" {
		return false
	}
	h.Width, h.Height = size(be.Uint32(head[8:])), size(be.Uint32(head[12:]))
	h.torn = true
	for at := 8; ; {
		c := cut(file, at, 8)
		if c == nil {
			return true
		}
		n := size(be.Uint32(c))
		switch body := cut(file, at+8, n); {
		case string(c[4:]) == "IEND":
			h.torn = false
			return true
		case body == nil:
			return true
		case string(c[4:]) == "eXIf":
			h.orient(file, at+8, n)
		}
		at += 12 + n
	}
}

// readJPEG walks the segments up to the first scan (ITU-T T.81, B.1.1): a frame header has the size, the first APP1 that
// begins with "Exif" the orientation.
func readJPEG(file []byte, h *Header) bool {
	be := binary.BigEndian
	exif, framed := false, false
	for at := 2; ; {
		for at < len(file) && file[at] == 0xff && at+1 < len(file) && file[at+1] == 0xff { // fill bytes
			at++
		}
		c := cut(file, at, 4)
		if c == nil || c[0] != 0xff {
			return framed
		}
		kind, n := c[1], int(be.Uint16(c[2:]))
		if kind == 0x01 || kind >= 0xd0 && kind <= 0xd8 { // they stand alone
			at += 2
			continue
		}
		body := cut(file, at+4, n-2)
		switch {
		case body == nil:
			return framed
		case kind == 0xda:
			h.endless = lastMarker(file[at:]) < 0
			return framed
		case kind >= 0xc0 && kind <= 0xcf && kind != 0xc4 && kind != 0xc8 && kind != 0xcc && len(body) >= 5:
			h.Height, h.Width = int(be.Uint16(body[1:])), int(be.Uint16(body[3:]))
			framed = true
			h.rare = rareJPEG(kind, body[0])
		case kind == 0xe1 && !exif && len(body) > 6 && string(body[:6]) == "Exif\x00\x00":
			exif = true
			h.orient(file, at+10, len(body)-6)
		}
		at += 2 + n
	}
}

// rareJPEG names what hardly any program reads, by the marker of its frame and the bits of a sample (ITU-T T.81, table B.1).
func rareJPEG(frame, bits byte) string {
	switch {
	case frame == 0xc3 || frame == 0xc7 || frame == 0xcb || frame == 0xcf:
		return "JPEG (lossless)"
	case frame > 0xc8:
		return "JPEG (arithmetic coding)"
	case bits != 8:
		return "JPEG (12 bits)"
	}
	return ""
}

// lastMarker finds the end marker of a JPEG from its first scan on, -1 if it is not there.
func lastMarker(scans []byte) int {
	for at := len(scans) - 2; at >= 0; at-- {
		if scans[at] == 0xff && scans[at+1] == 0xd9 {
			return at
		}
	}
	return -1
}

// readGIF reads the logical screen and walks to the first frame (GIF89a, 18 to 24).
func readGIF(file []byte, h *Header) bool {
	le := binary.LittleEndian
	head := cut(file, 0, 13)
	if head == nil {
		return false
	}
	h.Width, h.Height = int(le.Uint16(head[6:])), int(le.Uint16(head[8:]))
	at := 13
	if head[10]&0x80 != 0 {
		at += 3 << (1 + head[10]&7)
	}
	// blocks skips data in blocks; false at the end of the file.
	blocks := func() bool {
		for {
			n := cut(file, at, 1)
			if n == nil {
				return false
			}
			at += 1 + int(n[0])
			if n[0] == 0 {
				return true
			}
		}
	}
	for {
		c := cut(file, at, 1)
		switch {
		case c == nil:
			h.torn = true
			return true
		case c[0] == '!':
			at += 2
			if !blocks() {
				h.torn = true
				return true
			}
		case c[0] == ',':
			d := cut(file, at, 10)
			if d == nil {
				h.torn = true
				return true
			}
			w, t := int(le.Uint16(d[5:])), int(le.Uint16(d[7:]))
			h.frame = int64(w) * int64(t)
			h.Width, h.Height = max(h.Width, int(le.Uint16(d[1:]))+w), max(h.Height, int(le.Uint16(d[3:]))+t)
			at += 10
			if d[9]&0x80 != 0 {
				at += 3 << (1 + d[9]&7)
			}
			at++ // the size of the codes
			h.torn = !blocks()
			return true
		default:
			return true
		}
	}
}

// readWebP reads the first chunk and looks for EXIF (RFC 9649).
func readWebP(file []byte, h *Header) bool {
	le := binary.LittleEndian
	head := cut(file, 0, 30)
	if head == nil {
		return false
	}
	h.torn = int64(le.Uint32(head[4:]))+8 > int64(len(file))
	three := func(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
	switch string(head[12:16]) {
	case "VP8X":
		h.Width, h.Height = 1+three(head[24:]), 1+three(head[27:])
	case "VP8L":
		bits := le.Uint32(head[21:])
		h.Width, h.Height = 1+int(bits&0x3fff), 1+int(bits>>14&0x3fff)
	case "VP8 ":
		h.Width, h.Height = int(le.Uint16(head[26:])&0x3fff), int(le.Uint16(head[28:])&0x3fff)
	default:
		return false
	}
	for at := 12; ; {
		c := cut(file, at, 8)
		if c == nil {
			return true
		}
		n := size(le.Uint32(c[4:]))
		if string(c[:4]) == "EXIF" {
			if string(cut(file, at+8, 6)) == "Exif\x00\x00" {
				at, n = at+6, n-6
			}
			h.orient(file, at+8, n)
			return true
		}
		at += 8 + n + n&1
	}
}

// readISO finds the largest size that a file of boxes states for one of its pictures (ISO 23008-12, 6.5.3).
func readISO(file []byte, h *Header) bool {
	be := binary.BigEndian
	found := false
	// walk goes through the boxes of b; it returns false where they go on behind the end.
	var walk func(b []byte, depth int) bool
	walk = func(b []byte, depth int) bool {
		for len(b) >= 8 {
			n, head := uint64(be.Uint32(b)), 8
			switch {
			case n == 1 && len(b) >= 16:
				n, head = be.Uint64(b[8:]), 16
			case n == 0:
				n = uint64(len(b))
			}
			whole := n <= uint64(len(b))
			if n < uint64(head) || !whole && depth > 0 {
				return false
			}
			body := b[head:min(n, uint64(len(b)))]
			switch string(b[4:8]) {
			case "meta":
				body = body[min(4, len(body)):]
				fallthrough
			case "iprp", "ipco":
				if depth < 3 {
					walk(body, depth+1)
				}
			case "ispe":
				if len(body) >= 12 {
					found = true
					h.Width, h.Height = max(h.Width, size(be.Uint32(body[4:]))), max(h.Height, size(be.Uint32(body[8:])))
				}
			}
			if !whole {
				return false
			}
			b = b[n:]
		}
		return len(b) == 0
	}
	h.torn = !walk(file, 0)
	return found
}

// readBMP reads the header behind the file's own.
func readBMP(file []byte, h *Header) bool {
	le := binary.LittleEndian
	head := cut(file, 0, 26)
	if head == nil {
		return false
	}
	h.torn = int64(le.Uint32(head[2:])) > int64(len(file))
	if le.Uint32(head[14:]) < 16 {
		h.Width, h.Height = int(le.Uint16(head[18:])), int(le.Uint16(head[20:]))
		return true
	}
	w, t := int64(int32(le.Uint32(head[18:]))), int64(int32(le.Uint32(head[22:])))
	h.Width, h.Height = int(min(w, math.MaxInt32)), int(min(max(t, -t), math.MaxInt32)) // from the top down it is negative
	return true
}
