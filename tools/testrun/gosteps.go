package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// longPackages are the packages whose tests take longest. They begin first, so that
// at the end no processor waits for another.
var longPackages = []string{"./vae/train", "./tools/build", "./tools/testrun", "./vae/data", "./wasm/engine/..."}

// longWasmPackages are those of the packages that run as WebAssembly.
var longWasmPackages = []string{"inkdrift/wasm/engine/training", "inkdrift/vae/train", "inkdrift/vae", "inkdrift/vae/data", "inkdrift/wasm/engine/studio"}

// testArguments runs Go tests. Vet is a part of lint.
var testArguments = []string{"test", "-vet=off", "-json", "-count=1", "-timeout=14m"}

// goTests runs all Go tests natively.
func (r *runner) goTests(ctx context.Context, t *tally) {
	args := slices.Concat(testArguments, longPackages)
	r.runGo(ctx, t, "", r.command(r.goTool, append(args, "./...")...))
}

// wasmTests runs the Go tests of everything that the browser runs, but for what
// needs a document, as WebAssembly under Node.
func (r *runner) wasmTests(ctx context.Context, t *tally) {
	if r.node == "" {
		t.fail("nothing was run: Node is missing", "")
		return
	}
	env, err := r.wasmEnvironment()
	if err != nil {
		t.fail("the environment", err.Error())
		return
	}
	cmd := r.command(r.goTool, "list", "-test", "-f", `{{.ImportPath}} {{join .Deps " "}}`, "./vae/...", "./wasm/...")
	cmd.Env = env
	var listed bytes.Buffer
	if err := stream(ctx, cmd, func(line []byte) { fmt.Fprintf(&listed, "%s\n", line) }); err != nil {
		t.fail("go list", err.Error())
		return
	}
	sorted := sortWasmPackages(listed.String())
	for _, p := range sorted.page {
		t.skip(short(p), "it imports Ebiten, which needs a browser")
	}
	run := func(note, script string, packages []string, more ...string) {
		if len(packages) == 0 || ctx.Err() != nil {
			return
		}
		args := slices.Concat(testArguments, []string{"-exec=" + r.wasmExec(script)}, packages)
		cmd := r.command(r.goTool, args...)
		cmd.Env = append(env, more...)
		r.runGo(ctx, t, note, cmd)
	}
	for _, variant := range []string{"strict", "relaxed"} {
		run(", "+variant+" kernel", r.path("tools", "kernelgen", "node", "exec.cjs"), sorted.kernel, "INKDRIFT_KERNEL="+variant)
	}
	slices.SortStableFunc(sorted.plain, func(a, b string) int { return cmp.Compare(place(longWasmPackages, a), place(longWasmPackages, b)) })
	run("", filepath.Join(r.goroot, "lib", "wasm", "wasm_exec_node.js"), sorted.plain)
}

// place is where name is in a list of those that begin first, behind all of them
// where it is not.
func place(first []string, name string) int {
	if i := slices.Index(first, name); i >= 0 {
		return i
	}
	return len(first)
}

// wasmExec is the program that runs WebAssembly tests, as go test -exec wants it.
// It is what Go's go_js_wasm_exec does, without a need for bash.
func (r *runner) wasmExec(script string) string {
	return fmt.Sprintf("'%s' --stack-size=8192 '%s'", r.node, script)
}

// wasmPackages are packages with tests, by what runs them.
type wasmPackages struct {
	plain  []string // Go's own script
	kernel []string // one that brings the SIMD kernel along
	page   []string // a page only: they import Ebiten
}

// sortWasmPackages reads lines of an import path and what it depends on, as go list
// -test prints them.
func sortWasmPackages(listed string) wasmPackages {
	var tested []string
	needsPage, needsKernel := make(map[string]bool), make(map[string]bool)
	for line := range strings.Lines(listed) {
		// A test variant is "path [path.test]"; the program around it "path.test".
		path, dependencies, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name, ok := strings.CutSuffix(path, ".test"); ok {
			path = name
			tested = append(tested, path)
		}
		path = strings.TrimSuffix(path, "_test")
		if strings.Contains(" "+dependencies, " github.com/hajimehoshi/ebiten/") {
			needsPage[path] = true
		}
		if path == "inkdrift/wasm/simd" || slices.Contains(strings.Fields(dependencies), "inkdrift/wasm/simd") {
			needsKernel[path] = true
		}
	}
	var sorted wasmPackages
	for _, path := range tested {
		switch {
		case needsPage[path]:
			sorted.page = append(sorted.page, path)
		case needsKernel[path]:
			sorted.kernel = append(sorted.kernel, path)
		default:
			sorted.plain = append(sorted.plain, path)
		}
	}
	return sorted
}

// wasmEnvironment is a small environment for go: it hands it on to the tests, and
// WebAssembly programs take at most 8 KiB of arguments and environment.
func (r *runner) wasmEnvironment() ([]string, error) {
	env := []string{
		"GOOS=js", "GOARCH=wasm",
		"PATH=" + strings.Join([]string{filepath.Dir(r.goTool), filepath.Dir(r.node), "/usr/bin", "/bin"}, string(filepath.ListSeparator)),
	}
	cmd := r.command(r.goTool, "env", "GOCACHE", "GOMODCACHE", "GOPROXY", "GOFLAGS")
	values, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	for i, value := range strings.Split(strings.TrimSuffix(string(values), "\n"), "\n") {
		env = append(env, []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOFLAGS"}[i]+"="+value)
	}
	for _, name := range []string{"HOME", "TMPDIR", "GOTOOLCHAIN", "GOSUMDB", "HTTPS_PROXY", "SSL_CERT_FILE"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	size := 0
	for _, v := range env {
		size += len(v) + 1
	}
	if size > 4<<10 {
		return nil, fmt.Errorf("it has %d bytes, of 8 KiB that must hold the arguments as well", size)
	}
	return env, nil
}

// runGo counts what a go test -json command reports; note distinguishes its
// results from those of other runs of the same packages.
func (r *runner) runGo(ctx context.Context, t *tally, note string, cmd *exec.Cmd) {
	results := newGoResults(t, note)
	err := stream(ctx, cmd, results.line)
	for name, p := range results.packages {
		results.end(p, goEvent{Action: "fail", Package: name}) // it was cut off
	}
	if err != nil && (len(t.failed) == 0 || ctx.Err() != nil) {
		t.fail("go test: "+err.Error(), "")
	}
}
