package scene

import (
	"slices"
	"testing"

	"inkdrift/wasm/proto"
)

// recorder notes what is painted.
type recorder struct {
	fills    []Rect
	colors   []Color
	pictures map[int]Picture // by ID
	places   map[int]Rect
	made     int // pictures whose Rev was new
	revs     map[int]int
	inks     []Pad
	shapes   []painted
	clip     Rect
	loose    []Rect // of pictures while nothing was clipped
}

// painted is a call of Shapes.
type painted struct {
	shapes []Capsule
	color  Color
	clip   Rect
}

func (r *recorder) Fill(at Rect, c Color) {
	r.fills, r.colors = append(r.fills, at), append(r.colors, c)
}

func (r *recorder) Picture(p *Picture, at Rect) {
	if r.pictures == nil {
		r.pictures, r.places = map[int]Picture{}, map[int]Rect{}
	}
	if r.revs == nil {
		r.revs = map[int]int{}
	}
	q := *p
	q.Pix = slices.Clone(p.Pix)
	r.pictures[p.ID], r.places[p.ID] = q, at
	if r.clip.Empty() {
		r.loose = append(r.loose, at)
	}
	if r.revs[p.ID] != p.Rev {
		r.revs[p.ID] = p.Rev
		r.made++
	}
}

func (r *recorder) Shapes(shapes []Capsule, c Color) {
	r.shapes = append(r.shapes, painted{slices.Clone(shapes), c, r.clip})
}

func (r *recorder) Clip(at Rect) { r.clip = at }

func (r *recorder) Ink(p Pad, _ *Ink, _ Rect, _ Color) { r.inks = append(r.inks, p) }

// paint paints and forgets what was noted before.
func (r *recorder) paint(s *Scene) bool {
	*r = recorder{revs: r.revs}
	return s.Paint(r)
}

var (
	testLayout = proto.Layout{Width: 800, Height: 600, DPR: 1, Slots: map[string]proto.Rect{
		"padA": {X: 0, Y: 0, W: 200, H: 200}, "padB": {X: 600, Y: 0, W: 200, H: 200}, "morph": {X: 200, Y: 0, W: 400, H: 400},
		"seesA": {X: 0, Y: 200, W: 60, H: 60}, "givesA": {X: 70, Y: 200, W: 60, H: 60},
		"strip": {X: 0, Y: 400, W: 800, H: 60}, "samples": {X: 0, Y: 460, W: 800, H: 140}}}
	testTheme = proto.Theme{Paper: "#ffffff", Ink: "#000000", Muted: "#888888", Line: "#cccccc", Accent: "#ff0000",
		Mu: "#ff8800", Sigma: "#008888", Classes: slices.Repeat([]string{"#0000ff"}, 10)}
)

// stage makes a scene that has been painted once.
func stage(t *testing.T) (*Scene, *recorder) {
	t.Helper()
	s, r := New(), &recorder{}
	if r.paint(s) {
		t.Error("painted without layout and theme")
	}
	if err := s.SetLayout(testLayout); err != nil {
		t.Fatal(err)
	}
	if r.paint(s) {
		t.Error("painted without a theme")
	}
	if err := s.SetTheme(testTheme); err != nil {
		t.Fatal(err)
	}
	if !r.paint(s) || len(r.fills) != 1 || r.fills[0] != (Rect{0, 0, 800, 600}) {
		t.Fatalf("an empty stage is painted as %v", r.fills)
	}
	return s, r
}

// pics makes n pictures: all values of picture i are (i+1)/n.
func pics(n int) []float32 {
	v := make([]float32, n*28*28)
	for i := range v {
		v[i] = float32(i/(28*28)+1) / float32(n)
	}
	return v
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestPaintsOnlyWhatChanged(t *testing.T) {
	s, r := stage(t)
	line := []proto.Stroke{stroke(0.1, 0.2, 0.2, 0.8, 0.8)}
	for _, tt := range []struct {
		name string
		do   func() error
		want []Slot
	}{
		{"nothing", func() error { return nil }, nil},
		{"pad a", func() error { return s.SetPad(A, line, nil, nil) }, []Slot{PadA}},
		{"pad a the same", func() error { return s.SetPad(A, line, nil, nil) }, nil},
		{"pad b", func() error { return s.SetPad(B, line, &proto.Bitmap{Width: 2, Height: 1}, []byte{0, 255}) }, []Slot{PadB}},
		{"seen", func() error { return s.SetModelPictures(A, pics(1), pics(1)) }, []Slot{InputA, ReconstructionA}},
		{"seen where no slot is", func() error { return s.SetModelPictures(B, pics(1), nil) }, nil},
		{"path", func() error { return s.SetPath(pics(5), 5) }, []Slot{Morph, Strip}},
		{"samples", func() error { return s.SetSamples(pics(8), 8) }, []Slot{Samples}},
		{"same layout", func() error { return s.SetLayout(testLayout) }, nil},
		{"same theme", func() error { return s.SetTheme(testTheme) }, nil},
		{"paused", func() error { s.Advance(5); return nil }, nil},
		{"scrubbed a little", func() error { return s.SetPlay(proto.Play{T: 0.01, Speed: 1, Mode: "loop"}) }, []Slot{Morph}},
		{"scrubbed further", func() error { return s.SetPlay(proto.Play{T: 0.6, Speed: 1, Mode: "loop"}) }, []Slot{Morph, Strip}},
		{"no path", func() error { return s.SetPath(nil, 0) }, []Slot{Morph, Strip}},
		{"no path again", func() error { return s.SetPath(nil, 0) }, nil},
	} {
		must(t, tt.do())
		if dirty := s.Dirty(); dirty != (len(tt.want) > 0) {
			t.Errorf("%s: dirty %v", tt.name, dirty)
		}
		r.paint(s)
		var want []Rect
		for _, slot := range tt.want {
			want = append(want, s.view.Slot(slot))
		}
		var got []Rect
		for i, c := range r.colors {
			if c == (Color{255, 255, 255}) {
				got = append(got, r.fills[i])
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: painted %v, want %v", tt.name, got, want)
		}
	}
}

func TestInvalidateMakesNoPictureAgain(t *testing.T) {
	s, r := stage(t)
	must(t, s.SetPath(pics(5), 5))
	must(t, s.SetSamples(pics(8), 8))
	must(t, s.SetModelPictures(A, pics(1), pics(1)))
	r.paint(s)
	shown := len(r.pictures)
	s.Invalidate()
	if r.paint(s); len(r.pictures) != shown || r.made != 0 || len(r.inks) != 2 {
		t.Errorf("painted %d of %d pictures, made %d, %d pads", len(r.pictures), shown, r.made, len(r.inks))
	}
	dark := testTheme
	dark.Paper, dark.Ink = "#000000", "#ffffff"
	must(t, s.SetTheme(dark))
	if r.paint(s); len(r.pictures) != shown || r.made != shown {
		t.Errorf("in other colours painted %d of %d pictures, made %d", len(r.pictures), shown, r.made)
	}
}

func TestMorphShowsItsEnds(t *testing.T) {
	s, r := stage(t)
	must(t, s.SetPath(pics(5), 5))
	for _, tt := range []struct {
		t    float64
		want uint8
		cell int
	}{{0, uint8(255 - inkedByte(0.2)), 0}, {1, 0, 12}, {0.5, uint8(255 - inkedByte(0.6)), 6}} {
		must(t, s.SetPlay(proto.Play{T: tt.t, Speed: 1, Mode: "once"}))
		r.paint(s)
		morph := r.pictures[int(Morph)<<16]
		if got := morph.Pix[0]; got != tt.want {
			t.Errorf("at %v the morph is %d, want %d", tt.t, got, tt.want)
		}
		if r.places[int(Morph)<<16] != (Rect{200, 0, 400, 400}) || morph.W != maxLarge {
			t.Errorf("the morph is %d wide at %v", morph.W, r.places[int(Morph)<<16])
		}
		cells := s.cells[Strip]
		mark := cells[tt.cell].inset(-2)
		red := slices.Index(r.colors, Color{255, 0, 0})
		if red < 0 || r.fills[red] != (Rect{mark.X, mark.Y, mark.W, 2}) {
			t.Errorf("at %v the mark is at %v, want %v", tt.t, r.fills[max(red, 0)], mark)
		}
	}
	first, last := r.pictures[int(Strip)<<16], r.pictures[int(Strip)<<16+len(s.cells[Strip])-1]
	if first.Pix[0] != uint8(255-inkedByte(0.2)) || last.Pix[0] != 0 {
		t.Errorf("the strip goes from %d to %d", first.Pix[0], last.Pix[0])
	}
}

func inkedByte(v float32) int { return int(inked(v)*255 + 0.5) }

func TestAnimates(t *testing.T) {
	s, r := stage(t)
	must(t, s.SetPlay(proto.Play{Playing: true, Speed: 1, Mode: "loop"}))
	for i := range 100 {
		s.Advance(float64(i) / 60)
	}
	if s.Animating() || s.Clock().T != 0 || s.Dirty() {
		t.Error("plays without frames")
	}
	must(t, s.SetPath(pics(5), 5))
	frames, strips := 0, 0
	for i := range 181 {
		s.Advance(100 + float64(i)/60)
		if r.paint(s) {
			frames++
			if slices.Contains(r.fills, s.view.Slot(Strip)) {
				strips++
			}
		}
	}
	if cells := len(s.cells[Strip]); !s.Animating() || frames < 180 || strips < cells-1 || strips > cells+2 {
		t.Errorf("three seconds: %d frames, the strip %d times for %d cells", frames, strips, cells)
	}
}

func TestThumbnailsHaveSquarePixels(t *testing.T) {
	s, r := stage(t)
	v := make([]float32, 28*28)
	v[3*28+5] = 1
	must(t, s.SetModelPictures(A, v, nil))
	r.paint(s)
	p := r.pictures[int(InputA)<<16]
	if p.W != 84 || p.H != 84 { // 60 is not enough for two of each
		t.Fatalf("it is %dx%d", p.W, p.H)
	}
	for i := 0; i < len(p.Pix); i += 4 {
		x, y := i/4%84, i/4/84
		if ink := x/3 == 5 && y/3 == 3; ink != (p.Pix[i] == 0) || !ink != (p.Pix[i] == 255) {
			t.Fatalf("pixel %d, %d is %d", x, y, p.Pix[i])
		}
	}
	if _, shown := r.pictures[int(ReconstructionA)<<16]; shown {
		t.Error("shows what the model did not give")
	}
}

func TestShape(t *testing.T) {
	s, r := stage(t)
	must(t, s.SetPath(pics(5), 5))
	must(t, s.SetSamples(pics(2), 2))
	r.paint(s)
	s.SetShape(28, 28)
	if s.Dirty() {
		t.Error("the same size changes something")
	}
	s.SetShape(32, 16)
	if s.Frames() != 0 || !s.Dirty() {
		t.Error("frames of another size are still shown")
	}
	must(t, s.SetPath(make([]float32, 2*32*16), 2))
	r.paint(s)
	if got := r.places[int(Morph)<<16]; got != (Rect{200, 100, 400, 200}) {
		t.Errorf("a wide picture is at %v", got)
	}
}

func TestRefuses(t *testing.T) {
	s, _ := stage(t)
	for field, err := range map[string]error{
		"pixels":  s.SetModelPictures(A, make([]float32, 783), nil),
		"recon":   s.SetModelPictures(A, nil, make([]float32, 785)),
		"frames":  s.SetPath(pics(2), 3),
		"bitmap":  s.SetPad(A, nil, &proto.Bitmap{Width: 2, Height: 2}, []byte{1}),
		"paper":   s.SetTheme(proto.Theme{Paper: "white"}),
		"width":   s.SetLayout(proto.Layout{}),
		"samples": s.SetSamples(pics(2), 1),
	} {
		e := proto.AsError(err)
		if e == nil || e.Field != field && !(field == "samples" && e.Field == "pixels") {
			t.Errorf("%s: %v", field, err)
		}
	}
	if s.Dirty() {
		t.Error("what was refused changed something")
	}
}

func TestPads(t *testing.T) {
	if p, err := PadOf("b"); p != B || err != nil {
		t.Errorf("b is %v, %v", p, err)
	}
	if _, err := PadOf("c"); err == nil {
		t.Error("c is a pad")
	}
	if A.draw() != PadA || B.draw() != PadB || A.input() != InputA || B.input() != InputB || A.reconstruction() != ReconstructionA || B.reconstruction() != ReconstructionB {
		t.Error("a pad has the other's slots")
	}
	if Strip.String() != "strip" || numSlots.String() != "none" {
		t.Error("slots have wrong names")
	}
}

func BenchmarkMorphFrame(b *testing.B) {
	s, r := New(), &still{}
	_ = s.SetLayout(testLayout)
	_ = s.SetTheme(testTheme)
	_ = s.SetPath(pics(48), 48)
	_ = s.SetPlay(proto.Play{Playing: true, Speed: 1, Mode: "loop"})
	s.Paint(r)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		s.Advance(float64(i) / 60)
		s.Paint(r)
	}
}

func BenchmarkNewPath(b *testing.B) {
	s, r := New(), &still{}
	_ = s.SetLayout(testLayout)
	_ = s.SetTheme(testTheme)
	frames := pics(48)
	for b.Loop() {
		_ = s.SetPath(frames, 48)
		s.Paint(r)
	}
}

// still paints nothing.
type still struct{}

func (still) Fill(Rect, Color)           {}
func (still) Picture(*Picture, Rect)     {}
func (still) Ink(Pad, *Ink, Rect, Color) {}
func (still) Shapes([]Capsule, Color)    {}
func (still) Clip(Rect)                  {}
