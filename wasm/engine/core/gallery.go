package core

import (
	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/ink"
	"inkdrift/vae/latent"
	"inkdrift/wasm/proto"
)

// brush is a model that may be told classes, in use.
type brush struct {
	model Conditional
	info  proto.ModelInfo
	rows  int // pictures decoded in one piece of work
}

func newBrush(m Conditional, name string) *brush {
	b := &brush{model: m, info: m.Info()}
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
	width, l, k := b.model.InputLen(), b.model.Latent(), b.model.Conditions()
	n := len(z) / l
	pictures := make([]float32, n*width)
	for from := 0; from < n; from += b.rows {
		if from > 0 {
			t.pause()
		}
		to := min(from+b.rows, n)
		if err := b.model.DecodeGiven(pictures[from*width:to*width], z[from*l:to*l], y[from*k:to*k]); err != nil {
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
	k := b.model.Conditions()
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
	return proto.GalleryLoadOK{Model: b.info, Conditions: b.model.Conditions(), Encoder: b.model.HasEncoder()}, nil, nil
}

// try runs the model once. It fails if anything but numbers comes out.
func (b *brush) try(t *task) error {
	y, err := b.told(nil, 1)
	if err != nil {
		return err
	}
	if _, err := b.paint(t, "file", make([]float32, b.model.Latent()), y); err != nil || !b.model.HasEncoder() {
		return err
	}
	_, _, _, err = b.see(t, make([]float32, b.model.InputLen()))
	return err
}

// see encodes a picture and decodes the mean; class is what a conditional model
// takes it for.
func (b *brush) see(t *task, x []float32) (mu, recon []float32, class *int, err error) {
	k := b.model.Conditions()
	var list []int
	if k > 0 {
		probs := make([]float32, k)
		if err := b.model.Recognise(probs, x); err != nil {
			return nil, nil, nil, err
		}
		best := argmax(probs)
		class, list = &best, []int{best}
	}
	y, err := b.told(list, 1)
	if err != nil {
		return nil, nil, nil, err
	}
	mu = make([]float32, b.model.Latent())
	if err := b.model.EncodeGiven(mu, make([]float32, b.model.Latent()), x, y); err != nil {
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

func (e *Engine) galleryPaint(t *task) (any, [][]byte, error) {
	var r proto.GalleryPaint
	if err := t.fields(&r); err != nil {
		return nil, nil, err
	}
	b, err := e.galleryModel()
	if err != nil {
		return nil, nil, err
	}
	n, field, l, k := r.N, "n", b.model.Latent(), b.model.Conditions()
	var z []float32
	if n == 0 {
		field = "z"
		if z, n, err = points(t, l); err != nil {
			return nil, nil, err
		}
	}
	if r.Frames > 0 && n != 2 {
		return nil, nil, proto.Errorf(proto.CodeBadLength, "z", "%d latent points: a path goes from one to another", n)
	}
	if err := checkCount(b.model, field, max(n, r.Frames)); err != nil {
		return nil, nil, err
	}
	if r.N > 0 {
		z = make([]float32, n*l)
		compute.Implementation().Normal(z, compute.NewKey(uint64(r.Seed), priorStream), 0)
	}
	y, err := b.told(r.Classes, n)
	if err != nil {
		return nil, nil, err
	}
	if r.Frames > 0 {
		n = r.Frames
		path, mixed := make([]float32, n*l), make([]float32, n*k)
		latent.Path(path, z[:l], z[l:], n, latent.Slerp)
		latent.Path(mixed, y[:k], y[k:], n, latent.Lerp)
		z, y = path, mixed
	}
	pictures, err := b.paint(t, "z", z, y)
	return proto.DecodeOK{N: n}, floatBufs(z, pictures), err
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
	if !b.model.HasEncoder() {
		return nil, nil, proto.Errorf(proto.CodeBadValue, "pad", "%v", vae.ErrNoEncoder)
	}
	if b.info.Input != [3]int{1, ink.PreparedSide, ink.PreparedSide} {
		return nil, nil, proto.Errorf(proto.CodeBadLength, "pixels", "the model takes pictures of %v, a drawing is one of [1 %d %d]", b.info.Input, ink.PreparedSide, ink.PreparedSide)
	}
	x := e.pads[r.Pad[0]-'a'].pixels
	if x == nil {
		return proto.GalleryEncodeOK{Empty: true}, nil, nil
	}
	mu, recon, class, err := b.see(t, x)
	return proto.GalleryEncodeOK{Class: class}, floatBufs(mu, recon), err
}
