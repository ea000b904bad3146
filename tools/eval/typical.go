package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"

	"inkdrift/tools/internal/nondigits"
	"inkdrift/tools/internal/report"
	"inkdrift/vae"
	"inkdrift/vae/data"
	"inkdrift/vae/impute"
	"inkdrift/vae/metric"
)

// What typicality is measured with: the page draws as many latents with the same seed
// (web/views/studio/typicality.js).
const (
	typicalDraws  = 9
	typicalSeed   = 1
	typicalDigits = 2000 // test digits, evenly spaced
	typicalOthers = 1000 // letters and doodles
	typicalUsual  = 4000 // training digits that say what is usual, evenly spaced
	typicalStep   = 4    // nats of a step of the histogram
	typicalLeast  = -400 // nats at which the histogram begins; what is less counts there
)

// typicalFile is where the page looks for it.
const typicalFile = "typical.json"

// typical is what typicalFile says of a model.
type typical struct {
	Set string `json:"set"` // name of the test digits
	// Usual is what typicality training digits have: without ink, and for each unit of
	// ink more. All scores are less that.
	Usual  [2]float64 `json:"usual"`
	From   int        `json:"from"`
	Step   int        `json:"step"`
	Digits []int      `json:"digits"` // how many there are in each step of the score
	Others []int      `json:"others"`
	AUROC  float64    `json:"auroc"` // of digits against letters and doodles
	// Lookalikes is the AUROC against capitals that look like digits, which are not
	// among the others.
	Lookalikes float64 `json:"lookalikes"`
}

// measureTypical measures how well a model tells test digits from what it has not learnt.
func measureTypical(m *vae.Model, train, test data.Dataset) (typical, error) {
	var trend metric.Trend
	score := func(n int, draw func(x []float32, i int)) (scores, ink []float64, err error) {
		x := make([]float32, m.InputLen())
		scores, ink = make([]float64, n), make([]float64, n)
		for i := range scores {
			draw(x, i)
			v, err := metric.Typicality(m, x, typicalDraws, typicalSeed)
			if err != nil {
				return nil, nil, err
			}
			ink[i] = metric.Ink(x)
			scores[i] = trend.Less(v, ink[i])
		}
		return scores, ink, nil
	}
	evenly := func(n int, d data.Dataset) (int, func(x []float32, i int)) {
		n = min(n, d.Len())
		return n, func(x []float32, i int) { d.Batch(x, []int{i * d.Len() / n}) }
	}
	usual, ink, err := score(evenly(typicalUsual, train))
	if err != nil {
		return typical{}, err
	}
	trend = metric.FitTrend(ink, usual)
	// As the page has it.
	trend = metric.Trend{At0: round(trend.At0), PerInk: round(trend.PerInk)}
	digits, _, err := score(evenly(typicalDigits, test))
	if err != nil {
		return typical{}, err
	}
	others, _, err := score(typicalOthers, func(x []float32, i int) { nondigits.Image(x, 1, i) })
	if err != nil {
		return typical{}, err
	}
	alike, _, err := score(typicalOthers, func(x []float32, i int) { nondigits.Lookalike(x, 1, i) })
	if err != nil {
		return typical{}, err
	}
	low := max(math.Floor(min(slices.Min(digits), slices.Min(others))/typicalStep)*typicalStep, typicalLeast)
	t := typical{Set: test.Name(), Usual: [2]float64{trend.At0, trend.PerInk}, From: int(low), Step: typicalStep, AUROC: round(metric.AUROC(digits, others)), Lookalikes: round(metric.AUROC(digits, alike))}
	top := max(slices.Max(digits), slices.Max(others))
	steps := max(int((top-low)/typicalStep), 0) + 1
	count := func(scores []float64) []int {
		counts := make([]int, steps)
		for _, v := range scores {
			counts[max(int((v-low)/typicalStep), 0)]++
		}
		return counts
	}
	t.Digits, t.Others = count(digits), count(others)
	return t, nil
}

// round keeps four digits after the point.
func round(v float64) float64 { return math.Round(1e4*v) / 1e4 }

// ofStudio opens the models of digits that the pads can take.
func ofStudio(models []wanted, s *shelf, fn func(*opened, set) error) error {
	for _, w := range models {
		m, err := open(w.path)
		if err != nil {
			return err
		}
		if w.data == "" {
			w.data = m.trainedOn
		}
		set, err := s.find(w.data)
		if err != nil {
			return err
		}
		if !hasPoints(m.Model, set) {
			continue
		}
		if err := fn(m, set); err != nil {
			return fmt.Errorf("%s: %w", w.path, err)
		}
	}
	return nil
}

// typicalLine is what -json prints of a model with -typical.
type typicalLine struct {
	Model string `json:"model"`
	typical
}

// fillLine is what -json prints with -fill of a model and a quarter of the picture: medians of the mean squared error.
type fillLine struct {
	Model     string  `json:"model"`
	Hole      string  `json:"hole"`
	Images    int     `json:"images"`
	Likeliest float64 `json:"likeliest"`
	Mean      float64 `json:"mean"`
	Usual     float64 `json:"mean_picture"`
}

// updateTypical measures the models that have a map and writes typicalFile beside them.
func updateTypical(models []wanted, s *shelf, found *report.Report) error {
	path := filepath.Join(filepath.Dir(models[0].path), typicalFile)
	all, err := readTypical(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if all == nil {
		all = map[string]typical{}
	}
	err = ofStudio(models, s, func(m *opened, set set) error {
		t, err := measureTypical(m.Model, set.train, set.test)
		if err != nil {
			return err
		}
		all[m.name] = t
		return found.Write(typicalLine{m.name, t}, "%s: AUROC %.4f against letters and doodles, %.4f against capitals that look like digits\n", m.name, t.AUROC, t.Lookalikes)
	})
	if err != nil {
		return err
	}
	// One line a model.
	text := "{"
	for i, name := range slices.Sorted(maps.Keys(all)) {
		line, err := json.Marshal(all[name])
		if err != nil {
			return err
		}
		if i > 0 {
			text += ","
		}
		text += fmt.Sprintf("\n%q: %s", name, line)
	}
	return os.WriteFile(path, []byte(text+"\n}\n"), 0o644)
}

// holes are the quarters of a picture that are rubbed out.
var holes = []struct {
	name                     string
	top, bottom, left, right int
}{
	{"the middle", 7, 21, 7, 21},
	{"upper left", 0, 14, 0, 14},
	{"upper right", 0, 14, 14, 28},
	{"lower left", 14, 28, 0, 14},
	{"lower right", 14, 28, 14, 28},
}

const (
	holeDigits = 500
	holeChains = 8 // as in web/views/studio/try-fill.js
)

// measureHoles prints how far completions are from what was rubbed out of test digits, a
// quarter of each in turn: medians of the mean squared error in the hole. The digits are n, spread over the test set;
// holeDigits where n is not above 0.
func measureHoles(m *opened, set set, n int, found *report.Report) error {
	const side = 28
	p := m.InputLen()
	mean, x := make([]float32, p), make([]float32, p)
	for i := range set.train.Len() {
		set.train.Batch(x, []int{i})
		for k, v := range x {
			mean[k] += v / float32(set.train.Len())
		}
	}
	type errors struct{ filled, means, usual []float64 }
	parts := make([]errors, len(holes)+1) // by quarter, and of all
	if n <= 0 {
		n = holeDigits
	}
	n = min(n, set.test.Len())
	for i := range n {
		h := holes[i%len(holes)]
		hole := make([]bool, p)
		for k := range hole {
			y, x := k/side, k%side
			hole[k] = y >= h.top && y < h.bottom && x >= h.left && x < h.right
		}
		set.test.Batch(x, []int{i * set.test.Len() / n})
		all, err := impute.Fill(m.Model, x, hole, impute.Options{Completions: holeChains, Seed: uint64(i)})
		if err != nil {
			return err
		}
		for _, e := range []*errors{&parts[i%len(holes)], &parts[len(holes)]} {
			e.filled = append(e.filled, holeError(x, all.Completions[0].Picture, hole))
			e.means = append(e.means, holeError(x, all.Mean, hole))
			e.usual = append(e.usual, holeError(x, mean, hole))
		}
	}
	for i, e := range parts {
		name := "all"
		if i < len(holes) {
			name = holes[i].name
		}
		a, b, c := median(e.filled), median(e.means), median(e.usual)
		line := fillLine{m.name, name, len(e.usual), a, b, c}
		if err := found.Write(line, "%s, %s: %d test digits: likeliest completion %.4f, mean of all %.4f, mean picture %.4f; %.2f and %.2f of it\n", m.name, name, len(e.usual), a, b, c, a/c, b/c); err != nil {
			return err
		}
	}
	return nil
}

// holeError is the mean squared error in the hole.
func holeError(x, y []float32, hole []bool) float64 {
	var s float64
	n := 0
	for i, missing := range hole {
		if missing {
			s += float64(x[i]-y[i]) * float64(x[i]-y[i])
			n++
		}
	}
	return s / float64(n)
}

func median(v []float64) float64 { return slices.Sorted(slices.Values(v))[len(v)/2] }
