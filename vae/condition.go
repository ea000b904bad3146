package vae

import "slices"

// OneHot writes a row of classes numbers for each label, 1 in the place of the
// label and 0 elsewhere: len(dst) = len(labels)*classes. Errors are *LengthError
// and *LabelError.
func OneHot(dst []float32, labels []int, classes int) error {
	if err := wantLen("dst", dst, len(labels)*classes); err != nil {
		return err
	}
	if err := checkLabels(labels, classes); err != nil {
		return err
	}
	clear(dst)
	for i, l := range labels {
		dst[i*classes+l] = 1
	}
	return nil
}

// conditionedInput appends the one-hot class to each row, for networks that are conditioned on it. With no classes it
// does nothing.
type conditionedInput struct {
	width, classes int
	rows, grad     []float32
}

// concat gives rows of width+classes numbers: n rows of x with one row of y
// after the other, over and over. The result is valid until the next call.
func (j *conditionedInput) concat(x, y []float32, n int) []float32 {
	if j.classes == 0 {
		return x
	}
	w, k := j.width, j.classes
	j.rows = grow(j.rows, n*(w+k))
	for i := range n {
		row := j.rows[i*(w+k):][:w+k]
		copy(row, x[i*w:][:w])
		at := i * k % len(y)
		copy(row[w:], y[at:][:k])
	}
	return j.rows
}

// inputGradient returns the part of the gradient of n concatenated rows that
// belongs to x.
func (j *conditionedInput) inputGradient(d []float32, n int) []float32 {
	if j.classes == 0 {
		return d
	}
	w := j.width
	j.grad = grow(j.grad, n*w)
	for i := range n {
		copy(j.grad[i*w:][:w], d[i*(w+j.classes):])
	}
	return j.grad
}

// grow returns x with length n and unspecified content.
func grow(x []float32, n int) []float32 { return slices.Grow(x[:0], n)[:n] }
