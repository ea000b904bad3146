package compute

// Rows, Same and Matrices are the checks of lengths that a Backend makes: they
// panic, as Backend says.

// Rows is how many rows of width numbers there are in n.
func Rows(n, width int) int {
	if width == 0 || n%width != 0 {
		panic("compute: length is not a whole number of rows")
	}
	return n / width
}

// Same checks that every operand has n numbers.
func Same(n int, xs ...[]float32) {
	for _, x := range xs {
		if len(x) != n {
			panic("compute: lengths differ")
		}
	}
}

// Matrices is how many matrices of rows by cols there are in n numbers.
func Matrices(n, rows, cols int) int {
	if rows <= 0 || cols <= 0 {
		panic("compute: a matrix without rows or columns")
	}
	return Rows(n, rows*cols)
}

// fits is Same for operands that may be nil.
func fits(n int, xs ...[]float32) {
	for _, x := range xs {
		if x != nil {
			Same(n, x)
		}
	}
}
