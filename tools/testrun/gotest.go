package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// goEvent is a line of go test -json; see go doc test2json.
type goEvent struct {
	Action     string
	Package    string
	ImportPath string // of build output
	Test       string
	Elapsed    float64
	Output     string
}

// goResults turns the lines of go test -json into results. Of tests with subtests
// only the subtests count, unless the test fails by itself.
type goResults struct {
	tally    *tally
	note     string // behind the name of every package
	packages map[string]*goPackage
	builds   map[string]*strings.Builder // compiler messages by import path
}

type goPackage struct {
	order  []string
	tests  map[string]*goTest
	output strings.Builder // of no test
}

type goTest struct {
	output    strings.Builder
	action    string // pass, fail or skip; empty while it runs
	seconds   float64
	subtests  int
	subFailed bool
}

func newGoResults(t *tally, note string) *goResults {
	return &goResults{tally: t, note: note, packages: make(map[string]*goPackage), builds: make(map[string]*strings.Builder)}
}

// line takes in one line.
func (g *goResults) line(text []byte) {
	var e goEvent
	if err := json.Unmarshal(text, &e); err != nil {
		g.tally.printf("%s\n", text)
		return
	}
	switch e.Action {
	case "build-output":
		if g.builds[e.ImportPath] == nil {
			g.builds[e.ImportPath] = new(strings.Builder)
		}
		g.builds[e.ImportPath].WriteString(e.Output)
		return
	case "build-fail":
		var messages string
		if b := g.builds[e.ImportPath]; b != nil {
			messages = b.String()
		}
		g.tally.fail(g.name(e.ImportPath)+" does not compile", messages)
		return
	}

	p := g.packages[e.Package]
	if p == nil {
		p = &goPackage{tests: make(map[string]*goTest)}
		g.packages[e.Package] = p
	}
	if e.Test == "" {
		switch e.Action {
		case "output":
			p.output.WriteString(e.Output)
		case "pass", "fail", "skip":
			g.end(p, e)
			delete(g.packages, e.Package)
		}
		return
	}
	t := p.tests[e.Test]
	if t == nil {
		t = new(goTest)
		p.tests[e.Test] = t
		p.order = append(p.order, e.Test)
		for name := e.Test; ; {
			i := strings.LastIndexByte(name, '/')
			if i < 0 {
				break
			}
			name = name[:i]
			if parent := p.tests[name]; parent != nil {
				parent.subtests++
				break
			}
		}
	}
	switch e.Action {
	case "output":
		t.output.WriteString(e.Output)
	case "pass", "fail", "skip":
		t.action, t.seconds = e.Action, e.Elapsed
	}
}

// end counts a package whose tests are over.
func (g *goResults) end(p *goPackage, e goEvent) {
	passed, failed := 0, 0
	// Subtests come after the test they are in.
	for i := len(p.order) - 1; i >= 0; i-- {
		name := p.order[i]
		t := p.tests[name]
		if t.action == "" && e.Action == "fail" {
			t.action = "fail" // it was running when the program ended
		}
		if t.action != "fail" {
			continue
		}
		for j := strings.LastIndexByte(name, '/'); j > 0; j = strings.LastIndexByte(name[:j], '/') {
			if parent := p.tests[name[:j]]; parent != nil {
				parent.subFailed = true
			}
		}
	}
	for _, name := range p.order {
		t := p.tests[name]
		switch {
		case t.action == "fail" && !t.subFailed:
			failed++
			g.tally.fail(g.name(e.Package)+" "+name, t.output.String())
		case t.subtests > 0 || t.action == "fail":
		case t.action == "pass":
			passed++
			g.tally.took(g.name(e.Package)+" "+name, t.seconds)
		case t.action == "skip":
			g.tally.skip(g.name(e.Package)+" "+name, skipReason(t.output.String()))
		}
	}
	g.tally.pass(passed)
	if e.Action == "fail" && failed == 0 {
		if text := p.output.String(); !strings.Contains(text, "[build failed]") {
			failed++
			g.tally.fail(g.name(e.Package), text)
		} // else its build-fail has been counted
	}
	if len(p.order) > 0 || e.Action == "fail" {
		word := "ok  "
		if e.Action == "fail" {
			word = "FAIL"
		}
		g.tally.printf("%s %-34s %4d passed %3d failed  %5.1f s\n", word, g.name(e.Package), passed, failed, e.Elapsed)
	}
}

// name is what a package is called in the output.
func (g *goResults) name(path string) string { return short(path) + g.note }

// short leaves out the module's own name.
func short(path string) string {
	path, variant, _ := strings.Cut(path, " ")
	path = strings.TrimPrefix(path, "inkdrift/")
	if variant != "" {
		return fmt.Sprintf("%s %s", path, strings.ReplaceAll(variant, "inkdrift/", ""))
	}
	return path
}

// skipReason finds what t.Skip said: the line after file and line number.
func skipReason(output string) string {
	var reason []string
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "=== ") || strings.HasPrefix(line, "--- ") {
			continue
		}
		if i := strings.Index(line, ".go:"); i >= 0 {
			if _, text, ok := strings.Cut(line[i:], ": "); ok {
				line = text
			}
		}
		reason = append(reason, line)
	}
	return strings.Join(reason, " ")
}
