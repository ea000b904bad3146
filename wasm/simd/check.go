package simd

func rows(n, width int) int32 {
	if width == 0 || n%width != 0 {
		panic("simd: length is not a whole number of rows")
	}
	return int32(n / width)
}

func same(n int, xs ...[]float32) {
	for _, x := range xs {
		if len(x) != n {
			panic("simd: lengths differ")
		}
	}
}

// matrices is how many matrices of r by c there are in n numbers.
func matrices(n, r, c int) int32 {
	if r <= 0 || c <= 0 {
		panic("simd: a matrix without rows or columns")
	}
	return rows(n, r*c)
}
