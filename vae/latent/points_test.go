package latent

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestPointsFile(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	p := &Points{Dim: 3, Mu: normal(r, 30), Labels: []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, Components: [2][]float32{{1, 0, 0}, {0, 0.6, 0.8}}}
	b, err := p.Encode()
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
		if math.Abs(float64(v-q.Mu[i])) > widest/levels/2+1e-6 {
			t.Fatalf("number %d is %v, was %v", i, q.Mu[i], v)
		}
	}
}

func TestBadPointsFiles(t *testing.T) {
	const good = `{"dim":2,"step":1,"mu":"AQIDBA==","labels":"AAE=","components":[[1,0],[0,1]]}`
	if _, err := DecodePoints([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for field, change := range map[string][2]string{
		"JSON":       {`{"dim"`, `{"dim`},
		"dim":        {`"dim":2`, `"dim":1`},
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
	labels, counts := p.Nearest([]float32{0.9, 0}, 3)
	if !slices.Equal(labels, []byte{9, 4}) || !slices.Equal(counts, []int{2, 1}) {
		t.Errorf("%v, %v", labels, counts)
	}
	if labels, _ := p.Nearest([]float32{0, 0}, 50); len(labels) != 3 {
		t.Errorf("of all: %v", labels)
	}
	p.Labels = nil
	if labels, _ := p.Nearest([]float32{0, 0}, 3); labels != nil {
		t.Errorf("without labels: %v", labels)
	}
}
