package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// copyPage copies what a browser needs of the folder web.
func copyPage(web, dst string) error {
	return filepath.WalkDir(web, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(web, name)
		if err != nil {
			return err
		}
		if rel == "." {
			return nil
		}
		slash := filepath.ToSlash(rel)
		switch {
		case d.IsDir() && isDevelopmentDir(d.Name()):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(dst, rel), 0o755)
		case isDevelopmentFile(slash):
			return nil
		case !d.Type().IsRegular():
			return fmt.Errorf("web/%s is not a plain file; links would not survive hosting", slash)
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if _, ok := cutScript(slash); ok || strings.HasSuffix(slash, ".css") {
			content = stripComments(content)
		}
		return writeNew(dst, slash, content)
	})
}

// copyKernels copies the variants of the SIMD kernel, which are kept as they were
// generated.
func copyKernels(simd, dst string) error {
	kernels, err := filepath.Glob(filepath.Join(simd, "kernel_*.wasm"))
	if err != nil {
		return err
	}
	if len(kernels) == 0 {
		return fmt.Errorf("%s has no kernel_*.wasm: go run ./tools/kernelgen makes them", simd)
	}
	for _, name := range kernels {
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := writeNew(dst, filepath.Base(name), content); err != nil {
			return err
		}
	}
	return nil
}

func isDevelopmentDir(name string) bool {
	return strings.HasPrefix(name, ".") || slices.Contains([]string{"node_modules", "test", "tests", "testdata"}, name)
}

// isDevelopmentFile reports whether the page can do without web/path: tests, what
// editors and Node want to know, notes for developers. The cards of the models
// are for everybody.
func isDevelopmentFile(path string) bool {
	name := path[strings.LastIndexByte(path, '/')+1:]
	if strings.HasPrefix(name, ".") {
		return true
	}
	if slices.Contains([]string{"package.json", "package-lock.json", "jsconfig.json", "tsconfig.json"}, name) {
		return true
	}
	for _, suffix := range []string{".d.ts", ".tmp", "~"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	if stem, ok := cutScript(name); ok && (strings.HasSuffix(stem, "_test") || strings.HasSuffix(stem, ".test")) {
		return true
	}
	return strings.HasSuffix(name, ".md") && !strings.HasPrefix(path, "models/")
}

func cutScript(name string) (stem string, ok bool) {
	for _, ext := range []string{".js", ".mjs"} {
		if stem, ok := strings.CutSuffix(name, ext); ok {
			return stem, true
		}
	}
	return "", false
}
