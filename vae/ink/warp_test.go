package ink

import "testing"

// bar is a picture of an upright stroke, prepared.
func bar(t *testing.T, width int) []float32 {
	t.Helper()
	ink := make([]float32, 60*60)
	for y := 10; y < 50; y++ {
		for x := 30 - width/2; x < 30+width/2; x++ {
			ink[y*60+x] = 1
		}
	}
	dst := make([]float32, PreparedLen)
	if !Prepare(dst, ink, 60, 60) {
		t.Fatal("no ink")
	}
	return dst
}

func TestWarpIdentityKeepsPicture(t *testing.T) {
	src, dst := bar(t, 6), make([]float32, PreparedLen)
	if !(Warp{Aspect: 1}).Apply(dst, src) {
		t.Fatal("ink lost")
	}
	if got, want := total(dst), total(src); got < 0.8*want || got > 1.25*want {
		t.Errorf("ink %.1f of %.1f", got, want)
	}
	if s := slantOf(dst); s < -0.02 || s > 0.02 {
		t.Errorf("an upright stroke came out with slant %.3f", s)
	}
}

func TestWarpWeight(t *testing.T) {
	src := bar(t, 6)
	ink := func(weight float32) float64 {
		dst := make([]float32, PreparedLen)
		Warp{Aspect: 1, Weight: weight}.Apply(dst, src)
		return total(dst)
	}
	thin, same, thick := ink(-1), ink(0), ink(1)
	if !(thin < 0.85*same && thick > 1.15*same) {
		t.Errorf("ink thinned %.1f, as it is %.1f, thickened %.1f", thin, same, thick)
	}
}

// slantOf is the mean horizontal move of the ink per row upwards.
func slantOf(x []float32) float64 {
	var sw, sx, sy, sxy, syy float64
	for i, v := range x {
		w, px, py := float64(v), float64(i%28), float64(i/28)
		sw, sx, sy, sxy, syy = sw+w, sx+w*px, sy+w*py, sxy+w*px*py, syy+w*py*py
	}
	return -(sxy - sx*sy/sw) / (syy - sy*sy/sw)
}

func TestWarpSlant(t *testing.T) {
	src, dst := bar(t, 4), make([]float32, PreparedLen)
	for _, slant := range []float32{-0.4, 0.3} {
		Warp{Aspect: 1, Slant: slant}.Apply(dst, src)
		if got := slantOf(dst); got < float64(slant)-0.08 || got > float64(slant)+0.08 {
			t.Errorf("slant %.2f came out as %.2f", slant, got)
		}
	}
}

func TestWarpWithoutInk(t *testing.T) {
	src, dst := make([]float32, PreparedLen), make([]float32, PreparedLen)
	if (Warp{Aspect: 1}).Apply(dst, src) {
		t.Error("ink out of nothing")
	}
}
