package main

import "testing"

// TestFloors: what is below its floor is told with both figures, and what was not
// measured is not missed.
func TestFloors(t *testing.T) {
	train := func(workload string, workers Workers, v float64) Line {
		l := Line{Bench: "train", Workload: workload, Impl: "inkdrift-relaxed", Runtime: "chromium", Workers: workers, Data: "digits"}
		l.fill([]float64{v})
		return l
	}
	picture := Line{Bench: "startup", Workload: "first-picture", Impl: "inkdrift-relaxed", Runtime: "chromium", Workers: 1}
	picture.fill([]float64{612})
	products := Line{Bench: "gemm", Workload: "conv-vae-32", Impl: "inkdrift-relaxed", Runtime: "chromium", Workers: 1, Shape: allShapes, OfCeiling: number(0.86)}
	products.fill([]float64{40})
	for _, c := range []struct {
		lines []Line
		want  string
	}{
		{nil, ""},
		{[]Line{train("dense-vae-400", 1, 100)}, ""},
		{[]Line{train("dense-vae-400", 1, 100), train("dense-vae-400", 2, 146), products}, "all 2 floors that were measured are met"},
		{[]Line{train("dense-vae-400", 1, 100), train("dense-vae-400", 2, 120), train("dense-vae-400", 0, 96), picture},
			"3 of 3 floors missed: two workers to one, dense-vae-400 1.20 instead of 1.45; " +
				"workers found by trial to the best number, dense-vae-400 in chromium 0.80 instead of 0.95; first-picture 612 ms instead of 500"},
	} {
		if got := sayFloors(c.lines); got != c.want {
			t.Errorf("%q instead of %q", got, c.want)
		}
	}
}
