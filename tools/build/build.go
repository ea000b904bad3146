package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"inkdrift/tools/internal/assets"
)

// programs are the WebAssembly files by the packages under wasm/cmd/ that they are
// built from.
var programs = map[string]string{
	"studio":  "engine-studio.wasm",
	"trainer": assets.Trainer,
	"stage":   "stage.wasm",
}

// programPaths returns the packages of the programs, sorted, as the go command takes
// them.
func programPaths() []string {
	var paths []string
	for name := range programs {
		paths = append(paths, "./wasm/cmd/"+name)
	}
	slices.Sort(paths)
	return paths
}

// versionToken stands in web/sw.js where the version of the build belongs.
const versionToken = "__ASSETS_VERSION__"

type options struct {
	root    string // folder of the module
	out     string // folder to make or replace
	cache   string // folder of compressed files; empty: none
	quality int    // of brotli
	// toolchain makes what is compiled; nil: the go command, in root. Tests that are about something else replace it.
	toolchain toolchain
}

// toolchain makes the files of a build that do not come from web/, in the folder dst.
type toolchain interface {
	buildPrograms(ctx context.Context, dst string) error
	copyLoader(ctx context.Context, dst string) error
	writeLicences(ctx context.Context, dst string) error
}

// result is what was built; -json prints it.
type result struct {
	Out        string        `json:"out"`
	Seconds    float64       `json:"seconds"`
	FirstVisit assets.Sizes  `json:"first_visit"` // bytes
	Files      []assets.File `json:"files"`
}

// build makes opt.out and returns what is in it. When it fails, or ctx ends, the old folder is untouched.
func build(ctx context.Context, opt options) (*result, error) {
	out, err := filepath.Abs(opt.out)
	if err != nil {
		return nil, err
	}
	if err := checkReplaceable(out); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return nil, err
	}
	// Beside out, so that it can be renamed.
	tmp, err := os.MkdirTemp(filepath.Dir(out), ".dist-*.tmp")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	if err := os.Chmod(tmp, 0o755); err != nil {
		return nil, err
	}

	tools := opt.toolchain
	if tools == nil {
		tools = goTool{root: opt.root}
	}
	if err := tools.buildPrograms(ctx, tmp); err != nil {
		return nil, err
	}
	if err := tools.copyLoader(ctx, tmp); err != nil {
		return nil, err
	}
	if err := tools.writeLicences(ctx, tmp); err != nil {
		return nil, err
	}
	if err := copyPage(filepath.Join(opt.root, "web"), tmp); err != nil {
		return nil, err
	}
	if err := copyKernels(filepath.Join(opt.root, "wasm", "simd"), tmp); err != nil {
		return nil, err
	}

	press := newPress(opt.cache, opt.quality)
	list, err := compressAll(ctx, press, tmp)
	if err != nil {
		return nil, err
	}
	if err := writeList(ctx, press, tmp, list); err != nil {
		return nil, err
	}
	press.prune()
	if err := carryData(out, tmp); err != nil {
		return nil, err
	}

	first, err := assets.FirstVisit(os.DirFS(tmp), list)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := replaceDir(tmp, out); err != nil {
		return nil, err
	}
	return &result{FirstVisit: first, Files: list.Files}, nil
}

// writeList writes assets.json and, as it holds the version of that, the service
// worker, each with its compressed copies.
func writeList(ctx context.Context, press *press, dir string, list *assets.List) error {
	text, err := list.Encode()
	if err != nil {
		return err
	}
	if err := writeNew(dir, assets.Name, text); err != nil {
		return err
	}
	if _, err := press.file(ctx, dir, assets.Name); err != nil {
		return err
	}

	worker := filepath.Join(dir, assets.ServiceWorker)
	code, err := os.ReadFile(worker)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if !bytes.Contains(code, []byte(versionToken)) {
		return fmt.Errorf("web/%s has no %s, so that a new build would never replace what browsers keep of the old one", assets.ServiceWorker, versionToken)
	}
	code = bytes.ReplaceAll(code, []byte(versionToken), []byte(assets.Version(text)))
	if err := os.WriteFile(worker, code, 0o644); err != nil {
		return err
	}
	_, err = press.file(ctx, dir, assets.ServiceWorker)
	return err
}

// checkReplaceable refuses folders that no build made, because replacing one
// removes its content.
func checkReplaceable(out string) error {
	entries, err := os.ReadDir(out)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(entries) == 0 {
		return nil
	}
	if _, err := os.Stat(filepath.Join(out, assets.Name)); err != nil {
		return fmt.Errorf("%s is there and was not made by this command: remove it, or choose another folder with -out", out)
	}
	return nil
}

// replaceDir puts the folder next in the place of the folder at.
func replaceDir(next, at string) error {
	old := next + ".old.tmp"
	if err := os.Rename(at, old); err != nil && !os.IsNotExist(err) {
		return err
	}
	if err := os.Rename(next, at); err != nil {
		os.Rename(old, at)
		return err
	}
	return os.RemoveAll(old)
}

// writeNew writes a file that must not be there yet.
func writeNew(dir, name string, content []byte) error {
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if os.IsExist(err) {
		return fmt.Errorf("web/%s has the name of a file that the build makes: rename it", name)
	}
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// table shows the files that are large, largest first.
func table(all []assets.File) string {
	const large = 50_000
	files := make([]assets.File, 0, len(all))
	for _, f := range all {
		if f.Bytes >= large {
			files = append(files, f)
		}
	}
	sort.SliceStable(files, func(i, j int) bool { return files[i].Bytes > files[j].Bytes })
	var b strings.Builder
	for _, f := range files {
		fmt.Fprintf(&b, "%-32s %10d bytes", f.Path, f.Bytes)
		if f.Gzip > 0 {
			fmt.Fprintf(&b, " %10d gzip", f.Gzip)
		}
		if f.Brotli > 0 {
			fmt.Fprintf(&b, " %10d brotli", f.Brotli)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
