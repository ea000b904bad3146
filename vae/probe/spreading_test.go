package probe

import (
	"errors"
	"math"
	"slices"
	"testing"
)

func noRest() error { return nil }

func TestNeighboursByHand(t *testing.T) {
	n, err := NewNeighbours([]float32{0, 0, 3, 0, 0, 4, 10, 10}, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	index, distance := make([]int32, 8), make([]float32, 8)
	if err := n.Find(index, distance, []float32{0, 0, 3, 0, 0, 4, 10, 10}, 0, noRest); err != nil {
		t.Fatal(err)
	}
	if want := []int32{1, 2, 0, 2, 0, 1, 2, 1}; !slices.Equal(index, want) {
		t.Errorf("the neighbours are %v, want %v", index, want)
	}
	if want := []float32{9, 16, 9, 25, 16, 25, 136, 149}; !slices.Equal(distance, want) {
		t.Errorf("the squared distances are %v, want %v", distance, want)
	}
	if err := n.Find(index[:2], distance[:2], []float32{3, 1}, -1, noRest); err != nil || index[0] != 1 || distance[0] != 1 || index[1] != 0 {
		t.Errorf("of a row that is no point: %v %v, %v", index[:2], distance[:2], err)
	}
}

// TestNeighboursBesideAll compares Find, over several pieces, with a search of
// all distances, and checks that an error of yield ends it.
func TestNeighboursBesideAll(t *testing.T) {
	const points, rows, d, k = neighbourPoints + 100, neighbourRows + 5, 3, 4
	x, q := cloud(points, d, 1), cloud(rows, d, 2)
	n, err := NewNeighbours(x, d, k)
	if err != nil {
		t.Fatal(err)
	}
	index, distance := make([]int32, rows*k), make([]float32, rows*k)
	pieces := 0
	if err := n.Find(index, distance, q, -1, func() error { pieces++; return nil }); err != nil || pieces != n.Pieces(rows) {
		t.Fatalf("%d pieces of %d, %v", pieces, n.Pieces(rows), err)
	}
	for r := range rows {
		all := make([]float64, points)
		for j := range all {
			for c := range d {
				diff := float64(q[r*d+c] - x[j*d+c])
				all[j] += diff * diff
			}
		}
		slices.Sort(all)
		for e := range k {
			near(t, "squared distance", float64(distance[r*k+e]), all[e], 1e-4)
		}
	}
	stop, calls := errors.New("stop"), 0
	err = n.Find(index, distance, q, -1, func() error {
		if calls++; calls == 2 {
			return stop
		}
		return nil
	})
	if err != stop || calls != 2 {
		t.Errorf("%v after %d pieces", err, calls)
	}
}

// By hand: points 0, 1 and 2.5 on a line with one neighbour each. Edges 0-1
// (both ways) and 1-2 (one way) weigh e and e/2, e = exp(-1); degrees are e,
// 3e/2 and e/2. With labels at the ends the scores of point 1 are 0.99 /
// sqrt(3/2) and 0.99 (1/2) / sqrt(3/4) after each step.
func TestSpreadingByHand(t *testing.T) {
	n, err := NewNeighbours([]float32{0, 1, 2.5}, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	index, distance := make([]int32, 3), make([]float32, 3)
	if err := n.Find(index, distance, []float32{0, 1, 2.5}, 0, noRest); err != nil {
		t.Fatal(err)
	}
	s, err := NewSpreading(index, distance, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Begin([]int{0, -1, 1}, 2); err != nil {
		t.Fatal(err)
	}
	a, b := 0.99/math.Sqrt(1.5), 0.99*0.5/math.Sqrt(0.75)
	for range 3 {
		s.Step()
		for i, want := range []float64{1, 0, a, b, 0, 1} {
			near(t, "what is heard", float64(s.scores[i]), want, 1e-6)
		}
	}
	s.Balance()
	for i, want := range []float64{1 / (1 + a), 0, a / (1 + a), b / (1 + b), 0, 1 / (1 + b)} {
		near(t, "in balance", float64(s.scores[i]), want, 1e-6)
	}
	if got := s.Vote([]int32{1}, []float32{1}); got != 0 {
		t.Errorf("beside point 1 it is class %d", got)
	}
	if got := s.Vote([]int32{2}, []float32{0}); got != 1 {
		t.Errorf("on point 2 it is class %d", got)
	}
}

// TestSpreadingFollowsShape: two long rows of points, one label at the end of
// each. A nearest label would be wrong for half of them.
func TestSpreadingFollowsShape(t *testing.T) {
	const n = 40
	x, labels := make([]float32, 0, 4*n), make([]int, 2*n)
	for i := range 2 * n {
		x = append(x, float32(i%n)*0.5, float32(i/n)*3)
		labels[i] = -1
	}
	labels[0], labels[2*n-1] = 0, 1
	near, err := NewNeighbours(x, 2, 4)
	if err != nil {
		t.Fatal(err)
	}
	index, distance := make([]int32, 2*n*4), make([]float32, 2*n*4)
	if err := near.Find(index, distance, x, 0, noRest); err != nil {
		t.Fatal(err)
	}
	s, err := NewSpreading(index, distance, 4)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Begin(labels, 2); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		s.Step()
	}
	s.Balance()
	for i := range 2 * n {
		if got := s.Vote(index[i*4:][:4], distance[i*4:][:4]); got != i/n {
			t.Errorf("point %d of row %d is taken for one of row %d", i%n, i/n, got)
		}
	}
}

func TestSpreadingRefuses(t *testing.T) {
	field := func(err error) string {
		var f *FeatureError
		if !errors.As(err, &f) {
			return "none"
		}
		return f.Field
	}
	x := []float32{0, 1, 2}
	if _, err := NewNeighbours(x, 2, 1); field(err) != "points" {
		t.Error(err)
	}
	for _, k := range []int{0, 3} {
		if _, err := NewNeighbours(x, 1, k); field(err) != "neighbours" {
			t.Error(k, err)
		}
	}
	if _, err := NewSpreading([]int32{1, 0}, []float32{1}, 1); field(err) != "neighbours" {
		t.Error(err)
	}
	if _, err := NewSpreading([]int32{1, 2}, []float32{1, 1}, 1); field(err) != "neighbours" {
		t.Error(err)
	}
	s, err := NewSpreading([]int32{1, 0, 1}, []float32{1, 1, 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, labels := range [][]int{{0, 1}, {0, 1, 2}, {0, -1, 0}} {
		if err := s.Begin(labels, 2); field(err) != "labels" {
			t.Errorf("%v: %v", labels, err)
		}
	}
}
