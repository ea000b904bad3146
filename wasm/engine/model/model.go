// Package model is what the engines need of a model: interfaces that the tests
// can implement, and how a model is read and how much memory it takes.
package model

import (
	"encoding/json"

	"inkdrift/vae"
	"inkdrift/vae/prior"
	"inkdrift/vae/store"
	"inkdrift/wasm/proto"
)

// Model is what the engines need of every model. Methods take whole batches,
// row-major; lengths are as in [vae.Model].
type Model interface {
	Info() proto.ModelInfo // but for the name
	InputLen() int
	Latent() int
	Classes() int // 0: there is no classifier
	Encode(mu, logvar, x []float32) error
	Decode(dst, z []float32) error
	Classify(probs, mu []float32) error
}

// Conditional is a model that may be told classes, and may have no encoder; lengths
// are as in [vae.Model].
type Conditional interface {
	Model
	Conditions() int // 0: it is not told any
	Recognise(probs, x []float32) error
	HasEncoder() bool
	EncodeGiven(mu, logvar, x, y []float32) error
	DecodeGiven(dst, z, y []float32) error
}

// Loader reads a model file.
type Loader func(file []byte) (Model, error)

// Read is the Loader of the programs; what it returns is a [Conditional] as well.
func Read(file []byte) (Model, error) {
	f, err := store.Decode(file)
	if err != nil {
		return nil, err
	}
	m, err := f.Model()
	if err != nil {
		return nil, err
	}
	return vaeModel{m, trainedWith(m, f.Metadata["recipe"])}, nil
}

// Load reads the model file that came with a request. The error is of the protocol
// and names the field "file".
func (load Loader) Load(file []byte) (Model, error) {
	if len(file) == 0 {
		return nil, proto.Errorf(proto.CodeBadModel, "file", "the file is empty")
	}
	m, err := load(file)
	if err != nil {
		return nil, proto.Errorf(proto.CodeBadModel, "file", "%v", err)
	}
	return m, nil
}

// ConfigOf returns the configuration of a model that has one.
func ConfigOf(m Model) (vae.Config, bool) {
	c, ok := m.(interface{ Config() vae.Config })
	if !ok {
		return vae.Config{}, false
	}
	return c.Config(), true
}

// PriorOf returns the mixture that was fitted to a model's aggregate posterior, nil
// where there is none.
func PriorOf(m Model) *prior.Mixture {
	if p, ok := m.(interface{ Prior() *prior.Mixture }); ok {
		return p.Prior()
	}
	return nil
}

// vaeModel is a vae.Model that can describe itself.
type vaeModel struct {
	*vae.Model
	training training
}

// training is what a model was trained with, as far as that is known; see [proto.ModelInfo].
type training struct {
	Objective string  `json:"objective"`
	Samples   int     `json:"samples"`
	Beta      float64 `json:"beta"`
}

// trainedWith reads the recipe that a file may carry. It is free text: what is not
// one says nothing.
func trainedWith(m *vae.Model, recipe string) training {
	var r struct{ Train training }
	if json.Unmarshal([]byte(recipe), &r) != nil {
		return training{}
	}
	c := vae.ObjectiveConfig{Bound: r.Train.Objective, Samples: r.Train.Samples}
	if beta := r.Train.Beta; c.Validate(m.Config()) != nil || !(beta >= 0 && beta < 1e6) {
		return training{}
	}
	if traits, _ := vae.FamilyTraits(m.Config().Family); c.Bound == "" && traits.Likelihood && !traits.Adversarial {
		r.Train.Objective = vae.BoundELBO
	}
	if r.Train.Objective == vae.BoundIWAE && r.Train.Samples == 1 { // which is the same
		r.Train.Objective, r.Train.Samples = vae.BoundELBO, 0
	}
	return r.Train
}

// Info describes the model.
func (m vaeModel) Info() proto.ModelInfo {
	c := m.Config()
	return proto.ModelInfo{
		Family:     c.Family,
		Input:      c.Input,
		Latent:     m.Latent(),
		Params:     m.NumParams(),
		Classes:    m.Classes(),
		Activation: c.Activation,
		Likelihood: string(c.Likelihood),
		Encoder:    append([]int{}, c.Encoder...), // never null in JSON
		Decoder:    append([]int{}, c.Decoder...),
		Objective:  m.training.Objective,
		Samples:    m.training.Samples,
		Beta:       m.training.Beta,

		FittedPrior: m.Prior() != nil,
	}
}
