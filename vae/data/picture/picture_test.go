package picture

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
	"math/rand/v2"
	"runtime"
	"testing"

	"inkdrift/vae/data"
	"inkdrift/vae/ink"
)

func drawn(file []byte) (pixels []uint8, w, h int, err error) { return Draw(file, Registered) }

func meanDifference(a, b []float32) float64 {
	var sum float64
	for i := range a {
		sum += math.Abs(float64(a[i] - b[i]))
	}
	return sum / float64(len(a))
}

func encodePNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodeJPEG(t testing.TB, m image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodeGIF(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gif.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// page is a picture w x h with ink, 0 to 1, drawn by pixel.
func page(w, h int, strokes []ink.Stroke, pixel func(x, y int, ink float64) color.NRGBA) image.Image {
	pixels := make([]float32, w*h)
	ink.Rasterize(pixels, w, h, strokes)
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i, v := range pixels {
		m.SetNRGBA(i%w, i/w, pixel(i%w, i/w, float64(v)))
	}
	return m
}

// moved shrinks strokes to a part of the picture.
func moved(strokes []ink.Stroke, scale, dx, dy float32) []ink.Stroke {
	var out []ink.Stroke
	for _, s := range strokes {
		m := ink.Stroke{Width: s.Width * scale}
		for _, p := range s.Points {
			m.Points = append(m.Points, ink.Point{X: p.X*scale + dx, Y: p.Y*scale + dy, P: p.P})
		}
		out = append(out, m)
	}
	return out
}

// gaussian gives random numbers with mean 0 and variance 1, never beyond 3.5.
type gaussian struct{ src *rand.PCG }

func (d gaussian) bell() float64 {
	var sum float64
	for range 4 {
		sum += float64(d.src.Uint64()>>11) / (1 << 53)
	}
	return (sum - 2) * math.Sqrt(3)
}

func grey(v float64) color.NRGBA {
	b := uint8(255*min(1, max(0, v)) + 0.5)
	return color.NRGBA{b, b, b, 255}
}

// However a digit was drawn and photographed, the prepared picture must be close to that of the strokes.
func TestDraw(t *testing.T) {
	noise := gaussian{rand.NewPCG(1, 1)}
	digits := []int{2, 4, 7}
	if runtime.GOARCH == "wasm" { // ten times slower there
		digits = digits[1:2]
	}
	for _, digit := range digits {
		strokes := data.NewDigits(8).StrokesOf(digit, digit)
		want := make([]float32, ink.PreparedLen)
		pixels := make([]float32, 448*448)
		ink.Rasterize(pixels, 448, 448, strokes)
		ink.Prepare(want, pixels, 448, 448)
		lit := func(x, y, w, h int) float64 { // a lamp at the upper left
			u, v := float64(x)/float64(w), float64(y)/float64(h)
			return 0.9 - 0.3*u - 0.15*v - 0.1*u*v
		}
		for name, c := range map[string]struct {
			file  []byte
			limit float64
		}{
			"black on white": {encodePNG(t, page(200, 200, strokes, func(x, y int, v float64) color.NRGBA { return grey(1 - v) })), 0.02},
			"white on black": {encodePNG(t, page(200, 200, strokes, func(x, y int, v float64) color.NRGBA { return grey(v) })), 0.02},
			"small":          {encodePNG(t, page(60, 60, strokes, func(x, y int, v float64) color.NRGBA { return grey(v) })), 0.04},
			"faint pencil":   {encodePNG(t, page(300, 300, strokes, func(x, y int, v float64) color.NRGBA { return grey(0.95 - 0.15*v) })), 0.02},
			"gif":            {encodeGIF(t, page(150, 150, strokes, func(x, y int, v float64) color.NRGBA { return grey(1 - v) })), 0.03},
			"black on nothing": {encodePNG(t, page(200, 200, strokes, func(x, y int, v float64) color.NRGBA {
				return color.NRGBA{0, 0, 0, uint8(255 * v)}
			})), 0.02},
			"white on nothing": {encodePNG(t, page(200, 200, strokes, func(x, y int, v float64) color.NRGBA {
				return color.NRGBA{255, 255, 255, uint8(255 * v)}
			})), 0.02},
			"sixteen bits": {encodePNG(t, deep{page(100, 100, strokes, func(x, y int, v float64) color.NRGBA { return grey(1 - v) })}), 0.02},
			"far away": {encodeJPEG(t, page(400, 300, moved(strokes, 0.3, 0.5, 0.1), func(x, y int, v float64) color.NRGBA {
				return grey(0.9 - 0.8*v)
			}), 90), 0.15}, // and stretched
			"blue pen, lamp, noise": {encodeJPEG(t, page(500, 500, strokes, func(x, y int, v float64) color.NRGBA {
				l := 255 * (lit(x, y, 500, 500) + 0.02*noise.bell())
				return color.NRGBA{uint8(l * (1 - 0.8*v)), uint8(l * (1 - 0.75*v)), uint8(l * (1 - 0.4*v)), 255}
			}), 80), 0.03},
			"chalk": {encodeJPEG(t, page(400, 400, strokes, func(x, y int, v float64) color.NRGBA {
				return grey(0.25*lit(x, y, 400, 400) + 0.02*noise.bell() + 0.6*v*lit(x, y, 400, 400))
			}), 80), 0.05},
			"soft shadow": {encodeJPEG(t, page(450, 450, strokes, func(x, y int, v float64) color.NRGBA {
				shade := 0.85 - 0.35/(1+math.Exp(float64(x+y-500)/30))
				return grey(shade*(1-0.75*v) + 0.015*noise.bell())
			}), 85), 0.04},
			"hard shadow": {encodeJPEG(t, page(450, 450, strokes, func(x, y int, v float64) color.NRGBA {
				shade := 0.85 - 0.35/(1+math.Exp(float64(x+y-420)/4))
				return grey(shade*(1-0.75*v) + 0.015*noise.bell())
			}), 85), 0.04},
			"transparent corner": {encodePNG(t, page(100, 100, strokes, func(x, y int, v float64) color.NRGBA {
				if x+y < 30 {
					return color.NRGBA{}
				}
				return grey(0.9 - 0.8*v)
			})), 0.03},
			"dark table at the edge": {encodeJPEG(t, page(450, 450, moved(strokes, 0.7, 0.1, 0.1), func(x, y int, v float64) color.NRGBA {
				if x > 425+y/30 {
					return grey(0.2 + 0.02*noise.bell())
				}
				return grey(0.8 - 0.6*v + 0.01*noise.bell())
			}), 85), 0.03},
			"specks": {encodePNG(t, page(460, 460, strokes, func(x, y int, v float64) color.NRGBA {
				if (x/4)%100 == 3 && (y/4)%100 == 3 {
					return grey(0.1)
				}
				return grey(0.95 - 0.9*v)
			})), 0.02},
		} {
			got, w, h, err := drawn(c.file)
			if err != nil {
				t.Errorf("%d, %s: %v", digit, name, err)
				continue
			}
			if len(got) != w*h || max(w, h) > ink.PictureSide {
				t.Errorf("%d, %s: %d bytes for %d x %d", digit, name, len(got), w, h)
				continue
			}
			drawing, seen := make([]float32, w*h), make([]float32, ink.PreparedLen)
			for i, b := range got {
				drawing[i] = float32(b) / 255
			}
			if !ink.Prepare(seen, drawing, w, h) {
				t.Errorf("%d, %s: nothing seen", digit, name)
			} else if d := nearDifference(seen, want); d > c.limit {
				t.Errorf("%d, %s: the picture is %.4f off, want at most %.4f", digit, name, d, c.limit)
			}
		}
	}
}

// What is as wide as a shadow but as dark as ink is ink.
func TestDrawBlot(t *testing.T) {
	dot := []ink.Stroke{{Width: 0.6, Points: []ink.Point{{X: 0.5, Y: 0.5, P: 1}}}}
	pixels, w, h, err := drawn(encodePNG(t, page(100, 100, dot, func(x, y int, v float64) color.NRGBA { return grey(0.9 - 0.8*v) })))
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	for _, b := range pixels {
		sum += float64(b) / 255
	}
	if got, want := sum/float64(w*h), math.Pi*0.09; math.Abs(got-want) > 0.01 {
		t.Errorf("the dot covers %.3f, want %.3f", got, want)
	}
}

// nearDifference is meanDifference when b is moved by a pixel where that helps: the last grey level can decide to which
// pixel the centre of mass goes.
func nearDifference(a, b []float32) float64 {
	best := math.Inf(1)
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			moved := make([]float32, ink.PreparedLen)
			for i := range moved {
				if x, y := i%28-dx, i/28-dy; x >= 0 && y >= 0 && x < 28 && y < 28 {
					moved[i] = b[y*28+x]
				}
			}
			best = min(best, meanDifference(a, moved))
		}
	}
	return best
}

// deep shows a picture with 16 bits a channel.
type deep struct{ image.Image }

func (deep) ColorModel() color.Model { return color.NRGBA64Model }

// A picture that is already one of MNIST's comes through as it is.
func TestDrawReady(t *testing.T) {
	src := make([]float32, ink.PreparedLen)
	d := data.NewDigits(9)
	for i := range 50 {
		label := d.Image(src, i)
		m := image.NewGray(image.Rect(0, 0, 28, 28))
		for k, v := range src {
			m.Pix[k] = uint8(255*v + 0.5)
		}
		pixels, w, h, err := drawn(encodePNG(t, m))
		if err != nil || w != 28 || h != 28 {
			t.Fatalf("picture %d: %d x %d, %v", i, w, h, err)
		}
		var off float64
		for k, b := range pixels {
			off += math.Abs(float64(float32(b)/255-src[k])) / ink.PreparedLen
		}
		if off > 0.01 {
			t.Errorf("picture %d, a %d, is %.4f off", i, label, off)
		}
	}
}

// rawPNG is the start of a PNG file with any size in its header.
func rawPNG(w, h uint32) []byte {
	header := []byte("IHDR")
	header = binary.BigEndian.AppendUint32(header, w)
	header = binary.BigEndian.AppendUint32(header, h)
	header = append(header, 8, 0, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	b = append(b, header...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(header))
}

func pictureErrorCases(t testing.TB) map[string]struct {
	file []byte
	kind error
} {
	strokes := data.NewDigits(1).StrokesOf(0, 3)
	m := page(80, 80, strokes, func(x, y int, v float64) color.NRGBA { return grey(1 - v) })
	blank := page(50, 50, nil, func(x, y int, v float64) color.NRGBA { return grey(0.8) })
	p, j, g := encodePNG(t, m), encodeJPEG(t, m, 90), encodeGIF(t, m)
	broken := bytes.Clone(p)
	broken[len(broken)/2] ^= 0xff
	// A GIF has the place and the size of its first frame behind a comma.
	framed := func(w, h uint16) []byte {
		b := bytes.Clone(g)
		at := 13 + 3<<(1+b[10]&7)
		at += bytes.IndexByte(b[at:], ',')
		binary.LittleEndian.PutUint16(b[at+5:], w)
		binary.LittleEndian.PutUint16(b[at+7:], h)
		return b
	}
	nothingGIF, promiseGIF := framed(0, 80), framed(6000, 6000)[:900]
	nothingGIF[6], nothingGIF[7] = 0, 0
	// JPEG has its height and width behind the marker of the frame.
	sized := func(h, w uint16) []byte {
		b := bytes.Clone(j)
		at := bytes.Index(b, []byte{0xff, 0xc0})
		binary.BigEndian.PutUint16(b[at+5:], h)
		binary.BigEndian.PutUint16(b[at+7:], w)
		return b
	}
	return map[string]struct {
		file []byte
		kind error
	}{
		"nothing":               {nil, data.ErrEmpty},
		"text":                  {[]byte("a picture of a digit"), ErrNotPicture},
		"webp: header torn":     {[]byte("RIFF\x00\x00\x00\x00WEBPVP8 "), data.ErrTruncated},
		"a web page":            {[]byte("<!doctype html><html><head>"), data.ErrWebPage},
		"a Git LFS pointer":     {[]byte("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n"), data.ErrPointer},
		"an MP4":                {[]byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"), data.ErrFormat},
		"heic without a size":   {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), data.ErrFormat},
		"png: no width":         {rawPNG(0, 5), ErrNoPixels},
		"png: no height":        {rawPNG(5, 0), ErrNoPixels},
		"png: 60,000 a side":    {rawPNG(60000, 60000), data.ErrTooLarge},
		"png: beyond 32 bits":   {rawPNG(0xffffffff, 0xffffffff), data.ErrTooLarge},
		"png: only promises":    {rawPNG(6000, 6000), data.ErrTruncated},
		"png: header torn":      {p[:20], data.ErrTruncated},
		"png: torn":             {p[:len(p)/2], data.ErrTruncated},
		"png: damaged":          {broken, data.ErrCorrupt},
		"png: blank":            {encodePNG(t, blank), ErrNoInk},
		"png: one pixel":        {encodePNG(t, image.NewGray(image.Rect(0, 0, 1, 1))), ErrNoInk},
		"png: all transparent":  {encodePNG(t, image.NewNRGBA(image.Rect(0, 0, 30, 30))), ErrNoInk},
		"jpeg: torn":            {j[:len(j)/2], data.ErrTruncated},
		"jpeg: header torn":     {j[:30], data.ErrTruncated},
		"jpeg: no height":       {sized(0, 80), ErrNoPixels},
		"jpeg: no width":        {sized(80, 0), ErrNoPixels},
		"jpeg: 60,000 a side":   {sized(60000, 60000), data.ErrTooLarge},
		"jpeg: only promises":   {sized(6000, 6000), data.ErrTruncated},
		"jpeg: blank":           {encodeJPEG(t, blank, 90), ErrNoInk},
		"gif: no width at all":  {nothingGIF, ErrNoPixels},
		"gif: torn":             {g[:len(g)/2], data.ErrTruncated},
		"gif: no frame":         {append(bytes.Clone(g[:13+3*256]), ';'), data.ErrCorrupt},
		"gif: 60,000 a side":    {append([]byte("GIF89a\x60\xea\x60\xea"), g[10:]...), data.ErrTooLarge},
		"gif: only its promise": {promiseGIF, data.ErrTruncated},
	}
}

func TestDrawErrors(t *testing.T) {
	for name, c := range pictureErrorCases(t) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		pixels, _, _, err := drawn(c.file)
		runtime.ReadMemStats(&after)
		var fe *data.FileError
		if pixels != nil || !errors.As(err, &fe) || !errors.Is(err, c.kind) || fe.Field == "" || fe.Advice == "" {
			t.Errorf("%s: error %v, want %v", name, err, c.kind)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > 3<<20 {
			t.Errorf("%s: allocated %d bytes to find that out", name, got)
		}
	}
}

// A long thin picture must not cost more than its pixels.
func TestDrawThin(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 1_000_000, 3))
	for i := range m.Pix {
		m.Pix[i] = 255
		if x := i % 1_000_000; x > 600_000 && x < 700_000 {
			m.Pix[i] = 0
		}
	}
	pixels, w, h, err := drawn(encodePNG(t, m))
	if err != nil || len(pixels) != w*h || w > ink.PictureSide || h != 1 {
		t.Errorf("%d x %d, %v", w, h, err)
	}
}

func FuzzDraw(f *testing.F) {
	for _, c := range pictureErrorCases(f) {
		f.Add(c.file)
	}
	m := page(20, 20, data.NewDigits(1).StrokesOf(0, 3), func(x, y int, v float64) color.NRGBA { return grey(1 - v) })
	f.Add(encodePNG(f, m))
	f.Add(encodeJPEG(f, m, 50))
	f.Add(encodeGIF(f, m))
	f.Fuzz(func(t *testing.T, b []byte) {
		pixels, w, h, err := drawn(b)
		if err != nil {
			var fe *data.FileError
			if !errors.As(err, &fe) || fe.Kind == nil || fe.Field == "" || fe.Advice == "" || pixels != nil {
				t.Fatalf("error %#v", err)
			}
			return
		}
		if w < 1 || h < 1 || max(w, h) > ink.PictureSide || len(pixels) != w*h {
			t.Fatalf("%d bytes for %d x %d", len(pixels), w, h)
		}
	})
}
