package studio

import (
	"inkdrift/vae/latent"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/proto"
)

// mapPoints takes the points of the model's data set.
func mapPoints(t *engine.Task, m *loaded, _ *proto.MapPoints) (*proto.MapPointsOK, [][]byte, error) {
	if len(t.Msg.Buf(0)) == 0 {
		m.points = nil
		return &proto.MapPointsOK{}, [][]byte{nil, nil}, nil
	}
	p, err := readPoints(t.Msg.Buf(0), m.Latent())
	if err != nil {
		return nil, nil, err
	}
	m.points = p
	return &proto.MapPointsOK{N: p.Len()}, [][]byte{proto.FloatBytes(p.Mu), p.Labels}, nil
}

// readPoints reads a file of points for a model of d latent dimensions.
func readPoints(file []byte, d int) (*latent.Points, error) {
	p, err := latent.DecodePoints(file)
	if err != nil {
		return nil, proto.Errorf(proto.CodeBadData, "file", "%v", err)
	}
	if p.Dim != d {
		return nil, proto.Errorf(proto.CodeBadLength, "file", "points of %d numbers for a model of %d latent dimensions", p.Dim, d)
	}
	return p, proto.CheckFinite("file", p.Mu)
}

// mapPlane computes a plane and how the drawings and the points lie on it.
func mapPlane(t *engine.Task, m *loaded, r *proto.MapPlane) (*proto.MapPlaneOK, [][]byte, error) {
	d := m.Latent()
	if d < 2 {
		return nil, nil, proto.Errorf(proto.CodeBadModel, "", "a model of %d latent dimensions has no plane", d)
	}
	var mu [2][]float32
	for i, field := range []string{"a", "b"} {
		if len(t.Msg.Buf(i)) == 0 {
			continue
		}
		var err error
		if mu[i], err = t.Msg.Floats(i, field, d); err != nil {
			return nil, nil, err
		}
	}
	p, err := m.plane(r, mu[0], mu[1])
	if err != nil {
		return nil, nil, err
	}
	ok := &proto.MapPlaneOK{}
	for i, off := range []**float64{&ok.OffA, &ok.OffB} {
		if mu[i] != nil {
			*off = new(float64)
			**off = p.Off(mu[i])
		}
	}
	if m.points != nil {
		share := p.Share(m.points.Mu)
		ok.Share = &share
	}
	return ok, proto.FloatBufs(p.Origin, p.E1, p.E2), nil
}

// plane makes a plane; a and b may be nil.
func (m *loaded) plane(r *proto.MapPlane, a, b []float32) (latent.Plane, error) {
	d := m.Latent()
	nought := make([]float32, d)
	switch {
	case r.Plane == proto.PlaneDimensions && r.Across >= d:
		return latent.Plane{}, proto.Errorf(proto.CodeBadValue, "across", "%d: the model's dimensions are 0 to %d", r.Across, d-1)
	case r.Plane == proto.PlaneDimensions && r.Up >= d:
		return latent.Plane{}, proto.Errorf(proto.CodeBadValue, "up", "%d: the model's dimensions are 0 to %d", r.Up, d-1)
	case d == 2 && r.Plane != proto.PlaneDimensions:
		return latent.Dimensions(2, 0, 1), nil // there is only one plane, seen as it is
	case r.Plane == proto.PlaneDimensions:
		return latent.Dimensions(d, r.Across, r.Up), nil
	case r.Plane == proto.PlanePrincipal:
		if m.points == nil {
			return latent.Plane{}, proto.Errorf(proto.CodeBadValue, "plane", "principal components are those of points, and there are none for this model")
		}
		return m.points.Plane(), nil
	}
	if a == nil {
		a = nought
	}
	if b == nil {
		b = nought
	}
	return latent.Through(a, b), nil
}

// neighbours is how many of the nearest points say between which classes a place is, and few is how many of them a class
// must have to be named.
const (
	neighbours = 24
	few        = 5
)

// mapLook decodes a point, reads the picture and looks for the points around.
func mapLook(t *engine.Task, m *loaded, _ *proto.MapLook) (*proto.MapLookOK, [][]byte, error) {
	z, err := t.Msg.Floats(0, "z", m.Latent())
	if err != nil {
		return nil, nil, err
	}
	pixels := make([]float32, m.InputLen())
	if err := m.Decode(pixels, z); err != nil {
		return nil, nil, err
	}
	if proto.CheckFinite("", pixels) != nil {
		return nil, nil, notFinite("z")
	}
	ok := &proto.MapLookOK{}
	if ok.Probs, err = m.read(pixels, z); err != nil {
		return nil, nil, err
	}
	if ok.Probs != nil {
		label := argmax(ok.Probs)
		ok.Label = &label
	}
	if m.points != nil {
		counts := m.points.Nearest(z, neighbours)
		for range 2 { // classes, the most frequent first
			best := -1
			for l := range 256 {
				if n := counts[byte(l)]; n >= few && (best < 0 || n > counts[byte(best)]) {
					best = l
				}
			}
			if best >= 0 {
				ok.Near = append(ok.Near, best)
				delete(counts, byte(best))
			}
		}
	}
	return ok, proto.FloatBufs(pixels), nil
}

// chunk is how many cells are decoded between two looks at the clock.
const chunk = 4

// mapCells decodes points in pieces of work so small that nothing waits for them.
func (s *studio) mapCells(t *engine.Task, m *loaded, _ *proto.MapCells) (*proto.MapCellsOK, [][]byte, error) {
	d, width := m.Latent(), m.InputLen()
	z, n, err := points(t, d)
	if err != nil {
		return nil, nil, err
	}
	if n > proto.MaxCells {
		return nil, nil, proto.Errorf(proto.CodeBadValue, "z", "%d points, at most %d are decoded at once", n, proto.MaxCells)
	}
	ink, pixels := make([]byte, n*width), make([]float32, chunk*width)
	begun := s.engine.Now()
	for from := 0; from < n; from += chunk {
		if s.engine.Now()-begun >= engine.PieceTime/2 {
			t.Yield()
			begun = s.engine.Now()
		}
		to := min(from+chunk, n)
		row := pixels[:(to-from)*width]
		if err := m.Decode(row, z[from*d:to*d]); err != nil {
			return nil, nil, err
		}
		if proto.CheckFinite("", row) != nil {
			return nil, nil, notFinite("z")
		}
		for i, v := range row {
			ink[from*width+i] = byte(255*min(max(v, 0), 1) + 0.5)
		}
	}
	return &proto.MapCellsOK{N: n}, [][]byte{ink}, nil
}
