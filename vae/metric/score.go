package metric

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
)

// Score is an Inception-style score with the number of samples it was measured
// on, from 1 (all samples get the same probabilities) to the number of classes
// (each is sure, all classes equally often).
type Score struct {
	Mean    float64 `json:"inception"`
	Std     float64 `json:"inception_std"` // over the parts
	Samples int     `json:"inception_samples"`
	Parts   int     `json:"inception_parts"`
}

// InceptionScore returns the score of Salimans et al. 2016, section 4,
//
//	exp(E_x KL(p(y|x) || p(y)))
//
// of samples whose class probabilities are the rows of probs, with the
// probabilities of our own classifier in the place of the Inception network's.
// As there, it is the mean over parts of the samples, in their order, with as
// many in each. The error is a *FeatureError.
func InceptionScore(probs []float32, classes, parts int) (Score, error) {
	n, err := rows(probs, classes)
	if err != nil {
		return Score{}, err
	}
	if parts < 1 || parts > n {
		return Score{}, &FeatureError{"parts", fmt.Sprintf("are %d; they must be between 1 and the number of samples, %d", parts, n)}
	}
	scores := make([]float64, parts)
	marginal := make([]float64, classes)
	for k := range scores {
		part := probs[k*n/parts*classes : (k+1)*n/parts*classes]
		m := float64(len(part) / classes)
		clear(marginal)
		for i, p := range part {
			marginal[i%classes] += float64(p) / m
		}
		// E KL(p(y|x) || p(y)) = H(p(y)) - E H(p(y|x)).
		kl := stat.Entropy(marginal)
		for _, p := range part {
			if p > 0 {
				kl += float64(p) * math.Log(float64(p)) / m
			}
		}
		scores[k] = math.Exp(kl)
	}
	s := Score{Samples: n, Parts: parts, Mean: stat.Mean(scores, nil)}
	if parts > 1 {
		s.Std = stat.StdDev(scores, nil)
	}
	return s, nil
}

// rows returns how many rows of class probabilities there are.
func rows(probs []float32, classes int) (int, error) {
	if classes < 2 || len(probs) == 0 || len(probs)%classes != 0 {
		return 0, &FeatureError{"probabilities", fmt.Sprintf("are %d numbers, which is not a whole number of rows of %d classes", len(probs), classes)}
	}
	for i, p := range probs {
		if !(p >= 0 && p <= 1.001) {
			return 0, &FeatureError{"probabilities", fmt.Sprintf("of sample %d are not between 0 and 1", i/classes)}
		}
	}
	return len(probs) / classes, nil
}

// Coverage says how samples are spread over the classes of a classifier.
type Coverage struct {
	Samples int   `json:"coverage_samples"`
	Counts  []int `json:"coverage_counts"` // samples of each class
	// Covered is how many classes get at least a tenth of their fair share,
	// which is Samples/classes.
	Covered int `json:"coverage_classes"`
	// Entropy of the shares in nats; the logarithm of the number of classes where
	// all are equally frequent.
	Entropy float64 `json:"coverage_entropy"`
	// Largest is the share of the most frequent class.
	Largest float64 `json:"coverage_largest"`
	// Collapsed: some class is not covered, or one has more than half of all
	// samples. Samples that are all alike within each class are not detected.
	Collapsed bool `json:"collapsed"`
}

// MinCoverage is the least number of samples for each class: for a model that
// draws all ten classes equally often, a class is missing from 100 samples in 1
// case of 3,700.
const MinCoverage = 10

// Cover measures samples whose class probabilities are the rows of probs; each
// counts for its most probable class. The error is a *FeatureError, with fewer
// than MinCoverage samples for each class too.
func Cover(probs []float32, classes int) (Coverage, error) {
	n, err := rows(probs, classes)
	if err != nil {
		return Coverage{}, err
	}
	if n < MinCoverage*classes {
		return Coverage{}, &FeatureError{"samples", fmt.Sprintf("are %d; coverage of %d classes takes at least %d", n, classes, MinCoverage*classes)}
	}
	c := Coverage{Samples: n, Counts: make([]int, classes)}
	for i := range n {
		c.Counts[argmax(probs[i*classes:][:classes])]++
	}
	shares := make([]float64, classes)
	for i, count := range c.Counts {
		shares[i] = float64(count) / float64(n)
		c.Largest = max(c.Largest, shares[i])
		if 10*count*classes >= n {
			c.Covered++
		}
	}
	c.Entropy = stat.Entropy(shares)
	c.Collapsed = c.Covered < classes || c.Largest > 0.5
	return c, nil
}
