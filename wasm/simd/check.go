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
