package store

import (
	"errors"

	"inkdrift/vae/prior"
)

// The tensors of a fitted prior, but for the first in half precision: the numbers
// of the dimensions that it is about, [d]; the weights of the components, [K]; their means, [K, d];
// and the lower triangles of the factors of their covariances, row by row,
// [K, d(d+1)/2].
const (
	priorDims    = "prior.dimensions"
	priorWeights = "prior.weights"
	priorMean    = "prior.mean"
	priorFactor  = "prior.factor"

	priorCount = 4
)

func isPrior(name string) bool {
	return name == priorDims || name == priorWeights || name == priorMean || name == priorFactor
}

func priorTensors(p *prior.Mixture) [priorCount]Tensor {
	k, d := p.Components(), len(p.Dims)
	dims := make([]float32, d)
	for i, v := range p.Dims {
		dims[i] = float32(v)
	}
	return [priorCount]Tensor{
		Pack(priorDims, F32, []int{d}, dims),
		Pack(priorWeights, F16, []int{k}, p.Weights),
		Pack(priorMean, F16, []int{k, d}, p.Mean),
		Pack(priorFactor, F16, []int{k, len(p.Factor) / k}, p.Factor),
	}
}

// readPrior reads the tensors of a fitted prior. What is in them is checked by
// vae.Model.SetPrior.
func readPrior(have map[string]*Tensor, latent int) (*prior.Mixture, error) {
	p := &prior.Mixture{Latent: latent}
	var dims []float32
	for _, part := range []struct {
		name string
		rank int
		dst  *[]float32
	}{{priorDims, 1, &dims}, {priorWeights, 1, &p.Weights}, {priorMean, 2, &p.Mean}, {priorFactor, 2, &p.Factor}} {
		t, ok := have[part.name]
		if !ok {
			return nil, formatErr(part.name, "is missing")
		}
		if len(t.Shape) != part.rank {
			return nil, formatErr(part.name, "has shape %v; it must have rank %d", t.Shape, part.rank)
		}
		if t.Len() > prior.MaxNumbers {
			return nil, formatErr(part.name, "has %d numbers, more than %d", t.Len(), prior.MaxNumbers)
		}
		*part.dst = make([]float32, t.Len())
		if err := t.Unpack(*part.dst); err != nil {
			return nil, err
		}
	}
	for i, v := range dims {
		if v != float32(int(v)) {
			return nil, formatErr(priorDims, "has %v at %d, which is no number of a dimension", v, i)
		}
		p.Dims = append(p.Dims, int(v))
	}
	return p, nil
}

// priorError says which tensor is wrong.
func priorError(err error) error {
	var e *prior.Error
	if !errors.As(err, &e) {
		return err
	}
	return formatErr("prior."+e.Field, "%s", e.Reason)
}
