package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"inkdrift/tools/internal/datasets"
	"inkdrift/tools/internal/handwriting"
	"inkdrift/tools/internal/recipes"
	"inkdrift/vae"
	"inkdrift/vae/data"
	"inkdrift/vae/preset"
	"inkdrift/vae/store"
	"inkdrift/vae/train"
)

// runData gives pictures the name that the page gives them in checkpoints.
type runData struct {
	data.Dataset
	name string
}

func (d runData) Name() string { return d.name }

// openData opens the data that f names, as pictures of a shape, with drawings if they are wanted.
func openData(f flags, shape [3]int, stderr io.Writer) (*datasets.Set, error) {
	spec, err := datasets.Parse(f.data)
	if err != nil {
		return nil, err
	}
	set, err := spec.Open(data.Shape{C: shape[0], H: shape[1], W: shape[2]})
	if err != nil {
		return nil, err
	}
	for _, left := range set.Left {
		fmt.Fprintf(stderr, "left out: %s\n", left)
	}
	if f.pens != "" {
		p, err := handwriting.OpenPens(f.pens)
		if err != nil {
			return nil, err
		}
		set.Name += " and drawings"
		set.Train = p.Training(set.Name, set.Train, handwriting.ForModels())
		set.RunName = set.Name
	}
	return set, nil
}

// readCheckpoint reads the run to go on with.
func readCheckpoint(file string) (*train.Checkpoint, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	c, err := train.ReadCheckpoint(b)
	if errors.Is(err, train.ErrNoOptimizer) {
		return nil, fmt.Errorf("%s: %w; begin a new run with its weights: -init %s", file, err, file)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return c, nil
}

// resume goes on with a run. The page knows files by a name that a person gave them and by how many pictures there are, so a
// set of another name and of as many pictures counts as the same.
func resume(c *train.Checkpoint, set *datasets.Set, stderr io.Writer) (*train.Trainer, error) {
	d := runData{set.Train, set.RunName}
	number := fmt.Sprintf(", %d", set.Train.Len())
	switch {
	case c.Data == set.RunName || c.Data == set.Train.Name() || c.Data == set.Name:
		d.name = c.Data
	case strings.HasSuffix(c.Data, number) && strings.HasSuffix(set.RunName, number):
		fmt.Fprintf(stderr, "the run began with %q, and goes on with %q\n", c.Data, set.RunName)
		d.name = c.Data
	}
	return c.Resume(d)
}

// begin starts a new run, with the weights of a model if there is one.
func begin(r train.Recipe, set *datasets.Set, from *vae.Model, stderr io.Writer) (*train.Trainer, error) {
	bare := r.Model
	bare.Classes, bare.Classifier, bare.Reader, bare.ReaderHidden = 0, nil, nil, nil
	m, err := vae.New(bare, r.Train.Seed)
	if err != nil {
		return nil, err
	}
	if from != nil {
		fresh, err := train.StartFrom(m, from)
		if err != nil {
			return nil, err
		}
		if fresh {
			fmt.Fprintln(stderr, "the file to begin with has no discriminator: a new one is trained")
		}
	}
	return train.New(m, runData{set.Train, set.RunName}, r.Train)
}

// openModel reads the model to begin with.
func openModel(file string) (*vae.Model, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	m, err := store.ReadModel(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return m, nil
}

// recipeFor is the recipe that flags ask for: that of -config, else that of the run to go on with, else what is usual of the
// family of the model to begin with.
func recipeFor(f flags, set map[string]bool, c *train.Checkpoint, from *vae.Model) (r train.Recipe, err error) {
	switch {
	case f.config != "":
		r, err = recipes.Load(f.config)
	case c != nil:
		r = train.Recipe{Model: c.Config, Train: c.Options, Head: train.HeadDefaults(), DType: store.F32}
	default:
		var p preset.Preset
		if p, err = preset.Find(preset.FamilyPreset(from.Config().Family)); err == nil {
			r = p.Recipe()
			r.Model = train.Trainable(from.Config(), r.Model.Discriminator)
			pixels := preset.PixelsFor(r.Model.Likelihood)
			r.Train.Binarize, r.Train.ClipNorm = train.Binarization(pixels.Binarize), pixels.ClipNorm
		}
	}
	if err != nil {
		return r, err
	}
	if set["epochs"] {
		r.Train.Epochs = f.epochs
	}
	if set["seed"] {
		r.Train.Seed, r.Head.Seed = f.seed, f.seed
	}
	return r, r.Validate()
}

// sameRun returns an error if the recipe that flags ask for is not that of the run to go on with.
func sameRun(r train.Recipe, c *train.Checkpoint) error {
	want := c.Options
	want.Batch = r.Train.Batch // of few pictures a run has smaller batches than it was asked for
	switch {
	case r.Train != want:
		return fmt.Errorf("a run goes on with the settings that it began with, %+v, and not with %+v: leave out -config, -epochs and -seed, or give those", c.Options, r.Train)
	case !train.SameModel(r.Model, c.Config):
		return fmt.Errorf("the run is of another model than the recipe's: leave out -config, or give that which it began with")
	}
	return nil
}
