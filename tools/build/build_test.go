package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"inkdrift/tools/internal/assets"
	"inkdrift/tools/internal/repo"
)

// fakeModule writes a small module with all programs and a page, and returns its
// folder.
func fakeModule(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	weights := make([]byte, 20_000) // random bytes: compression gains nothing
	random := rand.NewChaCha8([32]byte{1})
	random.Read(weights)
	files := map[string]string{
		"go.mod":                        "module standin\n\ngo 1.26\n",
		"LICENSE":                       "Placeholder licence.\n",
		"wasm/cmd/studio/main.go":       "package main\n\nfunc main() { println(\"this is studio\") }\n",
		"wasm/cmd/trainer/main.go":      "package main\n\nfunc main() { println(\"this is trainer\") }\n",
		"wasm/cmd/stage/main.go":        "package main\n\nfunc main() { println(\"this is stage\") }\n",
		"wasm/simd/kernel_relaxed.wasm": "relaxed " + strings.Repeat("kernel ", 50),
		"wasm/simd/kernel_strict.wasm":  "strict " + strings.Repeat("kernel ", 50),
		"web/index.html":                "<!doctype html>" + strings.Repeat("<p>Hello.</p>\n", 100),
		"web/main.js":                   "export const a = 1;\n" + strings.Repeat("// words\n", 50),
		"web/main_test.js":              "test\n",
		"web/ui/pad.js":                 "export const b = 1;\n",
		"web/ui/pad.test.js":            "test\n",
		"web/ui/test/help.js":           "test\n",
		"web/node_modules/x/x.js":       "test\n",
		"web/package.json":              "{}\n",
		"web/README.md":                 "notes\n",
		"web/.hidden":                   "hidden\n",
		"web/sw.js":                     "const version = '__ASSETS_VERSION__'; // " + strings.Repeat("words ", 30) + "\n",
		"web/icon.png":                  strings.Repeat("not really a picture ", 100),
		"web/locales/en.json":           "{}\n",
		"web/models/index.json":         `[{"name":"one","file":"one.safetensors"}]`,
		"web/models/one.safetensors":    string(weights),
		"web/models/one.md":             "# Card\n",
		"web/models/zeros.safetensors":  string(make([]byte, 10_000)),
	}
	for name, content := range files {
		write(t, filepath.Join(root, name), content)
	}
	return root
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// fakeTools makes files of the names that the go command makes, for tests that are not about their content.
type fakeTools struct{}

func (fakeTools) buildPrograms(ctx context.Context, dst string) error {
	for _, file := range programs {
		if err := writeNew(dst, file, []byte("\x00asm "+file)); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (fakeTools) copyLoader(_ context.Context, dst string) error {
	return writeNew(dst, "wasm_exec.js", []byte("globalThis.Go"))
}

func (fakeTools) writeLicences(_ context.Context, dst string) error {
	return writeNew(dst, licencesName, []byte("none"))
}

func mustBuild(t *testing.T, opt options) *result {
	t.Helper()
	built, err := build(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return built
}

// tree returns the content of every file under dir.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func unpack(t *testing.T, name, packed string) string {
	t.Helper()
	var r io.Reader = brotli.NewReader(strings.NewReader(packed))
	if strings.HasSuffix(name, ".gz") {
		z, err := gzip.NewReader(strings.NewReader(packed))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !z.ModTime.IsZero() || z.Name != "" {
			t.Errorf("%s says when or from what it was made: %v %q", name, z.ModTime, z.Name)
		}
		r = z
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(b)
}

func TestBuild(t *testing.T) {
	root := fakeModule(t)
	out := filepath.Join(t.TempDir(), "sub", "dist")
	built := mustBuild(t, options{root: root, out: out, quality: 4})
	if text := table(built.Files); !strings.Contains(text, "engine-studio.wasm") {
		t.Errorf("table: %q", text)
	}
	if text, err := json.Marshal(built); err != nil || built.FirstVisit.Gzip == 0 || !strings.Contains(string(text), `"first_visit":{"files":`) || !strings.Contains(string(text), `{"path":"engine-studio.wasm"`) {
		t.Errorf("-json: %s, %v", text, err)
	}
	files := tree(t, out)

	var plain []string
	for name, content := range files {
		stem := strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".br")
		if stem == name {
			plain = append(plain, name)
		} else if got := unpack(t, name, content); got != files[stem] {
			t.Errorf("%s does not unpack to %s", name, stem)
		}
	}
	slices.Sort(plain)
	want := []string{
		"LICENSES.txt", "assets.json", "data/index.json", "engine-studio.wasm", "engine-trainer.wasm", "icon.png", "index.html", "kernel_relaxed.wasm", "kernel_strict.wasm",
		"locales/en.json", "main.js",
		"models/index.json", "models/one.md", "models/one.safetensors", "models/zeros.safetensors",
		"stage.wasm", "sw.js", "ui/pad.js", "wasm_exec.js",
	}
	if !slices.Equal(plain, want) {
		t.Errorf("files\n%q, want\n%q", plain, want)
	}
	for name, packed := range map[string]bool{
		"engine-studio.wasm": true, "engine-trainer.wasm": true, "stage.wasm": true, "index.html": true, "main.js": true, "assets.json": true, "sw.js": true,
		"wasm_exec.js": true, "models/zeros.safetensors": true, "kernel_relaxed.wasm": true, "kernel_strict.wasm": true,
		"icon.png": false, "models/one.safetensors": false, "ui/pad.js": false,
	} {
		_, gz := files[name+".gz"]
		_, br := files[name+".br"]
		// Of two compressed files the second must be smaller; both may be there.
		if (gz || br) != packed {
			t.Errorf("%s: gz %v, br %v; want %v", name, gz, br, packed)
		}
	}
	for name, file := range programs {
		if !strings.HasPrefix(files[file], "\x00asm") {
			t.Errorf("%s is not WebAssembly", file)
		}
		if !strings.Contains(files[file], "this is "+name) {
			t.Errorf("%s is not made of wasm/cmd/%s", file, name)
		}
	}
	if !strings.Contains(files["wasm_exec.js"], "globalThis.Go") {
		t.Error("wasm_exec.js is not Go's loader")
	}
	for _, words := range []string{"Placeholder licence.", "The Go standard library"} {
		if !strings.Contains(files["LICENSES.txt"], words) {
			t.Errorf("LICENSES.txt lacks %q", words)
		}
	}

	list, err := assets.Read(os.DirFS(out))
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, f := range list.Files {
		listed = append(listed, f.Path)
		content := files[f.Path]
		if f.Bytes != int64(len(content)) || f.V != assets.Version([]byte(content)) {
			t.Errorf("%s is listed with other content than it has", f.Path)
		}
		if f.Gzip != int64(len(files[f.Path+".gz"])) || f.Brotli != int64(len(files[f.Path+".br"])) {
			t.Errorf("%s is listed with other compressed sizes than it has: %+v", f.Path, f)
		}
	}
	want = slices.DeleteFunc(want, func(name string) bool { return name == "assets.json" || name == "sw.js" || name == "data/index.json" })
	if !slices.Equal(listed, want) {
		t.Errorf("assets.json lists\n%q, want\n%q", listed, want)
	}

	version := assets.Version([]byte(files["assets.json"]))
	if !strings.Contains(files["sw.js"], "'"+version+"'") || strings.Contains(files["sw.js"], versionToken) {
		t.Errorf("sw.js does not hold the version %s: %.60s", version, files["sw.js"])
	}
	entries, err := os.ReadDir(filepath.Dir(out))
	if err != nil || len(entries) != 1 {
		t.Errorf("left beside dist: %v, %v", entries, err)
	}
}

func TestBuildsAreIdentical(t *testing.T) {
	opt := options{root: fakeModule(t), out: filepath.Join(t.TempDir(), "dist"), quality: 4}
	mustBuild(t, opt)
	first := tree(t, opt.out)

	// Another folder for the module, for the output, and other flags of the person.
	t.Setenv("GOFLAGS", "-ldflags=-X=main.x=y")
	other := options{root: fakeModule(t), out: filepath.Join(t.TempDir(), "other"), quality: 4, cache: t.TempDir()}
	for _, run := range []string{"another folder", "again, from the cache"} {
		mustBuild(t, other)
		second := tree(t, other.out)
		if len(first) != len(second) {
			t.Errorf("%s: %d files, then %d", run, len(first), len(second))
		}
		for name := range first {
			if first[name] != second[name] {
				t.Errorf("%s: %s differs", run, name)
			}
		}
	}

	// A change is seen.
	write(t, filepath.Join(other.root, "web", "main.js"), "export const a = 2;\n")
	mustBuild(t, other)
	third := tree(t, other.out)
	for _, name := range []string{"main.js", "assets.json", "sw.js"} {
		if first[name] == third[name] {
			t.Errorf("%s is the same after a change of main.js", name)
		}
	}
}

func TestFailedBuildLeavesTheOldOne(t *testing.T) {
	opt := options{root: fakeModule(t), out: filepath.Join(t.TempDir(), "dist"), quality: 1, toolchain: fakeTools{}}
	mustBuild(t, opt)
	before := tree(t, opt.out)

	web := filepath.Join(opt.root, "web")
	const uncompiled = "a program that does not compile"
	for name, spoil := range map[string]func() (repair func()){
		"a service worker without the token": func() func() {
			old, err := os.ReadFile(filepath.Join(web, "sw.js"))
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(web, "sw.js"), "const version = 1;\n")
			return func() { write(t, filepath.Join(web, "sw.js"), string(old)) }
		},
		"a name that the build makes": func() func() {
			write(t, filepath.Join(web, "assets.json"), "{}")
			return func() { os.Remove(filepath.Join(web, "assets.json")) }
		},
		"a link": func() func() {
			if err := os.Symlink("/etc/hostname", filepath.Join(web, "link.txt")); err != nil {
				t.Fatal(err)
			}
			return func() { os.Remove(filepath.Join(web, "link.txt")) }
		},
		uncompiled: func() func() {
			write(t, filepath.Join(opt.root, "wasm/cmd/stage/broken.go"), "package main\n\nvar x int = \"no\"\n")
			return func() { os.Remove(filepath.Join(opt.root, "wasm/cmd/stage/broken.go")) }
		},
		"a list of models that is none": func() func() {
			old := `[{"name":"one","file":"one.safetensors"}]`
			write(t, filepath.Join(web, "models/index.json"), "[]")
			return func() { write(t, filepath.Join(web, "models/index.json"), old) }
		},
	} {
		repair := spoil()
		tried := opt
		if name == uncompiled {
			tried.toolchain = nil
		}
		if _, err := build(t.Context(), tried); err == nil {
			t.Errorf("%s: no error", name)
		}
		repair()
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := build(ctx, opt); err == nil {
		t.Error("stopped: no error")
	}
	after := tree(t, opt.out)
	for name := range before {
		if before[name] != after[name] {
			t.Errorf("%s has changed", name)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(opt.out))
	if err != nil || len(entries) != 1 {
		t.Errorf("left beside dist: %v, %v", entries, err)
	}
	mustBuild(t, opt)
}

func TestDataSetsOutliveABuild(t *testing.T) {
	opt := options{root: fakeModule(t), out: filepath.Join(t.TempDir(), "dist"), quality: 1, toolchain: fakeTools{}}
	mustBuild(t, opt)
	first := tree(t, opt.out)
	if got, want := first["data/index.json"], "{\n \"sets\": []\n}\n"; got != want {
		t.Errorf("the list of data sets is %q, want %q", got, want)
	}
	index := `{"sets":[{"name":"mnist"}]}`
	write(t, filepath.Join(opt.out, "data/index.json"), index)
	write(t, filepath.Join(opt.out, "data/mnist/train.gz"), "digits")
	write(t, filepath.Join(opt.out, "data/.mnist-1.tmp/train.gz"), "half a download")
	if err := os.Symlink("/etc/hostname", filepath.Join(opt.out, "data/mnist/link")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(opt.root, "web/main.js"), "export const a = 2;\n")
	for range 2 {
		mustBuild(t, opt)
		files := tree(t, opt.out)
		if files["data/index.json"] != index || files["data/mnist/train.gz"] != "digits" {
			t.Errorf("the data set is gone: %q, %q", files["data/index.json"], files["data/mnist/train.gz"])
		}
		for name := range files {
			if strings.HasPrefix(name, "data/.") || name == "data/mnist/link" || strings.HasSuffix(name, "index.json.gz") && strings.HasPrefix(name, "data/") {
				t.Errorf("%s is there", name)
			}
		}
		if strings.Contains(files["assets.json"], `"data/`) {
			t.Error("assets.json lists data")
		}
		if files["main.js"] == first["main.js"] {
			t.Error("the page is the old one")
		}
	}
}

func TestForeignFolderIsRefused(t *testing.T) {
	out := t.TempDir()
	write(t, filepath.Join(out, "thesis.txt"), "years of work")
	_, err := build(t.Context(), options{root: fakeModule(t), out: out})
	if err == nil || !strings.Contains(err.Error(), "not made by this command") {
		t.Errorf("error %v", err)
	}
	if b, err := os.ReadFile(filepath.Join(out, "thesis.txt")); err != nil || len(b) == 0 {
		t.Errorf("the folder was touched: %v", err)
	}
	if err := checkReplaceable(t.TempDir()); err != nil {
		t.Errorf("an empty folder: %v", err)
	}
}

func TestPressCache(t *testing.T) {
	dir, cache := t.TempDir(), t.TempDir()
	content := bytes.Repeat([]byte("ink "), 1000)
	encodings := 0
	p := newPress(cache, 3)
	inner := p.gzip.writer
	p.gzip.writer = func(w io.Writer) io.WriteCloser {
		encodings++
		return inner(w)
	}
	press := func(name string) {
		t.Helper()
		write(t, filepath.Join(dir, name), string(content))
		f, err := p.file(t.Context(), dir, name)
		if err != nil {
			t.Fatal(err)
		}
		packed, err := os.ReadFile(filepath.Join(dir, name+".gz"))
		if err != nil || int64(len(packed)) != f.Gzip {
			t.Errorf("%s.gz: %d bytes, listed %d, %v", name, len(packed), f.Gzip, err)
		}
		if unpack(t, name+".gz", string(packed)) != string(content) {
			t.Errorf("%s.gz does not unpack to the content", name)
		}
	}
	press("a.txt")
	press("b.txt")
	if encodings != 1 {
		t.Errorf("compressed %d times, want 1: the second comes from the cache", encodings)
	}

	// A spoilt cache is not believed.
	entries, err := os.ReadDir(cache)
	if err != nil || len(entries) != 2 {
		t.Fatalf("cache: %v, %v", entries, err)
	}
	for _, e := range entries {
		write(t, filepath.Join(cache, e.Name()), "spoilt")
	}
	press("c.txt")
	if encodings != 2 {
		t.Errorf("compressed %d times, want 2: the cache was spoilt", encodings)
	}
	p.prune()
	if entries, err = os.ReadDir(cache); err != nil || len(entries) != 2 {
		t.Errorf("what is in use was forgotten: %v, %v", entries, err)
	}
}

func TestIsDevelopmentFile(t *testing.T) {
	for path, want := range map[string]bool{
		"main.js": false, "ui/pad.js": false, "latest.js": false, "test.js": false, "models/digits.md": false,
		"main_test.js": true, "ui/pad.test.js": true, "ui/pad.test.mjs": true, "x_test.mjs": true,
		"package.json": true, "ui/package.json": true, "jsconfig.json": true, "RATIONALE.md": true,
		"types.d.ts": true, ".eslintrc": true, "models/.DS_Store": true, "models/x.tmp": true,
	} {
		if got := isDevelopmentFile(path); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}

func TestParseModules(t *testing.T) {
	var in strings.Builder
	for _, m := range []string{`{"Path":"z.org/z","Version":"v1.0.0","Dir":"/z"}`, `{"Path":"own","Main":true,"Dir":"/own"}`, `{"Path":"a.org/a","Version":"v2.0.0","Dir":"/a"}`} {
		fmt.Fprintf(&in, "{\"Module\": %s}\n{}\n{\"Module\": %s}\n", m, m)
	}
	got, err := parseModules([]byte(in.String()))
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, m := range got {
		paths = append(paths, m.Path)
	}
	if want := []string{"own", "a.org/a", "z.org/z"}; !slices.Equal(paths, want) {
		t.Errorf("got %q, want %q", paths, want)
	}
	if _, err := parseModules([]byte("{")); err == nil {
		t.Error("broken JSON: no error")
	}
	if _, err := licenceOf(t.TempDir()); err == nil {
		t.Error("a module without a licence: no error")
	}
}

// TestLicencesOfPrograms: every module that is compiled into a shipped program is
// there with its licence, and with those of third parties.
func TestLicencesOfPrograms(t *testing.T) {
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := (goTool{root: root}).writeLicences(context.Background(), dir); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, licencesName))
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{
		"gonum.org/v1/gonum v", "Redistributions of source code", // of the engines
		"Parts are under Cephes-LICENSE",                       // gonum's complex functions
		"github.com/hajimehoshi/ebiten/v2 v", "Apache License", // of the stage
		"The Go standard library",
	} {
		if !strings.Contains(string(b), words) {
			t.Errorf("%s lacks %q", licencesName, words)
		}
	}
}
