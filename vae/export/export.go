package export

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"maps"

	"inkdrift/vae/export/onnx"
	"inkdrift/vae/export/torch"
	"inkdrift/vae/store"
)

// Format names what is written.
type Format string

// The formats.
const (
	// ONNX: one graph for each network that the model has, see package onnx.
	ONNX Format = "onnx"
	// PyTorch: model.py and weights.safetensors, see package torch.
	PyTorch Format = "pytorch"
)

// Formats lists the formats.
func Formats() []Format { return []Format{ONNX, PyTorch} }

// FormatError says that there is no such format.
type FormatError struct{ Format Format }

func (e *FormatError) Error() string {
	return fmt.Sprintf("format %q is unknown; known: %s, %s", string(e.Format), ONNX, PyTorch)
}

// The files of PyTorch.
const (
	Program = "model.py"
	Weights = "weights.safetensors"
)

// cardKey is the metadata entry with the card of a model.
const cardKey = "card"

// A File is one of the files that a model becomes.
type File struct {
	Name  string
	Bytes []byte
}

// Options of Files.
type Options struct {
	Format Format
	// Name is what the model is called.
	Name string
	// Card is its card, which ONNX files carry as metadata; empty: there is none.
	Card string
}

// Files writes the model in b, a safetensors file of store.WriteModel. Errors are
// *FormatError, *store.FormatError and *vae.ConfigError, and those of the packages onnx and torch.
func Files(b []byte, o Options) ([]File, error) {
	f, err := store.Decode(b)
	if err != nil {
		return nil, err
	}
	m, err := f.Model()
	if err != nil {
		return nil, err
	}
	switch o.Format {
	case ONNX:
		metadata := maps.Clone(f.Metadata)
		delete(metadata, "format") // of the tensors
		metadata["name"] = o.Name
		if o.Card != "" {
			metadata[cardKey] = o.Card
		}
		graphs, err := onnx.Files(m, metadata)
		if err != nil {
			return nil, err
		}
		files := make([]File, len(graphs))
		for i, g := range graphs {
			files[i] = File(g)
		}
		return files, nil
	case PyTorch:
		text, err := torch.Program(m, torch.Options{Title: title(o.Name, m.Config().Family), Weights: Weights, Recipe: f.Metadata["recipe"]})
		if err != nil {
			return nil, err
		}
		return []File{{Program, []byte(text)}, {Weights, b}}, nil
	}
	return nil, &FormatError{o.Format}
}

func title(name, family string) string { return fmt.Sprintf("Model %s of family %s", name, family) }

// Zip puts files into one archive, in a folder. The same files give the same bytes.
func Zip(w io.Writer, folder string, files []File) error {
	z := zip.NewWriter(w)
	for _, f := range files {
		// Weights hardly pack; a stored archive is made in a moment.
		part, err := z.CreateHeader(&zip.FileHeader{Name: folder + "/" + f.Name, Method: zip.Store})
		if err != nil {
			return err
		}
		if _, err := io.Copy(part, bytes.NewReader(f.Bytes)); err != nil {
			return err
		}
	}
	return z.Close()
}
