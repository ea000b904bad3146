// Export writes a model file for other programs, as ONNX graphs or as a program for
// PyTorch.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"inkdrift/tools/internal/atomicfile"
	"inkdrift/tools/internal/report"
	"inkdrift/vae/export"
)

const usage = `export writes a model file for other programs.

  go run ./tools/export -model FILE -out DIR [-format onnx|pytorch]

-format onnx writes a graph for each network that the model has, opset 17, float32,
with a batch of any length as the first axis:

  encoder.onnx            x [batch, C, H, W] -> mu, logvar [batch, latent]
  decoder.onnx            z [batch, latent] -> x [batch, C, H, W], from 0 to 1
  classifier.onnx         x [batch, C, H, W] -> probabilities [batch, classes]
  latent_classifier.onnx  mu [batch, latent] -> probabilities [batch, classes]
  discriminator.onnx      x [batch, C, H, W] -> real [batch, 1], a probability
  prior.onnx              u [batch] in [0, 1), e [batch, latent] of N(0, I) ->
                          z [batch, latent] of the fitted prior

Encoder and decoder of a conditional model also take y [batch, classes], the class
one-hot. The metadata of each graph holds the architecture, the recipe, the data and
the model's card, which is FILE with .md for .safetensors where there is one.

-format pytorch writes model.py, which needs PyTorch alone, and weights.safetensors
beside it:

  python DIR/model.py                     encodes, decodes and samples
  python DIR/model.py train --data DATA   goes on training, as torchrun does with
                                          several processes

Example:
  go run ./tools/export -model web/models/digits.safetensors -out digits -format pytorch

Flags:
`

// file is what -json prints of a file that is written.
type file struct {
	File  string `json:"file"`
	Bytes int64  `json:"bytes"`
}

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "export:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("export", flag.ContinueOnError)
	fs.SetOutput(stderr)
	model := fs.String("model", "", "the model `file`")
	out := fs.String("out", "", "`directory` for what is written; it is made where it is missing")
	format := fs.String("format", string(export.ONNX), "onnx or pytorch")
	card := fs.String("card", "", "text `file` with the model's card, for the metadata of ONNX; empty: the file beside the model")
	written := report.Flag(fs, "a file that is written", stdout, stderr)
	fs.Usage = func() { fmt.Fprint(stderr, usage); fs.PrintDefaults() }
	if err := fs.Parse(args); err != nil {
		return err
	}
	switch {
	case fs.NArg() > 0:
		return fmt.Errorf("no arguments are taken besides flags, got %q; -h explains", fs.Args())
	case *model == "" || *out == "":
		return errors.New("-model and -out are needed; -h explains")
	case !slices.Contains(export.Formats(), export.Format(*format)):
		return fmt.Errorf("-format: %w; -h explains", &export.FormatError{Format: export.Format(*format)})
	}
	b, err := os.ReadFile(*model)
	if err != nil {
		return err
	}
	text, err := readCard(*card, *model)
	if err != nil {
		return err
	}
	name := strings.TrimSuffix(filepath.Base(*model), filepath.Ext(*model))
	files, err := export.Files(b, export.Options{Format: export.Format(*format), Name: name, Card: text})
	if err != nil {
		return fmt.Errorf("%s: %w", *model, err)
	}
	if err := os.MkdirAll(*out, 0o755); err != nil {
		return err
	}
	for _, f := range files {
		path := filepath.Join(*out, f.Name)
		if err := atomicfile.Write(path, func(w io.Writer) error {
			_, err := w.Write(f.Bytes)
			return err
		}); err != nil {
			return err
		}
		size := int64(len(f.Bytes))
		if err := written.Write(file{path, size}, "wrote %s, %s\n", path, report.Size(size)); err != nil {
			return err
		}
	}
	return nil
}

// readCard reads the file that was named, or the one beside the model if there is one.
func readCard(named, model string) (string, error) {
	path := named
	if path == "" {
		path = strings.TrimSuffix(model, filepath.Ext(model)) + ".md"
	}
	b, err := os.ReadFile(path)
	if named == "" && errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	return string(b), err
}
