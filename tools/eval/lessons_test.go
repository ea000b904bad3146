package main

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"inkdrift/tools/internal/repo"
	"inkdrift/vae"
	"inkdrift/vae/classify"
	"inkdrift/vae/compute/computetest"
	"inkdrift/vae/data"
	"inkdrift/vae/data/sets"
	"inkdrift/vae/metric"
	"inkdrift/vae/preset"
	"inkdrift/vae/train"
)

// A lesson is a run as docs/lessons.md tells of it: a preset of the Train view, fewer pictures.
type lesson struct {
	t    *testing.T
	run  *train.Trainer
	test data.Dataset
}

// drawnSets are the sets of earlier lessons, with the pictures that were drawn for them.
var drawnSets = make(map[string]*data.Collection)

func begin(t *testing.T, name string, change func(*train.Recipe)) lesson {
	t.Helper()
	computetest.UseLanes(t)
	p, err := preset.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	r := p.Recipe()
	change(&r)
	c, ok := drawnSets[p.Settings.Data]
	if !ok {
		source, err := sets.Find(p.Settings.Data)
		if err != nil {
			t.Fatal(err)
		}
		c = source.Open(1, 4000, 1, 500)
		c.Train, c.Test = data.Cache(c.Train), data.Cache(c.Test)
		drawnSets[p.Settings.Data] = c
	}
	m, err := vae.New(r.Model, r.Train.Seed)
	if err != nil {
		t.Fatal(err)
	}
	run, err := train.New(m, c.Train, r.Train)
	if err != nil {
		t.Fatal(err)
	}
	return lesson{t, run, c.Test}
}

func beta(to float64) func(*train.Recipe) {
	return func(r *train.Recipe) { r.Train.Beta = to }
}

// steps takes n steps, and returns the mean terms of the last ones.
func (l lesson) steps(n int) (mean vae.Terms) {
	l.t.Helper()
	const last = 20
	for i := range n {
		e, err := l.run.Step()
		if err != nil {
			l.t.Fatal(err)
		}
		if i >= n-last {
			mean.KL += e.Terms.KL / last
			mean.Recon += e.Terms.Recon / last
		}
	}
	return mean
}

func (l lesson) change(beta float64) {
	l.t.Helper()
	if err := l.run.Change(train.Changes{Beta: &beta}); err != nil {
		l.t.Fatal(err)
	}
}

// encoded returns the means of n test digits, how far they are from the origin in the mean, and their reconstructions.
func (l lesson) encoded(n int) (far float64, recons []float32) {
	l.t.Helper()
	m := l.run.Result()
	x, mu := pictures(l.test, n), make([]float32, n*m.Latent())
	if err := m.Encode(mu, make([]float32, len(mu)), x); err != nil {
		l.t.Fatal(err)
	}
	for z := mu; len(z) > 0; z = z[m.Latent():] {
		var sum float64
		for _, v := range z[:m.Latent()] {
			sum += float64(v) * float64(v)
		}
		far += math.Sqrt(sum) / float64(n)
	}
	recons = make([]float32, len(x))
	if err := m.Decode(recons, mu); err != nil {
		l.t.Fatal(err)
	}
	return far, recons
}

func pictures(d data.Dataset, n int) []float32 {
	index := make([]int, n)
	for i := range index {
		index[i] = i
	}
	x := make([]float32, n*d.Shape().Len())
	d.Batch(x, index)
	return x
}

// difference is the largest difference of a pixel between the first picture and any other.
func difference(x []float32) (most float64) {
	const width = 784
	for i, v := range x {
		most = max(most, math.Abs(float64(v-x[i%width])))
	}
	return most
}

// TestLessonAutoencoder: without the KL term samples from the prior are worse, by the distance that the page measures, and
// the KL divergence is far beyond that of a VAE; reconstructions are not worse.
func TestLessonAutoencoder(t *testing.T) {
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(root, "web/models/classifier.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	judge, _, err := classify.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	const steps, samples = 200, 400
	var fid, kl, worst [2]float64
	for i, b := range []float64{0, 1} {
		l := begin(t, "quick", beta(b))
		kl[i] = l.steps(steps).KL
		real, drawn := metric.NewSampleSet(judge), metric.NewSampleSet(judge)
		if err := real.Add(pictures(l.test, samples)); err != nil {
			t.Fatal(err)
		}
		if err := drawn.Draw(l.run.Result(), samples, 1, nil); err != nil {
			t.Fatal(err)
		}
		reference, err := real.Moments()
		if err != nil {
			t.Fatal(err)
		}
		d, err := drawn.Distance(reference)
		if err != nil {
			t.Fatal(err)
		}
		fid[i] = d.FID
		_, recons := l.encoded(100)
		for j, v := range pictures(l.test, 100) {
			worst[i] += math.Pow(float64(v-recons[j]), 2)
		}
	}
	t.Logf("beta 0 and 1: FID %.0f and %.0f, KL %.1f and %.1f, squared error %.0f and %.0f", fid[0], fid[1], kl[0], kl[1], worst[0], worst[1])
	if fid[0] < 1.2*fid[1] || kl[0] < 3*kl[1] || worst[0] > worst[1] {
		t.Error("the lesson promises worse samples, a larger divergence and reconstructions as good")
	}
}

// TestLessonKL: with a larger beta the points are pulled towards the middle, and the KL divergence falls.
func TestLessonKL(t *testing.T) {
	l := begin(t, "map", beta(0.1))
	before := l.steps(150).KL
	far, _ := l.encoded(200)
	l.change(4)
	after := l.steps(150).KL
	near, _ := l.encoded(200)
	t.Logf("KL %.1f, then %.1f nats; %.2f, then %.2f from the middle", before, after, far, near)
	if after > before/2 || near > 0.75*far {
		t.Error("the lesson promises that both fall")
	}
}

// TestLessonCollapse: with beta 40 all reconstructions are one picture; with beta 1 dimensions come back.
func TestLessonCollapse(t *testing.T) {
	l := begin(t, "quick", beta(40))
	kl := l.steps(120).KL
	_, recons := l.encoded(20)
	same := difference(recons)
	l.change(1)
	back := l.steps(200).KL
	_, recons = l.encoded(20)
	t.Logf("KL %.2f, then %.1f nats; reconstructions differ by %.3f, then %.3f", kl, back, same, difference(recons))
	if kl > 1 || same > 0.1 || back < 3 || difference(recons) < 0.5 {
		t.Error("the lesson promises one picture for all, and that dimensions come back")
	}
}

// TestLessonDimensions: the reconstruction error falls from 2 dimensions to 40.
func TestLessonDimensions(t *testing.T) {
	var recon [2]float64
	for i, latent := range []int{2, 40} {
		recon[i] = begin(t, "quick", func(r *train.Recipe) { r.Model.Latent = latent }).steps(60).Recon
	}
	t.Logf("reconstruction error %.1f with 2 dimensions, %.1f with 40", recon[0], recon[1])
	if recon[1] > recon[0]-20 {
		t.Error("the lesson promises that it falls")
	}
}
