package train

import (
	"encoding/json"
	"fmt"

	"inkdrift/vae"
	"inkdrift/vae/data"
	"inkdrift/vae/store"
)

// checkpointKey is the metadata entry that describes a checkpoint.
const checkpointKey = "inkdrift-checkpoint"

type checkpointHead struct {
	Format   int        `json:"format"`
	Config   vae.Config `json:"config"`
	Options  Options    `json:"options"`
	Data     string     `json:"data"`
	Step     int        `json:"step"`
	OptSteps int        `json:"optimizer_steps"`
	Scale    float64    `json:"scale"`
}

// Checkpoint is a run on file: all that is needed to go on bit-identically. A
// classifier has no part in a run and is not in it.
type Checkpoint struct {
	Config  vae.Config
	Options Options
	Data    string // name of the data set
	State   State
}

// Checkpoint returns the run as of its last snapshot.
func (t *Trainer) Checkpoint() *Checkpoint {
	return &Checkpoint{bare(t.model.Config()), t.opt, t.data.Name(), t.snap}
}

// bare is c without a classifier.
func bare(c vae.Config) vae.Config {
	c.Classes, c.Classifier = 0, nil
	return c
}

// File returns the safetensors form of c.
func (c *Checkpoint) File() (*store.File, error) {
	s := c.State
	head, err := json.Marshal(checkpointHead{1, c.Config, c.Options, c.Data, s.Step, s.OptSteps, s.Scale})
	if err != nil {
		return nil, err
	}
	f := &store.File{Metadata: map[string]string{checkpointKey: string(head)}}
	parts := [][]float32{s.W, s.M, s.V}
	for i, name := range stateNames(c.Options) {
		f.Tensors = append(f.Tensors, store.Pack(name, store.F32, []int{len(parts[i])}, parts[i]))
	}
	return f, nil
}

// stateNames lists the tensors of a checkpoint: weights, then the moments that
// the optimiser has.
func stateNames(o Options) []string {
	if o.Optimizer == SGD {
		return []string{"weights", "sgd.m"}
	}
	return []string{"weights", "adam.m", "adam.v"}
}

// ReadCheckpoint reads a checkpoint from b. Errors are *store.FormatError,
// *vae.ConfigError, *OptionError and *StateError.
func ReadCheckpoint(b []byte) (*Checkpoint, error) {
	f, err := store.Decode(b)
	if err != nil {
		return nil, err
	}
	var head checkpointHead
	if err := json.Unmarshal([]byte(f.Metadata[checkpointKey]), &head); err != nil || head.Format != 1 {
		return nil, &StateError{"file", "is not a checkpoint of this program"}
	}
	if err := head.Config.Validate(); err != nil {
		return nil, err
	}
	if err := head.Options.Validate(); err != nil {
		return nil, err
	}
	c := &Checkpoint{Config: head.Config, Options: head.Options, Data: head.Data,
		State: State{Step: head.Step, OptSteps: head.OptSteps, Scale: head.Scale}}
	names := stateNames(head.Options)
	if len(f.Tensors) != len(names) {
		return nil, &StateError{"file", fmt.Sprintf("has %d tensors instead of %d", len(f.Tensors), len(names))}
	}
	parts := []*[]float32{&c.State.W, &c.State.M, &c.State.V}
	for i, name := range names {
		t, dst := &f.Tensors[i], parts[i]
		if t.Name != name {
			return nil, &StateError{t.Name, "stands where " + name + " should"}
		}
		*dst = make([]float32, t.Len())
		if err := t.Unpack(*dst); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Resume builds the model and the run of c and goes on. The model has no
// classifier. d must be the data set the run began with. Errors are those of
// New and Restore, and *DataError when d has another name.
func (c *Checkpoint) Resume(d data.Dataset) (*Trainer, error) {
	if d.Name() != c.Data {
		return nil, &DataError{d.Name(), fmt.Sprintf("is not the one the run began with, %q", c.Data)}
	}
	config := bare(c.Config)
	// A config that asks for more than the file holds is refused unbuilt.
	if got, need := len(c.State.W), config.ParamBound(); got < need {
		return nil, &StateError{"weights", fmt.Sprintf("have %d numbers; the model has %d", got, need)}
	}
	m, err := vae.NewZero(config)
	if err != nil {
		return nil, err
	}
	t, err := New(m, d, c.Options)
	if err != nil {
		return nil, err
	}
	return t, t.Restore(c.State)
}
