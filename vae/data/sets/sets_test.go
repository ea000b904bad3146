package sets

import (
	"errors"
	"hash/fnv"
	"slices"
	"strings"
	"testing"

	"inkdrift/vae/data"
)

// bytesOf returns the pixels of picture i as bytes; all values must be multiples of 1/255.
func bytesOf(t *testing.T, d data.Dataset, i int) []byte {
	t.Helper()
	v := make([]float32, d.Shape().Len())
	d.Batch(v, []int{i})
	b := make([]byte, len(v))
	for j, x := range v {
		b[j] = byte(x*255 + 0.5)
		if x != float32(b[j])/255 {
			t.Fatalf("%s, picture %d: value %d is %v, no multiple of 1/255 in [0,1]", d.Name(), i, j, x)
		}
	}
	return b
}

// TestGolden wants the very same bytes in every build: a run that is resumed elsewhere, a card of a model and a shared link
// count on it.
func TestGolden(t *testing.T) {
	want := map[string]uint64{
		"digits":           0xcccc9bc9cacd1dd9,
		"faces":            0x809e87b8dee19ee,
		"textures":         0x2edd930d6f2e1f11,
		"textures-colour":  0xfe06366e038a5f6b,
		"materials":        0xe6c495c77e52bc02,
		"materials-colour": 0xc2be043b30dca2d5,
	}
	for _, s := range All() {
		h := fnv.New64a()
		d := s.Span(2024, 0, 200)
		values := make([]float32, len(s.Attributes))
		for i := range d.Len() {
			h.Write(bytesOf(t, d, i))
			h.Write([]byte{byte(d.Label(i))})
			d.(data.Attributed).Values(values, i)
			for _, v := range values {
				h.Write([]byte{byte(int(v * 1000)), byte(int(v*1000) >> 8)})
			}
		}
		if got := h.Sum64(); got != want[s.Name] {
			t.Errorf("%s: %#x, want %#x", s.Name, got, want[s.Name])
		}
	}
}

func TestSets(t *testing.T) {
	names := make(map[string]bool)
	for _, s := range All() {
		if names[s.Name] || s.Name == "" || !strings.HasPrefix(s.Key, "data.") || s.Split != data.SplitNumbers {
			t.Errorf("%+v", s.Info)
		}
		names[s.Name] = true
		if found, err := Find(s.Name); err != nil || found != s {
			t.Errorf("%s is not found: %v", s.Name, err)
		}
		c := s.Open(7, 50, 20, 10)
		if c.Train.Len() != 50 || c.Validation.Len() != 20 || c.Test.Len() != 10 || c.Train.Shape() != s.Shape || c.Train.Name() != s.Name {
			t.Errorf("%v", c)
		}
		count := make([]int, len(s.Classes))
		d := s.Span(7, 0, 3000)
		for i := range d.Len() {
			count[d.Label(i)]++
		}
		for k, n := range count {
			if n < 3000/len(count)*3/4 {
				t.Errorf("%s: %d of 3000 are %s", s.Name, n, s.Classes[k])
			}
		}
		if attributes := data.AttributesOf(d); len(attributes) != len(s.Attributes) {
			t.Errorf("%s: %d attributes", s.Name, len(attributes))
		}
	}
	if _, err := Find("cats"); !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), "faces") {
		t.Errorf("an unknown set: %v", err)
	}
}

// TestParts looks for a picture that is in two parts, or that comes again for another seed.
func TestParts(t *testing.T) {
	for _, s := range All() {
		seen := make(map[string]bool)
		for seed := range uint64(2) {
			c := s.Open(seed, 60, 60, 60)
			for _, d := range []data.Dataset{c.Train, c.Validation, c.Test} {
				for i := range d.Len() {
					b := string(bytesOf(t, d, i))
					if seen[b] {
						t.Errorf("%s: a picture is there twice", s.Name)
					}
					seen[b] = true
				}
			}
		}
		// What else is asked for, and how the parts are cut, must not matter.
		a, b := s.Span(3, 100, 10), s.Span(3, 0, 200)
		for i := range 10 {
			if !slices.Equal(bytesOf(t, a, i), bytesOf(t, b, 100+i)) || a.Label(i) != b.Label(100+i) {
				t.Errorf("%s: picture %d differs", s.Name, 100+i)
			}
		}
	}
}

func TestPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"a picture before the part": func() { faces.Span(1, 5, 5).Label(-1) },
		"a picture behind the part": func() { faces.Span(1, 5, 5).Batch(make([]float32, 3072), []int{5}) },
		"too short a batch":         func() { faces.Span(1, 5, 5).Batch(make([]float32, 3071), []int{0}) },
		"too large a part":          func() { faces.Open(1, data.FirstValidation+1, 1, 1) },
		"a negative part":           func() { faces.Open(1, 1, -1, 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

func TestAttributeRanges(t *testing.T) {
	for _, s := range All() {
		d := s.Span(5, 0, 2000).(data.Attributed)
		low, high := make([]float32, len(s.Attributes)), make([]float32, len(s.Attributes))
		values := make([]float32, len(s.Attributes))
		for i := range d.Len() {
			d.Values(values, i)
			for k, a := range s.Attributes {
				least, most := a.Min, a.Max
				if a.Values != nil {
					least, most = 0, float32(len(a.Values)-1)
					if values[k] != float32(int(values[k])) {
						t.Fatalf("%s, picture %d: %s is number %v", s.Name, i, a.Name, values[k])
					}
				}
				if values[k] < least || values[k] > most {
					t.Fatalf("%s, picture %d: %s is %v, not from %v to %v", s.Name, i, a.Name, values[k], least, most)
				}
				if i == 0 {
					low[k], high[k] = values[k], values[k]
				}
				low[k], high[k] = min(low[k], values[k]), max(high[k], values[k])
				if slices.Equal(a.Values, s.Classes) && int(values[k]) != d.Label(i) {
					t.Fatalf("%s, picture %d: %s is %v, the label %d", s.Name, i, a.Name, values[k], d.Label(i))
				}
			}
		}
		for k, a := range s.Attributes {
			all := a.Max - a.Min
			if a.Values != nil {
				all = float32(len(a.Values) - 1)
			}
			if high[k]-low[k] < 0.6*all {
				t.Errorf("%s: %s is only from %v to %v", s.Name, a.Name, low[k], high[k])
			}
		}
	}
}

func TestNoAllocation(t *testing.T) {
	for _, s := range All() {
		d := s.Span(1, 0, 40).(data.Attributed)
		dst, values := make([]float32, 2*s.Shape.Len()), make([]float32, len(s.Attributes))
		i := 0
		if n := testing.AllocsPerRun(20, func() {
			d.Batch(dst, []int{i, i + 1})
			d.Values(values, i)
			d.Label(i)
			i++
		}); n >= 1 {
			t.Errorf("%s: a batch allocates %v times", s.Name, n)
		}
	}
}

func TestWave(t *testing.T) {
	for _, c := range [][2]float32{{0, 0}, {0.25, 1}, {0.5, 0}, {0.75, -1}, {1, 0}, {1.0 / 12, 0.5}, {5 + 1.0/12, 0.5}, {-1.0 / 12, -0.5}, {0.125, 0.70710678}} {
		if got := wave(c[0]); abs(got-c[1]) > 1e-5 {
			t.Errorf("wave(%v) = %v, want %v", c[0], got, c[1])
		}
	}
}

func TestHSV(t *testing.T) {
	for _, c := range []struct {
		h, s, v float32
		want    colour
	}{
		{0, 1, 1, colour{1, 0, 0}}, {1.0 / 3, 1, 1, colour{0, 1, 0}}, {2.0 / 3, 1, 0.5, colour{0, 0, 0.5}},
		{1.0 / 6, 1, 1, colour{1, 1, 0}}, {0.4, 0, 0.7, colour{0.7, 0.7, 0.7}},
	} {
		got := hsv(c.h, c.s, c.v)
		for k := range got {
			if abs(got[k]-c.want[k]) > 1e-5 {
				t.Errorf("hsv(%v, %v, %v) = %v, want %v", c.h, c.s, c.v, got, c.want)
				break
			}
		}
	}
}

func BenchmarkPicture(b *testing.B) {
	for _, s := range All() {
		b.Run(s.Name, func(b *testing.B) {
			d := s.Span(1, 0, 1<<20)
			dst, index := make([]float32, s.Shape.Len()), make([]int, 1)
			for b.Loop() {
				d.Batch(dst, index)
				index[0]++
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pictures/s")
		})
	}
}
