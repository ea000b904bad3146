package proto

// TypeExport is the type of requests that write a model for other programs.
const TypeExport = "export"

// Formats of [Export].
const (
	ExportONNX    = "onnx"
	ExportPyTorch = "pytorch"
)

// Export writes a model for other programs. Bufs: the model's file, then the text of
// its card in UTF-8, or nothing.
type Export struct {
	Format string `json:"format"`
	Name   string `json:"name"` // of the model, and of the folder in the archive
}

// ExportOK answers [Export]. Bufs: a zip archive with the files.
type ExportOK struct {
	Files []string `json:"files"` // their names
}

// Check validates the fields of a request; the error names the invalid one.
func (r Export) Check() error {
	if r.Format != ExportONNX && r.Format != ExportPyTorch {
		return Errorf(CodeBadValue, "format", "%.20q: want %q or %q", r.Format, ExportONNX, ExportPyTorch)
	}
	return checkName(r.Name)
}

// MessageType gives the type's name on the wire.
func (Export) MessageType() string { return TypeExport }
