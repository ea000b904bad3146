package decoders

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	_ "golang.org/x/image/webp"

	"inkdrift/vae/data"
	"inkdrift/vae/data/picture"
)

// seven is a 7 on paper, w x h pixels of which its corner is at the upper right.
func seven(w, h int) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = 245
	}
	for k := range h * 6 / 10 {
		for d := range 6 {
			m.SetGray(w*3/10+k*w/h*4/6+d/2, h/5+d, color.Gray{20})
			m.SetGray(w*7/10-k*w/h/3+d, h/5+k, color.Gray{20})
		}
	}
	return m
}

// turned stores a picture so that it is seen as it was with an orientation.
func turned(m image.Image, by picture.Orientation) *image.Gray {
	b := m.Bounds()
	w, h := b.Dx(), b.Dy()
	sw, sh := w, h
	if by.Across() {
		sw, sh = h, w
	}
	out := image.NewGray(image.Rect(0, 0, sw, sh))
	for y := range h {
		for x := range w {
			u, v := by.Stored(x, y, sw, sh)
			out.Set(u, v, m.At(x, y))
		}
	}
	return out
}

func encoded(t testing.TB, encode func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, m) })
}

func asJPEG(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, m, &jpeg.Options{Quality: 95}) })
}

// exif is a TIFF directory with an orientation.
func exif(v picture.Orientation) []byte {
	return []byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(rune(v)) + "\x00\x00\x00\x00\x00\x00")
}

func chunk(file []byte, name string, body []byte, wrong uint32) []byte {
	c := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	c = append(append(c, name...), body...)
	c = binary.BigEndian.AppendUint32(c, crc32.ChecksumIEEE(c[4:])^wrong)
	return bytes.Join([][]byte{file[:33], c, file[33:]}, nil)
}

func segment(file []byte, kind byte, body []byte) []byte {
	s := binary.BigEndian.AppendUint16([]byte{0xff, kind}, uint16(2+len(body)))
	return bytes.Join([][]byte{file[:2], s, body, file[2:]}, nil)
}

// off is the mean difference of two drawings, infinite if they are not of one size.
func off(a, b []byte) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	var sum float64
	for i := range a {
		sum += math.Abs(float64(a[i])-float64(b[i])) / 255
	}
	return sum / float64(len(a))
}

// TestRightWay: whatever way up a file stores its picture, the drawing is upright.
func TestRightWay(t *testing.T) {
	m := seven(200, 300)
	want, _, _, err := picture.Draw(asPNG(t, m), Decode)
	if err != nil {
		t.Fatal(err)
	}
	for v := picture.Orientation(1); v <= 8; v++ {
		stored := turned(m, v)
		files := map[string][]byte{"PNG": chunk(asPNG(t, stored), "eXIf", exif(v), 0)}
		if v%3 == 0 { // as phones have it, and one mirrored; the rest is the same for both
			files["JPEG"] = segment(asJPEG(t, stored), 0xe1, append([]byte("Exif\x00\x00"), exif(v)...))
		}
		for name, file := range files {
			got, _, _, err := picture.Draw(file, Decode)
			if err != nil {
				t.Errorf("%s, %d: %v", name, v, err)
			} else if d := off(got, want); d > 0.02 {
				t.Errorf("%s, %d: %.3f off", name, v, d)
			}
		}
	}
}

// TestMended: faults that do not matter to the picture do not matter.
func TestMended(t *testing.T) {
	m := seven(120, 120)
	p, j := asPNG(t, m), asJPEG(t, m)
	want, _, _, err := picture.Draw(p, Decode)
	if err != nil {
		t.Fatal(err)
	}
	one := encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, m, nil) })
	screened := func(w, h byte) []byte {
		b := bytes.Clone(one)
		b[6], b[7], b[8], b[9] = w, 0, h, 0
		return b
	}
	for name, c := range map[string]struct {
		file []byte
		kind error
	}{
		"a wrong sum in a chunk that is not needed": {chunk(p, "iCCP", []byte("name\x00\x00xx"), 5), nil},
		"a wrong sum in transparency":               {chunk(p, "tRNS", []byte{0, 9}, 5), nil},
		"a GIF without a screen":                    {screened(0, 0), nil},
		"a GIF with a small screen":                 {screened(50, 60), nil},
		"a GIF with a large screen":                 {screened(130, 120), nil},
		"without its end marker":                    {j[:len(j)-2], nil},
		"something behind":                          {append(bytes.Clone(j), "and more"...), nil},
		"torn in the middle":                        {j[:len(j)/2], data.ErrTruncated},
		"torn, and a marker put there":              {append(bytes.Clone(j[:len(j)/2]), 0xff, 0xd9), data.ErrCorrupt},
		"a wrong sum in the picture itself": {func() []byte {
			b := bytes.Clone(p)
			b[bytes.Index(b, []byte("IDAT"))+9] ^= 1
			return b
		}(), data.ErrCorrupt},
	} {
		got, _, _, err := picture.Draw(c.file, Decode)
		switch {
		case !errors.Is(err, c.kind):
			t.Errorf("%s: %v, want %v", name, err, c.kind)
		case err == nil && off(got, want) > 0.02:
			t.Errorf("%s: %.3f off", name, off(got, want))
		}
	}
}

// TestCases opens the small inputs that failed once, as far as Go's decoders go: a browser decodes all of them.
func TestCases(t *testing.T) {
	dir := "../../../../../shared/cases/pictures"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("../shared/cases is not beside the repository: this test needs it and is left out")
	}
	for name, kind := range map[string]error{
		"two-exif6.jpg": nil, "seven-badcrc-iccp.png": nil, "two-cmyk-plain.jpg": nil, "two-noeoi.jpg": nil, "two.webp": nil,
		"two-sampling-31.jpg": data.ErrCorrupt, "two-sampling-221112.jpg": data.ErrCorrupt, "two-toomuch.gif": data.ErrCorrupt,
	} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, _, err := picture.Draw(b, Decode); !errors.Is(err, kind) {
			t.Errorf("%s: %v, want %v", name, err, kind)
		}
	}
}

func FuzzMend(f *testing.F) {
	m := seven(20, 30)
	f.Add(chunk(asPNG(f, m), "iCCP", []byte("x"), 1))
	f.Add(segment(asJPEG(f, m), 0xe1, exif(6)))
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		mend(b)
		if !bytes.Equal(before, b) {
			t.Fatal("the file was changed")
		}
	})
}
