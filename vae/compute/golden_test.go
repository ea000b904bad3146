package compute_test

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"testing"

	"inkdrift/vae/compute"
)

// hash is the checksum of the bits of x.
func hash(x []float32) uint32 {
	b := make([]byte, 0, 4*len(x))
	for _, v := range x {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return crc32.ChecksumIEEE(b)
}

// sweep applies f to 100,000 numbers of every magnitude from lo up to hi.
func sweep(f func(float32) float32, lo, hi float32) []float32 {
	var y []float32
	for bits := uint64(0); bits < 1<<32; bits += 42949 {
		if x := math.Float32frombits(uint32(bits)); x >= lo && x <= hi {
			y = append(y, f(x))
		}
	}
	return y
}

// TestBits compares results with recorded bits. It runs natively and as
// WebAssembly, so it shows that all platforms give the same.
func TestBits(t *testing.T) {
	var b compute.Go
	k := compute.NewKey(1, 2, 3)
	const n = 1 << 14
	fill := func(f func(dst []float32)) []float32 {
		dst := make([]float32, n)
		f(dst)
		return dst
	}
	z := fill(func(x []float32) { b.Normal(x, k, 5) })
	u := fill(func(x []float32) { b.Uniform(x, k, 5) })
	for _, c := range []struct {
		name string
		x    []float32
		want uint32
	}{
		{"Exp", sweep(compute.Exp, -90, 90), 0x3e0ae5ba},
		{"Log", sweep(compute.Log, 1.1754944e-38, math.MaxFloat32), 0x6f28fbe2},
		{"TanhOf", sweep(compute.TanhOf, -50, 50), 0x3abee0c6},
		{"Logistic", sweep(compute.Logistic, -100, 100), 0x1f4ac646},
		{"Uniform", u, 0x1331c041},
		{"Normal", z, 0xa75ae94b},
		{"Bernoulli", fill(func(x []float32) { b.Bernoulli(x, u, k, 99) }), 0x64067afb},
		{"BCEWithLogits", fill(func(x []float32) { b.BCEWithLogits(x[:128], x[128:], z[128:], u[128:], 0.25) }), 0x3a9300eb},
		{"Reparameterize", fill(func(x []float32) { b.Reparameterize(x, z, u, z) }), 0x980d780d},
		{"ReparameterizeGrad", fill(func(x []float32) { b.ReparameterizeGrad(x[:n/2], x[n/2:], z[:n/2], u[:n/2], z[n/2:]) }), 0x6eb0d3b0},
		{"KL", fill(func(x []float32) { b.KL(x[:64], x[64:8192], x[8192:16320], z[:8128], u[:8128], 0.5) }), 0x3671a5cd},
		{"Adam", fill(func(x []float32) {
			m, v := make([]float32, n), make([]float32, n)
			p := compute.AdamStep{Rate: 1e-3, Beta1: 0.9, Beta2: 0.999, Correction2: 1000, Epsilon: 1e-8, Decay: 1e-4}
			for range 3 {
				b.Adam(x, z, m, v, p)
			}
		}), 0x2e77d027},
	} {
		if got := hash(c.x); got != c.want {
			t.Errorf("%s: the bits have the checksum %#08x instead of %#08x", c.name, got, c.want)
		}
	}
	for i, want := range []uint32{0x268b9aa2, 0xa0ab633d, 0x5119ec73, 0x81d7c067} {
		if got := k.Word(uint32(i)); got != want {
			t.Errorf("word %d is %#08x instead of %#08x", i, got, want)
		}
	}
	for i, want := range []uint32{0x3d289934, 0x3f98e1d2, 0x3f308ea4, 0x3f79a381} {
		if got := math.Float32bits(z[i]); got != want {
			t.Errorf("normal number %d is %v (%#08x) instead of %v", i, z[i], got, math.Float32frombits(want))
		}
	}
}
