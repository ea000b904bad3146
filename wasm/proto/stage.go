package proto

// Types of messages between the page and the stage. The stage also gets the
// engine's "pad" and "model" events through a MessagePort of their own.
const (
	TypeLayout  = "layout"
	TypeTheme   = "theme"
	TypePlay    = "play"
	TypeSamples = "samples"
	TypeEngine  = "engine"

	TypeReady   = "ready"
	TypePainted = "painted"
	TypeTick    = "tick"
)

// Names of the stage's regions. An input is the prepared picture that the model
// gets of a pad.
const (
	SlotPadA            = "padA"
	SlotPadB            = "padB"
	SlotInputA          = "seesA"
	SlotReconstructionA = "givesA"
	SlotInputB          = "seesB"
	SlotReconstructionB = "givesB"
	SlotMorph           = "morph"
	SlotStrip           = "strip"
	SlotSamples         = "samples"
	SlotMap             = "map"
	SlotMapSample       = "mapSample" // the picture of the morph's slot once more, beside the map
)

// Rect is a slot's place in CSS pixels relative to the stage's iframe.
type Rect struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
	W float64 `json:"w"`
	H float64 `json:"h"`
}

// Layout gives the stage its size and the places of its regions. A region that is
// missing is not shown.
type Layout struct {
	Width  float64         `json:"width"` // CSS pixels
	Height float64         `json:"height"`
	DPR    float64         `json:"dpr"` // device pixels in a CSS pixel
	Slots  map[string]Rect `json:"slots"`
}

// Theme gives the stage its colours, each "#rrggbb".
type Theme struct {
	Paper   string   `json:"paper"`
	Ink     string   `json:"ink"`
	Muted   string   `json:"muted"`
	Line    string   `json:"line"`
	Accent  string   `json:"accent"`
	Mu      string   `json:"mu"`      // of means of posteriors
	Sigma   string   `json:"sigma"`   // of their standard deviations
	Classes []string `json:"classes"` // of the labels 0 to 9, and again from 10
}

// PadContent gives the stage the whole content of a pad. Bufs: strokes, bitmap.
type PadContent struct {
	Pad    string  `json:"pad"`
	Bitmap *Bitmap `json:"bitmap"`
}

// Play tells the stage how to play the morph.
type Play struct {
	Playing bool    `json:"playing"`
	T       float64 `json:"t"`     // in [0,1], from A to B
	Speed   float64 `json:"speed"` // 1: three seconds from A to B
	Mode    string  `json:"mode"`
	Path    string  `json:"path"`
	Frames  int     `json:"frames"`
}

// Samples gives the stage pictures to show in the samples' slot. Bufs: pixels,
// n x 784.
type Samples struct {
	N int `json:"n"`
}

// EngineLink comes with a MessagePort to the engine.
type EngineLink struct{}

// Ready tells that the stage has started; it comes again after each reload.
type Ready struct {
	Renderer string `json:"renderer"` // "webgl2" or "canvas2d"
}

// Tick tells the page the position of the animation.
type Tick struct {
	T       float64 `json:"t"`
	Playing bool    `json:"playing"`
}

// Painted tells the page that the stage shows the pads, for the first time since it
// started, and once more when it shows a morph.
type Painted struct {
	Morph bool `json:"morph"`
}

// MorphInstalled tells the page that the stage shows another path.
type MorphInstalled struct {
	Frames int    `json:"frames"`
	Path   string `json:"path"`
}

// MessageType gives the type's name on the wire.
func (Layout) MessageType() string         { return TypeLayout }
func (Theme) MessageType() string          { return TypeTheme }
func (PadContent) MessageType() string     { return TypePad }
func (Play) MessageType() string           { return TypePlay }
func (Samples) MessageType() string        { return TypeSamples }
func (EngineLink) MessageType() string     { return TypeEngine }
func (Ready) MessageType() string          { return TypeReady }
func (Painted) MessageType() string        { return TypePainted }
func (Tick) MessageType() string           { return TypeTick }
func (MorphInstalled) MessageType() string { return TypeMorph }
