package main

import (
	"fmt"

	"inkdrift/vae"
	"inkdrift/vae/nn"
	"inkdrift/vae/preset"
	"inkdrift/vae/store"
	"inkdrift/vae/train"
)

// mnist is the data of models that need MNIST's files; other data are the names
// of made sets, which need none.
const mnist = "mnist"

// A model is a file of web/models and how it is made.
type model struct {
	name string
	data string // mnist or a made set
	lean bool   // without its discriminator
	// runs follow one another; the last makes the model. There are none where
	// tools/classify makes it.
	runs []run
	// reads: it gets the classifier of pictures that is trained on drawings.
	reads bool
	// prior lists the numbers of Gaussians that are tried for its fitted prior; empty:
	// it gets none.
	prior string
}

// attached reports whether tools/attach has to put something into the model.
func (m model) attached() bool { return m.reads || m.prior != "" }

// A run is one call of tools/train.
type run struct {
	name   string // of the recipe and of what it makes in the work folder
	recipe train.Recipe
	init   string // name of the run whose weights it begins with; empty: random weights
	steps  int    // after which it is ended; 0: it goes through
	pens   bool   // it learns from drawings as well
}

// reader is what tools/classify makes for models that read drawings.
const reader = "reader"

// classifier is the model that tools/classify makes.
const classifier = "classifier"

// models lists every model of web/models. The recipe of the last run of each is
// the one in the metadata of its file. A run follows those whose weights it needs.
func models() ([]model, error) {
	var wrong error
	recipe := func(name string) train.Recipe {
		p, err := preset.Find(name)
		if err != nil {
			wrong = err
		}
		return p.Recipe()
	}
	plain := func(name, data string) model {
		return model{name: name, data: data, runs: []run{{name: name, recipe: recipe(name)}}}
	}
	of := func(name, data, preset string) model {
		return model{name: name, data: data, runs: []run{{name: name, recipe: recipe(preset)}}}
	}
	dcgan := plain("dcgan", mnist)
	dcgan.lean = true
	m := []model{
		digits(recipe("digits")),
		plain("digits-2d", mnist),
		plain("cvae", mnist),
		collapsed(recipe("collapse")),
		vae50(recipe("iwae-50")),
		iwae50(recipe("iwae-50")),
		convIWAE(recipe("gallery-conv-iwae")),
		dcgan,
		of("textures", "materials", "gallery-textures"),
		of("faces", "faces", "gallery-faces"),
		{name: classifier, data: mnist},
	}
	return m, wrong
}

// schedule sets what differs between the runs of a model.
func schedule(r train.Recipe, epochs, batch int, rate float64, warmUp, klWarmUp int, seed uint64) train.Recipe {
	o := &r.Train
	o.Epochs, o.Batch, o.LearningRate, o.WarmUp, o.KLWarmUp, o.Seed = epochs, batch, rate, warmUp, klWarmUp, seed
	return r
}

// bound sets the objective: the ELBO of one sample or the importance-weighted bound
// of more.
func bound(r train.Recipe, samples int) train.Recipe {
	r.Train.Objective, r.Train.Samples = "", 0
	if samples > 1 {
		r.Train.Objective, r.Train.Samples = vae.BoundIWAE, samples
	}
	return r
}

// collapsed is the preset collapse with few units, so that the file is small: it is there to be compared with.
func collapsed(r train.Recipe) model {
	r.Model.Encoder, r.Model.Decoder = []int{32}, []int{32}
	r.Train.Schedule = nn.Cosine
	r.DType, r.Mantissa = store.F16, 5
	return model{name: "collapsed", data: mnist, runs: []run{{name: "collapsed", recipe: r}}}
}

// vae50 learns in seven runs with the ELBO. The third was planned for 120 epochs and
// its cosine shortened to 90 at step 29,200, which is not repeated here.
func vae50(r train.Recipe) model {
	r = bound(r, 1)
	return model{name: "vae-50", data: mnist, prior: priors, runs: []run{
		{name: "vae-50-1", recipe: schedule(r, 300, 100, 2.5e-3, 600, 12000, 1), steps: 48_300},
		{name: "vae-50-2", recipe: schedule(r, 60, 100, 2e-3, 600, 0, 1), init: "vae-50-1"},
		{name: "vae-50-3", recipe: schedule(r, 90, 100, 2e-3, 600, 0, 1), init: "vae-50-2"},
		{name: "vae-50-4", recipe: schedule(r, 240, 100, 1.5e-3, 200, 0, 2), init: "vae-50-3"},
		{name: "vae-50-5", recipe: schedule(r, 180, 100, 1.2e-3, 200, 0, 3), init: "vae-50-4"},
		{name: "vae-50-6", recipe: pathwise(schedule(r, 260, 50, 1e-3, 600, 0, 4), 0.9995), init: "vae-50-5"},
		{name: "vae-50", recipe: pathwise(schedule(r, 400, 50, 1.2e-3, 600, 0, 5), 0.9998), init: "vae-50-6"},
	}}
}

// pathwise leaves the score of q(z|x) out of the gradient of the ELBO (Roeder et al.
// 2017) and keeps a moving average of the weights.
func pathwise(r train.Recipe, decay float64) train.Recipe {
	o := &r.Train
	o.Objective, o.Samples, o.Gradient, o.EMA = vae.BoundIWAE, 1, vae.GradientSTL, decay
	return r
}

// averaged leaves the score out of the encoder's gradient (Tucker et al. 2019) and
// keeps a moving average of the weights.
func averaged(r train.Recipe) train.Recipe {
	r.Train.Gradient, r.Train.EMA = vae.GradientDReG, 0.9995
	return r
}

// priors are the numbers of Gaussians that are tried for a fitted prior.
const priors = "64,100"

// digits learns from MNIST with the ELBO, then from drawings as well. Its reader takes the place of the classifier on mu, which is linear.
func digits(r train.Recipe) model {
	r.Model.Classifier = nil
	first := r
	first.Model.Classes = 0
	r = pathwise(schedule(r, 100, 128, 1e-3, 600, 0, 2), 0.9995)
	return model{name: "digits", data: mnist, reads: true, prior: priors, runs: []run{
		{name: "digits-1", recipe: first},
		{name: "digits", recipe: r, init: "digits-1", pens: true},
	}}
}

// iwae50 begins with the fourth run of vae-50.
func iwae50(r train.Recipe) model {
	r = bound(r, 5)
	return model{name: "iwae-50", data: mnist, prior: priors, runs: []run{
		{name: "iwae-50-1", recipe: schedule(r, 80, 50, 1e-3, 600, 0, 2), init: "vae-50-4"},
		{name: "iwae-50-2", recipe: schedule(r, 60, 50, 8e-4, 600, 0, 3), init: "iwae-50-1"},
		{name: "iwae-50", recipe: averaged(schedule(r, 260, 50, 1e-3, 600, 0, 4)), init: "iwae-50-2"},
	}}
}

// convIWAE learns with the ELBO, then with the importance-weighted bound. The second
// run was planned for 26 epochs and its cosine shortened to 18 at step 20,800, which
// is not repeated here. A third goes on as that of iwae-50 does.
func convIWAE(r train.Recipe) model {
	bare := r
	bare.Model.Classes, bare.Model.Classifier = 0, nil
	return model{name: "conv-iwae", data: mnist, prior: "32,64", runs: []run{
		{name: "conv-iwae-1", recipe: bound(schedule(bare, 40, 100, 2e-3, 600, 6000, 1), 1)},
		{name: "conv-iwae-2", recipe: bound(schedule(bare, 18, 32, 8e-4, 300, 0, 2), 5), init: "conv-iwae-1"},
		{name: "conv-iwae", recipe: averaged(bound(schedule(r, 24, 50, 1e-3, 300, 0, 3), 5)), init: "conv-iwae-2"},
	}}
}

// find returns the model called name, all of them for an empty name, with the runs
// of other models that it needs before it.
func find(all []model, name string) ([]model, error) {
	if name == "" {
		return all, nil
	}
	var names []string
	for _, m := range all {
		if m.name == name {
			return needed(all, m), nil
		}
		names = append(names, m.name)
	}
	return nil, fmt.Errorf("there is no model %q, but %q", name, names)
}

// needed returns m behind models cut down to the runs that m's first run needs.
func needed(all []model, m model) []model {
	if len(m.runs) == 0 || m.runs[0].init == "" {
		return []model{m}
	}
	for _, other := range all {
		for i, r := range other.runs {
			if r.name == m.runs[0].init {
				other.runs = other.runs[:i+1]
				return append(needed(all, other), m)
			}
		}
	}
	return []model{m}
}
