package metric

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestCalibrationByHand: four pictures in three bins.
func TestCalibrationByHand(t *testing.T) {
	probs := []float32{
		0.995, 0.005, // right
		0.995, 0.005, // wrong
		0.4, 0.6, // right
		0.7, 0.3, // right
	}
	got := MeasureCalibration(probs, []int{0, 1, 1, 0}, 2)
	// Bins of a fifteenth: 0.995 twice with accuracy 1/2, 0.6 and 0.7 once each,
	// right. 0.6 = 9/15 is the upper end of its bin.
	want := (2*(0.995-0.5) + (1 - 0.6) + (1 - 0.7)) / 4
	if math.Abs(got.ECE-want) > 1e-6 || got.Accuracy != 0.75 || got.Sure != 0.5 || got.SureRight != 0.5 || got.Images != 4 {
		t.Errorf("%+v, want an error of %.5f", got, want)
	}
	if ce := -(math.Log(0.995) + math.Log(0.005) + math.Log(0.6) + math.Log(0.7)) / 4; math.Abs(got.CrossEntropy-ce) > 1e-6 {
		t.Errorf("cross-entropy %v, want %v", got.CrossEntropy, ce)
	}
	if got := MeasureCalibration(nil, nil, 2); got != (Calibration{}) {
		t.Errorf("of nothing: %+v", got)
	}
	sharp := MeasureCalibration([]float32{1, 0}, []int{0}, 2)
	if sharp.ECE != 0 || sharp.SureRight != 1 {
		t.Errorf("sure and right: %+v", sharp)
	}
}

// TestTemperature draws labels from softmax(logits) and gives the probabilities
// of logits that are too large by a known factor.
func TestTemperature(t *testing.T) {
	const n, k = 20_000, 5
	r := rand.New(rand.NewPCG(1, 2))
	for _, want := range []float64{0.6, 1, 2.5} {
		probs, fixed, labels := make([]float32, n*k), make([]float32, n*k), make([]int, n)
		for i := range n {
			var logits [k]float64
			for j := range logits {
				logits[j] = 2 * r.NormFloat64()
			}
			row := func(dst []float32, scale float64) {
				var sum float64
				for j, v := range logits {
					dst[j] = float32(math.Exp(scale * v))
					sum += float64(dst[j])
				}
				for j := range logits {
					dst[j] = float32(float64(dst[j]) / sum)
				}
			}
			row(fixed[i*k:], 1)
			row(probs[i*k:], want)
			u := r.Float64()
			for j := range k {
				labels[i] = j
				if u -= float64(fixed[i*k+j]); u < 0 {
					break
				}
			}
		}
		if got := Temperature(probs, labels, k); math.Abs(got/want-1) > 0.04 {
			t.Errorf("temperature %.3f, want %.3f", got, want)
		}
		if ece := MeasureCalibration(fixed, labels, k).ECE; ece > 0.02 {
			t.Errorf("the true probabilities have an error of %.4f", ece)
		}
		if ece := MeasureCalibration(probs, labels, k).ECE; want != 1 && ece < 0.03 {
			t.Errorf("logits times %v have an error of only %.4f", want, ece)
		}
	}
}
