package proto

// Types of the requests of the things to try.
const (
	TypeFill   = "fill"
	TypeSketch = "sketch"
)

// Fill completes a picture of which a part is missing, with the model in use. Bufs:
// pixels in [0,1]; hole, a byte for each pixel, 1 where it is missing.
type Fill struct {
	N    int   `json:"n"` // completions, 1 to MaxDraws
	Seed int64 `json:"seed"`
}

// FillOK answers [Fill], the likeliest completion first. Nats is what the pixels that
// are not missing add to -log p(x|z), for the z of each. Labels is null without a
// classifier. Bufs: pixels, n pictures; mean, the mean of all pictures that were drawn on
// the way. Pixels that are not missing are as they came.
type FillOK struct {
	N      int       `json:"n"`
	Nats   []float64 `json:"nats"`
	Labels []int     `json:"labels"` // what each is read as
}

// Sketch encodes strokes as if they were on a pad. Bufs: strokes.
type Sketch struct{}

// SketchOK answers [Sketch]. Bufs: pixels, mu, logvar, recon; all are empty when
// there is nothing to see. Label and Probs are null without a classifier.
type SketchOK struct {
	Empty bool      `json:"empty"`
	Label *int      `json:"label"`
	Probs []float32 `json:"probs"`
}

// Check validates the fields of a request; the error names the invalid one.
func (r Fill) Check() error {
	if err := checkRange("n", r.N, 1, MaxDraws); err != nil {
		return err
	}
	return checkSeed(r.Seed)
}

// MessageType gives the type's name on the wire.
func (Fill) MessageType() string   { return TypeFill }
func (Sketch) MessageType() string { return TypeSketch }
