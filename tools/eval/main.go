// Eval measures a model file on MNIST's test set.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	_ "inkdrift/tools/internal/native"
	"inkdrift/vae/data"
	"inkdrift/vae/metric"
	"inkdrift/vae/store"
)

const usage = `eval measures a model on MNIST's 10,000 test pictures.

  go run ./tools/eval -model FILE -data DIR [flags]

DIR holds MNIST's IDX files, plain or gzipped. Figures are in nats a picture:
ELBO and its terms, the negative log-likelihood by importance sampling (Burda et
al. 2016) and, over all test pictures, active units and the accuracy of the
classifier. Built with -tags netlib, matrix products run on OpenBLAS.

Example:
  go run ./tools/eval -model web/models/digits.safetensors -data data/mnist -json

Flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "eval:", err)
		os.Exit(1)
	}
}

// line is what -json prints.
type line struct {
	Model string `json:"model"`
	metric.Report
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("eval", flag.ContinueOnError)
	fs.SetOutput(stderr)
	model := fs.String("model", "", "the model `file`")
	dir := fs.String("data", "", "`directory` with MNIST's IDX files")
	samples := fs.Int("nll-samples", 5000, "importance samples a picture; 0 leaves the NLL out")
	images := fs.Int("images", 1000, "pictures for ELBO and NLL, drawn by the seed; 0 means all")
	seed := fs.Uint64("seed", 1, "seed of binarisation, noise and choice of pictures")
	binarize := fs.String("binarize", "dynamic", "dynamic: each pixel a Bernoulli draw; none: grey values")
	asJSON := fs.Bool("json", false, "print one JSON object")
	fs.Usage = func() { fmt.Fprint(stderr, usage); fs.PrintDefaults() }
	if err := fs.Parse(args); err != nil {
		return err
	}
	switch {
	case *model == "":
		return errors.New("-model is missing; -h explains")
	case *dir == "":
		return errors.New("-data is missing; -h explains")
	case *binarize != "dynamic" && *binarize != "none":
		return fmt.Errorf("-binarize %q is unknown; known: dynamic, none", *binarize)
	case *samples < 0 || *images < 0:
		return errors.New("-nll-samples and -images must not be negative")
	}
	b, err := os.ReadFile(*model)
	if err != nil {
		return err
	}
	m, err := store.ReadModel(b)
	if err != nil {
		return fmt.Errorf("%s: %w", *model, err)
	}
	_, test, err := data.OpenMNIST(*dir)
	if err != nil {
		return err
	}
	p := &progress{w: stderr, ctx: ctx, start: time.Now()}
	r, err := metric.Evaluate(m, test, metric.Options{
		NLLSamples: *samples, Images: *images, Binarize: *binarize == "dynamic", Seed: *seed, Progress: p.show,
	})
	p.clear()
	if err != nil {
		return err
	}
	l := line{strings.TrimSuffix(filepath.Base(*model), filepath.Ext(*model)), r}
	if *asJSON {
		return json.NewEncoder(stdout).Encode(l)
	}
	return table(stdout, l)
}

func table(w io.Writer, l line) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d parameters, %d latent dimensions active\n", l.Model, l.Params, l.ActiveUnits)
	fmt.Fprintf(&b, "ELBO %.2f = -(reconstruction %.2f + KL %.2f) nats on %d pictures, binarisation %s, seed %d\n",
		l.ELBO, l.Recon, l.KL, l.Images, l.Binarization, l.Seed)
	if l.NLLSamples > 0 {
		fmt.Fprintf(&b, "NLL %.2f nats (standard error %.2f over pictures), %d samples each\n", l.NLL, l.NLLStdErr, l.NLLSamples)
	}
	if l.Accuracy > 0 {
		fmt.Fprintf(&b, "classifier error %.2f %% on %d pictures\n", 100*(1-l.Accuracy), l.LabelImages)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// progress shows how far the NLL is, at most five times a second.
type progress struct {
	w            io.Writer
	ctx          context.Context
	start, shown time.Time
}

func (p *progress) show(done, of int) error {
	if now := time.Now(); now.Sub(p.shown) > 200*time.Millisecond {
		p.shown = now
		left := time.Duration(float64(of-done) * float64(now.Sub(p.start)) / float64(done))
		fmt.Fprintf(p.w, "\rNLL of picture %d of %d, left %v   ", done, of, left.Round(time.Second))
	}
	return p.ctx.Err()
}

func (p *progress) clear() {
	if !p.shown.IsZero() {
		fmt.Fprintf(p.w, "\r%s\r", strings.Repeat(" ", 60))
	}
}
