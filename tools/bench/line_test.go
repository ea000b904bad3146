package main

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		samples []float64
		want    float64
	}{
		{[]float64{3}, 3},
		{[]float64{9, 1, 5}, 5},
		{[]float64{4, 1, 3, 2}, 2.5},
		{[]float64{1, 1, 1, 1000, 1}, 1},
	} {
		before := strings.Join(strings.Fields(jsonOf(t, c.samples)), "")
		if got := median(c.samples); got != c.want {
			t.Errorf("median of %v is %v, want %v", c.samples, got, c.want)
		}
		if after := jsonOf(t, c.samples); after != before {
			t.Errorf("%s became %s", before, after)
		}
	}
	if !math.IsNaN(median(nil)) {
		t.Error("the median of nothing is a number")
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestLine checks the form that others read.
func TestLine(t *testing.T) {
	l := Line{Bench: "train", Workload: "dense-vae-400", Impl: "jax-js", Runtime: "node", Workers: 1, Unit: "images/s",
		Batch: 128, Data: "digits", Steps: 40, FirstLoss: number(620.08572), LastLoss: number(150.5)}
	l.fill([]float64{2, 1, 12345.678, 4, 3})
	var b bytes.Buffer
	if err := l.write(&b); err != nil {
		t.Fatal(err)
	}
	want := `{"bench":"train","workload":"dense-vae-400","impl":"jax-js","runtime":"node","workers":1,"value":3,"unit":"images/s","min":1,"max":12350,"runs":5,` +
		`"batch":128,"data":"digits","steps":40,"loss_first":620.1,"loss_last":150.5}` + "\n"
	if b.String() != want {
		t.Errorf("got  %swant %s", b.String(), want)
	}

	b.Reset()
	auto := Line{Bench: "train", Impl: "inkdrift-relaxed", Exchange: "shared"}
	if b, err := json.Marshal(auto); err != nil || !strings.Contains(string(b), `"workers":"auto"`) || !strings.Contains(string(b), `"exchange":"shared"`) {
		t.Errorf("%s, %v", b, err)
	}
	absent := Line{Bench: "train", Workload: "conv-vae-32", Impl: "tfjs", Runtime: "chromium", Workers: 2, Unit: "images/s", Reason: "no <such> kernel"}
	absent.fill(nil)
	if err := absent.write(&b); err != nil {
		t.Fatal(err)
	}
	var back map[string]any
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"bench", "workload", "impl", "runtime", "workers", "value", "unit", "min", "max", "runs"} {
		if _, ok := back[name]; !ok {
			t.Errorf("%s is missing in %s", name, b.String())
		}
	}
	if back["value"] != nil || back["reason"] != "no <such> kernel" {
		t.Errorf("absent: %s", b.String())
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.0123456: "0.01235", -98.7654: "-98.77", 123456: "123500", 9999.6: "10000", 1: "1", 4e-320: "4e-320"} {
		if got := jsonOf(t, Number(v)); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
}
