package metric

import "fmt"

// Judge is a classifier that samples are shown to, such as a
// [inkdrift/vae/classify.Network].
type Judge interface {
	// InputLen, Features and Classes are the numbers of values of a picture, of
	// its features and of its class probabilities.
	InputLen() int
	Features() int
	Classes() int
	// Run computes features and probabilities of whole pictures.
	Run(features, probs, x []float32) error
}

// Judged collects what a judge says of samples, a few at a time, for the
// measures of sets of samples.
type Judged struct {
	judge    Judge
	n        int
	features []float32
	probs    []float32
}

// NewJudged begins an empty collection.
func NewJudged(j Judge) *Judged { return &Judged{judge: j} }

// Len is the number of samples so far.
func (s *Judged) Len() int { return s.n }

// Add shows the pictures of x to the judge. The error is a *FeatureError or the
// judge's.
func (s *Judged) Add(x []float32) error {
	p, f, k := s.judge.InputLen(), s.judge.Features(), s.judge.Classes()
	if len(x)%p != 0 {
		return &FeatureError{"samples", fmt.Sprintf("are %d numbers, which is not a whole number of pictures of %d", len(x), p)}
	}
	n := len(x) / p
	s.features = append(s.features, make([]float32, n*f)...)
	s.probs = append(s.probs, make([]float32, n*k)...)
	if err := s.judge.Run(s.features[s.n*f:], s.probs[s.n*k:], x); err != nil {
		s.features, s.probs = s.features[:s.n*f], s.probs[:s.n*k]
		return err
	}
	s.n += n
	return nil
}

// Distance is the Fréchet distance of the samples to a reference.
func (s *Judged) Distance(reference *Moments) (Distance, error) {
	m, err := MomentsOf(s.features, s.judge.Features())
	if err != nil {
		return Distance{}, err
	}
	return Frechet(m, reference)
}

// Score is the Inception-style score over parts of the samples.
func (s *Judged) Score(parts int) (Score, error) {
	return InceptionScore(s.probs, s.judge.Classes(), parts)
}

// Coverage says which classes the samples are taken for.
func (s *Judged) Coverage() (Coverage, error) { return Cover(s.probs, s.judge.Classes()) }

// Class is the class that sample i is taken for.
func (s *Judged) Class(i int) int {
	k := s.judge.Classes()
	return argmax(s.probs[i*k:][:k])
}
