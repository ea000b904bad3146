package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestIsSnap(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct {
		text string
		want bool
	}{
		"script":  {"#!/bin/sh\nexec /usr/lib/firefox/firefox \"$@\"\n", false},
		"starter": {"#!/bin/sh\nexec /snap/bin/firefox \"$@\"\n", true},
		"program": {"\x7fELF /snap/bin/", false},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(test.text), 0o755); err != nil {
			t.Fatal(err)
		}
		if got := isSnap(path); got != test.want {
			t.Errorf("isSnap(%s) = %v, want %v", name, got, test.want)
		}
	}
}

// A browser that cannot be had costs its test, which is named with the reason, and nothing else.
func TestFindOthersNamesWhatIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("FIREFOX", "no-such-browser")
	t.Setenv("WEBKIT", "")
	r := &runner{}
	env := strings.Join(<-r.findOthers(t.Context()), "\n")
	for _, want := range []string{
		"FIREFOX=\nFIREFOX_MISSING=FIREFOX names no-such-browser, which cannot be run",
		"WEBKIT=\nWEBKIT_MISSING=no WebKitWebDriver on the PATH, and cannot be installed from here (there is no apt-get)",
	} {
		if !strings.Contains(env, want) {
			t.Errorf("got\n%s\nwant in it\n%s", env, want)
		}
	}
	r.match = "gallery"
	if env := <-r.findOthers(t.Context()); env != nil {
		t.Errorf("with tests of the gallery only: got %q, want nothing", env)
	}
}

// What runs exported models and cannot be had is named with the reason.
func TestFindExportsNamesWhatIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("PYTHON", "no-such-python")
	r := &runner{root: t.TempDir(), node: "node"}
	env := strings.Join(<-r.findExports(t.Context()), "\n")
	for _, want := range []string{"EXPORT_NODE_MISSING=open ", "EXPORT_NODE=\n", "EXPORT_PYTHON_MISSING=no Python among [\"no-such-python\"] has PyTorch\nEXPORT_PYTHON="} {
		if !strings.Contains(env, want) {
			t.Errorf("got\n%s\nwant in it\n%s", env, want)
		}
	}
}
