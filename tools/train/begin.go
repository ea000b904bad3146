package main

import (
	"fmt"
	"os"
	"reflect"

	"inkdrift/vae"
	"inkdrift/vae/data"
	"inkdrift/vae/data/sets"
	"inkdrift/vae/store"
	"inkdrift/vae/train"
)

// Pictures of made sets to train on and to test with, as many as MNIST has, and
// their seed.
const (
	madeTrain = 60_000
	madeTest  = 10_000
	madeSeed  = 1
)

// madeNames are the names of the sets that are made.
func madeNames() (names []string) {
	for _, s := range sets.All() {
		names = append(names, s.Name)
	}
	return names
}

// openData opens MNIST in a directory, or a set that is made.
func openData(name string) (trainSet, testSet data.Dataset, err error) {
	made := name
	if name == "procedural" {
		made = "digits"
	}
	if s, err := sets.Find(made); err == nil {
		return data.Cache(s.Span(madeSeed, 0, madeTrain)), s.Span(madeSeed, madeTrain, madeTest), nil
	}
	a, b, err := data.OpenMNIST(name)
	if err != nil {
		return nil, nil, err
	}
	return a, b, nil
}

// engineName is what the engine calls the same pictures.
func engineName(d data.Dataset) string {
	if _, err := sets.Find(d.Name()); err == nil {
		return fmt.Sprintf("%s, seed %d, %d from 0", d.Name(), madeSeed, d.Len())
	}
	return fmt.Sprintf("mnist, %d", d.Len())
}

// begin starts the run, or takes it up from a checkpoint.
func begin(r train.Recipe, d data.Dataset, f flags) (*train.Trainer, error) {
	if f.resume != "" {
		b, err := os.ReadFile(f.resume)
		if err != nil {
			return nil, err
		}
		c, err := train.ReadCheckpoint(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.resume, err)
		}
		if c.Data == engineName(d) {
			c.Data = d.Name()
		}
		return c.Resume(d)
	}
	bare := r.Model
	bare.Classes, bare.Classifier, bare.Reader, bare.ReaderHidden = 0, nil, nil, nil
	m, err := vae.New(bare, r.Train.Seed)
	if err != nil {
		return nil, err
	}
	if f.init != "" {
		if err := initFrom(m, f.init); err != nil {
			return nil, err
		}
	}
	return train.New(m, d, r.Train)
}

// initFrom gives m the weights of a model in a file.
func initFrom(m *vae.Model, file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	from, err := store.ReadModel(b)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	c := from.Config()
	c.Classes, c.Classifier, c.Reader, c.ReaderHidden = 0, nil, nil, nil
	if want := m.Config(); !reflect.DeepEqual(c, want) {
		return fmt.Errorf("%s: its model is %+v, the recipe's %+v; -init needs the same", file, c, want)
	}
	copy(m.Arena().W, from.Arena().W)
	return nil
}
