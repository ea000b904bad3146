package computetest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"inkdrift/vae/compute"
)

// windows are those at which runs of pixels begin and end everywhere: one and
// many channels, windows of one pixel, larger than the picture, and so far over
// its edge that nothing lies under them.
var windows = []compute.Window{
	{Height: 1, Width: 1, Channels: 1, Kernel: 1, Stride: 1},
	{Height: 4, Width: 5, Channels: 1, Kernel: 3, Stride: 1, Padding: 1},
	{Height: 5, Width: 4, Channels: 1, Kernel: 3, Stride: 2, Padding: 1},
	{Height: 7, Width: 6, Channels: 2, Kernel: 3, Stride: 2, Padding: 1},
	{Height: 6, Width: 7, Channels: 3, Kernel: 2, Stride: 3},
	{Height: 9, Width: 8, Channels: 5, Kernel: 4, Stride: 3, Padding: 2},
	{Height: 3, Width: 2, Channels: 7, Kernel: 5, Stride: 1, Padding: 2},
	{Height: 2, Width: 3, Channels: 1, Kernel: 6, Stride: 2, Padding: 4},
	{Height: 3, Width: 3, Channels: 2, Kernel: 2, Stride: 1, Padding: 3},
	{Height: 2, Width: 9, Channels: 4, Kernel: 2, Stride: 5, Padding: 1},
	{Height: 7, Width: 7, Channels: 16, Kernel: 3, Stride: 2, Padding: 1},
	{Height: 5, Width: 5, Channels: 33, Kernel: 3, Stride: 1, Padding: 1},
}

// under returns which number of a picture, channels last, number j of the row of
// columns at place (oy, ox) is; -1 for none.
func under(w compute.Window, oy, ox, j int) int {
	ky, kx, c := j/w.Channels/w.Kernel, j/w.Channels%w.Kernel, j%w.Channels
	y, x := oy*w.Stride+ky-w.Padding, ox*w.Stride+kx-w.Padding
	if ky >= w.Kernel || y < 0 || y >= w.Height || x < 0 || x >= w.Width {
		return -1
	}
	return (y*w.Width+x)*w.Channels + c
}

// checkWindows compares Im2col and Col2im with the definition, to the last bit:
// both only copy, or add in a fixed order.
func checkWindows(t *testing.T, b compute.Backend) {
	r := rand.New(rand.NewPCG(11, 12))
	specials := []float32{float32(math.NaN()), float32(math.Inf(1)), 1e-40, float32(math.Copysign(0, -1)), math.MaxFloat32}
	draw := func(n, shift int) buffer {
		x := newBuffer(n, shift)
		for i := range x.data {
			x.data[i] = float32(r.NormFloat64())
			if r.IntN(9) == 0 {
				x.data[i] = specials[r.IntN(len(specials))]
			}
		}
		return x
	}
	for i, w := range windows {
		for _, n := range []int{0, 1, 3} {
			what := fmt.Sprintf("%d pictures, %+v", n, w)
			if w.Rows()*w.RowLen() != w.ColumnsLen() || w.RowLen()%4 != 0 || w.RowLen()-w.Used() > 3 || w.RowLen() < w.Used() {
				t.Fatalf("%s: %d rows of %d for %d numbers", what, w.Rows(), w.RowLen(), w.ColumnsLen())
			}
			picture, columns := draw(n*w.PictureLen(), i%4), newBuffer(n*w.ColumnsLen(), (i+n)%4)
			want := make([]float32, len(columns.data))
			before := append([]float32(nil), picture.data...)
			each(w, n, func(at, from int) { want[at] = picture.data[from] })
			b.Im2col(columns.data, picture.data, w)
			sameNumbers(t, "Im2col of "+what, columns, want)
			sameNumbers(t, "Im2col's input of "+what, picture, before)

			// What is beyond the numbers in use must not count.
			columns = draw(n*w.ColumnsLen(), (i+n)%4)
			from := append([]float32(nil), columns.data...)
			each(w, n, func(at, to int) { before[to] += columns.data[at] })
			b.Col2im(picture.data, columns.data, w)
			sameNumbers(t, "Col2im of "+what, picture, before)
			sameNumbers(t, "Col2im's input of "+what, columns, from)
			if t.Failed() {
				return
			}
		}
	}
	t.Run("lengths", func(t *testing.T) {
		w := windows[3]
		for _, d := range [][2]int{{0, 1}, {1, 0}, {0, -1}, {-1, 0}, {w.PictureLen(), 0}} {
			picture, columns := newBuffer(w.PictureLen()+d[0], 0), newBuffer(w.ColumnsLen()+d[1], 1)
			if !panics(func() { b.Im2col(columns.data, picture.data, w) }) || !panics(func() { b.Col2im(picture.data, columns.data, w) }) {
				t.Errorf("lengths that are %d off did not panic", d)
			}
			picture.check(t, "wrong lengths")
			columns.check(t, "wrong lengths")
		}
		for _, w := range []compute.Window{{}, {Height: 2, Width: 2, Channels: 1, Kernel: 3, Stride: 1}, {Height: 2, Width: 2, Channels: 1, Kernel: 1},
			{Height: 2, Width: 2, Channels: 1, Kernel: 1, Stride: 1, Padding: -1}, {Height: 2, Width: 0, Channels: 1, Kernel: 1, Stride: 1, Padding: 1}} {
			if !panics(func() { b.Im2col(nil, nil, w) }) || !panics(func() { b.Col2im(nil, nil, w) }) {
				t.Errorf("%+v did not panic", w)
			}
		}
	})
}

// each calls body for every number of the columns of n pictures that is one of
// the pictures', in order.
func each(w compute.Window, n int, body func(at, picture int)) {
	rowLen, wide := (w.Kernel*w.Kernel*w.Channels+3)/4*4, (w.Width+2*w.Padding-w.Kernel)/w.Stride+1
	rows := ((w.Height+2*w.Padding-w.Kernel)/w.Stride + 1) * wide
	for i := range n * rows * rowLen {
		row := i / rowLen
		if p := under(w, row%rows/wide, row%wide, i%rowLen); p >= 0 {
			body(i, row/rows*w.Height*w.Width*w.Channels+p)
		}
	}
}

// checkTranspose compares Transpose with the definition.
func checkTranspose(t *testing.T, b compute.Backend) {
	for i, d := range [][3]int{{0, 3, 4}, {1, 1, 1}, {2, 1, 9}, {3, 9, 1}, {1, 4, 4}, {2, 5, 7}, {2, 8, 6}, {3, 3, 64}, {1, 49, 64}, {2, 64, 9}} {
		n, rows, cols := d[0], d[1], d[2]
		src, dst := newBuffer(n*rows*cols, i%4), newBuffer(n*rows*cols, (i/4)%4)
		want := make([]float32, len(src.data))
		for j := range src.data {
			src.data[j] = float32(j) - 0.5
			m, r, c := j/(rows*cols), j/cols%rows, j%cols
			want[m*rows*cols+c*rows+r] = src.data[j]
		}
		before := append([]float32(nil), src.data...)
		b.Transpose(dst.data, src.data, rows, cols)
		sameNumbers(t, fmt.Sprint("Transpose ", d), dst, want)
		sameNumbers(t, fmt.Sprint("input of Transpose ", d), src, before)
	}
	x, y := newBuffer(12, 0), newBuffer(12, 1)
	for _, f := range []func(){
		func() { b.Transpose(x.data[:11], y.data, 3, 4) },
		func() { b.Transpose(x.data, y.data[:11], 3, 4) },
		func() { b.Transpose(x.data, y.data, 5, 4) },
		func() { b.Transpose(x.data, y.data, 0, 4) },
		func() { b.Transpose(x.data, y.data, -3, -4) },
	} {
		if !panics(f) {
			t.Error("a matrix that does not fit did not panic")
		}
	}
	x.check(t, "Transpose")
	y.check(t, "Transpose")
}

// sameNumbers fails unless x holds the bits of want between untouched guards.
func sameNumbers(t *testing.T, what string, x buffer, want []float32) {
	t.Helper()
	x.check(t, what)
	for i, v := range want {
		if !sameBits(x.data[i], v) {
			t.Fatalf("%s: number %d is %v instead of %v", what, i, x.data[i], v)
		}
	}
}
