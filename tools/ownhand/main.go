// Ownhand measures what a model gains from a person's own drawings.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"time"

	_ "inkdrift/tools/internal/native"
	"inkdrift/tools/internal/recipes"
	"inkdrift/tools/internal/report"
	"inkdrift/vae"
	"inkdrift/vae/compute/strict"
	"inkdrift/vae/data"
	"inkdrift/vae/metric"
	"inkdrift/vae/preset"
	"inkdrift/vae/store"
	"inkdrift/vae/train"
)

const usage = `ownhand measures how much better a model reconstructs the drawings of one person
after it has gone on with a few of them, as Train does with one's own drawings: the
preset own-hand, on altered copies of the drawings and generated digits.

  go run ./tools/ownhand -pens DIR [-model FILE] [-writers 10,20,30] [flags]

DIR holds pendigits-orig.tra. Of each writer the first drawings of every digit are
those that a person would make; all others are measured on, before and after.

  held        mean squared error of reconstructions of the writer's other drawings
  mnist       the same of MNIST's test pictures, with -data: what is forgotten

Flags:
`

type flags struct {
	model, pens, mnist, config string
	writers                    []int
	drawn, steps               int
	seed                       uint64
	strict                     bool
	report                     *report.Report
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "ownhand:", err)
		os.Exit(1)
	}
}

func parse(args []string, stdout, stderr io.Writer) (f flags, err error) {
	fs := flag.NewFlagSet("ownhand", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&f.model, "model", "web/models/digits.safetensors", "model `file` to begin with")
	fs.StringVar(&f.pens, "pens", "", "`folder` with pendigits-orig.tra, plain or gzip")
	fs.StringVar(&f.mnist, "data", "", "`folder` with MNIST's files: measure what is forgotten, too")
	fs.StringVar(&f.config, "config", preset.OwnHand, "a preset's name or a recipe `file` in JSON, to train with")
	writers := fs.String("writers", "10,20,30", "`numbers` of the writers, with commas")
	fs.IntVar(&f.drawn, "drawn", 30, "drawings that a person makes")
	fs.IntVar(&f.steps, "steps", 0, "end after this many `steps` of the schedule; 0: after all")
	fs.Uint64Var(&f.seed, "seed", 1, "of the copies and of the run")
	fs.BoolVar(&f.strict, "strict", false, "add products up as the page's strict kernel does")
	f.report = report.Flag(fs, "a writer", stdout, nil)
	fs.Usage = func() { fmt.Fprint(stderr, usage); fs.PrintDefaults() }
	if err := fs.Parse(args); err != nil {
		return f, err
	}
	for w := range strings.SplitSeq(*writers, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(w))
		if err != nil {
			return f, fmt.Errorf("-writers %q: give numbers with commas", *writers)
		}
		f.writers = append(f.writers, n)
	}
	switch {
	case f.pens == "":
		return f, errors.New("-pens is missing; -h explains")
	case f.drawn < data.LeastDrawings || f.drawn > data.MostDrawings:
		return f, fmt.Errorf("-drawn must be %d to %d", data.LeastDrawings, data.MostDrawings)
	}
	return f, nil
}

// result is what -json prints of a writer.
type result struct {
	Writer  int     `json:"writer"`
	Drawn   int     `json:"drawn"`
	Held    int     `json:"held"`
	Steps   int     `json:"steps"`
	Seconds float64 `json:"seconds"` // of training, and of making the copies in its first epoch
	Before  float64 `json:"before"`  // mean squared error of the held drawings
	After   float64 `json:"after"`
	Change  float64 `json:"change"` // After/Before - 1
	MNIST   float64 `json:"mnist_change,omitempty"`
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f, err := parse(args, stdout, stderr)
	if err != nil {
		return err
	}
	if f.strict {
		strict.Use()
	}
	b, err := os.ReadFile(f.model)
	if err != nil {
		return err
	}
	from, err := store.ReadModel(b)
	if err != nil {
		return fmt.Errorf("%s: %w", f.model, err)
	}
	recipe, err := recipes.Load(f.config)
	if err != nil {
		return err
	}
	all, err := data.OpenPenDigits(f.pens)
	if err != nil {
		return err
	}
	var mnist data.Dataset
	if f.mnist != "" {
		if _, mnist, err = data.OpenMNIST(f.mnist); err != nil {
			return err
		}
	}
	for _, w := range f.writers {
		of, _ := data.Writers(all, w)
		drawn, others := firstOf(of, f.drawn)
		if len(drawn) < f.drawn || len(others) == 0 {
			return fmt.Errorf("writer %d has %d digits, it takes more than %d of all ten", w, len(of), f.drawn)
		}
		r, err := measure(ctx, from, recipe.Train, drawn, others, mnist, f)
		if err != nil {
			return err
		}
		r.Writer = w
		forgotten := ""
		if mnist != nil {
			forgotten = fmt.Sprintf("; MNIST %+.1f %%", 100*r.MNIST)
		}
		if err := f.report.Write(r, "writer %2d: %d drawn, %d held; %d steps, %.1f s; MSE %.5f, then %.5f: %+.0f %%%s\n",
			r.Writer, r.Drawn, r.Held, r.Steps, r.Seconds, r.Before, r.After, 100*r.Change, forgotten); err != nil {
			return err
		}
	}
	return nil
}

// firstOf splits digits into the first n, as many of each class as of the others, and the rest.
func firstOf(digits []data.PenDigit, n int) (first, rest []data.PenDigit) {
	count := make(map[int]int)
	for _, d := range digits {
		if len(first) < n && count[d.Label] < (n+9)/10 {
			count[d.Label]++
			first = append(first, d)
		} else {
			rest = append(rest, d)
		}
	}
	// As a person is asked for them: one of each class in turn.
	turn := make(map[int]int)
	place := make([]int, len(first))
	for i, d := range first {
		place[i] = turn[d.Label]*10 + d.Label
		turn[d.Label]++
	}
	index := make([]int, len(first))
	for i := range index {
		index[i] = i
	}
	slices.SortFunc(index, func(a, b int) int { return place[a] - place[b] })
	sorted := make([]data.PenDigit, len(first))
	for k, i := range index {
		sorted[k] = first[i]
	}
	return sorted, rest
}

// usualSeed is the seed of where on the pad the held drawings are.
const usualSeed = 7

// measure trains a copy of a model on drawings and compares it with the model.
func measure(ctx context.Context, from *vae.Model, o train.Options, drawn, others []data.PenDigit, mnist data.Dataset, f flags) (r result, err error) {
	m, err := vae.New(train.Trainable(from.Config(), nil), f.seed)
	if err != nil {
		return r, err
	}
	if _, err := train.StartFrom(m, from); err != nil {
		return r, err
	}
	held := data.NewPenSet("held", others, data.UsualStyle(), 1, usualSeed)
	both := func() (h, d float64, err error) {
		if h, err = squaredError(m, held); err == nil && mnist != nil {
			d, err = squaredError(m, mnist)
		}
		return h, d, err
	}
	before, digits, err := both()
	if err != nil {
		return r, err
	}
	start := time.Now()
	hand, err := data.NewHand("own-hand", drawn, true, f.seed)
	if err != nil {
		return r, err
	}
	o.Seed = f.seed
	t, err := train.New(m, data.Cache(hand.Train), o)
	if err != nil {
		return r, err
	}
	for !t.Done() && (f.steps == 0 || t.StepsTaken() < f.steps) && ctx.Err() == nil {
		if _, err := t.Step(); err != nil {
			return r, err
		}
	}
	r = result{Drawn: len(drawn), Held: len(others), Steps: t.StepsTaken(), Seconds: time.Since(start).Seconds(), Before: before}
	after, digitsAfter, err := both()
	if err != nil {
		return r, err
	}
	r.After, r.Change = after, after/before-1
	if mnist != nil {
		r.MNIST = digitsAfter/digits - 1
	}
	return r, ctx.Err()
}

// batch is how many pictures are encoded at once.
const batch = 250

// squaredError is the mean squared error of the model's reconstructions from the mean.
func squaredError(m *vae.Model, d data.Dataset) (float64, error) {
	c := metric.NewComparer(d.Shape())
	index := make([]int, 0, batch)
	for first := 0; first < d.Len(); first += batch {
		index = index[:0]
		for i := first; i < min(first+batch, d.Len()); i++ {
			index = append(index, i)
		}
		n := len(index)
		x, y := make([]float32, n*m.InputLen()), make([]float32, n*m.InputLen())
		mu, logvar := make([]float32, n*m.Latent()), make([]float32, n*m.Latent())
		d.Batch(x, index)
		if err := m.Encode(mu, logvar, x); err != nil {
			return 0, err
		}
		if err := m.Decode(y, mu); err != nil {
			return 0, err
		}
		if err := c.Add(x, y); err != nil {
			return 0, err
		}
	}
	return c.Result().MSE, nil
}
