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
)

// Measure asks for figures of the model of the open run, as it is when it is its
// turn: training stands still meanwhile, and goes on as if nothing had been
// measured. Counts are of pictures, the first of their part of the data; 0 leaves
// a measure out, and so does a model that does not have what it takes. It takes
// its time: [MeasuringEvent] tells how far it is, other requests are answered in
// between, and a [MeasureStop] ends it with the code stopped. Bufs: the file of the
// classifier that judges samples, or nothing where Samples is 0.
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
	// Samples of the prior for the classifier to judge; Reference: validation
	// pictures that they are held beside.
	Samples   int   `json:"samples"`
	Reference int   `json:"reference"`
	Seed      int64 `json:"seed"` // of samples and importance samples
}

// MeasureStop ends the measures that were asked for, going on or waiting.
type MeasureStop struct{}

// MeasuringEvent tells who asked for measures how far that is. What is the field
// of [MeasureOK] that is worked on.
type MeasuringEvent struct {
	What string `json:"what"`
	Done int    `json:"done"`
	Of   int    `json:"of"`
}

// MeasureOK answers [Measure]; what was not measured is null. Figures that are no
// finite numbers are null, too.
type MeasureOK struct {
	Step   int               `json:"step"`
	Bound  *MeasuredBound    `json:"bound"`
	NLL    *MeasuredNLL      `json:"nll"`
	Read   *MeasuredRead     `json:"read"`
	Judged *MeasuredJudgment `json:"judged"`
}

// MeasuredBound are the terms of [TrainEvaluateOK], and for a model that encodes
// how near reconstructions of the latent means are to pictures.
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

// MeasuredRead is the part of validation pictures whose class a linear classifier
// does not read from their latent means.
type MeasuredRead struct {
	Train int    `json:"train"`
	Test  int    `json:"test"`
	Error Number `json:"error"`
}

// MeasuredJudgment is what the classifier makes of samples. Its distances and
// scores are in terms of its own features.
type MeasuredJudgment struct {
	Samples   int    `json:"samples"`
	Reference int    `json:"reference"` // pictures
	FID       Number `json:"fid"`
	Score     Number `json:"score"` // Inception-style
	ScoreStd  Number `json:"scoreStd"`
	// Counts of samples and of reference pictures taken for each class.
	Counts    []int `json:"counts"`
	RefCounts []int `json:"refCounts"`
	// Sure is the mean probability of the class that a sample is taken for, and
	// RefSure that of reference pictures.
	Sure    Number `json:"sure"`
	RefSure Number `json:"refSure"`
	// Covered classes, the share of the most frequent one, and whether that is
	// called a collapse, as metric.Coverage has it; Judged is false where there are
	// too few samples to say.
	Judged    bool   `json:"judged"`
	Covered   int    `json:"covered"`
	Largest   Number `json:"largest"`
	Collapsed bool   `json:"collapsed"`
}

// Check judges the fields of a request; the error names the one at fault.
func (r Measure) Check() error {
	for _, f := range []struct {
		field string
		value int
	}{{"bound", r.Bound}, {"nll", r.NLL}, {"read", r.Read}, {"samples", r.Samples}} {
		if err := checkRange(f.field, f.value, 0, MaxMeasured); err != nil {
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
