package prior

import (
	"errors"
	"math"
	"slices"
	"testing"

	"inkdrift/vae/compute"
)

// known is a mixture of three Gaussians in two of four dimensions.
func known() *Mixture {
	return &Mixture{Latent: 4, Dims: []int{1, 3}, Weights: []float32{0.5, 0.3, 0.2},
		Mean:   []float32{0, 0, 4, 1, -3, 5},
		Factor: []float32{1, 0.8, 0.6, 0.5, 0, 0.5, 1.5, -0.5, 0.3}}
}

// TestSample compares means, covariances and shares of samples with the parameters.
func TestSample(t *testing.T) {
	const n = 100_000
	m := known()
	z := make([]float32, n*4)
	m.Sample(z, compute.NewKey(7))
	again := make([]float32, 40)
	m.Sample(again, compute.NewKey(7))
	if !slices.Equal(again, z[:40]) {
		t.Error("the first ten samples depend on how many there are")
	}
	m.Sample(again, compute.NewKey(8))
	if slices.Equal(again, z[:40]) {
		t.Error("another key gives the same samples")
	}
	// Mean and second moments of the whole mixture.
	var mean [4]float64
	var second [4][4]float64
	for i := range n {
		for a, v := range z[4*i:][:4] {
			mean[a] += float64(v) / n
			for b, u := range z[4*i:][:4] {
				second[a][b] += float64(v) * float64(u) / n
			}
		}
	}
	var wantMean [4]float64
	wantSecond := [4][4]float64{{0: 1}, {}, {2: 1}, {}}
	for c, w := range m.Weights {
		f, mu := m.Factor[3*c:][:3], m.Mean[2*c:][:2]
		l := [2][2]float64{{float64(f[0]), 0}, {float64(f[1]), float64(f[2])}}
		for a := range 2 {
			wantMean[m.Dims[a]] += float64(w * mu[a])
			for b := range 2 {
				cov := l[a][0]*l[b][0] + l[a][1]*l[b][1]
				wantSecond[m.Dims[a]][m.Dims[b]] += float64(w) * (cov + float64(mu[a]*mu[b]))
			}
		}
	}
	for a := range 4 {
		if math.Abs(mean[a]-wantMean[a]) > 0.04 {
			t.Errorf("mean %d is %.3f instead of %.3f", a, mean[a], wantMean[a])
		}
		for b := range 4 {
			if math.Abs(second[a][b]-wantSecond[a][b]) > 0.15 {
				t.Errorf("moment %d, %d is %.3f instead of %.3f", a, b, second[a][b], wantSecond[a][b])
			}
		}
	}
}

// TestLogDensity compares with the formula.
func TestLogDensity(t *testing.T) {
	m := known()
	z := []float32{9, 0.3, -9, 0.7, 0, 4, 0, 1}
	got := make([]float64, 2)
	if err := m.LogDensity(got, z); err != nil {
		t.Fatal(err)
	}
	for i := range got {
		x, y := float64(z[4*i+1]), float64(z[4*i+3])
		var sum float64
		for c, w := range m.Weights {
			f, mu := m.Factor[3*c:][:3], m.Mean[2*c:][:2]
			u := (x - float64(mu[0])) / float64(f[0])
			v := (y - float64(mu[1]) - float64(f[1])*u) / float64(f[2])
			sum += float64(w) * math.Exp(-(u*u+v*v)/2) / (2 * math.Pi * float64(f[0]*f[2]))
		}
		if math.Abs(got[i]-math.Log(sum)) > 1e-4 {
			t.Errorf("log-density %d is %v instead of %v", i, got[i], math.Log(sum))
		}
	}
	var e *Error
	if err := m.LogDensity(got, z[:5]); !errors.As(err, &e) || e.Field != "latents" {
		t.Errorf("a latent too short: %v", err)
	}
}

// TestFit finds the parameters of a known mixture again.
func TestFit(t *testing.T) {
	const n = 20_000
	want := known()
	z := make([]float32, n*4)
	want.Sample(z, compute.NewKey(3))
	o := Defaults()
	o.Components, o.Shrinkage, o.Tolerance, o.Iterations = 3, 1, 1e-6, 300
	var curve []float64
	o.Progress = func(round int, v float64) error {
		curve = append(curve, v)
		return nil
	}
	got, err := Fit(z, 4, want.Dims, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Validate(); err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(curve); i++ {
		if curve[i] < curve[i-1]-1e-4 {
			t.Errorf("round %d lowers the log-likelihood from %v to %v", i, curve[i-1], curve[i])
		}
	}
	if len(curve) == o.Iterations {
		t.Error("it did not come to an end")
	}
	for c := range want.Weights {
		near, best := -1, 0.2
		for g := range got.Weights {
			if d := math.Hypot(float64(got.Mean[2*g]-want.Mean[2*c]), float64(got.Mean[2*g+1]-want.Mean[2*c+1])); d < best {
				near, best = g, d
			}
		}
		if near < 0 {
			t.Fatalf("no component at %v: %v", want.Mean[2*c:][:2], got.Mean)
		}
		if d := math.Abs(float64(got.Weights[near] - want.Weights[c])); d > 0.02 {
			t.Errorf("component %d has the weight %v instead of %v", c, got.Weights[near], want.Weights[c])
		}
		for i, v := range want.Factor[3*c:][:3] {
			if math.Abs(float64(got.Factor[3*near+i]-v)) > 0.05 {
				t.Errorf("component %d has the factor %v instead of %v", c, got.Factor[3*near:][:3], want.Factor[3*c:][:3])
				break
			}
		}
	}
	// The true mixture is about as likely, and one Gaussian much less.
	truth := mean(t, want, z)
	if fitted := mean(t, got, z); fitted < truth-0.001 {
		t.Errorf("the fitted mixture has a log-likelihood of %v, the true one of %v", fitted, truth)
	}
	o.Components, o.Progress = 1, nil
	one, err := Fit(z, 4, want.Dims, o)
	if err != nil || mean(t, one, z) > truth-0.3 {
		t.Errorf("one component: %v, %v", mean(t, one, z), err)
	}
	again, err := Fit(z, 4, want.Dims, o)
	if err != nil || !slices.Equal(again.Factor, one.Factor) {
		t.Error("the same seed fitted another mixture")
	}
	stop := errors.New("stop")
	o.Progress = func(int, float64) error { return stop }
	if _, err := Fit(z, 4, want.Dims, o); err != stop {
		t.Errorf("stopped: %v", err)
	}
}

func mean(t *testing.T, m *Mixture, z []float32) (sum float64) {
	t.Helper()
	d := make([]float64, len(z)/m.Latent)
	if err := m.LogDensity(d, z); err != nil {
		t.Fatal(err)
	}
	for _, v := range d {
		sum += v / float64(len(d))
	}
	return sum
}

// TestFitDegenerate: latents that are all the same, and more components than
// clusters, give a mixture that can be used.
func TestFitDegenerate(t *testing.T) {
	same := make([]float32, 300)
	for i := range same {
		same[i] = float32(i % 3)
	}
	for _, k := range []int{1, 5} {
		o := Defaults()
		o.Components = k
		m, err := Fit(same, 3, []int{0, 2}, o)
		if err != nil || m.Validate() != nil {
			t.Errorf("%d components: %v", k, err)
		}
	}
}

// TestShrinkage: with far more added vectors than there are latents every component
// has the covariance of all, and with few it has its own.
func TestShrinkage(t *testing.T) {
	want := known()
	z := make([]float32, 4*5000)
	want.Sample(z, compute.NewKey(3))
	o := Defaults()
	o.Components, o.Shrinkage = 3, 1e7
	m, err := Fit(z, 4, want.Dims, o)
	if err != nil {
		t.Fatal(err)
	}
	one := o
	one.Components, one.Shrinkage = 1, 1e-3
	all, err := Fit(z, 4, want.Dims, one)
	if err != nil {
		t.Fatal(err)
	}
	for c := range 3 {
		for i, v := range all.Factor {
			if math.Abs(float64(m.Factor[3*c+i]-v)) > 0.01*math.Abs(float64(all.Factor[0])) {
				t.Errorf("component %d has the factor %v, all %v", c, m.Factor[3*c:][:3], all.Factor)
				break
			}
		}
	}
}

func TestFitRefuses(t *testing.T) {
	z := make([]float32, 300)
	nan := slices.Clone(z)
	nan[7] = float32(math.NaN())
	for _, c := range []struct {
		field string
		z     []float32
		dims  []int
		o     func(*Options)
	}{
		{"latents", z[:299], []int{0}, func(*Options) {}},
		{"latents", z, []int{0}, func(o *Options) { o.Components = 51 }},
		{"latents", nan, []int{1}, func(*Options) {}},
		{"components", z, []int{0}, func(o *Options) { o.Components = 0 }},
		{"shrinkage", z, []int{0}, func(o *Options) { o.Shrinkage = math.NaN() }},
		{"iterations", z, []int{0}, func(o *Options) { o.Iterations = 0 }},
		{"dimensions", z, nil, func(*Options) {}},
		{"dimensions", z, []int{2, 1}, func(*Options) {}},
	} {
		o := Defaults()
		c.o(&o)
		var e *Error
		if _, err := Fit(c.z, 3, c.dims, o); !errors.As(err, &e) || e.Field != c.field {
			t.Errorf("%s: %v", c.field, err)
		}
	}
}

func TestValidate(t *testing.T) {
	for field, change := range map[string]func(*Mixture){
		"weights":    func(m *Mixture) { m.Weights[1] = 0.9 },
		"mean":       func(m *Mixture) { m.Mean[2] = float32(math.Inf(1)) },
		"factor":     func(m *Mixture) { m.Factor[2] = 0 },
		"dimensions": func(m *Mixture) { m.Dims[1] = 4 },
		"components": func(m *Mixture) {
			m.Weights, m.Mean, m.Factor = make([]float32, 20_000), make([]float32, 40_000), make([]float32, 60_000)
		},
	} {
		m := known()
		change(m)
		var e *Error
		if err := m.Validate(); !errors.As(err, &e) || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestActive(t *testing.T) {
	mu := make([]float32, 300)
	for i := range 100 {
		mu[3*i], mu[3*i+1], mu[3*i+2] = float32(i%2), 5, 0.05*float32(i%2)
	}
	if got := Active(mu, 3, 0.01); !slices.Equal(got, []int{0}) {
		t.Errorf("dimensions %v", got)
	}
}
