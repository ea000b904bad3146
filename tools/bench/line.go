package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
)

// Line is one result, a JSON object on a line of its own. The first ten fields
// are always there; value, min and max are null where runs is 0, and reason says
// why.
type Line struct {
	Bench    string  `json:"bench"`    // gemm, train, decode, encode, startup
	Workload string  `json:"workload"` // dense-vae-400, conv-vae-32, ...
	Impl     string  `json:"impl"`
	Runtime  string  `json:"runtime"` // node, chromium, firefox
	Workers  Workers `json:"workers"`
	Value    *Number `json:"value"` // the median
	Unit     string  `json:"unit"`
	Min      *Number `json:"min"`
	Max      *Number `json:"max"`
	Runs     int     `json:"runs"`

	// Of gemm: op(A) is m by k and op(B) k by n; TN has A transposed. Count is
	// how often one step of training asks for it.
	Shape string `json:"shape,omitempty"`
	Case  string `json:"case,omitempty"`
	Count int    `json:"count,omitempty"`

	Variant string `json:"variant,omitempty"` // of simd-peak: strict, relaxed
	Batch   int    `json:"batch,omitempty"`   // images in a step or a call
	Data    string `json:"data,omitempty"`    // of train: digits, noise
	// Exchange says how several of Inkdrift's workers exchange what they compute:
	// shared memory or messages; empty where one trained in the end.
	Exchange string `json:"exchange,omitempty"`

	// Of train: steps taken in all, and the first and last loss in nats an image.
	Steps     int     `json:"steps,omitempty"`
	FirstLoss *Number `json:"loss_first,omitempty"`
	LastLoss  *Number `json:"loss_last,omitempty"`

	// Ceiling is the median of simd-peak beside these very runs, in GFLOP/s, and
	// OfCeiling the part of it that the necessary arithmetic amounts to.
	Ceiling   *Number `json:"ceiling,omitempty"`
	OfCeiling *Number `json:"of_ceiling,omitempty"`

	Reason string `json:"reason,omitempty"` // why there is no value
}

// Workers is a number of workers, 0 where Inkdrift finds it by trial.
type Workers int

// MarshalJSON implements json.Marshaler.
func (w Workers) MarshalJSON() ([]byte, error) { return json.Marshal(w.any()) }

func (w Workers) any() any {
	if w == 0 {
		return "auto"
	}
	return int(w)
}

// String is the number, or "auto".
func (w Workers) String() string { return fmt.Sprint(w.any()) }

// Number is a float64 with four significant digits.
type Number float64

// MarshalJSON implements json.Marshaler.
func (n Number) MarshalJSON() ([]byte, error) {
	v := float64(n)
	if v != 0 && !math.IsInf(v, 0) {
		scale := math.Pow(10, 3-math.Floor(math.Log10(math.Abs(v))))
		if r := math.Round(v*scale) / scale; !math.IsInf(scale, 0) && scale != 0 {
			v = r
		}
	}
	return json.Marshal(v)
}

func number(v float64) *Number {
	n := Number(v)
	return &n
}

// fill sets the statistics of l from samples.
func (l *Line) fill(samples []float64) {
	l.Runs = len(samples)
	if l.Runs == 0 {
		l.Value, l.Min, l.Max = nil, nil, nil
		return
	}
	l.Value = number(median(samples))
	l.Min, l.Max = number(slices.Min(samples)), number(slices.Max(samples))
}

// median returns the middle of samples, or the mean of the two in the middle;
// NaN of none.
func median(samples []float64) float64 {
	if len(samples) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(samples))
	i := len(s) / 2
	if len(s)%2 == 1 {
		return s[i]
	}
	return (s[i-1] + s[i]) / 2
}

// write prints l.
func (l Line) write(w io.Writer) error { return json.NewEncoder(w).Encode(l) }
