package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"inkdrift/vae"
	"inkdrift/vae/classify"
	"inkdrift/vae/data"
	"inkdrift/vae/data/sets"
	"inkdrift/vae/metric"
	"inkdrift/vae/store"
)

// wanted is a model to measure.
type wanted struct {
	path   string
	data   string // set to measure it on; empty: what its file says
	images int    // for NLL and ELBO, where the flag says nothing
}

// find lists the models to measure: at least one.
func find(f flags) ([]wanted, error) {
	if f.model != "" {
		w := wanted{path: f.model, images: usual}
		dir, file := filepath.Split(f.model)
		list, _ := readGallery(dir) // most models are in none
		for _, e := range list {
			if e.File == file {
				w.images = e.images()
			}
		}
		return []wanted{w}, nil
	}
	list, err := readGallery(f.models)
	if err != nil {
		return nil, err
	}
	var all []wanted
	for _, e := range list {
		all = append(all, wanted{filepath.Join(f.models, e.File), e.Data, e.images()})
	}
	return all, nil
}

// opened is a model with what its file says of it.
type opened struct {
	*vae.Model
	name, trainedOn, hash string
	bytes                 int
}

func open(path string) (*opened, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := store.Decode(b)
	if err != nil {
		return nil, err
	}
	m, err := f.Model()
	if err != nil {
		return nil, err
	}
	return &opened{m, nameOf(path), f.Metadata["data"], hashOf(b), len(b)}, nil
}

// nameOf is the name of the model in a file.
func nameOf(path string) string { return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) }

// set is what a model is measured on.
type set struct {
	train, test data.Dataset
	digits      bool // the classifier of digits may be used
}

// shelf opens data sets on demand and keeps them open.
type shelf struct {
	mnist string // directory
	open  map[string]set
}

// setSeed is the seed that built-in sets are trained on.
const setSeed = 1

// find returns the built-in set of a name, or MNIST for all other names: models
// of procedural digits are measured on MNIST.
func (s *shelf) find(name string) (set, error) {
	source, err := sets.Find(name)
	builtIn := err == nil && name != "digits"
	if !builtIn {
		name = "mnist"
	}
	if v, ok := s.open[name]; ok {
		return v, nil
	}
	var v set
	if builtIn {
		c := source.Open(setSeed, source.Train, source.Validation, source.Test)
		v = set{train: c.Train, test: c.Test}
	} else {
		train, test, err := data.OpenMNIST(s.mnist)
		if err != nil {
			return v, err
		}
		v = set{train, test, true}
	}
	if s.open == nil {
		s.open = make(map[string]set)
	}
	s.open[name] = v
	return v, nil
}

// first returns the first n pictures of d, all if there are fewer.
func first(d data.Dataset, n int) data.Dataset {
	index := make([]int, min(n, d.Len()))
	for i := range index {
		index[i] = i
	}
	return data.NewSubset(d.Name(), d, index)
}

// classifier is the classifier with the moments of the sets measured so far.
type classifier struct {
	network *classify.Network
	stored  *classify.Reference
	moments *metric.Moments // nil: they are not what it was trained on
	of      data.Dataset
	stderr  io.Writer
}

// misread is the classifier's error above which the pictures count as unlike
// its training data: Fashion-MNIST comes in files of the same names and sizes.
const misread = 0.2

// openClassifier reads the classifier; nil without one where none was asked for.
func openClassifier(f flags, model string, stderr io.Writer) (*classifier, error) {
	if f.samples == 0 {
		return nil, nil
	}
	path := f.classifier
	if path == "" {
		path = filepath.Join(filepath.Dir(model), "classifier.safetensors")
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && f.classifier == "" {
		fmt.Fprintf(stderr, "eval: there is no %s: FID, score and classes are left out; name another one with -classifier\n", path)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	n, ref, err := classify.Read(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &classifier{network: n, stored: ref, stderr: stderr}, nil
}

// reference returns the moments of the features of d, nil if d is named as the
// pictures that the classifier was measured on, but it cannot read them.
func (j *classifier) reference(d data.Dataset) (m *metric.Moments, err error) {
	if j.of == d {
		return j.moments, nil
	}
	if r := j.stored; r != nil && r.Data == d.Name() && r.Images == d.Len() {
		wrong, _, err := j.network.Error(first(d, 1000))
		if err != nil {
			return nil, err
		}
		if wrong > misread {
			fmt.Fprintf(j.stderr, "eval: the classifier takes %.0f %% of the pictures for others, so that they are not the digits that it knows: FID, score and classes are left out\n", 100*wrong)
			j.of, j.moments = d, nil
			return nil, nil
		}
		if m, err = metric.NewMoments(r.Images, r.Mean, r.Cov); err != nil {
			return nil, err
		}
	} else {
		var features []float32
		if features, err = j.network.FeaturesOf(d); err != nil {
			return nil, err
		}
		m, err = metric.MomentsOf(features, j.network.Features())
	}
	j.of, j.moments = d, m
	return m, err
}
