package proto

// TypeExplain is the type of [Explain].
const TypeExplain = "explain"

// MaxDraws is the most latents that [Explain] draws.
const MaxDraws = 16

// Explain asks for everything between what is on a pad and its ELBO, with the model in
// use, for several draws from the posterior. The first draw of a seed has the noise
// that tools/eval draws with it for the first picture of a data set. Where the pad is
// empty an example takes its place.
type Explain struct {
	Pad   string `json:"pad"`   // "a" or "b"
	Draws int    `json:"draws"` // 1 to MaxDraws
	Seed  int64  `json:"seed"`
}

// ExplainOK answers [Explain]. All terms are in nats, with beta 1; Recon, NegELBO and
// Weights have a number for each draw.
//
// Bufs: pixels; mu and logvar; epsilon and z, a row for each draw; recon, the
// decoder's mean of each; nats, what each pixel adds to Recon, a row for each draw;
// kl, what each latent dimension adds to KL.
type ExplainOK struct {
	Rev     int64     `json:"rev"`     // of what is on the pad
	Example bool      `json:"example"` // the pad is empty
	Draws   int       `json:"draws"`
	Recon   []float64 `json:"recon"`   // -log p(x|z)
	KL      float64   `json:"kl"`      // of q(z|x) from the prior
	NegELBO []float64 `json:"negELBO"` // Recon + KL
	Weights []float64 `json:"weights"` // importance weights; they add up to 1
	Bound   float64   `json:"bound"`   // minus the importance-weighted bound of all draws
	Least   float64   `json:"least"`   // what Recon is at least for this picture
}

// Check validates the fields of a request; the error names the invalid one.
func (r Explain) Check() error {
	if err := checkPad(r.Pad); err != nil {
		return err
	}
	if err := checkRange("draws", r.Draws, 1, MaxDraws); err != nil {
		return err
	}
	return checkSeed(r.Seed)
}

// MessageType gives the type's name on the wire.
func (Explain) MessageType() string { return TypeExplain }
