package proto

// Types of requests that write every class in one handwriting.
const (
	TypeHandLoad = "hand.load"
	TypeHand     = "hand"
)

// HandLoad loads the conditional model that [Hand] writes with; it is kept beside
// the one of [ModelLoad]. Bufs: the file. If it fails the old one stays.
type HandLoad struct {
	Name string `json:"name"`
}

// HandLoadOK answers [HandLoad].
type HandLoadOK struct {
	Model   ModelInfo `json:"model"`
	Classes int       `json:"classes"` // how many it writes
}

// Hand writes every class in the handwriting of a picture. Bufs: offsets, pixels. Offsets
// are added to the latent point of the picture, one for each latent dimension, or
// are empty; pixels are a prepared picture where Pad is empty.
type Hand struct {
	Pad   string `json:"pad"`   // "a" or "b": what lies on that pad; "": pixels
	Label *int   `json:"label"` // what the picture is; null: what the model takes it for
}

// HandOK answers [Hand]. Bufs: pictures, classes x pixels; z, the latent point that
// they were written from, offsets included. For an empty pad that is the offsets
// alone, from the origin of the latent space, and Label, Recognised and Probs are
// null.
type HandOK struct {
	// Superseded: a newer request for the same pad, or for pixels, arrived before
	// this one was computed, so nothing was computed and there are no buffers.
	Superseded bool      `json:"superseded"`
	Empty      bool      `json:"empty"`
	Label      *int      `json:"label"`      // what the picture was taken for
	Recognised *int      `json:"recognised"` // the class that the model recognises
	Probs      []float32 `json:"probs"`      // of that, one for each class
}

// Check validates the fields of a request; the error names the invalid one.
func (r HandLoad) Check() error { return checkName(r.Name) }

// Check validates the fields but for the range of Label, which is the model's.
func (r Hand) Check() error {
	if r.Pad != "" && r.Pad != "a" && r.Pad != "b" {
		return Errorf(CodeBadValue, "pad", "%.20q: want \"a\", \"b\" or nothing", r.Pad)
	}
	if r.Label != nil && *r.Label < 0 {
		return Errorf(CodeBadValue, "label", "%d is negative", *r.Label)
	}
	return nil
}

// MessageType gives the type's name on the wire.
func (HandLoad) MessageType() string { return TypeHandLoad }
func (Hand) MessageType() string     { return TypeHand }
