package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// goTool runs the go command for js/wasm in the module at root.
type goTool struct {
	root string
}

// command prepares a go command whose result depends on nothing in the
// environment but the Go version: flags and experiments of the person who builds
// are left out.
func (g goTool) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = g.root
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains([]string{"GOWASM", "GOEXPERIMENT", "GODEBUG"}, name)
	}), "GOOS=js", "GOARCH=wasm", "GOFLAGS=-mod=readonly", "GOWORK=off", "PWD="+g.root)
	return cmd
}

// output runs a go command and returns what it prints.
func (g goTool) output(ctx context.Context, args ...string) ([]byte, error) {
	cmd := g.command(ctx, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return stdout.Bytes(), nil
}

// inlined are the packages whose functions may be inlined, those with hot loops.
// Elsewhere copies of small functions only cost bytes on the wire: without them
// stage.wasm compresses to 1.98 MB instead of 2.18, an engine that does all to 1.30
// instead of 1.33.
var inlined = []string{
	"inkdrift/...", "runtime", "gonum.org/...", "image/...", "compress/...", "math/...",
	"bufio", "bytes", "slices", "encoding/binary",
}

// apart are the packages among them that only see to it that others work: an engine
// is 23 kB (gzip) smaller without copies of their small functions.
var apart = []string{
	"inkdrift/vae/train", "inkdrift/vae/metric", "inkdrift/vae/probe", "inkdrift/vae/classify", "inkdrift/vae/store", "inkdrift/wasm/engine/...", "inkdrift/wasm/proto",
}

// buildPrograms writes the files of programs.
func (g goTool) buildPrograms(ctx context.Context, dst string) error {
	args := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-gcflags=all=-l"}
	for _, p := range inlined {
		args = append(args, "-gcflags="+p+"=") // the last pattern that matches counts
	}
	for _, p := range apart {
		args = append(args, "-gcflags="+p+"=-l")
	}
	args = append(args, "-o", dst+string(filepath.Separator))
	args = append(args, programPaths()...)
	cmd := g.command(ctx, args...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr // compiler messages, module downloads
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go build of %s for WebAssembly: %w", strings.Join(programPaths(), ", "), err)
	}
	for name, file := range programs {
		from, to := filepath.Join(dst, name), filepath.Join(dst, file)
		if err := os.Rename(from, to); err != nil {
			return err
		}
		if err := os.Chmod(to, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// copyLoader copies the JavaScript that starts Go programs; it must come from the
// Go version that built them.
func (g goTool) copyLoader(ctx context.Context, dst string) error {
	goroot, err := g.output(ctx, "env", "GOROOT")
	if err != nil {
		return err
	}
	content, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(goroot)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return fmt.Errorf("this Go installation lacks its WebAssembly loader: %w", err)
	}
	return writeNew(dst, "wasm_exec.js", content)
}

// licencesName is the file that carries the licences of the modules that are
// compiled into the programs, which those licences ask for.
const licencesName = "LICENSES.txt"

type module struct {
	Path, Version, Dir string
	Main               bool
}

func (g goTool) writeLicences(ctx context.Context, dst string) error {
	args := append([]string{"list", "-deps", "-json=Module"}, programPaths()...)
	listed, err := g.output(ctx, args...)
	if err != nil {
		return err
	}
	modules, err := parseModules(listed)
	if err != nil {
		return err
	}
	goroot, err := g.output(ctx, "env", "GOROOT")
	if err != nil {
		return err
	}
	// Where a distribution keeps Go's licence elsewhere, its address must do.
	goLicence := "https://go.dev/LICENSE\n"
	if b, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(goroot)), "LICENSE")); err == nil {
		goLicence = string(b)
	}

	var text strings.Builder
	text.WriteString("Inkdrift's programs contain code under these licences.\n")
	section := func(title, body string) {
		fmt.Fprintf(&text, "\n%s\n%s\n\n%s\n", title, strings.Repeat("=", len(title)), strings.TrimSpace(body))
	}
	for _, m := range modules {
		body, err := licenceOf(m.Dir)
		if err != nil {
			return fmt.Errorf("module %s: %w", m.Path, err)
		}
		section(strings.TrimSpace(m.Path+" "+m.Version), body)
	}
	section("The Go standard library", goLicence)
	return writeNew(dst, licencesName, []byte(text.String()))
}

// parseModules reads the output of go list -json=Module: the main module first,
// then the others by path, each once.
func parseModules(listed []byte) ([]module, error) {
	var modules []module
	dec := json.NewDecoder(bytes.NewReader(listed))
	for {
		var p struct{ Module *module }
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if p.Module != nil && !slices.Contains(modules, *p.Module) {
			modules = append(modules, *p.Module)
		}
	}
	slices.SortFunc(modules, func(a, b module) int {
		if a.Main != b.Main {
			if a.Main {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Path, b.Path)
	})
	return modules, nil
}

// thirdParty is the folder in which a module keeps the licences of code that it took
// over from elsewhere, as gonum does.
const thirdParty = "THIRD_PARTY_LICENSES"

// licenceOf returns the text of the licence and notice files in a module's folder,
// and of those of third parties.
func licenceOf(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, e := range entries {
		stem, _, _ := strings.Cut(strings.ToUpper(e.Name()), ".")
		if e.IsDir() || !slices.Contains([]string{"LICENSE", "LICENCE", "COPYING", "NOTICE", "PATENTS", "AUTHORS"}, stem) {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return "", err
		}
		text.Write(b)
		text.WriteString("\n")
	}
	if text.Len() == 0 {
		return "", fmt.Errorf("no licence file in %s", dir)
	}
	others, err := filepath.Glob(filepath.Join(dir, thirdParty, "*"))
	if err != nil {
		return "", err
	}
	for _, name := range others {
		b, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&text, "Parts are under %s:\n\n%s\n", filepath.Base(name), b)
	}
	return text.String(), nil
}
