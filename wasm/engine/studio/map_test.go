package studio

import (
	"math"
	"slices"
	"testing"
	"time"

	"inkdrift/vae/latent"
	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/proto"
)

// pointsFile is a file of three points for the fake model, of classes 7, 7 and 2.
func pointsFile(t *testing.T, dim int) []byte {
	t.Helper()
	p := &latent.Points{Dim: dim, Mu: make([]float32, 3*dim), Labels: []byte{7, 7, 2}}
	for i := range 3 {
		p.Mu[i*dim] = float32(i)
	}
	for k := range p.Components {
		p.Components[k] = make([]float32, dim)
		p.Components[k][2*k] = 1
	}
	b, err := p.Encode(2)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestMapPlane(t *testing.T) {
	r := newFixture(t)
	r.Refused(proto.CodeNoModel, "", proto.MapPlane{Plane: proto.PlaneDrawings})
	r.load()
	a, b := []float32{0, 3, 4}, []float32{0, -1, 1}
	bufs := proto.FloatBufs(a, b)

	var ok proto.MapPlaneOK
	m := r.OK(&ok, proto.MapPlane{Plane: proto.PlaneDrawings}, bufs...)
	p := latent.Plane{Origin: enginetest.Floats(t, m.Message, 0), E1: enginetest.Floats(t, m.Message, 1), E2: enginetest.Floats(t, m.Message, 2)}
	if ok.OffA == nil || *ok.OffA > 1e-5 || ok.OffB == nil || *ok.OffB > 1e-5 || ok.Share != nil || p.Off(a) > 1e-5 || p.Off(make([]float32, 3)) != 0 {
		t.Errorf("%s: %v", m.Message.Head, p)
	}

	r.OK(&ok, proto.MapPlane{Plane: proto.PlaneDimensions, Across: 2, Up: 0}, bufs...)
	if *ok.OffA != 3 || *ok.OffB != 1 {
		t.Errorf("A is %v off and B %v", *ok.OffA, *ok.OffB)
	}
	ok = proto.MapPlaneOK{}
	r.OK(&ok, proto.MapPlane{Plane: proto.PlaneDrawings}, nil, bufs[1])
	if ok.OffA != nil || ok.OffB == nil {
		t.Errorf("without A: %+v", ok)
	}

	r.Refused(proto.CodeBadValue, "plane", proto.MapPlane{Plane: "none"}, bufs...)
	r.Refused(proto.CodeBadValue, "plane", proto.MapPlane{Plane: proto.PlanePrincipal}, bufs...) // there are no points
	r.Refused(proto.CodeBadValue, "across", proto.MapPlane{Plane: proto.PlaneDimensions, Across: 3}, bufs...)
	r.Refused(proto.CodeBadValue, "up", proto.MapPlane{Plane: proto.PlaneDimensions, Up: 3}, bufs...)
	r.Refused(proto.CodeBadValue, "up", proto.MapPlane{Plane: proto.PlaneDimensions, Across: 1, Up: 1}, bufs...)
	r.Refused(proto.CodeBadLength, "b", proto.MapPlane{Plane: proto.PlaneDrawings}, bufs[0], []byte{1, 2, 3})
}

func TestMapPoints(t *testing.T) {
	r := newFixture(t)
	r.load()
	var ok proto.MapPointsOK
	m := r.OK(&ok, proto.MapPoints{}, pointsFile(t, 3))
	if mu := enginetest.Floats(t, m.Message, 0); ok.N != 3 || len(mu) != 9 || math.Abs(float64(mu[6]-2)) > 1e-6 || !slices.Equal(m.Message.Buf(1), []byte{7, 7, 2}) {
		t.Errorf("%s: %v", m.Message.Head, m.Message.Bufs)
	}
	var plane proto.MapPlaneOK
	m = r.OK(&plane, proto.MapPlane{Plane: proto.PlanePrincipal})
	if e2 := enginetest.Floats(t, m.Message, 2); !slices.Equal(e2, []float32{0, 0, 1}) || plane.Share == nil || math.Abs(*plane.Share-1) > 1e-9 {
		t.Errorf("%s: %v", m.Message.Head, e2)
	}
	r.Refused(proto.CodeBadData, "file", proto.MapPoints{}, []byte("{"))
	r.Refused(proto.CodeBadLength, "file", proto.MapPoints{}, pointsFile(t, 4))
	r.OK(&plane, proto.MapPlane{Plane: proto.PlanePrincipal}) // a wrong file has taken nothing away
	r.load()
	r.Refused(proto.CodeBadValue, "plane", proto.MapPlane{Plane: proto.PlanePrincipal}) // they were those of the other model
}

func TestMapLook(t *testing.T) {
	r := newFixture(t)
	r.load()
	z := proto.FloatBytes([]float32{0.5, 0.25, 1})
	var ok proto.MapLookOK
	m := r.OK(&ok, proto.MapLook{}, z)
	decoded := r.OK(&proto.DecodeOK{}, proto.Decode{}, z)
	if !slices.Equal(m.Message.Buf(0), decoded.Message.Buf(0)) || ok.Label == nil || *ok.Label != 5 || len(ok.Probs) != 10 || ok.Near != nil {
		t.Errorf("%s", m.Message.Head)
	}
	r.OK(&proto.MapPointsOK{}, proto.MapPoints{}, pointsFile(t, 3))
	r.OK(&ok, proto.MapLook{}, z)
	if ok.Near != nil {
		t.Errorf("near %v, of three points", ok.Near)
	}
	r.studio.model.points = &latent.Points{Dim: 3, Mu: make([]float32, 3*40), Labels: append(slices.Repeat([]byte{4}, 30), slices.Repeat([]byte{9}, 10)...)}
	r.OK(&ok, proto.MapLook{}, z)
	if !slices.Equal(ok.Near, []int{4}) {
		t.Errorf("near %v", ok.Near)
	}
	r.Refused(proto.CodeBadLength, "z", proto.MapLook{}, z[:8])
}

// TestMapCells decodes what decode decodes, to a byte a pixel, and lets everything else go first.
func TestMapCells(t *testing.T) {
	r := newFixture(t)
	r.load()
	z := make([]float32, 3*10)
	for i := range z {
		z[i] = float32(i) / 20
	}
	var ok proto.MapCellsOK
	m := r.OK(&ok, proto.MapCells{}, proto.FloatBytes(z))
	pixels := enginetest.Floats(t, r.OK(&proto.DecodeOK{}, proto.Decode{}, proto.FloatBytes(z)).Message, 0)
	if ok.N != 10 || len(m.Message.Buf(0)) != 7840 {
		t.Fatalf("%s", m.Message.Head)
	}
	for i, b := range m.Message.Buf(0) {
		if math.Abs(float64(b)/255-float64(min(pixels[i], 1))) > 0.5/255+1e-6 {
			t.Fatalf("pixel %d is %d, decoded %v", i, b, pixels[i])
		}
	}

	r.Ticking(time.Millisecond)
	r.Order = nil
	r.Queue(proto.MapCells{}, proto.FloatBytes(make([]float32, 3*200)))
	r.Step()
	r.Queue(proto.PadSet{Pad: "a", Rev: 1}, line(0.1), nil)
	r.Queue(proto.MapLook{}, proto.FloatBytes([]float32{1, 0, 0}))
	r.Run()
	want := []string{"pad", "ok 5", "ok 6", "ok 4"}
	if !slices.Equal(r.Order, want) {
		t.Errorf("answered %v, want %v", r.Order, want)
	}
	r.Refused(proto.CodeBadValue, "z", proto.MapCells{}, proto.FloatBytes(make([]float32, 3*300)))
	r.Refused(proto.CodeBadLength, "z", proto.MapCells{})
}
