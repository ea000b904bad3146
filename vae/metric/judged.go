package metric

import (
	"fmt"

	"inkdrift/vae"
	"inkdrift/vae/compute"
)

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
	// Rest, unless nil, is called between pieces of the work of Add and Distance;
	// an error of its ends them and is returned.
	Rest func() error

	judge    Judge
	n        int
	features []float32
	probs    []float32
}

// judgedRows is how many pictures the judge sees in one piece of work.
const judgedRows = 25

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
	for ; len(x) > 0; x = x[min(judgedRows*p, len(x)):] {
		n := min(judgedRows, len(x)/p)
		s.features = append(s.features, make([]float32, n*f)...)
		s.probs = append(s.probs, make([]float32, n*k)...)
		if err := s.judge.Run(s.features[s.n*f:], s.probs[s.n*k:], x[:n*p]); err != nil {
			s.features, s.probs = s.features[:s.n*f], s.probs[:s.n*k]
			return err
		}
		s.n += n
		if err := rest(s.Rest); err != nil {
			return err
		}
	}
	return nil
}

// Draw shows the judge n pictures that m draws from its prior by the seed, means of
// p(x|z), a conditional model's classes in turn from the first, until there are n
// samples. progress, unless nil, is told how many there are; an error of its ends
// the work. The error is a *FeatureError, the model's, or one of those.
func (s *Judged) Draw(m *vae.Model, n int, seed uint64, progress func(done int) error) error {
	if s.judge.InputLen() != m.InputLen() {
		return &FeatureError{"samples", fmt.Sprintf("are pictures of %d values, the classifier takes %d", m.InputLen(), s.judge.InputLen())}
	}
	rows := batch
	if k := m.Conditions(); k > 0 {
		rows = k * max(1, batch/k)
	}
	x, z := make([]float32, rows*m.InputLen()), make([]float32, rows*m.Latent())
	for part := 0; s.n < n; part++ {
		rows := min(rows, n-s.n)
		key := compute.NewKey(seed, streamSamples, uint64(part))
		if err := m.Sample(x[:rows*m.InputLen()], z[:rows*m.Latent()], uint64(key.A)<<32|uint64(key.B)); err != nil {
			return err
		}
		if err := rest(s.Rest); err != nil {
			return err
		}
		if err := s.Add(x[:rows*m.InputLen()]); err != nil {
			return err
		}
		if progress == nil {
			continue
		}
		if err := progress(s.n); err != nil {
			return err
		}
	}
	return nil
}

// rest calls a function for rests, if there is one.
func rest(f func() error) error {
	if f == nil {
		return nil
	}
	return f()
}

// Distance is the Fréchet distance of the samples to a reference.
func (s *Judged) Distance(reference *Moments) (Distance, error) {
	m, err := s.Moments()
	if err != nil {
		return Distance{}, err
	}
	return frechet(m, reference, s.Rest)
}

// Moments are those of the features of the samples.
func (s *Judged) Moments() (*Moments, error) { return MomentsOf(s.features, s.judge.Features()) }

// Sure is the mean of the probabilities of the most probable classes: how sure
// the judge is of what it sees. 0 without samples.
func (s *Judged) Sure() float64 {
	var sum float64
	for i := range s.n {
		sum += float64(s.probs[i*s.judge.Classes()+s.Class(i)])
	}
	return sum / float64(max(s.n, 1))
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
