package classify

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"inkdrift/vae/data"
	"inkdrift/vae/store"
)

// MetadataKey is the metadata entry that describes a classifier; a model of
// package vae has another one, so neither is taken for the other.
const MetadataKey = "inkdrift-classifier"

// head is the JSON under MetadataKey. Graph describes Config in text for
// programs without this code.
type head struct {
	Format    int               `json:"format"`
	Config    Config            `json:"config"`
	Graph     map[string]string `json:"graph"`
	Reference *referenceHead    `json:"reference,omitempty"`
}

type referenceHead struct {
	Data   string `json:"data"`
	Images int    `json:"images"`
}

// Names of the tensors that are no weights.
const (
	referenceMean = "reference.mean"
	referenceCov  = "reference.covariance"
)

// Reference holds the first two moments of the features of a data set, so that
// a Fréchet distance to it can be computed without the data.
type Reference struct {
	Data   string    // name of the data set
	Images int       // pictures in it
	Mean   []float32 // Features numbers
	Cov    []float32 // [Features, Features], symmetric, unbiased
}

// Write writes n as a safetensors file whose weights are named and shaped as a
// PyTorch state dict, with ref unless it is nil and further notes as metadata.
// Weights are stored as d; moments always as F32. The error is w's, or a
// *store.FormatError when a number is not finite in its type.
func (n *Network) Write(w io.Writer, d store.DType, ref *Reference, notes map[string]string) error {
	h := head{Format: 1, Config: n.config, Graph: graph(n.config)}
	f := &store.File{Metadata: map[string]string{"format": "pt"}}
	add := func(name string, d store.DType, shape []int, x []float32) error {
		t := store.Pack(name, d, shape, x)
		f.Tensors = append(f.Tensors, t)
		return t.Finite()
	}
	for _, p := range n.arena.Params {
		if err := add(p.Name, d, p.Shape, p.W); err != nil {
			return err
		}
	}
	if ref != nil {
		h.Reference = &referenceHead{ref.Data, ref.Images}
		m := n.Features()
		if err := add(referenceMean, store.F32, []int{m}, ref.Mean); err != nil {
			return err
		}
		if err := add(referenceCov, store.F32, []int{m, m}, ref.Cov); err != nil {
			return err
		}
	}
	for k, v := range notes {
		f.Metadata[k] = v
	}
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	f.Metadata[MetadataKey] = string(text)
	return f.Encode(w)
}

func graph(c Config) map[string]string {
	s := "x (channels, height, width, row-major, 0 paper to 1 ink)"
	for i := range c.Channels {
		s += fmt.Sprintf("; conv features.%d stride %d; relu", 2*i, c.Strides[i])
	}
	return map[string]string{
		"conv":          "2-D convolution with NAME.weight [out, in, 3, 3] and NAME.bias [out], padding 1, as torch.nn.Conv2d",
		"linear":        "y = x W^T + b with W = NAME.weight [out, in] and b = NAME.bias, as torch.nn.Linear",
		"features":      s + fmt.Sprintf("; flatten channels, height, width; linear features.%d; relu", 2*len(c.Channels)+1),
		"probabilities": "softmax(linear classifier(features))",
		"reference":     "mean and covariance (divided by images-1) of the features of the data set named",
	}
}

// Read reads a file that Write wrote; the reference is nil where it has none.
// The error is a *store.FormatError or a *ConfigError. Tensors are checked
// against the architecture before memory for the network is taken.
func Read(b []byte) (*Network, *Reference, error) {
	f, err := store.Decode(b)
	if err != nil {
		return nil, nil, err
	}
	text, ok := f.Metadata[MetadataKey]
	if !ok {
		return nil, nil, formatErr("metadata", "has no entry %q; the file is not a classifier of this program", MetadataKey)
	}
	var h head
	if err := json.Unmarshal([]byte(text), &h); err != nil {
		return nil, nil, formatErr(MetadataKey, "is not a valid description: %v", err)
	}
	if h.Format != 1 {
		return nil, nil, formatErr(MetadataKey, "has format %d; this program reads 1", h.Format)
	}
	if err := h.Config.Validate(); err != nil {
		return nil, nil, err
	}
	total := 0
	for i := range f.Tensors {
		total += f.Tensors[i].Len()
	}
	if need := h.Config.NumParams(); need > total {
		return nil, nil, formatErr("file", "holds %d numbers; its architecture needs %d", total, need)
	}
	n, err := newZero(h.Config)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range n.arena.Params {
		if err := unpack(f, p.Name, p.Shape, p.W); err != nil {
			return nil, nil, err
		}
	}
	known := len(n.arena.Params)
	var ref *Reference
	if h.Reference != nil {
		if ref, err = readReference(f, *h.Reference, n.Features()); err != nil {
			return nil, nil, err
		}
		known += 2
	}
	if len(f.Tensors) != known {
		return nil, nil, formatErr("file", "has %d tensors; its architecture has %d", len(f.Tensors), known)
	}
	return n, ref, nil
}

func readReference(f *store.File, h referenceHead, m int) (*Reference, error) {
	if h.Images < 2 {
		return nil, formatErr(MetadataKey, "has a reference of %d pictures; a covariance needs at least 2", h.Images)
	}
	ref := &Reference{h.Data, h.Images, make([]float32, m), make([]float32, m*m)}
	if err := unpack(f, referenceMean, []int{m}, ref.Mean); err != nil {
		return nil, err
	}
	if err := unpack(f, referenceCov, []int{m, m}, ref.Cov); err != nil {
		return nil, err
	}
	for i := range m {
		for j := range i {
			if ref.Cov[i*m+j] != ref.Cov[j*m+i] {
				return nil, formatErr(referenceCov, "is not symmetric at [%d, %d]", i, j)
			}
		}
		if ref.Cov[i*m+i] < 0 {
			return nil, formatErr(referenceCov, "has a negative variance at %d", i)
		}
	}
	return ref, nil
}

// unpack copies the tensor called name to dst.
func unpack(f *store.File, name string, shape []int, dst []float32) error {
	i := slices.IndexFunc(f.Tensors, func(t store.Tensor) bool { return t.Name == name })
	if i < 0 {
		return formatErr(name, "is missing")
	}
	if t := &f.Tensors[i]; !slices.Equal(t.Shape, shape) {
		return formatErr(name, "has shape %v; the architecture needs %v", t.Shape, shape)
	}
	return f.Tensors[i].Unpack(dst)
}

func formatErr(field, reason string, args ...any) error {
	return &store.FormatError{Field: field, Reason: fmt.Sprintf(reason, args...)}
}

// checkpointKey is the metadata entry that describes a checkpoint.
const checkpointKey = "inkdrift-classifier-checkpoint"

type checkpointHead struct {
	Format  int     `json:"format"`
	Config  Config  `json:"config"`
	Options Options `json:"options"`
	Data    string  `json:"data"`
	Step    int     `json:"step"`
}

// stateNames are the tensors of a checkpoint.
var stateNames = [3]string{"weights", "adam.m", "adam.v"}

func (t *Trainer) state() [3][]float32 { return [3][]float32{t.network.arena.W, t.adam.M, t.adam.V} }

// Checkpoint writes all that is needed to go on bit-identically. The error is
// w's, or a *store.FormatError when a number is not finite.
func (t *Trainer) Checkpoint(w io.Writer) error {
	text, err := json.Marshal(checkpointHead{1, t.network.config, t.opt, t.data.Name(), t.step})
	if err != nil {
		return err
	}
	f := &store.File{Metadata: map[string]string{checkpointKey: string(text)}}
	for i, x := range t.state() {
		p := store.Pack(stateNames[i], store.F32, []int{len(x)}, x)
		if err := p.Finite(); err != nil {
			return err
		}
		f.Tensors = append(f.Tensors, p)
	}
	return f.Encode(w)
}

// Resume takes up the run of a checkpoint. d must be the data set that it began
// with. Errors are *store.FormatError, *ConfigError, *OptionError and *DataError.
func Resume(b []byte, d data.Dataset) (*Trainer, error) {
	f, err := store.Decode(b)
	if err != nil {
		return nil, err
	}
	var h checkpointHead
	if err := json.Unmarshal([]byte(f.Metadata[checkpointKey]), &h); err != nil || h.Format != 1 {
		return nil, formatErr("metadata", "has no valid entry %q; the file is not a checkpoint of a classifier", checkpointKey)
	}
	if err := h.Config.Validate(); err != nil {
		return nil, err
	}
	if d.Name() != h.Data {
		return nil, &DataError{d.Name(), fmt.Sprintf("is not the one the run began with, %q", h.Data)}
	}
	need := h.Config.NumParams()
	for _, t := range f.Tensors {
		if t.Len() != need {
			return nil, formatErr(t.Name, "has %d numbers; the network has %d", t.Len(), need)
		}
	}
	if len(f.Tensors) != len(stateNames) {
		return nil, formatErr("file", "has %d tensors instead of %d", len(f.Tensors), len(stateNames))
	}
	n, err := newZero(h.Config)
	if err != nil {
		return nil, err
	}
	t, err := NewTrainer(n, d, h.Options)
	if err != nil {
		return nil, err
	}
	for i, x := range t.state() {
		if err := unpack(f, stateNames[i], []int{need}, x); err != nil {
			return nil, err
		}
	}
	if h.Step < 0 || h.Step > t.Steps() {
		return nil, formatErr(checkpointKey, "is at step %d of a run of %d", h.Step, t.Steps())
	}
	t.step, t.adam.Steps = h.Step, h.Step
	return t, nil
}
