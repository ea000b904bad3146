package proto

// Types of requests that measure a model, and of the event that tells how far it is.
const (
	TypeMeasure     = "measure"
	TypeMeasureStop = "measure.stop"
	TypeMeasuring   = "measuring"
)

// Limits of [Measure].
const (
	MaxMeasured   = 10_000 // pictures or samples of one measure
	MaxImportance = 5_000  // importance samples of a picture

	minPrior = 10 // pictures that a prior is fitted to
)

// Measure asks for metrics of the model of the open run. Training waits meanwhile
// and then continues as if nothing had been measured. Counts are of pictures, the
// first of their part of the data; 0 leaves a measure out, and so does a model
// without the parts that it needs. [MeasuringEvent] reports progress, other requests
// are answered in between, and a [MeasureStop] cancels it with the code stopped.
// Bufs: the file of the classifier for samples, or nothing where Samples is 0.
type Measure struct {
	// Bound: validation pictures for the objective's terms, the KL of each latent
	// number and reconstructions.
	Bound int `json:"bound"`
	// NLL: validation pictures whose likelihood is estimated, with Importance
	// samples each.
	NLL        int `json:"nll"`
	Importance int `json:"importance"`
	// Read: training pictures from whose latent means a linear classifier learns,
	// tested on as many validation pictures at most.
	Read int `json:"read"`
	// Samples of the prior for the classifier; Reference: validation pictures that
	// they are compared with.
	Samples   int `json:"samples"`
	Reference int `json:"reference"`
	// Prior: training pictures, to one draw from the posterior of each of which a mixture
	// of Gaussians is fitted. Until the next step it is the fitted prior of the model:
	// its samples are classified too, and a [TrainPreview] and a [TrainModel] have it.
	Prior int   `json:"prior"`
	Seed  int64 `json:"seed"` // of samples, importance samples and draws from posteriors
}

// MeasureStop cancels all measures, running or waiting.
type MeasureStop struct{}

// MeasuringEvent reports the progress of a [Measure] to its sender. What is the
// field of [MeasureOK] that is computed.
type MeasuringEvent struct {
	What string `json:"what"`
	Done int    `json:"done"`
	Of   int    `json:"of"`
}

// MeasureOK answers [Measure]; what was not measured is null, and so are figures
// that are not finite.
type MeasureOK struct {
	Step    int               `json:"step"`
	Bound   *MeasuredBound    `json:"bound"`
	NLL     *MeasuredNLL      `json:"nll"`
	Read    *MeasuredRead     `json:"read"`
	Samples *MeasuredJudgment `json:"judged"`
	Prior   *MeasuredPrior    `json:"prior"`
	Fitted  *MeasuredJudgment `json:"fitted"` // Samples, of the fitted prior; null without one
}

// MeasuredPrior is a mixture of Gaussians, and how well it and N(0, I) describe the
// latents that it was not fitted to, one in six: mean log densities over the Dimensions
// that the encoder uses, in nats.
type MeasuredPrior struct {
	Images     int    `json:"images"`
	Components int    `json:"components"`
	Dimensions int    `json:"dimensions"`
	Fitted     Number `json:"fitted"`
	Normal     Number `json:"normal"`
}

// MeasuredBound holds the terms of [TrainEvaluateOK], and for a model with an encoder
// the errors of reconstructions from the latent means.
type MeasuredBound struct {
	TrainEvaluateOK
	MSE  Number `json:"mse"`  // of a pixel
	PSNR Number `json:"psnr"` // decibels
	SSIM Number `json:"ssim"` // null for pictures smaller than its window of 11
}

// MeasuredNLL is -log p(x) in nats, an upper bound in expectation, averaged over
// pictures.
type MeasuredNLL struct {
	Images     int    `json:"images"`
	Importance int    `json:"importance"`
	NLL        Number `json:"nll"`
	StdErr     Number `json:"stdErr"` // of the mean over pictures
}

// MeasuredRead is the error rate of a linear classifier on the latent means of
// validation pictures.
type MeasuredRead struct {
	Train int    `json:"train"`
	Test  int    `json:"test"`
	Error Number `json:"error"`
}

// MeasuredJudgment holds the metrics of samples that the classifier computes, in
// terms of its own features.
type MeasuredJudgment struct {
	Samples   int    `json:"samples"`
	Reference int    `json:"reference"` // pictures
	FID       Number `json:"fid"`
	Score     Number `json:"score"` // Inception-style
	ScoreStd  Number `json:"scoreStd"`
	// Counts of samples and of reference pictures classified as each class.
	Counts    []int `json:"counts"`
	RefCounts []int `json:"refCounts"`
	// Sure is the mean probability of the predicted class of a sample, and RefSure
	// that of reference pictures.
	Sure    Number `json:"sure"`
	RefSure Number `json:"refSure"`
	// Covered classes, the share of the most frequent one, and whether that is a
	// collapse, as in metric.Coverage; CoverageKnown is false where there are too few
	// samples to tell.
	CoverageKnown bool   `json:"judged"`
	Covered       int    `json:"covered"`
	Largest       Number `json:"largest"`
	Collapsed     bool   `json:"collapsed"`
}

// Check validates the fields of a request; the error names the invalid one.
func (r Measure) Check() error {
	for _, f := range []struct {
		field string
		value int
	}{{"bound", r.Bound}, {"nll", r.NLL}, {"read", r.Read}, {"samples", r.Samples}, {"prior", r.Prior}} {
		if err := checkRange(f.field, f.value, 0, MaxMeasured); err != nil {
			return err
		}
	}
	if r.Prior > 0 {
		if err := checkRange("prior", r.Prior, minPrior, MaxMeasured); err != nil {
			return err
		}
	}
	if r.NLL > 0 {
		if err := checkRange("importance", r.Importance, 1, MaxImportance); err != nil {
			return err
		}
	}
	if r.Samples > 0 {
		// A covariance takes two.
		if err := checkRange("samples", r.Samples, 2, MaxMeasured); err != nil {
			return err
		}
		if err := checkRange("reference", r.Reference, 2, MaxMeasured); err != nil {
			return err
		}
	}
	return checkSeed(r.Seed)
}

// MessageType gives the type's name on the wire.
func (Measure) MessageType() string        { return TypeMeasure }
func (MeasureStop) MessageType() string    { return TypeMeasureStop }
func (MeasuringEvent) MessageType() string { return TypeMeasuring }
