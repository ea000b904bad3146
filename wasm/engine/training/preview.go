package training

import (
	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/latent"
	"inkdrift/vae/train"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/engine/model"
	"inkdrift/wasm/proto"
)

// previewCache is what one preview or evaluation leaves to the next.
type previewCache struct {
	plane      plane // of the last scatter
	mapPlane   plane // of the last map
	evaluation *train.Evaluation
	images     int // that it was made for
}

// batchRows is how many pictures go through the model in one piece of work.
const batchRows = 50

// pathStream keeps the ends of a path apart from samples of the same seed.
const pathStream = 0x1d21f9

// fitPoints is how many points the plane of a scatter is fitted to. Of fewer than
// fewestPoints no plane is better than another.
const (
	fitPoints    = 500
	fewestPoints = 3
)

func preview(t *engine.Task, r *run, q *proto.TrainPreview) (*proto.TrainPreviewOK, [][]byte, error) {
	m := r.trainer.Model()
	width, dim := m.InputLen(), m.Latent()
	if !m.HasEncoder() {
		q.Recon, q.Scatter = 0, 0
	}
	if err := checkClass(m, q.Class); err != nil {
		return nil, nil, err
	}
	q.Recon, q.Scatter = min(q.Recon, r.validSet.Len()), min(q.Scatter, r.validSet.Len())
	if dim < 2 || dim > 2 && q.Scatter < fewestPoints {
		q.Grid = 0 // there is no plane
	}
	if most := proto.MaxValues / (4 * width); q.Recon > most || q.Samples > most || q.Grid*q.Grid > most || q.Path > most {
		return nil, nil, proto.Errorf(proto.CodeBadValue, "recon, samples, grid, path", "of this size at most %d pictures can be had at once", most)
	}
	ok := &proto.TrainPreviewOK{
		Step: r.trainer.StepsTaken(), Prior: proto.PriorNormal, Latent: dim, Shape: r.validation.Shape,
		Recon: q.Recon, Samples: q.Samples, Scatter: q.Scatter, Grid: q.Grid, Path: q.Path, Labels: make([]int, q.Scatter),
	}

	pictures := make([]float32, q.Recon*width)
	r.pictures(pictures, 0)
	mu, err := r.means(t, max(q.Recon, q.Scatter))
	if err != nil {
		return nil, nil, err
	}
	recon, err := r.decode(t, mu[:q.Recon*dim], r.class)
	if err != nil {
		return nil, nil, err
	}
	z := make([]float32, q.Samples*dim)
	if p := r.prior(); p != nil && q.Prior == proto.PriorFitted {
		ok.Prior = proto.PriorFitted
		p.Sample(z, compute.NewKey(uint64(q.Seed), model.PriorStream))
	} else {
		compute.Implementation().Normal(z, compute.NewKey(uint64(q.Seed), model.PriorStream), 0)
	}
	samples, err := r.decode(t, z, func(i int) int { return i % max(m.Conditions(), 1) })
	if err != nil {
		return nil, nil, err
	}
	for i := range ok.Labels {
		ok.Labels[i] = r.class(i)
	}
	plane, mean, explained, err := r.cache.project(mu[:q.Scatter*dim], dim)
	if err != nil {
		return nil, nil, err
	}
	ok.Explained = explained
	cells := make([]float32, 2*q.Grid*q.Grid)
	if q.Grid > 0 {
		latent.Grid(cells, make([]float32, 2), 0, 1, q.Grid, q.Grid)
	}
	if dim > 2 {
		cells = r.cache.plane.at(cells, mean)
	}
	grid, err := r.decode(t, cells, func(int) int { return q.Class })
	if err != nil {
		return nil, nil, err
	}
	ends, way := make([]float32, 2*dim), make([]float32, q.Path*dim)
	compute.Implementation().Normal(ends, compute.NewKey(uint64(q.Seed), pathStream), 0)
	if q.Path > 0 {
		latent.Path(way, ends[:dim], ends[dim:], q.Path, latent.Slerp)
	}
	path, err := r.decode(t, way, func(int) int { return q.Class })
	if err != nil {
		return nil, nil, err
	}
	return ok, proto.FloatBufs(pictures, recon, samples, plane, grid, path), nil
}

// pictures writes validation pictures from number first on to dst.
func (r *run) pictures(dst []float32, first int) {
	index := make([]int, len(dst)/r.trainer.Model().InputLen())
	for i := range index {
		index[i] = first + i
	}
	r.validSet.Batch(dst, index)
}

// class returns the class of a validation picture.
func (r *run) class(i int) int { return r.validSet.Label(i) }

// oneHot writes the classes of rows from number first on, for conditional models.
func (r *run) oneHot(dst []float32, first int, class func(i int) int) error {
	k := r.trainer.Model().Conditions()
	if k == 0 {
		return nil
	}
	labels := make([]int, len(dst)/k)
	for i := range labels {
		labels[i] = class(first + i)
	}
	return vae.OneHot(dst, labels, k)
}

// means returns mu of the first n validation pictures.
func (r *run) means(task *engine.Task, n int) ([]float32, error) {
	dim := r.trainer.Model().Latent()
	mu := make([]float32, n*dim)
	for from := 0; from < n; from += batchRows {
		if from > 0 {
			task.Yield()
		}
		if err := r.encode(mu[from*dim:min(from+batchRows, n)*dim], from); err != nil {
			return nil, err
		}
	}
	return mu, nil
}

// encode writes mu of validation pictures from number first on.
func (r *run) encode(mu []float32, first int) error {
	m := r.trainer.Model()
	dim := m.Latent()
	rows := len(mu) / dim
	x, logvar, y := make([]float32, rows*m.InputLen()), make([]float32, rows*dim), make([]float32, rows*m.Conditions())
	r.pictures(x, first)
	if err := r.oneHot(y, first, r.class); err != nil {
		return err
	}
	return m.EncodeGiven(mu, logvar, x, y)
}

// decode decodes latent points; class returns the class of each for a
// conditional model.
func (r *run) decode(task *engine.Task, z []float32, class func(i int) int) ([]float32, error) {
	m := r.trainer.Model()
	width, dim := m.InputLen(), m.Latent()
	n := len(z) / dim
	pixels := make([]float32, n*width)
	for from := 0; from < n; from += batchRows {
		task.Yield()
		to := min(from+batchRows, n)
		if err := r.decodePiece(pixels[from*width:to*width], z[from*dim:to*dim], from, class); err != nil {
			return nil, err
		}
	}
	return pixels, nil
}

// decodePiece decodes latent points at once; class takes numbers from first on.
func (r *run) decodePiece(pixels, z []float32, first int, class func(i int) int) error {
	m := r.trainer.Model()
	y := make([]float32, len(z)/m.Latent()*m.Conditions())
	if err := r.oneHot(y, first, class); err != nil {
		return err
	}
	return m.DecodeGiven(pixels, z, y)
}

// project returns where points of dim values lie in a plane: themselves if dim is 2,
// else along their first two principal components, from their mean.
func (c *previewCache) project(points []float32, dim int) (xy []float32, mean, explained []float64, err error) {
	n := len(points) / dim
	xy, explained = make([]float32, 2*n), []float64{}
	switch {
	case dim == 2:
		copy(xy, points)
	case dim == 1:
		for i, x := range points {
			xy[2*i] = x
		}
	case n >= fewestPoints:
		if err := proto.CheckFinite("scatter", points); err != nil {
			return nil, nil, nil, err
		}
		mean, explained = c.plane.fit(points[:min(n, fitPoints)*dim], dim)
		c.plane.project(xy, points, mean)
	}
	return xy, mean, explained, nil
}

func evaluate(t *engine.Task, r *run, q *proto.TrainEvaluate) (*proto.TrainEvaluateOK, [][]byte, error) {
	o, c := r.trainer.Options(), &r.cache
	m := r.trainer.Result() // which gets the newest average, if that is what it has
	if c.evaluation == nil || c.images != q.Images {
		var err error
		if c.evaluation, err = train.NewEvaluation(m, r.validSet, o.Binarize, o.Seed, q.Images); err != nil {
			return nil, nil, recipeError(err)
		}
		c.images = q.Images
	}
	// Another one may begin while this one yields.
	evaluation := c.evaluation
	c.evaluation = nil
	evaluation.Reset()
	ok, err := runEvaluation(evaluation, r.trainer.StepsTaken(), func(int) error {
		t.Yield()
		return nil
	})
	c.evaluation = evaluation
	return &ok, nil, err
}

// runEvaluation does the whole of an evaluation; yield is called between its pieces
// with the number of pictures done.
func runEvaluation(e *train.Evaluation, step int, yield func(done int) error) (proto.TrainEvaluateOK, error) {
	ok := proto.TrainEvaluateOK{Step: step}
	for {
		more, err := e.Next()
		if err != nil {
			return ok, err
		}
		if !more {
			break
		}
		if err := yield(e.Result().Images); err != nil {
			return ok, err
		}
	}
	result := e.Result()
	ok.Images, ok.Active, ok.KLPerDim = result.Images, result.Active, proto.Numbers(result.KL)
	ok.Terms = append([]string{}, e.TermNames()...) // never null in JSON
	ok.Other = proto.Numbers(result.Terms.Other[:len(ok.Terms)])
	ok.Recon, ok.KL, ok.ELBO = proto.Number(result.Terms.Recon), proto.Number(result.Terms.KL), proto.Number(result.Terms.ELBO())
	return ok, nil
}
