package metric

import (
	"errors"
	"math"
	"testing"

	"inkdrift/vae/data"
)

func fill(n int, f func(i int) float32) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = f(i)
	}
	return x
}

func compare(t *testing.T, s data.Shape, x, y []float32) Fidelity {
	t.Helper()
	c := NewComparer(s)
	if err := c.Add(x, y); err != nil {
		t.Fatal(err)
	}
	return c.Result()
}

// By hand: where both pictures are flat, a and b, variances are 0 and the
// similarity is (2ab + C1) / (a^2 + b^2 + C1).
func TestFidelityOfFlatPictures(t *testing.T) {
	s := data.Shape{C: 1, H: 28, W: 28}
	f := compare(t, s, fill(784, func(int) float32 { return 0.5 }), fill(784, func(int) float32 { return 0.25 }))
	near(t, "MSE", f.MSE, 1.0/16, 1e-12)
	near(t, "PSNR", f.PSNR, 10*math.Log10(16), 1e-9)
	near(t, "SSIM", f.SSIM, 0.2501/0.3126, 1e-9)
}

// By hand: a chequered picture, 1/2 +- 1/4, beside its negative. Under the window
// the mean is 1/2, the variances are 1/16 and the covariance is -1/16, but for the
// ten-thousandth that the window's weights do not cancel; so the similarity is
// (-2/16 + C2) / (2/16 + C2).
func TestSSIMOfNegative(t *testing.T) {
	s := data.Shape{C: 1, H: 12, W: 15}
	chequered := func(sign float32) []float32 {
		return fill(s.Len(), func(i int) float32 { return 0.5 + sign*0.25*float32(1-2*((i/15+i%15)%2)) })
	}
	f := compare(t, s, chequered(1), chequered(-1))
	near(t, "MSE", f.MSE, 0.25, 1e-12)
	near(t, "SSIM", f.SSIM, (-0.125+0.0009)/(0.125+0.0009), 1e-5)
}

// By hand: one bright pixel in the middle of 11x11, where the window has one place,
// beside nothing. The window's weights along a line are exp(-k^2/4.5), 1, 0.800737,
// 0.411112, 0.135335, 0.028566 and 0.003866 on either side, which add up to
// 3.759232; so the pixel weighs w = 1/3.759232^2. The mean is w, the variance
// w - w^2, and the similarity C1 C2 / ((w^2 + C1) (w - w^2 + C2)).
func TestSSIMOfOnePixel(t *testing.T) {
	x := make([]float32, 121)
	x[60] = 1
	w := 1 / (3.759232 * 3.759232)
	f := compare(t, data.Shape{C: 1, H: 11, W: 11}, x, make([]float32, 121))
	near(t, "SSIM", f.SSIM, 0.0001*0.0009/((w*w+0.0001)*(w-w*w+0.0009)), 1e-9)
}

func TestFidelityProperties(t *testing.T) {
	s := data.Shape{C: 3, H: 14, W: 20}
	a, b := noise(t, s.Len(), 1), noise(t, s.Len(), 2)
	same := compare(t, s, a, a)
	if same.MSE != 0 || same.PSNR != 0 || same.Compared != 1 {
		t.Errorf("a picture beside itself: %+v", same)
	}
	near(t, "SSIM of itself", same.SSIM, 1, 1e-12)
	ab, ba := compare(t, s, a, b), compare(t, s, b, a)
	near(t, "SSIM the other way", ab.SSIM, ba.SSIM, 1e-12)
	if ab.SSIM > 0.3 || ab.SSIM < -0.3 {
		t.Errorf("SSIM of noise is %.3f", ab.SSIM)
	}
	// Two pictures are averaged; the PSNR is that of the mean error.
	both := compare(t, s, append(a[:len(a):len(a)], a...), append(a[:len(a):len(a)], b...))
	near(t, "MSE of two", both.MSE, ab.MSE/2, 1e-12)
	near(t, "SSIM of two", both.SSIM, (1+ab.SSIM)/2, 1e-12)
	near(t, "PSNR of two", both.PSNR, -10*math.Log10(both.MSE), 1e-12)
	// Too small for the window.
	small := compare(t, data.Shape{C: 1, H: 10, W: 30}, a[:300], b[:300])
	if small.SSIM != 0 || small.MSE == 0 {
		t.Errorf("a small picture: %+v", small)
	}
	if f := NewComparer(s).Result(); f != (Fidelity{}) {
		t.Errorf("nothing compared: %+v", f)
	}
	var e *FeatureError
	if err := NewComparer(s).Add(a, b[:5]); !errors.As(err, &e) {
		t.Error(err)
	}
}

func noise(t *testing.T, n int, seed uint64) []float32 {
	t.Helper()
	x := cloud(n, 1, seed)
	for i, v := range x {
		x[i] = float32(0.5 + 0.4*math.Sin(float64(v)*40))
	}
	return x
}
