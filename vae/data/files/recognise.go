package files

import (
	"bytes"
	"cmp"
	"errors"
	"math"
	"path"
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
	s := &searcher{Options: o, given: len(given)}
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
	for {
		p := planOf(arrays)
		switch s.most(p, batches) {
		case Batches:
			s.passArrays(arrays)
			s.passPictures()
			return s.takeBatches(batches)
		case Arrays:
			f, bad, err := s.takeArrays(p)
			if err != nil {
				return nil, err
			}
			if bad == nil {
				s.passBatches(batches)
				s.passPictures()
				return f, nil
			}
			arrays = slices.DeleteFunc(arrays, func(a *array) bool { return a == bad || bad.table != nil && a.table == bad.table })
		case Pictures:
			s.passBatches(batches)
			s.passArrays(arrays)
			f := &Found{Kind: Pictures, Plain: none}
			if s.pictures == 1 && s.loosePictures == 1 {
				f.Kind = Picture
			}
			return f, nil
		default:
			s.passArrays(arrays)
			return nil, s.nothing()
		}
	}
}

// rowWeight is how many rows of numbers, which may be anything, count as one picture.
const rowWeight = 10

// most tells the kind that has most pictures; of several that have as many, the first of batches, arrays and picture files. Rows
// of numbers that nothing calls pictures count less.
func (s *searcher) most(p *plan, batches []*batch) (kind Kind) {
	best := 0
	try := func(k Kind, weight int) {
		if weight > best {
			kind, best = k, weight
		}
	}
	_, records := versionOf(batches)
	try(Batches, rowWeight*records)
	try(Arrays, p.weight)
	try(Pictures, rowWeight*s.pictures)
	return kind
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
				if a == nil || wholeRecords(it.size) { // the first picture of a batch may begin like that
					b, _ = openBatch(it)
				}
				if a = nil; b != nil {
					err = nil
				}
			}
		case data.FormatNPY:
			a, err = openNPY(it)
		case data.FormatText:
			var t *table
			if t, err = openTable(it, s.Limits.Bytes); t != nil && err == nil {
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

func (s *searcher) passBatches(batches []*batch) {
	for _, b := range batches {
		s.pass(b.name, data.NewFileError("set", ErrOtherSet, "choose it alone", ""))
	}
}

func (s *searcher) passArrays(arrays []*array) {
	for _, a := range arrays {
		s.passArray(a, ErrOtherSet)
	}
}

// passArray passes over an array, for a reason if it has pictures.
func (s *searcher) passArray(a *array, why error) {
	_, _, pictures := a.shape()
	switch {
	case a.table != nil && a.labels:
		if a.table.pixels == 0 { // else its pixels are passed over
			s.pass(a.name, a.format.Refuse(data.ErrNotData, adviceChoose))
		}
	case pictures:
		s.pass(a.name, data.NewFileError("set", why, "choose it alone", ""))
	default:
		s.pass(a.name, data.NewFileError("set", ErrNoImages, "choose it together with its pictures", ""))
	}
}

// lesser are reasons to pass a file over that say nothing of what is wrong with a set.
var lesser = []error{data.ErrNotData, data.ErrEmpty, ErrNoImages, ErrUnfit}

// nothing is the error where there is no data set: the reason, if it is one and the same for all files that are not just something
// else.
func (s *searcher) nothing() error {
	s.sort()
	reasons := slices.DeleteFunc(slices.Clone(s.passed), func(r album.Rejected) bool {
		return slices.ContainsFunc(lesser, func(kind error) bool { return errors.Is(r.Err, kind) })
	})
	if len(reasons) == 0 {
		reasons = s.passed
	}
	if len(reasons) == 0 {
		return data.NewFileError("files", data.ErrNotData, adviceChoose, "")
	}
	first := reasons[0]
	for _, p := range reasons[1:] {
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
	"data": true, "raw": true, "arr": true, "0": true, "1": true, "2": true, "3": true, "target": true, "targets": true, "bin": true, "zip": true, "tar": true, "tgz": true,
}

// nameWords are the words of a name. What is written in one is taken apart as trainImages is, and the set in trainset left out.
func nameWords(name string) (words []string) {
	for _, field := range strings.FieldsFunc(album.Spaced(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		field = strings.ToLower(field)
		if short := strings.TrimSuffix(field, "set"); partWords[short] != unknown {
			field = short
		}
		words = append(words, field)
	}
	return words
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

// Words for pictures and for labels.
var (
	imageWords = map[string]bool{"images": true, "image": true, "imgs": true, "img": true, "x": true, "pixels": true, "pictures": true}
	labelWords = map[string]bool{"labels": true, "label": true, "y": true, "target": true, "targets": true, "classes": true, "class": true, "onehot": true}
)

func imagesByName(name string) bool { return saysLast(name, imageWords, labelWords) }
func labelsByName(name string) bool { return saysLast(name, labelWords, imageWords) }

// saysLast tells whether the last of some words and others in the name of a file is one of the first.
func saysLast(name string, words, others map[string]bool) (says bool) {
	for _, w := range nameWords(path.Base(name)) {
		if words[w] || others[w] {
			says = words[w]
		}
	}
	return says
}

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
	var tables []*candidate
	for _, c := range []*candidate{p.trainLabels, p.testLabels} {
		if c != nil && c.table != nil && c.table.words != nil {
			tables = append(tables, c)
			names = append(names, c.table.ordered...)
		}
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) > mostWords {
		return nil
	}
	for _, c := range tables {
		for i, k := range c.read {
			at, _ := slices.BinarySearch(names, c.table.ordered[k])
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

// turns tells whether pictures are to be turned, and whether nothing tells.
func (s *searcher) turns(f *Found, images *candidate) (turned, unsure bool) {
	if f.Shape.H != f.Shape.W || s.Turn == TurnNever {
		return false, false
	}
	if s.Turn == TurnAlways {
		return true, false
	}
	if f.Shape.C != 1 {
		return false, false
	}
	turned, unsure = lies(f.Train, f.Shape)
	if slices.Contains(nameWords(path.Join(images.outer, images.name)), "emnist") {
		return true, false
	}
	return turned, unsure
}

// lies tells whether characters lie on their side. Those of MNIST, which are as large as 20 pixels and stand in the middle of
// 28, are higher than wide by a sixth in the mean; where they are wider by as much, rows and columns were exchanged. Where there
// are few, or they are as wide as high, it is not sure.
func lies(p Part, shape data.Shape) (turned, unsure bool) {
	const most = 2000
	if shape.H != 28 || p.Count == 0 {
		return false, false
	}
	n := min(p.Count, most)
	var wide, high, long, squares float64
	for i := range n {
		x := p.Pixels[i*784 : (i+1)*784]
		left, right, top, bottom := 28, -1, 28, -1
		for k, v := range x {
			if v > 100 {
				left, right, top, bottom = min(left, k%28), max(right, k%28), min(top, k/28), max(bottom, k/28)
			}
		}
		w, h := float64(right-left+1), float64(bottom-top+1)
		wide, high, long, squares = wide+w, high+h, long+max(w, h), squares+(w-h)*(w-h)
	}
	if mean := long / float64(n); mean <= 17 || mean >= 23 {
		return false, false // no such characters
	}
	// By how many standard errors of the mean they are wider than high.
	mean := (wide - high) / float64(n)
	sigmas := mean / math.Sqrt(max(squares/float64(n)-mean*mean, 1e-9)/float64(n))
	switch {
	case sigmas > 3 && wide > 1.1*high:
		return true, false
	case sigmas < -3 && n >= leastSure:
		return false, false
	}
	return false, true
}

// leastSure is how many characters tell whether they stand.
const leastSure = 20

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
