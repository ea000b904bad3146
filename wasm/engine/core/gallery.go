package core

import (
	"math"

	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/data"
	"inkdrift/vae/latent"
	"inkdrift/wasm/proto"
)

// brush is a model that may be told classes, in use.
type brush struct {
	Conditional
	info proto.ModelInfo
	rows int // pictures decoded in one piece of work
}

func newBrush(m Conditional, name string) *brush {
	b := &brush{Conditional: m, info: m.Info()}
	b.info.Name = name
	work := b.info.Params
	if c, ok := configOf(m); ok && c.HasMaps() {
		work = convolutionWork * rowSize(c) // weights are used at every place of a map
	}
	b.rows = min(max(2*pieceWork/max(work, 1), 1), 64)
	return b
}

// convolutionWork is about how many multiplications a number of rowSize stands for.
const convolutionWork = 32

// configOf gives the description of a model that has one.
func configOf(m Model) (vae.Config, bool) {
	c, ok := m.(interface{ Config() vae.Config })
	if !ok {
		return vae.Config{}, false
	}
	return c.Config(), true
}

// paint decodes latent points with the classes y, one-hot rows or none, and pauses
// between pieces of the work. field is at fault if no numbers come out.
func (b *brush) paint(t *task, field string, z, y []float32) ([]float32, error) {
	width, l, k := b.InputLen(), b.Latent(), b.Conditions()
	n := len(z) / l
	pictures := make([]float32, n*width)
	for from := 0; from < n; from += b.rows {
		if from > 0 {
			t.pause()
		}
		to := min(from+b.rows, n)
		if err := b.DecodeGiven(pictures[from*width:to*width], z[from*l:to*l], y[from*k:to*k]); err != nil {
			return nil, err
		}
	}
	if proto.CheckFinite("", pictures) != nil {
		return nil, notFinite(field)
	}
	return pictures, nil
}

func notFinite(field string) error {
	return proto.Errorf(proto.CodeNotFinite, field, "the numbers are so large that the model's pixels are no numbers")
}

// told gives the one-hot classes of n pictures: those of list in turn, all that
// there are if it is empty. A model that is told none takes none.
func (b *brush) told(list []int, n int) ([]float32, error) {
	k := b.Conditions()
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

func (e *Engine) galleryLoad(t *task) (any, [][]byte, error) {
	var r proto.GalleryLoad
	if err := t.fields(&r); err != nil {
		return nil, nil, err
	}
	m, err := e.readModel(t)
	if err != nil {
		return nil, nil, err
	}
	c, ok := m.(Conditional)
	if !ok {
		return nil, nil, proto.Errorf(proto.CodeBadModel, "file", "a model of this kind cannot be shown")
	}
	if c, ok := configOf(m); ok && rowSize(c) > maxActivations {
		return nil, nil, proto.Errorf(proto.CodeTooLarge, "file", "a picture needs %d numbers on its way through the model, at most %d fit", rowSize(c), maxActivations)
	}
	b := newBrush(c, r.Name)
	if err := b.try(t); err != nil {
		return nil, nil, proto.Errorf(proto.CodeBadModel, "file", "%v", err)
	}
	e.gallery = b
	return proto.GalleryLoadOK{Model: b.info, Conditions: b.Conditions(), Encoder: b.HasEncoder()}, nil, nil
}

// try runs the model once. It fails if anything but numbers comes out.
func (b *brush) try(t *task) error {
	y, err := b.told(nil, 1)
	if err != nil {
		return err
	}
	if _, err := b.paint(t, "file", make([]float32, b.Latent()), y); err != nil || !b.HasEncoder() {
		return err
	}
	_, _, _, err = b.see(t, make([]float32, b.InputLen()))
	return err
}

// see encodes a picture and decodes the mean; class is what a conditional model
// takes it for.
func (b *brush) see(t *task, x []float32) (mu, recon []float32, class *int, err error) {
	k := b.Conditions()
	var list []int
	if k > 0 {
		probs := make([]float32, k)
		if err := b.Recognise(probs, x); err != nil {
			return nil, nil, nil, err
		}
		best := argmax(probs)
		class, list = &best, []int{best}
	}
	y, err := b.told(list, 1)
	if err != nil {
		return nil, nil, nil, err
	}
	mu = make([]float32, b.Latent())
	if err := b.EncodeGiven(mu, make([]float32, b.Latent()), x, y); err != nil {
		return nil, nil, nil, err
	}
	if err := proto.CheckFinite("mu", mu); err != nil {
		return nil, nil, nil, err
	}
	recon, err = b.paint(t, "mu", mu, y)
	return mu, recon, class, err
}

// galleryModel gives the model of the gallery.
func (e *Engine) galleryModel() (*brush, error) {
	if e.gallery == nil {
		return nil, proto.Errorf(proto.CodeNoModel, "", "the gallery has no model yet: %s gives it one", proto.TypeGalleryLoad)
	}
	return e.gallery, nil
}

func (e *Engine) gallerySample(t *task) (any, [][]byte, error) {
	var r proto.GallerySample
	if err := t.fields(&r); err != nil {
		return nil, nil, err
	}
	b, err := e.galleryModel()
	if err != nil {
		return nil, nil, err
	}
	if err := checkCount(b, "n", r.N); err != nil {
		return nil, nil, err
	}
	y, err := b.told(r.Classes, r.N)
	if err != nil {
		return nil, nil, err
	}
	z := make([]float32, r.N*b.Latent())
	compute.Implementation().Normal(z, compute.NewKey(uint64(r.Seed), priorStream), 0)
	pictures, err := b.paint(t, "z", z, y)
	return proto.SampleOK{N: r.N}, floatBufs(z, pictures), err
}

func (e *Engine) galleryDecode(t *task) (any, [][]byte, error) {
	var r proto.GalleryDecode
	if err := t.fields(&r); err != nil {
		return nil, nil, err
	}
	b, err := e.galleryModel()
	if err != nil {
		return nil, nil, err
	}
	z, n, err := points(t, b.Latent())
	if err != nil {
		return nil, nil, err
	}
	if r.Frames == 0 {
		if err := checkCount(b, "z", n); err != nil {
			return nil, nil, err
		}
		y, err := b.told(r.Classes, n)
		if err != nil {
			return nil, nil, err
		}
		pictures, err := b.paint(t, "z", z, y)
		return proto.DecodeOK{N: n}, floatBufs(pictures), err
	}
	if n != 2 {
		return nil, nil, proto.Errorf(proto.CodeBadLength, "z", "%d latent points: a path goes from one to another", n)
	}
	if err := checkCount(b, "frames", r.Frames); err != nil {
		return nil, nil, err
	}
	ends, err := b.told(r.Classes, 2)
	if err != nil {
		return nil, nil, err
	}
	path, y := make([]float32, r.Frames*b.Latent()), make([]float32, r.Frames*b.Conditions())
	latent.Path(path, z[:b.Latent()], z[b.Latent():], r.Frames, latent.Slerp)
	latent.Path(y, ends[:b.Conditions()], ends[b.Conditions():], r.Frames, latent.Lerp)
	pictures, err := b.paint(t, "z", path, y)
	return proto.DecodeOK{N: r.Frames}, floatBufs(pictures), err
}

func (e *Engine) galleryEncode(t *task) (any, [][]byte, error) {
	var r proto.GalleryEncode
	if err := t.fields(&r); err != nil {
		return nil, nil, err
	}
	b, err := e.galleryModel()
	if err != nil {
		return nil, nil, err
	}
	if !b.HasEncoder() {
		return nil, nil, proto.Errorf(proto.CodeBadValue, "pad", "%v", vae.ErrNoEncoder)
	}
	if b.info.Input != [3]int{1, data.PreparedSide, data.PreparedSide} {
		return nil, nil, proto.Errorf(proto.CodeBadLength, "pixels", "the model takes pictures of %v, a drawing is one of [1 %d %d]", b.info.Input, data.PreparedSide, data.PreparedSide)
	}
	x := e.pads[r.Pad[0]-'a'].pixels
	if x == nil {
		return proto.GalleryEncodeOK{Empty: true}, nil, nil
	}
	mu, recon, class, err := b.see(t, x)
	return proto.GalleryEncodeOK{Class: class}, floatBufs(mu, recon), err
}

// Points of the prior that axes are measured at, and where their ends are.
const (
	axesPoints = 4
	axesReach  = 2
)

func (e *Engine) galleryAxes(t *task) (any, [][]byte, error) {
	b, err := e.galleryModel()
	if err != nil {
		return nil, nil, err
	}
	l, width := b.Latent(), b.InputLen()
	at := make([]float32, axesPoints*l)
	compute.Implementation().Normal(at, compute.NewKey(0, priorStream), 0)
	classes, err := b.told(nil, axesPoints)
	if err != nil {
		return nil, nil, err
	}
	k := b.Conditions()
	ends, y := make([]float32, 2*axesPoints*l), make([]float32, 0, 2*axesPoints*k)
	for i := range 2 * axesPoints {
		y = append(y, classes[i/2*k:][:k]...)
	}
	change := make([]float32, l)
	for j := range change {
		if j > 0 {
			t.pause()
		}
		for i := range 2 * axesPoints {
			row := ends[i*l:][:l]
			copy(row, at[i/2*l:][:l])
			row[j] = axesReach * float32(2*(i%2)-1)
		}
		pictures, err := b.paint(t, "z", ends, y)
		if err != nil {
			return nil, nil, err
		}
		var sum float64
		for i := range axesPoints {
			low, high := pictures[2*i*width:][:width], pictures[(2*i+1)*width:][:width]
			for p, v := range low {
				d := float64(high[p] - v)
				sum += d * d
			}
		}
		change[j] = float32(math.Sqrt(sum / float64(axesPoints*width)))
	}
	return nil, floatBufs(change), nil
}
