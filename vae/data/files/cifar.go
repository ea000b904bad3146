package files

import (
	"bytes"
	"io"
	"path"
	"strconv"
	"strings"

	"inkdrift/vae/data"
	"inkdrift/vae/data/album"
)

// The binary versions of CIFAR-10 and CIFAR-100, as the page of A. Krizhevsky describes them
// (https://www.cs.toronto.edu/~kriz/cifar.html): records of one class, or of a coarse and a fine one, and 3,072 bytes of red,
// green and blue.
const (
	cifarPixels = 3 * 32 * 32
	cifarMost   = 80_000 // records
)

// batch is a file of records.
type batch struct {
	item
	classes int // 10 or 100
	records int
	content []byte
}

// wholeRecords tells whether so many bytes may be records.
func wholeRecords(size int64) bool {
	return size > 0 && (size%(1+cifarPixels) == 0 || size%(2+cifarPixels) == 0)
}

// openBatch tells whether a file is one of records, by its length and every class in it; nil if it is not.
func openBatch(it item) (*batch, error) {
	if it.size == 0 || it.size > cifarMost*(2+cifarPixels) || len(it.head) == 0 {
		return nil, nil
	}
	may := func(record, labels int) bool { // by what is known before it is read
		for at := 0; at+labels <= len(it.head); at += record {
			if !isRecord(it.head[at:], labels) {
				return false
			}
		}
		return true
	}
	ten, hundred := may(1+cifarPixels, 1), may(2+cifarPixels, 2)
	if !ten && !hundred {
		return nil, nil
	}
	r, err := it.open()
	if err != nil {
		return nil, err
	}
	const most = cifarMost * (2 + cifarPixels)
	var b bytes.Buffer
	if it.size > 0 {
		b.Grow(int(it.size) + bytes.MinRead)
	}
	if _, err := b.ReadFrom(io.LimitReader(r, most+1)); err != nil {
		return nil, fileError(err)
	}
	content := b.Bytes()
	for _, c := range []struct {
		may                     bool
		classes, labels, record int
	}{{ten, 10, 1, 1 + cifarPixels}, {hundred, 100, 2, 2 + cifarPixels}} {
		if !c.may || len(content)%c.record != 0 || len(content) > cifarMost*c.record {
			continue
		}
		all := true
		for at := 0; at < len(content) && all; at += c.record {
			all = isRecord(content[at:], c.labels)
		}
		if all {
			return &batch{it, c.classes, len(content) / c.record, content}, nil
		}
	}
	if strings.HasPrefix(strings.TrimSuffix(strings.ToLower(path.Ext(it.name)), ".gz"), ".bin") && len(content) > 1+cifarPixels && content[1+cifarPixels] < 10 {
		return nil, data.NewFileError("pictures", data.ErrTruncated, adviceAgain, "%d bytes are no whole number of records", len(content))
	}
	return nil, nil
}

func isRecord(b []byte, labels int) bool {
	return labels == 1 && b[0] < 10 || labels == 2 && b[0] < 20 && b[1] < 100
}

// isTest tells a file for the test by its name.
func (b *batch) isTest() bool {
	p := partOfName(path.Base(b.name))
	return p == test || p == unknown && partOfName(b.outer) == test
}

// versionOf tells which version has more records, and how many.
func versionOf(batches []*batch) (classes, records int) {
	var of [2]int
	for _, b := range batches {
		of[b.classes/100] += b.records
	}
	if of[1] > of[0] {
		return 100, of[1]
	}
	return 10, of[0]
}

// takeBatches makes a set of batches: of those of the version that has more. Copies of one are taken once.
func (s *searcher) takeBatches(batches []*batch) (*Found, error) {
	classes, _ := versionOf(batches)
	f := &Found{Kind: Batches, Shape: data.Shape{C: 3, H: 32, W: 32}}
	var taken []*batch
	for _, b := range batches {
		switch {
		case b.classes != classes:
			s.pass(b.name, data.NewFileError("set", ErrOtherSet, "choose it alone", ""))
		case copied(taken, b):
			s.pass(b.name, data.NewFileError("content", ErrDuplicate, "choose one of them", ""))
		default:
			taken = append(taken, b)
		}
	}
	for _, b := range taken {
		part := &f.Train
		if b.isTest() {
			part = &f.Test
		}
		if err := s.yield(0); err != nil {
			return nil, err
		}
		if int64(len(f.Train.Pixels)+len(f.Test.Pixels)+b.records*cifarPixels) > s.Limits.Bytes || part.Count+b.records > cifarMost {
			return nil, tooLarge("more than %d pictures", cifarMost)
		}
		labels := 1 + classes/100
		for at := 0; at < len(b.content); at += labels + cifarPixels {
			part.Labels = append(part.Labels, b.content[at+labels-1])
			part.Pixels = append(part.Pixels, b.content[at+labels:at+labels+cifarPixels]...)
		}
		part.Count += b.records
		b.content, b.open = nil, nil // it may be large
	}
	if f.Train.Count == 0 {
		f.Train, f.Test = f.Test, Part{}
	}
	f.Classes = data.CIFAR10().Classes
	if classes == 100 {
		f.Classes = s.fineNames()
	}
	return f, nil
}

func copied(taken []*batch, b *batch) bool {
	for _, t := range taken {
		if bytes.Equal(t.content, b.content) {
			return true
		}
	}
	return false
}

// fineNames gives the names of CIFAR-100's classes, from the file that comes with them, else their numbers.
func (s *searcher) fineNames() []string {
	var names []string
	for i, it := range s.items {
		lines := strings.Fields(string(it.head))
		if it.format.Kind == data.FormatText && len(lines) == 100 && strings.Contains(path.Base(it.name), "fine") {
			names = lines
			s.items = append(s.items[:i:i], s.items[i+1:]...) // it was of use
			s.passed = deleteNamed(s.passed, it.name)
			break
		}
	}
	for k := len(names); k < 100; k++ {
		names = append(names, strconv.Itoa(k))
	}
	return names
}

func deleteNamed(list []album.Rejected, name string) []album.Rejected {
	for i, r := range list {
		if r.Name == name {
			return append(list[:i:i], list[i+1:]...)
		}
	}
	return list
}
