package probe

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// Neighbours finds, among points, those nearest to a row of numbers (Euclidean).
type Neighbours struct {
	dims, k int
	points  []float32 // [n, dims]
	norms   []float32 // squared, of points
	block   []float32 // products of rows and points
	worst   []float32 // of the k so far, by row
}

// Sizes of a product in Find: a piece of work of a few milliseconds, with SIMD.
const (
	neighbourRows   = 32
	neighbourPoints = 512
)

// NewNeighbours prepares to look for the k nearest of points, rows of dims
// numbers, which are kept and must not change. The error is a *FeatureError.
func NewNeighbours(points []float32, dims, k int) (*Neighbours, error) {
	switch {
	case dims < 1 || len(points) == 0 || len(points)%dims != 0:
		return nil, &FeatureError{"points", fmt.Sprintf("are %d numbers in rows of %d", len(points), dims)}
	case k < 1 || k >= len(points)/dims:
		return nil, &FeatureError{"neighbours", fmt.Sprintf("are %d of %d points", k, len(points)/dims)}
	}
	n := &Neighbours{
		dims: dims, k: k, points: points, norms: make([]float32, len(points)/dims),
		block: make([]float32, neighbourRows*neighbourPoints), worst: make([]float32, neighbourRows),
	}
	for i := range n.norms {
		n.norms[i] = squared(points[i*dims : (i+1)*dims])
	}
	return n, nil
}

func squared(x []float32) (sum float32) {
	for _, v := range x {
		sum += v * v
	}
	return sum
}

// K is how many neighbours there are of each row.
func (n *Neighbours) K() int { return n.k }

// Pieces is how often Find calls yield for so many rows.
func (n *Neighbours) Pieces(rows int) int {
	return (rows + neighbourRows - 1) / neighbourRows * ((len(n.norms) + neighbourPoints - 1) / neighbourPoints)
}

// Find writes the numbers of the points nearest to each row of x, the nearest
// first, to index, and their squared distances to distance, K for each row.
// Where row i is the point own+i itself, which is no neighbour of its own; with
// a negative own the rows are none of the points. Between pieces of work it calls
// yield, and gives up with the error that returns.
func (n *Neighbours) Find(index []int32, distance, x []float32, own int, yield func() error) error {
	rows := len(x) / n.dims
	for first := 0; first < rows; first += neighbourRows {
		end := first + neighbourRows
		if end > rows {
			end = rows
		}
		if err := n.find(index[first*n.k:end*n.k], distance[first*n.k:end*n.k], x[first*n.dims:end*n.dims], own+first, own >= 0, yield); err != nil {
			return err
		}
	}
	return nil
}

// find is Find for at most neighbourRows rows. Distances are without the squared
// norm of the row until the end: that is the same for all points.
func (n *Neighbours) find(index []int32, distance, x []float32, own int, excluded bool, yield func() error) error {
	rows, d, k := len(x)/n.dims, n.dims, n.k
	const far = 3e38
	for i := range distance {
		distance[i] = far
	}
	for r := range rows {
		n.worst[r] = far
	}
	a := blas32.General{Rows: rows, Cols: d, Stride: d, Data: x}
	for from := 0; from < len(n.norms); from += neighbourPoints {
		if err := yield(); err != nil {
			return err
		}
		norms := n.norms[from:]
		if len(norms) > neighbourPoints {
			norms = norms[:neighbourPoints]
		}
		b := blas32.General{Rows: len(norms), Cols: d, Stride: d, Data: n.points[from*d : (from+len(norms))*d]}
		c := blas32.General{Rows: rows, Cols: len(norms), Stride: len(norms), Data: n.block[:rows*len(norms)]}
		blas32.Gemm(blas.NoTrans, blas.Trans, -2, a, b, 0, c)
		for r := range rows {
			row, worst := c.Data[r*len(norms):][:len(norms)], n.worst[r]
			for j, v := range row {
				if v += norms[j]; v >= worst || excluded && from+j == own+r {
					continue
				}
				worst = insert(index[r*k:][:k], distance[r*k:][:k], int32(from+j), v)
			}
			n.worst[r] = worst
		}
	}
	for r := range rows {
		norm := squared(x[r*d : (r+1)*d])
		for i := range distance[r*k:][:k] {
			if distance[r*k+i] += norm; distance[r*k+i] < 0 {
				distance[r*k+i] = 0 // by rounding
			}
		}
	}
	return nil
}

// insert puts a point into its place among the nearest so far and returns the
// distance of the last of them.
func insert(index []int32, distance []float32, point int32, d float32) float32 {
	at := len(index) - 1
	for ; at > 0 && distance[at-1] > d; at-- {
		distance[at], index[at] = distance[at-1], index[at-1]
	}
	distance[at], index[at] = d, point
	return distance[len(index)-1]
}
