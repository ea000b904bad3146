// Eval measures model files on the test pictures of their data sets.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"inkdrift/tools/internal/datasets"
	_ "inkdrift/tools/internal/native"
	"inkdrift/tools/internal/progress"
	"inkdrift/tools/internal/report"
	"inkdrift/vae"
	"inkdrift/vae/metric"
)

const usage = `eval measures models on test pictures and prints one table.

  go run ./tools/eval -data SET [-model FILE] [flags]

Without -model it measures all that gallery.json in -models lists. Where SET is the
folder of MNIST's IDX files each is measured on the set that it was made for; made
sets, such as faces, need no files. Every other SET is what all are measured on that
take its pictures, with its test part: %sFigures that need something else are left
out, and that is said:

  NLL, ELBO       nats a picture; NLL by importance sampling (Burda et al. 2016);
                  of a conditional model with the true class given; of a Gaussian
                  likelihood they are densities of grey or coloured pixels
  active units    latent dimensions whose mean varies by more than 0.01
  MSE, PSNR, SSIM of reconstructions from the mean (SSIM: Wang et al. 2004)
  errors          of the model's own classifier, and of logistic regression on mu
                  fitted to the training pictures
  FID, score      Heusel et al. 2017 and Salimans et al. 2016, of samples from the
                  prior, with features and probabilities of our own classifier of
                  digits: never set them beside published ones; left out where it
                  cannot read the test pictures (Fashion-MNIST, say)
  classes         that samples are taken for: how many get at least a tenth of
                  their share, the share of the most frequent one, and whether the
                  model has collapsed (one is not covered, or one has over half)
  hand            of a conditional model, every class written in the hand of each of
                  500 test pictures drawn by the seed, whose class is recognised / is
                  given: the share taken for the wanted class, and the least
                  correlation over classes between the picture's slant (moments of
                  ink) or stroke width (twice area over perimeter) and those of
                  what is written

With -pens it measures instead how models, or a classifier, read digits of a pen
drawn as on the page's pad, in several ways, and MNIST's test pictures:

  right           share that is read rightly
  ECE             expected calibration error (Guo et al. 2017), 15 bins
  sure            share that is said to be a digit with 99 % or more, and how
                  many of those are right
  MSE             of reconstructions from the mean
  bars of 7       sevens written with a bar whose reconstruction is nearer to the
                  drawing than to the drawing without its bar

The digits are of writers that tools/classify and tools/train leave out.

Example:
  go run ./tools/eval -data data/mnist -model web/models/digits.safetensors -json
  go run ./tools/eval -data digits -model web/models/digits.safetensors

With -update the figures go to gallery.json and index.json, for the page, and to docs/models.md, and the first 1,000 test pictures as each
model of the studio encodes them to NAME.points.json beside it, for the map; with -points nothing but the latter is done.

With -typical it measures instead how well the ELBO of each model of the studio tells 2,000 test digits from 1,000 generated
letters and doodles, and writes histograms of it to typical.json beside the models, for the page. With -fill it measures how
well they complete 500 test digits (-images: another number) of which a quarter is rubbed out, beside the mean picture of the
training set: the squared error in the hole, as medians. The page states these figures of its first model:
  go run ./tools/eval -data data/mnist -model web/models/digits.safetensors -fill

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

// line is what -json prints of a model.
type line struct {
	Model  string `json:"model"`
	Family string `json:"family"`
	Latent int    `json:"latent"`
	Data   string `json:"data"` // the set of the test pictures
	Bytes  int    `json:"bytes"`
	metric.Report
	model *vae.Model
}

type flags struct {
	model, models, data, classifier, binarize, journal, pens, writers string
	nllSamples, images, samples, linear                               int
	seed                                                              uint64
	update, points, typical, fill                                     bool
	report                                                            *report.Report
}

func parse(args []string, stdout, stderr io.Writer) (f flags, err error) {
	fs := flag.NewFlagSet("eval", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&f.model, "model", "", "one model `file`")
	fs.StringVar(&f.models, "models", "web/models", "`directory` of models with a gallery.json, measured without -model")
	fs.StringVar(&f.data, "data", "", "the data `set`")
	fs.StringVar(&f.classifier, "classifier", "", "classifier `file` of tools/classify (default: classifier.safetensors beside the models)")
	fs.IntVar(&f.nllSamples, "nll-samples", 5000, "importance samples a picture; 0 leaves the NLL out")
	fs.IntVar(&f.images, "images", -1, fmt.Sprintf("test pictures that everything is measured on, drawn by the seed; 0 means all; -1 all, but for ELBO and NLL as many as the figures in gallery.json are of, else %d. The moments that FID compares samples with are of all", usual))
	fs.IntVar(&f.samples, "samples", 10_000, "pictures that each model draws; 0 leaves FID, score and classes out")
	fs.IntVar(&f.linear, "linear", 60_000, "training pictures that logistic regression on mu is fitted to, the first of the set; 0 leaves it out")
	fs.Uint64Var(&f.seed, "seed", 1, "seed of binarisation, noise, samples and choice of pictures")
	fs.StringVar(&f.binarize, "binarize", "dynamic", "dynamic: each pixel a Bernoulli draw, for models with a Bernoulli likelihood; none: grey values")
	fs.StringVar(&f.journal, "journal", "", "`file` that keeps the NLL of each picture as it is measured; the same command goes on with it after being cut off")
	fs.StringVar(&f.pens, "pens", "", "`directory` with pendigits-orig.tra: measure the reading of drawings")
	fs.StringVar(&f.writers, "writers", "test", "of -pens: test, those that nothing is trained on or chosen by; all")
	f.report = report.Flag(fs, "a model", stdout, nil)
	fs.BoolVar(&f.update, "update", false, "write the figures to gallery.json and index.json in -models and to ../../docs/models.md beside it")
	fs.BoolVar(&f.points, "points", false, "measure nothing, write the points of the map to NAME.points.json beside each model")
	fs.BoolVar(&f.typical, "typical", false, "measure how test digits are told from letters and doodles, and write typical.json beside the models")
	fs.BoolVar(&f.fill, "fill", false, "measure how well models complete test digits")
	fs.Usage = func() {
		fmt.Fprint(stderr, strings.Replace(usage, "%s", fmt.Sprintf(datasets.Usage, datasets.Names()), 1))
		fs.PrintDefaults()
	}
	if err := fs.Parse(args); err != nil {
		return f, err
	}
	switch {
	case f.data == "":
		return f, errors.New("-data is missing; -h explains")
	case f.binarize != "dynamic" && f.binarize != "none":
		return f, fmt.Errorf("-binarize %q is unknown; known: dynamic, none", f.binarize)
	case f.nllSamples < 0 || f.images < -1 || f.samples < 0 || f.linear < 0:
		return f, errors.New("-nll-samples, -images, -samples and -linear must not be negative")
	case f.journal != "" && f.model == "":
		return f, errors.New("-journal is of one model; name it with -model")
	case f.writers != "test" && f.writers != "all":
		return f, fmt.Errorf("-writers %q is unknown; known: test, all", f.writers)
	case f.pens != "" && f.update:
		return f, errors.New("-update writes no figures of -pens")
	case f.samples == 1:
		return f, errors.New("-samples must be 0 or at least 2")
	}
	return f, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f, err := parse(args, stdout, stderr)
	if err != nil {
		return err
	}
	models, err := find(f)
	if err != nil {
		return err
	}
	spec, err := datasets.Parse(f.data)
	if err != nil {
		return err
	}
	if (f.points || f.pens != "" || f.typical || f.fill || f.update) && !spec.IsMNIST() {
		return errors.New("-update, -points, -pens, -typical and -fill are of MNIST's digits: -data must be the folder of its files")
	}
	s := &shelf{spec: spec, stderr: stderr}
	if f.points {
		for _, w := range models {
			if err := points(w, s); err != nil {
				return fmt.Errorf("%s: %w", w.path, err)
			}
		}
		return nil
	}
	if f.pens != "" {
		return readings(f, models, stdout)
	}
	if f.typical {
		return updateTypical(models, s, f.report)
	}
	if f.fill {
		return ofStudio(models, s, func(m *opened, set set) error { return measureHoles(m, set, f.images, f.report) })
	}
	references, err := openClassifier(f, models[0].path, s)
	if err != nil {
		return err
	}
	var lines []line
	for _, w := range models {
		l, err := measure(ctx, w, f, s, references, stderr)
		var no *unfitError
		if errors.As(err, &no) && f.model == "" {
			fmt.Fprintf(stderr, "eval: %s is left out: %s\n", w.path, no.reason)
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", w.path, err)
		}
		if f.report.JSON() {
			if err := f.report.Write(l, ""); err != nil {
				return err
			}
		}
		lines = append(lines, l)
		if f.update {
			if err := points(w, s); err != nil {
				return fmt.Errorf("%s: %w", w.path, err)
			}
		}
	}
	if f.update {
		if err := update(f.models, lines); err != nil {
			return err
		}
	}
	if len(lines) == 0 {
		return fmt.Errorf("no model takes the pictures of %s", f.data)
	}
	if f.report.JSON() {
		return nil
	}
	return table(stdout, lines)
}

// points writes the points of one model, if it has any.
func points(w wanted, s *shelf) error {
	m, err := open(w.path)
	if err != nil {
		return err
	}
	if w.data == "" {
		w.data = m.trainedOn
	}
	set, err := s.find(w.data)
	if err != nil || !hasPoints(m.Model, set) {
		return err
	}
	return writePoints(w.path, m.name, m.Model, set)
}

// unfitError says why a model is not measured on a set.
type unfitError struct{ reason string }

func (e *unfitError) Error() string { return e.reason }

// measure measures one model.
func measure(ctx context.Context, w wanted, f flags, s *shelf, j *classifier, stderr io.Writer) (line, error) {
	m, err := open(w.path)
	if err != nil {
		return line{}, err
	}
	c := m.Config()
	if w.data == "" {
		w.data = m.trainedOn
	}
	set, err := s.setFor(m, w.data)
	if err != nil {
		return line{}, err
	}
	if reason := unfit(m, set); reason != "" {
		return line{}, &unfitError{reason}
	}
	s.sayMissing()
	// Told how many, all figures of pictures are of as many.
	test, images := set.test, w.images
	if f.images >= 0 {
		test, images = metric.Drawn(set.test, f.images, f.seed), 0
	}
	p := &measuring{line: progress.New(stderr), ctx: ctx, name: m.name}
	o := metric.Options{NLLSamples: f.nllSamples, Images: images, Binarize: f.binarize == "dynamic" && c.Likelihood == vae.Bernoulli, Seed: f.seed, Progress: p.show}
	switch {
	case f.linear == 0:
	case set.test.Label(0) >= 0:
		o.Train = first(set.train, f.linear)
	case m.HasEncoder():
		fmt.Fprintf(stderr, "eval: the pictures of %s have no labels: the error of linear on mu is left out\n", set.test.Name())
	}
	if j != nil && !set.digits {
		fmt.Fprintf(stderr, "eval: the pictures of %s are no digits of 28x28 pixels, which the classifier knows: FID, score and classes are left out\n", set.test.Name())
	}
	if j != nil && set.digits {
		if o.Reference, err = j.reference(set.test, set.unsure); err != nil {
			return line{}, err
		}
		if o.Reference != nil {
			o.Classifier, o.Samples = j.network, f.samples
		}
	}
	if f.journal != "" && f.nllSamples > 0 {
		j, err := openJournal(f.journal, measurement{m.hash, set.test.Name(), max(f.images, images), o.NLLSamples, o.Binarize, o.Seed})
		if err != nil {
			return line{}, err
		}
		defer j.Close()
		o.Memory = j
	}
	r, err := metric.Evaluate(m.Model, test, o)
	p.line.Clear()
	return line{m.name, c.Family, c.Latent, set.test.Name(), m.bytes, r, m.Model}, err
}

// measuring shows what is being measured.
type measuring struct {
	line       *progress.Line
	ctx        context.Context
	name, what string
	start      time.Time
}

func (p *measuring) show(what string, done, of int) error {
	now := time.Now()
	if what != p.what {
		p.what, p.start = what, now
	}
	p.line.Show(func() string {
		left := time.Duration(float64(of-done) * float64(now.Sub(p.start)) / float64(done))
		return fmt.Sprintf("%s: %s, %d of %d, left %v", p.name, what, done, of, left.Round(time.Second))
	})
	return p.ctx.Err()
}
