// Package doctest checks that the documents of the repository name what exists:
// paths, names in files, links, anchors, make targets and Go packages.
package doctest

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// A Repo is what documents may name.
type Repo struct {
	Files   fs.FS
	Targets []string // of the Makefile
}

var (
	fence       = regexp.MustCompile("(?m)^[ \t]*```[^\n]*\n(?s:(.*?))^[ \t]*```[ \t]*$")
	span        = regexp.MustCompile("`([^`\n]+)`")
	symbol      = regexp.MustCompile("`([A-Za-z]\\w*)` in `([^`\\s]+\\.[a-z]+)`")
	link        = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	heading     = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *#*$`)
	makeTarget  = regexp.MustCompile(`^(?:.*\s)?make ((?:[A-Za-z_]+=\S+ )*)([a-z][a-z-]*)`)
	goPackage   = regexp.MustCompile(`(?:^|\s)\./((?:tools|vae|wasm)(?:/[\w./-]*)?)`)
	placeholder = regexp.MustCompile(`\b(NAME|FILE|DIR|FAMILY|LANG)\b`)
)

// tops are the folders and files of the root that begin a path. Paths of build
// products, such as dist/, are not checked.
var tops = []string{"vae", "wasm", "web", "tools", "docs", ".github", ".ci"}

var rootFiles = regexp.MustCompile(`^(Makefile|LICENSE|go\.(mod|sum)|biome\.json|tsconfig\.json|[A-Z]+\.md)$`)

// Check returns a sentence for everything that the document doc names and that
// does not exist.
func Check(r Repo, doc string) ([]string, error) {
	b, err := fs.ReadFile(r.Files, doc)
	if err != nil {
		return nil, err
	}
	text := string(b)
	var wrong []string
	report := func(format string, args ...any) { wrong = append(wrong, doc+": "+fmt.Sprintf(format, args...)) }

	command := func(line string) {
		if m := makeTarget.FindStringSubmatch(line); m != nil && !slices.Contains(r.Targets, m[2]) {
			report("the Makefile has no target %q", m[2])
		}
		for _, m := range goPackage.FindAllStringSubmatch(line, -1) {
			if p := strings.TrimSuffix(strings.TrimSuffix(m[1], "..."), "/"); !r.exists(p) {
				report("there is no package ./%s", p)
			}
		}
	}
	for _, block := range fence.FindAllStringSubmatch(text, -1) {
		for line := range strings.Lines(block[1]) {
			line, _, _ = strings.Cut(line, "#")
			if script, ok := strings.CutPrefix(strings.TrimSpace(line), "node "); ok {
				for word := range strings.FieldsSeq(script) {
					if isPath(word) && !r.exists(word) {
						report("the script %s does not exist", word)
					}
				}
			}
			if strings.HasPrefix(strings.TrimSpace(line), "make ") || strings.Contains(line, "go ") {
				command(strings.TrimSpace(line))
			}
		}
	}
	prose := fence.ReplaceAllString(text, "")
	for _, m := range span.FindAllStringSubmatch(prose, -1) {
		code := m[1]
		if strings.HasPrefix(code, "make ") || strings.HasPrefix(code, "go ") {
			command(code)
		} else if p := strings.TrimPrefix(code, "./"); isPath(p) && !r.exists(p) {
			report("`%s` does not exist", code)
		}
	}
	for _, m := range symbol.FindAllStringSubmatch(prose, -1) {
		name, file := m[1], m[2]
		if !isPath(file) || !r.exists(file) {
			continue // a file that should be there was reported above
		}
		source, err := fs.ReadFile(r.Files, file)
		if err != nil {
			return nil, err
		}
		if !regexp.MustCompile(`\b` + name + `\b`).Match(source) {
			report("there is no %s in %s", name, file)
		}
	}
	for _, m := range link.FindAllStringSubmatch(prose, -1) {
		target := m[1]
		if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
			continue
		}
		file, anchor, hasAnchor := strings.Cut(target, "#")
		at := doc
		if file != "" {
			at = path.Join(path.Dir(doc), file)
		}
		if !r.exists(at) {
			report("the link %s leads nowhere", target)
			continue
		}
		if hasAnchor && path.Ext(at) == ".md" {
			b, err := fs.ReadFile(r.Files, at)
			if err != nil {
				return nil, err
			}
			if !slices.Contains(anchors(string(b)), anchor) {
				report("%s has no heading for #%s", at, anchor)
			}
		}
	}
	return wrong, nil
}

// isPath reports whether text in backticks is to be read as a path of the
// repository.
func isPath(s string) bool {
	if strings.ContainsAny(s, " ()<>=:'\"|") {
		return false
	}
	if rootFiles.MatchString(s) {
		return true
	}
	first, rest, ok := strings.Cut(s, "/")
	return ok && (rest != "" || s == first+"/") && slices.Contains(tops, first)
}

// exists reports whether p is there. A placeholder in capitals stands for any
// name, a list in braces for each of its members, and "/..." for a folder.
func (r Repo) exists(p string) bool {
	if before, rest, ok := strings.Cut(p, "{"); ok {
		list, after, ok := strings.Cut(rest, "}")
		if !ok {
			return false
		}
		for part := range strings.SplitSeq(list, ",") {
			if !r.exists(before + strings.TrimSpace(part) + after) {
				return false
			}
		}
		return true
	}
	p = strings.TrimSuffix(strings.TrimSuffix(p, "..."), "/")
	found, err := fs.Glob(r.Files, placeholder.ReplaceAllString(path.Clean(p), "*"))
	return err == nil && len(found) > 0
}

// anchors are the names under which GitHub links to the headings of a document.
func anchors(text string) []string {
	var all []string
	times := make(map[string]int)
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		name := strings.Map(func(c rune) rune {
			switch {
			case c == ' ':
				return '-'
			case c == '-' || c == '_' || unicode.IsLetter(c) || unicode.IsDigit(c):
				return unicode.ToLower(c)
			}
			return -1
		}, m[1])
		n := times[name]
		times[name]++
		if n > 0 {
			name = fmt.Sprintf("%s-%d", name, n)
		}
		all = append(all, name)
	}
	return all
}

// Targets are the targets that a Makefile documents or declares.
func Targets(makefile string) []string {
	var all []string
	for _, m := range regexp.MustCompile(`(?m)^([a-z][a-z-]*):`).FindAllStringSubmatch(makefile, -1) {
		all = append(all, m[1])
	}
	return all
}

// Documents lists the Markdown files of the repository, without those of other
// people and of build products.
func Documents(files fs.FS) ([]string, error) {
	var all []string
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if name != "." && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"node_modules", "dist", "artifacts", "data", "testdata"}, name[strings.LastIndexByte(name, '/')+1:]) && name != "vae/data") {
				return fs.SkipDir
			}
		case path.Ext(name) == ".md":
			all = append(all, name)
		}
		return nil
	})
	return all, err
}
