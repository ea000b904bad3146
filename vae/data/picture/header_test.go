package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"testing"

	"inkdrift/vae/data"
)

// exif returns a TIFF header and directory with an orientation.
func exif(order binary.AppendByteOrder, v uint16) []byte {
	b := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(order.AppendUint16(b, 0x0112), 3)
	b = order.AppendUint16(order.AppendUint16(order.AppendUint32(b, 1), v), 0)
	return order.AppendUint32(b, 0)
}

// withChunk puts a chunk behind the header of a PNG.
func withChunk(file []byte, name string, body []byte, sum func([]byte) uint32) []byte {
	c := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	c = append(append(c, name...), body...)
	c = binary.BigEndian.AppendUint32(c, sum(c[4:]))
	return bytes.Join([][]byte{file[:33], c, file[33:]}, nil)
}

// withSegment puts an APP1 segment at the beginning of a JPEG.
func withSegment(file, body []byte) []byte {
	s := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(2+len(body)))
	return bytes.Join([][]byte{file[:2], s, body, file[2:]}, nil)
}

// box is one of an ISO file.
func box(name string, body ...[]byte) []byte {
	b := bytes.Join(body, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(b))), name...), b...)
}

// isoFile is the beginning of an AVIF or HEIC file with pictures of these sizes.
func isoFile(brand string, sizes ...[2]uint32) []byte {
	var boxes [][]byte
	for _, s := range sizes {
		boxes = append(boxes, box("ispe", binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(make([]byte, 4), s[0]), s[1])))
	}
	return append(box("ftyp", []byte(brand), make([]byte, 4), []byte("mif1")), box("meta", make([]byte, 4), box("iprp", box("ipco", boxes...)))...)
}

// webP is a file of chunks.
func webP(chunks ...[]byte) []byte {
	b := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(b))), b...)
}

func webPChunk(name string, body []byte) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body))), body...)
}

// headers are files, of which nothing but the headers is right, and what they state.
func headers(t testing.TB) map[string]struct {
	file []byte
	want Header
} {
	m := image.NewGray(image.Rect(0, 0, 40, 30))
	p, j, g := encodePNG(t, m), encodeJPEG(t, m, 90), encodeGIF(t, m)
	wider := bytes.Clone(g)
	at := bytes.IndexByte(wider[13+3<<(1+wider[10]&7):], ',') + 13 + 3<<(1+wider[10]&7)
	binary.LittleEndian.PutUint16(wider[at+5:], 400)
	bmp := make([]byte, 54)
	copy(bmp, "BM")
	bmp[2], bmp[14], bmp[18] = 54, 40, 7
	binary.LittleEndian.PutUint32(bmp[22:], ^uint32(8)) // -9: from the top down
	return map[string]struct {
		file []byte
		want Header
	}{
		"PNG":                    {p, Header{Format: "PNG", Width: 40, Height: 30, Orientation: 1}},
		"PNG, torn":              {p[:len(p)-20], Header{Format: "PNG", Width: 40, Height: 30, Orientation: 1, torn: true}},
		"PNG, turned":            {withChunk(p, "eXIf", exif(binary.BigEndian, 6), crc32.ChecksumIEEE), Header{Format: "PNG", Width: 40, Height: 30, Orientation: 6}},
		"JPEG":                   {j, Header{Format: "JPEG", Width: 40, Height: 30, Orientation: 1}},
		"JPEG, turned":           {withSegment(j, append([]byte("Exif\x00\x00"), exif(binary.LittleEndian, 8)...)), Header{Format: "JPEG", Width: 40, Height: 30, Orientation: 8}},
		"JPEG, no such turn":     {withSegment(j, append([]byte("Exif\x00\x00"), exif(binary.LittleEndian, 9)...)), Header{Format: "JPEG", Width: 40, Height: 30, Orientation: 1}},
		"JPEG, fill bytes":       {append([]byte{0xff, 0xd8, 0xff, 0xff}, j[2:]...), Header{Format: "JPEG", Width: 40, Height: 30, Orientation: 1}},
		"JPEG, no end":           {j[:len(j)-2], Header{Format: "JPEG", Width: 40, Height: 30, Orientation: 1, endless: true}},
		"JPEG, something behind": {append(bytes.Clone(j), "and more"...), Header{Format: "JPEG", Width: 40, Height: 30, Orientation: 1}},
		"GIF":                    {g, Header{Format: "GIF", Width: 40, Height: 30, Orientation: 1}},
		"GIF, a wide frame":      {wider, Header{Format: "GIF", Width: 400, Height: 30, Orientation: 1}},
		"GIF, torn":              {g[:len(g)-10], Header{Format: "GIF", Width: 40, Height: 30, Orientation: 1, torn: true}},
		"WebP, lossless":         {webP(webPChunk("VP8L", append([]byte{0x2f, 39, 0x40, 7, 0}, make([]byte, 10)...))), Header{Format: "WebP", Width: 40, Height: 30, Orientation: 1}},
		"WebP, lossy":            {webP(webPChunk("VP8 ", append([]byte{0, 0, 0, 0x9d, 1, 0x2a, 40, 0, 30, 0}, make([]byte, 10)...))), Header{Format: "WebP", Width: 40, Height: 30, Orientation: 1}},
		"WebP, extended": {webP(webPChunk("VP8X", []byte{8, 0, 0, 0, 39, 0, 0, 29, 0, 0}), webPChunk("EXIF", exif(binary.BigEndian, 3))),
			Header{Format: "WebP", Width: 40, Height: 30, Orientation: 3}},
		"AVIF":       {isoFile("avif", [2]uint32{40, 30}, [2]uint32{8, 9}), Header{Format: "AVIF", Width: 40, Height: 30, Orientation: 1}},
		"AVIF, torn": {append(isoFile("avif", [2]uint32{40, 30}), 0, 0, 9, 9, 'm', 'd', 'a', 't'), Header{Format: "AVIF", Width: 40, Height: 30, Orientation: 1, torn: true}},
		"HEIC":       {isoFile("heic", [2]uint32{40, 30}), Header{Format: "HEIC", Width: 40, Height: 30, Orientation: 1}},
		"BMP":        {bmp, Header{Format: "BMP", Width: 7, Height: 9, Orientation: 1}},
	}
}

func TestInspect(t *testing.T) {
	for name, c := range headers(t) {
		h, err := Inspect(c.file)
		h.orientedAt, h.frame = 0, 0
		if err != nil || h != c.want {
			t.Errorf("%s: %+v, %v; want %+v", name, h, err, c.want)
		}
	}
	for name, c := range map[string]struct {
		file []byte
		kind error
	}{
		"a large AVIF":         {isoFile("avif", [2]uint32{40_000, 30_000}), data.ErrTooLarge},
		"a huge HEIC":          {isoFile("heic", [2]uint32{1 << 31, 1 << 31}), data.ErrTooLarge},
		"a large WebP":         {webP(webPChunk("VP8X", []byte{0, 0, 0, 0, 255, 255, 0, 255, 255, 0})), data.ErrTooLarge},
		"WebP without a frame": {webP(webPChunk("ALPH", make([]byte, 20))), data.ErrTruncated},
		"a drawing in SVG":     {[]byte("<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), data.ErrFormat},
		"TIFF":                 {[]byte("MM\x00*\x00\x00\x00\x08"), data.ErrFormat},
		"JPEG XL":              {[]byte("\xff\x0a\x00\x00\x00"), data.ErrFormat},
		"a zip":                {[]byte("PK\x03\x04\x00\x00"), ErrNotPicture},
	} {
		_, err := Inspect(c.file)
		var fe *data.FileError
		if !errors.As(err, &fe) || !errors.Is(err, c.kind) || fe.Advice == "" || errors.Is(err, data.ErrFormat) && fe.What == "" {
			t.Errorf("%s: %v, want %v", name, err, c.kind)
		}
	}
}

// TestOrder: a size is checked before a decoder sees the file, and what a browser does not read is named.
func TestOrder(t *testing.T) {
	refuse := func([]byte, int, func()) (image.Image, error) { return nil, errors.New("not decoded") }
	never := func([]byte, int, func()) (image.Image, error) {
		t.Error("a decoder was given a picture that is too large")
		return nil, nil
	}
	if _, err := Open(isoFile("avif", [2]uint32{40_000, 30_000}), never, 0, nil); !errors.Is(err, data.ErrTooLarge) {
		t.Error(err)
	}
	_, err := Open(isoFile("heic", [2]uint32{40, 30}), refuse, 0, nil)
	var fe *data.FileError
	if !errors.As(err, &fe) || !errors.Is(err, data.ErrFormat) || fe.What != "HEIC" {
		t.Error(err)
	}
	// Decoders are told of no orientation, and the file stays as it is.
	m := image.NewGray(image.Rect(0, 0, 4, 8))
	for name, file := range map[string][]byte{
		"JPEG, big":    withSegment(encodeJPEG(t, m, 90), append([]byte("Exif\x00\x00"), exif(binary.BigEndian, 6)...)),
		"JPEG, little": withSegment(encodeJPEG(t, m, 90), append([]byte("Exif\x00\x00"), exif(binary.LittleEndian, 6)...)),
		"PNG":          withChunk(encodePNG(t, m), "eXIf", exif(binary.BigEndian, 6), crc32.ChecksumIEEE),
		"WebP":         webP(webPChunk("VP8X", []byte{8, 0, 0, 0, 3, 0, 0, 7, 0, 0}), webPChunk("EXIF", exif(binary.BigEndian, 6))),
	} {
		before := bytes.Clone(file)
		p, err := Open(file, func(given []byte, _ int, _ func()) (image.Image, error) {
			if h, err := Inspect(given); err != nil || h.Orientation != 1 || h.Width != 4 {
				t.Errorf("%s: %+v, %v", name, h, err)
			}
			return m, nil
		}, 0, nil)
		if err != nil || !bytes.Equal(file, before) {
			t.Fatalf("%s: %v, or the file was changed", name, err)
		}
		if w, h := p.Size(); w != 8 || h != 4 || p.Orientation != 6 {
			t.Errorf("%s: %d x %d", name, w, h)
		}
	}
	// What hardly any program reads is named, where it is not read.
	for what, frame := range map[string][2]byte{"JPEG (lossless)": {0xc3, 8}, "JPEG (arithmetic coding)": {0xc9, 8}, "JPEG (12 bits)": {0xc1, 12}} {
		file := encodeJPEG(t, m, 90)
		at := bytes.Index(file, []byte{0xff, 0xc0})
		file[at+1], file[at+4] = frame[0], frame[1]
		var fe *data.FileError
		if _, err := Open(file, refuse, 0, nil); !errors.As(err, &fe) || fe.What != what || !errors.Is(err, data.ErrFormat) {
			t.Errorf("%s: %v", what, err)
		}
		if _, err := Open(file, func([]byte, int, func()) (image.Image, error) { return m, nil }, 0, nil); err != nil {
			t.Errorf("%s that is read: %v", what, err)
		}
	}
}

// TestTurned: a quick way gives what the other gives.
func TestTurned(t *testing.T) {
	m := image.NewNRGBA(image.Rect(2, 3, 7, 6))
	for i := range m.Pix {
		m.Pix[i] = byte(7 * i)
	}
	for v := Orientation(2); v <= 8; v++ {
		got, want := turned(m, v), upright{m, v}
		for y := range want.Bounds().Dy() {
			for x := range want.Bounds().Dx() {
				if got.At(x, y) != want.At(x, y) {
					t.Fatalf("orientation %d: (%d, %d) is %v, want %v", v, x, y, got.At(x, y), want.At(x, y))
				}
			}
		}
	}
}

func FuzzInspect(f *testing.F) {
	for _, c := range headers(f) {
		f.Add(c.file)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := Inspect(b)
		if err == nil && (h.Width < 1 || h.Height < 1 || h.Width*h.Height > MaxPixels || h.Orientation < 1 || h.Orientation > 8) {
			t.Fatalf("%+v", h)
		}
		var fe *data.FileError
		if err != nil && (!errors.As(err, &fe) || fe.Kind == nil || fe.Field == "" || fe.Advice == "") {
			t.Fatalf("error %#v", err)
		}
	})
}

// TestEndless: a JPEG without its end marker is torn if the last block is as decoders leave it where nothing arrived, on
// whichever side that is seen, and whole otherwise.
func TestEndless(t *testing.T) {
	for v := Orientation(1); v <= 8; v++ {
		stored := image.NewGray(image.Rect(0, 0, 40, 24))
		for i := range stored.Pix {
			stored.Pix[i] = 200
		}
		file := encodeJPEG(t, stored, 90)
		file = withSegment(file[:len(file)-2], append([]byte("Exif\x00\x00"), exif(binary.BigEndian, uint16(v))...))
		for _, torn := range []bool{false, true} {
			for y := 16; torn && y < 24; y++ {
				for x := 32; x < 40; x++ {
					stored.SetGray(x, y, color.Gray{128})
				}
			}
			_, err := Open(file, func(b []byte, _ int, _ func()) (image.Image, error) {
				if !bytes.HasSuffix(b, []byte{0xff, 0xd9}) {
					t.Error("the marker was not put there")
				}
				return stored, nil
			}, 0, nil)
			if errors.Is(err, data.ErrTruncated) != torn || !torn && err != nil {
				t.Errorf("orientation %d, torn %v: %v", v, torn, err)
			}
		}
	}
}
