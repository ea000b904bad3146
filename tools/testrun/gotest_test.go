package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func newTally() (*tally, *bytes.Buffer) {
	var out bytes.Buffer
	return &tally{out: &out, step: "test"}, &out
}

// runModule writes a module into a temporary folder and feeds go test's real
// lines about it to the collector.
func runModule(t *testing.T, files map[string]string) (*tally, string) {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module inkdrift\n\ngo 1.26\n"
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tally, out := newTally()
	r := &runner{root: dir}
	r.runGo(t.Context(), tally, "", r.command("go", "test", "-json", "-count=1", "./..."))
	return tally, out.String()
}

func check(t *testing.T, got *tally, passed int, failed, skips []string) {
	t.Helper()
	if got.passed != passed {
		t.Errorf("%d passed, want %d", got.passed, passed)
	}
	slices.Sort(got.failed)
	if !slices.Equal(got.failed, failed) {
		t.Errorf("failed %q, want %q", got.failed, failed)
	}
	slices.Sort(got.skips)
	if !slices.Equal(got.skips, skips) {
		t.Errorf("skipped %q, want %q", got.skips, skips)
	}
}

func TestGoResultsCountLeaves(t *testing.T) {
	got, out := runModule(t, map[string]string{
		"a/a_test.go": `package a
import "testing"
func TestPlain(t *testing.T) {}
func TestParent(t *testing.T) {
	t.Run("one", func(t *testing.T) {})
	t.Run("group", func(t *testing.T) {
		t.Run("deep", func(t *testing.T) {})
		t.Run("deeper", func(t *testing.T) { t.Skip("no data: see the README") })
	})
}
func TestSkipped(t *testing.T) { t.Skipf("needs %s", "MNIST") }
func FuzzIt(f *testing.F) { f.Add(1); f.Add(2); f.Fuzz(func(t *testing.T, n int) {}) }
`,
		"none/none.go": "package none\n",
	})
	check(t, got, 5, nil, []string{"a TestParent/group/deeper: no data: see the README", "a TestSkipped: needs MNIST"})
	if !strings.Contains(out, "ok   a ") || strings.Contains(out, "none") {
		t.Errorf("output\n%s", out)
	}
}

func TestGoResultsFailures(t *testing.T) {
	got, out := runModule(t, map[string]string{
		"a/a_test.go": `package a
import "testing"
func TestLeaf(t *testing.T) {
	t.Run("good", func(t *testing.T) {})
	t.Run("bad", func(t *testing.T) { t.Error("words about the failure") })
}
func TestAfter(t *testing.T) {
	t.Run("good", func(t *testing.T) {})
	t.Error("the parent itself")
}
`,
		"build/build_test.go": "package build\n\nvar x int = \"not a number\"\n",
		"vet/vet_test.go":     "package vet\n\nimport (\n\t\"fmt\"\n\t\"testing\"\n)\n\nfunc TestX(t *testing.T) { fmt.Printf(\"%d\", \"x\") }\n",
		"main/main_test.go":   "package main\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestMain(m *testing.M) { os.Exit(3) }\n",
		"panic/panic_test.go": "package panic_\n\nimport \"testing\"\n\nfunc TestBefore(t *testing.T) {}\n\nfunc TestPanics(t *testing.T) { panic(\"oh\") }\n",
	})
	if got.passed != 3 {
		t.Errorf("%d passed, want 3: %s", got.passed, out)
	}
	slices.Sort(got.failed)
	want := []string{"a TestAfter", "a TestLeaf/bad", "build", "main", "panic TestPanics", "vet"} // beginnings
	if len(got.failed) != len(want) {
		t.Fatalf("failed %q, want these beginnings: %q\n%s", got.failed, want, out)
	}
	for i := range want {
		if !strings.HasPrefix(got.failed[i], want[i]) {
			t.Errorf("failed %q, want %q", got.failed[i], want[i])
		}
	}
	for _, words := range []string{"words about the failure", "the parent itself", "not a number", "panic: oh"} {
		if !strings.Contains(out, words) {
			t.Errorf("output lacks %q:\n%s", words, out)
		}
	}
}

// TestGoResultsCutOff stands for a package that never ends.
func TestGoResultsCutOff(t *testing.T) {
	tally, _ := newTally()
	g := newGoResults(tally, ", twice")
	for _, line := range []string{
		`{"Action":"run","Package":"inkdrift/a","Test":"TestDone"}`,
		`{"Action":"pass","Package":"inkdrift/a","Test":"TestDone"}`,
		`{"Action":"run","Package":"inkdrift/a","Test":"TestHangs"}`,
	} {
		g.line([]byte(line))
	}
	for name, p := range g.packages {
		g.end(p, goEvent{Action: "fail", Package: name})
	}
	check(t, tally, 1, []string{"a, twice TestHangs"}, nil)
}

func TestRunGoWithoutGo(t *testing.T) {
	tally, _ := newTally()
	r := &runner{root: t.TempDir()}
	r.runGo(t.Context(), tally, "", r.command(filepath.Join(r.root, "no-go"), "test"))
	if len(tally.failed) != 1 {
		t.Errorf("failed %q", tally.failed)
	}
	tally, _ = newTally()
	r.runGo(t.Context(), tally, "", exec.Command("go", "test", "-json", "-no-such-flag"))
	if len(tally.failed) != 1 {
		t.Errorf("failed %q", tally.failed)
	}
}

func TestSortWasmPackages(t *testing.T) {
	const listed = `inkdrift/vae/nn math
inkdrift/vae/nn.test inkdrift/vae/nn math testing
inkdrift/vae/nn [inkdrift/vae/nn.test] math testing
inkdrift/vae/nn_test [inkdrift/vae/nn.test] math testing
inkdrift/vae/untested math
inkdrift/wasm/scene math
inkdrift/wasm/scene.test math testing
inkdrift/wasm/cmd/stage github.com/hajimehoshi/ebiten/v2 math
inkdrift/wasm/cmd/stage.test github.com/hajimehoshi/ebiten/v2 math testing
inkdrift/wasm/brush github.com/hajimehoshi/ebiten/v2/vector math
inkdrift/wasm/odd math
inkdrift/wasm/odd.test math github.com/hajimehoshi/ebiten/v2
inkdrift/wasm/simd math
inkdrift/wasm/simd.test inkdrift/wasm/simd math
inkdrift/wasm/engine/worker inkdrift/wasm/simd math
inkdrift/wasm/engine/worker.test inkdrift/wasm/simd math
inkdrift/wasm/simdish math
inkdrift/wasm/simdish.test inkdrift/wasm/simdish math
`
	got := sortWasmPackages(listed)
	for _, c := range []struct {
		what      string
		got, want []string
	}{
		{"plain", got.plain, []string{"inkdrift/vae/nn", "inkdrift/wasm/scene", "inkdrift/wasm/simdish"}},
		{"kernel", got.kernel, []string{"inkdrift/wasm/simd", "inkdrift/wasm/engine/worker"}},
		{"page", got.page, []string{"inkdrift/wasm/cmd/stage", "inkdrift/wasm/odd"}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
}

func TestWasmEnvironmentIsSmall(t *testing.T) {
	r, err := newRunner()
	if err != nil {
		t.Fatal(err)
	}
	r.node = "/usr/bin/node"
	t.Setenv("BALLAST", strings.Repeat("x", 100_000))
	t.Setenv("TMPDIR", "/tmp")
	env, err := r.wasmEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"GOOS=js", "GOARCH=wasm", "TMPDIR=/tmp"} {
		if !slices.Contains(env, want) {
			t.Errorf("%q lacks %s", env, want)
		}
	}
	if !slices.ContainsFunc(env, func(v string) bool { return strings.HasPrefix(v, "GOCACHE=/") }) {
		t.Errorf("%q has no build cache", env)
	}
	t.Setenv("TMPDIR", strings.Repeat("x", 100_000))
	if _, err := r.wasmEnvironment(); err == nil {
		t.Error("an environment that is too large: no error")
	}
}

func TestSummary(t *testing.T) {
	tallies := []*tally{
		{step: "a", passed: 3, skips: []string{"x: no data"}},
		{step: "b", passed: 1},
	}
	var out bytes.Buffer
	if !summary(&out, tallies) {
		t.Error("not well")
	}
	if want := "\nSkipped, 1:\n  a: x: no data\n\n4 passed, 0 failed\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
	tallies[1].failed = []string{"y"}
	out.Reset()
	if summary(&out, tallies) {
		t.Error("well in spite of a failure")
	}
	if want := "\nFailed, 1:\n  b: y\n\n4 passed, 1 failed\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("%q", out.String())
	}
	if summary(&out, nil) {
		t.Error("well without any test")
	}
}

func TestShort(t *testing.T) {
	for in, want := range map[string]string{
		"inkdrift/vae/nn":                        "vae/nn",
		"inkdrift/vae/nn [inkdrift/vae/nn.test]": "vae/nn [vae/nn.test]",
		"example.org/x":                          "example.org/x",
	} {
		if got := short(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := fmt.Sprintf("%q", skipReason("=== RUN   TestX\n    x_test.go:7: no a: b\n--- SKIP: TestX (0.00s)\n")); got != `"no a: b"` {
		t.Error(got)
	}
}
