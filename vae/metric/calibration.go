package metric

import "math"

// Calibration says how often a classifier is right, and whether it is as often
// right as it says.
type Calibration struct {
	Images   int     `json:"images"`
	Accuracy float64 `json:"accuracy"`
	// ECE is the expected calibration error (Guo et al. 2017) over CalibrationBins
	// bins of equal width: the mean, over pictures, of the difference between
	// confidence and accuracy of their bin.
	ECE float64 `json:"ece"`
	// CrossEntropy is the mean of -log p(label), in nats.
	CrossEntropy float64 `json:"cross_entropy"`
	// Sure is the share of the pictures whose class has SureAt or more, and
	// SureRight the share of those that are right; 0 without any.
	Sure      float64 `json:"sure"`
	SureRight float64 `json:"sure_right"`
}

const (
	// CalibrationBins is the number of bins of Guo et al. 2017.
	CalibrationBins = 15
	// SureAt is the probability at which a classifier counts as sure.
	SureAt = 0.99
)

// MeasureCalibration compares probabilities, one row of classes a picture, with
// labels: len(probs) = len(labels)*classes.
func MeasureCalibration(probs []float32, labels []int, classes int) Calibration {
	c := Calibration{Images: len(labels)}
	if len(labels) == 0 {
		return c
	}
	var confidence, right, count [CalibrationBins]float64
	sure, sureRight := 0., 0.
	for i, label := range labels {
		row := probs[i*classes:][:classes]
		best := argmax(row)
		p, hit := float64(row[best]), 0.
		if best == label {
			hit = 1
		}
		bin := min(max(int(math.Ceil(p*CalibrationBins))-1, 0), CalibrationBins-1)
		confidence[bin] += p
		right[bin] += hit
		count[bin]++
		c.Accuracy += hit
		c.CrossEntropy -= math.Log(max(float64(row[label]), math.SmallestNonzeroFloat32))
		if p >= SureAt {
			sure++
			sureRight += hit
		}
	}
	n := float64(len(labels))
	for b := range count {
		c.ECE += math.Abs(confidence[b]-right[b]) / n
	}
	c.Accuracy /= n
	c.CrossEntropy /= n
	c.Sure = sure / n
	if sure > 0 {
		c.SureRight = sureRight / sure
	}
	return c
}

// Temperature returns the number that logits must be divided by for the least
// cross-entropy (temperature scaling, Guo et al. 2017), between 1/8 and 8. It
// takes the probabilities that the logits gave, as MeasureCalibration does.
func Temperature(probs []float32, labels []int, classes int) float64 {
	logs := make([]float64, len(probs))
	for i, p := range probs {
		logs[i] = math.Log(max(float64(p), math.SmallestNonzeroFloat32))
	}
	loss := func(t float64) (sum float64) {
		for i, label := range labels {
			row := logs[i*classes:][:classes]
			var total float64
			for _, v := range row {
				total += math.Exp((v - row[label]) / t)
			}
			sum += math.Log(total)
		}
		return sum
	}
	// Golden section in log t: the loss is convex in 1/t, so has one minimum.
	const ratio = 0.6180339887498949
	lo, hi := math.Log(1./8), math.Log(8.)
	a, b := hi-ratio*(hi-lo), lo+ratio*(hi-lo)
	fa, fb := loss(math.Exp(a)), loss(math.Exp(b))
	for range 40 {
		if fa < fb {
			hi, b, fb = b, a, fa
			a = hi - ratio*(hi-lo)
			fa = loss(math.Exp(a))
		} else {
			lo, a, fa = a, b, fb
			b = lo + ratio*(hi-lo)
			fb = loss(math.Exp(b))
		}
	}
	return math.Exp((lo + hi) / 2)
}
