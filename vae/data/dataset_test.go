package data

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// mnist returns MNIST, or skips the test when it is not there.
func mnist(t testing.TB) (train, test *Images) {
	t.Helper()
	dir := mnistDir()
	if dir == "" {
		t.Skip("MNIST is not in ../shared/data/mnist beside the repository: this test needs it and is left out")
	}
	m := openOnce()
	if m.err != nil {
		t.Fatal(m.err)
	}
	return m.train, m.test
}

type both struct {
	train, test *Images
	err         error
}

var openOnce = sync.OnceValue(func() (m both) {
	m.train, m.test, m.err = OpenMNIST(mnistDir())
	return m
})

// mnistDir returns the folder of MNIST, or "" when it is not there.
func mnistDir() string {
	root, err := os.Getwd()
	for err == nil {
		if _, e := os.Stat(filepath.Join(root, "go.mod")); e == nil {
			break
		}
		if root == filepath.Dir(root) {
			return ""
		}
		root = filepath.Dir(root)
	}
	dir := filepath.Join(root, "..", "shared", "data", "mnist")
	if _, err := os.Stat(dir); err != nil {
		return ""
	}
	return dir
}

func TestMNIST(t *testing.T) {
	train, test := mnist(t)
	if train.Len() != 60000 || test.Len() != 10000 || train.Shape() != (Shape{1, 28, 28}) {
		t.Fatalf("%d and %d pictures of %v", train.Len(), test.Len(), train.Shape())
	}
	// The well-known first labels of the file.
	for i, want := range []int{5, 0, 4, 1, 9} {
		if got := train.Label(i); got != want {
			t.Errorf("train label %d is %d, want %d", i, got, want)
		}
	}
	for i, want := range []int{7, 2, 1, 0, 4} {
		if got := test.Label(i); got != want {
			t.Errorf("test label %d is %d, want %d", i, got, want)
		}
	}
	// The published mean of the training pixels is 0.1307.
	var sum float64
	for i := range train.Len() {
		for _, b := range train.Bytes(i) {
			sum += float64(b)
		}
	}
	if mean := sum / 255 / float64(train.Len()*784); mean < 0.1306 || mean > 0.1308 {
		t.Errorf("mean %.5f, want 0.1307", mean)
	}
}

func small(t testing.TB) *Images {
	t.Helper()
	d, err := NewImages("small", Shape{1, 1, 2}, []byte{0, 255, 51, 102, 1, 2, 3, 4}, []byte{3, 1, 4, 1})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestBatch(t *testing.T) {
	d := small(t)
	dst := make([]float32, 4)
	d.Batch(dst, []int{1, 0})
	if want := []float32{0.2, 0.4, 0, 1}; !slices.Equal(dst, want) {
		t.Errorf("batch %v, want %v", dst, want)
	}
	s := NewSubset("some", d, []int{3, 1, 1})
	s.Batch(dst, []int{1, 0})
	if want := []float32{0.2, 0.4, 3.0 / 255, 4.0 / 255}; !slices.Equal(dst, want) {
		t.Errorf("batch of subset %v, want %v", dst, want)
	}
	if s.Len() != 3 || s.Label(0) != 1 || s.Shape() != d.Shape() || s.Name() != "some" {
		t.Errorf("subset of %d, label %d", s.Len(), s.Label(0))
	}
	for name, set := range map[string]Dataset{"images": d, "subset": s} {
		index := []int{2, 0}
		if n := testing.AllocsPerRun(100, func() { set.Batch(dst, index) }); n != 0 {
			t.Errorf("%s: Batch allocates %v times", name, n)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic for a destination that is too short", name)
				}
			}()
			set.Batch(dst[:3], index)
		}()
	}
}

func TestNewImagesErrors(t *testing.T) {
	for _, c := range []struct {
		shape          Shape
		pixels, labels int
	}{
		{Shape{1, 2, 2}, 7, 0},
		{Shape{1, 2, 2}, 8, 3},
		{Shape{1, 0, 2}, 0, 0},
		{Shape{1, -2, -2}, 8, 0},
	} {
		var labels []byte
		if c.labels > 0 {
			labels = make([]byte, c.labels)
		}
		if _, err := NewImages("", c.shape, make([]byte, c.pixels), labels); !errors.Is(err, ErrMismatch) {
			t.Errorf("%+v: error %v", c, err)
		}
	}
}

func TestSplit(t *testing.T) {
	pixels := count(100)
	d, err := NewImages("hundred", Shape{1, 1, 1}, pixels, pixels)
	if err != nil {
		t.Fatal(err)
	}
	a, b := Split(d, 30, 1)
	a2, _ := Split(d, 30, 1)
	a3, _ := Split(d, 30, 2)
	if a.Len() != 30 || b.Len() != 70 {
		t.Fatalf("%d and %d", a.Len(), b.Len())
	}
	seen := map[int]bool{}
	for i := range a.Len() {
		seen[a.Label(i)] = true
	}
	for i := range b.Len() {
		seen[b.Label(i)] = true
	}
	if len(seen) != 100 {
		t.Errorf("%d different pictures in the two halves, want 100", len(seen))
	}
	if !slices.Equal(a.index, a2.index) || slices.Equal(a.index, a3.index) {
		t.Error("the split does not follow the seed")
	}
	if all, none := Split(d, 1000, 1); all.Len() != 100 || none.Len() != 0 {
		t.Errorf("%d and %d", all.Len(), none.Len())
	}
}
