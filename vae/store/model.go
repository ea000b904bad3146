package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"inkdrift/vae"
	"inkdrift/vae/nn"
)

// ArchitectureKey is the metadata entry that describes the model.
const ArchitectureKey = "inkdrift"

// architecture is what this program needs of the JSON under ArchitectureKey.
type architecture struct {
	Format int        `json:"format"`
	Config vae.Config `json:"config"`
}

// description is the JSON under ArchitectureKey: Graph and Description say what
// Config does for programs and people without this code. Files of earlier versions
// have the sentences in the place of Graph.
type description struct {
	architecture
	Graph       vae.Graph         `json:"graph"`
	Description map[string]string `json:"description"`
}

// Options of WriteModel.
type Options struct {
	// DType of the weights; "" means F32.
	DType DType
	// Mantissa, from 1 to 23, rounds the weights to as many bits after the
	// point, so that the file packs smaller; 0 keeps what DType holds.
	Mantissa int
	// Notes are further metadata entries, such as data, seed and figures.
	Notes map[string]string
}

// WriteModel writes m as a safetensors file whose tensors are named and shaped
// as a PyTorch state dict. The error is w's, or a *FormatError when a weight is
// not finite, or not in F16 where that is asked for, or the notes are too long;
// then nothing is written.
func WriteModel(w io.Writer, m *vae.Model, o Options) error {
	f, err := ModelFile(m, o)
	if err != nil {
		return err
	}
	return f.Encode(w)
}

// ModelFile returns the file that WriteModel writes.
func ModelFile(m *vae.Model, o Options) (*File, error) {
	if o.DType == "" {
		o.DType = F32
	}
	arch, err := json.Marshal(description{architecture{1, m.Config()}, m.Graph(), m.Describe()})
	if err != nil {
		return nil, err
	}
	f := &File{Metadata: map[string]string{"format": "pt"}}
	for k, v := range o.Notes {
		f.Metadata[k] = v
	}
	f.Metadata[ArchitectureKey] = string(arch)
	for _, p := range m.Params() {
		w := p.W
		if o.Mantissa > 0 {
			w = Rounded(w, o.Mantissa)
		}
		t := Pack(p.Name, o.DType, p.Shape, w)
		if err := t.Finite(); err != nil {
			return nil, err
		}
		f.Tensors = append(f.Tensors, t)
	}
	if p := m.Prior(); p != nil {
		for _, t := range priorTensors(p) {
			if err := t.Finite(); err != nil {
				return nil, err
			}
			f.Tensors = append(f.Tensors, t)
		}
	}
	return f, nil
}

// Rounded returns the numbers of x rounded to bits after the point, ties to even.
func Rounded(x []float32, bits int) []float32 {
	y := make([]float32, len(x))
	shift := max(0, 23-bits)
	for i, v := range x {
		b := math.Float32bits(v)
		if v-v == 0 && shift > 0 {
			b += 1<<(shift-1) - 1 + b>>shift&1
			b = b >> shift << shift
		}
		y[i] = math.Float32frombits(b)
	}
	return y
}

// ReadModel reads a file that WriteModel wrote. The error is a *FormatError or
// a *vae.ConfigError. The tensors are checked against the architecture before
// memory for the model is taken.
func ReadModel(b []byte) (*vae.Model, error) {
	f, err := Decode(b)
	if err != nil {
		return nil, err
	}
	return f.Model()
}

// Model builds the model that the file describes.
func (f *File) Model() (*vae.Model, error) {
	c, err := f.Config()
	if err != nil {
		return nil, err
	}
	have, total := map[string]*Tensor{}, 0
	attached := 0
	for i := range f.Tensors {
		if isAttachment(f.Tensors[i].Name) {
			attached++
			continue
		}
		have[f.Tensors[i].Name] = &f.Tensors[i]
		total += f.Tensors[i].Len()
	}
	// A config that asks for more than the file holds is refused unbuilt.
	if need := c.ParamBound(); need > total {
		return nil, formatErr("file", "holds %d numbers; its architecture needs %d", total, need)
	}
	m, err := vae.NewZero(c)
	if err != nil {
		return nil, err
	}
	params := m.Params()
	for _, p := range params {
		t, ok := have[p.Name]
		if !ok {
			return nil, formatErr(p.Name, "is missing")
		}
		if !slices.Equal(t.Shape, p.Shape) {
			return nil, formatErr(p.Name, "has shape %v; the architecture needs %v", t.Shape, p.Shape)
		}
		if err := t.Unpack(p.W); err != nil {
			return nil, err
		}
	}
	known := len(params)
	if _, ok := have[priorWeights]; ok {
		p, err := readPrior(have, c.Latent)
		if err != nil {
			return nil, err
		}
		if err := m.SetPrior(p); err != nil {
			return nil, priorError(err)
		}
		known += priorCount
	}
	if len(f.Tensors)-attached != known {
		return nil, formatErr(extra(f, params), "is not part of the architecture")
	}
	return m, nil
}

// jsonFault says what is wrong with JSON without words of Go.
func jsonFault(err error) string {
	var wrong *json.UnmarshalTypeError
	var torn *json.SyntaxError
	switch {
	case errors.As(err, &wrong):
		return fmt.Sprintf("%s must not be a JSON %s", wrong.Field, wrong.Value)
	case errors.As(err, &torn):
		return fmt.Sprintf("it is no JSON from byte %d on", torn.Offset)
	}
	return err.Error()
}

// Config returns the architecture of the model in the file.
func (f *File) Config() (vae.Config, error) {
	text, ok := f.Metadata[ArchitectureKey]
	if !ok {
		return vae.Config{}, formatErr(metadata, "has no entry %q; the file is not an Inkdrift model", ArchitectureKey)
	}
	var a architecture
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return vae.Config{}, formatErr(ArchitectureKey, "is not a valid description: %s", jsonFault(err))
	}
	if a.Format != 1 {
		return vae.Config{}, formatErr(ArchitectureKey, "has format %d; this program reads 1", a.Format)
	}
	return a.Config, a.Config.Validate()
}

// extra names a tensor that is no parameter.
func extra(f *File, params []*nn.Param) string {
	for _, t := range f.Tensors {
		if !isPrior(t.Name) && !isAttachment(t.Name) && !slices.ContainsFunc(params, func(p *nn.Param) bool { return p.Name == t.Name }) {
			return t.Name
		}
	}
	return "file"
}
