package nn

import (
	"unsafe"

	"gonum.org/v1/gonum/blas/blas32"
)

// Leaves is the number of parts that a batch is cut into for the gradients of
// convolutions: leaf i has the pictures from i*batch/Leaves to
// (i+1)*batch/Leaves. A gradient is the sum over the pictures of each leaf, in
// order, added up along a fixed tree (see whole). So it has the same bits
// however many workers share the batch, as long as shares are whole leaves.
//
// Twelve can be dealt out evenly to two, three and four.
const Leaves = 12

// leastPictures is the least length of a batch that is cut, and so the least
// share of four. A product with one or two rows may add up in another order.
const leastPictures = 12

// Reduction is how the gradients of the pictures of a batch become one.
//
// A worker that has only a share of a batch collects what the gradients are made
// of: rows of the input and of the gradient of the output of each Dense layer,
// and sums over leaves of each convolution. When the operands of all shares are
// together, Reduce computes the gradient, or a stretch of it, just as if one
// worker had done the whole batch: with the same bits.
type Reduction struct {
	// first, count and batch tell which pictures of a batch a pass is of; batch is
	// 0 outside of one.
	first, count, batch int

	rank, shares int // of those who collect; shares is 0 for none
	whole        int // pictures of the batch that they share
	pieces       []span
	before       []int // pieces of lower ranks
	calls        []call
	data         []float32

	stack []span // while sums are added up, with
	index []int  // the number of the first piece of each
}

// span is a run of leaves, from lo up to hi.
type span struct{ lo, hi int }

// whole reports whether the sum over s is a node of the tree: leaves are added
// in pairs, pairs to fours, and the three fours from left to right.
func (s span) whole() bool {
	switch s.hi - s.lo {
	case 1:
		return true
	case 2:
		return s.lo%2 == 0
	case 4:
		return s.lo%4 == 0
	}
	return s.lo == 0 && (s.hi == 8 || s.hi == Leaves)
}

// push appends a span to a stack and merges what the tree adds up; add is told
// that the sum at index i+1 of the stack is to be added to that at i.
func push(stack []span, s span, add func(i int)) []span {
	stack = append(stack, s)
	for n := len(stack); n > 1 && (span{stack[n-2].lo, stack[n-1].hi}).whole(); n = len(stack) {
		add(n - 2)
		stack[n-2].hi = stack[n-1].hi
		stack = stack[:n-1]
	}
	return stack
}

// call is a Backward whose gradient is put off.
type call struct {
	dense        *Dense  // or
	conv         *filter // the layer
	weight, bias bool    // which of them is not frozen
	// Of a Dense layer: rows of x and dy of the whole batch, where they begin in
	// data, and where x was copied from.
	rows, x, dy int
	from        *float32
	// Of a convolution: where the sums over the pieces begin.
	sums int
}

// Shares is how many workers of size take part in a step with so many pictures.
func Shares(size, batch int) int {
	switch {
	case batch < leastPictures:
		return 1
	case batch < 3*Leaves:
		return min(size, 4)
	}
	return min(size, Leaves)
}

// Share returns the pictures of a batch, from lo up to hi, that belong to a rank
// of size workers; none for a rank of at least Shares.
func Share(rank, size, batch int) (lo, hi int) {
	n := Shares(size, batch)
	if rank >= n {
		return batch, batch
	}
	return rank * Leaves / n * batch / Leaves, (rank + 1) * Leaves / n * batch / Leaves
}

// Collect prepares for a step with the share of a rank of size workers: gradients
// are put off if it is not the whole batch.
func (r *Reduction) Collect(rank, size, batch int) {
	r.rank, r.shares, r.whole, r.calls = rank, Shares(size, batch), batch, r.calls[:0]
	r.data = r.data[:0]
	if r.shares == 1 {
		r.shares = 0
		return
	}
	r.pieces, r.before = r.pieces[:0], r.before[:0]
	for i := range r.shares {
		r.before = append(r.before, len(r.pieces))
		at := len(r.pieces)
		for leaf := i * Leaves / r.shares; leaf < (i+1)*Leaves/r.shares; leaf++ {
			r.pieces = append(r.pieces[:at], push(r.pieces[at:], span{leaf, leaf + 1}, func(int) {})...)
		}
	}
	r.before = append(r.before, len(r.pieces))
}

// Begin tells that the rows of the passes that follow belong to count pictures of
// a batch, from first on: a pass has one row for each, or several times that many,
// the same pictures over and over.
func (r *Reduction) Begin(first, count, batch int) { r.first, r.count, r.batch = first, count, batch }

// End tells that these passes have ended.
func (r *Reduction) End() { r.batch = 0 }

// collecting reports whether gradients are put off.
func (r *Reduction) collecting() bool { return r != nil && r.shares > 1 && r.batch > 0 }

// take makes room for n more numbers in data and returns where they begin.
func (r *Reduction) take(n int) int {
	at := len(r.data)
	if at+n > cap(r.data) {
		r.data = append(r.data, make([]float32, n)...)
	}
	r.data = r.data[:at+n]
	return at
}

// Len is how many numbers the operands of all workers are.
func (r *Reduction) Len() int { return len(r.data) }

// Operands calls visit for every stretch of what the gradients of a rank's
// pictures are made of, in an order that all workers have: to send the own ones,
// and to put in those of others. The stretches stay in place until the next
// Backward. Visit is told where a stretch begins among the operands of all, which
// is even where x begins at an address that eight divides.
func (r *Reduction) Operands(rank int, visit func(at int, x []float32)) {
	if rank >= r.shares {
		return
	}
	first, last := Share(rank, r.shares, r.whole)
	stretch := func(at, rows, width int) {
		for end := at + rows*width; at < end; at += r.whole * width {
			visit(at+first*width, r.data[at+first*width:at+last*width])
		}
	}
	for i, c := range r.calls {
		if c.conv != nil {
			n := c.conv.sumLen()
			from, to := c.sums+r.before[rank]*n, c.sums+r.before[rank+1]*n
			visit(from, r.data[from:to])
			continue
		}
		if i == 0 || r.calls[i-1].dense == nil || r.calls[i-1].x != c.x {
			stretch(c.x, c.rows, c.dense.in)
		}
		stretch(c.dy, c.rows, c.dense.out)
	}
}

// addDense puts off the gradient of a layer whose n rows of input are x and whose
// gradient before the activation is dy.
func (r *Reduction) addDense(d *Dense, x, dy []float32, n int) {
	c := call{dense: d, weight: !d.weight.frozen, bias: !d.bias.frozen, rows: n / r.count * r.whole, from: unsafe.SliceData(x)}
	// Layers side by side have the same input, which nothing has overwritten
	// between their ways back.
	if i := len(r.calls) - 1; i >= 0 && r.calls[i].dense != nil && r.calls[i].from == c.from && r.calls[i].rows == c.rows {
		c.x = r.calls[i].x
	} else {
		c.x = r.copyRows(x, n, d.in)
	}
	c.dy = r.copyRows(dy, n, d.out)
	r.calls = append(r.calls, c)
}

// copyRows puts n rows of the share where they belong among those of the whole
// batch, and returns where these begin.
func (r *Reduction) copyRows(x []float32, n, width int) int {
	at := r.take(n / r.count * r.whole * width)
	for b := range n / r.count {
		copy(r.data[at+(b*r.whole+r.first)*width:], x[b*r.count*width:][:r.count*width])
	}
	return at
}

// addConv puts off the gradient of a convolution with these sums over its leaves.
func (r *Reduction) addConv(f *filter) {
	n, first := f.sumLen(), r.before[r.rank]
	if mine := r.before[r.rank+1] - first; len(f.stack) != mine {
		panic("nn: a share that is not made of whole leaves")
	}
	c := call{conv: f, weight: !f.weight.frozen, bias: !f.bias.frozen, sums: r.take(len(r.pieces) * n)}
	for i := range f.stack {
		copy(r.data[c.sums+(first+i)*n:][:n], f.sums[i])
	}
	r.calls = append(r.calls, c)
}

// Slice calls visit for the stretches of the arena, from lo up to hi, whose
// gradient a rank computes in Reduce; there is none for a rank without a share.
// The slices of all ranks make up the arena. Each has as many rows of a matrix as
// any other: what a row costs depends on how many zeros its layer meets.
func (r *Reduction) Slice(a *Arena, rank int, visit func(lo, hi int)) {
	n := max(r.shares, 1)
	if rank >= n {
		return
	}
	for at, p := range a.each() {
		size := p.Len()
		if p.unit == 0 {
			if (2*at+size)*n/(2*len(a.W)) == rank {
				visit(at, at+size)
			}
			continue
		}
		rows := size / p.unit
		if lo, hi := rows*rank/n*p.unit, rows*(rank+1)/n*p.unit; lo < hi {
			visit(at+lo, at+hi)
		}
	}
}

// Reduce computes the gradient of the slice of this worker from the operands of
// all; those of the others must have been put in. If nothing was put off the
// gradient is there already. It may be called once.
func (r *Reduction) Reduce(a *Arena) {
	if r.shares == 0 {
		return
	}
	for _, c := range r.calls {
		r.Slice(a, r.rank, func(lo, hi int) {
			if c.dense != nil {
				c.dense.reduce(c, r.data, lo, hi)
			} else {
				c.conv.reduce(c, r, lo, hi)
			}
		})
	}
}

// sumPieces adds the sums over all pieces up, of the numbers from lo up to hi of
// each, into those of the first. There are width numbers from one to the next.
func (r *Reduction) sumPieces(at, width, lo, hi int) {
	r.stack, r.index = r.stack[:0], r.index[:0]
	numbers := func(i int) blas32.Vector { return vector(r.data[at+r.index[i]*width:][lo:hi]) }
	for i, s := range r.pieces {
		r.index = append(r.index, i)
		r.stack = push(r.stack, s, func(i int) {
			blas32.Axpy(1, numbers(i+1), numbers(i))
			r.index = r.index[:i+1]
		})
	}
}
