package training

import (
	"time"

	"inkdrift/vae/latent"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/proto"
)

// mapOf encodes validation pictures and decodes points of the map, in pieces that grow, so that the time that is given is
// used and hardly exceeded, whatever a picture costs.
func mapOf(t *engine.Task, r *run, q *proto.TrainMap) (*proto.TrainMapOK, [][]byte, error) {
	m := r.trainer.Model()
	width, dim := m.InputLen(), m.Latent()
	if err := checkClass(m, q.Class); err != nil {
		return nil, nil, err
	}
	z, err := proto.BytesFloats("z", t.Msg.Buf(0))
	if err != nil {
		return nil, nil, err
	}
	if n := len(z) / dim; n*dim != len(z) || n > proto.MaxCells {
		return nil, nil, proto.Errorf(proto.CodeBadLength, "z", "%d numbers: want points of %d, at most %d of them", len(z), dim, proto.MaxCells)
	}
	plane, explained, err := r.mapPlane(t.Msg.Buf(1))
	if err != nil {
		return nil, nil, err
	}
	if !m.HasEncoder() {
		q.Points = 0
	}
	points, cells := min(q.Points, max(0, r.validSet.Len()-q.First)), len(z)/dim
	ok := &proto.TrainMapOK{Step: r.trainer.StepsTaken(), Latent: dim, Shape: r.validation.Shape, Labels: []int{}, Explained: explained}
	mu, pixels, ink := make([]float32, points*dim), make([]float32, min(cells, batchRows)*width), make([]byte, cells*width)

	budget, begun, done := time.Duration(q.BudgetMS)*time.Millisecond, r.now(), 0
	for rows := 1; rows > 0; {
		if n := min(rows, points-ok.Points); n > 0 {
			if err := r.encode(mu[ok.Points*dim:][:n*dim], q.First+ok.Points); err != nil {
				return nil, nil, err
			}
			ok.Points += n
		}
		if n := min(rows, cells-ok.Cells); n > 0 {
			row := pixels[:n*width]
			if err := r.decodePiece(row, z[ok.Cells*dim:][:n*dim], 0, func(int) int { return q.Class }); err != nil {
				return nil, nil, err
			}
			for i, v := range row {
				ink[ok.Cells*width+i] = shade(v)
			}
			ok.Cells += n
		}
		if ok.Points == points && ok.Cells == cells {
			break
		}
		done += rows
		rows = min(2*rows, batchRows)
		if budget == 0 {
			t.Yield()
			continue
		}
		spent := max(r.now()-begun, 1)
		rows = min(rows, int(time.Duration(done)*(budget-spent)/spent))
	}
	for i := range ok.Points {
		ok.Labels = append(ok.Labels, r.class(q.First+i))
	}
	bufs := append(proto.FloatBufs(mu[:ok.Points*dim]), ink[:ok.Cells*width])
	return ok, append(bufs, proto.FloatBufs(plane.Origin, plane.E1, plane.E2)...), nil
}

// shade is a value of a picture as a byte. A model that diverges has values that are not numbers.
func shade(v float32) byte {
	if v != v {
		return 0
	}
	return byte(255*min(max(v, 0), 1) + 0.5)
}

// mapPlane fits a plane to means that the page has; of too few, or in two dimensions, there is none.
func (r *run) mapPlane(bytes []byte) (latent.Plane, []float64, error) {
	dim := r.trainer.Model().Latent()
	mu, err := proto.BytesFloats("mu", bytes)
	if err != nil {
		return latent.Plane{}, nil, err
	}
	n := len(mu) / dim
	if n*dim != len(mu) || n > proto.MaxScatter {
		return latent.Plane{}, nil, proto.Errorf(proto.CodeBadLength, "mu", "%d numbers: want points of %d, at most %d of them", len(mu), dim, proto.MaxScatter)
	}
	if n < 3 || dim < 3 {
		return latent.Plane{}, []float64{}, nil
	}
	mean, explained := r.cache.mapPlane.fit(mu, dim)
	axes := r.cache.mapPlane.axes
	return latent.Plane{Origin: singles(mean), E1: singles(axes[0]), E2: singles(axes[1])}, explained, nil
}

func singles(v []float64) []float32 {
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(x)
	}
	return out
}
