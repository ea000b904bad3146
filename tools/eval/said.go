package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"inkdrift/tools/internal/nondigits"
	"inkdrift/vae/metric"
)

// What the page says of a drawing (web/ui/reading.js): a digit of at least saidSure
// alone, else perhaps one of two. It is none that is known if fewer than saidShare of
// the test digits are less typical and its digit has less than saidProbability.
const (
	saidSure        = 0.9
	saidShare       = 0.02
	saidProbability = 0.999
)

// said are shares of pictures.
type said struct {
	Perhaps float64 `json:"perhaps"`
	Unknown float64 `json:"unknown"`
}

// readTypical reads what typicalFile in a folder says; nothing where there is none.
func readTypical(dir string) (all map[string]typical, err error) {
	b, err := os.ReadFile(filepath.Join(dir, typicalFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return all, json.Unmarshal(b, &all)
}

// below returns the score that a share of the test digits is below of.
func (t typical) below(share float64) float64 {
	left, all := 0.0, 0
	for _, n := range t.Digits {
		all += n
	}
	left = share * float64(all)
	for i, n := range t.Digits {
		if float64(n) > left {
			return float64(t.From) + float64(t.Step)*(float64(i)+left/float64(n))
		}
		left -= float64(n)
	}
	return float64(t.From + t.Step*len(t.Digits))
}

// says counts what is said of n pictures.
func (r *reader) says(t typical, n int, draw func(x []float32, i int)) (said, error) {
	x, probs := make([]float32, r.model.InputLen()), make([]float32, r.classes)
	trend, limit := metric.Trend{At0: t.Usual[0], PerInk: t.Usual[1]}, t.below(saidShare)
	var s said
	for i := range n {
		draw(x, i)
		if err := r.probs(probs, x); err != nil {
			return s, err
		}
		top := float64(maxOf(probs))
		if top >= saidProbability {
			continue
		}
		score, err := metric.Typicality(r.model, x, typicalDraws, typicalSeed)
		switch {
		case err != nil:
			return s, err
		case trend.Less(score, metric.Ink(x)) < limit:
			s.Unknown += 1 / float64(n)
		case top < saidSure:
			s.Perhaps += 1 / float64(n)
		}
	}
	return s, nil
}

// saysOfOthers counts what is said of letters and doodles.
func (r *reader) saysOfOthers(t typical) (said, error) {
	return r.says(t, typicalOthers, func(x []float32, i int) { nondigits.Image(x, 1, i) })
}

func maxOf(v []float32) float32 {
	most := v[0]
	for _, p := range v {
		most = max(most, p)
	}
	return most
}
