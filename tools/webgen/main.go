// Command webgen writes for the page, from the Go packages, the types of
// messages, and the catalog of presets, families, data sets and limits.
//
//	go run ./tools/webgen
//
// With -check it writes nothing and fails where a file is stale.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"inkdrift/tools/internal/repo"
)

// outputs are the files by their names within the repository.
var outputs = map[string]func(root string) ([]byte, error){
	"web/generated/protocol.d.ts":    protocol,
	"web/generated/protocol.js":      protocolValues,
	"web/generated/catalog.js":       catalog,
	"web/generated/start-models.js":  startModels,
	"web/test/testdata/recipes.json": recipes,
}

func main() {
	check := flag.Bool("check", false, "write nothing; fail where a file is stale")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: webgen [-check]\n\nWrites web/generated, and what its tests compare with, from the Go packages.\n\n  go run ./tools/webgen")
		flag.PrintDefaults()
	}
	flag.Parse()
	root, err := repo.Root()
	if err == nil {
		err = run(root, *check)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "webgen:", err)
		os.Exit(1)
	}
}

// run writes all files, or compares them.
func run(root string, check bool) error {
	var errs []error
	for name, generate := range outputs {
		path := filepath.Join(root, filepath.FromSlash(name))
		want, err := generate(root)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if !check {
			errs = append(errs, os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, want, 0o644))
			continue
		}
		if have, err := os.ReadFile(path); err != nil {
			errs = append(errs, err)
		} else if !bytes.Equal(have, want) {
			errs = append(errs, fmt.Errorf("%s is not what Go says: go run ./tools/webgen", name))
		}
	}
	return errors.Join(errs...)
}
