package files

import (
	"cmp"
	"errors"
	"path"
	"slices"

	"inkdrift/vae/data"
	"inkdrift/vae/data/album"
)

// candidate is an array with what its name says.
type candidate struct {
	*array
	part  part
	set   string
	shape data.Shape
}

// weight is how many pictures it counts as, see rowWeight.
func (c *candidate) weight() int {
	if c.stated() {
		return rowWeight * c.dims[0]
	}
	return c.dims[0]
}

// plan is what would be taken of arrays, and what would be passed over.
type plan struct {
	weight                   int // 0: there are no pictures
	trainImages, trainLabels *candidate
	testImages, testLabels   *candidate
	set                      string
	passed                   []album.Rejected
}

func (p *plan) pass(name string, err error) {
	p.passed = append(p.passed, album.Rejected{Name: name, Err: err, Files: 1})
}

// taken are pictures to train on, their labels, pictures for the test and theirs; nil for none.
func (p *plan) taken() []*candidate {
	return []*candidate{p.trainImages, p.trainLabels, p.testImages, p.testLabels}
}

// planOf plans a set of arrays: those of the set that has most pictures.
func planOf(arrays []*array) *plan {
	p := new(plan)
	var images, labels []*candidate
	weights := make(map[string]int)
	for _, a := range arrays {
		full := path.Join(a.outer, a.name)
		c := &candidate{array: a, part: partOfName(full), set: setOfName(full)}
		shape, _, ok := a.shape()
		c.shape = shape
		switch {
		case ok && a.dims[0] > 0:
			images = append(images, c)
			weights[c.set] += c.weight()
		case len(a.dims) >= 1 && len(a.dims) <= 2 && a.dims[0] > 0:
			labels = append(labels, c)
		default:
			p.pass(a.name, data.NewFileError("dimensions", data.ErrNotData, adviceChoose, "%v", a.dims))
		}
	}
	if len(images) == 0 {
		return p
	}
	// Two of one shape whose names say nothing are the parts of one set, if one is larger.
	if len(images) == 2 && images[0].shape == images[1].shape && images[0].dims[0] != images[1].dims[0] && images[0].part == unknown && images[1].part == unknown {
		images[1].set = images[0].set
	}
	// The largest set; of several as large the first.
	p.set = images[0].set
	for _, c := range images {
		if weights[c.set] > weights[p.set] {
			p.set = c.set
		}
	}
	p.pair(images)
	p.weight = p.trainImages.weight()
	p.trainLabels = p.labelsOf(&labels, p.trainImages)
	if p.testImages != nil {
		p.weight += p.testImages.weight()
		p.testLabels = p.labelsOf(&labels, p.testImages)
	}
	for _, c := range labels {
		kind := ErrOtherSet
		if c.set == p.set {
			kind = ErrUnfit
		}
		switch {
		case c.table == nil:
			p.pass(c.name, data.NewFileError("count", kind, "choose it together with its pictures", "%d labels", c.dims[0]))
		case c.table.pixels == 0:
			p.pass(c.name, c.format.Refuse(data.ErrNotData, adviceChoose))
		}
	}
	return p
}

// takeArrays makes a set of arrays as planned. An array that cannot be read is passed over and returned: without it, another set
// may be found.
func (s *searcher) takeArrays(p *plan) (f *Found, bad *array, err error) {
	fail := func(c *candidate, err error) (*Found, *array, error) {
		var stop stopped
		if errors.As(err, &stop) {
			return nil, nil, err
		}
		s.pass(c.name, err)
		return nil, c.array, nil
	}
	if n := p.trainImages.elements() + elementsOf(p.testImages); n > s.Limits.Bytes {
		return fail(p.trainImages, tooLarge("%d bytes of pictures, at most %d are taken", n, s.Limits.Bytes))
	}
	for i, c := range p.taken() {
		if c == nil || c.read != nil {
			continue
		}
		if i%2 == 0 {
			c.read, err = c.pixels()
		} else if c.read, err = c.classes(); c.read == nil && err == nil {
			err = data.NewFileError("labels", ErrUnfit, "choose labels that are numbers of classes, 0 to 255", "")
		}
		if err != nil {
			return fail(c, err)
		}
	}
	f = &Found{Kind: Arrays, Shape: p.trainImages.shape, Plain: none, Classes: p.classes()}
	f.Train = partOf(p.trainImages, p.trainLabels)
	if p.testImages != nil {
		f.Test = partOf(p.testImages, p.testLabels)
	}
	s.passed = append(s.passed, p.passed...)
	if !slices.ContainsFunc(p.taken(), func(c *candidate) bool { return c != nil && !c.isPlain() }) {
		for i, c := range p.taken() {
			if c != nil {
				f.Plain[i] = c.given
			}
		}
	}
	f.Turned, f.Unsure = s.turns(f, p.trainImages)
	if f.Turned {
		f.Plain = none
		turn(f.Train.Pixels, f.Shape)
		turn(f.Test.Pixels, f.Shape)
	}
	return f, nil, nil
}

func partOf(images, labels *candidate) Part {
	p := Part{Count: images.dims[0], Pixels: images.read}
	if labels != nil {
		p.Labels = labels.read
	}
	return p
}

// classes gives the names of the classes where labels are words, and numbers the labels of both parts alike.
func (p *plan) classes() (names []string) {
	var worded []*candidate
	for _, c := range []*candidate{p.trainLabels, p.testLabels} {
		if c != nil && c.names() != nil {
			worded = append(worded, c)
			names = append(names, c.names()...)
		}
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) > mostWords {
		return nil
	}
	for _, c := range worded {
		for i, k := range c.read {
			at, _ := slices.BinarySearch(names, c.names()[k])
			c.read[i] = byte(at)
		}
	}
	return names
}

// isPlain reports whether package data reads the file as it is: bytes, of three or four dimensions for pictures and of one for
// labels.
func (c *candidate) isPlain() bool {
	d := c.dims
	return c.plain && (len(d) == 1 || len(d) == 3 || len(d) == 4 && (d[1] == 1 || d[1] == 3))
}

func elementsOf(c *candidate) int64 {
	if c == nil {
		return 0
	}
	return c.elements()
}

// pair finds the pictures to train on and those for the test among those of the set, and passes over the others.
func (p *plan) pair(images []*candidate) {
	var mine []*candidate
	for _, c := range images {
		if c.set == p.set {
			mine = append(mine, c)
		} else {
			p.pass(c.name, data.NewFileError("set", ErrOtherSet, "choose it alone", ""))
		}
	}
	// What names do not tell, sizes do: the largest is for training. Of rows of numbers only those that are nothing else.
	slices.SortStableFunc(mine, func(a, b *candidate) int {
		if a.part != unknown || b.part != unknown {
			return 0
		}
		return cmp.Or(cmp.Compare(b.weight(), a.weight()), cmp.Compare(b.dims[0], a.dims[0]))
	})
	byPart := make(map[part]*candidate)
	for _, c := range mine {
		switch {
		case byPart[c.part] == nil:
			byPart[c.part] = c
		case c.part == unknown && byPart[train] == nil && byPart[test] == nil && c.shape == byPart[unknown].shape && c.dims[0] < byPart[unknown].dims[0]:
			byPart[test] = c
		default:
			p.pass(c.name, data.NewFileError("set", ErrDuplicate, "choose one of them", ""))
		}
	}
	trains, tests := byPart[train], byPart[test]
	more := func(c *candidate) { // in the place that is free
		switch {
		case c == nil:
		case trains == nil:
			trains = c
		case tests == nil && c.shape == trains.shape:
			tests = c
		default:
			p.pass(c.name, data.NewFileError("set", ErrDuplicate, "choose it alone", ""))
		}
	}
	more(byPart[unknown])
	more(byPart[validation])
	if trains == nil {
		trains, tests = tests, nil
	}
	if tests != nil && tests.shape != trains.shape {
		p.pass(tests.name, data.NewFileError("dimensions", ErrUnfit, "take all files from the same set", "pictures of %v, those to train on are %v", tests.shape, trains.shape))
		tests = nil
	}
	p.trainImages, p.testImages = trains, tests
}

// labelsOf finds the labels of pictures, and takes them out of the list: as many, best of the same table, set and part.
func (p *plan) labelsOf(labels *[]*candidate, of *candidate) *candidate {
	best, points := -1, -1
	for i, c := range *labels {
		if c.dims[0] != of.dims[0] || c.part != unknown && of.part != unknown && c.part != of.part {
			continue
		}
		n := 0
		if c.table != nil && c.table == of.table {
			n += 4
		}
		if c.set == p.set {
			n += 2
		}
		if c.part == of.part {
			n++
		}
		if n > points {
			best, points = i, n
		}
	}
	if best < 0 {
		return nil
	}
	found := (*labels)[best]
	*labels = slices.Delete(slices.Clone(*labels), best, best+1)
	// A second copy is no other set.
	for i := 0; i < len(*labels); i++ {
		if c := (*labels)[i]; c.dims[0] == of.dims[0] && c.set == found.set && c.part == found.part {
			p.pass(c.name, data.NewFileError("set", ErrDuplicate, "choose one of them", ""))
			*labels = slices.Delete(*labels, i, i+1)
			i--
		}
	}
	return found
}
