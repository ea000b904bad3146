package prior

import (
	"testing"

	"inkdrift/vae/compute"
)

// BenchmarkRound is a round of expectation and maximisation: 20,000 vectors of 25
// numbers, 16 components.
func BenchmarkRound(b *testing.B) {
	const n, d, k = 20_000, 25, 16
	z := make([]float32, n*d)
	compute.Implementation().Normal(z, compute.NewKey(1), 0)
	dims := make([]int, d)
	for i := range dims {
		dims[i] = i
	}
	for b.Loop() {
		o := Defaults()
		o.Components, o.Iterations, o.Tolerance = k, 3, -1
		if _, err := Fit(z, d, dims, o); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/3*1000, "ms/round")
}
