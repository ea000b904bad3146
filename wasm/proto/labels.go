package proto

// Types of requests that learn classes from few labels.
const (
	TypeLabelsOpen  = "labels.open"
	TypeLabelsFit   = "labels.fit"
	TypeLabelsClose = "labels.close"
)

// Limits of pictures to learn from.
const (
	MinLabelsPool   = 20
	MaxLabelsPool   = 60_000
	MaxLabelsTests  = 10_000
	MaxLabelsValues = 64 << 20 // of all pictures of the pool: 256 MB while their neighbours are looked for
)

// LabelsOpen takes pictures of two sets, and a model whose latent means describe
// them, in place of those of another one. The pool is what can be learnt from: all
// of its pictures are seen, the labels of few; errors are counted on tests alone.
// Bufs: the model's file, then the files of the sets, as in [TrainOpen]. [DataEvent]
// reports progress.
type LabelsOpen struct {
	Data       Data `json:"data"`
	Validation Data `json:"validation"` // where the tests are taken from
	Pool       int  `json:"pool"`       // pictures at random, or all if there are fewer
	Tests      int  `json:"tests"`
}

// LabelsOpenOK answers [LabelsOpen].
type LabelsOpenOK struct {
	Pool    int `json:"pool"`
	Tests   int `json:"tests"`
	Classes int `json:"classes"`
	Latent  int `json:"latent"`

	Dataset    DataInfo `json:"dataset"` // what the pool and the tests were taken from
	Validation DataInfo `json:"validation"`
}

// What a picture is described by.
const (
	FeaturesMu     = "mu"     // its latent mean
	FeaturesPixels = "pixels" // its pixels
)

// LabelsFit learns from a few labels of the pool, as many of each class, and counts
// errors. The first with some features is slow, because all neighbours are searched
// for; [DataEvent] reports progress, and [LabelsClose] cancels it with the code
// stopped.
type LabelsFit struct {
	Features string `json:"features"`
	Labels   int    `json:"labels"`
	Seed     int64  `json:"seed"` // of the choice of labels
}

// LabelsFitOK answers [LabelsFit].
type LabelsFitOK struct {
	Wrong int `json:"wrong"` // tests that are classified wrongly
	Tests int `json:"tests"`
}

// LabelsClose frees the pictures and what was computed of them.
type LabelsClose struct{}

// Check validates the fields of a request; the error names the invalid one.
func (r LabelsOpen) Check() error {
	if err := checkData(r.Data, r.Validation); err != nil {
		return err
	}
	if err := checkRange("pool", r.Pool, MinLabelsPool, MaxLabelsPool); err != nil {
		return err
	}
	return checkRange("tests", r.Tests, 1, MaxLabelsTests)
}

// Check validates the fields but for what depends on the pool.
func (r LabelsFit) Check() error {
	if r.Features != FeaturesMu && r.Features != FeaturesPixels {
		return Errorf(CodeBadValue, "features", "%.20q: want %q or %q", r.Features, FeaturesMu, FeaturesPixels)
	}
	if err := checkRange("labels", r.Labels, 1, MaxLabelsPool); err != nil {
		return err
	}
	return checkSeed(r.Seed)
}

// MessageType gives the type's name on the wire.
func (LabelsOpen) MessageType() string  { return TypeLabelsOpen }
func (LabelsFit) MessageType() string   { return TypeLabelsFit }
func (LabelsClose) MessageType() string { return TypeLabelsClose }
