package data

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"inkdrift/vae/ink"
)

// penText is a file of two digits, the second of two strokes.
const penText = `.INCLUDE        dene.doc

.LEXICON "0" "1"
.HIERARCHY      DIGIT

.SEGMENT DIGIT    0 ? "1"
.COMMENT 1 8  224
.PEN_DOWN
 267  333
 265  100
.PEN_UP
.DT 100

.SEGMENT DIGIT    1-2 ? "7"
.COMMENT 7  26   54
.PEN_DOWN
 100  300
 200  300
 150  100
.PEN_UP
.DT 100
.PEN_DOWN
 120  200
 190  200
.PEN_UP
.DT 100
`

func TestReadPenDigits(t *testing.T) {
	want := []PenDigit{
		{1, 8, [][]PenPoint{{{267, 333}, {265, 100}}}},
		{7, 26, [][]PenPoint{{{100, 300}, {200, 300}, {150, 100}}, {{120, 200}, {190, 200}}}},
	}
	for name, b := range map[string][]byte{"plain": []byte(penText), "gzip": zip([]byte(penText)), "returns": []byte(strings.ReplaceAll(penText, "\n", "\r\n"))} {
		got, err := ReadPenDigits(bytes.NewReader(b))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestReadPenDigitsRefuses(t *testing.T) {
	packed := zip([]byte(penText))
	for name, c := range map[string]struct {
		b     []byte
		field string
		kind  error
	}{
		"nothing":             {nil, "digits", ErrTooFew},
		"no digits":           {[]byte(".LEXICON\n"), "digits", ErrTooFew},
		"a picture":           {[]byte("\x89PNG\r\n\x1a\n"), "line 1", ErrCorrupt},
		"a long line":         {[]byte(strings.Repeat("1 ", 5000)), "line 1", ErrCorrupt},
		"torn gzip":           {packed[:len(packed)-9], "line ", ErrTruncated},
		"damaged gzip":        {append([]byte{0x1f, 0x8b, 0}, packed[3:]...), "gzip header", ErrCorrupt},
		"pen down at the end": {[]byte(penText[:strings.LastIndex(penText, ".PEN_UP")]), "line 24", ErrTruncated},
		"no strokes":          {[]byte(`.SEGMENT DIGIT 0 ? "1"`), "line 1", ErrTruncated},
		"label":               {[]byte(`.SEGMENT DIGIT 0 ? "x"`), "line 1", ErrCorrupt},
		"segment":             {[]byte(`.SEGMENT WORD 0 ? "1"`), "line 1", ErrCorrupt},
		"other label":         {[]byte(".SEGMENT DIGIT 0 ? \"1\"\n.COMMENT 2 1 1"), "line 2", ErrMismatch},
		"writer":              {[]byte(".SEGMENT DIGIT 0 ? \"1\"\n.COMMENT 1 x 1"), "line 2", ErrMismatch},
		"comment":             {[]byte(".SEGMENT DIGIT 0 ? \"1\"\n.COMMENT 1"), "line 2", ErrCorrupt},
		"no comment":          {[]byte(".SEGMENT DIGIT 0 ? \"1\"\n.PEN_DOWN"), "line 2", ErrCorrupt},
		"up before down":      {[]byte(".PEN_UP"), "line 1", ErrCorrupt},
		"a point alone":       {[]byte("1 2"), "line 1", ErrCorrupt},
		"empty stroke":        {[]byte(".SEGMENT DIGIT 0 ? \"1\"\n.COMMENT 1 1 1\n.PEN_DOWN\n.PEN_UP"), "line 4", ErrCorrupt},
		"three numbers":       {[]byte(".SEGMENT DIGIT 0 ? \"1\"\n.COMMENT 1 1 1\n.PEN_DOWN\n1 2 3"), "line 4", ErrCorrupt},
		"too far":             {[]byte(".SEGMENT DIGIT 0 ? \"1\"\n.COMMENT 1 1 1\n.PEN_DOWN\n1 40000"), "line 4", ErrCorrupt},
	} {
		_, err := ReadPenDigits(bytes.NewReader(c.b))
		var e *FileError
		if !errors.As(err, &e) || !errors.Is(err, c.kind) || !strings.HasPrefix(e.Field, c.field) || e.Advice == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzReadPenDigits(f *testing.F) {
	f.Add([]byte(penText))
	f.Add(zip([]byte(penText)))
	f.Fuzz(func(t *testing.T, b []byte) {
		digits, err := ReadPenDigits(bytes.NewReader(b))
		var e *FileError
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("an error without a type: %v", err)
		}
		for _, d := range digits {
			if d.Label < 0 || d.Label > 9 || len(d.Strokes) == 0 {
				t.Fatalf("%+v", d)
			}
			for _, s := range d.Strokes {
				if len(s) == 0 {
					t.Fatal("a stroke without points")
				}
			}
		}
		if len(digits) > 0 {
			dst := make([]float32, ink.PreparedLen)
			NewPenSet("fuzz", digits[:1], AnyStyle(), 1, 1).Batch(dst, []int{0})
		}
	})
}

func TestOpenPenDigits(t *testing.T) {
	dir := t.TempDir()
	_, err := OpenPenDigits(dir)
	var e *FileError
	if !errors.As(err, &e) || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(e.File, "pendigits-orig.tra") {
		t.Errorf("no file: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "pendigits-orig.tra.gz"), zip([]byte(penText)), 0o644); err != nil {
		t.Fatal(err)
	}
	if d, err := OpenPenDigits(dir); err != nil || len(d) != 2 {
		t.Errorf("%d digits, %v", len(d), err)
	}
	if err := os.WriteFile(filepath.Join(dir, "pendigits-orig.tra"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenPenDigits(dir); !errors.As(err, &e) || e.File != filepath.Join(dir, "pendigits-orig.tra") {
		t.Errorf("a bad file: %v", err)
	}
}

func penDigits(t testing.TB) []PenDigit {
	t.Helper()
	d, err := ReadPenDigits(strings.NewReader(penText))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestPenSet draws a 1 that is 233 units high and 2 wide.
func TestPenSet(t *testing.T) {
	digits := penDigits(t)
	style := UsualStyle()
	style.Size = [2]float64{0.5, 0.5}
	s := NewPenSet("pens", digits, style, 3, 1)
	if s.Len() != 6 || s.Label(0) != 1 || s.Label(5) != 7 || s.Writer(3) != 26 || s.Shape() != (Shape{1, 28, 28}) || s.Name() != "pens" {
		t.Errorf("%d pictures, labels %d and %d, writer %d", s.Len(), s.Label(0), s.Label(5), s.Writer(3))
	}
	// Size, brush and direction: y is up on the tablet and down on the pad.
	one := s.Strokes(0)
	if len(one) != 1 || one[0].Width != 0.08 || one[0].Points[1].Y-one[0].Points[0].Y != 0.5 {
		t.Errorf("strokes %+v", one)
	}
	style.Corner = true
	for i := range 20 {
		c := NewPenSet("pens", digits, style, 10, 1).Strokes(i)
		lo, hi := c[0].Points[0], c[0].Points[0]
		for _, stroke := range c {
			for _, p := range stroke.Points {
				lo.X, lo.Y, hi.X, hi.Y = min(lo.X, p.X), min(lo.Y, p.Y), max(hi.X, p.X), max(hi.Y, p.Y)
			}
		}
		near := func(v, want float32) bool { return v > want-1e-5 && v < want+1e-5 }
		if !(near(lo.X, 0.04) || near(hi.X, 0.96)) || !(near(lo.Y, 0.04) || near(hi.Y, 0.96)) {
			t.Errorf("in a corner, but from %v to %v", lo, hi)
		}
	}
	// A slant of 1 moves the upper end to the right by the height.
	style = UsualStyle()
	style.Slant = [2]float64{1, 1}
	p := NewPenSet("pens", digits, style, 1, 1).Strokes(0)[0].Points
	if dx, dy := p[0].X-p[1].X, p[1].Y-p[0].Y; !(dx > 0.99*dy && dx < 1.02*dy) {
		t.Errorf("slanted by %v for a height of %v", dx, dy)
	}
	// The same seed draws the same, another copy or seed another picture.
	a, b := make([]float32, 4*784), make([]float32, 4*784)
	NewPenSet("pens", digits, AnyStyle(), 2, 1).Batch(a, []int{0, 1, 2, 3})
	NewPenSet("pens", digits, AnyStyle(), 2, 1).Batch(b[784:2*784], []int{1})
	if !reflect.DeepEqual(a[784:2*784], b[784:2*784]) {
		t.Error("the same seed drew something else")
	}
	NewPenSet("pens", digits, AnyStyle(), 2, 2).Batch(b, []int{0, 1, 2, 3})
	if meanDifference(a[784:2*784], a[3*784:]) < 0.01 || meanDifference(a[784:2*784], b[784:2*784]) < 0.01 {
		t.Error("another copy, or another seed, is the same picture")
	}
	for i := range 4 {
		if total(a[784*i:784*(i+1)]) < 5 {
			t.Errorf("picture %d is empty", i)
		}
	}
	if of, others := Writers(digits, 26); len(of) != 1 || of[0].Label != 7 || len(others) != 1 || others[0].Writer != 8 {
		t.Errorf("split into %v and %v", of, others)
	}
}

func TestJoin(t *testing.T) {
	digits := penDigits(t)
	pens := NewPenSet("pens", digits, UsualStyle(), 2, 1)
	made := NewDigits(1).Set(10, 3)
	j := Join("both", pens, made)
	if j.Len() != 7 || j.Name() != "both" || j.Shape() != pens.Shape() || j.Label(1) != 7 || j.Label(4) != made.Label(0) || j.Label(6) != made.Label(2) {
		t.Errorf("%d pictures of %v", j.Len(), j.Shape())
	}
	got, want := make([]float32, 2*784), make([]float32, 784)
	j.Batch(got, []int{6, 3})
	made.Batch(want, []int{2})
	if !reflect.DeepEqual(got[:784], want) {
		t.Error("picture 6 is not the last of the second set")
	}
	pens.Batch(want, []int{3})
	if !reflect.DeepEqual(got[784:], want) {
		t.Error("picture 3 is not the last of the first set")
	}
	cached := Join("cached", Cache(pens), Cache(made))
	cached.Batch(got, []int{6, 3})
	if n := testing.AllocsPerRun(20, func() { cached.Batch(got, []int{6, 3}) }); n != 0 {
		t.Errorf("Batch allocates %v times", n)
	}
	for _, i := range []int{-1, 7} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("no panic at picture %d", i)
				}
			}()
			j.Label(i)
		}()
	}
	defer func() {
		if recover() == nil {
			t.Error("sets of different shapes were joined")
		}
	}()
	Join("wrong", pens, wide{pens})
}

type wide struct{ Dataset }

func (wide) Shape() Shape { return Shape{1, 28, 29} }

// TestVariants: every variant is drawn, and the usual digits have none.
func TestVariants(t *testing.T) {
	v, seen := NewVariants(3), map[string]int{}
	var a [784]float32
	for i := range 2000 {
		label := v.Label(i)
		seen[string(rune('0'+label))+" "+v.Variant(i)]++
		if i < 200 && (v.Image(a[:], i) != label || total(a[:]) < 5) {
			t.Errorf("digit %d is %d with %.1f of ink", i, label, total(a[:]))
		}
	}
	for digit, forms := range variants {
		for _, f := range forms {
			if seen[string(rune('0'+digit))+" "+f.name] == 0 {
				t.Errorf("no %d that is %s in 2000 digits", digit, f.name)
			}
		}
	}
	if NewDigits(3).Variant(1) != "" || v.Set(0, 3).Name() != "digit-variants" || NewDigits(3).Set(0, 3).Name() != "digits" {
		t.Error("names")
	}
}
