package album

import (
	stdzip "archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"inkdrift/vae/data"
	"inkdrift/vae/data/picture"
)

var colour = Frame{Shape: data.Shape{C: 3, H: 4, W: 4}}

func newAlbum(t testing.TB, f Frame, l Limits) *Album {
	t.Helper()
	a, err := New(f, l)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// named is a file with its name.
type named struct {
	name    string
	content []byte
}

// pack returns a zip of files, some deflated and some stored.
func pack(t testing.TB, files ...named) []byte {
	t.Helper()
	var b bytes.Buffer
	w := stdzip.NewWriter(&b)
	for i, f := range files {
		method := stdzip.Deflate
		if i%3 == 2 {
			method = stdzip.Store
		}
		out, err := w.CreateHeader(&stdzip.FileHeader{Name: f.name, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.Write(f.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// addAll adds all files of an archive.
func addAll(a *Album, archive *Archive) error {
	for i := range archive.Len() {
		if err := archive.AddTo(a, i); err != nil {
			return err
		}
	}
	return nil
}

func unpack(t testing.TB, file []byte, l Limits) (*Album, error) {
	t.Helper()
	a := newAlbum(t, colour, l)
	archive, err := OpenArchive(file, l)
	if err != nil {
		return a, err
	}
	return a, addAll(a, archive)
}

// shade returns a PNG of one grey.
func shade(t testing.TB, v uint8) []byte {
	t.Helper()
	m := coloured(4, 4)
	for i := range m.Pix {
		m.Pix[i] = v
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	return encodePNG(t, m)
}

func TestArchive(t *testing.T) {
	files := []named{
		{"pets/dogs/2.png", shade(t, 20)},
		{"pets/cats/1.png", shade(t, 10)},
		{"pets/cats/3.png", shade(t, 30)},
		{"pets/", nil},
		{"pets/.DS_Store", []byte("x")},
		{"__MACOSX/pets/cats/._1.png", []byte("x")},
		{"pets/Thumbs.db", []byte("x")},
		{"pets/readme.txt", []byte("hello")},
		{"pets/dogs/torn.png", shade(t, 1)[:40]},
		{"pets\\dogs\\4.png", shade(t, 40)},
	}
	for name, file := range map[string][]byte{
		"as it is":            pack(t, files...),
		"something before it": append([]byte("#!/bin/sh\nexit\n"), pack(t, files...)...),
		"a comment":           withComment(pack(t, files...), "made by hand PK\x05\x06 or so"),
		"another order":       pack(t, append(slices.Clone(files[5:]), files[:5]...)...),
		"64 bits":             wide(t, pack(t, files...)),
	} {
		a, err := unpack(t, file, Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		r := a.Report()
		if r.Pictures != 4 || r.Hidden != 3 || r.Unreadable != 2 || len(r.Named) != 2 {
			t.Errorf("%s: %+v", name, r)
			continue
		}
		if r.Named[0].Name != "pets/dogs/torn.png" || !errors.Is(r.Named[0].Err, data.ErrTruncated) ||
			r.Named[1].Name != "pets/readme.txt" || !errors.Is(r.Named[1].Err, picture.ErrNotPicture) {
			t.Errorf("%s: left out are %v", name, r.Named)
		}
		c, err := a.Collection("pets")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !slices.Equal(c.Classes, []string{"cats", "dogs"}) || c.Name != "pets" || c.Shape != colour.Shape {
			t.Errorf("%s: %+v", name, c.Info)
		}
		// In the order of their names: cats 1 and 3 to train on, dog 2 for validation, dog 4 for the test.
		v := make([]float32, 48)
		for i, want := range []struct {
			set   data.Dataset
			index int
			v     float32
			label int
		}{{c.Train, 0, 10, 0}, {c.Train, 1, 30, 0}, {c.Validation, 0, 20, 1}, {c.Test, 0, 40, 1}} {
			want.set.Batch(v, []int{want.index})
			if v[0] != want.v/255 || want.set.Label(want.index) != want.label {
				t.Errorf("%s: picture %d has the value %v and label %d", name, i, v[0]*255, want.set.Label(want.index))
			}
		}
	}
}

func TestLimits(t *testing.T) {
	content := shade(t, 9)
	e := entry{size: uint64(len(content)), packed: uint64(len(content)), sum: crc32.ChecksumIEEE(content)}
	// Many entries that are one and the same file, as in the densest bombs.
	names, entries, packed := []string{"0"}, []entry{e}, [][]byte{content}
	overlapping := raw(names, entries, packed)
	for i := range 200 {
		again := e
		again.at = 0
		names, entries, packed = append(names, fmt.Sprint(i+1)), append(entries, again), append(packed, nil)
	}
	file := raw(names, entries, packed)
	le := binary.LittleEndian
	for at := int(le.Uint32(file[len(file)-6:])); le.Uint32(file[at:]) == listSignature; {
		le.PutUint32(file[at+42:], 0) // all at the first
		at += listLength + int(le.Uint16(file[at+28:]))
	}
	if len(overlapping) == 0 {
		t.Fatal("no archive")
	}
	for name, c := range map[string]struct {
		l        Limits
		pictures int
		fails    bool
	}{
		"none":              {Limits{}, 201, false},
		"unpacked":          {Limits{Unpacked: int64(10 * len(content))}, 11, true},
		"memory":            {Limits{Bytes: 48 * 7}, 7, true},
		"files, one larger": {Limits{File: int64(len(content)) - 1}, 0, false},
	} {
		a, err := unpack(t, file, c.l)
		if got := a.Report().Pictures; got != c.pictures || errors.Is(err, data.ErrTooLarge) != c.fails || (err != nil) != c.fails {
			t.Errorf("%s: %d pictures, error %v", name, got, err)
		}
		if r := a.Report(); name == "files, one larger" && (r.Unreadable != 201 || len(r.Named) != MostNamed) {
			t.Errorf("%s: %d unreadable, %d named", name, r.Unreadable, len(r.Named))
		}
	}
	a := newAlbum(t, colour, Limits{Pictures: 2})
	for i := range 3 {
		if err := a.Add("x.png", content); (err != nil) != (i == 2) || i == 2 && !errors.Is(err, data.ErrTooLarge) {
			t.Errorf("picture %d of at most two: error %v", i+1, err)
		}
	}
}

func TestClasses(t *testing.T) {
	for _, c := range []struct {
		folders []string
		want    []string
		of      []int
		parts   []part // nil: none
	}{
		{nil, nil, []int{}, nil},
		{[]string{""}, nil, []int{-1}, nil},
		{[]string{"a/b"}, nil, []int{-1}, nil},
		{[]string{"b", "a"}, []string{"a", "b"}, []int{1, 0}, nil},
		{[]string{"train/b", "train/a", "test/a", "test/b"}, []string{"a", "b"}, []int{1, 0, 0, 1}, []part{0, 0, 2, 2}},
		{[]string{"x/train/b", "x/train/a", "x/test"}, []string{"a", "b"}, []int{1, 0, -1}, []part{0, 0, 2}},
		{[]string{"seg_train/seg_train/b", "seg_train/seg_train/a", "seg_test/seg_test/a", "seg_pred/seg_pred"}, []string{"a", "b"}, []int{1, 0, 0, -1}, []part{0, 0, 2, 2}},
		{[]string{"b/train", "a/train", "a/test", "b/test"}, []string{"a", "b"}, []int{1, 0, 0, 1}, []part{0, 0, 2, 2}},
		{[]string{"trainingSet/trainingSet/b", "trainingSet/trainingSet/a", "testSet/testSet"}, []string{"a", "b"}, []int{1, 0, -1}, []part{0, 0, 2}},
		{[]string{"TrainSet/b", "TrainSet/a", "TestSet/a"}, []string{"a", "b"}, []int{1, 0, 0}, []part{0, 0, 2}},
		{[]string{"asl_alphabet_train/asl_alphabet_train/B", "asl_alphabet_train/asl_alphabet_train/A", "asl_alphabet_test/asl_alphabet_test"}, []string{"A", "B"}, []int{1, 0, -1}, []part{0, 0, 2}},
		{[]string{"训练集/狗", "训练集/猫", "测试集/狗", "验证集/猫"}, []string{"狗", "猫"}, []int{0, 1, 0, 1}, []part{0, 0, 2, 1}},
		{[]string{"mnist_train/0", "mnist_train/1", "mnist_test/1"}, []string{"0", "1"}, []int{0, 1, 1}, []part{0, 0, 2}},
		{[]string{"MNIST - JPG - testing/0", "MNIST - JPG - training/0", "MNIST - JPG - training/1"}, []string{"0", "1"}, []int{0, 0, 1}, []part{2, 0, 0}},
		{[]string{"cats_train", "cats_test", "dogs_train", "dogs_test"}, []string{"cats", "dogs"}, []int{0, 0, 1, 1}, []part{0, 2, 0, 2}},
		{[]string{"freight train", "test tube", "bus"}, []string{"bus", "freight train", "test tube"}, []int{1, 2, 0}, nil},
		{[]string{"freight train/a", "freight train/b"}, []string{"a", "b"}, []int{0, 1}, nil},
		{[]string{"Training", "test1"}, nil, []int{-1, -1}, []part{0, 2}},
		{[]string{"train", "val"}, nil, []int{-1, -1}, []part{0, 1}},
		{[]string{"train/a", "train/b"}, []string{"a", "b"}, []int{0, 1}, nil},
		{[]string{"bus", "train", "car"}, []string{"bus", "car", "train"}, []int{0, 2, 1}, nil},
		{[]string{"cats", "dogs", "test"}, []string{"cats", "dogs"}, []int{0, 1, -1}, nil},
		{[]string{"cats/large", "dogs/large"}, []string{"cats", "dogs"}, []int{0, 1}, nil},
		{[]string{"", "cats"}, nil, []int{-1, -1}, nil},
		{[]string{"", "cats", "dogs"}, []string{"cats", "dogs"}, []int{-1, 0, 1}, nil},
		{[]string{"x/y", "x/y/z"}, nil, []int{-1, -1}, nil},
		{[]string{"x", "x/y", "x/z"}, []string{"y", "z"}, []int{-1, 0, 1}, nil},
		{[]string{strings.Repeat("x", 300), "y" + strings.Repeat("x", 300)}, []string{"..." + strings.Repeat("x", 200), "..." + strings.Repeat("x", 200) + "'"}, []int{0, 1}, nil},
	} {
		pictures := make([]int, len(c.folders))
		for i := range pictures {
			pictures[i] = 10
		}
		d := dealFolders(c.folders, pictures)
		if c.parts == nil {
			c.parts = slices.Repeat([]part{noPart}, len(c.folders))
		}
		if !slices.Equal(d.classes, c.want) || !slices.Equal(d.class, c.of) || !slices.Equal(d.part, c.parts) {
			t.Errorf("%q: %q, %v, parts %v; want %q, %v, %v", c.folders, d.classes, d.class, d.part, c.want, c.of, c.parts)
		}
		for i, left := range d.left {
			if left != (c.of[i] < 0 && c.want != nil) {
				t.Errorf("%q: folder %d left out: %v", c.folders, i, left)
			}
		}
	}
	if d := dealFolders([]string{"", "a", "b"}, []int{100, 3, 3}); d.classes != nil || d.left[0] {
		t.Errorf("most pictures are in no folder: %+v", d)
	}
	a := newAlbum(t, colour, Limits{})
	content := shade(t, 3)
	for i := range MostClasses + 1 {
		if err := a.Add(fmt.Sprintf("%d/x.png", i), content); err != nil {
			t.Fatal(err)
		}
	}
	c, err := a.Collection("many")
	if err != nil || c.Classes != nil || c.Train.Label(3) != -1 {
		t.Errorf("a folder for each picture: %d classes, error %v", len(c.Classes), err)
	}
}

func TestAddFS(t *testing.T) {
	content := shade(t, 3)
	a := newAlbum(t, colour, Limits{File: int64(len(content))})
	err := a.AddFS(fstest.MapFS{
		"b/1.png":        {Data: content},
		"a/2.png":        {Data: content},
		"a/3.png":        {Data: content},
		"a/notes.txt":    {Data: []byte("x")},
		"a/large.png":    {Data: make([]byte, len(content)+1)},
		".git/x.png":     {Data: content},
		"a/.hidden.png":  {Data: content},
		"a/long/4.png":   {Data: content},
		"b/Desktop.ini":  {Data: []byte("x")},
		"a/long/no.jpeg": {Data: []byte("\xff\xd8\xff")},
	})
	r := a.Report()
	if err != nil || r.Pictures != 4 || r.Hidden != 2 || r.Unreadable != 3 {
		t.Errorf("error %v, %+v", err, r)
	}
	c, err := a.Collection("folder")
	if err != nil || !slices.Equal(c.Classes, []string{"a", "b", "long"}) {
		t.Errorf("%v, %v", c, err)
	}
}

func TestTooFew(t *testing.T) {
	a := newAlbum(t, colour, Limits{})
	for _, name := range []string{"a.png", "b.txt", "\xff\x00" + strings.Repeat("long", 100)} {
		content := shade(t, 3)
		if name != "a.png" {
			content = content[:20]
		}
		if err := a.Add(name, content); err != nil {
			t.Fatal(err)
		}
	}
	_, err := a.Collection("one")
	if !errors.Is(err, data.ErrTooFew) || !strings.Contains(err.Error(), "2 files could not be read, the first is b.txt") {
		t.Errorf("error %v", err)
	}
	if n := a.Report().Named[1].Name; len(n) > 250 || strings.ContainsRune(n, 0) {
		t.Errorf("the name %q is shown", n)
	}
}

// TestUserArchive reads an archive of a thousand pictures where there is one.
func TestUserArchive(t *testing.T) {
	file, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "shared", "data", "cifar10", "cifar10-1000.zip"))
	if err != nil {
		t.Skip("cifar10-1000.zip is not in ../shared/data/cifar10 beside the repository: this test needs it and is left out")
	}
	archive, err := OpenArchive(file, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	a := newAlbum(t, Frame{Shape: data.Shape{C: 3, H: 32, W: 32}}, Limits{})
	if err := addAll(a, archive); err != nil {
		t.Fatal(err)
	}
	c, err := a.Collection("cifar10-1000")
	if err != nil {
		t.Fatal(err)
	}
	if r := a.Report(); r.Pictures != 1000 || r.Unreadable != 0 || c.Train.Len() != 800 || c.Classes != nil {
		t.Errorf("%+v, %v", r, c)
	}
	// The same file, read by the standard library.
	z, err := stdzip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	in, err := z.Open("cifar10/0123.png")
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	img := open(t, b).Image
	for i := range 1024 {
		r, g, bl, _ := img.At(i%32, i/32).RGBA()
		if p := a.set.Bytes(123); p[i] != byte(r>>8) || p[1024+i] != byte(g>>8) || p[2048+i] != byte(bl>>8) {
			t.Fatalf("pixel %d differs", i)
		}
	}
}

// TestArchivesTogether: archives that are read into one album are its classes,
// and their unpacked sizes add up.
func TestArchivesTogether(t *testing.T) {
	cats := pack(t, named{"1.png", shade(t, 10)}, named{"2.png", shade(t, 20)})
	dogs := pack(t, named{"1.png", shade(t, 30)}, named{".2.png", shade(t, 40)}, named{"3.png", shade(t, 50)})
	read := func(l Limits) (*Album, error) {
		a := newAlbum(t, colour, l)
		for _, z := range []struct {
			name string
			file []byte
		}{{"cats", cats}, {"dogs", dogs}} {
			archive, err := OpenArchive(z.file, l)
			if err != nil {
				t.Fatal(err)
			}
			archive.Under(z.name)
			if err := addAll(a, archive); err != nil {
				return a, err
			}
		}
		return a, nil
	}
	a, err := read(Limits{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.Collection("pets")
	if err != nil || !slices.Equal(c.Classes, []string{"cats", "dogs"}) || c.Train.Label(0) != 0 || c.Test.Label(0) != 1 || a.Report().Hidden != 1 {
		t.Errorf("%v, %v, %+v", c, err, a.Report())
	}
	if a, err := read(Limits{Unpacked: int64(2*len(shade(t, 10))) - 1}); !errors.Is(err, data.ErrTooLarge) || a.Report().Pictures != 2 {
		t.Errorf("%v after %d pictures", err, a.Report().Pictures)
	}
}

// TestYield: yield is called many times a picture, and the picture is the same.
func TestYield(t *testing.T) {
	m := coloured(300, 200)
	for i := range m.Pix {
		m.Pix[i] = byte(i * i >> 5) // so that the file is long
	}
	file := encodePNG(t, m)
	rests := 0
	a, b := newAlbum(t, colour, Limits{}), newAlbum(t, colour, Limits{})
	a.Yield = func() { rests++ }
	for _, x := range []*Album{a, b} {
		if err := x.Add("x.png", file); err != nil {
			t.Fatal(err)
		}
	}
	if want := len(file)/(4<<10) + 200; rests < want || !slices.Equal(a.set.Bytes(0), b.set.Bytes(0)) {
		t.Errorf("%d rests, want %d or more", rests, want)
	}
}
