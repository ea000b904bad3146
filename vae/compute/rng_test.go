package compute_test

import (
	"math"
	"slices"
	"testing"

	"inkdrift/vae/compute"
)

// draws is how many numbers the statistics are taken of.
func draws() int {
	if slow {
		return 1 << 17
	}
	return 1 << 20
}

// The keys of all statistics: small ones, as seeds and steps make them, and one
// that uses the words as they are.
var keys = []compute.Key{compute.NewKey(1), compute.NewKey(1, 2, 0), compute.NewKey(1, 2, 1), {A: 0, B: 0}}

// within fails when x is more than 5 standard errors from want. Keys are fixed, so
// the outcome is always the same.
func within(t *testing.T, what string, x, want, standardError float64) {
	t.Helper()
	if z := math.Abs(x-want) / standardError; !(z < 5) {
		t.Errorf("%s is %v instead of %v: %.1f standard errors off", what, x, want, z)
	}
}

func TestNormalMoments(t *testing.T) {
	n := draws()
	x := make([]float32, n)
	for _, k := range keys {
		compute.Go{}.Normal(x, k, 0)
		var m [5]float64
		tails := 0
		for _, v := range x {
			p := 1.0
			for i := range m {
				m[i] += p
				p *= float64(v)
			}
			if math.Abs(float64(v)) > 4 {
				tails++
			}
		}
		// The standard error of the mean of z^i is sqrt((E z^2i - (E z^i)^2) / n).
		root := math.Sqrt(float64(n))
		within(t, "mean", m[1]/float64(n), 0, 1/root)
		within(t, "variance", m[2]/float64(n), 1, math.Sqrt(2)/root)
		within(t, "third moment", m[3]/float64(n), 0, math.Sqrt(15)/root)
		within(t, "fourth moment", m[4]/float64(n), 3, math.Sqrt(96)/root)
		p := math.Erfc(4 / math.Sqrt2)
		within(t, "numbers beyond 4", float64(tails), p*float64(n), math.Sqrt(p*float64(n)))
	}
}

// TestNormalDistribution is that of Kolmogorov and Smirnov.
func TestNormalDistribution(t *testing.T) {
	n := draws()
	x := make([]float32, n)
	for _, k := range keys[:2] {
		compute.Go{}.Normal(x, k, 77)
		slices.Sort(x)
		worst := 0.0
		for i, v := range x {
			p := 0.5 * math.Erfc(-float64(v)/math.Sqrt2)
			worst = max(worst, math.Abs(p-float64(i)/float64(n)), math.Abs(float64(i+1)/float64(n)-p))
		}
		// 1.95/sqrt(n) is exceeded by chance once in a thousand.
		if limit := 1.95 / math.Sqrt(float64(n)); worst > limit {
			t.Errorf("the distribution differs from the normal one by %.2g; %.2g is the limit", worst, limit)
		}
	}
}

// TestNormalQuantiles compares with the exact inverse of the distribution, at
// every 97th of the 2^23 magnitudes and at both ends.
func TestNormalQuantiles(t *testing.T) {
	var one [1]float32
	at := map[uint32]uint32{} // the words that Word gives, by magnitude
	k := compute.NewKey(5)
	for i := range uint32(draws() / 4) {
		w := k.Word(i)
		if m := w >> 9; m%97 == 0 || m < 1000 || m > 1<<23-1000 {
			at[m] = i
		}
	}
	if len(at) < 100 {
		t.Fatalf("only %d numbers to compare", len(at))
	}
	worst := 0.0
	for m, i := range at {
		compute.Go{}.Normal(one[:], k, i)
		want := math.Sqrt2 * math.Erfcinv((float64(m)+0.5)/(1<<23))
		if k.Word(i)&(1<<8) != 0 {
			want = -want
		}
		worst = max(worst, math.Abs(float64(one[0])-want)/math.Abs(want))
	}
	if worst > 4e-7 {
		t.Errorf("a normal number is a relative %.2g off the exact quantile", worst)
	}
	t.Logf("%d quantiles, at most %.2g off", len(at), worst)
}

func TestUniformMoments(t *testing.T) {
	n := draws()
	x := make([]float32, n)
	for _, k := range keys {
		compute.Go{}.Uniform(x, k, 0)
		var sum, square float64
		for _, v := range x {
			if !(v >= 0 && v < 1) {
				t.Fatalf("%v is not in [0, 1)", v)
			}
			d := float64(v) - 0.5
			sum += d
			square += d * d
		}
		root := math.Sqrt(float64(n))
		within(t, "mean", sum/float64(n), 0, math.Sqrt(1./12)/root)
		within(t, "variance", square/float64(n), 1./12, math.Sqrt(1./180)/root)
	}
}

// chiSquare fails when counts, which should be equal, are too uneven or too
// even: the statistic has mean k-1 and variance 2(k-1).
func chiSquare(t *testing.T, what string, counts []int) {
	t.Helper()
	total := 0
	for _, c := range counts {
		total += c
	}
	mean, s := float64(total)/float64(len(counts)), 0.0
	for _, c := range counts {
		s += (float64(c) - mean) * (float64(c) - mean) / mean
	}
	k := float64(len(counts) - 1)
	within(t, what, s, k, math.Sqrt(2*k))
}

func TestWordsByByte(t *testing.T) {
	n := draws()
	for _, k := range keys {
		var bytes [4][256]int
		var bits [32]int
		// pairs counts the upper halves of the top bytes of neighbours.
		var pairs [256]int
		last := k.Word(math.MaxUint32)
		for i := range uint32(n) {
			w := k.Word(i)
			for j := range bytes {
				bytes[j][byte(w>>(8*j))]++
			}
			for j := range bits {
				bits[j] += int(w >> j & 1)
			}
			pairs[last>>28<<4|w>>28]++
			last = w
		}
		for j := range bytes {
			chiSquare(t, "chi-square of a byte", bytes[j][:])
		}
		chiSquare(t, "chi-square of neighbours", pairs[:])
		for j, c := range bits {
			within(t, "ones in bit "+string(rune('a'+j)), float64(c), float64(n)/2, math.Sqrt(float64(n))/2)
		}
	}
}

// correlation of two series of normal numbers; its standard error is 1/sqrt(n).
func correlation(x, y []float32) float64 {
	var xy, xx, yy float64
	for i := range y {
		xy += float64(x[i]) * float64(y[i])
		xx += float64(x[i]) * float64(x[i])
		yy += float64(y[i]) * float64(y[i])
	}
	return xy / math.Sqrt(xx*yy)
}

func TestSerialCorrelation(t *testing.T) {
	n := draws()
	x := make([]float32, n)
	for _, k := range keys {
		compute.Go{}.Normal(x, k, 0)
		for _, lag := range []int{1, 2, 3, 4, 8, 20, 50, 64, 784, 1024, 65536} {
			within(t, "correlation with a later number", correlation(x, x[lag:]), 0, 1/math.Sqrt(float64(n-lag)))
		}
		// Magnitudes too: z^2 - 1 has mean 0.
		for i, v := range x {
			x[i] = v*v - 1
		}
		for _, lag := range []int{1, 2, 4, 50} {
			within(t, "correlation of squares", correlation(x, x[lag:]), 0, 1/math.Sqrt(float64(n-lag)))
		}
	}
}

// TestNeighbouringStreams: streams of neighbouring steps, seeds, purposes and raw
// words must have nothing to do with each other.
func TestNeighbouringStreams(t *testing.T) {
	n := draws() / 8
	streams := []compute.Key{
		compute.NewKey(1, 2, 3), compute.NewKey(1, 2, 4), compute.NewKey(2, 2, 3), compute.NewKey(1, 3, 3),
		compute.NewKey(3, 2, 1), compute.NewKey(1, 2), compute.NewKey(1, 2, 3, 0), compute.NewKey(),
		{A: 5, B: 5}, {A: 5, B: 6}, {A: 5, B: 4},
	}
	x := make([][]float32, len(streams))
	for i, k := range streams {
		x[i] = make([]float32, n)
		compute.Go{}.Normal(x[i], k, 0)
		for j := range i {
			within(t, "correlation of two streams", correlation(x[i], x[j]), 0, 1/math.Sqrt(float64(n)))
		}
	}
}

func TestBernoulliShare(t *testing.T) {
	n := draws() / 4
	x := make([]float32, n)
	for _, p := range []float64{0.01, 0.3, 0.5, 0.97} {
		for i := range x {
			x[i] = float32(p)
		}
		compute.Go{}.Bernoulli(x, x, compute.NewKey(3), 0)
		var ones float64
		for _, v := range x {
			if v != 0 && v != 1 {
				t.Fatalf("drew %v", v)
			}
			ones += float64(v)
		}
		within(t, "share of ones", ones/float64(n), p, math.Sqrt(p*(1-p)/float64(n)))
	}
}

func TestNewKey(t *testing.T) {
	seen := map[compute.Key]bool{}
	count := 0
	add := func(words ...uint64) {
		seen[compute.NewKey(words...)] = true
		count++
	}
	add()
	for a := range uint64(30) {
		add(a)
		for b := range uint64(30) {
			add(a, b)
			add((a+1)<<32, b)
			add(a, b, 0)
		}
	}
	if len(seen) != count {
		t.Errorf("%d keys for %d lists of words", len(seen), count)
	}
	if compute.NewKey(1, 2) == compute.NewKey(2, 1) {
		t.Error("the order of the words does not count")
	}
}
