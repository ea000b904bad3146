// Package archtest checks which package imports which: a test fails where an
// import breaks the rules.
package archtest

import (
	"fmt"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Module is the name before the packages of this repository.
const Module = "inkdrift"

// A Rule says what a package may import besides the standard library. A name
// that ends in "/..." stands for all packages that begin so.
type Rule struct {
	Inside  []string // packages of this module, without its name
	Outside []string // of other modules
	JS      bool     // syscall/js
}

// A File is a Go file as far as imports go.
type File struct {
	Package string   // folder, relative to the module
	Name    string   // of the file
	Imports []string // import paths
	Native  bool     // it is compiled on the machines of developers as well
}

// IsTest reports whether the file belongs to the tests of its package.
func (f File) IsTest() bool { return strings.HasSuffix(f.Name, "_test.go") }

// Check returns a sentence for every import that the rules forbid. Every package
// whose folder begins with one of strict needs a rule; test files may import any
// package under the same one of strict, what lies under a package that the rule
// allows, and other modules, but not what runs in a browser only. Other packages may import all but wasm/..., and of that what their rule names.
func Check(files []File, rules map[string]Rule, strict []string) []string {
	var wrong []string
	unknown := make(map[string]bool)
	for _, f := range files {
		area := slices.IndexFunc(strict, func(s string) bool { return f.Package == s || strings.HasPrefix(f.Package, s+"/") })
		rule, known := rules[f.Package]
		if area >= 0 && !known {
			unknown[f.Package] = true
			continue
		}
		for _, path := range f.Imports {
			if reason := refuse(f, path, area, rule, strict); reason != "" {
				wrong = append(wrong, fmt.Sprintf("%s/%s imports %s: %s", f.Package, f.Name, path, reason))
			}
		}
	}
	for p := range unknown {
		wrong = append(wrong, fmt.Sprintf("%s is a new package: say in tools/archtest what it may import", p))
	}
	for p := range rules {
		if !slices.ContainsFunc(files, func(f File) bool { return f.Package == p }) {
			wrong = append(wrong, fmt.Sprintf("there is a rule for %s, which does not exist", p))
		}
	}
	slices.Sort(wrong)
	return wrong
}

// refuse returns why f must not import path, empty if it may.
func refuse(f File, path string, area int, rule Rule, strict []string) string {
	inside, isInside := strings.CutPrefix(path, Module+"/")
	if path == Module {
		inside, isInside = ".", true
	}
	switch {
	case path == "syscall/js":
		if !rule.JS {
			return "only the glue to JavaScript may"
		}
	case isEbiten(path):
		if !matches(path, rule.Outside) {
			return "only the stage may"
		}
		if f.Native {
			return "this file is compiled natively too, where that needs a display: give it a name ending in _js.go"
		}
	case isInside && area < 0:
		if matches(inside, []string{"wasm/..."}) && !matches(inside, rule.Inside) {
			return "what runs in the browser is not for tools"
		}
	case isInside:
		allowed := rule.Inside
		if f.IsTest() {
			allowed = []string{strict[area] + "/...", "tools/internal/..."}
			for _, p := range rule.Inside {
				allowed = append(allowed, strings.TrimSuffix(p, "/...")+"/...")
			}
		}
		if !matches(inside, allowed) {
			return "not among what this package may import"
		}
	case area >= 0 && isModule(path):
		if !f.IsTest() && !matches(path, rule.Outside) {
			return "not among the modules that this package may import"
		}
	}
	return ""
}

func isEbiten(path string) bool {
	return matches(path, []string{"github.com/hajimehoshi/ebiten/..."})
}

// isModule reports whether a path belongs to a module from elsewhere: its first
// element has a dot.
func isModule(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".")
}

func matches(path string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if stem, ok := strings.CutSuffix(p, "/..."); ok {
			return path == stem || strings.HasPrefix(path, stem+"/")
		}
		return path == p
	})
}

// Parse reads the imports of all Go files of the module whose go.mod lies in root,
// whatever system they are for.
func Parse(root string) ([]File, error) {
	native := build.Default
	native.GOOS, native.GOARCH = "linux", "amd64"
	var files []File
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name != "." && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"testdata", "node_modules", "dist"}, d.Name())) {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		full := filepath.Join(root, filepath.FromSlash(name))
		parsed, err := parser.ParseFile(token.NewFileSet(), full, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		f := File{Package: path.Dir(name), Name: path.Base(name)}
		if f.Native, err = native.MatchFile(filepath.Dir(full), f.Name); err != nil {
			return err
		}
		for _, i := range parsed.Imports {
			p, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			f.Imports = append(f.Imports, p)
		}
		files = append(files, f)
		return nil
	})
	return files, err
}
