package ink

const (
	shadeSide  = 112     // shadows are looked for in a picture of about this side
	widestLine = 1.0 / 3 // of the picture; what is narrower than that is no shadow
)

// localPaper returns the light of the paper at each pixel of a picture of bright ink: what is left of the picture when
// everything narrower than widestLine and brighter than its surroundings is taken away (a morphological opening), so
// that the edges of shadows are followed. off is how far each pixel is from the fitted paper; where what is left is more
// than half as far from it as the brightest ink, it is no shadow but a blot of ink, and the fitted paper counts.
func (s *sheet) localPaper(off []float32) []float32 {
	small := s.blocks(1 + (max(s.w, s.h)-1)/shadeSide)
	reach := max(2, int(float64(max(small.w, small.h))*widestLine/2))
	small.spread(reach, darker)
	small.spread(reach, brighter)
	farthest := float32(0)
	for _, d := range off {
		farthest = max(farthest, d)
	}
	paper := make([]float32, len(s.v))
	for i := range paper {
		fitted := s.v[i] - off[i]
		paper[i] = small.between((float64(i%s.w)+0.5)*float64(small.w)/float64(s.w), (float64(i/s.w)+0.5)*float64(small.h)/float64(s.h))
		if paper[i]-fitted > farthest/2 {
			paper[i] = fitted
		}
	}
	return paper
}

// blocks returns the picture k times smaller: the means of blocks of k x k pixels.
func (s *sheet) blocks(k int) *sheet {
	out := &sheet{w: (s.w + k - 1) / k, h: (s.h + k - 1) / k}
	out.v = make([]float32, out.w*out.h)
	for y := range out.h {
		for x := range out.w {
			var sum, n float32
			for v := y * k; v < min(s.h, y*k+k); v++ {
				for u := x * k; u < min(s.w, x*k+k); u++ {
					sum, n = sum+s.v[v*s.w+u], n+1
				}
			}
			out.v[y*out.w+x] = sum / n
		}
	}
	return out
}

func darker(a, b float32) float32   { return min(a, b) }
func brighter(a, b float32) float32 { return max(a, b) }

// spread makes each pixel the darkest or brightest of the square that goes reach pixels to all sides of it.
func (s *sheet) spread(reach int, of func(a, b float32) float32) {
	line := make([]float32, max(s.w, s.h))
	along := func(first, step, n int) {
		for i := range n {
			best := s.v[first+i*step]
			for j := max(0, i-reach); j < min(n, i+reach+1); j++ {
				best = of(best, s.v[first+j*step])
			}
			line[i] = best
		}
		for i := range n {
			s.v[first+i*step] = line[i]
		}
	}
	for y := range s.h {
		along(y*s.w, 1, s.w)
	}
	for x := range s.w {
		along(x, s.w, s.h)
	}
}

// between interpolates the picture at a place, the middle of the first pixel being (0.5, 0.5).
func (s *sheet) between(x, y float64) float32 {
	x, y = min(max(x-0.5, 0), float64(s.w-1)), min(max(y-0.5, 0), float64(s.h-1))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, s.w-1), min(y0+1, s.h-1)
	u, v := float32(x-float64(x0)), float32(y-float64(y0))
	top := (1-u)*s.v[y0*s.w+x0] + u*s.v[y0*s.w+x1]
	low := (1-u)*s.v[y1*s.w+x0] + u*s.v[y1*s.w+x1]
	return (1-v)*top + v*low
}
