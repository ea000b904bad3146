package data

import (
	"fmt"
	"sort"
	"sync"
)

// Joined is a Dataset of the pictures of several, one set after the other.
type Joined struct {
	name  string
	sets  []Dataset
	ends  []int // where each set's pictures end
	shape Shape
}

// Join returns the pictures of all sets, which must not be changed. It panics
// without sets, and when their shapes differ.
func Join(name string, sets ...Dataset) *Joined {
	j := &Joined{name: name, sets: sets, shape: sets[0].Shape()}
	n := 0
	for _, s := range sets {
		if s.Shape() != j.shape {
			panic(fmt.Sprintf("data: %s has pictures of %v, %s of %v", s.Name(), s.Shape(), sets[0].Name(), j.shape))
		}
		n += s.Len()
		j.ends = append(j.ends, n)
	}
	return j
}

// Name implements Dataset.
func (j *Joined) Name() string { return j.name }

// Shape implements Dataset.
func (j *Joined) Shape() Shape { return j.shape }

// Len implements Dataset.
func (j *Joined) Len() int { return j.ends[len(j.ends)-1] }

// Label implements Dataset.
func (j *Joined) Label(i int) int {
	s, k := j.find(i)
	return s.Label(k)
}

// Batch implements Dataset.
func (j *Joined) Batch(dst []float32, index []int) {
	n := j.shape.Len()
	checkBatch(dst, index, n)
	one := oneIndex.Get().(*[1]int)
	defer oneIndex.Put(one)
	for k, i := range index {
		s, at := j.find(i)
		one[0] = at
		s.Batch(dst[k*n:(k+1)*n], one[:])
	}
}

// oneIndex is where Batch puts the number of a picture, so as not to allocate.
var oneIndex = sync.Pool{New: func() any { return new([1]int) }}

// find returns the set of picture i and its place there.
func (j *Joined) find(i int) (Dataset, int) {
	if i < 0 || i >= j.Len() {
		panic("data: index outside the joined sets")
	}
	k := sort.SearchInts(j.ends, i+1)
	if k > 0 {
		i -= j.ends[k-1]
	}
	return j.sets[k], i
}
