package files

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strings"
	"unicode"

	"inkdrift/vae/data"
	"inkdrift/vae/data/album"
)

// Recognise finds the data set in files. Errors are of type [*data.FileError], or what Options.Yield returned; where nothing was
// found the error has the reason if it is one and the same for all files, and matches [data.ErrNotData] otherwise. The files
// that were passed over are in the result, which is there in that case, too.
func Recognise(given []File, o Options) (*Found, error) {
	s := &searcher{Options: o}
	if yield := o.Yield; yield != nil {
		s.Yield = func(done, of int) error {
			if err := yield(done, of); err != nil {
				return stopped{err}
			}
			return nil
		}
	}
	for _, f := range given {
		s.of += 2 * len(f.Content)
	}
	f, err := s.recognise(given)
	var stop stopped
	if errors.As(err, &stop) {
		return nil, stop.error
	}
	if f == nil {
		f = &Found{Plain: none}
	}
	s.sort()
	f.Passed = s.passed
	if s.hidden > 0 {
		f.Passed = append(f.Passed, album.Rejected{Name: s.firstHid, Err: data.NewFileError("name", album.ErrHidden, "nothing needs to be done", ""), Files: s.hidden})
	}
	return f, err
}

// sort puts what was passed over into the order of the names.
func (s *searcher) sort() {
	slices.SortStableFunc(s.passed, func(a, b album.Rejected) int { return strings.Compare(a.Name, b.Name) })
}

var none = [4]int{-1, -1, -1, -1}

func (s *searcher) recognise(given []File) (*Found, error) {
	for i, f := range given {
		if err := s.look(i, f); err != nil {
			return nil, err
		}
	}
	arrays, batches, err := s.open()
	if err != nil {
		return nil, err
	}
	hasImages := slices.ContainsFunc(arrays, func(a *array) bool { _, _, ok := a.shape(); return ok })
	switch {
	case len(batches) > 0:
		s.passArrays(arrays)
		s.passPictures()
		return s.takeBatches(batches)
	case hasImages:
		s.passPictures()
		return s.takeArrays(arrays)
	case s.pictures > 0:
		s.passArrays(arrays)
		f := &Found{Kind: Pictures, Plain: none}
		if s.pictures == 1 && s.loosePictures == 1 {
			f.Kind = Picture
		}
		return f, nil
	}
	s.passArrays(arrays)
	return nil, s.nothing()
}

// open opens what was found, by its kind.
func (s *searcher) open() (arrays []*array, batches []*batch, err error) {
	for _, it := range slices.Clone(s.items) {
		if err := s.yield(0); err != nil {
			return nil, nil, err
		}
		var a *array
		var b *batch
		switch it.format.Kind {
		case data.FormatIDX:
			if a, err = openIDX(it); err != nil {
				if b, _ = openBatch(it); b != nil { // its first picture may begin like that
					a, err = nil, nil
				}
			}
		case data.FormatNPY:
			a, err = openNPY(it)
		case data.FormatText:
			var t *table
			if t, err = openTable(it); t != nil && err == nil {
				arrays = append(arrays, t.arrays(it)...)
				continue
			}
		default:
			b, err = openBatch(it)
		}
		var stop stopped
		switch {
		case errors.As(err, &stop):
			return nil, nil, err
		case err != nil:
			s.pass(it.name, err)
		case a != nil:
			arrays = append(arrays, a)
		case b != nil:
			batches = append(batches, b)
		default:
			s.pass(it.name, it.format.Refuse(data.ErrNotData, adviceChoose))
		}
	}
	return arrays, batches, nil
}

func (s *searcher) passPictures() {
	if s.pictures > 0 {
		s.passed = append(s.passed, album.Rejected{Name: s.firstPicture, Err: data.NewFileError("set", ErrBeside, "choose it alone", ""), Files: s.pictures})
	}
}

func (s *searcher) passArrays(arrays []*array) {
	for _, a := range arrays {
		kind := ErrNoImages
		if _, _, ok := a.shape(); ok {
			kind = ErrOtherSet
		}
		if a.table == nil || !a.labels {
			s.pass(a.name, data.NewFileError("set", kind, "choose it together with its pictures", ""))
		}
	}
}

// nothing is the error where there is no data set.
func (s *searcher) nothing() error {
	s.sort()
	if len(s.passed) == 0 {
		return data.NewFileError("files", data.ErrNotData, adviceChoose, "")
	}
	first := s.passed[0]
	for _, p := range s.passed[1:] {
		if kindOf(p.Err) != kindOf(first.Err) {
			return &data.FileError{Field: "files", Kind: data.ErrNotData, Detail: first.Err.Error(), Advice: adviceChoose}
		}
	}
	var fe *data.FileError
	if errors.As(first.Err, &fe) {
		named := *fe
		named.File = first.Name
		return &named
	}
	return first.Err
}

func kindOf(err error) error {
	var fe *data.FileError
	if errors.As(err, &fe) {
		return fe.Kind
	}
	return err
}

// part is one that a file may be of, by its name.
type part int

const (
	unknown part = iota
	train
	test
	validation
)

var partWords = map[string]part{
	"train": train, "training": train, "trn": train, "test": test, "testing": test, "t10k": test, "tst": test, "val": validation, "valid": validation,
	"validation": validation, "dev": validation,
}

// roleWords are in the names of files for what they are, and not for which set they are of.
var roleWords = map[string]bool{
	"images": true, "image": true, "labels": true, "label": true, "idx": true, "idx1": true, "idx2": true, "idx3": true, "idx4": true, "ubyte": true,
	"byte": true, "int": true, "short": true, "float": true, "double": true, "x": true, "y": true, "gz": true, "npy": true, "npz": true, "csv": true, "txt": true,
	"data": true, "raw": true, "arr": true, "0": true, "1": true, "2": true, "3": true, "target": true, "targets": true, "bin": true,
}

func nameWords(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// partOfName tells the part from the words of a name, the last one that says so.
func partOfName(name string) (p part) {
	for _, w := range nameWords(name) {
		if q, ok := partWords[w]; ok {
			p = q
		}
	}
	return p
}

// setOfName is what is left of a name without the words for parts and roles: files of one set have the same.
func setOfName(name string) string {
	var left []string
	for _, w := range nameWords(name) {
		if _, ok := partWords[w]; !ok && !roleWords[w] && !slices.Contains(left, w) {
			left = append(left, w)
		}
	}
	return strings.Join(left, " ")
}

// candidate is an array with what its name says.
type candidate struct {
	*array
	part  part
	set   string
	shape data.Shape
}

// takeArrays makes a set of arrays: those of the set that has most pictures.
func (s *searcher) takeArrays(arrays []*array) (*Found, error) {
	var images, labels []*candidate
	pictures := make(map[string]int64)
	for _, a := range arrays {
		c := &candidate{array: a, part: partOfName(a.name), set: setOfName(a.name)}
		shape, _, ok := a.shape()
		c.shape = shape
		switch {
		case ok && a.dims[0] > 0:
			images = append(images, c)
			pictures[c.set] += a.elements()
		case len(a.dims) >= 1 && len(a.dims) <= 2 && a.dims[0] > 0:
			labels = append(labels, c)
		default:
			s.pass(a.name, data.NewFileError("dimensions", data.ErrNotData, adviceChoose, "%v", a.dims))
		}
	}
	if len(images) == 0 {
		return nil, s.nothing()
	}
	// Two of one shape whose names say nothing are the parts of one set.
	if len(images) == 2 && images[0].shape == images[1].shape && images[0].part == unknown && images[1].part == unknown {
		images[1].set = images[0].set
	}
	// The largest set; of several as large the first.
	set := images[0].set
	for _, c := range images {
		if pictures[c.set] > pictures[set] {
			set = c.set
		}
	}
	trainImages, testImages := s.pair(images, set)
	f := &Found{Kind: Arrays, Shape: trainImages.shape}
	trainLabels := s.labelsOf(&labels, trainImages, set)
	var testLabels *candidate
	if testImages != nil {
		testLabels = s.labelsOf(&labels, testImages, set)
	}
	for _, c := range labels {
		kind := ErrOtherSet
		if c.set == set {
			kind = ErrUnfit
		}
		s.pass(c.name, data.NewFileError("count", kind, "choose it together with its pictures", "%d labels", c.dims[0]))
	}
	if n := trainImages.elements() + elementsOf(testImages); n > s.Limits.Bytes {
		return nil, inFile(trainImages.name, tooLarge("%d bytes of pictures, at most %d are taken", n, s.Limits.Bytes))
	}
	var err error
	if f.Train, err = s.readPart(trainImages, trainLabels); err != nil {
		return nil, err
	}
	if testImages != nil {
		if f.Test, err = s.readPart(testImages, testLabels); err != nil {
			return nil, err
		}
	}
	f.Plain = none
	if !slices.ContainsFunc([]*candidate{trainImages, trainLabels, testImages, testLabels}, func(c *candidate) bool { return c != nil && !c.isPlain() }) {
		for i, c := range []*candidate{trainImages, trainLabels, testImages, testLabels} {
			if c != nil {
				f.Plain[i] = c.given
			}
		}
	}
	if f.Turned = s.turns(f, trainImages); f.Turned {
		f.Plain = none
		turn(f.Train.Pixels, f.Shape)
		turn(f.Test.Pixels, f.Shape)
	}
	return f, nil
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

// pair finds the pictures to train on and those for the test among those of a set, and passes over the others.
func (s *searcher) pair(images []*candidate, set string) (trains, tests *candidate) {
	var mine []*candidate
	for _, c := range images {
		if c.set == set {
			mine = append(mine, c)
		} else {
			s.pass(c.name, data.NewFileError("set", ErrOtherSet, "choose it alone", ""))
		}
	}
	// What names do not tell, sizes do: the largest is for training.
	slices.SortStableFunc(mine, func(a, b *candidate) int {
		if a.part != unknown || b.part != unknown {
			return 0
		}
		return cmp.Compare(b.dims[0], a.dims[0])
	})
	byPart := make(map[part]*candidate)
	for _, c := range mine {
		switch {
		case byPart[c.part] == nil:
			byPart[c.part] = c
		case c.part == unknown && byPart[train] == nil && byPart[test] == nil && c.shape == byPart[unknown].shape && c.dims[0] < byPart[unknown].dims[0]:
			byPart[test] = c
		default:
			s.pass(c.name, data.NewFileError("set", ErrDuplicate, "choose one of them", ""))
		}
	}
	trains, tests = byPart[train], byPart[test]
	more := func(c *candidate) { // in the place that is free
		switch {
		case c == nil:
		case trains == nil:
			trains = c
		case tests == nil && c.shape == trains.shape:
			tests = c
		default:
			s.pass(c.name, data.NewFileError("set", ErrDuplicate, "choose it alone", ""))
		}
	}
	more(byPart[unknown])
	more(byPart[validation])
	if trains == nil {
		trains, tests = tests, nil
	}
	if tests != nil && tests.shape != trains.shape {
		s.pass(tests.name, data.NewFileError("dimensions", ErrUnfit, "take all files from the same set", "pictures of %v, those to train on are %v", tests.shape, trains.shape))
		tests = nil
	}
	return trains, tests
}

// labelsOf finds the labels of pictures, and takes them out of the list: as many, best of the same set and part.
func (s *searcher) labelsOf(labels *[]*candidate, of *candidate, set string) *candidate {
	best, points := -1, -1
	for i, c := range *labels {
		if c.dims[0] != of.dims[0] || c.part != unknown && of.part != unknown && c.part != of.part {
			continue
		}
		p := 0
		if c.set == set {
			p += 2
		}
		if c.part == of.part {
			p++
		}
		if p > points {
			best, points = i, p
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
			s.pass(c.name, data.NewFileError("set", ErrDuplicate, "choose one of them", ""))
			*labels = slices.Delete(*labels, i, i+1)
			i--
		}
	}
	return found
}

// readPart reads pictures and their labels. Labels that are none are passed over.
func (s *searcher) readPart(images, labels *candidate) (Part, error) {
	p := Part{Count: images.dims[0]}
	var err error
	if p.Pixels, err = images.pixels(); err != nil {
		return p, inFile(images.name, err)
	}
	if labels == nil {
		return p, nil
	}
	if p.Labels, err = labels.classes(); err != nil {
		return p, inFile(labels.name, err)
	}
	if p.Labels == nil {
		s.pass(labels.name, data.NewFileError("labels", ErrUnfit, "choose labels that are numbers of classes, 0 to 255", ""))
	}
	return p, nil
}

// inFile puts the name of a file into an error.
func inFile(name string, err error) error {
	var fe *data.FileError
	if errors.As(err, &fe) && fe.File == "" {
		fe.File = name
	}
	return err
}

// turns tells whether pictures are to be turned.
func (s *searcher) turns(f *Found, images *candidate) bool {
	if f.Shape.H != f.Shape.W || s.Turn == TurnNever {
		return false
	}
	return s.Turn == TurnAlways || f.Shape.C == 1 && (slices.Contains(nameWords(images.name), "emnist") || lies(f.Train, f.Shape))
}

// lies tells whether characters lie on their side. Those of MNIST, which are as large as 20 pixels and stand in the middle of
// 28, are higher than wide by a sixth in the mean; where they are wider by as much, rows and columns were exchanged.
func lies(p Part, shape data.Shape) bool {
	const enough, most = 50, 2000
	if shape.H != 28 || p.Count < enough {
		return false
	}
	n := min(p.Count, most)
	var wide, high, long float64
	for i := range n {
		x := p.Pixels[i*784 : (i+1)*784]
		left, right, top, bottom := 28, -1, 28, -1
		for k, v := range x {
			if v > 100 {
				left, right, top, bottom = min(left, k%28), max(right, k%28), min(top, k/28), max(bottom, k/28)
			}
		}
		w, h := float64(right-left+1), float64(bottom-top+1)
		wide, high, long = wide+w, high+h, long+max(w, h)
	}
	mean := long / float64(n)
	return mean > 17 && mean < 23 && wide > 1.1*high
}

// turn exchanges rows and columns of square pictures.
func turn(pixels []byte, s data.Shape) {
	plane := s.H * s.W
	for at := 0; at+plane <= len(pixels); at += plane {
		p := pixels[at : at+plane]
		for y := range s.H {
			for x := range y {
				p[y*s.W+x], p[x*s.W+y] = p[x*s.W+y], p[y*s.W+x]
			}
		}
	}
}

// IDX gives the part as two IDX files, of pictures and of labels; the latter is nil without labels.
func (p Part) IDX(shape data.Shape) (images, labels []byte) {
	if p.Count == 0 {
		return nil, nil
	}
	head := data.IDXHeader(p.Count, shape.C, shape.H, shape.W)
	if shape.C == 1 {
		head = data.IDXHeader(p.Count, shape.H, shape.W)
	}
	images = bytes.Join([][]byte{head, p.Pixels}, nil)
	if p.Labels != nil {
		labels = bytes.Join([][]byte{data.IDXHeader(p.Count), p.Labels}, nil)
	}
	return images, labels
}
