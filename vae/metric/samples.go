package metric

import (
	"fmt"

	"inkdrift/vae"
	"inkdrift/vae/compute"
)

// Classifier classifies samples, such as a [inkdrift/vae/classify.Network].
type Classifier interface {
	// InputLen, Features and Classes are the numbers of values of a picture, of
	// its features and of its class probabilities.
	InputLen() int
	Features() int
	Classes() int
	// Run computes features and probabilities of whole pictures.
	Run(features, probs, x []float32) error
}

// SampleSet collects features and class probabilities of samples, a few at a
// time, for the measures of sets of samples.
type SampleSet struct {
	// Yield, unless nil, is called between pieces of the work of Add and Distance;
	// an error of its ends them and is returned.
	Yield func() error

	classifier Classifier
	n          int
	features   []float32
	probs      []float32
}

// sampleRows is how many pictures are classified in one piece of work.
const sampleRows = 25

// NewSampleSet returns an empty set.
func NewSampleSet(j Classifier) *SampleSet { return &SampleSet{classifier: j} }

// Len is the number of samples so far.
func (s *SampleSet) Len() int { return s.n }

// Add classifies the pictures of x. The error is a *FeatureError or the
// classifier's.
func (s *SampleSet) Add(x []float32) error {
	p, f, k := s.classifier.InputLen(), s.classifier.Features(), s.classifier.Classes()
	if len(x)%p != 0 {
		return &FeatureError{"samples", fmt.Sprintf("are %d numbers, which is not a whole number of pictures of %d", len(x), p)}
	}
	for ; len(x) > 0; x = x[min(sampleRows*p, len(x)):] {
		n := min(sampleRows, len(x)/p)
		s.features = append(s.features, make([]float32, n*f)...)
		s.probs = append(s.probs, make([]float32, n*k)...)
		if err := s.classifier.Run(s.features[s.n*f:], s.probs[s.n*k:], x[:n*p]); err != nil {
			s.features, s.probs = s.features[:s.n*f], s.probs[:s.n*k]
			return err
		}
		s.n += n
		if err := yield(s.Yield); err != nil {
			return err
		}
	}
	return nil
}

// Draw adds pictures that m draws from its prior by the seed, means of p(x|z),
// until there are n samples; a conditional model's classes come in turn.
// progress, unless nil, gets their number so far; its error ends the work and
// is returned. Other errors are a *FeatureError and the model's.
func (s *SampleSet) Draw(m *vae.Model, n int, seed uint64, progress func(done int) error) error {
	return s.draw(m, m.Sample, n, seed, progress)
}

// DrawFitted is Draw from the prior that was fitted to the model.
func (s *SampleSet) DrawFitted(m *vae.Model, n int, seed uint64, progress func(done int) error) error {
	return s.draw(m, m.SampleFitted, n, seed, progress)
}

func (s *SampleSet) draw(m *vae.Model, sample func(dst, z []float32, seed uint64) error, n int, seed uint64, progress func(done int) error) error {
	if s.classifier.InputLen() != m.InputLen() {
		return &FeatureError{"samples", fmt.Sprintf("are pictures of %d values, the classifier takes %d", m.InputLen(), s.classifier.InputLen())}
	}
	rows := batch
	if k := m.Conditions(); k > 0 {
		rows = k * max(1, batch/k)
	}
	x, z := make([]float32, rows*m.InputLen()), make([]float32, rows*m.Latent())
	for part := 0; s.n < n; part++ {
		rows := min(rows, n-s.n)
		key := compute.NewKey(seed, streamSamples, uint64(part))
		if err := sample(x[:rows*m.InputLen()], z[:rows*m.Latent()], uint64(key.A)<<32|uint64(key.B)); err != nil {
			return err
		}
		if err := yield(s.Yield); err != nil {
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

// yield calls f unless it is nil.
func yield(f func() error) error {
	if f == nil {
		return nil
	}
	return f()
}

// Distance is the Fréchet distance of the samples to a reference.
func (s *SampleSet) Distance(reference *Moments) (Distance, error) {
	m, err := s.Moments()
	if err != nil {
		return Distance{}, err
	}
	return frechet(m, reference, s.Yield)
}

// Moments are those of the features of the samples.
func (s *SampleSet) Moments() (*Moments, error) {
	return MomentsOf(s.features, s.classifier.Features())
}

// Confidence is the mean of the probabilities of the most probable classes: the classifier's confidence. 0 without
// samples.
func (s *SampleSet) Confidence() float64 {
	var sum float64
	for i := range s.n {
		sum += float64(s.probs[i*s.classifier.Classes()+s.Class(i)])
	}
	return sum / float64(max(s.n, 1))
}

// Score is the Inception-style score over parts of the samples.
func (s *SampleSet) Score(parts int) (Score, error) {
	return InceptionScore(s.probs, s.classifier.Classes(), parts)
}

// Coverage says how the samples are spread over the classes.
func (s *SampleSet) Coverage() (Coverage, error) { return Cover(s.probs, s.classifier.Classes()) }

// Manifold compares the samples with features of data, those of whole pictures. The
// error is a *FeatureError, or Yield's.
func (s *SampleSet) Manifold(reference []float32) (Manifold, error) {
	return PrecisionRecall(s.features, reference, s.classifier.Features(), PrecisionNeighbours, s.Yield)
}

// Class is the most probable class of sample i.
func (s *SampleSet) Class(i int) int {
	k := s.classifier.Classes()
	return argmax(s.probs[i*k:][:k])
}
