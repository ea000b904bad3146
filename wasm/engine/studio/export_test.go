package studio

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/png"
	"math"
	"slices"
	"testing"

	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/proto"
)

// wandering gives n frames of a blob that walks across the picture.
func wandering(n int) []float32 {
	v := make([]float32, n*784)
	for f := range n {
		cx := 6 + 16*float64(f)/float64(max(n-1, 1))
		for y := range 28 {
			for x := range 28 {
				d := math.Hypot(float64(x)-cx, float64(y)-14)
				v[f*784+y*28+x] = float32(math.Exp(-d * d / 12))
			}
		}
	}
	return v
}

func TestFilm(t *testing.T) {
	r := newFixture(t)
	palette := []byte{255, 255, 255, 0, 0, 0, 200, 0, 0}
	ask := proto.Film{Width: 3, Height: 2, Count: 2, DelayMS: 200}
	frames := []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1}
	film, err := gif.DecodeAll(bytes.NewReader(r.OK(&proto.FilmOK{}, ask, palette, frames).Buf(0)))
	if err != nil {
		t.Fatal(err)
	}
	if len(film.Image) != 2 || film.LoopCount != 0 || film.Config.Width != 3 || !slices.Equal(film.Delay, []int{20, 120}) {
		t.Errorf("%d frames, delays %v", len(film.Image), film.Delay)
	}
	second := film.Image[1]
	if second.Rect != image.Rect(1, 1, 3, 2) || !sameColour(second.At(1, 1), color.RGBA{200, 0, 0, 255}) {
		t.Errorf("the second frame changes %v, to %v", second.Rect, second.At(1, 1))
	}
	r.Refused(proto.CodeBadLength, "palette", ask, palette[:4], frames)
	r.Refused(proto.CodeBadLength, "frames", ask, palette, frames[1:])
	r.Refused(proto.CodeBadValue, "frames", ask, palette[:6], frames)
	r.Refused(proto.CodeBadValue, "count", proto.Film{Width: 3, Height: 2}, palette, nil)
	r.Refused(proto.CodeBadValue, "count", proto.Film{Width: 2000, Height: 2000, Count: 500}, palette, nil)
}

func sameColour(a, b color.Color) bool {
	ar, ag, ab, _ := a.RGBA()
	br, bg, bb, _ := b.RGBA()
	return ar == br && ag == bg && ab == bb
}

func TestGIF(t *testing.T) {
	r := newFixture(t)
	for _, tt := range []struct {
		mode          string
		count, frames int
		loops         int
	}{
		{proto.ModeLoop, 12, 12, 0},
		{proto.ModePingPong, 12, 22, 0},
		{proto.ModeOnce, 12, 12, -1},
		{proto.ModePingPong, 2, 2, 0},
		{proto.ModePingPong, 1, 1, -1}, // a single picture has no loops
	} {
		want := proto.GIF{Width: 28, Height: 28, Count: tt.count, Scale: 3, DelayMS: 54, Mode: tt.mode, Ink: "#102030", Paper: "#fffaf0"}
		var ok proto.GIFOK
		a := r.OK(&ok, want, proto.FloatBytes(wandering(tt.count)))
		film, err := gif.DecodeAll(bytes.NewReader(a.Message.Buf(0)))
		if err != nil {
			t.Fatal(err)
		}
		if ok.Frames != tt.frames || len(film.Image) != tt.frames || film.LoopCount != tt.loops {
			t.Errorf("%s of %d: says %d frames, has %d, loops %d", tt.mode, tt.count, ok.Frames, len(film.Image), film.LoopCount)
		}
		if film.Config.Width != 84 || film.Config.Height != 84 || film.Delay[0] != 5 {
			t.Errorf("%dx%d, delay %d", film.Config.Width, film.Config.Height, film.Delay[0])
		}
		// Played, each frame is the picture it should be, although only what changes is stored.
		palette, err := ramp(want.Paper, want.Ink, gifShades)
		if err != nil {
			t.Fatal(err)
		}
		screen := image.NewPaletted(image.Rect(0, 0, 84, 84), palette)
		stored := 0
		for i, f := range playOrder(tt.count, tt.mode) {
			draw.Draw(screen, film.Image[i].Bounds(), film.Image[i], film.Image[i].Bounds().Min, draw.Src)
			stored += film.Image[i].Bounds().Dx() * film.Image[i].Bounds().Dy()
			whole := image.NewPaletted(screen.Rect, palette)
			newEnlarger(28, 28, 3).draw(whole, image.Point{}, wandering(tt.count)[f*784:][:784])
			if !bytes.Equal(screen.Pix, whole.Pix) {
				t.Fatalf("%s of %d: frame %d is not the picture", tt.mode, tt.count, i)
			}
		}
		if tt.count == 12 && stored > 84*84*tt.frames*3/4 {
			t.Errorf("%d of %d pixels are stored", stored, 84*84*tt.frames)
		}
		b := r.OK(&ok, want, proto.FloatBytes(wandering(tt.count)))
		if !bytes.Equal(a.Message.Buf(0), b.Message.Buf(0)) {
			t.Error("the same request gives another file")
		}
	}
}

func TestMargin(t *testing.T) {
	r := newFixture(t)
	frames := proto.FloatBytes(enginetest.Filled(2*784, 1)) // all ink
	const side = 28*18 + 2*4
	a := r.OK(&proto.GIFOK{}, proto.GIF{Width: 28, Height: 28, Count: 2, Scale: 18, Margin: 4, Mode: "loop", Ink: "#000000", Paper: "#ffffff"}, frames)
	film, err := gif.DecodeAll(bytes.NewReader(a.Message.Buf(0)))
	if err != nil {
		t.Fatal(err)
	}
	b := r.OK(&proto.StripOK{}, proto.Strip{Width: 28, Height: 28, Count: 2, Scale: 18, Margin: 4, Gap: 6, Ink: "#000000", Paper: "#ffffff"}, frames)
	strip, err := png.Decode(bytes.NewReader(b.Message.Buf(0)))
	if err != nil {
		t.Fatal(err)
	}
	if side != 512 || film.Config.Width != side || film.Config.Height != side || strip.Bounds() != image.Rect(0, 0, 2*side+6, side) {
		t.Errorf("a GIF of %dx%d, a strip of %v", film.Config.Width, film.Config.Height, strip.Bounds())
	}
	for _, at := range []struct {
		x, y int
		ink  bool
	}{{0, 0, false}, {3, 256, false}, {4, 256, true}, {256, 3, false}, {256, 4, true}, {507, 507, true}, {508, 256, false}, {256, 508, false}} {
		for name, picture := range map[string]image.Image{"GIF": film.Image[0], "strip": strip} {
			if got := color.GrayModel.Convert(picture.At(at.x, at.y)) == (color.Gray{}); got != at.ink {
				t.Errorf("%s: ink at %d, %d is %v", name, at.x, at.y, got)
			}
		}
	}
	if got := color.GrayModel.Convert(strip.At(side+6+4, 256)); got != (color.Gray{}) {
		t.Errorf("the second frame begins with %v", got)
	}
}

func TestGIFOfOnePicture(t *testing.T) {
	r := newFixture(t)
	a := r.OK(&proto.GIFOK{}, proto.GIF{Width: 28, Height: 28, Count: 5, Scale: 2, Mode: "loop", Ink: "#000000", Paper: "#ffffff"}, proto.FloatBytes(enginetest.Filled(5*784, 0.5)))
	film, err := gif.DecodeAll(bytes.NewReader(a.Message.Buf(0)))
	if err != nil || len(film.Image) != 5 || film.Delay[0] != minDelay {
		t.Errorf("%d frames, %v", len(film.Image), err)
	}
}

func TestStrip(t *testing.T) {
	r := newFixture(t)
	want := proto.Strip{Width: 28, Height: 28, Count: 5, Scale: 2, Gap: 3, Ink: "#000000", Paper: "#ff8000"}
	var ok proto.StripOK
	frames := enginetest.Filled(5*784, 1)
	clear(frames[784 : 2*784]) // the second is paper
	a := r.OK(&ok, want, proto.FloatBytes(frames))
	picture, err := png.Decode(bytes.NewReader(a.Message.Buf(0)))
	if err != nil {
		t.Fatal(err)
	}
	w, h := 5*56+4*3, 56
	if ok.Width != w || ok.Height != h || picture.Bounds() != image.Rect(0, 0, w, h) {
		t.Errorf("says %dx%d, is %v", ok.Width, ok.Height, picture.Bounds())
	}
	paper, ink := color.RGBA{0xff, 0x80, 0, 0xff}, color.RGBA{A: 0xff}
	for _, at := range []struct {
		x    int
		want color.RGBA
	}{{0, ink}, {55, ink}, {56, paper}, {58, paper}, {59, paper}, {114, paper}, {118, ink}, {w - 1, ink}} {
		if got := color.RGBAModel.Convert(picture.At(at.x, 30)); got != at.want {
			t.Errorf("at %d: %v, want %v", at.x, got, at.want)
		}
	}
}

func TestRamp(t *testing.T) {
	p, err := ramp("#ffffff", "#000000", 256)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range p {
		if c != (color.RGBA{uint8(255 - i), uint8(255 - i), uint8(255 - i), 255}) {
			t.Errorf("shade %d is %v", i, c)
		}
	}
	if p, _ = ramp("#102030", "#a0B0c0", 2); p[0] != (color.RGBA{0x10, 0x20, 0x30, 255}) || p[1] != (color.RGBA{0xa0, 0xb0, 0xc0, 255}) {
		t.Errorf("%v", p)
	}
	for _, bad := range []string{"", "#12345", "123456", "#1234567", "#12345x", "#+12345", "red"} {
		if _, err := parseColor("ink", bad); err == nil {
			t.Errorf("%q was taken as a colour", bad)
		}
	}
}

func TestEnlarger(t *testing.T) {
	palette, _ := ramp("#ffffff", "#000000", 256)
	enlarge := func(src []float32, w, h, scale int) []uint8 {
		dst := image.NewPaletted(image.Rect(0, 0, w*scale, h*scale), palette)
		newEnlarger(w, h, scale).draw(dst, image.Point{}, src)
		return dst.Pix
	}
	// At scale 1 nothing changes.
	src := make([]float32, 5*4)
	want := make([]uint8, len(src))
	for i := range src {
		want[i] = uint8(i * 12)
		src[i] = float32(want[i]) / 255
	}
	if got := enlarge(src, 5, 4, 1); !slices.Equal(got, want) {
		t.Errorf("scale 1: %v, want %v", got, want)
	}
	for scale := 1; scale <= 8; scale++ {
		// An even picture stays even.
		if got := enlarge(enginetest.Filled(9, 0.4), 3, 3, scale); slices.Min(got) != 102 || slices.Max(got) != 102 {
			t.Errorf("scale %d: an even picture has shades from %d to %d", scale, slices.Min(got), slices.Max(got))
		}
		// A ramp stays a ramp, away from the edges.
		const w = 12
		ramp := make([]float32, w)
		for i := range ramp {
			ramp[i] = float32(i) / w
		}
		got := enlarge(ramp, w, 1, scale)
		for x := 2 * scale; x < (w-2)*scale; x++ {
			at := (float64(x)+0.5)/float64(scale) - 0.5
			if d := float64(got[x]) - at/w*255; math.Abs(d) > 0.51 {
				t.Errorf("scale %d: place %d is %d, want %.1f", scale, x, got[x], at/w*255)
			}
		}
		// Mirrored in, mirrored out; and beyond 0 and 1 is cut off.
		one := []float32{0, 0, 1, 0, 0, 0}
		a := enlarge(one, 6, 1, scale)
		slices.Reverse(one)
		b := enlarge(one, 6, 1, scale)
		slices.Reverse(b)
		if !slices.Equal(a, b) || a[2*scale+scale/2] < 200 {
			t.Errorf("scale %d: %v and mirrored %v", scale, a, b)
		}
	}
}
