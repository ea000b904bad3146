package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// oldestNode is the oldest Node that the bench runs on.
const oldestNode = 20

// setup is what the bench needs of the machine.
type setup struct {
	root   string // of the repository
	node   string // paths of programs
	npm    string
	chrome string // empty where no browser is wanted

	firefox string // empty where there is none
}

// chromeNames are the programs that will do, best first.
var chromeNames = []string{
	"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
	"chromium-headless-shell", // what the tests install
	"/Applications/Chromium.app/Contents/MacOS/Chromium",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
}

// firefoxNames are those of Firefox.
var firefoxNames = []string{"firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"}

// find looks for Node, npm and, if wanted, a browser.
func (s *setup) find(browser bool) error {
	var missing []error
	look := func(what string, names ...string) string {
		for _, name := range names {
			if path, err := exec.LookPath(name); err == nil {
				return path
			}
		}
		missing = append(missing, errors.New(what))
		return ""
	}
	s.node = look(fmt.Sprintf("Node is missing: install Node %d or newer from https://nodejs.org/", oldestNode), "node")
	s.npm = look("npm is missing: it comes with Node from https://nodejs.org/", "npm")
	if browser {
		names := chromeNames
		if named := os.Getenv("CHROME"); named != "" {
			names = []string{named}
		}
		s.chrome = look("Chromium is missing: install Chromium or Chrome, and name it in CHROME if it is not on the PATH; or measure without, with -runtime node", names...)
	}
	names := firefoxNames
	if named := os.Getenv("FIREFOX"); named != "" {
		names = []string{named}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil && s.firefox == "" {
			s.firefox = path
		}
	}
	return errors.Join(missing...)
}

// findOrInstall looks for programs and lets the set-up of the tests install
// missing ones.
func (s *setup) findOrInstall(ctx context.Context, browser bool) error {
	if s.find(browser) != nil {
		cmd := s.command(ctx, "go", "run", "-buildvcs=false", "./tools/testrun", "-only", "setup")
		_ = cmd.Run() // what could not be installed is still missing
		if err := s.find(browser); err != nil {
			return err
		}
	}
	version, err := exec.CommandContext(ctx, s.node, "--version").Output()
	if err != nil {
		return fmt.Errorf("%s --version: %w", s.node, err)
	}
	if major := majorVersion(string(version)); major < oldestNode {
		return fmt.Errorf("%s is %s, too old: install Node %d or newer from https://nodejs.org/", s.node, strings.TrimSpace(string(version)), oldestNode)
	}
	return nil
}

// majorVersion reads "v20.1.2"; 0 where there is no version.
func majorVersion(version string) int {
	major, _, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	n, err := strconv.Atoi(major)
	if err != nil {
		return 0
	}
	return n
}

// command prepares a program in the root of the repository whose words go to
// standard error.
func (s *setup) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = s.root
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	return cmd
}

// path makes a path in the repository.
func (s *setup) path(elements ...string) string {
	return filepath.Join(append([]string{s.root}, elements...)...)
}

// installPeers runs npm ci, unless it has run for the same lock file.
func (s *setup) installPeers(ctx context.Context) error {
	lock, err := os.ReadFile(s.path("tools", "bench", "package-lock.json"))
	if err != nil {
		return err
	}
	sum := sha256.Sum256(lock)
	want := hex.EncodeToString(sum[:])
	stamp := s.path("tools", "bench", "node_modules", ".installed")
	if have, err := os.ReadFile(stamp); err == nil && string(have) == want {
		return nil
	}
	fmt.Fprintln(os.Stderr, "npm ci in tools/bench: TensorFlow.js, jax-js and playwright-core")
	cmd := s.command(ctx, s.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = s.path("tools", "bench")
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("npm ci in tools/bench failed (%w); the first time it needs a network and the npm registry", err)
	}
	return os.WriteFile(stamp, []byte(want), 0o644)
}

// build makes wasm/cmd/bench, its loader and the training data in a folder.
func (s *setup) build(ctx context.Context, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	cmd := s.command(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-o", filepath.Join(dir, "bench.wasm"), "./wasm/cmd/bench")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go build of ./wasm/cmd/bench for WebAssembly: %w", err)
	}
	goroot, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("go env GOROOT: %w", err)
	}
	loader, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(goroot)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return fmt.Errorf("this Go installation lacks its WebAssembly loader: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "wasm_exec.js"), loader, 0o644); err != nil {
		return err
	}
	return writeData(dir)
}
