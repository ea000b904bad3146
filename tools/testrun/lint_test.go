package main

import (
	"go/build"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"inkdrift/tools/internal/repo"
)

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestFormat(t *testing.T) {
	r := &runner{root: t.TempDir()}
	put := func(name, text string) { t.Helper(); writeFile(t, r.path(name), text) }
	tally, _ := newTally()
	r.format(t.Context(), tally)
	check(t, tally, 0, nil, nil) // the step then fails: no test was executed

	put("good/good.go", "package good\n\nvar x = 1\n")
	put("node_modules/x/x.go", "not Go")
	put(".cache/x.go", "not Go")
	tally, _ = newTally()
	r.format(t.Context(), tally)
	check(t, tally, 1, nil, nil)

	put("bad/bad.go", "package bad\nvar x=1\n")
	put("bad/broken.go", "package")
	tally, _ = newTally()
	r.format(t.Context(), tally)
	check(t, tally, 0, []string{"bad/bad.go is not formatted", "bad/broken.go"}, nil)
}

// TestCheck runs checks over a module that is right and then broken. It imports nothing, which would be checked as well.
func TestCheck(t *testing.T) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	r := &runner{root: t.TempDir(), goTool: goTool}
	writeFile(t, r.path("inner", "go.mod"), "module m\n\ngo 1.26\n")
	file := r.path("inner", "a.go")
	writeFile(t, file, "package m\n\nfunc F(a int) int { return a }\n")
	vet := lintCheck{name: "vet", dir: "inner", args: []string{"go", "vet", "./..."}}
	wasm := lintCheck{name: "wasm", dir: "inner", env: wasmTarget, args: []string{"go", "vet", "./..."}}
	missing := lintCheck{name: "missing", args: []string{"node:tsc"}}
	unknown := lintCheck{name: "unknown", args: []string{"make"}}
	run := func() (*tally, string) {
		tally, out := newTally()
		for _, c := range []lintCheck{vet, wasm, missing, unknown} {
			r.check(t.Context(), tally, c)
		}
		return tally, out.String()
	}
	tally, _ := run()
	check(t, tally, 2, []string{"missing", "unknown"}, nil)

	writeFile(t, file, "package m\n\nfunc F(a int) int { a = a; return a }\n")
	tally, out := run()
	check(t, tally, 0, []string{"missing", "unknown", "vet", "wasm"}, nil)
	if !strings.Contains(out, "self-assignment") {
		t.Errorf("what vet said is not in %q", out)
	}

	writeFile(t, file, "package m\n")
	writeFile(t, r.path("inner", "a_js.go"), "package m\n\nvar x int = \"\"\n")
	tally, _ = run()
	check(t, tally, 1, []string{"missing", "unknown", "wasm"}, nil)
}

// TestWasmFilesAreInWasm holds the checks for js/wasm to all that there is for it.
func TestWasmFilesAreInWasm(t *testing.T) {
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	target := func(system, arch string) *build.Context {
		c := build.Default
		c.GOOS, c.GOARCH = system, arch
		return &c
	}
	browser, others := target("js", "wasm"), []*build.Context{target("linux", "amd64"), target("windows", "arm64")}
	files, err := findFiles(root, func(path string) bool { return strings.HasSuffix(path, ".go") && !strings.HasPrefix(path, "wasm/") })
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		dir, file := filepath.Split(filepath.Join(root, filepath.FromSlash(name)))
		fits := func(c *build.Context) bool {
			ok, err := c.MatchFile(dir, file)
			if err != nil {
				t.Fatal(err)
			}
			return ok
		}
		if fits(browser) && !slices.ContainsFunc(others, fits) {
			t.Errorf("%s is for js/wasm alone", name)
		}
	}
}
