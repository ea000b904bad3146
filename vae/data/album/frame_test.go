package album

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"testing"

	"inkdrift/vae/data"
	"inkdrift/vae/data/picture"
	"inkdrift/vae/data/picture/decoders"
)

func encodePNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// coloured returns a picture of w x h pixels whose colours follow from their places.
func coloured(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, color.NRGBA{uint8(7 + 37*x + 5*y), uint8(3*x + 91*y), uint8(200 - 11*x*y), 255})
		}
	}
	return m
}

func open(t testing.TB, file []byte) *picture.Picture {
	t.Helper()
	p, err := picture.Open(file, decoders.Decode, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func preview(t testing.TB, f Frame, p *picture.Picture) *Preview {
	t.Helper()
	v, err := f.Preview(p)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A picture that has the size of the frame must come through as it is, whatever form the file has.
func TestSameSize(t *testing.T) {
	m := coloured(32, 32)
	var want []byte
	for c := range 3 {
		for i := range 32 * 32 {
			want = append(want, m.Pix[4*i+c])
		}
	}
	f := Frame{Shape: data.Shape{C: 3, H: 32, W: 32}}
	if v := preview(t, f, open(t, encodePNG(t, m))); !slices.Equal(v.Pixels, want) || v.Used != (Rect{0, 0, 32, 32}) {
		t.Errorf("a colour PNG changes; used %v", v.Used)
	}
	grey := image.NewGray(image.Rect(0, 0, 16, 16))
	for i := range grey.Pix {
		grey.Pix[i] = byte(i)
	}
	f.Shape = data.Shape{C: 1, H: 16, W: 16}
	if v := preview(t, f, open(t, encodePNG(t, grey))); !slices.Equal(v.Pixels, grey.Pix) {
		t.Error("a grey PNG changes")
	}
	f.Negative = true
	if v := preview(t, f, open(t, encodePNG(t, grey))); v.Pixels[0] != 255 || v.Pixels[255] != 0 || v.Pixels[100] != 155 {
		t.Error("a negative is none")
	}
}

// Every form of picture that the decoders return must give the same colours.
func TestForms(t *testing.T) {
	want := ink3{10, 200, 90}
	uniform := func(m interface {
		image.Image
		Set(x, y int, c color.Color)
	}) image.Image {
		b := m.Bounds()
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				m.Set(x, y, color.NRGBA{want[0], want[1], want[2], 255})
			}
		}
		return m
	}
	r := image.Rect(0, 0, 5, 4)
	yy, cb, cr := color.RGBToYCbCr(want[0], want[1], want[2])
	ycc := image.NewYCbCr(r, image.YCbCrSubsampleRatio420)
	for i := range ycc.Y {
		ycc.Y[i] = yy
	}
	for i := range ycc.Cb {
		ycc.Cb[i], ycc.Cr[i] = cb, cr
	}
	for name, m := range map[string]image.Image{
		"RGBA":      uniform(image.NewRGBA(r)),
		"NRGBA":     uniform(image.NewNRGBA(r)),
		"NRGBA64":   uniform(image.NewNRGBA64(r)),
		"CMYK":      uniform(image.NewCMYK(r)),
		"paletted":  uniform(image.NewPaletted(image.Rect(2, 3, 7, 7), color.Palette{color.Black, color.NRGBA{want[0], want[1], want[2], 255}})),
		"YCbCr 420": ycc,
	} {
		for _, shape := range []data.Shape{{C: 3, H: 4, W: 5}, {C: 3, H: 2, W: 2}, {C: 3, H: 9, W: 8}} {
			v := preview(t, Frame{Shape: shape}, &picture.Picture{Image: m, Orientation: 1})
			n := shape.H * shape.W
			for i := range n {
				got := ink3{v.Pixels[i], v.Pixels[n+i], v.Pixels[2*n+i]}
				for k := range got {
					if d := int(got[k]) - int(want[k]); d < -1 || d > 1 {
						t.Fatalf("%s to %v: %v, want %v", name, shape, got, want)
					}
				}
			}
		}
	}
}

type ink3 [3]uint8

func TestTransparent(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	m.SetNRGBA(0, 0, color.NRGBA{255, 0, 0, 0})
	m.SetNRGBA(1, 0, color.NRGBA{255, 0, 0, 255})
	f := Frame{Shape: data.Shape{C: 3, H: 1, W: 2}, Paper: [3]uint8{1, 2, 3}}
	v := preview(t, f, open(t, encodePNG(t, m)))
	if want := []byte{1, 255, 2, 0, 3, 0}; !slices.Equal(v.Pixels, want) {
		t.Errorf("%v, want %v", v.Pixels, want)
	}
}

// From afar a board of black and white is half as bright as white, which is 188 in a file, not 128.
func TestLinearLight(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 60, 60))
	for y := range 60 {
		for x := range 60 {
			m.Pix[60*y+x] = uint8(255 * ((x + y) & 1))
		}
	}
	for _, side := range []int{30, 10, 4} {
		v := preview(t, Frame{Shape: data.Shape{C: 1, H: side, W: side}}, open(t, encodePNG(t, m)))
		for i, b := range v.Pixels {
			if b < 187 || b > 189 {
				t.Fatalf("%d pixels a side: value %d is %d", side, i, b)
			}
		}
	}
	// Each pixel counts as much as any other where sizes do not divide each other.
	s := new(taps)
	s.set(0, 61, 28)
	var weights [61]uint64
	for x := range 28 {
		first, w := s.of(x)
		var line uint64
		for k, weight := range w {
			weights[first+k] += weight
			line += weight
		}
		if line != s.sum {
			t.Errorf("the weights of pixel %d add up to %d, not %d", x, line, s.sum)
		}
	}
	for i, w := range weights {
		if w != 28 {
			t.Errorf("pixel %d counts %d times, not 28", i, w)
		}
	}
}

func TestLarger(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 2, 1))
	m.Pix[0], m.Pix[1] = 0, 255
	v := preview(t, Frame{Shape: data.Shape{C: 1, H: 4, W: 8}}, &picture.Picture{Image: m, Orientation: 1})
	if row := v.Pixels[:8]; !slices.IsSorted(row) || row[0] != 0 || row[7] != 255 || row[3] == row[4] || row[2] == 0 {
		t.Errorf("%v", row)
	}
}

func TestPlace(t *testing.T) {
	square, wide := data.Shape{C: 3, H: 32, W: 32}, data.Shape{C: 1, H: 20, W: 40}
	for _, c := range []struct {
		f        Frame
		w, h     int
		from, to Rect
	}{
		{Frame{Shape: square}, 100, 60, Rect{20, 0, 60, 60}, Rect{0, 0, 32, 32}},
		{Frame{Shape: square, Fit: Crop}, 60, 101, Rect{0, 20, 60, 60}, Rect{0, 0, 32, 32}},
		{Frame{Shape: square, Fit: Whole}, 100, 50, Rect{0, 0, 100, 50}, Rect{0, 8, 32, 16}},
		{Frame{Shape: square, Fit: Whole}, 10, 40, Rect{0, 0, 10, 40}, Rect{12, 0, 8, 32}},
		{Frame{Shape: square, Fit: Whole}, 10000, 1, Rect{0, 0, 10000, 1}, Rect{0, 15, 32, 1}},
		{Frame{Shape: wide}, 100, 100, Rect{0, 25, 100, 50}, Rect{0, 0, 40, 20}},
		{Frame{Shape: wide}, 40, 20, Rect{0, 0, 40, 20}, Rect{0, 0, 40, 20}},
		{Frame{Shape: wide}, 1, 1, Rect{0, 0, 1, 1}, Rect{0, 0, 40, 20}},
		{Frame{Shape: square}, 1, 5000, Rect{0, 2499, 1, 1}, Rect{0, 0, 32, 32}},
	} {
		from, to := c.f.place(c.w, c.h)
		if from != c.from || to != c.to {
			t.Errorf("%d x %d into %v, %s: %v to %v, want %v to %v", c.w, c.h, c.f.Shape, c.f.Fit, from, to, c.from, c.to)
		}
	}
	m := image.NewGray(image.Rect(0, 0, 8, 2))
	v := preview(t, Frame{Shape: data.Shape{C: 1, H: 4, W: 4}, Fit: Whole, Paper: [3]uint8{9, 9, 9}}, &picture.Picture{Image: m, Orientation: 1})
	if want := []byte{9, 9, 9, 9, 0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9}; !slices.Equal(v.Pixels, want) {
		t.Errorf("paper beside a picture: %v", v.Pixels)
	}
}

func TestFrameErrors(t *testing.T) {
	good := data.Shape{C: 3, H: 32, W: 32}
	for name, f := range map[string]Frame{
		"two channels": {Shape: data.Shape{C: 2, H: 8, W: 8}},
		"no height":    {Shape: data.Shape{C: 1, H: 0, W: 8}},
		"too wide":     {Shape: data.Shape{C: 1, H: 8, W: MostSide + 1}},
		"a wrong fit":  {Shape: good, Fit: "stretch"},
	} {
		var fe *data.FileError
		if _, err := New(f, Limits{}); !errors.As(err, &fe) || !errors.Is(err, data.ErrMismatch) || fe.Advice == "" {
			t.Errorf("%s: error %v", name, err)
		}
		if _, err := f.Preview(&picture.Picture{Image: image.NewGray(image.Rect(0, 0, 1, 1))}); err == nil {
			t.Errorf("%s: a preview", name)
		}
	}
}

// TestOrientation turns pictures as cameras do and compares them with the
// upright picture.
func TestOrientation(t *testing.T) {
	const w, h = 13, 8
	upright := coloured(w, h)
	for s := picture.Orientation(1); s <= 8; s++ {
		sw, sh := w, h
		if s.Across() {
			sw, sh = h, w
		}
		stored := image.NewNRGBA(image.Rect(0, 0, sw, sh))
		for y := range h {
			for x := range w {
				u, v := s.Stored(x, y, sw, sh)
				stored.Set(u, v, upright.At(x, y))
				if bx, by := s.Upright(u, v, sw, sh); bx != x || by != y {
					t.Fatalf("orientation %d: (%d, %d) is stored at (%d, %d), which is seen at (%d, %d)", s, x, y, u, v, bx, by)
				}
			}
		}
		for _, f := range []Frame{
			{Shape: data.Shape{C: 3, H: h, W: w}},
			{Shape: data.Shape{C: 3, H: 5, W: 5}},
			{Shape: data.Shape{C: 1, H: 6, W: 3}},
			{Shape: data.Shape{C: 3, H: 7, W: 7}, Fit: Whole},
			{Shape: data.Shape{C: 3, H: 20, W: 20}},
		} {
			want, got := preview(t, f, &picture.Picture{Image: upright, Orientation: 1}), preview(t, f, &picture.Picture{Image: stored, Orientation: s})
			if got.Width != w || got.Height != h || got.Used != want.Used || !slices.Equal(got.Pixels, want.Pixels) {
				t.Errorf("orientation %d, %+v: %d x %d, used %v instead of %v", s, f, got.Width, got.Height, got.Used, want.Used)
			}
		}
	}
	// Where the numbers come from (Exif 2.3, 4.6.4 A): in 6 the first row is the right side seen, the first column the top.
	if x, y := picture.Orientation(6).Stored(0, 0, 4, 3); x != 0 || y != 2 {
		t.Errorf("6: the upper left corner is stored at (%d, %d)", x, y)
	}
	if x, y := picture.Orientation(8).Stored(0, 0, 4, 3); x != 3 || y != 0 {
		t.Errorf("8: the upper left corner is stored at (%d, %d)", x, y)
	}
}

// exif returns a JPEG of m with an orientation.
func exif(t testing.TB, m image.Image, order binary.AppendByteOrder, orientation uint16) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	tiff := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		tiff = []byte("MM\x00*")
	}
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 2)
	tiff = append(tiff, order.AppendUint32(order.AppendUint32(order.AppendUint16(order.AppendUint16(nil, 0x0100), 4), 1), 99)...)
	tiff = append(tiff, order.AppendUint16(order.AppendUint16(order.AppendUint32(order.AppendUint16(order.AppendUint16(nil, 0x0112), 3), 1), orientation), 0)...)
	tiff = order.AppendUint32(tiff, 0)
	segment := append([]byte("Exif\x00\x00"), tiff...)
	out := []byte{0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2} // another segment before
	out = append(out, 0xff, 0xe1)
	out = binary.BigEndian.AppendUint16(out, uint16(2+len(segment)))
	out = append(out, segment...)
	return append(out, b.Bytes()[2:]...)
}

func TestExif(t *testing.T) {
	m := coloured(16, 8)
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for v := range uint16(10) {
			p := open(t, exif(t, m, order, v))
			want := picture.Orientation(v)
			if v < 1 || v > 8 {
				want = 1
			}
			w, h := p.Size()
			if p.Orientation != want || (w == 8) != want.Across() || w*h != 128 {
				t.Errorf("orientation %d: %d, %d x %d", v, p.Orientation, w, h)
			}
		}
	}
}

func FuzzPicture(f *testing.F) {
	m := coloured(9, 5)
	var j, g bytes.Buffer
	if err := errors.Join(jpeg.Encode(&j, m, nil), gif.Encode(&g, m, nil)); err != nil {
		f.Fatal(err)
	}
	f.Add(encodePNG(f, m))
	f.Add(j.Bytes())
	f.Add(g.Bytes())
	f.Add(exif(f, m, binary.LittleEndian, 6))
	f.Add(exif(f, m, binary.BigEndian, 7)[:60])
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := picture.Open(b, decoders.Decode, 0, nil)
		if err != nil {
			var fe *data.FileError
			if !errors.As(err, &fe) || fe.Field == "" || fe.Advice == "" {
				t.Fatalf("error %#v", err)
			}
			return
		}
		if w, h := p.Size(); w*h > 1<<20 {
			return
		}
		for _, fit := range []Fit{Crop, Whole} {
			preview(t, Frame{Shape: data.Shape{C: 3, H: 7, W: 5}, Fit: fit}, p)
		}
	})
}
