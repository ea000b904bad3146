package scene

// Pictures is a number of pictures of one size, one after the other.
type Pictures struct {
	W, H   int
	N      int
	Values []float32 // N*W*H, 0 paper, 1 ink
}

// at gives picture i.
func (p Pictures) at(i int) []float32 {
	n := p.W * p.H
	return p.Values[i*n : (i+1)*n]
}

// blend fills dst with the path at t, from 0, the first picture, to 1, the last.
// Between two pictures it mixes them, so the path is smooth at any speed.
func (p Pictures) blend(dst []float32, t float64) {
	at := min(max(t, 0), 1) * float64(p.N-1)
	i := min(int(at), p.N-2)
	if i < 0 { // a single picture
		copy(dst, p.at(0))
		return
	}
	mix := float32(at - float64(i))
	a, b := p.at(i), p.at(i+1)
	for k := range dst {
		dst[k] = a[k] + (b[k]-a[k])*mix
	}
}
