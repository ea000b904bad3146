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
		"PNG":                    {p, Header{"PNG", 40, 30, 1, false, false}},
		"PNG, torn":              {p[:len(p)-20], Header{"PNG", 40, 30, 1, true, false}},
		"PNG, turned":            {withChunk(p, "eXIf", exif(binary.BigEndian, 6), crc32.ChecksumIEEE), Header{"PNG", 40, 30, 6, false, false}},
		"JPEG":                   {j, Header{"JPEG", 40, 30, 1, false, false}},
		"JPEG, turned":           {withSegment(j, append([]byte("Exif\x00\x00"), exif(binary.LittleEndian, 8)...)), Header{"JPEG", 40, 30, 8, false, false}},
		"JPEG, no such turn":     {withSegment(j, append([]byte("Exif\x00\x00"), exif(binary.LittleEndian, 9)...)), Header{"JPEG", 40, 30, 1, false, false}},
		"JPEG, fill bytes":       {append([]byte{0xff, 0xd8, 0xff, 0xff}, j[2:]...), Header{"JPEG", 40, 30, 1, false, false}},
		"JPEG, no end":           {j[:len(j)-2], Header{"JPEG", 40, 30, 1, false, true}},
		"JPEG, something behind": {append(bytes.Clone(j), "and more"...), Header{"JPEG", 40, 30, 1, false, false}},
		"GIF":                    {g, Header{"GIF", 40, 30, 1, false, false}},
		"GIF, a wide frame":      {wider, Header{"GIF", 400, 30, 1, false, false}},
		"GIF, torn":              {g[:len(g)-10], Header{"GIF", 40, 30, 1, true, false}},
		"WebP, lossless":         {webP(webPChunk("VP8L", append([]byte{0x2f, 39, 0x40, 7, 0}, make([]byte, 10)...))), Header{"WebP", 40, 30, 1, false, false}},
		"WebP, lossy":            {webP(webPChunk("VP8 ", append([]byte{0, 0, 0, 0x9d, 1, 0x2a, 40, 0, 30, 0}, make([]byte, 10)...))), Header{"WebP", 40, 30, 1, false, false}},
		"WebP, extended": {webP(webPChunk("VP8X", []byte{8, 0, 0, 0, 39, 0, 0, 29, 0, 0}), webPChunk("EXIF", exif(binary.BigEndian, 3))),
			Header{"WebP", 40, 30, 3, false, false}},
		"AVIF":       {isoFile("avif", [2]uint32{40, 30}, [2]uint32{8, 9}), Header{"AVIF", 40, 30, 1, false, false}},
		"AVIF, torn": {append(isoFile("avif", [2]uint32{40, 30}), 0, 0, 9, 9, 'm', 'd', 'a', 't'), Header{"AVIF", 40, 30, 1, true, false}},
		"HEIC":       {isoFile("heic", [2]uint32{40, 30}), Header{"HEIC", 40, 30, 1, false, false}},
		"BMP":        {bmp, Header{"BMP", 7, 9, 1, false, false}},
	}
}

func TestInspect(t *testing.T) {
	for name, c := range headers(t) {
		h, err := Inspect(c.file)
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
	refuse := func([]byte, int, func()) (image.Image, bool, error) { return nil, false, errors.New("not decoded") }
	never := func([]byte, int, func()) (image.Image, bool, error) {
		t.Error("a decoder was given a picture that is too large")
		return nil, false, nil
	}
	if _, err := Open(isoFile("avif", [2]uint32{40_000, 30_000}), never, 0, nil); !errors.Is(err, data.ErrTooLarge) {
		t.Error(err)
	}
	_, err := Open(isoFile("heic", [2]uint32{40, 30}), refuse, 0, nil)
	var fe *data.FileError
	if !errors.As(err, &fe) || !errors.Is(err, data.ErrFormat) || fe.What != "HEIC" {
		t.Error(err)
	}
	// A picture that comes upright is not turned again.
	m := image.NewGray(image.Rect(0, 0, 4, 8))
	file := withSegment(encodeJPEG(t, m, 90), append([]byte("Exif\x00\x00"), exif(binary.BigEndian, 6)...))
	for _, upright := range []bool{false, true} {
		p, err := Open(file, func([]byte, int, func()) (image.Image, bool, error) { return m, upright, nil }, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		if w, _ := p.Size(); (w == 4) != upright {
			t.Errorf("upright %v: %d wide", upright, w)
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
			for _, turned := range []bool{false, true} {
				_, err := Open(file, func(b []byte, _ int, _ func()) (image.Image, bool, error) {
					if !bytes.HasSuffix(b, []byte{0xff, 0xd9}) {
						t.Error("the marker was not put there")
					}
					if turned {
						return upright{stored, v}, true, nil
					}
					return stored, false, nil
				}, 0, nil)
				if errors.Is(err, data.ErrTruncated) != torn || !torn && err != nil {
					t.Errorf("orientation %d, turned %v, torn %v: %v", v, turned, torn, err)
				}
			}
		}
	}
}
