package proto

// Types of requests about drawings as data sets.
const (
	TypeDataDraw   = "data.draw"
	TypeDataExport = "data.export"
)

// Limits of a set of drawings; data.LeastDrawings and data.MostDrawings are the same.
const (
	MinDrawings = 6
	MaxDrawings = 1000
)

// DataDraw asks for a set of a person's drawings: altered copies of them to train on, and some of them, held back, for
// validation. Buf 0: the strokes of all drawings, one after the other, see [EncodeStrokes].
type DataDraw struct {
	Labels []int `json:"labels"` // class of each drawing
	Bytes  []int `json:"bytes"`  // how many of Buf 0 are of each drawing
	Digits bool  `json:"digits"` // labels are digits: generated ones are trained on as well, so that a model keeps them
	Seed   int64 `json:"seed"`   // of the copies
}

// DataDrawOK answers [DataDraw]. Bufs: those of [DataIDX], validation in the place of the test; then images and labels of all
// drawings in their order.
type DataDrawOK struct {
	Shape      [3]int `json:"shape"` // channels, height, width
	Train      int    `json:"train"`
	Validation int    `json:"validation"`
}

// DataExport asks for a zip archive of pictures as PNG files in folders by class, as [DataAlbum] reads it. Bufs: images and
// labels in the form of [DataIDX]; of any number of parts.
type DataExport struct {
	Classes []string `json:"classes"` // names of the labels; those without have their number
}

// DataExportOK answers [DataExport]. Buf 0: the archive.
type DataExportOK struct {
	Pictures int `json:"pictures"`
}

// Check validates the fields of a request; the error names the invalid one.
func (r DataDraw) Check() error {
	if err := checkRange("labels", len(r.Labels), MinDrawings, MaxDrawings); err != nil {
		return err
	}
	if len(r.Bytes) != len(r.Labels) {
		return Errorf(CodeBadValue, "bytes", "%d lengths for %d labels", len(r.Bytes), len(r.Labels))
	}
	for _, l := range r.Labels {
		if err := checkRange("labels", l, 0, 255); err != nil {
			return err
		}
	}
	for _, n := range r.Bytes {
		if n <= 0 || n%4 != 0 {
			return Errorf(CodeBadValue, "bytes", "%d: no drawing has so many", n)
		}
	}
	return checkSeed(r.Seed)
}

// Check validates the fields of a request; the error names the invalid one.
func (r DataExport) Check() error {
	if len(r.Classes) > 256 {
		return Errorf(CodeBadValue, "classes", "%d names, at most 256 labels are told apart", len(r.Classes))
	}
	return nil
}

// MessageType gives the type's name on the wire.
func (DataDraw) MessageType() string   { return TypeDataDraw }
func (DataExport) MessageType() string { return TypeDataExport }
