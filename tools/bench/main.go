// Bench is what make bench runs: it measures Inkdrift and its peers, TensorFlow.js
// and jax-js, side by side in one run, in workers of Node and of headless
// Chromium, and if asked for Inkdrift's training in Firefox. Implementations take turns, so
// that whatever else the machine does meets all of them. It prints one JSON object
// a line on standard output and a table on standard error, which ends with the
// floors that were missed.
package main

import (
	"bufio"
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
	"syscall"
	"time"

	"inkdrift/tools/internal/repo"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// settings are the flags.
type settings struct {
	only, runtimes, workloads []string
	rounds                    int
	sample                    time.Duration
	dist                      string
}

var (
	parts    = []string{"gemm", "train", "decode", "startup"}
	runtimes = []string{"node", "chromium", "firefox"}
)

func readFlags(args []string, w io.Writer) (settings, error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(w)
	flags.Usage = func() {
		fmt.Fprint(w, `Bench measures Inkdrift, TensorFlow.js and jax-js side by side, in one run.

  go run ./tools/build -out dist && go run ./tools/bench > results.jsonl
  go run ./tools/bench -only train -runtime chromium -workload dense-vae-400

One JSON object a line goes to standard output, a table to standard error.

Flags:
`)
		flags.PrintDefaults()
	}
	only := flags.String("only", strings.Join(parts, ","), "measure only these `parts`, separated by commas; decode includes encoding")
	runtime := flags.String("runtime", strings.Join(runtimes[:2], ","), "measure only in these `runtimes`, separated by commas; firefox is the third")
	workload := flags.String("workload", strings.Join(workloads, ","), "measure only these `workloads`, separated by commas")
	var s settings
	flags.IntVar(&s.rounds, "rounds", 5, "how often each is measured")
	flags.DurationVar(&s.sample, "sample", 700*time.Millisecond, "how long one measurement of training takes, about")
	flags.StringVar(&s.dist, "dist", "dist", "`folder` of the built page")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("no arguments are taken besides flags, got %q", flags.Args())
	}
	if s.rounds < 1 || s.sample <= 0 {
		return s, errors.New("-rounds and -sample must be positive")
	}
	for _, list := range []struct {
		name, given string
		known       []string
		to          *[]string
	}{{"-only", *only, parts, &s.only}, {"-runtime", *runtime, runtimes, &s.runtimes}, {"-workload", *workload, workloads, &s.workloads}} {
		*list.to = strings.Split(list.given, ",")
		for _, name := range *list.to {
			if !slices.Contains(list.known, name) {
				return s, fmt.Errorf("%s: there is no %q, but %s", list.name, name, strings.Join(list.known, ", "))
			}
		}
	}
	return s, nil
}

func run() error {
	set, err := readFlags(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root, err := repo.Root()
	if err != nil {
		return err
	}
	dist, err := filepath.Abs(set.dist)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dist, "assets.json")); err != nil {
		return fmt.Errorf("there is no page in %s: make it with go run ./tools/build -out %[1]s, or say make bench", set.dist)
	}
	s := &setup{root: root}
	if err := s.findOrInstall(ctx, slices.Contains(set.runtimes, "chromium")); err != nil {
		return err
	}
	if i := slices.Index(set.runtimes, "firefox"); i >= 0 && s.firefox == "" {
		fmt.Fprintln(os.Stderr, "Firefox is missing, and so left out: install it, or name it in FIREFOX")
		set.runtimes = slices.Delete(set.runtimes, i, i+1)
	}
	if err := s.installPeers(ctx); err != nil {
		return err
	}
	work := s.path(".cache", "bench")
	if err := s.build(ctx, work); err != nil {
		return err
	}
	d, err := startDriver(ctx, s.node, s.path("tools", "bench", "drive.mjs"), s.chrome, s.firefox, map[string]string{
		"hosts": s.path("tools", "bench", "hosts"), "peers": s.path("tools", "bench", "node_modules"),
		"web": s.path("web"), "simd": s.path("wasm", "simd"), "nodeworker": s.path("tools", "nodeworker"),
		"bench": work, "dist": dist,
	})
	if err != nil {
		return err
	}
	start := time.Now()
	b := &bench{driver: d, rounds: set.rounds, out: os.Stdout, log: os.Stderr, open: make(map[host]int), peaks: make(map[string]*peak)}
	err = b.all(ctx, set, func() (string, func(), error) { return s.serve(ctx, dist) })
	if ctx.Err() != nil {
		err = errors.New("stopped from outside")
	}
	if end := d.end(); err == nil {
		err = end
	}
	printTable(os.Stderr, b.lines)
	fmt.Fprintf(os.Stderr, "\n%d lines in %.0f s\n", len(b.lines), time.Since(start).Seconds())
	if told := sayFloors(b.lines); told != "" {
		fmt.Fprintln(os.Stderr, told)
	}
	if len(b.failures) > 0 && ctx.Err() == nil {
		err = errors.Join(err, fmt.Errorf("%d failed:\n  %s", len(b.failures), strings.Join(b.failures, "\n  ")))
	}
	return err
}

// all measures everything that was asked for. serve serves the page.
func (b *bench) all(ctx context.Context, set settings, serve func() (url string, stop func(), err error)) error {
	wants := func(part string) bool { return slices.Contains(set.only, part) }
	for _, runtime := range set.runtimes {
		for _, workload := range set.workloads {
			r, err := recipe(workload)
			if err != nil {
				return err
			}
			all, err := products(r)
			if err != nil {
				return err
			}
			p := planner{runtime, workload, r, all, set.sample}
			var groups []group
			if wants("gemm") && runtime != "firefox" {
				groups = append(groups, p.gemm()...)
			}
			if wants("train") {
				groups = append(groups, p.train()...)
			}
			if wants("decode") && runtime != "firefox" {
				groups = append(groups, p.coding()...)
			}
			for _, g := range groups {
				if err := b.run(ctx, g); err != nil {
					return err
				}
			}
			if err := b.sayTotals(runtime, workload); err != nil {
				return err
			}
		}
		if err := b.closeWorkers(); err != nil {
			return err
		}
	}
	if wants("startup") && slices.Contains(set.runtimes, "chromium") {
		impl, err := b.pageImpl()
		if err != nil {
			return err
		}
		url, stop, err := serve()
		if err != nil {
			return err
		}
		defer stop()
		if err := b.startup(ctx, url, impl); err != nil {
			return err
		}
	}
	return b.sayPeaks()
}

// pageImpl is what the page chooses in Chromium: the fastest that there is.
func (b *bench) pageImpl() (string, error) {
	for _, j := range (planner{runtime: "chromium"}).peaks(time.Millisecond, 1) {
		if r, err := b.prepare(j); r != nil || err != nil {
			return "inkdrift-" + j.host.variant, errors.Join(err, b.closeWorkers())
		}
	}
	return "inkdrift-go", b.closeWorkers()
}

// serve starts tools/serve over the built page and returns its address.
func (s *setup) serve(ctx context.Context, dist string) (url string, stop func(), err error) {
	program := s.path(".cache", "bin", "serve")
	if err := s.command(ctx, "go", "build", "-buildvcs=false", "-o", program, "./tools/serve").Run(); err != nil {
		return "", nil, fmt.Errorf("go build ./tools/serve: %w", err)
	}
	cmd := exec.CommandContext(ctx, program, "-dir", dist, "-port", "0")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if line := strings.TrimSpace(lines.Text()); strings.HasPrefix(line, "http:") && !strings.Contains(line, " ") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return line, stop, nil
		}
	}
	stop()
	return "", nil, errors.New("the server of the page ended before it gave an address")
}
