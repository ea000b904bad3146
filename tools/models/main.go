// Models makes the models of web/models again.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"inkdrift/tools/internal/repo"
	"inkdrift/tools/internal/report"
	"inkdrift/vae/data"
)

const usage = `models makes the models of web/models again, which takes hours.

  go run ./tools/models [flags]

Each is made by one or more runs of tools/train, or by tools/classify; tools/attach
completes some. Recipes,
checkpoints and what runs make stay in the work folder: after Ctrl-C the same
command goes on where it was, and what is finished there is not made again.

Example:
  go run ./tools/models -only digits -data data/mnist

Flags:
`

// modelLine is what -json prints of a model.
type modelLine struct {
	Name string   `json:"name"`
	Data string   `json:"data"` // the set that it is made for
	Runs []string `json:"runs"`
}

type options struct {
	root           string
	data           string // folder with MNIST's files
	pens           string // folder with the pen digits
	work, out      string
	only, tags     string
	list           bool
	try            int // steps of each run; 0: all
	stdout, stderr io.Writer
}

func main() {
	if err := command(os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "models:", err)
		os.Exit(1)
	}
}

func command(args []string) error {
	o := options{stdout: os.Stdout, stderr: os.Stderr}
	fs := flag.NewFlagSet("models", flag.ContinueOnError)
	fs.StringVar(&o.data, "data", "data/mnist", "`folder` with MNIST's four IDX files, plain or gzipped")
	fs.StringVar(&o.pens, "pens", "data/pendigits", "`folder` with pendigits-orig.tra, plain or gzipped")
	fs.StringVar(&o.work, "work", ".cache/models", "`folder` for recipes, checkpoints and what runs make")
	fs.StringVar(&o.out, "out", "web/models", "`folder` for the finished models")
	fs.StringVar(&o.only, "only", "", "make only this `model`")
	fs.StringVar(&o.tags, "tags", "", "build `tags` of the tools, such as netlib")
	fs.IntVar(&o.try, "try", 0, "take only so many `steps` of each run, to see that it begins; needs another -work and -out")
	fs.BoolVar(&o.list, "list", false, "print the models, their data and their runs, and make nothing")
	found := report.Flag(fs, "a model with -list", o.stdout, nil)
	fs.Usage = func() { fmt.Fprint(fs.Output(), usage); fs.PrintDefaults() }
	if err := fs.Parse(args); err != nil {
		return err
	}
	if o.try > 0 && (o.out == "web/models" || o.work == ".cache/models") {
		return errors.New("-try makes no finished models: name other folders with -work and -out")
	}
	var err error
	if o.root, err = repo.Root(); err != nil {
		return err
	}
	for _, p := range []*string{&o.data, &o.pens, &o.work, &o.out} {
		if !filepath.IsAbs(*p) {
			*p = filepath.Join(o.root, *p)
		}
	}
	all, err := models()
	if err != nil {
		return err
	}
	wanted, err := find(all, o.only)
	if err != nil {
		return err
	}
	if o.list {
		return list(found, wanted)
	}
	if err := checkData(wanted, o.data); err != nil {
		return err
	}
	if err := checkPens(wanted, o.pens); err != nil {
		return err
	}
	mk := maker{options: o, tool: o.goRun}
	for _, m := range wanted {
		if err := mk.make(m); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

// list prints a line for each model and its runs.
func list(found *report.Report, wanted []model) error {
	for _, m := range wanted {
		runs := []string{}
		for _, r := range m.runs {
			runs = append(runs, r.name)
		}
		if err := found.Write(modelLine{m.name, m.data, runs}, "%-12s %-10s %s\n", m.name, m.data, strings.Join(runs, " ")); err != nil {
			return err
		}
	}
	return nil
}

// mnistFiles are the names of MNIST's files; each may end in .gz.
var mnistFiles = []string{"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}

// checkData returns an error that names the files that are missing.
func checkData(wanted []model, dir string) error {
	if !slices.ContainsFunc(wanted, func(m model) bool { return m.data == mnist }) {
		return nil
	}
	var missing []string
	for _, name := range mnistFiles {
		_, plain := os.Stat(filepath.Join(dir, name))
		_, packed := os.Stat(filepath.Join(dir, name+".gz"))
		if plain != nil && packed != nil {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("MNIST is needed; %s: not in %s, plain or .gz. Download them from a mirror of the MNIST database and name their folder: make models MNIST=DIR",
		strings.Join(missing, ", "), dir)
}

// checkPens returns an error where pen digits are needed and not there.
func checkPens(wanted []model, dir string) error {
	if !slices.ContainsFunc(wanted, func(m model) bool {
		return m.reads || slices.ContainsFunc(m.runs, func(r run) bool { return r.pens })
	}) {
		return nil
	}
	if _, err := data.OpenPenDigits(dir); err != nil {
		return fmt.Errorf("digits of a pen are needed: %w: make models PENS=DIR", err)
	}
	return nil
}

// goRun runs one of our tools. Ctrl-C reaches the tool too, which then writes its
// checkpoint, so it is waited for.
func (o options) goRun(tool string, args ...string) error {
	args = append([]string{"run", "-buildvcs=false", "-tags", o.tags, "./tools/" + tool}, args...)
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = o.root, o.stdout, o.stderr
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	return cmd.Run()
}
