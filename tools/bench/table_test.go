package main

import (
	"bytes"
	"testing"
)

func TestTable(t *testing.T) {
	line := func(l Line, samples ...float64) Line {
		l.Runtime = "chromium"
		l.fill(samples)
		return l
	}
	train := Line{Bench: "train", Workload: "dense-vae-400", Data: "digits", Workers: 1, Unit: "images/s", Batch: 128}
	impl := func(l Line, name string, workers int) Line {
		l.Impl, l.Workers = name, Workers(workers)
		return l
	}
	ours := line(impl(train, "inkdrift-relaxed", 1), 12000, 11000, 12500)
	ours.OfCeiling = number(0.934)
	absent := line(impl(train, "tfjs", 2))
	absent.Reason = "no threads"
	small := line(impl(train, "inkdrift-go", 1), 11.25)
	small.Batch = 8
	gemm := Line{Bench: "gemm", Workload: "dense-vae-400", Shape: "128x400x784", Case: "NT", Unit: "GFLOP/s"}
	relaxed := line(impl(gemm, "inkdrift-relaxed", 1), 38.26)
	relaxed.OfCeiling = number(0.9)
	decode := Line{Bench: "decode", Workload: "dense-vae-400", Unit: "ms", Batch: 1}
	var b bytes.Buffer
	printTable(&b, []Line{
		ours, small, line(impl(train, "jax-js", 1), 3000), absent,
		relaxed, line(impl(gemm, "tfjs", 1), 1.2),
		line(impl(decode, "inkdrift-relaxed", 1), 0.03), line(impl(decode, "jax-js", 1), 0.3),
		line(Line{Bench: "startup", Workload: "bytes", Impl: "inkdrift-relaxed", Workers: 1, Unit: "bytes"}, 4567890),
		line(Line{Bench: "gemm", Impl: "simd-peak", Variant: "relaxed", Workers: 1}, 42.5, 40, 43),
	})
	want := `
== chromium
ceiling relaxed, 1 at a time: 42.5 GFLOP/s (40 to 43)

gemm dense-vae-400, GFLOP/s      inkdrift-relaxed  inkdrift-strict  inkdrift-go  tfjs  tfjs-plain
128x400x784                  NT          38.3 90%                                 1.2

train dense-vae-400 on digits, images/s  workers  median    min    max  of ceiling  to jax-js
inkdrift-relaxed                               1   12000  11000  12500         93%         4x
inkdrift-go                                    1    11.2   11.2   11.2               0.00375x  batch 8
jax-js                                         1    3000   3000   3000
tfjs                                           2       -      -      -                         no threads

decode dense-vae-400, 1, ms  workers  median   min   max  to jax-js
inkdrift-relaxed                   1    0.03  0.03  0.03        10x
jax-js                             1     0.3   0.3   0.3

startup, bytes  workers   median      min      max
bytes                 1  4567890  4567890  4567890
`
	if b.String() != want {
		t.Errorf("got %s\nwant %s", b.String(), want)
	}
}
