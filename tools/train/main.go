// Train makes a model file from a recipe and a data set.
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
	"strings"
	"syscall"
	"time"

	"inkdrift/tools/internal/atomicfile"
	"inkdrift/tools/internal/handwriting"
	_ "inkdrift/tools/internal/native"
	"inkdrift/tools/internal/progress"
	"inkdrift/vae/preset"
	"inkdrift/vae/store"
	"inkdrift/vae/train"
)

const usage = `train makes a model from a recipe and a data set.

  go run ./tools/train -data DIR -config FILE|PRESET -out FILE [flags]

DIR holds MNIST's four IDX files, plain or gzipped, or is the name of a set that
is made: %s ("procedural" means digits). Beside FILE a
checkpoint FILE.ckpt is kept while training; Ctrl-C stops, and -resume FILE.ckpt
goes on bit-identically. The checkpoint of a run in the browser's engine can be
resumed too. With -init a new run begins with the weights of a model file. With
-pens it trains on digits of a pen too, drawn as on the page's pad, and on
generated ones in unusual ways.
Built with -tags netlib, matrix products run on OpenBLAS.

Example:
  go run ./tools/train -data data/mnist -config digits -out digits.safetensors

Presets: %s

Flags:
`

type flags struct {
	data, config, out string
	resume, init      string
	pens              string
	epochs, steps     int
	seed              uint64
	json, lean        bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return
		}
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func parse(args []string, stderr io.Writer) (f flags, set map[string]bool, err error) {
	fs := flag.NewFlagSet("train", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&f.data, "data", "", "`directory` with MNIST's IDX files, or the name of a made set")
	fs.StringVar(&f.config, "config", "", "a preset's name or a recipe `file` in JSON")
	fs.StringVar(&f.out, "out", "", "the model `file` to write")
	fs.StringVar(&f.resume, "resume", "", "checkpoint `file` to go on from")
	fs.StringVar(&f.init, "init", "", "model `file` whose weights a new run begins with")
	fs.StringVar(&f.pens, "pens", "", "`directory` with pendigits-orig.tra: train on drawings as well")
	fs.IntVar(&f.epochs, "epochs", 0, "epochs of the run, instead of the recipe's")
	fs.IntVar(&f.steps, "steps", 0, "end the run after this many steps of the schedule; 0: after all")
	fs.Uint64Var(&f.seed, "seed", 0, "seed of the run, instead of the recipe's")
	fs.BoolVar(&f.json, "json", false, "print one JSON object an epoch on standard output")
	fs.BoolVar(&f.lean, "lean", false, "leave the discriminator out of the model file, which then is smaller and can do all but be trained")
	fs.Usage = func() {
		fmt.Fprintf(stderr, usage, strings.Join(madeNames(), ", "), strings.Join(preset.Names(), ", "))
		fs.PrintDefaults()
	}
	if err := fs.Parse(args); err != nil {
		return f, nil, err
	}
	for name, v := range map[string]string{"data": f.data, "config": f.config, "out": f.out} {
		if v == "" {
			return f, nil, fmt.Errorf("-%s is missing; -h explains", name)
		}
	}
	if f.steps < 0 {
		return f, nil, errors.New("-steps must not be negative")
	}
	if f.resume != "" && f.init != "" {
		return f, nil, errors.New("-resume has weights of its own; leave out -init")
	}
	set = map[string]bool{}
	fs.Visit(func(g *flag.Flag) { set[g.Name] = true })
	return f, set, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f, set, err := parse(args, stderr)
	if err != nil {
		return err
	}
	recipe, err := loadRecipe(f.config)
	if err != nil {
		return err
	}
	if set["epochs"] {
		recipe.Train.Epochs = f.epochs
	}
	if set["seed"] {
		recipe.Train.Seed, recipe.Head.Seed = f.seed, f.seed
	}
	if err := recipe.Validate(); err != nil {
		return err
	}
	trainSet, testSet, err := openData(f.data)
	if err != nil {
		return err
	}
	if f.pens != "" {
		p, err := handwriting.OpenPens(f.pens)
		if err != nil {
			return err
		}
		trainSet = p.Training(trainSet.Name()+" and drawings", trainSet, handwriting.ForModels())
	}
	t, err := begin(recipe, trainSet, f)
	if err != nil {
		return err
	}
	r := &reporter{trainer: t, test: testSet, stdout: stdout, line: progress.New(stderr), json: f.json, start: time.Now(), from: t.StepsTaken()}
	ckpt := f.out + ".ckpt"
	if err := loop(ctx, t, r, f.steps, ckpt); err != nil {
		return err
	}
	m := t.Result()
	if recipe.Model.Classes > 0 {
		if m, err = trainHead(ctx, m, recipe, trainSet, testSet, stderr); err != nil {
			return err
		}
	}
	if f.lean {
		m = m.WithoutDiscriminator()
	}
	notes, err := notesOf(recipe, trainSet.Name())
	if err != nil {
		return err
	}
	if err := atomicfile.Write(f.out, func(w io.Writer) error {
		return store.WriteModel(w, m, store.Options{DType: recipe.DType, Mantissa: recipe.Mantissa, Notes: notes})
	}); err != nil {
		return err
	}
	os.Remove(ckpt)
	fmt.Fprintf(stderr, "wrote %s\n", f.out)
	return nil
}

// notesOf says in the model file how it was made.
func notesOf(r train.Recipe, data string) (map[string]string, error) {
	b, err := json.Marshal(r)
	return map[string]string{"recipe": string(b), "data": data}, err
}

func loadRecipe(name string) (train.Recipe, error) {
	if !strings.HasSuffix(name, ".json") {
		p, err := preset.Find(name)
		if err != nil {
			return train.Recipe{}, err
		}
		return p.Recipe(), nil
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return train.Recipe{}, err
	}
	r, err := train.ReadRecipe(b)
	if err != nil {
		return r, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

// errStopped ends a run that the user stopped.
var errStopped = errors.New("stopped")

// loop trains until the end, or until steps are taken unless it is 0, with a
// checkpoint at least every minute.
func loop(ctx context.Context, t *train.Trainer, r *reporter, steps int, ckpt string) error {
	saved := time.Now()
	for !t.Done() && (steps == 0 || t.StepsTaken() < steps) {
		ev, err := t.Step()
		if err != nil {
			return errors.Join(err, save(t, ckpt))
		}
		if err := r.step(ev); err != nil {
			return err
		}
		stopped := ctx.Err() != nil
		if stopped || time.Since(saved) > time.Minute {
			if err := save(t, ckpt); err != nil {
				return fmt.Errorf("the checkpoint could not be written: %w", err)
			}
			saved = time.Now()
		}
		if stopped {
			return fmt.Errorf("%w at step %d; go on with -resume %s and the same other flags", errStopped, t.Snapshot().Step, ckpt)
		}
	}
	// The classifier comes after this and may be stopped too.
	return save(t, ckpt)
}

func save(t *train.Trainer, path string) error {
	f, err := t.Checkpoint(t.Snapshot()).File()
	if err != nil {
		return err
	}
	return atomicfile.Write(path, f.Encode)
}
