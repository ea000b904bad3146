package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// An otherBrowser is one beside Chromium that the main job is tested in.
type otherBrowser struct {
	test     string
	variable string   // tells the test where it is, and names one of the user's
	packages []string // of Debian
	find     func() (path string, err error)
}

// installLimit keeps a slow network from holding up the tests in Chromium.
const installLimit = 5 * time.Minute

var otherBrowsers = []otherBrowser{
	{"tools/e2e/smoke-firefox.test.mjs", "FIREFOX", []string{"firefox-esr"}, findFirefox},
	{"tools/e2e/smoke-webkit.test.mjs", "WEBKIT", []string{"webkit2gtk-driver", "xvfb"}, findWebKit},
}

// findOthers begins to look for the browsers whose tests are wanted, and to install
// those that are missing: that takes a minute and little of the processors, and the
// first steps need none of them. It gives environment variables for the tests.
// A browser that is not to be had is named there with the reason, and its test is
// skipped.
func (r *runner) findOthers(ctx context.Context) chan []string {
	found := make(chan []string, 1)
	go func() {
		limited, cancel := context.WithTimeoutCause(ctx, installLimit, fmt.Errorf("ended after %v", installLimit))
		defer cancel()
		var env []string
		for _, b := range otherBrowsers {
			if !strings.Contains(b.test, r.match) {
				continue
			}
			path, err := r.findOther(limited, b)
			env = append(env, b.variable+"="+path)
			if err != nil {
				env = append(env, b.variable+"_MISSING="+err.Error())
			}
		}
		found <- env
	}()
	return found
}

// findOther returns the path of a browser. Its error says in one line why there is none.
func (r *runner) findOther(ctx context.Context, b otherBrowser) (string, error) {
	if named := os.Getenv(b.variable); named != "" {
		path, err := exec.LookPath(named)
		if err != nil {
			return "", fmt.Errorf("%s names %s, which cannot be run: %w", b.variable, named, err)
		}
		return path, nil
	}
	path, missing := b.find()
	if missing == nil {
		return path, nil
	}
	if err := r.aptInstall(ctx, b.packages...); err != nil {
		return "", fmt.Errorf("%w, and %w", missing, err)
	}
	return b.find()
}

func findFirefox() (string, error) {
	for _, name := range []string{"firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"} {
		if path, err := exec.LookPath(name); err == nil && !isSnap(path) {
			return path, nil
		}
	}
	return "", fmt.Errorf("no Firefox on the PATH")
}

// isSnap reports whether a program is a snap, or a script that starts one: it does
// not see the profile that a test makes for it.
func isSnap(path string) bool {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if strings.Contains(path, "snap") {
		return true
	}
	text, err := os.ReadFile(path)
	return err == nil && bytes.HasPrefix(text, []byte("#!")) && bytes.Contains(text, []byte("/snap/"))
}

// findWebKit returns the path of MiniBrowser, which comes with WebKitGTK beside its
// driver.
func findWebKit() (string, error) {
	for _, name := range []string{"WebKitWebDriver", "Xvfb"} {
		if _, err := exec.LookPath(name); err != nil {
			return "", fmt.Errorf("no %s on the PATH", name)
		}
	}
	for _, pattern := range []string{"/usr/lib/*/webkit2gtk-4.*/MiniBrowser", "/usr/libexec/webkit2gtk-4.*/MiniBrowser"} {
		if paths, err := filepath.Glob(pattern); err == nil && len(paths) > 0 {
			return paths[len(paths)-1], nil
		}
	}
	return "", fmt.Errorf("WebKitGTK has no MiniBrowser")
}
