package files

import (
	"bytes"
	"errors"
	"slices"
	"strings"

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
