package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// nodeRunner returns a runner whose root holds the reporter and the given files.
func nodeRunner(t *testing.T, files map[string]string) *runner {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("Node is not installed")
	}
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"reporter.mjs", "group.mjs"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files["tools/testrun/"+name] = string(text)
	}
	for name, text := range files {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return &runner{root: root, node: node, nodeMajor: 20}
}

func TestNodeResults(t *testing.T) {
	r := nodeRunner(t, map[string]string{
		"web/package.json": `{"type":"module"}`,
		"web/a.test.js": `import test, { describe, it } from 'node:test';
test('plain', () => {});
test('bad', () => { throw new Error('boom'); });
test('skipped', { skip: 'no data' }, () => {});
test('open', { todo: true }, () => { throw new Error('x'); });
test('parent', async (t) => {
  await t.test('good', () => {});
  await t.test('bad', () => { console.log('hello from the test'); throw new TypeError('child'); });
});
test('parent after', async (t) => { await t.test('good', () => {}); throw new Error('itself'); });
describe('suite', () => {
  it('one', () => {});
  describe('inner', () => { it('two', () => {}); it('three', (t) => t.skip('later')); });
});
`,
		"web/empty_test.js":    "console.log('no tests');\n",
		"web/load.test.mjs":    "import './missing.mjs';\n",
		"web/helper.js":        "throw new Error('not a test');\n",
		"tools/x/x.test.mjs":   "import test from 'node:test'; test('tool', () => {});\n",
		"tools/e2e/b.test.mjs": "throw new Error('not this step');\n",
		"wasm/c.test.mjs":      "throw new Error('not this step');\n",
	})
	tally, out := newTally()
	r.jsTests(t.Context(), tally)
	check(t, tally, 6, []string{
		"web/a.test.js: bad", "web/a.test.js: parent > bad", "web/a.test.js: parent after",
		"web/empty_test.js has no test", "web/load.test.mjs: the file itself",
	}, []string{
		"web/a.test.js: open: to do", "web/a.test.js: skipped: no data", "web/a.test.js: suite > inner > three: later",
	})
	for _, words := range []string{"Error: boom", "TypeError: child", "no tests", "hello from the test", "Error: itself", "ERR_MODULE_NOT_FOUND", "ok   tools/x/x.test.mjs: tool"} {
		if !strings.Contains(out.String(), words) {
			t.Errorf("output lacks %q:\n%s", words, out)
		}
	}
}

// TestNodeGroup checks that files that need a document run in one process, in their
// order, and are counted as others are.
func TestNodeGroup(t *testing.T) {
	const head = "import test from 'node:test'; import '../test/dom.js';\n"
	r := nodeRunner(t, map[string]string{
		"web/package.json": `{"type":"module"}`,
		"web/test/dom.js":  "export const loaded = (globalThis.loaded ??= []);\n",
		"web/views/a.test.js": head + `globalThis.loaded.push('a');
test('alone', async () => { await new Promise((done) => setTimeout(done, 50)); if (globalThis.loaded.join() !== 'a') throw new Error('not alone'); });
test('bad', () => { throw new Error('boom'); });
`,
		"web/views/b.test.js": head + `globalThis.loaded.push('b');
test('same process', (t) => { if (globalThis.loaded.join() !== 'a,b') throw new Error(globalThis.loaded.join()); });
`,
		"web/views/empty.test.js": head,
		"web/views/load.test.js":  head + "import './missing.js';\n",
		"web/views/z.test.js":     head + "test('last', () => {});\n",
	})
	tally, out := newTally()
	r.jsTests(t.Context(), tally)
	slices.Sort(tally.failed)
	check(t, tally, 3, []string{"web/views/a.test.js: bad", "web/views/empty.test.js has no test", "web/views/load.test.js: the file itself"}, nil)
	for _, words := range []string{"Error: boom", "ERR_MODULE_NOT_FOUND", "ok   web/views/b.test.js: same process"} {
		if !strings.Contains(out.String(), words) {
			t.Errorf("output lacks %q:\n%s", words, out)
		}
	}
}

func TestFilesAtTheSameTime(t *testing.T) {
	// Each waits for the other.
	const test = `import test from 'node:test';
import { existsSync, writeFileSync } from 'node:fs';
test(process.env.CHROME, async () => {
  writeFileSync('mark-' + process.env.DIST.endsWith('dist') + import.meta.url.slice(-10, -9), '');
  while (!existsSync('mark-truea') || !existsSync('mark-trueb')) await new Promise((done) => setTimeout(done, 10));
});
`
	r := nodeRunner(t, map[string]string{"tools/e2e/a.test.mjs": test, "tools/e2e/b.test.mjs": test})
	tally, out := newTally()
	r.nodeFiles(t.Context(), tally, []string{"tools/e2e/a.test.mjs", "tools/e2e/b.test.mjs"}, 2, []string{"CHROME=a browser"})
	check(t, tally, 2, nil, nil)
	if !strings.Contains(out.String(), "tools/e2e/b.test.mjs: a browser") {
		t.Errorf("output\n%s", out)
	}
}

// TestSecondTry checks that where CI is set each failed test is run once more
// alone, and that elsewhere none is.
func TestSecondTry(t *testing.T) {
	for _, ci := range []string{"", "true"} {
		t.Run("CI="+ci, func(t *testing.T) {
			t.Setenv("CI", ci)
			r := nodeRunner(t, map[string]string{
				"tools/e2e/a.test.mjs": `import test from 'node:test';
import { appendFileSync, readFileSync } from 'node:fs';
const tries = (name) => (appendFileSync(name, 'x'), readFileSync(name).length);
test('good', () => { if (tries('good') > 1) throw new Error('it was not to be run again'); });
test('around', async (t) => {
  await t.test('late (once)', () => { if (tries('late') < 2) throw new Error('not yet'); });
});
test('bad', () => { throw new Error('never'); });
`,
				"tools/e2e/b.test.mjs": "import './missing.mjs';\n",
			})
			tally, out := newTally()
			r.nodeFiles(t.Context(), tally, []string{"tools/e2e/a.test.mjs", "tools/e2e/b.test.mjs"}, 2, nil)
			slices.Sort(tally.failed)
			const bad, late, itself = "tools/e2e/a.test.mjs: bad", "tools/e2e/a.test.mjs: around > late (once)", "tools/e2e/b.test.mjs: the file itself"
			if ci == "" {
				check(t, tally, 1, []string{late, bad, itself}, nil)
				return
			}
			check(t, tally, 2, []string{bad, itself}, nil)
			if !slices.Equal(tally.again, []string{late}) {
				t.Errorf("passed when run again: %q\n%s", tally.again, out)
			}
		})
	}
}

func TestOrderOfFiles(t *testing.T) {
	if place(longFiles, longFiles[0]) >= place(longFiles, longFiles[1]) || place(longFiles, "other.test.mjs") <= place(longFiles, longFiles[1]) {
		t.Error("files that take longest do not begin first")
	}
	if !isTimed("tools/e2e/timing.test.mjs") || isTimed("tools/e2e/draw.test.mjs") || isOther("tools/e2e/draw.test.mjs") {
		t.Error("files that measure time are not told from others")
	}
	for _, b := range otherBrowsers {
		if !isOther(b.test) {
			t.Errorf("%s is not run apart from Chromium's files", b.test)
		}
	}
	for _, name := range longFiles {
		if _, err := os.Stat(filepath.Join("..", "e2e", name)); err != nil {
			t.Error(err)
		}
	}
}

// TestStage: steps of a stage run together, and what each says is kept together.
func TestStage(t *testing.T) {
	r := &runner{root: t.TempDir()}
	both := make(chan struct{})
	meet := func(_ *runner, ctx context.Context, t *tally) {
		t.printf("begins %s\n", t.step)
		select {
		case both <- struct{}{}:
		case <-both:
		case <-ctx.Done():
			t.fail("alone", "")
		}
		t.printf("ends %s\n", t.step)
		t.pass(1)
	}
	alone := func(_ *runner, _ context.Context, t *tally) { t.fail("bad", "") }
	var out bytes.Buffer
	tallies := r.stage(t.Context(), []step{{"a", "", time.Minute, meet}, {"b", "", time.Minute, meet}, {"c", "", time.Minute, alone}}, &out)
	for i, want := range []string{"a", "b", "c"} {
		if tallies[i].step != want {
			t.Errorf("step %d is %s, not %s", i, tallies[i].step, want)
		}
	}
	check(t, tallies[0], 1, nil, nil)
	check(t, tallies[1], 1, nil, nil)
	check(t, tallies[2], 0, []string{"bad"}, nil)
	for _, step := range []string{"a", "b"} {
		if !strings.Contains(out.String(), "begins "+step+"\nends "+step+"\n") {
			t.Errorf("what %s said is not together in %q", step, &out)
		}
	}
}

func TestHangingTestEnds(t *testing.T) {
	r := nodeRunner(t, map[string]string{
		"web/hang.test.mjs": "import test from 'node:test'; test('hangs', () => new Promise(() => setInterval(() => {}, 1000)));\n",
	})
	tally, _ := newTally()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	start := time.Now()
	r.jsTests(ctx, tally)
	if len(tally.failed) != 1 || !strings.Contains(tally.failed[0], "deadline") {
		t.Errorf("failed %q", tally.failed)
	}
	if d := time.Since(start); d > 30*time.Second {
		t.Errorf("took %v", d)
	}
}

func TestMissingPiecesAreFailures(t *testing.T) {
	r := &runner{root: t.TempDir(), goTool: "go"}
	for name, run := range map[string]func(*runner, context.Context, *tally){
		"wasm": (*runner).wasmTests, "js": (*runner).jsTests, "engine": (*runner).engineTests, "e2e": (*runner).browserTests,
	} {
		tally, _ := newTally()
		run(r, t.Context(), tally)
		if tally.passed != 0 || len(tally.failed) != 1 {
			t.Errorf("%s: %d passed, failed %q", name, tally.passed, tally.failed)
		}
	}
	tally := r.step(t.Context(), step{name: "empty", title: "a step without tests", limit: time.Minute, run: func(*runner, context.Context, *tally) {}}, io.Discard)
	if !slices.Equal(tally.failed, []string{"no test was executed"}) {
		t.Errorf("an empty step: failed %q", tally.failed)
	}
}

func TestStreamEndsWhatWasStarted(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no shell")
	}
	// The child of the shell holds the pipe open; it must not outlive the limit.
	mark := filepath.Join(t.TempDir(), "mark")
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	var lines []string
	err = stream(ctx, exec.Command(sh, "-c", "echo one; (sleep 1; echo late >"+mark+") & wait"), func(line []byte) { lines = append(lines, string(line)) })
	if err == nil || !slices.Equal(lines, []string{"one"}) {
		t.Errorf("%q, %v", lines, err)
	}
	time.Sleep(1500 * time.Millisecond)
	if _, err := os.Stat(mark); err == nil {
		t.Error("the child of the shell went on")
	}
}

func TestOldNodeGetsWhatItLacks(t *testing.T) {
	shim, err := os.ReadFile("oldnode.cjs")
	if err != nil {
		t.Fatal(err)
	}
	r := nodeRunner(t, map[string]string{
		"tools/testrun/oldnode.cjs": "globalThis.wasShimmed = true;\n" + string(shim),
		"web/a.test.mjs": `import test from 'node:test';
test(String(globalThis.wasShimmed), () => {
  if (globalThis.wasShimmed) crypto.getRandomValues(new Uint8Array(new File(['x'], 'name').size));
});
`,
	})
	for major, want := range map[int]string{18: "a.test.mjs: true", 20: "a.test.mjs: undefined"} {
		r.nodeMajor = major
		tally, out := newTally()
		r.jsTests(t.Context(), tally)
		if tally.passed != 1 || !strings.Contains(out.String(), want) {
			t.Errorf("as version %d: %d passed\n%s", major, tally.passed, out)
		}
	}
}

func TestCompareTrees(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	for _, f := range []struct{ dir, name, text string }{
		{a, "same", "1"}, {b, "same", "1"}, {a, "other", "1"}, {b, "other", "2"}, {a, "left", "1"}, {b, "right", "1"},
	} {
		if err := os.WriteFile(filepath.Join(f.dir, f.name), []byte(f.text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	differ, err := compareTrees(a, b)
	if err != nil || !slices.Equal(differ, []string{"left", "other", "right"}) {
		t.Errorf("%q, %v", differ, err)
	}
	if differ, err := compareTrees(a, a); err != nil || len(differ) != 0 {
		t.Errorf("with itself: %q, %v", differ, err)
	}
}

func TestSetupSentences(t *testing.T) {
	for version, want := range map[string]int{"v20.1.2\n": 20, "v8.0.0": 8, "20.1.2": 0, "": 0, "v": 0} {
		if got := majorVersion(version); got != want {
			t.Errorf("%q: %d, want %d", version, got, want)
		}
	}
	for text, want := range map[string]string{
		"npm error code ENOTFOUND\nnpm error network request to https://x failed, reason: no name\n": "network request to https://x failed, reason: no name",
		"npm ERR! code EUSAGE\nnpm ERR! the lock file is wrong\nnpm ERR! more words here\n":          "the lock file is wrong",
		"a\nb\n\n": "b",
	} {
		if got := npmReason(text); got != want {
			t.Errorf("npm's reason: %q, want %q", got, want)
		}
	}

	r := &runner{root: t.TempDir()}
	t.Setenv("CHROME", filepath.Join(r.root, "nothing"))
	if _, err := r.findChrome(t.Context()); err == nil || !strings.Contains(err.Error(), "cannot be run") {
		t.Errorf("CHROME that is not there: %v", err)
	}
	if sh, err := exec.LookPath("sh"); err == nil {
		t.Setenv("CHROME", sh)
		if _, err := r.findChrome(t.Context()); err == nil || !strings.Contains(err.Error(), "does not start") {
			t.Errorf("CHROME that is a shell: %v", err)
		}
	}
	if os.Geteuid() != 0 {
		if err := r.aptInstall(t.Context(), "no-such-package"); err == nil {
			t.Error("apt-get without root: no error")
		}
	}
}
