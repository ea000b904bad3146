package files

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"inkdrift/vae/data"
)

// broken is a gzip file with a wrong checksum.
func broken(content []byte) []byte {
	b := gz(content)
	b[len(b)-7] ^= 0xff
	return b
}

// unmarked makes a tar archive one of the old form, without a mark.
func unmarked(b []byte) []byte {
	for at := 0; b[at] != 0; {
		h := b[at : at+512]
		copy(h[257:], make([]byte, 8))
		copy(h[148:], "        ")
		sum, size := 0, 0
		for _, v := range h {
			sum += int(v)
		}
		copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
		_, _ = fmt.Sscanf(string(h[124:135]), "%o", &size)
		at += 512 + (size+511)/512*512
	}
	return b
}

// TestMost: what gives most pictures is taken, and what cannot be read spoils nothing.
func TestMost(t *testing.T) {
	x, y := digits(80)
	tx, ty := x[60*784:], y[60:]
	x, y = x[:60*784], y[:60]
	images, labels := File{"train-images.gz", gz(idx(8, x, 60, 28, 28))}, File{"train-labels.gz", gz(idx(8, y, 60))}
	testImages, testLabels := File{"t10k-images.gz", gz(idx(8, tx, 20, 28, 28))}, File{"t10k-labels.gz", gz(idx(8, ty, 20))}
	mnist := []File{images, labels, testImages, testLabels}
	p := aPicture(t)
	var pictures []File
	for i := range 30 {
		pictures = append(pictures, File{fmt.Sprintf("set/%d/%d.png", i%3, i), p})
	}
	floats := func(n, width int) []byte {
		return npy("<f4", false, little(make([]byte, n*width), func(byte) float32 { return 0.3 }), n, width)
	}
	zipOf := func(images, labels []byte) []byte {
		return zipped(t, File{"data/images", images}, File{"data/labels", labels})
	}
	arr := func(dtype string, pixels, labels []byte) []byte {
		n := len(labels)
		return zipped(t, File{"arr_0.npy", npy(dtype, false, pixels, n, 28, 28)}, File{"arr_1.npy", npy(dtype, false, labels, n)})
	}
	with := func(files []File, more ...File) []File { return append(slices.Clone(files), more...) }
	for name, c := range map[string]struct {
		files       []File
		kind        Kind
		train, test int
		labelled    bool
		passed      []error
	}{
		"pictures, a mean":             {with(pictures, File{"mean.npy", npy("<f4", false, make([]byte, 4*3*32*32), 3, 32, 32)}), Pictures, 0, 0, false, []error{ErrOtherSet}},
		"pictures, a few in IDX":       {with(pictures, File{"two", idx(8, x[:2*784], 2, 28, 28)}), Pictures, 0, 0, false, []error{ErrOtherSet}},
		"pictures, features":           {with(pictures, File{"features.npy", floats(30, 1024)}), Pictures, 0, 0, false, []error{ErrOtherSet}},
		"pictures, a table":            {with(pictures, File{"landmarks.csv", csv(x, y, ",", "", false, whole)}), Pictures, 0, 0, false, []error{ErrOtherSet}},
		"MNIST, a small batch":         {with(mnist, File{"test_batch.bin", cifar(4, 1, 3)}), Arrays, 60, 20, true, []error{ErrOtherSet}},
		"MNIST, features":              {with(mnist[:2], File{"features.npy", floats(60, 1024)}), Arrays, 60, 0, true, []error{ErrOtherSet}},
		"MNIST, more features":         {with(mnist, File{"features.npy", floats(80, 1024)}), Arrays, 60, 20, true, []error{ErrOtherSet}},
		"MNIST, a few pictures":        {with(mnist, pictures[:3]...), Arrays, 60, 20, true, []error{ErrBeside}},
		"a damaged larger set":         {with(mnist[:2], File{"kmnist/train-images.gz", broken(idx(8, make([]byte, 90*784), 90, 28, 28))}), Arrays, 60, 0, true, []error{data.ErrCorrupt}},
		"a damaged test part":          {with(mnist[:2], File{"t10k-images.gz", broken(idx(8, tx, 20, 28, 28))}, testLabels), Arrays, 60, 0, true, []error{data.ErrCorrupt, ErrUnfit}},
		"a test part torn in a zip":    {with(mnist[:2], File{"test.zip", zipped(t, File{"t10k-images.gz", testImages.Content[:len(testImages.Content)/2]})}), Arrays, 60, 0, true, []error{data.ErrTruncated}},
		"damaged, and a good copy":     {[]File{{"a/train-images.gz", broken(idx(8, x, 60, 28, 28))}, {"a/train-images", idx(8, x, 60, 28, 28)}, labels}, Arrays, 60, 0, true, []error{data.ErrCorrupt}},
		"damaged labels":               {[]File{images, {"train-labels.gz", broken(idx(8, y, 60))}}, Arrays, 60, 0, false, []error{data.ErrCorrupt}},
		"damaged labels, a good copy":  {[]File{images, {"train-labels.gz", broken(idx(8, y, 60))}, {"x/train-labels", idx(8, y, 60)}}, Arrays, 60, 0, true, []error{data.ErrCorrupt}},
		"damaged, beside pictures":     {with(pictures, File{"train-images.gz", broken(idx(8, x, 60, 28, 28))}), Pictures, 0, 0, false, []error{data.ErrCorrupt}},
		"what are no labels":           {[]File{{"a.npy", floats(60, 1)}, {"b.npy", npy("|u1", false, y, 60)}, {"c.npy", npy("|u1", false, x, 60, 28, 28)}}, Arrays, 60, 0, true, []error{ErrUnfit}},
		"train.zip and test.zip":       {[]File{{"test.zip", zipOf(idx(8, tx, 20, 28, 28), idx(8, ty, 20))}, {"train.zip", zipOf(idx(8, tx, 20, 28, 28), idx(8, ty, 20))}}, Arrays, 20, 20, true, nil},
		"a larger test part, by names": {[]File{{"a-train.npz", arr("|u1", tx, ty)}, {"a-test.npz", arr("|u1", x, y)}}, Arrays, 20, 60, true, nil},
		"two of equal names":           {[]File{{"full_numpy_bitmap_cat.npy", npy("|u1", false, x[:30*784], 30, 784)}, {"full_numpy_bitmap_dog.npy", npy("|u1", false, x[30*784:], 30, 784)}}, Arrays, 30, 0, false, []error{ErrOtherSet}},
		"one word":                     {[]File{{"testImages", idx(8, x, 60, 28, 28)}, {"trainImages", idx(8, tx, 20, 28, 28)}, {"trainLabels", idx(8, ty, 20)}, {"testLabels", idx(8, y, 60)}}, Arrays, 20, 60, true, nil},
	} {
		f, err := Recognise(c.files, Options{Limits: limits})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var passed []error
		for _, p := range f.Passed {
			passed = append(passed, p.Err)
		}
		if f.Kind != c.kind || f.Train.Count != c.train || f.Test.Count != c.test || (f.Train.Labels != nil) != c.labelled || !slices.EqualFunc(passed, c.passed, errors.Is) {
			t.Errorf("%s: %s, %d and %d pictures, %d labels, passed over %v", name, f.Kind, f.Train.Count, f.Test.Count, len(f.Train.Labels), f.Passed)
		}
		if c.test > 0 && (f.Test.Labels == nil || c.test == 60 && !bytes.Equal(f.Test.Labels, y)) {
			t.Errorf("%s: other labels for the test", name)
		}
	}
}

// TestForms: labels and pictures are told from each other in forms in which they look alike.
func TestForms(t *testing.T) {
	x, y := digits(60)
	one := func(n int, order bool) (labels, hot []byte) {
		hot = make([]byte, 60*n)
		for i := range 60 {
			k := (i * 7) % n
			labels = append(labels, byte(k))
			if order {
				hot[k*60+i] = 1
			} else {
				hot[i*n+k] = 1
			}
		}
		return labels, hot
	}
	l36, h36 := one(36, false)
	_, f36 := one(36, true)
	l10, f10 := one(10, true)
	l64, h64 := one(64, false)
	pictures := npy("|u1", false, x, 60, 28, 28)
	negative := make([]byte, len(x))
	for i, v := range x {
		negative[i] = v - 128
	}
	photo := make([]byte, 4*32*32)
	for i := range photo {
		photo[i] = byte(60 + i%32*4 + i/32%32)
	}
	if !unsigned(photo) {
		t.Error("a photograph is taken for signed numbers")
	}
	for i := range photo {
		photo[i] -= 128
	}
	if unsigned(photo) {
		t.Error("a photograph of signed numbers is taken for others")
	}
	for name, c := range map[string]struct {
		files  []File
		labels []byte
	}{
		"36 columns":                  {[]File{{"x.npy", pictures}, {"y.npy", npy("|u1", false, h36, 60, 36)}}, l36},
		"36 columns, rows of pixels":  {[]File{{"train_labels.npy", npy("|u1", false, h36, 60, 36)}, {"train_x.npy", npy("|u1", false, x, 60, 784)}}, l36},
		"64 columns, no names":        {[]File{{"a.npy", npy("|u1", false, h64, 60, 64)}, {"b.npy", npy("|u1", false, x, 60, 784)}}, l64},
		"36 columns, Fortran's order": {[]File{{"a.npy", npy("|u1", true, f36, 60, 36)}, {"b.npy", npy("|u1", false, x, 60, 784)}}, l36},
		"10 columns, Fortran's order": {[]File{{"x.npy", pictures}, {"y.npy", npy("|u1", true, f10, 60, 10)}}, l10},
		"the number of pictures last": {[]File{{"x.npy", npy("|u1", false, rowsFirst(x, []int{784, 60}), 28, 28, 60)}, {"y.npy", npy("|u1", false, y, 60)}}, y},
		"last, in Fortran's order":    {[]File{{"x.npy", npy("|u1", true, columnsFirst(rowsFirst(x, []int{784, 60}), 28, 28, 60), 28, 28, 60)}, {"y.npy", npy("|u1", false, y, 60)}}, y},
		"an old tar":                  {[]File{{"x.tar.gz", gz(unmarked(tarred(t, File{"x", idx(8, x, 60, 28, 28)}, File{"y", idx(8, y, 60)})))}}, y},
		"a zip behind a program":      {[]File{{"x.zip", append([]byte("#!/bin/sh\nexit\n"), zipped(t, File{"x", idx(8, x, 60, 28, 28)}, File{"y", idx(8, y, 60)})...)}}, y},
		"signed bytes that are not":   {[]File{{"x", idx(9, x, 60, 28, 28)}, {"y", idx(9, y, 60)}}, y},
		"signed bytes that are":       {[]File{{"x", idx(9, negative, 60, 28, 28)}, {"y", idx(8, y, 60)}}, y},
	} {
		f := recognise(t, c.files...)
		if f.Shape != (data.Shape{C: 1, H: 28, W: 28}) || !near(f.Train.Pixels, x, 1) || !bytes.Equal(f.Train.Labels, c.labels) || len(f.Passed) > 0 {
			t.Errorf("%s: %v, %d pictures, labels %v, passed over %v", name, f.Shape, f.Train.Count, f.Train.Labels, f.Passed)
		}
	}
}

// TestTables: tables of the same pixels and classes in the forms that programs write.
func TestTables(t *testing.T) {
	x, y := digits(60)
	sorted := make([]byte, 0, len(x))
	var classes []byte
	for class := range byte(10) {
		for i, l := range y {
			if l == class {
				sorted, classes = append(sorted, x[i*784:(i+1)*784]...), append(classes, l)
			}
		}
	}
	names := "label"
	for i := range 784 {
		names += fmt.Sprintf(",pixel%d", i)
	}
	words := []string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}
	plain := func(separator, header string, behind bool) []byte {
		return csv(sorted, classes, separator, header, behind, whole)
	}
	edit := func(b []byte, line func(i int, line string) string) []byte {
		lines := strings.Split(strings.TrimSuffix(string(b), "\r\n"), "\r\n")
		for i, l := range lines {
			lines[i] = line(i, l)
		}
		return []byte(strings.Join(lines, "\r\n") + "\r\n")
	}
	inWords := func(b []byte, header bool) []byte {
		return edit(b, func(i int, l string) string {
			if header && i == 0 {
				return l
			}
			first, rest, _ := strings.Cut(l, ",")
			return `"` + words[first[0]-'0'] + `",` + rest
		})
	}
	number := func(i int, l string) string { return fmt.Sprintf("%d,%s", i-1, l) }
	wide := []byte("\xff\xfe")
	for _, u := range utf16.Encode([]rune(string(plain(",", names+"\n", false)))) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	var column, pixels strings.Builder
	for _, l := range classes {
		fmt.Fprintln(&column, l)
	}
	for i := range classes {
		pixels.WriteString(strings.Trim(strings.Join(strings.Fields(fmt.Sprint(sorted[i*784:(i+1)*784])), ","), "[]") + "\n")
	}
	indexed := edit(plain(",", names+"\r\n", false), func(i int, l string) string {
		if i == 0 {
			return "," + l
		}
		return number(i, l)
	})
	arff := "% Handwritten digits\n@RELATION digits\n\n"
	for i := range 784 {
		arff += fmt.Sprintf("@ATTRIBUTE pixel%d NUMERIC\n", i)
	}
	arff += "@ATTRIBUTE class {0,1,2,3,4,5,6,7,8,9}\n\n@DATA\n"
	numbers := "label"
	for i := range 784 {
		numbers += fmt.Sprintf(",%d", i)
	}
	for name, c := range map[string]struct {
		files   []File
		classes []string
	}{
		"class behind, sorted":     {[]File{{"x.csv", plain(",", "", true)}}, nil},
		"class in front, sorted":   {[]File{{"x.csv", plain(",", "", false)}}, nil},
		"a column of row numbers":  {[]File{{"x.csv", indexed}}, nil},
		"row numbers without name": {[]File{{"x.csv", edit(plain(",", "", false), func(i int, l string) string { return number(i+1, l) })}}, nil},
		"decimal commas":           {[]File{{"x.csv", csv(sorted, classes, ";", "", false, func(b byte) string { return strings.Replace(fmt.Sprintf("%.4f", float64(b)/255), ".", ",", 1) })}}, nil},
		"comments":                 {[]File{{"x.csv", plain(",", "# made by hand\r\n# twice\r\n"+names+"\r\n", false)}}, nil},
		"notes":                    {[]File{{"x.csv", plain(",", "MNIST\r\nin rows\r\n"+names+"\r\n", false)}}, nil},
		"a separator at the end":   {[]File{{"x.csv", edit(plain(",", names+"\r\n", false), func(_ int, l string) string { return l + "," })}}, nil},
		"ARFF":                     {[]File{{"x.arff", []byte(arff + strings.ReplaceAll(string(plain(",", "", true)), "\r\n", "\n"))}}, nil},
		"names that are numbers":   {[]File{{"x.csv", plain(",", numbers+"\r\n", false)}}, nil},
		"carriage returns":         {[]File{{"x.csv", bytes.ReplaceAll(plain(",", names+"\r\n", false), []byte("\r\n"), []byte("\r"))}}, nil},
		"UTF-16":                   {[]File{{"x.csv", wide}}, nil},
		"words":                    {[]File{{"x.csv", inWords(plain(",", "", false), false)}}, words},
		"words, names":             {[]File{{"x.csv", inWords(plain(",", names+"\r\n", false), true)}}, words},
		"classes apart":            {[]File{{"x_train.csv", []byte(pixels.String())}, {"y_train.csv", []byte(column.String())}}, nil},
		"classes apart, named":     {[]File{{"x_train.csv", []byte(pixels.String())}, {"y_train.csv", []byte("label\n" + column.String())}}, nil},
		"classes apart, numbered": {[]File{{"x_train.csv", []byte(pixels.String())}, {"labels.csv", edit([]byte(strings.ReplaceAll(column.String(), "\n", "\r\n")), func(i int, l string) string {
			return fmt.Sprintf("%d,%s", i, l)
		})}}, nil},
	} {
		f, err := Recognise(c.files, Options{Limits: limits})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		labels := classes
		if c.classes != nil {
			in := slices.Sorted(slices.Values(c.classes))
			labels = nil
			for _, l := range classes {
				labels = append(labels, byte(slices.Index(in, words[l])))
			}
			if !slices.Equal(f.Classes, in) {
				t.Errorf("%s: classes %q", name, f.Classes)
			}
		}
		if f.Train.Count != 60 || !near(f.Train.Pixels, sorted, 0) || !bytes.Equal(f.Train.Labels, labels) || len(f.Passed) > 0 {
			t.Errorf("%s: %d pictures, labels %v, passed over %v", name, f.Train.Count, f.Train.Labels, f.Passed)
		}
	}
	// The first rows do not tell where the class is.
	late := append(make([]byte, 50), bytes.Repeat([]byte{1}, 10)...)
	for _, behind := range []bool{false, true} {
		if f := recognise(t, File{"x.csv", csv(x, late, ",", "", behind, whole)}); !bytes.Equal(f.Train.Labels, late) || !bytes.Equal(f.Train.Pixels, x) {
			t.Errorf("behind %v: labels %v", behind, f.Train.Labels)
		}
	}
	// The words of two tables are numbered alike.
	a, b := plain(",", "", false), plain(",", "", false)
	lines := bytes.SplitAfter(b, []byte("\n"))
	f := recognise(t, File{"train.csv", inWords(a, false)}, File{"test.csv", inWords(bytes.Join(lines[30:60], nil), false)})
	if f.Test.Count != 30 || !bytes.Equal(f.Test.Labels, f.Train.Labels[30:]) || len(f.Classes) != 10 {
		t.Errorf("%d for the test: %v, to train on: %v, classes %q", f.Test.Count, f.Test.Labels, f.Train.Labels, f.Classes)
	}
}

// libSVM is a table as LibSVM's: a class, and the pixels that are not 0, numbered from first on.
func libSVM(pixels, labels []byte, first int) []byte {
	var b bytes.Buffer
	for i, l := range labels {
		fmt.Fprint(&b, l)
		for k, v := range pixels[i*784 : (i+1)*784] {
			if v > 0 {
				fmt.Fprintf(&b, " %d:%d", k+first, v)
			}
		}
		b.WriteString(" \n")
	}
	return b.Bytes()
}

// packedBy compresses with a program, which Go has no writer for.
func packedBy(t *testing.T, program string, content []byte) []byte {
	t.Helper()
	c := exec.Command(program, "-c")
	c.Stdin = bytes.NewReader(content)
	out, err := c.Output()
	if err != nil {
		t.Skip(program, "is missing:", err)
	}
	return out
}

// TestSparse reads tables of LibSVM: the last pixels are not in them where they are black in all pictures.
func TestSparse(t *testing.T) {
	x, y := digits(60)
	last := 0
	for i, v := range x {
		if v > 0 {
			last = max(last, i%784)
		}
	}
	x[last/28*28+27], x[28*27+5] = 9, 9 // so that something is in the last row
	for name, c := range map[string][]byte{"from 1": libSVM(x, y, 1), "from 0": libSVM(append([]byte{7}, x[1:]...), y, 0)} {
		f := recognise(t, File{"mnist", c})
		if !bytes.Equal(f.Train.Pixels[1:], x[1:]) || !bytes.Equal(f.Train.Labels, y) || f.Shape != (data.Shape{C: 1, H: 28, W: 28}) || f.Turned {
			t.Errorf("%s: %v, labels %v", name, f.Shape, f.Train.Labels)
		}
	}
	for name, c := range map[string]struct {
		text string
		kind error
	}{
		"too few columns":     {"1 1:3 2:4\n2 1:5 4:1\n", data.ErrNotData},
		"no square":           {"1 1:3 123:4\n2 1:5 4:1\n", data.ErrNotData},
		"times":               {"12:30 13:40\n", data.ErrNotData},
		"out of order, later": {strings.Repeat("1 3:3 784:4\n", 200) + "1 5:4 3:3\n", data.ErrCorrupt},
		"huge numbers":        {"1 700000000:1\n", data.ErrNotData},
	} {
		if _, err := Recognise([]File{{"x", []byte(c.text)}}, Options{Limits: limits}); !errors.Is(err, c.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	f := recognise(t, File{"x", append([]byte("1 784:5 # a note\n3\n"), libSVM(x, y, 1)...)})
	if f.Train.Count != 62 || f.Train.Labels[1] != 3 || f.Train.Pixels[783] != 5 || !bytes.Equal(f.Train.Pixels[784:2*784], make([]byte, 784)) {
		t.Errorf("notes, and a black picture: %d pictures, labels %v", f.Train.Count, f.Train.Labels[:3])
	}
}

// TestWordsOfNumPy: labels may be arrays of words, of bytes or of characters.
func TestWordsOfNumPy(t *testing.T) {
	x, y := digits(60)
	names := []string{"zéro", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}
	of := func(labels []byte, wide bool, word func(k byte) string) (out []byte) {
		for _, k := range labels {
			w := []rune(word(k))
			for i := range 6 {
				c := rune(0)
				if i < len(w) {
					c = w[i]
				}
				if wide {
					out = binary.LittleEndian.AppendUint32(out, uint32(c))
				} else {
					out = append(out, byte(c))
				}
			}
		}
		return out
	}
	named := func(k byte) string { return names[k] }
	number := func(k byte) string { return fmt.Sprint(k + 4) }
	f := recognise(t, File{"x_train.npy", npy("|u1", false, x, 60, 28, 28)}, File{"y_train.npy", npy("<U6", false, of(y, true, named), 60)},
		File{"x_test.npy", npy("|u1", false, x[:9*784], 9, 28, 28)}, File{"y_test.npy", npy("<U6", false, of(y[:9], true, named), 9)})
	for i, k := range f.Train.Labels {
		if f.Classes[k] != names[y[i]] || i < 9 && f.Test.Labels[i] != k {
			t.Fatalf("picture %d is %q, not %q", i, f.Classes[k], names[y[i]])
		}
	}
	f = recognise(t, File{"x.npy", npy("|u1", false, x, 60, 28, 28)}, File{"y.npy", npy("|S6", false, of(y, false, number), 60)})
	for i, k := range f.Train.Labels {
		if k != y[i]+4 || f.Classes != nil {
			t.Fatalf("picture %d is %d of %q, not %d", i, k, f.Classes, y[i]+4)
		}
	}
	many := make([]byte, 4*300)
	for i := range 300 {
		binary.LittleEndian.PutUint32(many[4*i:], uint32(0x4e00+i))
	}
	f = recognise(t, File{"x.npy", npy("|u1", false, make([]byte, 300*784), 300, 28, 28)}, File{"y.npy", npy("<U1", false, many, 300)})
	if f.Train.Labels != nil || len(f.Passed) != 1 || !errors.Is(f.Passed[0].Err, ErrUnfit) {
		t.Errorf("300 words: %v, %v", f.Train.Labels, f.Passed)
	}
	if _, err := Recognise([]File{{"y.npy", npy("<U2000", false, nil, 0)}}, Options{Limits: limits}); !errors.Is(err, data.ErrFormat) {
		t.Errorf("words of 8000 bytes: %v", err)
	}
}

// TestWrapped: archives and data sets may be compressed in other ways than usual; what is not read is named.
func TestWrapped(t *testing.T) {
	x, y := digits(20)
	images, labels := File{"x-images", idx(8, x, 20, 28, 28)}, File{"x-labels", idx(8, y, 20)}
	zip, tar := zipped(t, images, labels), tarred(t, images, labels)
	check := func(name string, files ...File) {
		t.Helper()
		if f := recognise(t, files...); !bytes.Equal(f.Train.Pixels, x) || !bytes.Equal(f.Train.Labels, y) {
			t.Errorf("%s: %d pictures, passed over %v", name, f.Train.Count, f.Passed)
		}
	}
	check("a zip in gzip", File{"a.zip.gz", gz(zip)})
	check("a zip in gzip in a tar", File{"a.tar", tarred(t, File{"a.zip.gz", gz(zip)})})
	check("a zip in gzip in a zip", File{"b.zip", zipped(t, File{"a.zip.gz", gz(zip)})})
	damaged := gz(zip)
	damaged[len(damaged)-5] ^= 1
	for name, c := range map[string]struct {
		file []byte
		kind error
		what string
	}{
		"a damaged zip in gzip": {damaged, data.ErrCorrupt, ""},
		"a torn one":            {gz(zip)[:len(gz(zip))/2], data.ErrTruncated, ""},
		"XZ in gzip":            {gz([]byte("\xfd7zXZ\x00\x00\x04")), data.ErrFormat, "XZ"},
		"a bomb":                {bombOf(t, zip, bytes.Repeat([]byte{0}, 1<<20)), data.ErrTooLarge, ""},
	} {
		_, err := Recognise([]File{{"x", c.file}}, Options{Limits: limits})
		var fe *data.FileError
		if !errors.Is(err, c.kind) || errors.As(err, &fe) && fe.What != c.what {
			t.Errorf("%s: %v", name, err)
		}
	}
	bz := func(b []byte) []byte { return packedBy(t, "bzip2", b) }
	check("bzip2", File{"x-images.bz2", bz(images.Content)}, labels)
	check("a tar in bzip2", File{"a.tar.bz2", bz(tar)})
	check("a zip in bzip2", File{"a.zip.bz2", bz(zip)})
	check("bzip2 in a zip", File{"a.zip", zipped(t, File{"x-images.bz2", bz(images.Content)}, labels)})
	check("LibSVM in bzip2", File{"mnist.bz2", bz(append([]byte("0 784:1\n"), libSVM(x, y, 1)...)[8:])})
	torn := bz(images.Content)
	torn = torn[:len(torn)/2]
	if _, err := Recognise([]File{{"x.bz2", torn}}, Options{Limits: limits}); !errors.Is(err, data.ErrTruncated) && !errors.Is(err, data.ErrCorrupt) {
		t.Errorf("torn: %v", err)
	}
	if _, err := Recognise([]File{{"x.bz2", bz(append([]byte{1}, make([]byte, 40<<20)...))}}, Options{Limits: limits}); !errors.Is(err, data.ErrTooLarge) {
		t.Errorf("a bomb: %v", err)
	}
}

// TestReasons: where nothing can be read, the reason is told, whatever else lies beside.
func TestReasons(t *testing.T) {
	x, y := digits(20)
	for name, c := range map[string]struct {
		files []File
		kind  error
	}{
		"RAR and a note":            {[]File{{"a.rar", []byte("Rar!\x1a\x07\x01\x00")}, {"README", []byte("hello")}}, data.ErrFormat},
		"damaged, with its labels":  {[]File{{"x.gz", broken(idx(8, x, 20, 28, 28))}, {"y.gz", gz(idx(8, y, 20))}}, data.ErrCorrupt},
		"a page and another format": {[]File{{"a", []byte("<html>")}, {"b", []byte("Rar!\x1a\x07")}}, data.ErrNotData},
	} {
		if _, err := Recognise(c.files, Options{Limits: limits}); !errors.Is(err, c.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSideways: where nothing tells whether characters lie on their side, that is said.
func TestSideways(t *testing.T) {
	x, _ := digits(100)
	turned := slices.Clone(x)
	turn(turned, data.Shape{C: 1, H: 28, W: 28})
	for name, c := range map[string]struct {
		name           string
		pixels         []byte
		turned, unsure bool
	}{
		"they stand":        {"x", x, false, false},
		"they lie":          {"x", turned, true, false},
		"few that lie":      {"letters", turned[:6*784], false, true},
		"few that stand":    {"letters", x[:6*784], false, true},
		"few, by their set": {"emnist", turned[:6*784], true, false},
		"no characters":     {"x", bytes.Repeat([]byte{200}, 60*784), false, false},
	} {
		f := recognise(t, File{c.name, idx(8, c.pixels, len(c.pixels)/784, 28, 28)})
		if f.Turned != c.turned || f.Unsure != c.unsure {
			t.Errorf("%s: turned %v, unsure %v", name, f.Turned, f.Unsure)
		}
	}
}

// TestBombs: a gigabyte that comes in a megabyte is refused before it has been unpacked, whatever is before it.
func TestBombs(t *testing.T) {
	x, _ := digits(1)
	zeros := bytes.Repeat([]byte{0}, 1<<20)
	lines := bytes.Repeat([]byte{'\n'}, 1<<20)
	row := csv(x, []byte{1}, ",", "", false, whole)
	head := idx(8, nil, 60000, 28, 28)
	member := tarred(t, File{"x", nil})
	copy(member[124:], fmt.Sprintf("%011o", 1<<30))
	sum := 0
	copy(member[148:], "        ")
	for _, b := range member[:512] {
		sum += int(b)
	}
	copy(member[148:], fmt.Sprintf("%06o\x00 ", sum))
	for name, c := range map[string]struct {
		file []byte
		kind error
	}{
		"IDX":             {bombOf(t, head, zeros), data.ErrTruncated},
		"a number":        {bombOf(t, []byte{1}, zeros), data.ErrTooLarge},
		"two members":     {append(gz(head), bombOf(t, nil, zeros)...), data.ErrTooLarge},
		"a tar":           {bombOf(t, member[:512], zeros), data.ErrTooLarge},
		"empty lines":     {bombOf(t, row, lines), data.ErrCorrupt},
		"rows of zeros":   {bombOf(t, nil, bytes.Repeat([]byte(strings.Repeat("0,", 784)+"0\n"), 1<<20/1570)), data.ErrTooLarge},
		"padding":         {gz(append(gz(x), bytes.Repeat(zeros, 64)...)), data.ErrTrailing},
		"members":         {gz(bytes.Repeat(gz(nil), 1<<18)), data.ErrCorrupt},
		"packed twice":    {gz(bombOf(t, []byte{1}, zeros)), data.ErrTooLarge},
		"a number, a zip": {zipped(t, File{"x", append([]byte{1}, bytes.Repeat(zeros, 60)...)}), data.ErrTooLarge},
	} {
		began := time.Now()
		f, err := Recognise([]File{{"x", c.file}}, Options{Limits: Limits{Files: 1000, Bytes: 256 << 20, Unpacked: 1 << 30}})
		if !errors.Is(err, c.kind) {
			t.Errorf("%s: %v, want %v; passed over %v", name, err, c.kind, f.Passed)
		}
		if d := time.Since(began); d > 500*time.Millisecond {
			t.Errorf("%s: refused after %v", name, d)
		}
	}
}

// TestTornTar: what a torn archive lacks is told.
func TestTornTar(t *testing.T) {
	file := tarred(t, File{"data_batch_1.bin", cifar(3, 1, 1)}, File{"test_batch.bin", cifar(3, 1, 2)})
	f := recognise(t, File{"cifar.tar.gz", gz(file[:len(file)*2/3])})
	if f.Train.Count != 3 || f.Test.Count != 0 || len(f.Passed) != 1 || !errors.Is(f.Passed[0].Err, data.ErrTruncated) || f.Passed[0].Name != "cifar.tar.gz" {
		t.Errorf("%d and %d pictures, passed over %v", f.Train.Count, f.Test.Count, f.Passed)
	}
	list, left, err := Untar(tarred(t, File{"\xc3\xa8/1", []byte("x")}, File{"\xb9\xb7/1", []byte("y")}, File{"large", make([]byte, 900)}), Limits{Files: 9, Bytes: 500, Unpacked: 5000}, nil)
	if err != nil || len(list) != 2 || list[0].Name != "猫/1" || list[1].Name != "狗/1" || len(left) != 1 || left[0].Name != "large" {
		t.Errorf("%v, left out %v, %v", list, left, err)
	}
}

// TestNested: archives are looked into that are in others, and no deeper; what they unpack to counts.
func TestNested(t *testing.T) {
	x, y := digits(80)
	train := []File{{"train-images", idx(8, x[:60*784], 60, 28, 28)}, {"train-labels", idx(8, y[:60], 60)}}
	test := []File{{"t10k-images", idx(8, x[60*784:], 20, 28, 28)}, {"t10k-labels", idx(8, y[60:], 20)}}
	parts := [][]File{train, test}
	arrays := []File{{"data/images", train[0].Content}, {"data/labels", train[1].Content}}
	testArrays := []File{{"data/images", test[0].Content}, {"data/labels", test[1].Content}}
	batches := gz(tarred(t, File{"cifar/data_batch_1.bin", cifar(3, 1, 1)}, File{"cifar/test_batch.bin", cifar(2, 1, 2)}))
	p := aPicture(t)
	for name, c := range map[string]struct {
		file        []byte
		kind        Kind
		train, test int
	}{
		"train.zip and test.zip in a zip": {zipped(t, File{"train.zip", zipped(t, arrays...)}, File{"test.zip", zipped(t, testArrays...)}), Arrays, 60, 20},
		"a zip in a zip":                  {zipped(t, File{"mnist/all.zip", zipped(t, slices.Concat(parts...)...)}, File{"README.md", []byte("hello")}), Arrays, 60, 20},
		"a .tar.gz in a zip":              {zipped(t, File{"cifar-10-binary.tar.gz", batches}), Batches, 3, 2},
		"a zip in a tar":                  {tarred(t, File{"a/all.zip", zipped(t, slices.Concat(parts...)...)}), Arrays, 60, 20},
		"a zip in a .tar.gz":              {gz(tarred(t, File{"a/all.zip", zipped(t, slices.Concat(parts...)...)})), Arrays, 60, 20},
		"a tar in a tar":                  {tarred(t, File{"all.tar", tarred(t, slices.Concat(parts...)...)}), Arrays, 60, 20},
		"an .npz in a zip":                {zipped(t, File{"x.npz", zipped(t, File{"arr_0.npy", npy("|u1", false, x, 80, 28, 28)}, File{"arr_1.npy", npy("|u1", false, y, 80)})}), Arrays, 80, 0},
		"a zip of any name":               {zipped(t, File{"download", zipped(t, train...)}), Arrays, 60, 0},
		"pictures":                        {zipped(t, File{"train.zip", zipped(t, File{"cat/1.png", p}, File{"dog/1.png", p})}), Pictures, 0, 0},
	} {
		f, err := Recognise([]File{{"set.zip", c.file}}, Options{Limits: limits})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if f.Kind != c.kind || f.Train.Count != c.train || f.Test.Count != c.test || f.Kind == Arrays && (f.Train.Labels == nil || f.Plain != none) {
			t.Errorf("%s: %s, %d and %d pictures, passed over %v", name, f.Kind, f.Train.Count, f.Test.Count, f.Passed)
		}
	}

	three := zipped(t, File{"two.zip", zipped(t, File{"one.zip", zipped(t, train...)})})
	f, err := Recognise([]File{{"three.zip", three}}, Options{Limits: limits})
	if !errors.Is(err, ErrNested) || len(f.Passed) != 1 || f.Passed[0].Name != "two.zip/one.zip" {
		t.Errorf("three deep: %v, passed over %v", err, f.Passed)
	}
	sheet := File{"notes.xlsx", zipped(t, File{"[Content_Types].xml", []byte("<Types/>")}, File{"xl/media/image1.png", p})}
	f = recognise(t, File{"set.zip", zipped(t, append(slices.Clone(train), sheet)...)})
	if f.Train.Count != 60 || len(f.Passed) != 1 || !errors.Is(f.Passed[0].Err, data.ErrFormat) {
		t.Errorf("a document beside it: %d pictures, passed over %v", f.Train.Count, f.Passed)
	}

	// Bombs: one that unpacks to much, many that are the same few bytes, and one that holds itself many times.
	zeros := zipped(t, File{"x", append([]byte{1}, make([]byte, 20<<20)...)})
	var many []File
	for i := range 400 {
		many = append(many, File{fmt.Sprintf("%d.zip", i), zeros})
	}
	var nothing []File
	for i := range 300 {
		nothing = append(nothing, File{fmt.Sprint(i), []byte{1}})
	}
	var crowds []File
	for i := range 300 {
		crowds = append(crowds, File{fmt.Sprintf("%d.zip", i), zipped(t, nothing...)})
	}
	for name, file := range map[string][]byte{
		"zeros in two zips": zipped(t, File{"x.zip", zeros}), "many of them": zipped(t, many...), "many files in many": zipped(t, crowds...),
		"a padded zip": zipped(t, File{"x.zip", append(zipped(t, train...), make([]byte, 20<<20)...)}),
	} {
		began := time.Now()
		if _, err := Recognise([]File{{"x", file}}, Options{Limits: Limits{Files: 1000, Bytes: 256 << 20, Unpacked: 1 << 30}}); !errors.Is(err, data.ErrTooLarge) && !errors.Is(err, data.ErrNotData) {
			t.Errorf("%s: %v", name, err)
		} else {
			t.Logf("%s: %v after %v", name, err, time.Since(began))
		}
	}
}
