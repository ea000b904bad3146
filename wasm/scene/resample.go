package scene

import "math"

// taps says how a line of pixels is made of another: output i is the sum of
// weights[i*n+k] times input index[i*n+k], k from 0 to n-1.
type taps struct {
	n       int
	index   []int
	weights []float32
}

// change is a pair of lengths.
type change struct{ from, to int }

// resampler changes the size of pictures. It keeps its tables and its scratch
// memory, so it is for one goroutine.
type resampler struct {
	tables map[change]*taps
	middle []float32
}

// maxTables bounds what is kept while a window is being resized.
const maxTables = 64

// table makes or finds the taps for a change of length.
func (r *resampler) table(from, to int) *taps {
	key := change{from, to}
	if t := r.tables[key]; t != nil {
		return t
	}
	if r.tables == nil || len(r.tables) >= maxTables {
		r.tables = make(map[change]*taps)
	}
	t := makeTaps(from, to)
	r.tables[key] = t
	return t
}

// makeTaps samples the kernel. Shrinking widens it, so that every input counts;
// beyond the borders the outermost input is repeated.
func makeTaps(from, to int) *taps {
	step := float64(from) / float64(to)
	widen := max(1, step)
	n := int(math.Ceil(2 * kernelRadius * widen))
	t := &taps{n: n, index: make([]int, to*n), weights: make([]float32, to*n)}
	for i := range to {
		centre := (float64(i)+0.5)*step - 0.5
		first := int(math.Ceil(centre - kernelRadius*widen))
		sum := 0.0
		for k := range n {
			sum += kernel((float64(first+k) - centre) / widen)
		}
		for k := range n {
			t.index[i*n+k] = min(max(first+k, 0), from-1)
			t.weights[i*n+k] = float32(kernel((float64(first+k)-centre)/widen) / sum)
		}
	}
	return t
}

// kernelRadius is where the kernel ends.
const kernelRadius = 2

// kernel is the cubic B-spline, the softest of the cubics of Mitchell and
// Netravali, "Reconstruction filters in computer graphics" (1988). A linear
// filter shows stars and squares, and cubics that keep more detail show each of
// the few pixels along a slanted line as a step. The tone curve restores the
// sharpness, see inked.
func kernel(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x < 1:
		return (3*x*x*x - 6*x*x + 4) / 6
	case x < kernelRadius:
		return (2 - x) * (2 - x) * (2 - x) / 6
	}
	return 0
}

// resize fills dst, dw x dh values, with the picture src, sw x sh values.
func (r *resampler) resize(dst []float32, dw, dh int, src []float32, sw, sh int) {
	if dw == sw && dh == sh {
		copy(dst, src[:sw*sh])
		return
	}
	across, down := r.table(sw, dw), r.table(sh, dh)
	if cap(r.middle) < dw*sh {
		r.middle = make([]float32, dw*sh)
	}
	middle := r.middle[:dw*sh]
	for y := range sh {
		in, out := src[y*sw:(y+1)*sw], middle[y*dw:(y+1)*dw]
		for x := range out {
			index, weights := across.index[x*across.n:(x+1)*across.n], across.weights[x*across.n:]
			sum := float32(0)
			for k, i := range index {
				sum += weights[k] * in[i]
			}
			out[x] = sum
		}
	}
	for y := range dh {
		out := dst[y*dw : (y+1)*dw]
		index, weights := down.index[y*down.n:(y+1)*down.n], down.weights[y*down.n:(y+1)*down.n]
		line := func(k int) []float32 { return middle[index[k]*dw:][:len(out)] }
		if down.n == 4 { // enlarging, the case that has to be fast
			a, b, c, d := line(0), line(1), line(2), line(3)
			wa, wb, wc, wd := weights[0], weights[1], weights[2], weights[3]
			for x := range out {
				out[x] = wa*a[x] + wb*b[x] + wc*c[x] + wd*d[x]
			}
			continue
		}
		clear(out)
		for k, w := range weights {
			for x, v := range line(k) {
				out[x] += w * v
			}
		}
	}
}

// repeat fills dst, k*w x k*h values, with src, w x h values, each k x k times.
func repeat(dst, src []float32, w, h, k int) {
	for y := range h {
		first := dst[y*k*w*k : (y*k+1)*w*k]
		for x, v := range src[y*w : (y+1)*w] {
			for j := range k {
				first[x*k+j] = v
			}
		}
		for j := 1; j < k; j++ {
			copy(dst[(y*k+j)*w*k:], first)
		}
	}
}
