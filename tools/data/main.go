// Data puts MNIST beside the page, so that a visitor trains on it with one click.
// The files come from a folder or from the network and are believed only with the
// right checksum. They are no part of the page: the next build carries them over.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"inkdrift/tools/internal/report"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "data:", err)
		os.Exit(1)
	}
}

func run() error {
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), `Data puts MNIST's four files beside the page that tools/build made.

  go run ./tools/data -out dist                    downloads them
  go run ./tools/data -out dist -from my/mnist     takes them from a folder, plain or .gz

Flags:
`)
		flag.PrintDefaults()
	}
	out := flag.String("out", "dist", "`folder` of the page")
	from := flag.String("from", "", "`folder` that has the files; empty: download them")
	mirrors := flag.String("mirrors", strings.Join(mirrors, ","), "`addresses` to download from, tried in turn, separated by commas")
	found := report.Flag(flag.CommandLine, "a file, and one of the set,", os.Stdout, nil)
	flag.Parse()
	if flag.NArg() > 0 {
		return fmt.Errorf("no arguments are taken besides flags, got %q", flag.Args())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	job := job{set: mnist, out: *out, found: found}
	if *from != "" {
		job.sources = []source{folder(*from)}
	} else {
		job.sources = append(job.sources, folder(job.dir())) // what is there already
		for m := range strings.SplitSeq(*mirrors, ",") {
			job.sources = append(job.sources, mirror(strings.TrimSuffix(m, "/")+"/"))
		}
	}
	if err := job.do(ctx); err != nil {
		if ctx.Err() != nil {
			return errors.New("stopped; nothing was changed")
		}
		return err
	}
	return nil
}
