package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkdrift/tools/internal/assets"
	"inkdrift/tools/internal/report"
)

// contents are the files of small.
var contents = map[string]string{
	"train-images": strings.Repeat("digits ", 1000),
	"train-labels": "0123456789",
}

func small() set {
	s := set{name: "small"}
	for _, name := range []string{"train-images", "train-labels"} {
		sum := sha256.Sum256([]byte(contents[name]))
		s.files = append(s.files, file{name, name, int64(len(contents[name])), hex.EncodeToString(sum[:])})
	}
	return s
}

func pack(t *testing.T, text string) []byte {
	t.Helper()
	var w bytes.Buffer
	z := gzip.NewWriter(&w)
	z.Name = "a name that changes the packed bytes"
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return w.Bytes()
}

func put(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// page returns the folder of a page.
func page(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	put(t, filepath.Join(dir, assets.Name), []byte(`{"files":[]}`))
	return dir
}

func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
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

func check(t *testing.T, out string) {
	t.Helper()
	files := tree(t, filepath.Join(out, "data"))
	if len(files) != 3 {
		t.Errorf("%d files are there: %v", len(files), files)
	}
	var index struct{ Sets []assets.DataSet }
	if err := json.Unmarshal([]byte(files["index.json"]), &index); err != nil {
		t.Fatal(err)
	}
	if len(index.Sets) != 1 || index.Sets[0].Name != "small" || len(index.Sets[0].Files) != 2 {
		t.Fatalf("the list is %+v", index)
	}
	sum := int64(0)
	for _, f := range index.Sets[0].Files {
		packed := files[f.Path]
		z, err := gzip.NewReader(strings.NewReader(packed))
		if err != nil {
			t.Fatalf("%s: %v", f.Path, err)
		}
		var b bytes.Buffer
		if _, err := b.ReadFrom(z); err != nil || b.String() != contents[f.Role] {
			t.Errorf("%s has other content: %v", f.Path, err)
		}
		if f.Bytes != int64(len(packed)) {
			t.Errorf("%s is listed with %d bytes and has %d", f.Path, f.Bytes, len(packed))
		}
		sum += f.Bytes
	}
	if index.Sets[0].Bytes != sum {
		t.Errorf("the set is listed with %d bytes and has %d", index.Sets[0].Bytes, sum)
	}
}

// quiet takes what a job says.
var quiet = report.Flag(flag.NewFlagSet("data", flag.ContinueOnError), "a file", io.Discard, nil)

func TestFromFolder(t *testing.T) {
	for _, name := range []string{"plain", "gzip", "mixed"} {
		from, out := t.TempDir(), page(t)
		for i, f := range small().files {
			if name == "gzip" || name == "mixed" && i == 0 {
				put(t, filepath.Join(from, f.name+".gz"), pack(t, contents[f.name]))
			} else {
				put(t, filepath.Join(from, f.name), []byte(contents[f.name]))
			}
		}
		j := job{small(), []source{folder(from)}, out, quiet}
		for range 2 {
			if err := j.do(t.Context()); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			check(t, out)
		}
	}
}

// TestSays: files with their sizes, and the set; to programs as objects.
func TestSays(t *testing.T) {
	from := t.TempDir()
	for _, f := range small().files {
		put(t, filepath.Join(from, f.name), []byte(contents[f.name]))
	}
	for _, args := range [][]string{nil, {"-json"}} {
		var out bytes.Buffer
		fs := flag.NewFlagSet("data", flag.ContinueOnError)
		found := report.Flag(fs, "a file", &out, nil)
		if err := fs.Parse(args); err != nil {
			t.Fatal(err)
		}
		dist := page(t)
		if err := (job{small(), []source{folder(from)}, dist, found}).do(t.Context()); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		last := lines[len(lines)-1]
		if len(lines) != len(small().files)+1 || !strings.Contains(lines[0], small().files[0].name) || !strings.Contains(last, filepath.Join(dist, "data")) {
			t.Errorf("%v: %s", args, &out)
		}
		var set fileLine
		if is := json.Unmarshal([]byte(last), &set) == nil; is != found.JSON() || is && set.Bytes == 0 {
			t.Errorf("%v: %s", args, last)
		}
	}
}

func TestFromTheWeb(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		dir, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		text := contents[strings.TrimSuffix(name, ".gz")]
		switch dir {
		case "good":
			w.Write(pack(t, text))
		case "page": // as a captive portal sends it
			w.Write([]byte("<!doctype html>"))
		case "torn":
			w.Write(pack(t, text)[:30])
		case "endless":
			chunk := make([]byte, 1<<16)
			for range 100 {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	at := func(dir string) source { return mirror(server.URL + "/" + dir + "/") }

	out := page(t)
	j := job{small(), []source{folder(filepath.Join(out, "data", "small")), at("gone"), at("page"), at("torn"), at("endless"), at("good")}, out, quiet}
	if err := j.do(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(t, out)
	before := asked
	if err := j.do(t.Context()); err != nil {
		t.Fatal(err)
	}
	if asked != before {
		t.Error("what is there already was downloaded again")
	}
	check(t, out)

	j = job{small(), []source{folder(t.TempDir()), at("gone"), at("endless")}, page(t), quiet}
	err := j.do(t.Context())
	for _, words := range []string{"train-images cannot be had", "404 Not Found", "more than", "make data FROM=DIR"} {
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("the error does not say %q: %v", words, err)
		}
	}
}

func TestFailuresChangeNothing(t *testing.T) {
	good, out := t.TempDir(), page(t)
	for _, f := range small().files {
		put(t, filepath.Join(good, f.name), []byte(contents[f.name]))
	}
	if err := (job{small(), []source{folder(good)}, out, quiet}).do(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := tree(t, out)
	labels := contents["train-labels"]
	for name, c := range map[string]struct {
		file    string
		content []byte
		words   string
	}{
		"missing":         {"other", nil, "train-labels is not in"},
		"another content": {"train-labels", []byte("9876543210"), "has the SHA-256"},
		"too short":       {"train-labels", []byte(labels[:5]), "has 5 bytes unpacked, it should have 10"},
		"too long":        {"train-labels", []byte(labels + "x"), "has more bytes unpacked"},
		"much too long":   {"train-labels", make([]byte, 1<<20), "more than"},
		"torn gzip":       {"train-labels.gz", pack(t, labels)[:25], "train-labels"},
		"a gzip bomb":     {"train-labels.gz", pack(t, strings.Repeat("0", 1<<22)), "has more bytes unpacked"},
	} {
		bad := t.TempDir()
		put(t, filepath.Join(bad, "train-images"), []byte(contents["train-images"]))
		put(t, filepath.Join(bad, c.file), c.content)
		err := job{small(), []source{folder(bad)}, out, quiet}.do(t.Context())
		if err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: the error does not say %q: %v", name, c.words, err)
		}
		after := tree(t, out)
		if len(after) != len(before) {
			t.Errorf("%s: files are there that were not before: %d, then %d", name, len(before), len(after))
		}
		for n := range before {
			if before[n] != after[n] {
				t.Errorf("%s: %s has changed", name, n)
			}
		}
	}
	err := job{small(), []source{folder(good)}, t.TempDir(), quiet}.do(t.Context())
	if err == nil || !strings.Contains(err.Error(), "there is no page") {
		t.Errorf("without a page: %v", err)
	}
}

// TestMNIST checks the checksums against the files that developers have.
func TestMNIST(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "data", "mnist")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("MNIST is not in ../shared/data/mnist")
	}
	out := page(t)
	if err := (job{mnist, []source{folder(dir)}, out, quiet}).do(t.Context()); err != nil {
		t.Fatal(err)
	}
}
