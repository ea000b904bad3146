package latent

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestPointsFile(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	p := &Points{Dim: 3, Mu: normal(r, 30), Labels: []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, Components: [2][]float32{{1, 0, 0}, {0, 0.6, 0.8}}}
	for _, levels := range []int{20, 127, 2000, 32767} {
		b, err := p.Encode(levels)
		if err != nil {
			t.Fatal(err)
		}
		q, err := DecodePoints(b)
		if err != nil {
			t.Fatal(err)
		}
		if q.Dim != 3 || q.Len() != 10 || !slices.Equal(q.Labels, p.Labels) || !slices.Equal(q.Components[1], p.Components[1]) {
			t.Errorf("read %+v", q)
		}
		widest := 0.0
		for _, v := range p.Mu {
			widest = max(widest, math.Abs(float64(v)))
		}
		for i, v := range p.Mu {
			if math.Abs(float64(v-q.Mu[i])) > widest/float64(levels)/2+1e-6 {
				t.Fatalf("%d levels: number %d is %v, was %v", levels, i, q.Mu[i], v)
			}
		}
	}
}

func TestBadPointsFiles(t *testing.T) {
	const good = `{"dim":2,"step":1,"bytes":1,"mu":"AQIDBA==","labels":"AAE=","components":[[1,0],[0,1]]}`
	if _, err := DecodePoints([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for field, change := range map[string][2]string{
		"JSON":       {`{"dim"`, `{"dim`},
		"dim":        {`"dim":2`, `"dim":1`},
		"bytes":      {`"bytes":1`, `"bytes":3`},
		"mu":         {`AQIDBA==`, `AQID`},
		"step":       {`"step":1`, `"step":-1`},
		"labels":     {`AAE=`, `AA==`},
		"components": {`[0,1]]`, `[0]]`},
	} {
		_, err := DecodePoints([]byte(strings.Replace(good, change[0], change[1], 1)))
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestNearest(t *testing.T) {
	p := &Points{Dim: 2, Mu: []float32{0, 0, 1, 0, 1.1, 0, 5, 5, 9, 9}, Labels: []byte{4, 9, 9, 1, 1}}
	if counts := p.Nearest([]float32{0.9, 0}, 3); !maps.Equal(counts, map[byte]int{9: 2, 4: 1}) {
		t.Errorf("%v", counts)
	}
	if counts := p.Nearest([]float32{0, 0}, 50); !maps.Equal(counts, map[byte]int{4: 1, 9: 2, 1: 2}) {
		t.Errorf("of all: %v", counts)
	}
	p.Labels = nil
	if counts := p.Nearest([]float32{0, 0}, 3); counts != nil {
		t.Errorf("without labels: %v", counts)
	}
}
