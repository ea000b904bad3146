// Testrun is what make test runs: it installs what the tests need, runs all of
// them, and counts. The last line it prints is
//
//	N passed, N failed
//
// and its exit status is 0 only when tests have passed and none has failed.
package main

import (
	"bytes"
	"context"
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
	"sync"
	"syscall"
	"time"

	"inkdrift/tools/internal/repo"
)

// A step is a part of the tests. Its limit only keeps a hanging test from hanging
// everything.
type step struct {
	name, title string
	limit       time.Duration
	run         func(*runner, context.Context, *tally)
}

// stages follow one another; the steps of a stage run together, two at a time, the
// longest first. Most have parts that keep one processor only, and then another step
// has the other.
var stages = [][]step{
	{{"setup", "what the tests need", 10 * time.Minute, (*runner).setUp}},
	{
		{"wasm", "Go tests as WebAssembly under Node", 15 * time.Minute, (*runner).wasmTests},
		{"go", "Go tests", 15 * time.Minute, (*runner).goTests},
		{"lint", "formats, vet, staticcheck, modules, types", 10 * time.Minute, (*runner).lint},
		{"build", "the build, twice", 5 * time.Minute, (*runner).build},
	},
	{
		{"js", "JavaScript modules under Node", 10 * time.Minute, (*runner).jsTests},
		{"engine", "the engines under Node", 10 * time.Minute, (*runner).engineTests},
	},
	{
		{"exports", "exported models in ONNX Runtime and PyTorch", 10 * time.Minute, (*runner).exportTests},
		{"e2e", "the page in Chromium, Firefox and WebKitGTK", 45 * time.Minute, (*runner).browserTests},
	},
}

// together is how many steps run at the same time.
const together = 2

// A runner is what the steps share.
type runner struct {
	root   string // of the repository
	goTool string // path of go
	goroot string
	match  string // what paths of JavaScript tests must have in them

	browser           bool   // tests in a browser are among the steps
	node, npm, chrome string // paths; empty: missing
	nodeMajor         int
	nodeParallel      bool          // Node can be told how many test files it runs at a time
	modules           bool          // the Node modules of the browser tests are there
	others            chan []string // gives environment variables that tell where other browsers are
	exports           chan []string // gives environment variables that tell what runs exported models
	installing        sync.Mutex    // apt-get is one at a time
	updated           bool          // apt-get knows what packages there are
}

func main() {
	ok, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "testrun:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

func run() (ok bool, err error) {
	var names []string
	for _, s := range slices.Concat(stages...) {
		names = append(names, s.name)
	}
	flag.Usage = func() {
		w := flag.CommandLine.Output()
		fmt.Fprintf(w, `Testrun installs what the tests need, runs all of them, and counts.

  go run ./tools/testrun
  go run ./tools/testrun -only lint,go
  go run ./tools/testrun -only e2e -match gallery

Flags:
`)
		flag.PrintDefaults()
		fmt.Fprintf(w, "\nSteps:\n")
		for _, s := range slices.Concat(stages...) {
			fmt.Fprintf(w, "  %-8s %s\n", s.name, s.title)
		}
	}
	only := flag.String("only", "", "run only these `steps`, separated by commas, and setup; the browser sees dist/ as it is where build is not among them")
	match := flag.String("match", "", "run only JavaScript test files whose path has this `text` in it")
	flag.Parse()
	if flag.NArg() > 0 {
		return false, fmt.Errorf("no arguments are taken besides flags, got %q", flag.Args())
	}
	wanted := names
	if *only != "" {
		wanted = strings.Split(*only, ",")
		for _, w := range wanted {
			if !slices.Contains(names, w) {
				return false, fmt.Errorf("-only: there is no step %q, but %s", w, strings.Join(names, ", "))
			}
		}
	}

	// All that is compiled is compiled alike, so that it is compiled once, for all steps
	// and all clones: the path of a clone is not part of it.
	if err := os.Setenv("GOFLAGS", strings.TrimSpace(os.Getenv("GOFLAGS")+" -trimpath")); err != nil {
		return false, err
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r, err := newRunner()
	if err != nil {
		return false, err
	}
	r.browser = slices.Contains(wanted, "e2e")
	r.match = *match
	var tallies []*tally
	for _, steps := range stages {
		steps = slices.DeleteFunc(slices.Clone(steps), func(s step) bool { return s.name != "setup" && !slices.Contains(wanted, s.name) })
		tallies = append(tallies, r.stage(ctx, steps, os.Stdout)...)
		if ctx.Err() != nil {
			last := tallies[len(tallies)-1]
			last.fail("stopped from outside", "")
			break
		}
		if r.browser && r.others == nil {
			r.others = r.findOthers(ctx)
		}
		if r.exports == nil && slices.Contains(wanted, "exports") {
			r.exports = r.findExports(ctx)
		}
	}
	return summary(os.Stdout, tallies), nil
}

func newRunner() (*runner, error) {
	root, err := repo.Root()
	if err != nil {
		return nil, err
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		return nil, errors.New("go is missing: install it from https://go.dev/dl/")
	}
	cmd := exec.Command(goTool, "env", "GOROOT")
	cmd.Dir = root
	goroot, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOROOT: %w", err)
	}
	return &runner{root: root, goTool: goTool, goroot: strings.TrimSpace(string(goroot))}, nil
}

// stage runs steps, some at the same time. What one says is kept together.
func (r *runner) stage(ctx context.Context, steps []step, out io.Writer) []*tally {
	if len(steps) == 1 {
		return []*tally{r.step(ctx, steps[0], out)}
	}
	tallies := make([]*tally, len(steps))
	free := make(chan struct{}, together)
	var group sync.WaitGroup
	var lock sync.Mutex
	for i, s := range steps {
		free <- struct{}{}
		group.Go(func() {
			var said bytes.Buffer
			tallies[i] = r.step(ctx, s, &said)
			<-free
			lock.Lock()
			defer lock.Unlock()
			io.Copy(out, &said)
		})
	}
	group.Wait()
	return tallies
}

// step runs one step and says how it went.
func (r *runner) step(ctx context.Context, s step, out io.Writer) *tally {
	t := &tally{out: out, step: s.name}
	t.printf("\n== %s: %s\n", s.name, s.title)
	start := time.Now()
	errLimit := fmt.Errorf("ended after %v, the limit of this step", s.limit)
	limited, cancel := context.WithTimeoutCause(ctx, s.limit, errLimit)
	defer cancel()
	s.run(r, limited, t)
	if t.executed() == 0 {
		t.fail("no test was executed", "")
	}
	t.slowest()
	t.printf("-- %s: %d passed, %d failed, %d skipped in %.0f s\n", s.name, t.passed, len(t.failed), len(t.skips), time.Since(start).Seconds())
	return t
}

// command prepares a program that runs in the root of the repository.
func (r *runner) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = r.root
	cmd.Stderr = os.Stderr
	return cmd
}

// path makes a path in the repository.
func (r *runner) path(elements ...string) string {
	return filepath.Join(append([]string{r.root}, elements...)...)
}
