package studio

import (
	"errors"
	"testing"

	"inkdrift/vae/prior"
	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/engine/model"
	"inkdrift/wasm/proto"
)

// fake is a model that is easy to check: mu is (mean of the picture, first
// pixel, last pixel), a decoded picture is z[0] everywhere but for the first and
// last pixel, and the class is the rounded tenfold mean.
type fake struct {
	classes int
	params  int
	encodes int
	decodes int
	broken  float32 // added to everything that comes out
	panics  bool
	prior   *prior.Mixture
}

func (f *fake) Info() proto.ModelInfo {
	return proto.ModelInfo{Family: "fake", Input: [3]int{1, 28, 28}, Latent: 3, Params: f.params, Classes: f.classes}
}
func (f *fake) InputLen() int         { return 784 }
func (f *fake) Latent() int           { return 3 }
func (f *fake) Classes() int          { return f.classes }
func (f *fake) Prior() *prior.Mixture { return f.prior }

func (f *fake) Encode(mu, logvar, x []float32) error {
	if f.panics {
		panic("the fake panics")
	}
	f.encodes++
	var sum float32
	for _, v := range x {
		sum += v
	}
	mu[0], mu[1], mu[2] = sum/784+f.broken, x[0], x[783]
	logvar[0], logvar[1], logvar[2] = -1, -2, -3
	return nil
}

func (f *fake) Decode(dst, z []float32) error {
	for i := range len(z) / 3 {
		f.decodes++
		row := dst[i*784:][:784]
		for k := range row {
			row[k] = z[3*i] * z[3*i] / 4
		}
		row[0], row[783] = z[3*i+1], z[3*i+2]
	}
	return nil
}

func (f *fake) Classify(probs, mu []float32) error {
	clear(probs)
	probs[min(int(mu[0]*10), 9)] = 1
	return nil
}

// fixture is an engine with a studio and one client.
type fixture struct {
	*enginetest.Fixture
	studio *studio
	fake   *fake // what model.load loads
}

func newFixture(t *testing.T) *fixture {
	r := &fixture{Fixture: enginetest.New(t), fake: &fake{classes: 10, params: 1000}}
	r.studio = register(r.Engine, func(b []byte) (model.Model, error) {
		if string(b) == "torn" {
			return nil, errors.New("the file is torn")
		}
		return r.fake, nil
	})
	return r
}

// load loads the fake model.
func (r *fixture) load() {
	r.T.Helper()
	r.OK(&proto.ModelLoadOK{}, proto.ModelLoad{Name: "fake"}, []byte("model"))
}

// line is a drawing: one stroke down the middle.
func line(width float32) []byte {
	return proto.EncodeStrokes([]proto.Stroke{{Width: width, Points: []proto.Point{{X: 0.5, Y: 0.2, P: 1}, {X: 0.5, Y: 0.8, P: 1}}}})
}
