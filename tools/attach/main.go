// Attach puts a classifier of pictures and a fitted prior into a model file.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"

	"inkdrift/tools/internal/atomicfile"
	_ "inkdrift/tools/internal/native"
	"inkdrift/tools/internal/progress"
	"inkdrift/tools/internal/report"
	"inkdrift/vae"
	"inkdrift/vae/classify"
	"inkdrift/vae/data"
	"inkdrift/vae/prior"
	"inkdrift/vae/store"
	"inkdrift/vae/train"
)

const usage = `attach puts a classifier of pictures and a fitted prior into a model file. The
weights of the model stay as they are, bit for bit.

  go run ./tools/attach -model FILE -out FILE [-reader FILE] [-components 32,64 -data DIR]

-reader is a file of tools/classify -reader. -components fits mixtures of so many
Gaussians to draws from the posteriors of MNIST's training pictures, in DIR, over
the dimensions that the encoder uses; of several, and of several -shrinkage, the one
is taken that gives the greatest log-likelihood to a sixth of the pictures that it
was not fitted to, and fitted again to all.

Example:
  go run ./tools/attach -model digits.safetensors -reader reader.safetensors \
    -components 32,64,100 -data data/mnist -out web/models/digits.safetensors

Flags:
`

type flags struct {
	model, out, reader, data string
	components, shrinkage    string
	images, mantissa         int
	seed                     uint64
	report                   *report.Report
}

// fitLine is what -json prints of a mixture that was tried, and of the one that was taken.
type fitLine struct {
	Components int     `json:"components"`
	Shrinkage  float64 `json:"shrinkage,omitempty"`
	Fitted     float64 `json:"log_likelihood,omitempty"` // of what it was fitted to, nats
	Held       float64 `json:"held_log_likelihood,omitempty"`
	Dimensions int     `json:"dimensions,omitempty"` // of the one that was taken
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "attach:", err)
		os.Exit(1)
	}
}

func parse(args []string, stdout, stderr io.Writer) (f flags, err error) {
	fs := flag.NewFlagSet("attach", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&f.model, "model", "", "the model `file` to begin with")
	fs.StringVar(&f.out, "out", "", "the model `file` to write")
	fs.StringVar(&f.reader, "reader", "", "classifier `file` that is to read pictures")
	fs.IntVar(&f.mantissa, "mantissa", 4, "bits after the point that are kept of the reader's weights, so that the file packs smaller; 0: all")
	fs.StringVar(&f.components, "components", "", "`numbers` of Gaussians to try, with commas; empty: no prior is fitted")
	fs.StringVar(&f.shrinkage, "shrinkage", "20", "`numbers` to try: how many vectors with the covariance of all are added to those of each Gaussian")
	fs.StringVar(&f.data, "data", "", "`directory` with MNIST's IDX files")
	fs.IntVar(&f.images, "images", 0, "pictures that the prior is fitted to; 0: all")
	fs.Uint64Var(&f.seed, "seed", 1, "seed of draws and of the first means")
	f.report = report.Flag(fs, "a mixture that is tried, and one of the one that is taken,", stdout, stderr)
	fs.Usage = func() { fmt.Fprint(stderr, usage); fs.PrintDefaults() }
	if err := fs.Parse(args); err != nil {
		return f, err
	}
	switch {
	case f.model == "" || f.out == "":
		return f, errors.New("-model and -out are needed; -h explains")
	case f.components != "" && f.data == "":
		return f, errors.New("-components needs -data; -h explains")
	case f.mantissa < 0 || f.mantissa > 23:
		return f, errors.New("-mantissa must be between 0 and 23")
	case f.components == "" && f.reader == "":
		return f, errors.New("there is nothing to do: name a -reader or -components; -h explains")
	}
	return f, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f, err := parse(args, stdout, stderr)
	if err != nil {
		return err
	}
	b, err := os.ReadFile(f.model)
	if err != nil {
		return err
	}
	file, err := store.Decode(b)
	if err != nil {
		return fmt.Errorf("%s: %w", f.model, err)
	}
	m, err := file.Model()
	if err != nil {
		return fmt.Errorf("%s: %w", f.model, err)
	}
	notes := file.Metadata
	if f.reader != "" {
		if m, err = withReader(m, f.reader, f.mantissa, notes); err != nil {
			return err
		}
	}
	if f.components != "" {
		if err := fitPrior(ctx, m, f, notes, stderr); err != nil {
			return err
		}
	}
	out, err := store.ModelFile(m, store.Options{DType: file.Tensors[0].DType, Notes: notes})
	if err != nil {
		return err
	}
	if err := atomicfile.Write(f.out, out.Encode); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "wrote %s\n", f.out)
	return nil
}

// withReader puts the classifier of pictures in a file into m, its weights rounded to
// bits after the point unless that is 0, and says so in notes.
func withReader(m *vae.Model, file string, mantissa int, notes map[string]string) (*vae.Model, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	n, _, err := classify.Read(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	c := n.Config()
	for _, stride := range c.Strides {
		if stride != 2 {
			return nil, fmt.Errorf("%s: has strides %v; those of a model's reader are all 2: train it with tools/classify -reader", file, c.Strides)
		}
	}
	if c.Classes != m.Classes() || c.Input != m.Config().Input {
		return nil, fmt.Errorf("%s: reads %d classes of pictures of %v; the model has %d and %v", file, c.Classes, c.Input, m.Classes(), m.Config().Input)
	}
	if m, err = m.WithReader(c.Channels, []int{c.Features}); err != nil {
		return nil, err
	}
	weights := n.Weights()
	if mantissa > 0 {
		weights = store.Rounded(weights, mantissa)
	}
	copy(m.Reader().W, weights)
	f, err := store.Decode(b)
	if err != nil {
		return nil, err
	}
	for _, key := range []string{"data", "options", "temperature", "error"} {
		if text := f.Metadata[key]; text != "" {
			notes["reader_"+key] = text
		}
	}
	return m, nil
}

// fitPrior fits a prior to m and says how in notes.
func fitPrior(ctx context.Context, m *vae.Model, f flags, notes map[string]string, stderr io.Writer) error {
	components, err := numbers("components", f.components)
	if err != nil {
		return err
	}
	shrinkage, err := numbers("shrinkage", f.shrinkage)
	if err != nil {
		return err
	}
	pictures, _, err := data.OpenMNIST(f.data)
	if err != nil {
		return err
	}
	line := progress.New(stderr)
	o := train.PriorOptions{Images: f.images, Seed: f.seed}
	for _, k := range components {
		for _, s := range shrinkage {
			fit := prior.Defaults()
			fit.Components, fit.Shrinkage, fit.Seed = int(k), s, f.seed
			fit.Progress = func(round int, v float64) error {
				line.Show(func() string {
					return fmt.Sprintf("%d components, shrinkage %v: round %d, log-likelihood %.3f", int(k), s, round, v)
				})
				return ctx.Err()
			}
			o.Fits = append(o.Fits, fit)
		}
	}
	o.Progress = func(fit prior.Options, fitted, held float64) error {
		line.Clear()
		tried := fitLine{Components: fit.Components, Shrinkage: fit.Shrinkage, Fitted: fitted, Held: held}
		return errors.Join(ctx.Err(), f.report.Write(tried, "%d components, shrinkage %v: log-likelihood %.3f nats, %.3f of latents left out\n", fit.Components, fit.Shrinkage, fitted, held))
	}
	if err := train.FitPrior(m, pictures, o); err != nil {
		return err
	}
	p := m.Prior()
	line.Clear()
	notes["prior"] = fmt.Sprintf("%d Gaussians over %d dimensions, fitted to posteriors of %s, seed %d", p.Components(), len(p.Dims), pictures.Name(), f.seed)
	taken := fitLine{Components: p.Components(), Dimensions: len(p.Dims)}
	return f.report.Write(taken, "prior of %d components over %d dimensions\n", p.Components(), len(p.Dims))
}

// numbers reads a list with commas.
func numbers(name, list string) (all []float64, err error) {
	for _, word := range strings.Split(list, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(word), 64)
		if err != nil || !(v > 0 && v < 1e6) {
			return nil, fmt.Errorf("-%s: %q is no positive number", name, word)
		}
		all = append(all, v)
	}
	return all, nil
}
