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

// checkpointHead is that entry. A checkpoint with a snapshot has format 2, one
// without has format 1.
type checkpointHead struct {
	Format  int        `json:"format"`
	Config  vae.Config `json:"config"`
	Options Options    `json:"options"`
	Data    string     `json:"data"`
	stateHead
	Snapshot *stateHead `json:"snapshot,omitempty"`
	Undone   int        `json:"undone,omitempty"`
}

// stateHead is the part of a State that is not in tensors.
type stateHead struct {
	Step     int     `json:"step"`
	OptSteps int     `json:"optimizer_steps"`
	Scale    float64 `json:"scale"`
}

func headOf(s *State) stateHead { return stateHead{s.Step, s.OptSteps, s.Scale} }

func (h *stateHead) state() State { return State{Step: h.Step, OptSteps: h.OptSteps, Scale: h.Scale} }

// snapshotPrefix begins the names of a snapshot's tensors.
const snapshotPrefix = "snapshot."

// Checkpoint is a run on file: all that is needed to go on bit-identically. A
// classifier has no part in a run and is not in it.
type Checkpoint struct {
	Config  vae.Config
	Options Options
	Data    string // name of the data set
	State   State
}

// Checkpoint returns the run as of s, which is State or Snapshot of t. The
// latter makes half as large a file.
func (t *Trainer) Checkpoint(s State) *Checkpoint {
	return &Checkpoint{bare(t.model.Config()), t.opt, t.data.Name(), s}
}

// bare is c without classifiers.
func bare(c vae.Config) vae.Config {
	c.Classes, c.Classifier, c.Reader, c.ReaderHidden = 0, nil, nil, nil
	return c
}

// File returns the safetensors form of c.
func (c *Checkpoint) File() (*store.File, error) {
	s := &c.State
	head := checkpointHead{Format: 1, Config: c.Config, Options: c.Options, Data: c.Data, stateHead: headOf(s), Undone: s.UndoneSteps}
	if s.Snapshot != nil {
		snap := headOf(s.Snapshot)
		head.Format, head.Snapshot = 2, &snap
	}
	text, err := json.Marshal(head)
	if err != nil {
		return nil, err
	}
	f := &store.File{Metadata: map[string]string{checkpointKey: string(text)}}
	names, parts := stateTensors(c.Options, s)
	for i, name := range names {
		f.Tensors = append(f.Tensors, store.Pack(name, store.F32, []int{len(*parts[i])}, *parts[i]))
	}
	return f, nil
}

// stateTensors lists the tensors of a checkpoint with their names: those of the
// state, then those of its snapshot if it has one.
func stateTensors(o Options, s *State) (names []string, parts []*[]float32) {
	names, parts = stateNames(o), []*[]float32{&s.W, &s.M, &s.V}
	parts = parts[:len(names)]
	if o.EMA > 0 {
		names, parts = append(names, "average"), append(parts, &s.Average)
	}
	if s.Snapshot != nil {
		more, tensors := stateTensors(o, s.Snapshot)
		for i, name := range more {
			names, parts = append(names, snapshotPrefix+name), append(parts, tensors[i])
		}
	}
	return names, parts
}

// stateNames lists the tensors of a state: weights, then the moments that
// the optimiser has.
func stateNames(o Options) []string {
	if o.Optimizer == SGD {
		return []string{"weights", "sgd.m"}
	}
	return []string{"weights", "adam.m", "adam.v"}
}

// ErrNoOptimizer is the error of ReadCheckpoint for a model file, which a run cannot go on from: see StartFrom.
var ErrNoOptimizer error = &StateError{"file", "is a model, without the state of an optimiser"}

// ReadCheckpoint reads a checkpoint from b. Errors are *store.FormatError,
// *vae.ConfigError, *OptionError, ErrNoOptimizer and other *StateError.
func ReadCheckpoint(b []byte) (*Checkpoint, error) {
	f, err := store.Decode(b)
	if err != nil {
		return nil, err
	}
	if _, is := f.Metadata[store.ArchitectureKey]; is && f.Metadata[checkpointKey] == "" {
		return nil, ErrNoOptimizer
	}
	var head checkpointHead
	if err := json.Unmarshal([]byte(f.Metadata[checkpointKey]), &head); err != nil ||
		head.Format != 1 && head.Format != 2 || (head.Snapshot != nil) != (head.Format == 2) {
		return nil, &StateError{"file", "is not a checkpoint of this program"}
	}
	if err := head.Config.Validate(); err != nil {
		return nil, err
	}
	if err := head.Options.Validate(); err != nil {
		return nil, err
	}
	c := &Checkpoint{Config: head.Config, Options: head.Options, Data: head.Data, State: head.state()}
	c.State.UndoneSteps = head.Undone
	if head.Snapshot != nil {
		snap := head.Snapshot.state()
		c.State.Snapshot = &snap
	}
	names, parts := stateTensors(head.Options, &c.State)
	if len(f.Tensors) != len(names) {
		return nil, &StateError{"file", fmt.Sprintf("has %d tensors instead of %d", len(f.Tensors), len(names))}
	}
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
