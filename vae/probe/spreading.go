package probe

import (
	"fmt"
	"math"

	"inkdrift/vae/compute"
)

// Spreading classifies points by the few of them that have labels: scores of
// the classes spread, step by step, from each point to the points most similar
// to it (label propagation: Zhu, Ghahramani and Lafferty 2003, with the
// normalised graph of Zhou et al. 2004). Points with labels keep theirs.
//
// The graph joins each point with its K neighbours, and weighs an edge by
// exp(-d / s), d the squared distance and s that to the last of the K, halved
// where only one of two is the other's neighbour. Classes come out as frequent as
// they are among the labels (class mass normalisation, ibid.).
type Spreading struct {
	k, classes int
	start      []int32   // where the edges of a point begin; one more than points
	to         []int32   // the other end of each edge
	weight     []float32 // of each edge, divided by the roots of both ends' degrees
	root       []float32 // of each point's degree
	labels     []int
	scores     []float32 // [points, classes]
	next       []float32
	mass       []float32 // by class
}

// spreadingAlpha is the part of a point's scores that it passes on in a step.
const spreadingAlpha = 0.99

// NewSpreading makes the graph of points from what [Neighbours].Find has written
// of all of them. The error is a *FeatureError.
func NewSpreading(index []int32, distance []float32, k int) (*Spreading, error) {
	if k < 1 || len(index) == 0 || len(index)%k != 0 || len(distance) != len(index) {
		return nil, &FeatureError{"neighbours", fmt.Sprintf("are %d, with %d distances, in rows of %d", len(index), len(distance), k)}
	}
	n := len(index) / k
	s := &Spreading{
		k: k, start: make([]int32, n+1), to: make([]int32, 2*len(index)), weight: make([]float32, 2*len(index)), root: make([]float32, n),
	}
	for e, j := range index {
		if j < 0 || int(j) >= n {
			return nil, &FeatureError{"neighbours", fmt.Sprintf("have %d in row %d; the points are 0 to %d", j, e/k, n-1)}
		}
		s.start[e/k+1]++
		s.start[j+1]++
	}
	for i := range n {
		s.start[i+1] += s.start[i]
	}
	at := append([]int32{}, s.start[:n]...)
	put := func(i, j int32, w float32) {
		s.to[at[i]], s.weight[at[i]] = j, w
		at[i]++
		s.root[i] += w
	}
	for i := range n {
		near := distance[i*k : (i+1)*k]
		for e, d := range near {
			w := likeness(d, near[k-1]) / 2
			put(int32(i), index[i*k+e], w)
			put(index[i*k+e], int32(i), w)
		}
	}
	for i, v := range s.root {
		s.root[i] = float32(math.Sqrt(float64(v)))
	}
	for i := range n {
		for e := s.start[i]; e < s.start[i+1]; e++ {
			s.weight[e] /= s.root[i] * s.root[s.to[e]]
		}
	}
	return s, nil
}

// likeness weighs an edge of squared length d where the longest has the squared
// length scale.
func likeness(d, scale float32) float32 {
	if scale <= 0 {
		return 1 // all are alike
	}
	return compute.Exp(-d / scale)
}

// Len is the number of points.
func (s *Spreading) Len() int { return len(s.root) }

// Begin resets the scores and labels the points, 0 to classes-1; a negative
// label is none. It keeps labels. The error is a *FeatureError.
func (s *Spreading) Begin(labels []int, classes int) error {
	if len(labels) != s.Len() || classes < 2 {
		return &FeatureError{"labels", fmt.Sprintf("are %d of %d classes for %d points", len(labels), classes, s.Len())}
	}
	if classes != s.classes {
		s.classes = classes
		s.scores, s.next = make([]float32, s.Len()*classes), make([]float32, s.Len()*classes)
		s.mass = make([]float32, classes)
	}
	s.labels = labels
	clear(s.scores)
	clear(s.mass)
	for i, l := range labels {
		if l >= classes {
			return &FeatureError{"labels", fmt.Sprintf("have %d for point %d; the classes are 0 to %d", l, i, classes-1)}
		}
		if l >= 0 {
			s.scores[i*classes+l] = 1
			s.mass[l]++
		}
	}
	for c, m := range s.mass {
		if m == 0 {
			return &FeatureError{"labels", fmt.Sprintf("have none of class %d", c)}
		}
	}
	return nil
}

// Step spreads the scores once along all edges.
func (s *Spreading) Step() {
	k := s.classes
	for i, l := range s.labels {
		row := s.next[i*k:][:k]
		clear(row)
		if l >= 0 {
			row[l] = 1
			continue
		}
		for e := s.start[i]; e < s.start[i+1]; e++ {
			w := spreadingAlpha * s.weight[e]
			for c, v := range s.scores[int(s.to[e])*k:][:k] {
				row[c] += w * v
			}
		}
	}
	s.scores, s.next = s.next, s.scores
}

// Balance scales the scores so that classes are as frequent in their sum as
// among the labels. No Step follows it.
func (s *Spreading) Balance() {
	k := s.classes
	sum := make([]float64, k)
	for i := 0; i < len(s.scores); i += k {
		for c, v := range s.scores[i:][:k] {
			sum[c] += float64(v)
		}
	}
	for c, m := range s.mass {
		s.next[c] = m / float32(sum[c])
	}
	for i := 0; i < len(s.scores); i += k {
		row := s.scores[i:][:k]
		for c := range row {
			row[c] *= s.next[c]
		}
	}
}

// Vote returns the class of a row that is none of the points, from the scores
// of its K nearest points, whose numbers and squared distances are as
// [Neighbours].Find writes them. It is -1 if all scores are 0.
func (s *Spreading) Vote(index []int32, distance []float32) int {
	k := s.classes
	votes := s.next[:k]
	clear(votes)
	for e, j := range index {
		w := likeness(distance[e], distance[s.k-1]) / s.root[j]
		for c, v := range s.scores[int(j)*k:][:k] {
			votes[c] += w * v
		}
	}
	best, top := -1, float32(0)
	for c, v := range votes {
		if v > top {
			best, top = c, v
		}
	}
	return best
}
