// Classify trains the classifier that the measures of generated pictures are
// computed with.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"inkdrift/tools/internal/atomicfile"
	"inkdrift/tools/internal/handwriting"
	_ "inkdrift/tools/internal/native"
	"inkdrift/tools/internal/report"
	"inkdrift/vae/classify"
	"inkdrift/vae/data"
	"inkdrift/vae/metric"
	"inkdrift/vae/store"
)

const usage = `classify trains the classifier of digits that FID, Inception score and class
coverage are measured with, or with -reader the network that models read drawings
with.

  go run ./tools/classify -data DIR -out FILE [flags]

DIR holds MNIST's four IDX files, plain or gzipped. Training pictures are turned,
slanted, scaled and shifted a little, anew in each epoch; the test error is told
after each. FILE also gets mean and covariance of the features of the test
pictures. Beside it a checkpoint FILE.ckpt is kept while training; Ctrl-C stops,
and the same command with -resume FILE.ckpt goes on bit-identically.

With -pens it trains on digits of a pen too, drawn as on the page's pad, and on
generated ones in unusual ways; the digits of some writers are left out, and the
temperature of the probabilities is set by three of those. tools/attach puts the
file into a model.

Example:
  go run ./tools/classify -data data/mnist -out web/models/classifier.safetensors

Flags:
`

// epochLine is what -json prints of an epoch.
type epochLine struct {
	Epoch        int     `json:"epoch"`
	Loss         float64 `json:"loss"`  // in training
	Error        float64 `json:"error"` // of test pictures
	TestImages   int     `json:"test_images"`
	DrawingError float64 `json:"drawing_error,omitempty"` // of drawings that are not trained on
	Drawings     int     `json:"drawings,omitempty"`
	ImagesSec    float64 `json:"images_per_second"`
	Step         int     `json:"step"`
}

// fileLine is what -json prints of the file that is written.
type fileLine struct {
	File        string  `json:"file"`
	Error       float64 `json:"error"` // of test pictures, as stored
	TestImages  int     `json:"test_images"`
	Temperature float64 `json:"temperature,omitempty"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "classify:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o := classify.Defaults()
	fs := flag.NewFlagSet("classify", flag.ContinueOnError)
	fs.SetOutput(stderr)
	dir := fs.String("data", "", "`directory` with MNIST's IDX files")
	out := fs.String("out", "", "the `file` to write")
	resume := fs.String("resume", "", "checkpoint `file` to go on from; it holds the settings")
	fs.IntVar(&o.Epochs, "epochs", o.Epochs, "passes through the training pictures")
	fs.Uint64Var(&o.Seed, "seed", o.Seed, "seed of weights, order and distortions")
	fs.Float64Var(&o.LearningRate, "rate", o.LearningRate, "learning rate at the beginning")
	pens := fs.String("pens", "", "`directory` with pendigits-orig.tra: train on drawings as well, and calibrate on those of writers left out")
	small := fs.Bool("reader", false, "train the small network that a model reads drawings with, instead")
	found := report.Flag(fs, "an epoch, and one of the file,", stdout, nil)
	fs.Usage = func() { fmt.Fprint(stderr, usage); fs.PrintDefaults() }
	if err := fs.Parse(args); err != nil {
		return err
	}
	switch {
	case *dir == "":
		return errors.New("-data is missing; -h explains")
	case *out == "":
		return errors.New("-out is missing; -h explains")
	}
	mnist, test, err := data.OpenMNIST(*dir)
	if err != nil {
		return err
	}
	var train, held data.Dataset = mnist, nil
	if *pens != "" {
		p, err := handwriting.OpenPens(*pens)
		if err != nil {
			return err
		}
		train = p.Training("mnist-train and drawings", mnist, handwriting.ForReading())
		held = data.Cache(data.NewPenSet("drawings", p.Calibration, data.AnyStyle(), 2, 2))
		o.Distort = classify.Distortion{Turn: 0.1, Slant: 0.1, Scale: 0.08, Shift: 1}
	}
	c := classify.Digits()
	if *small {
		c = classify.Reader()
	}
	t, err := begin(*resume, c, train, o)
	if err != nil {
		return err
	}
	if err := loop(ctx, t, test, held, *out+".ckpt", found); err != nil {
		return err
	}
	if err := write(t, train.Name(), test, held, *out, found); err != nil {
		return err
	}
	os.Remove(*out + ".ckpt")
	return nil
}

// begin starts the run, or takes it up from a checkpoint.
func begin(resume string, c classify.Config, d data.Dataset, o classify.Options) (*classify.Trainer, error) {
	if resume != "" {
		b, err := os.ReadFile(resume)
		if err != nil {
			return nil, err
		}
		t, err := classify.Resume(b, d)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", resume, err)
		}
		return t, nil
	}
	n, err := classify.New(c, o.Seed)
	if err != nil {
		return nil, err
	}
	return classify.NewTrainer(n, d, o)
}

var errStopped = errors.New("stopped")

// loop trains until the end, with a checkpoint at least every minute. held are
// drawings that are not trained on, or nil.
func loop(ctx context.Context, t *classify.Trainer, test, held data.Dataset, ckpt string, found *report.Report) error {
	saved, start, from := time.Now(), time.Now(), t.StepsTaken()
	var sum float64
	var count int
	for !t.Done() {
		loss, err := t.Step()
		if err != nil {
			return errors.Join(err, atomicfile.Write(ckpt, t.Checkpoint))
		}
		sum, count = sum+loss, count+1
		if t.StepsTaken()%t.StepsPerEpoch() == 0 {
			wrong, n, err := t.Network().Error(test)
			if err != nil {
				return err
			}
			speed := float64((t.StepsTaken()-from)*t.Options().Batch) / time.Since(start).Seconds()
			at := epochLine{
				Epoch: t.StepsTaken() / t.StepsPerEpoch(), Loss: sum / float64(count), Error: wrong, TestImages: n, ImagesSec: speed, Step: t.StepsTaken(),
			}
			drawings := ""
			if held != nil {
				misread, of, err := t.Network().Error(held)
				if err != nil {
					return err
				}
				at.DrawingError, at.Drawings = misread, of
				drawings = fmt.Sprintf(", %.2f %% of %d drawings", 100*misread, of)
			}
			if err := found.Write(at, "epoch %d/%d  training loss %.4f  error %.2f %% of %d test pictures%s  %.0f images/s\n",
				at.Epoch, t.Options().Epochs, at.Loss, 100*wrong, n, drawings, speed); err != nil {
				return err
			}
			sum, count = 0, 0
		}
		stopped := ctx.Err() != nil
		if stopped || time.Since(saved) > time.Minute {
			if err := atomicfile.Write(ckpt, t.Checkpoint); err != nil {
				return fmt.Errorf("the checkpoint could not be written: %w", err)
			}
			saved = time.Now()
		}
		if stopped {
			return fmt.Errorf("%w after step %d; go on with -resume %s and the same other flags", errStopped, t.StepsTaken(), ckpt)
		}
	}
	return atomicfile.Write(ckpt, t.Checkpoint)
}

// calibrate sets the temperature of n by drawings that it was not trained on.
func calibrate(n *classify.Network, held data.Dataset) (temperature float64, err error) {
	probs, err := n.ProbsOf(held)
	if err != nil {
		return 0, err
	}
	labels := make([]int, held.Len())
	for i := range labels {
		labels[i] = held.Label(i)
	}
	temperature = metric.Temperature(probs, labels, n.Classes())
	n.Temper(temperature)
	return temperature, nil
}

// write stores the network in half precision and measures what was stored.
func write(t *classify.Trainer, trained string, test, held data.Dataset, path string, found *report.Report) error {
	notes := map[string]string{}
	file := fileLine{File: path}
	if held != nil {
		temperature, err := calibrate(t.Network(), held)
		if err != nil {
			return err
		}
		notes["temperature"] = fmt.Sprintf("%.3f, in the last layer's weights", temperature)
		file.Temperature = temperature
	}
	var b bytes.Buffer
	if err := t.Network().Write(&b, store.F16, nil, nil); err != nil {
		return err
	}
	n, _, err := classify.Read(b.Bytes())
	if err != nil {
		return err
	}
	wrong, images, err := n.Error(test)
	if err != nil {
		return err
	}
	features, err := n.FeaturesOf(test)
	if err != nil {
		return err
	}
	moments, err := metric.MomentsOf(features, n.Features())
	if err != nil {
		return err
	}
	options, err := json.Marshal(t.Options())
	if err != nil {
		return err
	}
	notes["data"], notes["options"] = trained, string(options)
	notes["error"] = fmt.Sprintf("%.4f of %d pictures of %s", wrong, images, test.Name())
	ref := &classify.Reference{Data: test.Name(), Images: moments.N}
	ref.Mean, ref.Cov = moments.Float32()
	if err := atomicfile.Write(path, func(w io.Writer) error { return n.Write(w, store.F16, ref, notes) }); err != nil {
		return err
	}
	file.Error, file.TestImages = wrong, images
	tempered := ""
	if held != nil {
		tempered = fmt.Sprintf(", temperature %.3f", file.Temperature)
	}
	return found.Write(file, "wrote %s: error %.2f %% of %d test pictures%s\n", path, 100*wrong, images, tempered)
}
