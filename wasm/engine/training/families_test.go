package training

import (
	"math"
	"slices"
	"testing"

	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/proto"
)

// families are small runs of all kinds of models, with the names of their terms.
var families = []struct {
	name, recipe, data string
	terms              []string
	encodes            bool
}{
	{"importance-weighted", `{"model": {"family": "dense", "input": [1, 28, 28], "encoder": [12], "decoder": [12], "latent": 2, "activation": "tanh",
		"likelihood": "bernoulli"}, "train": {"epochs": 2, "batch": 14, "learning_rate": 0.002, "objective": "iwae", "samples": 3, "seed": 5}}`,
		"digits", []string{"iwae"}, true},
	{"conditional", `{"model": {"family": "cvae", "input": [1, 28, 28], "encoder": [12], "decoder": [12], "latent": 2, "activation": "tanh",
		"likelihood": "bernoulli", "conditions": 10, "recogniser": [8]}, "train": {"epochs": 2, "batch": 14, "learning_rate": 0.002, "seed": 5}}`,
		"digits", []string{"label"}, true},
	{"in colour", `{"model": {"family": "conv", "input": [3, 32, 32], "encoder": [4, 6], "decoder": [6, 4], "latent": 3, "activation": "leaky-relu",
		"likelihood": "gaussian", "output": "sigmoid"}, "train": {"epochs": 2, "batch": 14, "learning_rate": 0.002, "binarize": "none", "seed": 5}}`,
		"faces", []string{}, true},
	{"adversarial", `{"model": {"family": "dcgan", "input": [1, 28, 28], "decoder": [6, 4], "discriminator": [4, 6], "latent": 3, "activation": "leaky-relu",
		"likelihood": "implicit", "output": "sigmoid"}, "train": {"epochs": 2, "batch": 14, "learning_rate": 0.002, "binarize": "none", "seed": 5}}`,
		"digits", []string{"discriminator", "generator", "real", "fake"}, false},
	{"both", `{"model": {"family": "vae-gan", "input": [1, 28, 28], "encoder": [4, 6], "decoder": [6, 4], "discriminator": [4, 6], "latent": 3,
		"activation": "leaky-relu", "likelihood": "gaussian", "output": "sigmoid"}, "train": {"epochs": 2, "batch": 14, "learning_rate": 0.002, "binarize": "none", "seed": 5}}`,
		"digits", nil, true},
}

// TestFamilies: every kind of model trains here, alone and with others alike, and
// can be looked at, measured and taken away.
func TestFamilies(t *testing.T) {
	for _, f := range families {
		t.Run(f.name, func(t *testing.T) {
			open := openOf(f.recipe)
			open.Data.Kind, open.Validation.Kind = f.data, f.data
			run := func(workers int) (*worker, []proto.TrainPoint) {
				c := newWorkerGroup(t, workers, open)
				c.activate()
				lead := c.workers[0]
				if a := lead.Ask(proto.TrainRun{}); a.Type != proto.TypeOK {
					t.Fatal(a.Message.Head)
				}
				c.settle()
				c.sameWeights()
				return lead, lead.points()
			}
			_, want := run(1)
			lead, got := run(3)
			if len(want) != 16 || len(got) != len(want) {
				t.Fatalf("%d and %d steps", len(want), len(got))
			}
			terms := lead.training.run.trainer.TermNames()
			if f.terms != nil && !slices.Equal(terms, f.terms) {
				t.Errorf("terms %q", terms)
			}
			for i, p := range got {
				for k, v := range p {
					if w := want[i][k]; !(math.Abs(float64(v-w)) <= 2e-3*max(1, math.Abs(float64(w)))) {
						t.Fatalf("step %d: %v with three workers, %v alone", i+1, p, want[i])
					}
					if k >= firstTerm && (v != 0) != (k < firstTerm+len(terms)) {
						t.Errorf("step %d has the terms %v, called %q", i+1, p[firstTerm:], terms)
					}
				}
			}

			var evaluation proto.TrainEvaluateOK
			if lead.OK(&evaluation, proto.TrainEvaluate{}); evaluation.Images != 20 || len(evaluation.Other) != len(evaluation.Terms) {
				t.Errorf("%+v", evaluation)
			}
			var look proto.TrainPreviewOK
			a := lead.OK(&look, proto.TrainPreview{Recon: 4, Samples: 12, Scatter: 9, Grid: 2, Path: 5})
			n, latent := look.Shape[0]*look.Shape[1]*look.Shape[2], look.Latent
			if f.encodes != (look.Recon == 4 && look.Scatter == 9) || look.Samples != 12 || (look.Grid == 2) != (latent == 2 || f.encodes) {
				t.Errorf("%+v", look)
			}
			for i, want := range []int{look.Recon * n, look.Recon * n, 12 * n, 2 * look.Scatter, look.Grid * look.Grid * n, 5 * n} {
				if v := enginetest.Floats(t, a.Message, i); len(v) != want || slices.ContainsFunc(v, func(x float32) bool { return x-x != 0 }) {
					t.Errorf("buffer %d has %d numbers, want %d, all finite", i, len(v), want)
				}
			}
			var taken proto.TrainStepOK
			if file := lead.OK(&taken, proto.TrainModel{}).Buf(0); len(file) == 0 {
				t.Error("there is no file")
			}
		})
	}
}

// TestGridOfClass: a conditional model shows the class that is asked for, and its
// validation pictures as what they are.
func TestGridOfClass(t *testing.T) {
	r := newFixture(t)
	r.OK(&proto.TrainOpenOK{}, openOf(families[1].recipe))
	var ok proto.TrainPreviewOK
	grid := func(class int) []float32 {
		return enginetest.Floats(t, r.OK(&ok, proto.TrainPreview{Grid: 2, Class: class}).Message, 4)
	}
	if slices.Equal(grid(3), grid(4)) || !slices.Equal(grid(3), grid(3)) {
		t.Error("the class makes no difference")
	}
	if a := r.Ask(proto.TrainPreview{Grid: 2, Class: 10}); a.Head.Error == nil || a.Head.Error.Field != "class" {
		t.Error("there is no class 10")
	}
}
