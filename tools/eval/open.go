package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"inkdrift/tools/internal/datasets"
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
	unsure      bool // as far as it can read them
}

// shelf opens data sets on demand and keeps them open.
type shelf struct {
	spec   datasets.Spec
	open   map[string]set
	stderr io.Writer
	// missing says what is not there and what is left out for it. It is said once there is something to measure, so that
	// it hides no fault.
	missing string
}

func (s *shelf) sayMissing() {
	fmt.Fprint(s.stderr, s.missing)
	s.missing = ""
}

// classesOfDigits is how many classes the classifier of digits knows.
const classesOfDigits = 10

// setFor returns the set to measure a model on: the one that -data names, or, where that is MNIST's folder, the one that the
// model was trained for.
func (s *shelf) setFor(m *opened, name string) (set, error) {
	if s.spec.IsMNIST() {
		return s.find(name)
	}
	c := m.Config()
	shape := data.Shape{C: c.Input[0], H: c.Input[1], W: c.Input[2]}
	key := shape.String()
	if v, ok := s.open[key]; ok {
		return v, nil
	}
	opened, err := s.spec.Open(shape)
	if err != nil {
		return set{}, err
	}
	for _, left := range opened.Left {
		fmt.Fprintf(s.stderr, "eval: left out: %s\n", left)
	}
	v := set{train: opened.Train, test: opened.Test, unsure: true}
	v.digits = v.test.Len() > 0 && v.test.Shape() == data.Shape{C: 1, H: 28, W: 28} && labelled(v.test, classesOfDigits)
	s.keep(key, v)
	return v, nil
}

// labelled reports whether every picture has a label below k.
func labelled(d data.Dataset, k int) bool {
	for i := range d.Len() {
		if l := d.Label(i); l < 0 || l >= k {
			return false
		}
	}
	return true
}

// unfit says why a model cannot be measured on a set, empty if it can.
func unfit(m *opened, v set) string {
	c := m.Config()
	switch shape := (data.Shape{C: c.Input[0], H: c.Input[1], W: c.Input[2]}); {
	case v.test.Shape() != shape:
		return fmt.Sprintf("it takes pictures of %v, and those of %s are %v", shape, v.test.Name(), v.test.Shape())
	case m.Conditions() > 0 && !labelled(v.test, m.Conditions()):
		return fmt.Sprintf("it is conditional, and the pictures of %s are not all of classes 0 to %d", v.test.Name(), m.Conditions()-1)
	}
	return ""
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
		mnist, err := s.spec.Open(data.Shape{C: 1, H: 28, W: 28})
		if err != nil {
			return v, err
		}
		v = set{train: mnist.Train, test: mnist.Test, digits: true}
	}
	s.keep(name, v)
	return v, nil
}

func (s *shelf) keep(name string, v set) {
	if s.open == nil {
		s.open = make(map[string]set)
	}
	s.open[name] = v
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
func openClassifier(f flags, model string, s *shelf) (*classifier, error) {
	if f.samples == 0 {
		return nil, nil
	}
	path := f.classifier
	if path == "" {
		path = filepath.Join(filepath.Dir(model), "classifier.safetensors")
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && f.classifier == "" {
		s.missing = fmt.Sprintf("eval: there is no %s: FID, score and classes are left out; name another one with -classifier\n", path)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	n, ref, err := classify.Read(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &classifier{network: n, stored: ref, stderr: s.stderr}, nil
}

// reference returns the moments of the features of d, nil if the classifier cannot
// read d: that is tried where d is named as the pictures that it was measured on, and
// where unsure is set.
func (j *classifier) reference(d data.Dataset, unsure bool) (m *metric.Moments, err error) {
	if j.of == d {
		return j.moments, nil
	}
	r := j.stored
	named := r != nil && r.Data == d.Name() && r.Images == d.Len()
	if named || unsure {
		wrong, _, err := j.network.Error(first(d, 1000))
		if err != nil {
			return nil, err
		}
		if wrong > misread {
			fmt.Fprintf(j.stderr, "eval: the classifier takes %.0f %% of the pictures for others, so that they are not the digits that it knows: FID, score and classes are left out\n", 100*wrong)
			j.of, j.moments = d, nil
			return nil, nil
		}
	}
	if named {
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
