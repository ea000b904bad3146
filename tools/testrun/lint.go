package main

import (
	"bytes"
	"context"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// lintModule is the module that pins the linters of Go, apart from what the
// program needs.
const lintModule = "tools/lint/go.mod"

// A lintCheck is a program that succeeds where all is well. Each counts as a test.
type lintCheck struct {
	name string
	dir  string   // in the repository; empty: its root
	env  []string // besides that of the process
	args []string // program and arguments; see runner.program for names
}

// wasmTarget makes go and its tools look at what runs in the browser. Files that are
// for it alone are all in wasm/.
var wasmTarget = []string{"GOOS=js", "GOARCH=wasm"}

// lintChecks are run in this order, after gofmt.
var lintChecks = []lintCheck{
	{name: "go vet", args: []string{"go", "vet", "./..."}},
	{name: "go vet, js/wasm", env: wasmTarget, args: []string{"go", "vet", "./wasm/..."}},
	{name: "staticcheck", args: []string{"go-tool:staticcheck", "./..."}},
	{name: "staticcheck, js/wasm", env: wasmTarget, args: []string{"go-tool:staticcheck", "./wasm/..."}},
	{name: "go mod tidy", args: []string{"go", "mod", "tidy", "-diff"}},
	{name: "go mod tidy, " + lintModule, dir: filepath.Dir(lintModule), args: []string{"go", "mod", "tidy", "-diff"}},
	{name: "generated files", args: []string{"go", "run", "-buildvcs=false", "./tools/webgen", "-check"}},
	{name: "types", args: []string{"node:tsc", "-p", "."}},
	{name: "types of workers", args: []string{"node:tsc", "-p", "tsconfig.worker.json"}},
	{name: "Biome", args: []string{"node:biome", "ci", "--colors=off", "--max-diagnostics=100", "."}},
}

// lint checks everything that needs no test to run.
func (r *runner) lint(ctx context.Context, t *tally) {
	r.format(ctx, t)
	for _, c := range lintChecks {
		if ctx.Err() != nil {
			t.fail(c.name, context.Cause(ctx).Error())
			return
		}
		r.check(ctx, t, c)
	}
}

// check runs one check and counts it.
func (r *runner) check(ctx context.Context, t *tally, c lintCheck) {
	name, err := r.program(ctx, c.args[0])
	if err != nil {
		t.fail(c.name, err.Error())
		return
	}
	cmd := r.command(name, c.args[1:]...)
	cmd.Dir = filepath.Join(r.root, filepath.FromSlash(c.dir))
	cmd.Env = append(os.Environ(), c.env...)
	text, err := output(ctx, cmd)
	if err != nil {
		t.fail(c.name, text+err.Error())
		return
	}
	t.pass(1)
	t.printf("ok   %s\n", c.name)
}

// program returns the path of a program: "go"; "go-tool:NAME", a tool of
// lintModule, compiled for this machine whatever the target of the check;
// "node:NAME", a program of the Node modules in tools/e2e.
func (r *runner) program(ctx context.Context, name string) (string, error) {
	if tool, ok := strings.CutPrefix(name, "go-tool:"); ok {
		cmd := r.command(r.goTool, "tool", "-modfile="+filepath.FromSlash(lintModule), "-n", tool)
		text, err := output(ctx, cmd)
		if err != nil {
			return "", fmt.Errorf("%s: %w\n%s", tool, err, text)
		}
		// What go says about downloads comes before the path.
		lines := strings.Split(strings.TrimSpace(text), "\n")
		return lines[len(lines)-1], nil
	}
	if tool, ok := strings.CutPrefix(name, "node:"); ok {
		if !r.modules {
			return "", fmt.Errorf("%s is missing: the Node modules of tools/e2e are not installed", tool)
		}
		return r.path("tools", "e2e", "node_modules", ".bin", tool), nil
	}
	if name == "go" {
		return r.goTool, nil
	}
	return "", fmt.Errorf("no program is called %q here", name)
}

// format checks that every Go file is as gofmt writes it.
func (r *runner) format(_ context.Context, t *tally) {
	files, err := findFiles(r.root, func(path string) bool { return strings.HasSuffix(path, ".go") })
	if err != nil {
		t.fail("looking for Go files", err.Error())
		return
	}
	for _, name := range files {
		source, err := os.ReadFile(r.path(filepath.FromSlash(name)))
		if err != nil {
			t.fail(name, err.Error())
			continue
		}
		formatted, err := format.Source(source)
		if err != nil {
			t.fail(name, err.Error())
		} else if !bytes.Equal(source, formatted) {
			t.fail(name+" is not formatted", "run gofmt -w "+name)
		}
	}
	if len(files) > 0 && len(t.failed) == 0 {
		t.pass(1)
		t.printf("ok   %d files\n", len(files))
	}
}

// findFiles lists the files of the repository that match, slash-separated and
// sorted, without other people's and generated ones.
func findFiles(root string, match func(path string) bool) ([]string, error) {
	var files []string
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if path != "." && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"node_modules", "dist", "artifacts", "testdata"}, d.Name())) {
				return fs.SkipDir
			}
		case match(path):
			files = append(files, path)
		}
		return nil
	})
	return files, err
}
