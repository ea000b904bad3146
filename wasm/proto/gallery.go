package proto

// Types of requests about a model of the gallery.
const (
	TypeGalleryLoad   = "gallery.load"
	TypeGalleryPaint  = "gallery.paint"
	TypeGalleryEncode = "gallery.encode"
	TypeGalleryPoints = "gallery.points"
)

// GalleryLoad loads the model, of any family and shape of pictures, that the other
// requests here are about; it is kept beside those of [ModelLoad] and [HandLoad].
// Bufs: the file. If it fails the old one stays.
type GalleryLoad struct {
	Name string `json:"name"`
}

// GalleryLoadOK answers [GalleryLoad].
type GalleryLoadOK struct {
	Model      ModelInfo `json:"model"`
	Conditions int       `json:"conditions"` // classes that it is told; 0: it is told none
	Encoder    bool      `json:"encoder"`    // it can go from a picture to a latent point
}

// GalleryPaint paints latent points: N drawn from the prior, or else those that come
// with it, or Frames on the spherical path between two that come with it, both ends
// included. Bufs: z, or none with N. [DecodeOK] answers it with bufs z and pixels, a
// row each a point.
type GalleryPaint struct {
	N      int    `json:"n"` // 0, or 1 to MaxSamples
	Seed   int64  `json:"seed"`
	Prior  string `json:"prior"`  // PriorNormal, PriorFitted; empty: PriorNormal
	Frames int    `json:"frames"` // 0, or 2 to MaxFrames
	// Classes of a conditional model's pictures, in turn; empty: all that there are.
	// On a path the class goes over evenly from the first to the second.
	Classes []int `json:"classes"`
}

// GalleryEncode encodes what is on a pad of the studio.
type GalleryEncode struct {
	Pad string `json:"pad"` // "a" or "b"
}

// GalleryEncodeOK answers [GalleryEncode]. Bufs: mu; recon, what is decoded of it;
// none where the pad is empty.
type GalleryEncodeOK struct {
	Empty bool `json:"empty"`
	Class *int `json:"class"` // what a conditional model takes it for; else null
}

// GalleryPoints reads pictures of a data set as the model encodes them. Bufs: a file of points as tools/eval writes it.
type GalleryPoints struct{}

// GalleryPointsOK answers [GalleryPoints]. Bufs: mu (n x latent); labels (n bytes; empty where there are none); origin, e1
// and e2 of the plane through the origin along their two principal components, of which e1 and e2 are orthonormal.
type GalleryPointsOK struct {
	N     int     `json:"n"`
	Share float64 `json:"share"` // of the variance of the points on the plane, 0 to 1
}

// Check validates the fields of a request; the error names the invalid one.
func (r GalleryLoad) Check() error { return checkName(r.Name) }

// Check validates the fields but for the range of Classes, which is the model's.
func (r GalleryPaint) Check() error {
	if err := checkRange("n", r.N, 0, MaxSamples); err != nil {
		return err
	}
	if err := checkPrior(r.Prior); err != nil {
		return err
	}
	if err := checkSeed(r.Seed); err != nil || r.Frames == 0 {
		return err
	}
	if r.N > 0 {
		return Errorf(CodeBadValue, "frames", "%d, and n is %d: want one of both", r.Frames, r.N)
	}
	return checkRange("frames", r.Frames, 2, MaxFrames)
}

// Check validates the fields of a request; the error names the invalid one.
func (r GalleryEncode) Check() error { return checkPad(r.Pad) }

func checkPad(pad string) error {
	if pad != "a" && pad != "b" {
		return Errorf(CodeBadValue, "pad", "%.20q: want \"a\" or \"b\"", pad)
	}
	return nil
}

// MessageType gives the type's name on the wire.
func (GalleryLoad) MessageType() string   { return TypeGalleryLoad }
func (GalleryPaint) MessageType() string  { return TypeGalleryPaint }
func (GalleryEncode) MessageType() string { return TypeGalleryEncode }
func (GalleryPoints) MessageType() string { return TypeGalleryPoints }
