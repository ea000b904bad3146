package classify_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"inkdrift/vae/classify"
	"inkdrift/vae/compute/computetest"
	"inkdrift/vae/data"
	"inkdrift/vae/metric"
)

// testPictures are MNIST's, where they are at hand; else the test ends.
func testPictures(t *testing.T) *data.Images {
	t.Helper()
	var parts [2][]byte
	var dims []int
	for i, name := range []string{"t10k-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz"} {
		f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", "mnist", name))
		if err != nil {
			t.Skip("MNIST is not in ../shared/data/mnist beside the repository: the rest of this test needs it and is left out")
		}
		defer f.Close()
		if dims, parts[i], err = data.ReadIDX(f); err != nil {
			t.Fatal(err)
		}
	}
	d, err := data.NewImages("mnist-test", data.Shape{C: 1, H: dims[1], W: dims[2]}, parts[1], parts[0])
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestShipped reads the file of the page. All 10,000 pictures are for
// tools/classify; here it is a part of them.
func TestShipped(t *testing.T) {
	computetest.UseLanes(t)
	b, err := os.ReadFile(filepath.Join("..", "..", "web", "models", "classifier.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if len(b) > 400_000 {
		t.Errorf("the file has %d bytes", len(b))
	}
	n, ref, err := classify.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	if ref == nil || ref.Data != "mnist-test" || ref.Images != 10_000 || n.Features() != 96 || n.Classes() != 10 {
		t.Fatalf("reference %+v", ref)
	}
	reference, err := metric.NewMoments(ref.Images, ref.Mean, ref.Cov)
	if err != nil {
		t.Fatal(err)
	}
	test := testPictures(t)
	count := 1000
	if runtime.GOARCH == "wasm" {
		count = 100
	}
	some, _ := data.Split(test, count, 1)
	wrong, of, err := n.Error(some)
	if err != nil || of != count || wrong > 0.01 {
		t.Errorf("error %.4f of %d pictures, %v", wrong, of, err)
	}
	features, err := n.FeaturesOf(some)
	if err != nil {
		t.Fatal(err)
	}
	m, err := metric.MomentsOf(features, n.Features())
	if err != nil {
		t.Fatal(err)
	}
	d, err := metric.Frechet(m, reference)
	if err != nil || d.FID > 12_000/float64(count) {
		t.Errorf("%d of the reference's own pictures are at a distance of %.2f, %v", count, d.FID, err)
	}
	t.Logf("error %.4f of %d, distance %.2f", wrong, of, d.FID)
}
