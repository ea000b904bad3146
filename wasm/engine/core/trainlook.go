package core

import (
	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/latent"
	"inkdrift/vae/train"
	"inkdrift/wasm/proto"
)

// view remembers what pictures of the model need from one time to the next.
type view struct {
	plane      plane // of the last scatter
	evaluation *train.Evaluation
	images     int // that it was made for
}

// lookRows is how many pictures go through the model in one piece of work.
const lookRows = 50

// pathStream keeps the ends of a path apart from samples of the same seed.
const pathStream = 0x1d21f9

// fitPoints is how many points the plane of a scatter is fitted to.
const fitPoints = 500

func (e *Engine) trainLook(t *task) (any, [][]byte, error) {
	var r proto.TrainLook
	if err := t.fields(&r); err != nil {
		return nil, nil, err
	}
	run, err := e.run()
	if err != nil {
		return nil, nil, err
	}
	m := run.trainer.Model()
	width, dim := m.InputLen(), m.Latent()
	if dim != 2 {
		r.Grid = 0
	}
	if !m.HasEncoder() {
		r.Recon, r.Scatter = 0, 0
	}
	if err := checkClass(m, r.Class); err != nil {
		return nil, nil, err
	}
	r.Recon, r.Scatter = min(r.Recon, run.validSet.Len()), min(r.Scatter, run.validSet.Len())
	if most := maxValues / (4 * width); r.Recon > most || r.Samples > most || r.Grid*r.Grid > most || r.Path > most {
		return nil, nil, proto.Errorf(proto.CodeBadValue, "recon, samples, grid, path", "of this size at most %d pictures can be had at once", most)
	}
	ok := proto.TrainLookOK{
		Step: run.trainer.StepsTaken(), Latent: dim, Shape: run.validation.Shape,
		Recon: r.Recon, Samples: r.Samples, Scatter: r.Scatter, Grid: r.Grid, Path: r.Path, Labels: make([]int, r.Scatter),
	}

	pictures := make([]float32, r.Recon*width)
	run.pictures(pictures, 0)
	mu, err := run.means(t, max(r.Recon, r.Scatter))
	if err != nil {
		return nil, nil, err
	}
	recon, err := run.decode(t, mu[:r.Recon*dim], run.class)
	if err != nil {
		return nil, nil, err
	}
	z := make([]float32, r.Samples*dim)
	compute.Implementation().Normal(z, compute.NewKey(uint64(r.Seed), priorStream), 0)
	samples, err := run.decode(t, z, func(i int) int { return i % max(m.Conditions(), 1) })
	if err != nil {
		return nil, nil, err
	}
	for i := range ok.Labels {
		ok.Labels[i] = run.class(i)
	}
	plane, explained, err := run.view.project(mu[:r.Scatter*dim], dim)
	if err != nil {
		return nil, nil, err
	}
	ok.Explained = explained
	cells := make([]float32, r.Grid*r.Grid*dim)
	if r.Grid > 0 {
		latent.Grid(cells, make([]float32, dim), 0, 1, r.Grid, r.Grid)
	}
	grid, err := run.decode(t, cells, func(int) int { return r.Class })
	if err != nil {
		return nil, nil, err
	}
	ends, way := make([]float32, 2*dim), make([]float32, r.Path*dim)
	compute.Implementation().Normal(ends, compute.NewKey(uint64(r.Seed), pathStream), 0)
	if r.Path > 0 {
		latent.Path(way, ends[:dim], ends[dim:], r.Path, latent.Slerp)
	}
	path, err := run.decode(t, way, func(int) int { return r.Class })
	if err != nil {
		return nil, nil, err
	}
	return ok, floatBufs(pictures, recon, samples, plane, grid, path), nil
}

// pictures writes validation pictures from number first on to dst.
func (t *training) pictures(dst []float32, first int) {
	index := make([]int, len(dst)/t.trainer.Model().InputLen())
	for i := range index {
		index[i] = first + i
	}
	t.validSet.Batch(dst, index)
}

// class gives the class of a validation picture.
func (t *training) class(i int) int { return t.validSet.Label(i) }

// oneHot writes the classes of rows from number first on, for models that are told
// them.
func (t *training) oneHot(dst []float32, first int, class func(i int) int) error {
	k := t.trainer.Model().Conditions()
	if k == 0 {
		return nil
	}
	labels := make([]int, len(dst)/k)
	for i := range labels {
		labels[i] = class(first + i)
	}
	return vae.OneHot(dst, labels, k)
}

// means gives mu of the first n validation pictures.
func (t *training) means(task *task, n int) ([]float32, error) {
	m := t.trainer.Model()
	width, dim, classes := m.InputLen(), m.Latent(), m.Conditions()
	x, logvar, y := make([]float32, min(n, lookRows)*width), make([]float32, lookRows*dim), make([]float32, lookRows*classes)
	mu := make([]float32, n*dim)
	for from := 0; from < n; from += lookRows {
		if from > 0 {
			task.pause()
		}
		rows := min(lookRows, n-from)
		t.pictures(x[:rows*width], from)
		if err := t.oneHot(y[:rows*classes], from, t.class); err != nil {
			return nil, err
		}
		if err := m.EncodeGiven(mu[from*dim:(from+rows)*dim], logvar[:rows*dim], x[:rows*width], y[:rows*classes]); err != nil {
			return nil, err
		}
	}
	return mu, nil
}

// decode decodes latent points; class gives the class of each to a model that is
// told it.
func (t *training) decode(task *task, z []float32, class func(i int) int) ([]float32, error) {
	m := t.trainer.Model()
	width, dim, classes := m.InputLen(), m.Latent(), m.Conditions()
	n := len(z) / dim
	pixels, y := make([]float32, n*width), make([]float32, lookRows*classes)
	for from := 0; from < n; from += lookRows {
		task.pause()
		to := min(from+lookRows, n)
		if err := t.oneHot(y[:(to-from)*classes], from, class); err != nil {
			return nil, err
		}
		if err := m.DecodeGiven(pixels[from*width:to*width], z[from*dim:to*dim], y[:(to-from)*classes]); err != nil {
			return nil, err
		}
	}
	return pixels, nil
}

// project gives points of dim values a place in a plane: themselves if dim is 2,
// else along their first two principal components.
func (v *view) project(points []float32, dim int) (xy []float32, explained []float64, err error) {
	n := len(points) / dim
	xy, explained = make([]float32, 2*n), []float64{}
	switch {
	case dim == 2:
		copy(xy, points)
	case dim == 1:
		for i, x := range points {
			xy[2*i] = x
		}
	case n >= 3: // of fewer, no plane is better than another
		if err := proto.CheckFinite("scatter", points); err != nil {
			return nil, nil, err
		}
		var mean []float64
		mean, explained = v.plane.fit(points[:min(n, fitPoints)*dim], dim)
		v.plane.project(xy, points, mean)
	}
	return xy, explained, nil
}

func (e *Engine) trainEvaluate(t *task) (any, [][]byte, error) {
	var r proto.TrainEvaluate
	if err := t.fields(&r); err != nil {
		return nil, nil, err
	}
	run, err := e.run()
	if err != nil {
		return nil, nil, err
	}
	o, v := run.trainer.Options(), &run.view
	if v.evaluation == nil || v.images != r.Images {
		if v.evaluation, err = train.NewEvaluation(run.trainer.Model(), run.validSet, o.Binarize, o.Seed, r.Images); err != nil {
			return nil, nil, recipeError(err)
		}
		v.images = r.Images
	}
	// Another one may begin while this one pauses.
	evaluation := v.evaluation
	v.evaluation = nil
	evaluation.Reset()
	ok, err := evaluated(evaluation, run.trainer.StepsTaken(), func(int) error {
		t.pause()
		return nil
	})
	v.evaluation = evaluation
	return ok, nil, err
}

// evaluated does the whole of an evaluation; rest is called between its pieces with
// the number of pictures done.
func evaluated(e *train.Evaluation, step int, rest func(done int) error) (proto.TrainEvaluateOK, error) {
	ok := proto.TrainEvaluateOK{Step: step}
	for {
		more, err := e.Next()
		if err != nil {
			return ok, err
		}
		if !more {
			break
		}
		if err := rest(e.Result().Images); err != nil {
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
