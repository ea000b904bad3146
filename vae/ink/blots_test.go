package ink

import "testing"

func TestTidy(t *testing.T) {
	s := &sheet{w: 40, h: 10, v: make([]float32, 400)}
	for y := 2; y < 8; y++ { // the drawing, with a soft edge
		for x := 10; x < 20; x++ {
			s.v[y*40+x] = 1
		}
		s.v[y*40+20] = 0.2
	}
	s.v[5*40+30], s.v[5*40+31] = 1, 0.2 // a speck, with its own
	for y := range 10 {                 // a shadow at the border, larger than the drawing
		for x := range 7 {
			s.v[y*40+x] = 0.6
		}
	}
	s.tidy()
	if s.v[5*40+15] != 1 || s.v[5*40+20] != 0.2 {
		t.Errorf("the drawing is %v, its edge %v", s.v[5*40+15], s.v[5*40+20])
	}
	if s.v[5*40+30] != 0 || s.v[5*40+31] != 0 || s.v[5*40+3] != 0 {
		t.Errorf("the speck is %v, its edge %v, the shadow %v", s.v[5*40+30], s.v[5*40+31], s.v[5*40+3])
	}
	c := s.crop() // 0.7 of the drawing's 11 pixels to each side of its middle
	if c.w != 17 || c.h != 10 {
		t.Errorf("cut down to %d x %d", c.w, c.h)
	}
}
