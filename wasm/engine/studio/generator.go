package studio

import (
	"inkdrift/wasm/engine"
	"inkdrift/wasm/engine/model"
	"inkdrift/wasm/proto"
)

// generator is a model that may be told classes, in use.
type generator struct {
	model model.Conditional
	info  proto.ModelInfo
	rows  int // pictures decoded in one piece of work
}

func newGenerator(m model.Conditional, name string) *generator {
	g := &generator{model: m, info: m.Info()}
	g.info.Name = name
	work := g.info.Params
	if c, ok := model.ConfigOf(m); ok && c.HasMaps() {
		work = convolutionWork * model.ActivationsPerPicture(c) // weights are used at every place of a map
	}
	g.rows = min(max(2*pieceWork/max(work, 1), 1), 64)
	return g
}

// convolutionWork is about how many multiplications one of ActivationsPerPicture stands for.
const convolutionWork = 32

// decode decodes latent points with the classes y, one-hot rows or none, and yields
// between pieces of the work. The error names field if pixels are not finite.
func (g *generator) decode(t *engine.Task, field string, z, y []float32) ([]float32, error) {
	width, l, k := g.model.InputLen(), g.model.Latent(), g.model.Conditions()
	n := len(z) / l
	pictures := make([]float32, n*width)
	for from := 0; from < n; from += g.rows {
		if from > 0 {
			t.Yield()
		}
		to := min(from+g.rows, n)
		if err := g.model.DecodeGiven(pictures[from*width:to*width], z[from*l:to*l], y[from*k:to*k]); err != nil {
			return nil, err
		}
	}
	if proto.CheckFinite("", pictures) != nil {
		return nil, notFinite(field)
	}
	return pictures, nil
}

// oneHot returns the one-hot classes of n pictures: those of list in turn, all that
// there are if it is empty. A model without conditions takes none.
func (g *generator) oneHot(list []int, n int) ([]float32, error) {
	k := g.model.Conditions()
	if k == 0 && len(list) > 0 {
		return nil, proto.Errorf(proto.CodeBadValue, "classes", "the model is not told classes")
	}
	for _, c := range list {
		if c < 0 || c >= k {
			return nil, proto.Errorf(proto.CodeBadValue, "classes", "%d: the model knows classes 0 to %d", c, k-1)
		}
	}
	y := make([]float32, n*k)
	for i := range n {
		switch {
		case k == 0:
		case len(list) > 0:
			y[i*k+list[i%len(list)]] = 1
		default:
			y[i*k+i%k] = 1
		}
	}
	return y, nil
}

// try runs the model once. It fails if anything but finite numbers comes out.
func (g *generator) try(t *engine.Task) error {
	y, err := g.oneHot(nil, 1)
	if err != nil {
		return err
	}
	if _, err := g.decode(t, "file", make([]float32, g.model.Latent()), y); err != nil || !g.model.HasEncoder() {
		return err
	}
	_, _, _, err = g.reconstruct(t, make([]float32, g.model.InputLen()))
	return err
}

// reconstruct encodes a picture and decodes the mean; class is what a conditional
// model recognises in it.
func (g *generator) reconstruct(t *engine.Task, x []float32) (mu, recon []float32, class *int, err error) {
	k := g.model.Conditions()
	var list []int
	if k > 0 {
		probs := make([]float32, k)
		if err := g.model.Recognise(probs, x); err != nil {
			return nil, nil, nil, err
		}
		best := argmax(probs)
		class, list = &best, []int{best}
	}
	y, err := g.oneHot(list, 1)
	if err != nil {
		return nil, nil, nil, err
	}
	mu = make([]float32, g.model.Latent())
	if err := g.model.EncodeGiven(mu, make([]float32, g.model.Latent()), x, y); err != nil {
		return nil, nil, nil, err
	}
	if err := proto.CheckFinite("mu", mu); err != nil {
		return nil, nil, nil, err
	}
	recon, err = g.decode(t, "mu", mu, y)
	return mu, recon, class, err
}
