package studio

import (
	"math"

	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/data"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/proto"
)

// elboStream is the stream of the noise with which vae/metric measures the ELBO; a
// test compares both.
const elboStream = 33

// The digit that is explained while a pad is empty.
const (
	exampleDigit = 3
	exampleSeed  = 1
)

// likelihood is a model that says what each pixel adds to the reconstruction term.
type likelihood interface {
	PixelNegLogLikelihood(nats, mean, x, z []float32) error
	LeastNegLogLikelihood(x []float32) (float64, error)
}

var errNoLikelihood = proto.Errorf(proto.CodeModelUnfit, "model", "the model has no likelihood")

func (s *studio) explain(t *engine.Task, m *loaded, r *proto.Explain) (*proto.ExplainOK, [][]byte, error) {
	p := &s.pads[r.Pad[0]-'a']
	ok := &proto.ExplainOK{Rev: p.rev, Draws: r.Draws}
	model, known := m.Model.(likelihood)
	if !known {
		return nil, nil, errNoLikelihood
	}
	x := p.pixels
	if x == nil {
		ok.Example = true
		x = examplePicture()
	}
	l, b := m.Latent(), compute.Implementation()
	mu, logvar, kl := make([]float32, l), make([]float32, l), make([]float32, l)
	if err := m.Encode(mu, logvar, x); err != nil {
		return nil, nil, err
	}
	b.KL(kl, nil, nil, mu, logvar, 0) // rows of one dimension
	ok.KL = sum(kl)
	eps, z := make([]float32, r.Draws*l), make([]float32, r.Draws*l)
	b.Normal(eps, compute.NewKey(uint64(r.Seed), elboStream), 0)
	for i := range r.Draws {
		b.Reparameterize(z[i*l:][:l], mu, logvar, eps[i*l:][:l])
	}
	recon, nats, err := m.decodeWithNats(t, model, x, z, r.Draws)
	if err != nil {
		return nil, nil, err
	}
	if ok.Least, err = model.LeastNegLogLikelihood(x); err != nil {
		return nil, nil, err
	}
	logs := make([]float64, r.Draws) // of the importance weights
	for i := range r.Draws {
		nll := sum(nats[i*len(x):][:len(x)])
		ok.Recon, ok.NegELBO = append(ok.Recon, nll), append(ok.NegELBO, nll+ok.KL)
		logs[i] = vae.LogRatio(z[i*l:][:l], eps[i*l:][:l], logvar) - nll
	}
	ok.Weights, ok.Bound = weigh(logs)
	for _, v := range []struct {
		field  string
		values []float32
	}{{"logvar", logvar}, {"z", z}, {"recon", recon}, {"nats", nats}, {"kl", kl}} {
		if err := proto.CheckFinite(v.field, v.values); err != nil {
			return nil, nil, err
		}
	}
	return ok, proto.FloatBufs(x, mu, logvar, eps, z, recon, nats, kl), nil
}

// decodeWithNats decodes n latent points and compares each picture with x, pixel by
// pixel. It yields between pieces of the work.
func (m *loaded) decodeWithNats(t *engine.Task, model likelihood, x, z []float32, n int) (recon, nats []float32, err error) {
	width, dim := len(x), m.Latent()
	recon, nats = make([]float32, n*width), make([]float32, n*width)
	targets := make([]float32, min(m.rows, n)*width)
	for i := 0; i < len(targets); i += width {
		copy(targets[i:], x)
	}
	for from := 0; from < n; from += m.rows {
		if from > 0 {
			t.Yield()
		}
		to := min(from+m.rows, n)
		err := model.PixelNegLogLikelihood(nats[from*width:to*width], recon[from*width:to*width], targets[:(to-from)*width], z[from*dim:to*dim])
		if err != nil {
			return nil, nil, err
		}
	}
	return recon, nats, nil
}

// weigh returns importance weights from their logarithms, and minus the logarithm of
// their mean: the bound of Burda, Grosse and Salakhutdinov 2016, equation 8.
func weigh(logs []float64) (weights []float64, bound float64) {
	top := math.Inf(-1)
	for _, v := range logs {
		top = max(top, v)
	}
	weights = make([]float64, len(logs))
	var total float64
	for i, v := range logs {
		weights[i] = math.Exp(v - top)
		total += weights[i]
	}
	for i := range weights {
		weights[i] /= total
	}
	return weights, math.Log(float64(len(logs))) - top - math.Log(total)
}

// examplePicture is what is explained while nothing is drawn, 28x28.
func examplePicture() []float32 {
	c := content{strokes: data.NewDigits(exampleSeed).StrokesOf(0, exampleDigit)}
	return c.prepare()
}

// sum adds up without losing what is small.
func sum(x []float32) (s float64) {
	for _, v := range x {
		s += float64(v)
	}
	return s
}
