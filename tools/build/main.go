// Build makes the folder that a web server hosts: both WebAssembly programs, the
// page, Go's loader, the licences of what is inside, the list of all files, and
// precompressed copies.
//
// Two builds of one commit with one Go version are byte-identical.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"inkdrift/tools/internal/repo"
	"inkdrift/tools/internal/report"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

func run() error {
	flag.Usage = func() {
		w := flag.CommandLine.Output()
		fmt.Fprint(w, `Build makes the folder that a web server hosts.

  go run ./tools/build -out dist

Flags:
`)
		flag.PrintDefaults()
	}
	out := flag.String("out", "dist", "the `folder` to make; one that another build made is replaced")
	quality := flag.Int("brotli", 9, "brotli quality, 0 to 11; 11 saves another 12 % of the programs and takes ten times as long")
	cache := flag.String("cache", filepath.Join(".cache", "build"), "`folder` that keeps compressed files for the next build; empty: none")
	found := report.Flag(flag.CommandLine, "", os.Stdout, nil)
	flag.Parse()
	if flag.NArg() > 0 {
		return fmt.Errorf("no arguments are taken besides flags, got %q", flag.Args())
	}
	if *quality < 0 || *quality > 11 {
		return fmt.Errorf("-brotli %d: give a quality from 0 to 11", *quality)
	}
	root, err := repo.Root()
	if err != nil {
		return err
	}
	if *cache != "" && !filepath.IsAbs(*cache) {
		*cache = filepath.Join(root, *cache)
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	start := time.Now()
	built, err := build(ctx, options{root: root, out: *out, cache: *cache, quality: *quality})
	if err != nil {
		if ctx.Err() != nil {
			return errors.New("stopped; nothing was changed")
		}
		return err
	}
	built.Out, built.Seconds = *out, time.Since(start).Seconds()
	return found.Write(built, "%sA first visit downloads %v.\nBuilt %s in %.1f s.\n", table(built.Files), built.FirstVisit, *out, built.Seconds)
}
