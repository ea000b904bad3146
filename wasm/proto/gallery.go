package proto

// Types of requests about a model of the gallery.
const (
	TypeGalleryLoad   = "gallery.load"
	TypeGallerySample = "gallery.sample"
	TypeGalleryDecode = "gallery.decode"
	TypeGalleryEncode = "gallery.encode"
	TypeGalleryAxes   = "gallery.axes"
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

// GallerySample draws from the prior; [SampleOK] answers it. Classes are those of
// a conditional model's pictures, in turn, and empty for all that there are.
type GallerySample struct {
	N       int   `json:"n"` // 1 to MaxSamples
	Seed    int64 `json:"seed"`
	Classes []int `json:"classes"`
}

// GalleryDecode decodes latent points; [DecodeOK] answers it. Bufs: z, n x latent.
// With Frames it decodes that many points of the spherical path between two, both
// ends included; a conditional model's class goes over evenly from the first of
// Classes to the second.
type GalleryDecode struct {
	Classes []int `json:"classes"` // as in GallerySample
	Frames  int   `json:"frames"`  // 0: the points themselves; else 2 to MaxFrames
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

// GalleryAxes measures how much each latent number matters. Its answer has no
// fields. Bufs: for each latent number the root mean square change of a pixel when
// it goes from one end of the prior to the other, over a few points of the prior.
type GalleryAxes struct{}

// Check judges the fields of a request; the error names the one at fault.
func (r GalleryLoad) Check() error { return checkName(r.Name) }

// Check judges the fields but for the range of Classes, which is the model's.
func (r GallerySample) Check() error {
	if err := checkRange("n", r.N, 1, MaxSamples); err != nil {
		return err
	}
	return checkSeed(r.Seed)
}

// Check judges the fields but for the range of Classes, which is the model's.
func (r GalleryDecode) Check() error {
	if r.Frames == 0 {
		return nil
	}
	return checkRange("frames", r.Frames, 2, MaxFrames)
}

// Check judges the fields of a request; the error names the one at fault.
func (r GalleryEncode) Check() error { return checkPad(r.Pad) }

func checkPad(pad string) error {
	if pad != "a" && pad != "b" {
		return Errorf(CodeBadValue, "pad", "%.20q: want \"a\" or \"b\"", pad)
	}
	return nil
}

// MessageType gives the type's name on the wire.
func (GalleryLoad) MessageType() string   { return TypeGalleryLoad }
func (GallerySample) MessageType() string { return TypeGallerySample }
func (GalleryDecode) MessageType() string { return TypeGalleryDecode }
func (GalleryEncode) MessageType() string { return TypeGalleryEncode }
func (GalleryAxes) MessageType() string   { return TypeGalleryAxes }
