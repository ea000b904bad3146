package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"inkdrift/tools/internal/assets"
)

// quality is that of brotli in the builds for tests: two of 9, as make build has it,
// would take half a minute longer and show nothing more.
const quality = "5"

// build makes dist/ and makes it once more without help from the first time: the
// two must be the same.
func (r *runner) build(ctx context.Context, t *tally) {
	if !r.runTool(ctx, t, "dist/ is built", "./tools/build", "-brotli", quality, "-out", r.path("dist")) {
		return
	}
	tmp, err := os.MkdirTemp("", "inkdrift-build-*")
	if err != nil {
		t.fail("a second build", err.Error())
		return
	}
	defer os.RemoveAll(tmp)
	again := filepath.Join(tmp, "dist")
	if !r.runTool(ctx, t, "a second build", "./tools/build", "-brotli", quality, "-cache=", "-out", again) {
		return
	}
	const name = "two builds are byte-identical"
	if differ, err := compareTrees(r.path("dist"), again); err != nil {
		t.fail(name, err.Error())
	} else if len(differ) > 0 {
		t.fail(name, "these differ: "+strings.Join(differ, ", "))
	} else {
		t.pass(1)
		t.printf("ok   %s\n", name)
	}
}

// runTool runs one of our own programs and counts it as a test.
func (r *runner) runTool(ctx context.Context, t *tally, name string, args ...string) bool {
	cmd := r.command(r.goTool, append([]string{"run", "-buildvcs=false"}, args...)...)
	if err := stream(ctx, cmd, func(line []byte) { t.printf("     %s\n", line) }); err != nil {
		t.fail(name, err.Error())
		return false
	}
	t.pass(1)
	t.printf("ok   %s\n", name)
	return true
}

// compareTrees returns the paths of files that are not the same in both folders,
// without the data sets that make data put beside a page.
func compareTrees(a, b string) ([]string, error) {
	var differ []string
	walk := func(dir, other string, compare bool) error {
		return fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && path == assets.Data {
				return fs.SkipDir
			}
			if err != nil || d.IsDir() {
				return err
			}
			x, err := os.ReadFile(filepath.Join(dir, path))
			if err != nil {
				return err
			}
			y, err := os.ReadFile(filepath.Join(other, path))
			if os.IsNotExist(err) || compare && err == nil && !bytes.Equal(x, y) {
				differ = append(differ, path)
				return nil
			}
			return err
		})
	}
	if err := walk(a, b, true); err != nil {
		return nil, err
	}
	return differ, walk(b, a, false)
}

// isScriptTest reports whether a file holds tests for Node.
func isScriptTest(path string) bool {
	for _, suffix := range []string{"_test.js", ".test.js", "_test.mjs", ".test.mjs"} {
		if strings.HasSuffix(path, suffix) {
			return true
		}
	}
	return false
}

// jsTests runs the tests of the page's modules and of the tools' scripts.
func (r *runner) jsTests(ctx context.Context, t *tally) {
	files := r.scriptTests(t, func(path string) bool {
		return (strings.HasPrefix(path, "web/") || strings.HasPrefix(path, "tools/")) && !strings.HasPrefix(path, "tools/e2e/")
	})
	var documents, others []string
	for _, file := range files {
		if r.usesDocument(file) {
			documents = append(documents, file)
		} else {
			others = append(others, file)
		}
	}
	// The group keeps one processor busy, the others have what is left.
	var group sync.WaitGroup
	var said bytes.Buffer
	grouped := &tally{out: &said, step: t.step}
	if len(documents) > 0 {
		group.Go(func() { r.nodeGroup(ctx, grouped, documents) })
	}
	if len(others) > 0 {
		r.nodeBatch(ctx, t, others, nil)
	}
	group.Wait()
	io.Copy(t.out, &said)
	t.join(grouped)
}

// usesDocument reports whether a test file needs a document, which takes longer to
// load than most files take to run.
func (r *runner) usesDocument(file string) bool {
	source, err := os.ReadFile(r.path(filepath.FromSlash(file)))
	return err == nil && bytes.Contains(source, []byte("test/dom.js'"))
}

// engineTests drives the built engines through their messages.
func (r *runner) engineTests(ctx context.Context, t *tally) {
	if r.needsDist(t) {
		r.nodeTests(ctx, t, func(path string) bool { return strings.HasPrefix(path, "wasm/") })
	}
}

func (r *runner) needsDist(t *tally) bool {
	if _, err := os.Stat(r.path("dist", "assets.json")); err != nil {
		t.fail("nothing was run: dist/ has not been built", "")
		return false
	}
	return true
}

// nodeTests runs the test files that are wanted, all together.
func (r *runner) nodeTests(ctx context.Context, t *tally, want func(path string) bool) {
	if files := r.scriptTests(t, want); len(files) > 0 {
		r.nodeBatch(ctx, t, files, nil)
	}
}

// scriptTests lists the wanted files that hold tests for Node, if there is Node.
func (r *runner) scriptTests(t *tally, want func(path string) bool) []string {
	if r.node == "" {
		t.fail("nothing was run: Node is missing", "")
		return nil
	}
	files, err := findFiles(r.root, func(path string) bool { return isScriptTest(path) && strings.Contains(path, r.match) && want(path) })
	if err != nil {
		t.fail("looking for tests", err.Error())
	}
	return files
}

// reporter makes Node report what nodeResults reads.
const reporter = "--test-reporter=./tools/testrun/reporter.mjs"

// nodeGroup runs test files in one process, one after the other.
func (r *runner) nodeGroup(ctx context.Context, t *tally, files []string) {
	r.runNode(ctx, t, append([]string{reporter, "tools/testrun/group.mjs"}, files...), nil)
}

// nodeBatch runs test files, each in a process of its own.
func (r *runner) nodeBatch(ctx context.Context, t *tally, files, env []string, flags ...string) {
	args := append([]string{"--test", reporter}, flags...)
	if r.nodeParallel && len(files) > 1 {
		// By itself Node leaves a processor out, half of a small machine.
		args = append(args, fmt.Sprintf("--test-concurrency=%d", runtime.NumCPU()))
	}
	r.runNode(ctx, t, append(args, files...), env)
}

// runNode runs Node and counts what it reports.
func (r *runner) runNode(ctx context.Context, t *tally, args, env []string) {
	cmd := r.command(r.node, args...)
	cmd.Env = append(r.nodeEnvironment(), env...)
	results := nodeResults{t}
	before := len(t.failed)
	err := stream(ctx, cmd, results.line)
	if err != nil && (len(t.failed) == before || ctx.Err() != nil) {
		t.fail(fmt.Sprintf("node %s: %v", strings.Join(args, " "), err), "")
	}
}
