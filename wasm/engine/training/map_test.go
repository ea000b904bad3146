package training

import (
	"math"
	"slices"
	"testing"
	"time"

	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/proto"
)

func TestMap(t *testing.T) {
	r := newFixture(t)
	r.OK(&proto.TrainOpenOK{}, openOf(recipe))
	r.Ask(proto.TrainRun{Steps: 8})
	m := r.training.run.trainer.Model()
	z := []float32{0, 1, 2, -1, 0.5, 0}
	var ok proto.TrainMapOK
	a := r.OK(&ok, proto.TrainMap{First: 5, Points: 100}, proto.FloatBytes(z))
	if ok.Step != 8 || ok.Latent != 3 || ok.Shape != [3]int{1, 28, 28} || ok.Points != 15 || ok.Cells != 2 || len(ok.Labels) != 15 || len(ok.Explained) != 0 || len(a.Buf(2)) != 0 {
		t.Errorf("%+v", ok)
	}
	mu, logvar, x := make([]float32, 3), make([]float32, 3), make([]float32, 784)
	for i := range ok.Points {
		r.training.run.pictures(x, 5+i)
		if err := m.Encode(mu, logvar, x); err != nil {
			t.Fatal(err)
		}
		if got := enginetest.Floats(t, a.Message, 0)[3*i:][:3]; !near(got, mu) || ok.Labels[i] != r.training.run.class(5+i) {
			t.Fatalf("picture %d: %v of class %d, its mu is %v", 5+i, got, ok.Labels[i], mu)
		}
	}
	pixels := make([]float32, 2*784)
	if err := m.Decode(pixels, z); err != nil {
		t.Fatal(err)
	}
	for i, v := range pixels {
		if math.Abs(float64(a.Buf(1)[i])-255*float64(v)) > 0.6 {
			t.Fatalf("value %d is %d, want %v", i, a.Buf(1)[i], 255*v)
		}
	}

	// Of means that come with it, a plane.
	all := proto.FloatBytes(cloud(50, 3, 1, 3, 2))
	a = r.OK(&ok, proto.TrainMap{}, nil, all)
	e1, e2 := enginetest.Floats(t, a.Message, 3), enginetest.Floats(t, a.Message, 4)
	if ok.Points != 0 || ok.Cells != 0 || len(ok.Explained) != 2 || ok.Explained[0] < ok.Explained[1] || len(enginetest.Floats(t, a.Message, 2)) != 3 {
		t.Errorf("%+v", ok)
	}
	if length(e1) < 0.999 || length(e2) > 1.001 || math.Abs(float64(e1[0]*e2[0]+e1[1]*e2[1]+e1[2]*e2[2])) > 1e-5 {
		t.Errorf("axes %v and %v", e1, e2)
	}
	again := r.OK(&ok, proto.TrainMap{}, nil, all)
	if !near(enginetest.Floats(t, again.Message, 3), e1) || !near(enginetest.Floats(t, again.Message, 4), e2) {
		t.Error("the axes have turned")
	}

	r.Refused(proto.CodeBadLength, "z", proto.TrainMap{}, proto.FloatBytes(z[:4]))
	r.Refused(proto.CodeBadLength, "z", proto.TrainMap{}, make([]byte, 4*3*(proto.MaxCells+1)))
	r.Refused(proto.CodeBadLength, "mu", proto.TrainMap{}, nil, proto.FloatBytes(z[:4]))
	r.Refused(proto.CodeNotFinite, "z", proto.TrainMap{}, proto.FloatBytes([]float32{0, 0, float32(math.NaN())}))
}

func near(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Abs(float64(x-y)) < 1e-4 })
}

func length(v []float32) float64 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	return math.Sqrt(sum)
}

// TestMapBudget: what is too much for the time is left out, but something is always done.
func TestMapBudget(t *testing.T) {
	z := make([]byte, 4*3*200)
	for _, c := range []struct {
		tick          time.Duration // that goes by at each look at the clock
		budget        int
		points, cells [2]int
	}{
		{time.Second, 5, [2]int{1, 1}, [2]int{1, 1}},
		{time.Millisecond, 5, [2]int{10, 16}, [2]int{10, 16}},
		{time.Microsecond, 5, [2]int{20, 20}, [2]int{200, 200}},
		{time.Second, 0, [2]int{20, 20}, [2]int{200, 200}},
	} {
		r := ticking(t, c.tick)
		r.OK(&proto.TrainOpenOK{}, openOf(recipe))
		var ok proto.TrainMapOK
		a := r.OK(&ok, proto.TrainMap{BudgetMS: c.budget, Points: 20}, z)
		if ok.Points < c.points[0] || ok.Points > c.points[1] || ok.Cells < c.cells[0] || ok.Cells > c.cells[1] {
			t.Errorf("%v a look, %d ms: %d points and %d cells", c.tick, c.budget, ok.Points, ok.Cells)
		}
		if len(a.Buf(0)) != 4*3*ok.Points || len(a.Buf(1)) != 784*ok.Cells || len(ok.Labels) != ok.Points {
			t.Errorf("%v a look: buffers of %d and %d bytes", c.tick, len(a.Buf(0)), len(a.Buf(1)))
		}
	}
}
