package files

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"inkdrift/vae/data"
	"inkdrift/vae/data/album"
)

var limits = Limits{Files: 1000, Bytes: 64 << 20, Unpacked: 256 << 20}

func recognise(t testing.TB, files ...File) *Found {
	t.Helper()
	f, err := Recognise(files, Options{Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// digits are n pictures of MNIST's form and their classes.
func digits(n int) (pixels, labels []byte) {
	d := data.NewDigits(5)
	x := make([]float32, 784)
	for i := range n {
		labels = append(labels, byte(d.Image(x, i)))
		for _, v := range x {
			pixels = append(pixels, byte(v*255+0.5))
		}
	}
	return pixels, labels
}

// idx is an IDX file of any type.
func idx(typ byte, content []byte, dims ...int) []byte {
	b := []byte{0, 0, typ, byte(len(dims))}
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, uint32(d))
	}
	return append(b, content...)
}

func gz(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

func zipped(t testing.TB, files ...File) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		out, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.Write(f.Content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarred(t testing.TB, files ...File) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.Name, Size: int64(len(f.Content)), Mode: 0o600, Typeflag: tar.TypeReg, Format: tar.FormatGNU}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(f.Content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// npy is an array as NumPy writes it.
func npy(descr string, fortran bool, content []byte, dims ...int) []byte {
	var shape strings.Builder
	for _, d := range dims {
		fmt.Fprintf(&shape, "%d, ", d)
	}
	order := "False"
	if fortran {
		order = "True"
	}
	head := fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }", descr, order, shape.String())
	for (10+len(head)+1)%64 != 0 {
		head += " "
	}
	head += "\n"
	b := append([]byte("\x93NUMPY\x01\x00"), byte(len(head)), byte(len(head)>>8))
	return append(append(b, head...), content...)
}

// as converts bytes to numbers of another kind.
func as[T any](in []byte, number func(b byte) T) []byte {
	out := make([]T, len(in))
	for i, b := range in {
		out[i] = number(b)
	}
	var b bytes.Buffer
	_ = binary.Write(&b, binary.BigEndian, out)
	return b.Bytes()
}

func little[T any](in []byte, number func(b byte) T) []byte {
	out := make([]T, len(in))
	for i, b := range in {
		out[i] = number(b)
	}
	var b bytes.Buffer
	_ = binary.Write(&b, binary.LittleEndian, out)
	return b.Bytes()
}

func csv(pixels, labels []byte, separator, header string, behind bool, number func(b byte) string) []byte {
	var b bytes.Buffer
	b.WriteString(header)
	for i, l := range labels {
		row := make([]string, 0, 785)
		if !behind {
			row = append(row, fmt.Sprint(l))
		}
		for _, v := range pixels[i*784 : (i+1)*784] {
			row = append(row, number(v))
		}
		if behind {
			row = append(row, fmt.Sprint(l))
		}
		b.WriteString(strings.Join(row, separator) + "\r\n")
	}
	return b.Bytes()
}

func whole(b byte) string { return fmt.Sprint(b) }

// hwc puts the values of three channels beside each other.
func hwc(pixels []byte, plane int) []byte {
	out := make([]byte, len(pixels))
	for at := 0; at < len(pixels); at += 3 * plane {
		for i := range plane {
			for c := range 3 {
				out[at+3*i+c] = pixels[at+c*plane+i]
			}
		}
	}
	return out
}

func columnsFirst(in []byte, dims ...int) []byte {
	out := make([]byte, len(in))
	for i, v := range in {
		at, stride := 0, 1
		rest := i
		index := make([]int, len(dims))
		for k := len(dims) - 1; k >= 0; k-- {
			index[k] = rest % dims[k]
			rest /= dims[k]
		}
		for k, d := range dims {
			at += index[k] * stride
			stride *= d
		}
		out[at] = v
	}
	return out
}

func aPicture(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 5, 5))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestArrays: the same pictures and classes come out of every form that they are spread in.
func TestArrays(t *testing.T) {
	x, y := digits(120)
	tx, ty := x[100*784:], y[100:]
	x, y = x[:100*784], y[:100]
	turned := slices.Clone(x)
	turn(turned, data.Shape{C: 1, H: 28, W: 28})
	turnedTest := slices.Clone(tx)
	turn(turnedTest, data.Shape{C: 1, H: 28, W: 28})
	qmnist := func(labels []byte) []byte {
		var out []byte
		for i, l := range labels {
			out = append(out, as([]byte{l, 4, byte(i), 3, 9, 200, 0, 0}, func(b byte) int32 { return int32(b) })...)
		}
		return out
	}
	names := "label"
	for i := range 784 {
		names += fmt.Sprintf(",pixel%d", i)
	}
	images, labels := idx(8, x, 100, 28, 28), idx(8, y, 100)
	testImages, testLabels := idx(8, tx, 20, 28, 28), idx(8, ty, 20)
	mnist := []File{{"train-images-idx3-ubyte.gz", gz(images)}, {"train-labels-idx1-ubyte.gz", gz(labels)}, {"t10k-images-idx3-ubyte.gz", gz(testImages)}, {"t10k-labels-idx1-ubyte.gz", gz(testLabels)}}
	raw := []File{{"MNIST/raw/train-images-idx3-ubyte", images}, {"MNIST/raw/train-labels-idx1-ubyte", labels}, {"MNIST/raw/t10k-images-idx3-ubyte", testImages}, {"MNIST/raw/t10k-labels-idx1-ubyte", testLabels}}
	inFolder := func(folder string, files []File) (out []File) {
		for _, f := range files {
			out = append(out, File{folder + f.Name, f.Content})
		}
		return out
	}
	oneHot := make([]byte, 0, 1000)
	for _, l := range y {
		row := make([]byte, 10)
		row[l] = 1
		oneHot = append(oneHot, row...)
	}
	keras := []File{
		{"x_test.npy", npy("|u1", false, tx, 20, 28, 28)}, {"x_train.npy", npy("|u1", false, x, 100, 28, 28)},
		{"y_test.npy", npy("|u1", false, ty, 20)}, {"y_train.npy", npy("|u1", false, y, 100)},
	}
	for name, c := range map[string]struct {
		files  []File
		plain  [4]int
		test   int
		tol    int // of pixels
		turned bool
		passed []error
	}{
		"MNIST":               {files: mnist, plain: [4]int{0, 1, 2, 3}, test: 20},
		"in another order":    {files: []File{mnist[3], mnist[1], mnist[2], mnist[0]}, plain: [4]int{3, 1, 2, 0}, test: 20},
		"other names":         {files: []File{{"a", images}, {"b", labels}, {"c", testImages}, {"d", testLabels}}, plain: [4]int{0, 1, 2, 3}, test: 20},
		"no names at all":     {files: []File{{"1", testLabels}, {"2", testImages}, {"3", labels}, {"4", images}}, plain: [4]int{3, 2, 1, 0}, test: 20},
		"training alone":      {files: mnist[:2], plain: [4]int{0, 1, -1, -1}},
		"test alone":          {files: []File{{"t10k-images", images}, {"t10k-labels", labels}}, plain: [4]int{0, 1, -1, -1}},
		"with strays":         {files: append([]File{{".DS_Store", []byte("x")}, {"README.txt", []byte("hello")}, {"page.gz", []byte("<!DOCTYPE html><html>")}, {"cover.png", aPicture(t)}}, mnist...), plain: [4]int{4, 5, 6, 7}, test: 20, passed: []error{data.ErrNotData, ErrBeside, data.ErrWebPage, album.ErrHidden}},
		"torchvision's raw":   {files: append(slices.Clone(raw), inFolder("MNIST/raw/", mnist)...), plain: [4]int{0, 1, 2, 3}, test: 20, passed: []error{ErrDuplicate, ErrDuplicate, ErrDuplicate, ErrDuplicate}},
		"labels of others":    {files: append([]File{{"train-labels-9", idx(8, make([]byte, 9), 9)}}, mnist[:2]...), plain: [4]int{1, 2, -1, -1}, passed: []error{ErrOtherSet}},
		"a larger set wins":   {files: append(inFolder("kmnist/", []File{{"train-images", idx(8, make([]byte, 10*784), 10, 28, 28)}}), inFolder("mnist/", mnist)...), plain: [4]int{1, 2, 3, 4}, test: 20, passed: []error{ErrOtherSet}},
		"padded":              {files: []File{{"train-images.gz", append(gz(images), make([]byte, 700)...)}, {"train-labels.gz", append(gz(labels), 0, 0, 0)}}, plain: [4]int{0, 1, -1, -1}},
		"several members":     {files: []File{{"train-images.gz", append(gz(images[:5000]), gz(images[5000:])...)}, mnist[1]}, plain: [4]int{0, 1, -1, -1}},
		"packed twice":        {files: []File{{"train-images.gz", gz(gz(images))}, mnist[1]}, plain: [4]int{-1, -1, -1, -1}},
		"a zip":               {files: []File{{"archive.zip", zipped(t, mnist...)}}, plain: none, test: 20},
		"a zip with copies":   {files: []File{{"archive.zip", zipped(t, append(inFolder("train-images-idx3-ubyte/", raw[:0]), append(slices.Clone(mnist), File{"train-images-idx3-ubyte/train-images-idx3-ubyte", images}, File{"t10k-labels-idx1-ubyte/t10k-labels-idx1-ubyte", testLabels})...)...)}}, plain: none, test: 20, passed: []error{ErrDuplicate, ErrDuplicate}},
		"a tar":               {files: []File{{"MNIST.tar.gz", gz(tarred(t, raw...))}}, plain: none, test: 20},
		"QMNIST":              {files: []File{{"qmnist-train-images-idx3-ubyte.gz", gz(images)}, {"qmnist-train-labels-idx2-int.gz", gz(idx(0x0c, qmnist(y), 100, 8))}, {"qmnist-test-images-idx3-ubyte.gz", gz(testImages)}, {"qmnist-test-labels-idx2-int.gz", gz(idx(0x0c, qmnist(ty), 20, 8))}}, plain: none, test: 20},
		"floats to 1":         {files: []File{{"images", idx(0x0d, as(x, func(b byte) float32 { return float32(b) / 255 }), 100, 28, 28)}, mnist[1]}, plain: none},
		"floats to 255":       {files: []File{{"images", idx(0x0d, as(x, func(b byte) float32 { return float32(b) }), 100, 28, 28)}, mnist[1]}, plain: none},
		"floats about 0":      {files: []File{{"images", idx(0x0e, as(x, func(b byte) float64 { return float64(b)/127.5 - 1 }), 100, 28, 28)}, mnist[1]}, plain: none},
		"shorts":              {files: []File{{"images", idx(0x0b, as(x, func(b byte) int16 { return int16(b) }), 100, 28, 28)}, mnist[1]}, plain: none},
		"ints":                {files: []File{{"images", idx(0x0c, as(x, func(b byte) int32 { return int32(b) }), 100, 28, 28)}, mnist[1]}, plain: none},
		"Keras":               {files: []File{{"mnist.npz", zipped(t, keras...)}}, plain: none, test: 20},
		"npy":                 {files: keras, plain: none, test: 20},
		"npy of floats":       {files: []File{{"x.npy", npy("<f4", false, little(x, func(b byte) float32 { return float32(b) / 255 }), 100, 28, 28, 1)}, {"y.npy", npy("<i8", false, little(y, func(b byte) int64 { return int64(b) }), 100, 1)}}, plain: none},
		"npy of halves":       {files: []File{{"x.npy", npy("<f2", false, little(x, func(b byte) uint16 { return halfOf(float64(b) / 255) }), 100, 784)}, {"y.npy", npy("|i1", false, y, 100)}}, plain: none, tol: 1},
		"npy, columns first":  {files: []File{{"x.npy", npy("|u1", true, columnsFirst(x, 100, 28, 28), 100, 28, 28)}, {"y.npy", npy(">i4", false, as(y, func(b byte) int32 { return int32(b) }), 100)}}, plain: none},
		"one is hot":          {files: []File{{"x.npy", npy("|u1", false, x, 100, 28, 28)}, {"y.npy", npy("|u1", false, oneHot, 100, 10)}}, plain: none},
		"CSV":                 {files: []File{{"mnist_train.csv", csv(x, y, ",", "", false, whole)}, {"mnist_test.csv", csv(tx, ty, ",", "", false, whole)}}, plain: none, test: 20},
		"CSV, names":          {files: []File{{"train.csv", csv(x, y, ",", names+"\n", false, whole)}, {"submission.csv", []byte("ImageId,Label\n1,0\n2,0\n")}}, plain: none, passed: []error{data.ErrNotData}},
		"CSV, class behind":   {files: []File{{"x.csv.gz", gz(csv(x, y, ";", "", true, whole))}}, plain: none},
		"CSV, floats":         {files: []File{{"x.csv", csv(x, y, "\t", "", false, func(b byte) string { return fmt.Sprintf("%.4f", float64(b)/255) })}}, plain: none},
		"CSV, spaces":         {files: []File{{"x.txt", csv(x, y, "  ", "", false, whole)}}, plain: none},
		"CSV in a zip":        {files: []File{{"x.zip", zipped(t, File{"train.csv", csv(x, y, ",", names+"\n", false, whole)})}}, plain: none},
		"EMNIST":              {files: []File{{"emnist-digits-train-images-idx3-ubyte.gz", gz(idx(8, turned, 100, 28, 28))}, {"emnist-digits-train-labels-idx1-ubyte.gz", gz(labels)}, {"emnist-digits-test-images-idx3-ubyte.gz", gz(idx(8, turnedTest, 20, 28, 28))}, {"emnist-digits-test-labels-idx1-ubyte.gz", gz(testLabels)}}, plain: none, test: 20, turned: true},
		"EMNIST, other names": {files: []File{{"images", idx(8, turned, 100, 28, 28)}, {"labels", labels}}, plain: none, turned: true},
	} {
		f := recognise(t, c.files...)
		if f.Kind != Arrays || f.Shape != (data.Shape{C: 1, H: 28, W: 28}) || f.Train.Count != 100 || f.Test.Count != c.test || f.Plain != c.plain || f.Turned != c.turned {
			t.Errorf("%s: %s of %v, %d and %d pictures, plain %v, turned %v; passed over: %v", name, f.Kind, f.Shape, f.Train.Count, f.Test.Count, f.Plain, f.Turned, f.Passed)
			continue
		}
		if !near(f.Train.Pixels, x, c.tol) || !bytes.Equal(f.Train.Labels, y) {
			t.Errorf("%s: other pictures or classes to train on", name)
		}
		if c.test > 0 && (!near(f.Test.Pixels, tx, c.tol) || !bytes.Equal(f.Test.Labels, ty)) {
			t.Errorf("%s: other pictures or classes for the test", name)
		}
		var passed []error
		for _, p := range f.Passed {
			passed = append(passed, p.Err)
		}
		if !slices.EqualFunc(passed, c.passed, errors.Is) {
			t.Errorf("%s: passed over %v, want %v", name, f.Passed, c.passed)
		}
	}
	// The switch.
	for turning, want := range map[Turn][]byte{TurnNever: turned, TurnAlways: x, TurnIfNeeded: x} {
		f, err := Recognise([]File{{"images", idx(8, turned, 100, 28, 28)}}, Options{Limits: limits, Turn: turning})
		if err != nil || !bytes.Equal(f.Train.Pixels, want) {
			t.Errorf("turn %d: other pictures, %v", turning, err)
		}
	}
	colours := make([]byte, 0, 30*3*64)
	for i := range 30 * 3 * 64 {
		colours = append(colours, byte(i*i>>4))
	}
	for name, file := range map[string]File{
		"planes":   {"x", idx(8, colours, 30, 3, 8, 8)},
		"a row":    {"x.npy", npy("|u1", false, colours, 30, 192)},
		"together": {"x.npy", npy("|u1", false, hwc(colours, 64), 30, 8, 8, 3)},
	} {
		if f := recognise(t, file); f.Shape != (data.Shape{C: 3, H: 8, W: 8}) || !bytes.Equal(f.Train.Pixels, colours) {
			t.Errorf("colours, %s: %v", name, f.Shape)
		}
	}
}

func halfOf(v float64) uint16 {
	if v == 0 {
		return 0
	}
	fraction, exponent := math.Frexp(v)
	return uint16(int(exponent+14)<<10 | int((2*fraction-1)*1024+0.5))
}

func near(a, b []byte, tolerance int) bool {
	return slices.EqualFunc(a, b, func(x, y byte) bool { return max(x, y)-min(x, y) <= byte(tolerance) })
}

// cifar is a batch of n records, with other pixels for another seed.
func cifar(n, labels, seed int) []byte {
	var b []byte
	for i := range n {
		if labels == 2 {
			b = append(b, byte((i+seed)%20))
		}
		b = append(b, byte((i+seed)%10))
		for k := range cifarPixels {
			b = append(b, byte(i+k*seed))
		}
	}
	return b
}

func TestBatches(t *testing.T) {
	folder := []File{
		{"cifar-10-batches-bin/batches.meta.txt", []byte("airplane\nautomobile\n")}, {"cifar-10-batches-bin/data_batch_1.bin", cifar(4, 1, 1)},
		{"cifar-10-batches-bin/data_batch_2.bin", cifar(5, 1, 2)}, {"cifar-10-batches-bin/readme.html", []byte("<html><head></head></html>")},
		{"cifar-10-batches-bin/test_batch.bin", cifar(3, 1, 3)},
	}
	var fine strings.Builder
	for i := range 100 {
		fmt.Fprintf(&fine, "name%d\n", i)
	}
	hundred := []File{{"cifar-100-binary/train.bin", cifar(6, 2, 1)}, {"cifar-100-binary/test.bin", cifar(2, 2, 2)}, {"cifar-100-binary/fine_label_names.txt", []byte(fine.String())}, {"cifar-100-binary/coarse_label_names.txt", []byte("a\nb\n")}}
	black := cifar(2, 1, 1)
	clear(black[:2000])
	for name, c := range map[string]struct {
		files       []File
		train, test int
		classes     string // of number 1
		passed      []error
	}{
		"a folder":            {folder, 9, 3, "automobile", []error{data.ErrNotData, data.ErrWebPage}},
		"a zip":               {[]File{{"x.zip", zipped(t, folder...)}}, 9, 3, "automobile", []error{data.ErrNotData, data.ErrWebPage}},
		"as downloaded":       {[]File{{"cifar-10-binary.tar.gz", gz(tarred(t, folder...))}}, 9, 3, "automobile", []error{data.ErrNotData, data.ErrWebPage}},
		"compressed":          {[]File{{"data_batch_1.bin.gz", gz(folder[1].Content)}}, 4, 0, "automobile", nil},
		"any name":            {[]File{{"x", folder[1].Content}, {"y", folder[2].Content}}, 9, 0, "automobile", nil},
		"a copy":              {[]File{folder[1], {"data_batch_1.bin.gz", gz(folder[1].Content)}}, 4, 0, "automobile", []error{ErrDuplicate}},
		"a black picture":     {[]File{{"x.bin", black}}, 2, 0, "automobile", nil},
		"CIFAR-100":           {hundred, 6, 2, "name1", []error{data.ErrNotData}},
		"CIFAR-100, no names": {hundred[:1], 6, 0, "1", nil},
		"both":                {append(slices.Clone(hundred[:2]), folder[1]), 6, 2, "1", []error{ErrOtherSet}},
	} {
		f := recognise(t, c.files...)
		if f.Kind != Batches || f.Train.Count != c.train || f.Test.Count != c.test || len(f.Classes) < 10 || f.Classes[1] != c.classes || len(f.Train.Pixels) != c.train*cifarPixels || len(f.Train.Labels) != c.train {
			t.Errorf("%s: %s, %d and %d, %d classes, %v", name, f.Kind, f.Train.Count, f.Test.Count, len(f.Classes), f.Passed)
			continue
		}
		if name != "a black picture" && (f.Train.Labels[1] != 2 || f.Train.Pixels[5] != 5 || f.Train.Pixels[cifarPixels] != 1) {
			t.Errorf("%s: other pixels", name)
		}
		var passed []error
		for _, p := range f.Passed {
			passed = append(passed, p.Err)
		}
		if !slices.EqualFunc(passed, c.passed, errors.Is) {
			t.Errorf("%s: passed over %v, want %v", name, f.Passed, c.passed)
		}
	}
}

// TestPictures: an archive or a folder of pictures is that, whatever else is there.
func TestPictures(t *testing.T) {
	p := aPicture(t)
	for name, c := range map[string]struct {
		files []File
		want  Kind
	}{
		"one":       {[]File{{"a.png", p}}, Picture},
		"any name":  {[]File{{"a.dat", p}}, Picture},
		"several":   {[]File{{"a.png", p}, {"b.png", p}}, Pictures},
		"a zip":     {[]File{{"a.zip", zipped(t, File{"a.png", p})}}, Pictures},
		"a tar":     {[]File{{"a.tgz", gz(tarred(t, File{"a.png", p}, File{"b.png", p}))}}, Pictures},
		"and notes": {[]File{{"a.png", p}, {"b.png", p}, {"notes.csv", []byte("name,class\na,1\n")}, {"labels", idx(8, []byte{1, 2}, 2)}}, Pictures},
	} {
		if f := recognise(t, c.files...); f.Kind != c.want {
			t.Errorf("%s: %s, want %s", name, f.Kind, c.want)
		}
	}
}

// bombOf is a gigabyte behind a head, in a megabyte: what a megabyte of it becomes behind another is the same every time.
func bombOf(t testing.TB, head, mega []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, 9)
	if err != nil {
		t.Fatal(err)
	}
	write := func(b []byte) []byte {
		out.Reset()
		_, _ = w.Write(b)
		_ = w.Flush()
		return bytes.Clone(out.Bytes())
	}
	first, second := write(append(bytes.Clone(head), mega...)), write(mega)
	b := append([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"), first...)
	b = append(b, bytes.Repeat(second, 1023)...)
	b = append(b, 1, 0, 0, 0xff, 0xff) // an empty block is the last
	b = append(b, 0, 0, 0, 0)          // whoever reads up to its checksum has read too much
	return binary.LittleEndian.AppendUint32(b, uint32(len(head)+1024*len(mega)))
}

// TestRefused: what is no data set is refused at once, with the reason, and without the memory that it asks for.
func TestRefused(t *testing.T) {
	x, _ := digits(60)
	images := idx(8, x, 60, 28, 28)
	packed := gz(images)
	bomb := func(head []byte) []byte { return bombOf(t, head, make([]byte, 1<<20)) }
	zeros := bomb(nil)
	for name, c := range map[string]struct {
		file File
		kind error
	}{
		"nothing":                    {File{"x", nil}, data.ErrEmpty},
		"a web page":                 {File{"train-images-idx3-ubyte.gz", []byte("\n<!doctype html>\n<html lang=en>")}, data.ErrWebPage},
		"a web page, packed":         {File{"x.gz", gz([]byte("<html><body>404"))}, data.ErrWebPage},
		"a Git LFS pointer":          {File{"mnist.npz", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n")}, data.ErrPointer},
		"text":                       {File{"x.csv", []byte("a,b\n1,2\n")}, data.ErrNotData},
		"2^32 pictures":              {File{"x", idx(8, make([]byte, 50), 0xffffffff, 28, 28)}, data.ErrTooLarge},
		"2^32 pictures, packed":      {File{"x.gz", gz(idx(8, make([]byte, 50), 0xffffffff, 28, 28))}, data.ErrTooLarge},
		"more than there are":        {File{"x", idx(8, make([]byte, 784), 2, 28, 28)}, data.ErrTruncated},
		"more than are taken":        {File{"x.gz", bomb(idx(8, nil, 1<<20, 32, 32))}, data.ErrTooLarge},
		"zeros":                      {File{"x.gz", zeros}, data.ErrEmpty},
		"zeros in a zip":             {File{"x.zip", zipped(t, File{"x.gz", zeros})}, data.ErrEmpty},
		"torn":                       {File{"x.gz", packed[:len(packed)/2]}, data.ErrTruncated},
		"torn in its head":           {File{"x.gz", packed[:5]}, data.ErrTruncated},
		"torn at its end":            {File{"x.gz", packed[:len(packed)-1]}, data.ErrTruncated},
		"damaged":                    {File{"x.gz", func() []byte { b := bytes.Clone(packed); b[len(b)-7] ^= 0xff; return b }()}, data.ErrCorrupt},
		"longer than it says":        {File{"x", append(bytes.Clone(images), 1)}, data.ErrTrailing},
		"a pickle":                   {File{"data_batch_1", []byte("\x80\x02}q\x01(U\x0bbatch_label")}, data.ErrFormat},
		"HDF5":                       {File{"x.h5", []byte("\x89HDF\r\n\x1a\n....")}, data.ErrFormat},
		"MATLAB with HDF5":           {File{"x.mat", []byte("MATLAB 7.3 MAT-file, Platform: GLNXA64\x00\x01")}, data.ErrFormat},
		"LZMA":                       {File{"x.lzma", []byte("]\x00\x00\x80\x00\xff\xff")}, data.ErrFormat},
		"LZ4":                        {File{"x.lz4", []byte("\x04\x22\x4d\x18\x64\x40\xa7")}, data.ErrFormat},
		"compress":                   {File{"x.tar.Z", []byte("\x1f\x9d\x90\x01\x02\x03")}, data.ErrFormat},
		"no pictures":                {File{"x", idx(8, nil, 0, 28, 28)}, data.ErrEmpty},
		"objects":                    {File{"x.npy", npy("|O", false, nil, 5)}, data.ErrCorrupt},
		"texts":                      {File{"x.npy", npy("<U5", false, nil, 5, 28, 28)}, data.ErrFormat},
		"not numbers":                {File{"x", idx(0x0d, as(make([]byte, 784), func(byte) float32 { return float32(math.NaN()) }), 1, 28, 28)}, data.ErrCorrupt},
		"labels alone":               {File{"y", idx(8, []byte{1, 2}, 2)}, ErrNoImages},
		"a zip that is torn":         {File{"x.zip", zipped(t, File{"a", images})[:1000]}, data.ErrTruncated},
		"a tar that is torn":         {File{"x.tar", tarred(t, File{"a", images})[:3000]}, data.ErrTruncated},
		"a table that is torn":       {File{"x.csv", append(csv(x[:784*50], make([]byte, 50), ",", "", false, whole), "1,2,3\n"...)}, data.ErrCorrupt},
		"a table with a long number": {File{"x.csv", append(csv(x[:784], []byte{1}, ",", "", false, whole), bytes.Repeat([]byte("9"), 2<<20)...)}, data.ErrTooLarge},
	} {
		began := time.Now()
		f, err := Recognise([]File{c.file}, Options{Limits: limits})
		if !errors.Is(err, c.kind) {
			t.Errorf("%s: %v, want %v; passed over: %v", name, err, c.kind, f.Passed)
		}
		var fe *data.FileError
		if !errors.As(err, &fe) || fe.Advice == "" || fe.Field == "" {
			t.Errorf("%s: no advice in %#v", name, err)
		}
		if d := time.Since(began); d > 500*time.Millisecond {
			t.Errorf("%s: refused after %v", name, d)
		}
	}
	// Beside a good set each of them is passed over.
	f := recognise(t, File{"x.gz", zeros}, File{"page", []byte("<html><head>")}, File{"train-images", images})
	if f.Train.Count != 60 || len(f.Passed) != 2 {
		t.Errorf("%d pictures, passed over %v", f.Train.Count, f.Passed)
	}
}

// TestStop: an error of Yield ends the work and is returned as it is.
func TestStop(t *testing.T) {
	x, _ := digits(400)
	file := File{"x.gz", gz(idx(8, x, 400, 28, 28))}
	calls, stop := 0, errors.New("stop")
	if _, err := Recognise([]File{file}, Options{Limits: limits, Yield: func(int, int) error { calls++; return nil }}); err != nil || calls < 5 {
		t.Errorf("%d calls, %v", calls, err)
	}
	for after := range calls {
		n := 0
		_, err := Recognise([]File{file}, Options{Limits: limits, Yield: func(done, of int) error {
			if n++; n > after {
				return stop
			}
			return nil
		}})
		if err != stop { //nolint:errorlint // as it is
			t.Fatalf("after %d calls: %v", after, err)
		}
	}
}

// TestCases reads the small inputs that were read wrongly once.
func TestCases(t *testing.T) {
	dir := "../../../../shared/cases/idx"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("../shared/cases is not beside the repository: this test needs it and is left out")
	}
	for name, c := range map[string]struct {
		plain  int // files
		passed []error
	}{"fourplus": {4, []error{data.ErrNotData, album.ErrHidden}}, "gzpad": {2, nil}, "qmnist": {0, nil}} {
		var given []File
		entries, err := os.ReadDir(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			b, err := os.ReadFile(filepath.Join(dir, name, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			given = append(given, File{e.Name(), b})
		}
		f := recognise(t, given...)
		plain := 0
		for _, p := range f.Plain {
			if p >= 0 {
				plain++
			}
		}
		var passed []error
		for _, p := range f.Passed {
			passed = append(passed, p.Err)
		}
		if f.Kind != Arrays || f.Train.Labels == nil || plain != c.plain || !slices.EqualFunc(passed, c.passed, errors.Is) || f.Turned {
			t.Errorf("%s: %+v, plain %v, passed over %v", name, f.Kind, f.Plain, f.Passed)
		}
	}
}

func FuzzRecognise(f *testing.F) {
	x, y := digits(2)
	f.Add(idx(8, x, 2, 28, 28), idx(8, y, 2))
	f.Add(gz(idx(0x0c, as(x, func(b byte) int32 { return int32(b) }), 2, 28, 28)), []byte("version https://git-lfs"))
	f.Add(npy("<f4", true, little(x, func(b byte) float32 { return float32(b) }), 2, 28, 28), npy("|u1", false, y, 2))
	f.Add(csv(x, y, ",", "", false, whole), []byte("<html>"))
	f.Add(zipped(f, File{"a", idx(8, x, 2, 28, 28)}, File{"b.npy", npy("|u1", false, y, 2)}), cifar(1, 2, 1))
	f.Add(gz(tarred(f, File{"a", idx(8, x, 2, 28, 28)})), cifar(1, 1, 1))
	f.Add(libSVM(x, y, 1), gz(zipped(f, File{"a", idx(8, x, 2, 28, 28)})))
	f.Add(npy("|u1", false, x, 2, 28, 28), npy("<U2", false, make([]byte, 16), 2))
	f.Add([]byte("BZh91AY&SY"), npy("|S2", false, []byte("a\x00b\x00"), 2))
	small := Limits{Files: 50, Bytes: 1 << 18, Unpacked: 1 << 19}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		found, err := Recognise([]File{{"train", a}, {"test", b}}, Options{Limits: small})
		var fe *data.FileError
		if err != nil && (!errors.As(err, &fe) || fe.Kind == nil || fe.Advice == "") {
			t.Fatalf("error %#v", err)
		}
		if err != nil || found.Kind == Picture || found.Kind == Pictures {
			return
		}
		for _, p := range []Part{found.Train, found.Test} {
			if len(p.Pixels) != p.Count*found.Shape.Len() || p.Labels != nil && len(p.Labels) != p.Count {
				t.Fatalf("%d pictures of %v, %d bytes, %d labels", p.Count, found.Shape, len(p.Pixels), len(p.Labels))
			}
		}
	})
}
