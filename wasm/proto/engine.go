package proto

// Types of requests to the engine and of the events it sends.
const (
	TypeHello          = "hello"
	TypePort           = "port"
	TypeModelLoad      = "model.load"
	TypeClassifierLoad = "classifier.load"
	TypePadSet         = "pad.set"
	TypeEncode         = "encode"
	TypeDecode         = "decode"
	TypeMorph          = "morph"
	TypeSample         = "sample"
	TypeExample        = "example"
	TypePicture        = "picture"
	TypeGIF            = "gif"
	TypeFilm           = "film"
	TypeStrip          = "strip"

	TypeModel         = "model"          // event: another model is loaded
	TypePad           = "pad"            // event: a pad's content was encoded
	TypeLoading       = "loading"        // event: bytes of the program have arrived
	TypeEngineReady   = "engine-ready"   // event: the engine serves requests
	TypeEngineError   = "engine-error"   // event: the engine did not start or has ended
	TypeEngineWarning = "engine-warning" // event: it runs, but without a part of it
)

// Hello asks for the engine's version and backend.
type Hello struct{}

// HelloOK answers [Hello].
type HelloOK struct {
	Backend string `json:"backend"` // of the numeric work: "go", "strict", "relaxed"
	Version string `json:"version"`
}

// Port makes the MessagePort that comes with it a further client. The engine
// sends a new client the current model and pads.
type Port struct{}

// ModelLoad loads a model. Bufs: the file. If it fails the old model stays; it fails
// with [CodeModelUnfit] if the model cannot encode what is on a pad.
type ModelLoad struct {
	Name string `json:"name"`
}

// ModelInfo describes a model.
type ModelInfo struct {
	Name       string `json:"name"`
	Family     string `json:"family"`
	Input      [3]int `json:"input"` // channels, height, width
	Latent     int    `json:"latent"`
	Params     int    `json:"params"`
	Classes    int    `json:"classes"` // 0: it has no classifier
	Activation string `json:"activation"`
	Likelihood string `json:"likelihood"`
	Encoder    []int  `json:"encoder"` // widths of the hidden layers
	Decoder    []int  `json:"decoder"`
	// Objective, Samples and Beta are those that the weights were trained with, as far
	// as the file says: "elbo", "iwae" or empty; latents drawn a picture and the final
	// weight of the KL term, 0 if it is not known.
	Objective string  `json:"objective"`
	Samples   int     `json:"samples"`
	Beta      float64 `json:"beta"`
	// FittedPrior says that the file has a mixture of Gaussians fitted to the aggregate
	// posterior, so that [Sample] may ask for [PriorFitted].
	FittedPrior bool `json:"fittedPrior"`
}

// ModelLoadOK answers [ModelLoad].
type ModelLoadOK struct {
	Model ModelInfo `json:"model"`
}

// ClassifierLoad loads the classifier that reads drawings while the model has none of
// its own; it is kept beside the model. Bufs: the file. Fresh pad events follow.
type ClassifierLoad struct{}

// ClassifierLoadOK answers [ClassifierLoad].
type ClassifierLoadOK struct {
	Classes int `json:"classes"`
}

// ModelEvent tells every client that the model has changed; pad events follow.
type ModelEvent struct {
	Model ModelInfo `json:"model"`
}

// Bitmap describes a pad's background picture, which comes as a buffer of
// Width x Height bytes, 0 for paper and 255 for ink. It is fitted into the
// pad, aspect kept, centred.
type Bitmap struct {
	Width  int  `json:"width"`
	Height int  `json:"height"`
	Ready  bool `json:"ready"` // 28x28 and prepared like MNIST's: used unchanged while there are no strokes
}

// PadSet sets the content of a pad. Bufs: strokes, bitmap; either may be empty.
type PadSet struct {
	Pad    string  `json:"pad"` // "a" or "b"
	Rev    int64   `json:"rev"` // grows with every change of this pad
	Bitmap *Bitmap `json:"bitmap"`
}

// PadSetOK answers [PadSet]. Superseded: a newer content of the same pad arrived
// before this one was encoded, so nothing was computed for it.
type PadSetOK struct {
	Superseded bool `json:"superseded"`
}

// PadEvent tells every client how the model encodes a pad. Bufs: pixels (784), mu,
// logvar, recon; all are empty when the pad is empty, all but pixels when there is
// no model for it. Label and Probs are null without a
// classifier.
type PadEvent struct {
	Pad   string    `json:"pad"`
	Rev   int64     `json:"rev"`
	Empty bool      `json:"empty"`
	Label *int      `json:"label"`
	Probs []float32 `json:"probs"`
}

// Encode encodes a picture. Bufs: pixels in [0,1].
type Encode struct{}

// EncodeOK answers [Encode]. Bufs: mu, logvar, recon. Label and Probs are null
// without a classifier.
type EncodeOK struct {
	Label *int      `json:"label"`
	Probs []float32 `json:"probs"`
}

// Decode decodes latent points. Bufs: z, n x latent.
type Decode struct{}

// DecodeOK answers [Decode]. Bufs: pixels, n pictures.
type DecodeOK struct {
	N int `json:"n"`
}

// Kinds of latent paths.
const (
	PathSlerp = "slerp" // spherical
	PathLerp  = "lerp"  // straight
)

// Morph decodes a path between two latent points. Bufs: zA, zB.
type Morph struct {
	Frames int    `json:"frames"` // 2 to MaxFrames, both ends included
	Path   string `json:"path"`
}

// MorphOK answers [Morph]. Bufs: pixels, z, each frame by frame; the first
// frame is zA's, the last zB's.
type MorphOK struct {
	Frames int `json:"frames"`
}

// Distributions that samples are drawn from.
const (
	PriorNormal = "normal" // N(0, I)
	PriorFitted = "fitted" // the mixture that was fitted to the aggregate posterior; N(0, I) for a model without one
)

// Sample draws from the prior.
type Sample struct {
	N     int    `json:"n"` // 1 to MaxSamples
	Seed  int64  `json:"seed"`
	Prior string `json:"prior"` // PriorNormal, PriorFitted; empty: PriorNormal
}

// SampleOK answers [Sample]. Bufs: z, pixels.
type SampleOK struct {
	N     int    `json:"n"`
	Prior string `json:"prior"` // that was drawn from
}

// Example asks for a procedural handwritten digit.
type Example struct {
	Digit int   `json:"digit"` // -1: any
	Seed  int64 `json:"seed"`
}

// ExampleOK answers [Example]. Bufs: strokes.
type ExampleOK struct {
	Label int `json:"label"`
}

// Picture reads a picture file. Bufs: the file.
type Picture struct {
	Name string `json:"name"`
}

// PictureOK answers [Picture] with what [PadSet] takes. Bufs: bitmap.
type PictureOK Bitmap

// Ways to play frames.
const (
	ModeLoop     = "loop"     // jumps back to the start
	ModePingPong = "pingpong" // turns around at both ends
	ModeOnce     = "once"     // stops at the end
)

// GIF makes an animated GIF. Bufs: frames, count pictures in [0,1].
type GIF struct {
	Width   int    `json:"width"` // of a frame, before scaling
	Height  int    `json:"height"`
	Count   int    `json:"count"`
	Scale   int    `json:"scale"`
	Margin  int    `json:"margin,omitempty"` // of paper around a frame, in pixels of the file
	DelayMS int    `json:"delayMs"`          // between frames, rounded to GIF's 10 ms
	Mode    string `json:"mode"`
	Ink     string `json:"ink"` // "#rrggbb"
	Paper   string `json:"paper"`
}

// GIFOK answers [GIF]. Frames counts those in the file, those on the way back
// included. Bufs: the file.
type GIFOK struct {
	Frames int `json:"frames"`
}

// Film makes an animated GIF of pictures in colours. Bufs: palette, three bytes a colour, 1 to 256 colours; frames, count
// pictures of width x height, an index into the palette for each pixel.
type Film struct {
	Width   int `json:"width"`
	Height  int `json:"height"`
	Count   int `json:"count"`
	DelayMS int `json:"delayMs"` // between frames, rounded to GIF's 10 ms; the last one stays longer
}

// FilmOK answers [Film]. Bufs: the file.
type FilmOK struct{}

// Strip makes one picture of frames side by side. Bufs: frames, count pictures
// in [0,1].
type Strip struct {
	Width  int    `json:"width"` // of a frame, before scaling
	Height int    `json:"height"`
	Count  int    `json:"count"`
	Scale  int    `json:"scale"`
	Margin int    `json:"margin,omitempty"` // of paper around each frame, in pixels of the strip
	Gap    int    `json:"gap"`              // of paper between frames and their margins, in pixels of the strip
	Ink    string `json:"ink"`              // "#rrggbb"
	Paper  string `json:"paper"`
}

// StripOK answers [Strip] with the picture's size. Bufs: the PNG file.
type StripOK struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// Loading tells how much of the program has arrived, in bytes before
// compression. Total is 0 when it is not known.
type Loading struct {
	Loaded int64 `json:"loaded"`
	Total  int64 `json:"total"`
}

// EngineReady tells that the engine serves requests.
type EngineReady HelloOK

// MessageType gives the type's name on the wire.
func (Hello) MessageType() string          { return TypeHello }
func (Port) MessageType() string           { return TypePort }
func (ModelLoad) MessageType() string      { return TypeModelLoad }
func (ClassifierLoad) MessageType() string { return TypeClassifierLoad }
func (ModelEvent) MessageType() string     { return TypeModel }
func (PadSet) MessageType() string         { return TypePadSet }
func (PadEvent) MessageType() string       { return TypePad }
func (Encode) MessageType() string         { return TypeEncode }
func (Decode) MessageType() string         { return TypeDecode }
func (Morph) MessageType() string          { return TypeMorph }
func (Sample) MessageType() string         { return TypeSample }
func (Example) MessageType() string        { return TypeExample }
func (Picture) MessageType() string        { return TypePicture }
func (GIF) MessageType() string            { return TypeGIF }
func (Film) MessageType() string           { return TypeFilm }
func (Strip) MessageType() string          { return TypeStrip }
func (Loading) MessageType() string        { return TypeLoading }
func (EngineReady) MessageType() string    { return TypeEngineReady }
