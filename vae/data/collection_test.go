package data

import (
	"errors"
	"testing"

	"inkdrift/vae/ink"
)

// growing returns n pictures of one pixel, each of its own value, with labels i*classes/n.
func growing(n, classes int) *Growing {
	g := NewGrowing("growing", Shape{1, 1, 1})
	for i := range n {
		g.Add(i * classes / n)[0] = byte(i)
	}
	return g
}

// numbersOf returns which pictures of growing a part has.
func numbersOf(d Dataset) []int {
	var one [1]float32
	var out []int
	for i := range d.Len() {
		d.Batch(one[:], []int{i})
		out = append(out, int(one[0]*255+0.5))
	}
	return out
}

// checkDealt fails unless the parts have each of n pictures once.
func checkDealt(t *testing.T, c *Collection, n int) {
	t.Helper()
	seen := make(map[int]bool)
	for _, d := range []Dataset{c.Train, c.Validation, c.Test} {
		if d.Len() == 0 {
			t.Errorf("%v: %s is empty", c, d.Name())
		}
		for _, i := range numbersOf(d) {
			if seen[i] {
				t.Errorf("%v: picture %d is there twice", c, i)
			}
			seen[i] = true
		}
	}
	if len(seen) != n {
		t.Errorf("%v: %d pictures of %d", c, len(seen), n)
	}
}

func TestDealTenths(t *testing.T) {
	for _, n := range []int{3, 4, 9, 10, 11, 100, 255} {
		c, err := DealTenths(Info{Name: "some"}, growing(n, 1))
		if err != nil {
			t.Fatal(err)
		}
		checkDealt(t, c, n)
		if c.Split != SplitTenths || c.Shape != (Shape{1, 1, 1}) {
			t.Errorf("%+v", c.Info)
		}
	}
	c, err := DealTenths(Info{Name: "some"}, growing(200, 4))
	if err != nil {
		t.Fatal(err)
	}
	var count [4]int
	for i := range c.Test.Len() {
		count[c.Test.Label(i)]++
	}
	if count != [4]int{5, 5, 5, 5} {
		t.Errorf("classes of the test part: %v", count)
	}
	for n := range 3 {
		if _, err := DealTenths(Info{}, growing(n, 1)); !errors.Is(err, ErrTooFew) {
			t.Errorf("%d pictures: error %v", n, err)
		}
	}
}

func TestDealPublished(t *testing.T) {
	all := growing(100, 10)
	c, err := DealPublished(Info{Name: "some"}, NewSubset("", all, numbers(0, 80)), NewSubset("", all, numbers(80, 100)))
	if err != nil {
		t.Fatal(err)
	}
	checkDealt(t, c, 100)
	if c.Train.Len() != 72 || c.Validation.Len() != 8 || c.Test.Len() != 20 {
		t.Error(c)
	}
	if _, err := DealPublished(Info{}, growing(1, 1), all); !errors.Is(err, ErrTooFew) {
		t.Errorf("one picture to train on: error %v", err)
	}
	if _, err := DealPublished(Info{}, all, NewGrowing("", Shape{1, 1, 1})); !errors.Is(err, ErrTooFew) {
		t.Errorf("no test: error %v", err)
	}
	if _, err := DealPublished(Info{}, all, NewGrowing("", Shape{3, 1, 1})); !errors.Is(err, ErrMismatch) {
		t.Errorf("two shapes: error %v", err)
	}
}

func TestGrowing(t *testing.T) {
	g := NewGrowing("g", Shape{1, 300, 500}) // larger than a piece and than half of one
	for i := range 5 {
		b := g.Add(i - 1)
		if len(b) != 150_000 {
			t.Fatalf("%d bytes", len(b))
		}
		for j := range b {
			b[j] = byte(i + j)
		}
	}
	g.Relabel(func(l int) int { return 10 * l })
	for i := range 5 {
		for j, v := range g.Bytes(i) {
			if v != byte(i+j) {
				t.Fatalf("picture %d, byte %d is %d", i, j, v)
			}
		}
		if g.Label(i) != 10*(i-1) {
			t.Errorf("label %d is %d", i, g.Label(i))
		}
	}
	dst := make([]float32, 2*150_000)
	if n := testing.AllocsPerRun(10, func() { g.Batch(dst, []int{4, 0}) }); n != 0 {
		t.Errorf("Batch allocates %v times", n)
	}
	if dst[1] != 5.0/255 || dst[150_001] != 1.0/255 {
		t.Errorf("%v, %v", dst[1], dst[150_001])
	}
	for name, f := range map[string]func(){
		"a picture that is not there": func() { g.Bytes(5) },
		"a shape without pixels":      func() { NewGrowing("", Shape{1, 0, 1}) },
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

// counted counts how often its pictures are made.
type counted struct {
	Dataset
	made int
}

func (c *counted) Batch(dst []float32, index []int) {
	c.made += len(index)
	c.Dataset.Batch(dst, index)
}

func TestKept(t *testing.T) {
	source := &counted{Dataset: NewDigits(1).Set(0, 700)}
	kept := Cache(source)
	a, b := make([]float32, 2*ink.PreparedLen), make([]float32, 2*ink.PreparedLen)
	index := []int{699, 3}
	for range 3 {
		kept.Batch(a, index)
	}
	if source.made != 2 {
		t.Errorf("%d pictures were made, not 2", source.made)
	}
	source.Batch(b, index)
	for j := range a {
		if d := a[j] - b[j]; d > 0.5/255+1e-6 || d < -0.5/255-1e-6 {
			t.Fatalf("value %d is %v, not %v", j, a[j], b[j])
		}
	}
	if kept.Label(3) != source.Label(3) || kept.Len() != 700 {
		t.Error("labels or length differ")
	}
	if n := testing.AllocsPerRun(10, func() { kept.Batch(a, index) }); n != 0 {
		t.Errorf("Batch allocates %v times", n)
	}
}
