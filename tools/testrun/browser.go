package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// longFiles are the files of the browser tests that take longest, longest first. They
// begin first, so that at the end no worker waits for another.
var longFiles = []string{"train-kept.test.mjs", "train.test.mjs", "looks.test.mjs", "robust.test.mjs", "painters.test.mjs", "share.test.mjs", "picture.test.mjs", "lessons.test.mjs", "train-data.test.mjs", "train-families.test.mjs", "tour.test.mjs", "gallery.test.mjs"}

// browserWorkers is how many files of the browser tests run at the same time. A file
// waits for a fifth of its time: on two processors a third worker fills that.
const browserWorkers = 3

// isTimed reports whether a file of the browser tests measures time: it runs alone.
func isTimed(file string) bool { return strings.HasPrefix(path.Base(file), "timing") }

// isOther reports whether a file of the browser tests drives another browser than
// Chromium.
func isOther(file string) bool { return strings.HasPrefix(path.Base(file), "smoke") }

// browserTests drives the page in Chromium, a few files at a time, then in other
// browsers, and at last, one after the other, runs those that measure time. Beside
// three of Chromium's pages WebKitGTK stops to paint its window.
func (r *runner) browserTests(ctx context.Context, t *tally) {
	switch {
	case !r.needsDist(t):
		return
	case r.chrome == "":
		t.fail("nothing was run: Chromium is missing", "")
		return
	case !r.modules:
		t.fail("nothing was run: the Node modules of tools/e2e are missing", "")
		return
	}
	files := r.scriptTests(t, func(path string) bool { return strings.HasPrefix(path, "tools/e2e/") })
	serve := r.path(".cache", "bin", "serve")
	if text, err := output(ctx, r.command(r.goTool, "build", "-buildvcs=false", "-o", serve, "./tools/serve")); err != nil {
		t.fail("go build ./tools/serve", text+err.Error())
		return
	}
	env := []string{"CHROME=" + r.chrome, "SERVE=" + serve}
	shared, end, err := r.startBrowser(ctx, env)
	if err != nil {
		t.fail("tools/e2e/browsers.mjs", err.Error())
		return
	}
	defer end()
	env = append(env, shared...)
	select {
	case found := <-r.others:
		env = append(env, found...)
	case <-ctx.Done():
	}

	slices.SortStableFunc(files, func(a, b string) int {
		return cmp.Compare(place(longFiles, path.Base(a)), place(longFiles, path.Base(b)))
	})
	var chromium, others, timed []string
	for _, file := range files {
		switch {
		case isOther(file):
			others = append(others, file)
		case isTimed(file):
			timed = append(timed, file)
		default:
			chromium = append(chromium, file)
		}
	}
	r.nodeFiles(ctx, t, chromium, browserWorkers, env)
	r.nodeFiles(ctx, t, others, len(otherBrowsers), env)
	r.nodeFiles(ctx, t, timed, 1, env)
}

// startBrowser starts the server and the browser that all files use. It returns
// the environment variables for both, and a function that ends both.
func (r *runner) startBrowser(ctx context.Context, env []string) (shared []string, end func(), err error) {
	cmd := r.command(r.node, "tools/e2e/browsers.mjs")
	cmd.Env = append(r.nodeEnvironment(), env...)
	ownGroup(cmd)
	in, err := cmd.StdinPipe() // its end ends the program, also when this one is killed
	if err != nil {
		return nil, nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	unlimited := context.AfterFunc(ctx, func() { killGroup(cmd) })
	stop := func() {
		in.Close()
		cmd.Wait()
		unlimited()
		killGroup(cmd)
	}
	var said map[string]string
	if err := json.NewDecoder(out).Decode(&said); err != nil {
		stop()
		return nil, nil, fmt.Errorf("it did not say where the browser is: %w", err)
	}
	for name, value := range said {
		shared = append(shared, name+"="+value)
	}
	return shared, stop, nil
}

// nodeFiles runs test files one by one, so many at the same time. Where CI is set,
// as services that run tests set it, a test that fails has a second try.
func (r *runner) nodeFiles(ctx context.Context, t *tally, files []string, workers int, env []string) {
	queue := make(chan string)
	var group sync.WaitGroup
	var lock sync.Mutex
	for range workers {
		group.Go(func() {
			for file := range queue {
				// What one file says is kept together.
				var said bytes.Buffer
				own := &tally{out: &said, step: t.step}
				if workers == 1 {
					own.out = t.out
				}
				r.nodeBatch(ctx, own, []string{file}, env)
				if os.Getenv("CI") != "" {
					r.secondTry(ctx, own, file, env)
				}
				lock.Lock()
				io.Copy(t.out, &said)
				t.join(own)
				lock.Unlock()
			}
		})
	}
	for _, file := range files {
		if ctx.Err() != nil {
			break
		}
		queue <- file
	}
	close(queue)
	group.Wait()
}

// secondTry runs each failed test of a file once more, alone.
func (r *runner) secondTry(ctx context.Context, t *tally, file string, env []string) {
	var still []string
	for _, failed := range t.failed {
		name, ok := strings.CutPrefix(failed, file+": ")
		if !ok || ctx.Err() != nil {
			still = append(still, failed)
			continue
		}
		var patterns []string
		for part := range strings.SplitSeq(name, " > ") { // the tests around it must run too
			patterns = append(patterns, "--test-name-pattern=^"+regexp.QuoteMeta(part)+"$")
		}
		t.printf("-- %s once more\n", failed)
		second := t.fork()
		r.nodeBatch(ctx, second, []string{file}, env, patterns...)
		if len(second.failed) == 0 && second.ran(failed) {
			t.again = append(t.again, failed)
			t.passed++
		} else {
			still = append(still, failed)
		}
	}
	t.failed = still
}
