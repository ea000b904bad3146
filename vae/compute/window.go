package compute

// Window is the geometry of a convolution: a square window that moves over
// pictures. Pictures are in the order height, width, channels, so that the
// channels of a pixel are side by side and the pixels under one row of the
// window are one run of numbers.
type Window struct {
	// Height, Width and Channels are the shape of a picture.
	Height, Width, Channels int
	// Kernel is the side of the window, Stride the distance between two of its
	// places, Padding how far it reaches over the picture's edges.
	Kernel, Stride, Padding int
}

// Places is how many places the window has on an axis of n pixels.
func (w Window) Places(n int) int { return (n+2*w.Padding-w.Kernel)/w.Stride + 1 }

// Rows is how many places the window has over one picture.
func (w Window) Rows() int { return w.Places(w.Height) * w.Places(w.Width) }

// Used is how many numbers of a picture the window covers.
func (w Window) Used() int { return w.Kernel * w.Kernel * w.Channels }

// RowLen is the length of a row of columns: Used, rounded up to a multiple of
// four. What is beyond Used is zero; it makes products come out even.
func (w Window) RowLen() int { return (w.Used() + 3) &^ 3 }

// PictureLen is the number of values of a picture.
func (w Window) PictureLen() int { return w.Height * w.Width * w.Channels }

// ColumnsLen is the number of values that Im2col makes of one picture.
func (w Window) ColumnsLen() int { return w.Rows() * w.RowLen() }

// Valid reports whether there is a picture, a window, and a place for it.
func (w Window) Valid() bool {
	return w.Height > 0 && w.Width > 0 && w.Channels > 0 && w.Kernel > 0 && w.Stride > 0 && w.Padding >= 0 &&
		w.Kernel <= w.Height+2*w.Padding && w.Kernel <= w.Width+2*w.Padding
}

// Images is how many pictures there are in picture, after checking that columns
// holds as many. It panics when the lengths do not fit, or w is not valid.
func (w Window) Images(picture, columns int) int {
	if !w.Valid() {
		panic("compute: the window has no place over the picture")
	}
	n := Rows(picture, w.PictureLen())
	if columns != n*w.ColumnsLen() {
		panic("compute: lengths differ")
	}
	return n
}

// each calls body for every row of the window at every place over one picture,
// in order, where there is something of the picture under it: lo to hi are the
// picture's numbers, at is where they begin in the columns.
func (w Window) each(body func(lo, hi, at int)) {
	run := w.Kernel * w.Channels
	for oy := range w.Places(w.Height) {
		for ox := range w.Places(w.Width) {
			row := (oy*w.Places(w.Width) + ox) * w.RowLen()
			left := ox*w.Stride - w.Padding
			first, last := max(left, 0), min(left+w.Kernel, w.Width)
			if first >= last {
				continue
			}
			for ky := range w.Kernel {
				y := oy*w.Stride - w.Padding + ky
				if y < 0 || y >= w.Height {
					continue
				}
				body((y*w.Width+first)*w.Channels, (y*w.Width+last)*w.Channels, row+ky*run+(first-left)*w.Channels)
			}
		}
	}
}

// Im2col implements Backend.
func (Go) Im2col(dst, src []float32, w Window) {
	for i := range w.Images(len(src), len(dst)) {
		picture, columns := src[i*w.PictureLen():][:w.PictureLen()], dst[i*w.ColumnsLen():][:w.ColumnsLen()]
		clear(columns)
		w.each(func(lo, hi, at int) { copy(columns[at:], picture[lo:hi]) })
	}
}

// Col2im implements Backend.
func (Go) Col2im(dst, src []float32, w Window) {
	for i := range w.Images(len(dst), len(src)) {
		picture, columns := dst[i*w.PictureLen():][:w.PictureLen()], src[i*w.ColumnsLen():][:w.ColumnsLen()]
		w.each(func(lo, hi, at int) {
			for j := lo; j < hi; j++ {
				picture[j] += columns[at+j-lo]
			}
		})
	}
}

// Transpose implements Backend.
func (Go) Transpose(dst, src []float32, r, c int) {
	Same(len(dst), src)
	for i := range Matrices(len(src), r, c) {
		from, to := src[i*r*c:][:r*c], dst[i*r*c:][:r*c]
		for j, v := range from {
			to[j%c*r+j/c] = v
		}
	}
}
