package export_test

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/export"
	"inkdrift/vae/export/onnx"
	"inkdrift/vae/export/torch"
	"inkdrift/vae/nn"
	"inkdrift/vae/prior"
	"inkdrift/vae/store"
)

// configs has models of every family that together have every kind of layer.
var configs = []vae.Config{
	{Family: "dense", Input: [3]int{1, 4, 5}, Encoder: []int{9, 7}, Decoder: []int{8}, Latent: 3, Activation: "sigmoid",
		Likelihood: vae.Bernoulli, Classes: 4, Classifier: []int{6}, Reader: []int{2}, ReaderHidden: []int{3}},
	{Family: "conv", Input: [3]int{2, 5, 4}, Encoder: []int{3, 4}, Decoder: []int{4, 3}, Latent: 2, Activation: "leaky-relu",
		Likelihood: vae.Gaussian, Output: "sigmoid", Classes: 4},
	{Family: "cvae", Input: [3]int{1, 4, 5}, Encoder: []int{6}, Decoder: []int{5}, Latent: 2, Activation: "tanh",
		Likelihood: vae.Bernoulli, Conditions: 3, Recogniser: []int{4}},
	{Family: "dcgan", Input: [3]int{1, 4, 5}, Decoder: []int{4, 3}, Latent: 3, Activation: "relu", Kernel: 4,
		Likelihood: vae.Implicit, Output: "tanh", Discriminator: []int{2, 3}},
	{Family: "dcgan", Input: [3]int{1, 4, 5}, Decoder: []int{4, 3}, Latent: 3, Activation: "relu",
		Likelihood: vae.Implicit, Output: "sigmoid"},
	{Family: "vae-gan", Input: [3]int{3, 6, 5}, Encoder: []int{3}, Decoder: []int{4}, Latent: 2, Activation: "relu",
		Likelihood: vae.Gaussian, Sigma: 0.2, Output: "tanh", Discriminator: []int{2}},
}

func model(t *testing.T, c vae.Config) *vae.Model {
	t.Helper()
	m, err := vae.New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func file(t *testing.T, m *vae.Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := store.WriteModel(&b, m, store.Options{Notes: map[string]string{"data": "tests"}}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func names(files []export.File) (all []string) {
	for _, f := range files {
		all = append(all, f.Name)
	}
	return all
}

// TestEveryLayer: both formats have every kind of layer that there is, and the models
// here have all of them.
func TestEveryLayer(t *testing.T) {
	var kinds []nn.Kind
	families := map[string]bool{}
	for _, c := range configs {
		families[c.Family] = true
		for _, network := range model(t, c).Graph().Networks() {
			for _, l := range network.Layers {
				kinds = append(kinds, l.Kind)
			}
		}
	}
	for _, k := range nn.Kinds() {
		if !slices.Contains(kinds, k) {
			t.Errorf("no model has a layer of kind %q", k)
		}
		if !onnx.Writes(k) || !torch.Writes(k) {
			t.Errorf("layers of kind %q are written as ONNX: %v, for PyTorch: %v", k, onnx.Writes(k), torch.Writes(k))
		}
	}
	if onnx.Writes("pool") || torch.Writes("pool") {
		t.Error("a layer that does not exist can be written")
	}
	for _, f := range vae.Families() {
		if !families[f] {
			t.Errorf("there is no model of family %q", f)
		}
	}
}

// TestFiles: each model becomes the graphs that it has networks for, and a program.
func TestFiles(t *testing.T) {
	want := [][]string{
		{onnx.Encoder, onnx.Decoder, onnx.Classifier, onnx.LatentClassifier, onnx.Prior},
		{onnx.Encoder, onnx.Decoder, onnx.Classifier, onnx.LatentClassifier},
		{onnx.Encoder, onnx.Decoder, onnx.Classifier},
		{onnx.Decoder, onnx.Discriminator},
		{onnx.Decoder},
		{onnx.Encoder, onnx.Decoder, onnx.Discriminator},
	}
	for i, c := range configs {
		m := model(t, c)
		if i == 0 {
			if err := m.SetPrior(&prior.Mixture{Latent: 3, Dims: []int{1}, Weights: []float32{1}, Mean: []float32{0}, Factor: []float32{1}}); err != nil {
				t.Fatal(err)
			}
		}
		b := file(t, m)
		graphs, err := export.Files(b, export.Options{Format: export.ONNX, Name: "mine", Card: "what it is"})
		if err != nil {
			t.Fatal(err)
		}
		if got := names(graphs); !slices.Equal(got, want[i]) {
			t.Errorf("%s has %v instead of %v", c.Family, got, want[i])
		}
		for _, g := range graphs {
			for _, text := range []string{store.ArchitectureKey, `"family":"` + c.Family + `"`, "what it is", "tests"} {
				if !bytes.Contains(g.Bytes, []byte(text)) {
					t.Errorf("%s of %s lacks %q", g.Name, c.Family, text)
				}
			}
		}
		program, err := export.Files(b, export.Options{Format: export.PyTorch, Name: "mine"})
		if err != nil {
			t.Fatal(err)
		}
		if got := names(program); !slices.Equal(got, []string{export.Program, export.Weights}) || !bytes.Equal(program[1].Bytes, b) {
			t.Errorf("%s has %v", c.Family, got)
		}
		text := string(program[0].Bytes)
		for _, mark := range []string{"#if", "#else", "#end", "@latent", "@features", "@networks", "@weights"} {
			if strings.Contains(text, mark) {
				t.Errorf("%s: %q is left in the program", c.Family, mark)
			}
		}
		if strings.Contains(text, "def train(") != c.Trainable() {
			t.Errorf("%s: it can be trained: %v", c.Family, c.Trainable())
		}
	}
}

// TestRecipe: the program has the options of the run, and the usual ones where the
// file does not tell.
func TestRecipe(t *testing.T) {
	m := model(t, configs[2])
	for _, c := range []struct{ recipe, want string }{
		{`{"model":` + configJSON(t, configs[2]) + `,"train":{"epochs":3,"batch":7,"kl_warm_up":40}}`, `"kl_warm_up": 40`},
		{`nonsense`, `"batch": 100`},
		{``, `"binarize": "dynamic"`},
	} {
		text, err := torch.Program(m, torch.Options{Title: "a \"name\"\n", Weights: "w", Recipe: c.recipe})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text, c.want) || !strings.HasPrefix(text, `"""a name `) {
			t.Errorf("with %q: lacks %q in %.60q", c.recipe, c.want, text)
		}
	}
}

func configJSON(t *testing.T, c vae.Config) string {
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestZip: the archive has the files in a folder, the same bytes every time.
func TestZip(t *testing.T) {
	files := []export.File{{Name: "a", Bytes: []byte("one")}, {Name: "b", Bytes: []byte("two")}}
	var first, second bytes.Buffer
	for _, b := range []*bytes.Buffer{&first, &second} {
		if err := export.Zip(b, "mine", files); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two archives of the same files differ")
	}
	r, err := zip.NewReader(bytes.NewReader(first.Bytes()), int64(first.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(in)
		if err != nil || f.Name != "mine/"+files[i].Name || !bytes.Equal(b, files[i].Bytes) {
			t.Errorf("%s has %q, %v", f.Name, b, err)
		}
	}
	if len(r.File) != 2 {
		t.Errorf("there are %d files", len(r.File))
	}
}

// TestErrors: what is no model, and a format that there is not, are refused by name.
func TestErrors(t *testing.T) {
	if _, err := export.Files([]byte("no model"), export.Options{Format: export.ONNX}); !errors.As(err, new(*store.FormatError)) {
		t.Errorf("what is no file gives %v", err)
	}
	_, err := export.Files(file(t, model(t, configs[0])), export.Options{Format: "tflite"})
	if !errors.As(err, new(*export.FormatError)) || !strings.Contains(err.Error(), "tflite") {
		t.Errorf("an unknown format gives %v", err)
	}
}

// TestReadPNG runs the program's reader of PNG files, which needs no PyTorch.
func TestReadPNG(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	text, err := torch.Program(model(t, configs[2]), torch.Options{Title: "t", Weights: "w"})
	if err != nil {
		t.Fatal(err)
	}
	_, after, ok := strings.Cut(text, "def read_png(")
	body, _, end := strings.Cut(after, "\n\n\n")
	if !ok || !end {
		t.Fatal("there is no reader")
	}
	const w, h = 7, 9
	grey, colour, deep := image.NewGray(image.Rect(0, 0, w, h)), image.NewNRGBA(image.Rect(0, 0, w, h)), image.NewGray16(image.Rect(0, 0, w, h))
	for i := range w * h {
		x, y := i%w, i/w
		grey.SetGray(x, y, color.Gray{Y: uint8((37*x + 91*y + 53*x*y) % 251)})
		colour.SetNRGBA(x, y, color.NRGBA{R: uint8(20 * x), G: uint8(25 * y), B: uint8(x * y * 4), A: 255})
	}
	grey.SetGray(3, 4, color.Gray{Y: 255})
	dir := t.TempDir()
	for name, m := range map[string]image.Image{"grey": grey, "colour": colour, "deep": deep} {
		f, err := os.Create(filepath.Join(dir, name+".png"))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(png.Encode(f, m), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "filters.png"), filtered(t, grey), 0o644); err != nil {
		t.Fatal(err)
	}
	read := func(channels int, name string) ([]byte, error) {
		script := fmt.Sprintf("import struct, sys, zlib\nSHAPE = (%d, %d, %d)\ndef read_png(%s\nsys.stdout.buffer.write(read_png(sys.argv[1]))\n", channels, h, w, body)
		return exec.Command(python, "-c", script, filepath.Join(dir, name+".png")).Output()
	}
	var planes []byte
	for c := range 3 {
		for i := range w * h {
			planes = append(planes, colour.Pix[4*i+c])
		}
	}
	luma := make([]byte, w*h)
	for i := range luma {
		r, g, b := int(planes[i]), int(planes[w*h+i]), int(planes[2*w*h+i])
		luma[i] = byte((299*r + 587*g + 114*b + 500) / 1000)
	}
	for _, c := range []struct {
		name     string
		channels int
		want     []byte
	}{{"grey", 1, grey.Pix}, {"filters", 1, grey.Pix}, {"colour", 3, planes}, {"grey", 3, bytes.Repeat(grey.Pix, 3)}, {"colour", 1, luma}} {
		if got, err := read(c.channels, c.name); err != nil || !bytes.Equal(got, c.want) {
			t.Errorf("%s for %d channels: %v, %v", c.name, c.channels, got, err)
		}
	}
	var failed *exec.ExitError
	if _, err := read(1, "deep"); !errors.As(err, &failed) || !strings.Contains(string(failed.Stderr), "is no PNG of 7x9 pixels") {
		t.Errorf("16 bits a value: %v", err)
	}
}

// filtered is a PNG file of m whose rows have all five filters in turn; the encoder of Go chooses few of them.
func filtered(t *testing.T, m *image.Gray) []byte {
	t.Helper()
	b := m.Bounds()
	at := func(x, y int) int {
		if x < 0 || y < 0 {
			return 0
		}
		return int(m.GrayAt(x, y).Y)
	}
	var rows, out bytes.Buffer
	z := zlib.NewWriter(&rows)
	for y := range b.Dy() {
		line := []byte{byte(y % 5)}
		for x := range b.Dx() {
			left, up, corner := at(x-1, y), at(x, y-1), at(x-1, y-1)
			far := func(v int) int { return max(left+up-corner-v, v-left-up+corner) }
			paeth := corner
			switch {
			case far(left) <= far(up) && far(left) <= far(corner):
				paeth = left
			case far(up) <= far(corner):
				paeth = up
			}
			line = append(line, byte(at(x, y)-[]int{0, left, up, (left + up) / 2, paeth}[y%5]))
		}
		if _, err := z.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	out.WriteString("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		whole := append([]byte(kind), data...)
		out.Write(binary.BigEndian.AppendUint32(nil, uint32(len(data))))
		out.Write(binary.BigEndian.AppendUint32(whole, crc32.ChecksumIEEE(whole)))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(b.Dx())), uint32(b.Dy()))
	chunk("IHDR", append(head, 8, 0, 0, 0, 0))
	chunk("IDAT", rows.Bytes())
	chunk("IEND", nil)
	if back, err := png.Decode(bytes.NewReader(out.Bytes())); err != nil || !bytes.Equal(back.(*image.Gray).Pix, m.Pix) {
		t.Fatalf("the test's own file is wrong: %v", err)
	}
	return out.Bytes()
}
