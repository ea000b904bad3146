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
	"inkdrift/tools/internal/datasets"
	_ "inkdrift/tools/internal/native"
	"inkdrift/tools/internal/progress"
	"inkdrift/tools/internal/report"
	"inkdrift/vae"
	"inkdrift/vae/compute/strict"
	"inkdrift/vae/preset"
	"inkdrift/vae/store"
	"inkdrift/vae/train"
)

const usage = `train makes a model from a recipe and a data set.

  go run ./tools/train -data SET -config FILE|PRESET -out FILE [flags]

SET is %s
Beside FILE a checkpoint FILE.ckpt is kept while training; Ctrl-C stops, and -resume
FILE.ckpt goes on bit-identically. What the page exports with the optimiser's state
can be resumed too, -data left out where its pictures are made; and with -checkpoint
the state at the end is kept, which the page opens in its turn. With -init a new run
begins with the weights of a model file; without -config with the usual settings of
its family. With -pens it trains on digits of a pen too, drawn as on the page's pad,
and on generated ones in unusual ways.

The last bits of a run depend on how sums of products are rounded. With -strict
they are those of the page under ?kernel=strict with one worker, several times
slower than without. Built with -tags netlib, matrix products run on OpenBLAS.

Example:
  go run ./tools/train -data data/mnist -config digits -out digits.safetensors
  go run ./tools/train -data digits:20000,seed=1 -config quick -out quick.safetensors
  go run ./tools/train -resume run.ckpt -strict -out run.safetensors

Presets: %s

Flags:
`

type flags struct {
	data, config, out string
	resume, init      string
	pens              string
	epochs, steps     int
	seed              uint64
	lean              bool
	strict, keep      bool
	report            *report.Report
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

func parse(args []string, stdout, stderr io.Writer) (f flags, set map[string]bool, err error) {
	fs := flag.NewFlagSet("train", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&f.data, "data", "", "the data `set`: a folder, an archive, or the name of a set that is made")
	fs.StringVar(&f.config, "config", "", "a preset's name or a recipe `file` in JSON")
	fs.StringVar(&f.out, "out", "", "the model `file` to write")
	fs.StringVar(&f.resume, "resume", "", "checkpoint `file` to go on from")
	fs.StringVar(&f.init, "init", "", "model `file` whose weights a new run begins with")
	fs.StringVar(&f.pens, "pens", "", "`directory` with pendigits-orig.tra: train on drawings as well")
	fs.IntVar(&f.epochs, "epochs", 0, "epochs of the run, instead of the recipe's")
	fs.IntVar(&f.steps, "steps", 0, "end the run after this many steps of the schedule; 0: after all")
	fs.Uint64Var(&f.seed, "seed", 0, "seed of the run, instead of the recipe's")
	f.report = report.Flag(fs, "an epoch", stdout, stderr)
	fs.BoolVar(&f.strict, "strict", false, "add products up as the page's strict kernel does, for the same bits")
	fs.BoolVar(&f.keep, "checkpoint", false, "keep FILE.ckpt at the end")
	fs.BoolVar(&f.lean, "lean", false, "leave the discriminator out of the model file, which then is smaller and can do all but be trained")
	fs.Usage = func() {
		fmt.Fprintf(stderr, usage, fmt.Sprintf(datasets.Usage, datasets.Names()), strings.Join(preset.Names(), ", "))
		fs.PrintDefaults()
	}
	if err := fs.Parse(args); err != nil {
		return f, nil, err
	}
	switch {
	case f.out == "":
		return f, nil, errors.New("-out is missing; -h explains")
	case f.data == "" && f.resume == "":
		return f, nil, errors.New("-data is missing; -h explains")
	case f.config == "" && f.resume == "" && f.init == "":
		return f, nil, errors.New("-config is missing; -h explains")
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
	f, set, err := parse(args, stdout, stderr)
	if err != nil {
		return err
	}
	if f.strict {
		strict.Use()
	}
	var checkpoint *train.Checkpoint
	var from *vae.Model
	switch {
	case f.resume != "":
		if checkpoint, err = readCheckpoint(f.resume); err != nil {
			return err
		}
		if f.data == "" {
			if f.data = datasets.MadeSpec(checkpoint.Data); f.data == "" {
				return fmt.Errorf("-data is missing: the run is of %q, which is no set that is made", checkpoint.Data)
			}
		}
	case f.init != "":
		if from, err = openModel(f.init); err != nil {
			return err
		}
	}
	recipe, err := recipeFor(f, set, checkpoint, from)
	if err != nil {
		return err
	}
	if checkpoint != nil {
		if err := sameRun(recipe, checkpoint); err != nil {
			return fmt.Errorf("%s: %w", f.resume, err)
		}
	}
	pictures, err := openData(f, recipe.Model.Input, stderr)
	if err != nil {
		return err
	}
	var t *train.Trainer
	if checkpoint != nil {
		t, err = resume(checkpoint, pictures, stderr)
	} else {
		t, err = begin(recipe, pictures, from, stderr)
	}
	if err != nil {
		return err
	}
	r := &reporter{trainer: t, test: pictures.Validation, report: f.report, line: progress.New(stderr), start: time.Now(), from: t.StepsTaken()}
	ckpt := f.out + ".ckpt"
	if err := loop(ctx, t, r, f.steps, ckpt); err != nil {
		return err
	}
	m := t.Result()
	if recipe.Model.Classes > 0 {
		if m, err = trainHead(ctx, m, recipe, pictures.Train, pictures.Validation, stderr); err != nil {
			return err
		}
	}
	if f.lean {
		m = m.WithoutDiscriminator()
	}
	notes, err := notesOf(recipe, pictures.Name)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(f.out, func(w io.Writer) error {
		return store.WriteModel(w, m, store.Options{DType: recipe.DType, Mantissa: recipe.Mantissa, Notes: notes})
	}); err != nil {
		return err
	}
	if f.keep {
		fmt.Fprintf(stderr, "wrote %s and %s\n", f.out, ckpt)
		return nil
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

// errStopped ends a run that the user stopped.
var errStopped = errors.New("stopped")

// loop trains until the end, or until steps are taken unless it is 0, with a
// checkpoint at least every minute.
func loop(ctx context.Context, t *train.Trainer, r *reporter, steps int, ckpt string) error {
	saved := time.Now()
	for !t.Done() && (steps == 0 || t.StepsTaken() < steps) {
		ev, err := t.Step()
		if err != nil {
			return errors.Join(err, save(t, t.Snapshot(), ckpt))
		}
		if err := r.step(ev); err != nil {
			return err
		}
		stopped := ctx.Err() != nil
		if stopped || time.Since(saved) > time.Minute {
			if err := save(t, t.Snapshot(), ckpt); err != nil {
				return fmt.Errorf("the checkpoint could not be written: %w", err)
			}
			saved = time.Now()
		}
		if stopped {
			return fmt.Errorf("%w at step %d; go on with -resume %s and the same other flags", errStopped, t.Snapshot().Step, ckpt)
		}
	}
	// The classifier comes after this and may be stopped too.
	return save(t, t.State(), ckpt)
}

func save(t *train.Trainer, s train.State, path string) error {
	f, err := t.Checkpoint(s).File()
	if err != nil {
		return err
	}
	return atomicfile.Write(path, f.Encode)
}
