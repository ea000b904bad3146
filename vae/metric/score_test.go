package metric

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// By hand, with two classes: rows that are sure and differ make 2, the most;
// equal rows make 1, the least. Rows (3/4, 1/4) and (1/4, 3/4) have a marginal of
// halves, so the score is exp(log 2 - H(3/4)) = 2 (3/4)^(3/4) (1/4)^(1/4).
func TestInceptionScoreByHand(t *testing.T) {
	for _, c := range []struct {
		probs []float32
		want  float64
	}{
		{[]float32{1, 0, 0, 1}, 2},
		{[]float32{0.3, 0.7, 0.3, 0.7}, 1},
		{[]float32{1, 0, 1, 0}, 1},
		{[]float32{0.75, 0.25, 0.25, 0.75}, 2 * math.Pow(0.75, 0.75) * math.Pow(0.25, 0.25)},
	} {
		s, err := InceptionScore(c.probs, 2, 1)
		if err != nil || s.Samples != 2 || s.Parts != 1 || s.Std != 0 {
			t.Errorf("%v: %+v, %v", c.probs, s, err)
		}
		near(t, "score", s.Mean, c.want, 1e-6)
	}
	// Two parts, one of score 2 and one of 1: mean 1.5, deviation sqrt(1/2).
	s, err := InceptionScore([]float32{1, 0, 0, 1, 1, 0, 1, 0}, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean over parts", s.Mean, 1.5, 1e-12)
	near(t, "deviation over parts", s.Std, math.Sqrt(0.5), 1e-12)
}

// TestInceptionScoreOfAllClasses: ten equally frequent classes, each with
// probability 1, give 10.
func TestInceptionScoreOfAllClasses(t *testing.T) {
	s, err := InceptionScore(sure(10, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7), 10, 1)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "score", s.Mean, 10, 1e-5)
}

// sure makes one-hot rows: counts[i] of class i.
func sure(classes int, counts ...int) (probs []float32) {
	for c, n := range counts {
		for range n {
			row := make([]float32, classes)
			row[c] = 1
			probs = append(probs, row...)
		}
	}
	return probs
}

func TestCover(t *testing.T) {
	for _, c := range []struct {
		name      string
		counts    []int
		covered   int
		entropy   float64
		largest   float64
		collapsed bool
	}{
		// By hand: shares 1/2, 1/4, 1/4 have an entropy of 3/2 log 2.
		{"one missing", []int{40, 20, 20, 0}, 3, 1.5 * math.Log(2), 0.5, true},
		{"all alike", []int{20, 20, 20, 20}, 4, math.Log(4), 0.25, false},
		{"one class alone", []int{0, 80, 0, 0}, 1, 0, 1, true},
		// Of 80, the fair share is 20; a tenth of it is 2.
		{"just enough of the last", []int{40, 20, 18, 2}, 4, math.NaN(), 0.5, false},
		{"not enough of the last", []int{40, 20, 19, 1}, 3, math.NaN(), 0.5, true},
		{"more than half", []int{41, 13, 13, 13}, 4, math.NaN(), 41.0 / 80, true},
	} {
		got, err := Cover(sure(4, c.counts...), 4)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got.Samples != 80 || got.Covered != c.covered || got.Collapsed != c.collapsed || !slices.Equal(got.Counts, c.counts) {
			t.Errorf("%s: %+v", c.name, got)
		}
		near(t, c.name+": largest", got.Largest, c.largest, 1e-12)
		if !math.IsNaN(c.entropy) {
			near(t, c.name+": entropy", got.Entropy, c.entropy, 1e-12)
		}
	}
}

func TestScoresRefuse(t *testing.T) {
	good := sure(2, 20, 20)
	for name, f := range map[string]func() error{
		"no samples":         func() error { _, err := InceptionScore(nil, 2, 1); return err },
		"one class":          func() error { _, err := InceptionScore(good, 1, 1); return err },
		"half a row":         func() error { _, err := InceptionScore(good[1:], 2, 1); return err },
		"no parts":           func() error { _, err := InceptionScore(good, 2, 0); return err },
		"too many parts":     func() error { _, err := InceptionScore(good, 2, 41); return err },
		"not a number":       func() error { _, err := InceptionScore([]float32{float32(math.NaN()), 1}, 2, 1); return err },
		"negative":           func() error { _, err := Cover([]float32{-1, 2}, 2); return err },
		"too few to be fair": func() error { _, err := Cover(sure(4, 10, 10, 10, 9), 4); return err },
	} {
		var e *FeatureError
		if err := f(); !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// mirror is a classifier whose features are a picture's values and whose class
// is the brightest pixel.
type mirror struct{ width int }

func (m mirror) InputLen() int { return m.width }
func (m mirror) Features() int { return m.width }
func (m mirror) Classes() int  { return m.width }
func (m mirror) Run(features, probs, x []float32) error {
	if x[0] == 9 {
		return errors.New("nine")
	}
	copy(features, x)
	for i := 0; i < len(x); i += m.width {
		probs[i+argmax(x[i:][:m.width])] = 1
	}
	return nil
}

func TestJudged(t *testing.T) {
	j := NewSampleSet(mirror{2})
	for range 10 {
		if err := j.Add([]float32{0.5, 0.25, 0.125, 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Add([]float32{9, 9}); err == nil || j.Len() != 20 {
		t.Errorf("after an error %d samples, %v", j.Len(), err)
	}
	if err := j.Add([]float32{1}); err == nil {
		t.Error("half a picture was taken")
	}
	s, err := j.Score(1)
	if err != nil || s.Samples != 20 {
		t.Error(s, err)
	}
	near(t, "score", s.Mean, 2, 1e-9)
	c, err := j.Coverage()
	if err != nil || c.Covered != 2 || j.Class(0) != 0 || j.Class(1) != 1 {
		t.Error(c, err)
	}
	ref := momentsOf(t, []float32{0.5, 0.25, 0.125, 1}, 2)
	d, err := j.Distance(ref)
	if err != nil || d.Samples != 20 || d.Reference != 2 {
		t.Error(d, err)
	}
	// The same means; variances differ by 20/19 against 2: S and 19/10 S.
	near(t, "distance", d.FID, (ref.Cov[0]+ref.Cov[3])*math.Pow(1-math.Sqrt(10.0/19), 2), 1e-9)
}
