package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// oldestNode is the oldest Node that the tests run on: that of Debian 12.
const oldestNode = 18

// setUp finds or installs Node, npm, the Node modules of tools/e2e and, for tests
// in a browser, Chromium and a font for the page in Chinese. Each is a test: where one is missing, what
// needs it cannot run.
func (r *runner) setUp(ctx context.Context, t *tally) {
	found := func(what, path string, err error) string {
		if err != nil {
			t.fail(err.Error(), "")
			return ""
		}
		t.pass(1)
		t.printf("%-10s %s\n", what, path)
		return path
	}
	node, err := r.findNode(ctx)
	r.node = found("Node", node, err)
	npm, err := r.findNPM(ctx)
	r.npm = found("npm", npm, err)
	if r.browser {
		chrome, err := r.findChrome(ctx)
		r.chrome = found("Chromium", chrome, err)
		font, err := r.findFont(ctx)
		found("font", font, err)
	}
	if r.npm == "" || r.node == "" {
		t.fail("the Node modules of tools/e2e cannot be installed without Node and npm", "")
		return
	}
	if err := r.installModules(ctx, "tools/e2e"); err != nil {
		t.fail(err.Error(), "")
		return
	}
	r.modules = true
	t.pass(1)
	t.printf("%-10s %s\n", "modules", "tools/e2e/node_modules")
}

func (r *runner) findNode(ctx context.Context) (string, error) {
	path, err := exec.LookPath("node")
	if err != nil {
		if err := r.aptInstall(ctx, "nodejs"); err != nil {
			return "", fmt.Errorf("no Node on the PATH, and %w: install Node %d or newer from https://nodejs.org/ and try again", err, oldestNode)
		}
		if path, err = exec.LookPath("node"); err != nil {
			return "", fmt.Errorf("no Node on the PATH even after apt-get install nodejs: install Node %d or newer from https://nodejs.org/", oldestNode)
		}
	}
	version, err := output(ctx, r.command(path, "--version"))
	if err != nil {
		return "", fmt.Errorf("%s --version: %w", path, err)
	}
	r.nodeMajor = majorVersion(version)
	if r.nodeMajor < oldestNode {
		return "", fmt.Errorf("%s is %s, too old: install Node %d or newer from https://nodejs.org/", path, strings.TrimSpace(version), oldestNode)
	}
	r.nodeParallel = r.command(path, "--test-concurrency=2", "--version").Run() == nil
	return path, nil
}

// nodeEnvironment is the environment for tests under Node.
func (r *runner) nodeEnvironment() []string {
	env := append(os.Environ(), "DIST="+r.path("dist"))
	if r.nodeMajor < 20 {
		// What old ones lack.
		shim := strconv.Quote(r.path("tools", "testrun", "oldnode.cjs"))
		env = append(env, strings.TrimSpace("NODE_OPTIONS="+os.Getenv("NODE_OPTIONS")+" --require="+shim))
	}
	return env
}

var versionNumber = regexp.MustCompile(`^v(\d+)\.`)

// majorVersion reads "v20.1.2"; 0 where there is no version.
func majorVersion(version string) int {
	m := versionNumber.FindStringSubmatch(version)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0
	}
	return n
}

func (r *runner) findNPM(ctx context.Context) (string, error) {
	if path, err := exec.LookPath("npm"); err == nil {
		return path, nil
	}
	if err := r.aptInstall(ctx, "npm"); err != nil {
		return "", fmt.Errorf("npm is missing and %w: install it (it comes with Node from https://nodejs.org/) and try again", err)
	}
	return exec.LookPath("npm")
}

// chromeNames are the programs that will do, best first. Chromium's headless shell
// has the same engine without windows and tabs around it; opening a page takes it
// two thirds of Chromium's processor time.
var chromeNames = []string{
	"chromium-headless-shell",
	"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
	"/Applications/Chromium.app/Contents/MacOS/Chromium",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
}

// findChrome returns the browser that CHROME names, else one that is installed,
// else one that it installs.
func (r *runner) findChrome(ctx context.Context) (string, error) {
	if named := os.Getenv("CHROME"); named != "" {
		path, err := exec.LookPath(named)
		if err != nil {
			return "", fmt.Errorf("CHROME names %s, which cannot be run (%w): name a Chromium or Chrome, or unset CHROME", named, err)
		}
		if err := r.tryChrome(ctx, path); err != nil {
			return "", fmt.Errorf("CHROME names %s, which does not start (%w): name a Chromium or Chrome, or unset CHROME", named, err)
		}
		return path, nil
	}
	search := func() string {
		for _, name := range chromeNames {
			// Ubuntu's chromium-browser is a program that asks for snap.
			if path, err := exec.LookPath(name); err == nil && r.tryChrome(ctx, path) == nil {
				return path
			}
		}
		return ""
	}
	if path := search(); path != "" {
		return path, nil
	}
	if err := r.aptInstall(ctx, "chromium-headless-shell"); err == nil {
		if path := search(); path != "" {
			return path, nil
		}
	}
	if err := r.aptInstall(ctx, "chromium"); err != nil {
		return "", fmt.Errorf("no Chromium found, and %w: install Chromium or Chrome and try again, naming it in CHROME if it is not on the PATH", err)
	}
	if path := search(); path != "" {
		return path, nil
	}
	return "", fmt.Errorf("no Chromium starts even after apt-get install chromium: install Chromium or Chrome and name it in CHROME")
}

// tryChrome reports whether a browser says its version.
func (r *runner) tryChrome(ctx context.Context, path string) error {
	version, err := output(ctx, r.command(path, "--version"))
	if err != nil {
		return err
	}
	if !strings.Contains(version, "Chrom") {
		return fmt.Errorf("its version is %.80q", version)
	}
	return nil
}

// findFont returns the family of a font with Chinese glyphs, which it installs where
// there is none: without one the browser shows empty boxes in place of letters.
func (r *runner) findFont(ctx context.Context) (string, error) {
	if runtime.GOOS != "linux" {
		return "of the system", nil // macOS and Windows always have one
	}
	const (
		what = "a font with Chinese glyphs is missing"
		hint = "install fontconfig and such a font (Debian: fonts-noto-cjk) and try again"
	)
	if _, err := exec.LookPath("fc-list"); err != nil {
		if err := r.aptInstall(ctx, "fontconfig"); err != nil {
			return "", fmt.Errorf("fc-list, which lists fonts, is missing and %w: %s", err, hint)
		}
	}
	search := func() (string, error) {
		families, err := output(ctx, r.command("fc-list", ":lang=zh-cn", "family"))
		if err != nil {
			return "", fmt.Errorf("fc-list :lang=zh-cn: %w: %s", err, lastLine(families))
		}
		first, _, _ := strings.Cut(families, "\n")
		family, _, _ := strings.Cut(first, ",")
		return family, nil
	}
	family, err := search()
	if family != "" || err != nil {
		return family, err
	}
	if err := r.aptInstall(ctx, "fonts-noto-cjk"); err != nil {
		return "", fmt.Errorf("%s and %w: %s", what, err, hint)
	}
	if family, err = search(); family == "" && err == nil {
		err = fmt.Errorf("%s even after apt-get install fonts-noto-cjk: %s", what, hint)
	}
	return family, err
}

// aptInstall installs Debian packages where that is possible. Its error fits into
// a sentence.
func (r *runner) aptInstall(ctx context.Context, names ...string) error {
	apt, err := exec.LookPath("apt-get")
	if err != nil {
		return fmt.Errorf("cannot be installed from here (there is no apt-get)")
	}
	if os.Geteuid() != 0 {
		return fmt.Errorf("cannot be installed from here (apt-get needs root)")
	}
	r.installing.Lock()
	defer r.installing.Unlock()
	commands := [][]string{{"update"}, slices.Concat([]string{"install", "-y", "--no-install-recommends"}, names)}
	if r.updated {
		commands = commands[1:]
	}
	for _, args := range commands {
		fmt.Println("apt-get", strings.Join(args, " "))
		cmd := exec.Command(apt, args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if text, err := output(ctx, cmd); err != nil {
			return fmt.Errorf("cannot be installed from here (apt-get %s: %w: %s)", args[0], err, lastLine(text))
		}
		r.updated = true
	}
	return nil
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}

// installModules runs npm ci in a folder, unless it has run for the same lock file.
func (r *runner) installModules(ctx context.Context, folder string) error {
	dir := r.path(filepath.FromSlash(folder))
	lock, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return err
	}
	sum := sha256.Sum256(lock)
	want := hex.EncodeToString(sum[:])
	stamp := filepath.Join(dir, "node_modules", ".installed")
	if have, err := os.ReadFile(stamp); err == nil && string(have) == want {
		return nil
	}
	cmd := exec.Command(r.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = dir
	if text, err := output(ctx, cmd); err != nil {
		return fmt.Errorf("npm ci in %s failed (%w); the first time it needs a network and the npm registry: %s", folder, err, npmReason(text))
	}
	return os.WriteFile(stamp, []byte(want), 0o644)
}

// npmReason picks npm's words for what went wrong: the line with a reason, else its
// first line that is more than a code.
func npmReason(text string) string {
	first := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		for _, mark := range []string{"npm error ", "npm ERR! "} {
			words, ok := strings.CutPrefix(line, mark)
			if ok && strings.Contains(words, "reason:") {
				return words
			}
			if ok && first == "" && strings.Count(words, " ") > 1 {
				first = words
			}
		}
	}
	if first != "" {
		return first
	}
	return lastLine(text)
}
