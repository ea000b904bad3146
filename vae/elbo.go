package vae

import "inkdrift/vae/compute"

// ELBO is the evidence lower bound with one sample a picture, for models that
// are not conditional.
type ELBO struct {
	// Beta weights the KL term of the gradient; Terms are not weighted.
	Beta float64

	bound *Bound
}

// NewELBO returns the objective for m with beta = 1 and room for batches of n.
func NewELBO(m *Model, n int) *ELBO {
	m.Reserve(n)
	m.vae.EnableGrad()
	return &ELBO{1, newBound(m, n, Aim{})}
}

// Gradient adds what NewGradient leaves.
func (o *ELBO) Gradient(x []float32, key compute.Key, first, batch int) (Terms, error) {
	s := Share{X: x, Key: key, First: first, Batch: batch, Beta: o.Beta}
	n, err := o.bound.model.rows(s)
	if err != nil || n == 0 {
		return Terms{}, err
	}
	t, out := o.bound.forward(s, n, 1/float64(s.Batch))
	o.bound.backward(s, n, out)
	return t, nil
}

// NewGradient is that of Objective.
func (o *ELBO) NewGradient(x []float32, key compute.Key, first, batch int) (Terms, error) {
	return o.bound.NewGradient(Share{X: x, Key: key, First: first, Batch: batch, Beta: o.Beta})
}

// Evaluate is that of Objective.
func (o *ELBO) Evaluate(x []float32, key compute.Key, first int) (Terms, error) {
	return o.bound.Evaluate(Share{X: x, Key: key, First: first})
}

// Posterior returns mean and log-variance of q(z|x) for the pictures of the last
// Gradient or Evaluate.
func (o *ELBO) Posterior() (mu, logvar []float32) { return o.bound.Posterior() }
