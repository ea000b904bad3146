//go:build exportcheck

package exportcheck

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"inkdrift/tools/internal/repo"
	"inkdrift/vae/store"
	"inkdrift/vae/train"
)

var update = flag.Bool("update", false, "write the table in docs/models.md")

// The differences that are allowed: of outputs, of terms of training steps from ours,
// and of two processes from one.
const (
	outputTolerance = 1e-5
	termTolerance   = 1e-3
	spreadTolerance = 1e-4
)

// drillSteps is for how many steps training is followed.
const drillSteps = 10

// line is what onnx.mjs and pytorch.py print.
type line struct {
	Model, Graph, Output, Error string
	Batch                       int
	Difference, Spread          float64
}

// TestExports exports every shipped model and models of every family, and runs them
// elsewhere.
func TestExports(t *testing.T) {
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	here := filepath.Join(root, "tools", "exportcheck")
	dir := t.TempDir()
	subjects := slices.Concat(shipped(t, root), fromPage(t, here, dir), small(t))
	trainers := map[string]*train.Trainer{}
	var plans []plan
	for i, s := range subjects {
		folder := filepath.Join(dir, s.name)
		p := planOf(t, s, folder)
		if s.drill != nil {
			processes := 1
			if s.name == "small-cvae" || s.name == "small-vae-gan" {
				processes = 2
			}
			p.Train, trainers[s.name] = drillOf(t, s, folder, drillSteps, processes, port(i))
		}
		plans = append(plans, p)
	}
	path := filepath.Join(dir, "plan.json")
	b, err := json.Marshal(plans)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	worst := table{}
	t.Run("ONNX Runtime", func(t *testing.T) {
		lines := runLines(t, tool(t, "EXPORT_NODE"), filepath.Join(here, "onnx.mjs"), path)
		for _, s := range plans {
			t.Run(s.Model, func(t *testing.T) { worst.note(s.Model, onnxColumn, compare(t, s, lines)) })
		}
	})
	t.Run("onnx.checker", func(t *testing.T) {
		if text, err := exec.Command(tool(t, "EXPORT_PYTHON"), "-c", "import onnx").CombinedOutput(); err != nil {
			t.Skipf("Python has no onnx: %s", bytes.TrimSpace(text[bytes.LastIndexByte(bytes.TrimSpace(text), '\n')+1:]))
		}
		if text, err := exec.Command(tool(t, "EXPORT_PYTHON"), append([]string{"-c", checker}, graphs(t, plans)...)...).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	})
	t.Run("PyTorch", func(t *testing.T) {
		lines := runLines(t, tool(t, "EXPORT_PYTHON"), filepath.Join(here, "pytorch.py"), path)
		for i, s := range plans {
			t.Run(s.Model, func(t *testing.T) {
				worst.note(s.Model, torchColumn, compare(t, s, lines))
				if s.Train != nil {
					worst.note(s.Model, termColumn, drilled(t, s, lines))
					opened(t, subjects[i], s.Train.Out, trainers[s.Model])
				}
			})
		}
	})
	t.Run("opened in the page", func(t *testing.T) {
		tool(t, "EXPORT_PYTHON") // which trained what is opened
		openInPage(t, here, plans)
	})
	checkTable(t, filepath.Join(root, "docs", "models.md"), plans, worst)
}

// checker checks files, their types and shapes included.
const checker = `
import sys, onnx
for path in sys.argv[1:]:
    onnx.checker.check_model(onnx.load(path), full_check=True)
`

// graphs are the paths of all ONNX files.
func graphs(t *testing.T, plans []plan) (all []string) {
	for _, p := range plans {
		found, err := filepath.Glob(filepath.Join(p.Folder, "*.onnx"))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s has no graphs: %v", p.Model, err)
		}
		all = append(all, found...)
	}
	return all
}

// port is where the processes of a plan meet.
func port(i int) int { return 20000 + os.Getpid()%20000 + i }

// tool is the path in an environment variable; the test is skipped where there is none.
func tool(t *testing.T, name string) string {
	path := os.Getenv(name)
	if path == "" {
		reason := os.Getenv(name + "_MISSING")
		if reason == "" {
			reason = name + " does not say where it is"
		}
		t.Skip(reason)
	}
	return path
}

// runLines runs a program and reads the lines of JSON that it prints.
func runLines(t *testing.T, name string, args ...string) (lines []line) {
	cmd := exec.Command(name, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, stderr.String())
	}
	for text := range bytes.Lines(out) {
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			t.Fatalf("%s printed %q: %v", name, text, err)
		}
		lines = append(lines, l)
	}
	return lines
}

// compare checks the lines about a plan's runs and returns the largest difference.
func compare(t *testing.T, p plan, lines []line) (most float64) {
	found := 0
	for _, l := range lines {
		if l.Model != p.Model || l.Graph == "train" {
			continue
		}
		if l.Error != "" {
			t.Fatalf("%s: %s", l.Graph, l.Error)
		}
		found++
		if !(l.Difference <= outputTolerance) {
			t.Errorf("%s with %d pictures: %s differs by %.2g", l.Graph, l.Batch, l.Output, l.Difference)
		}
		most = max(most, l.Difference)
	}
	want := 0
	for _, r := range p.Runs {
		want += len(r.Outputs)
	}
	if found != want {
		t.Errorf("%d outputs were compared instead of %d", found, want)
	}
	return most
}

// drilled checks the line about training.
func drilled(t *testing.T, p plan, lines []line) float64 {
	i := slices.IndexFunc(lines, func(l line) bool { return l.Model == p.Model && l.Graph == "train" })
	if i < 0 {
		t.Fatal("it was not trained")
	}
	l := lines[i]
	if !(l.Difference <= termTolerance) {
		t.Errorf("terms of the first %d steps differ by %.2g", drillSteps, l.Difference)
	}
	if !(l.Spread <= spreadTolerance) {
		t.Errorf("terms of %d processes differ by %.2g from those of one", p.Train.Processes, l.Spread)
	}
	return l.Difference
}

// opened reads the file that was trained elsewhere, compares its weights with those
// after the same steps here, and goes on training.
func opened(t *testing.T, s subject, path string, trainer *train.Trainer) {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := store.ReadModel(b)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range trainer.Result().Arena().Params {
		q := m.Arena().Params[i]
		for j, v := range p.W {
			if d := math.Abs(float64(v - q.W[j])); !(d <= 1e-3) {
				t.Fatalf("%s differs by %.2g at %d", p.Name, d, j)
			}
		}
	}
	again, err := train.New(m, trainer.Data(), *s.drill)
	if err != nil {
		t.Fatal(err)
	}
	if ev, err := again.Step(); err != nil || ev.Undone {
		t.Errorf("%+v, %v", ev, err)
	}
}

// table has the largest differences by model and column.
type table map[string]map[string]float64

// The columns of the table.
const (
	onnxColumn  = "ONNX Runtime"
	torchColumn = "PyTorch"
	termColumn  = "training"
)

func (w table) note(model, column string, difference float64) {
	if w[model] == nil {
		w[model] = map[string]float64{}
	}
	w[model][column] = difference
}

const tableBegin, tableEnd = "<!-- exports: written by tools/exportcheck -->\n", "<!-- end of exports -->\n"

// text is the table for a document.
func (w table) text(plans []plan) string {
	var b strings.Builder
	b.WriteString("| model | ONNX Runtime | PyTorch | terms of 10 training steps |\n|---|---|---|---|\n")
	for _, p := range plans {
		cell := func(column string) string {
			if v, ok := w[p.Model][column]; ok {
				return fmt.Sprintf("%.0e", v)
			}
			return "-"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", p.Model, cell(onnxColumn), cell(torchColumn), cell(termColumn))
	}
	return b.String()
}

// checkTable fails when the document lacks a model. Differences are those of one
// machine, so figures are not compared.
func checkTable(t *testing.T, path string, plans []plan, worst table) {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), tableBegin)
	old, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table of exports", path)
	}
	if *update {
		if err := os.WriteFile(path, []byte(before+tableBegin+worst.text(plans)+tableEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, p := range plans {
		if !strings.Contains(old, "| `"+p.Model+"` |") {
			t.Errorf("%s lacks %s: go test -tags exportcheck ./tools/exportcheck -update", path, p.Model)
		}
	}
}
