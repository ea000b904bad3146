package tasks

import (
	"strings"
	"testing"
	"time"

	"inkdrift/vae"
	"inkdrift/vae/data"
	"inkdrift/vae/train"
)

// small is a recipe that takes no time.
func small() train.Recipe {
	r := train.Recipe{Train: train.Defaults()}
	r.Model = vae.Config{Family: "dense", Input: [3]int{1, 28, 28}, Encoder: []int{16}, Decoder: []int{16}, Latent: 2,
		Activation: "relu", Likelihood: vae.Bernoulli}
	r.Train.Binarize, r.Train.Epochs = train.None, 1000
	return r
}

func TestTasks(t *testing.T) {
	set := data.NewDigits(1).Set(0, 16)
	for _, s := range []Spec{
		{Kind: "gemm", M: 3, N: 5, K: 7},
		{Kind: "gemm", M: 3, N: 5, K: 7, TransA: true},
		{Kind: "gemm", M: 3, N: 5, K: 7, TransB: true},
		{Kind: "decode", Recipe: small(), Batch: 4},
		{Kind: "encode", Recipe: small(), Batch: 1},
	} {
		task, _, err := New(s, nil)
		if err != nil {
			t.Errorf("%+v: %v", s, err)
			continue
		}
		got, err := task.Measure(time.Millisecond)
		if err != nil || !(got.Value > 0) {
			t.Errorf("%+v: %+v, %v", s, got, err)
		}
	}

	task, first, err := New(Spec{Kind: "train", Recipe: small(), Batch: 8, WarmUp: 20}, set)
	if err != nil {
		t.Fatal(err)
	}
	one, err := task.Measure(time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	two, err := task.Measure(20 * time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if one.Steps < 21 || two.Steps <= one.Steps {
		t.Errorf("%d steps, then %d, after 20 to warm up", one.Steps, two.Steps)
	}
	if !(first > two.Loss && two.Loss > 0) {
		t.Errorf("the loss went from %v to %v", first, two.Loss)
	}
}

func TestWrongSpecs(t *testing.T) {
	set := data.NewDigits(1).Set(0, 16)
	for want, s := range map[string]Spec{
		`no task "sleep"`:         {Kind: "sleep"},
		"product of 0 x 1 x 1":    {Kind: "gemm", N: 1, K: 1},
		"whole batches of 5":      {Kind: "train", Recipe: small(), Batch: 5, WarmUp: 2},
		"config: family":          {Kind: "decode", Batch: 1},
		"training options: batch": {Kind: "train", Recipe: small(), Batch: 0},
	} {
		if _, _, err := New(s, set); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}
