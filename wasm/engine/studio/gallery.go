package studio

import (
	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/ink"
	"inkdrift/vae/latent"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/engine/model"
	"inkdrift/wasm/proto"
)

func (s *studio) loadGallery(t *engine.Task, r *proto.GalleryLoad) (*proto.GalleryLoadOK, [][]byte, error) {
	m, err := s.load.Load(t.Msg.Buf(0))
	if err != nil {
		return nil, nil, err
	}
	c, ok := m.(model.Conditional)
	if !ok {
		return nil, nil, proto.Errorf(proto.CodeBadModel, "file", "a model of this kind cannot be shown")
	}
	if c, ok := model.ConfigOf(m); ok && model.ActivationsPerPicture(c) > model.MaxActivations {
		return nil, nil, proto.Errorf(proto.CodeTooLarge, "file", "a picture needs %d numbers on its way through the model, at most %d fit", model.ActivationsPerPicture(c), model.MaxActivations)
	}
	g := newGenerator(c, r.Name)
	if err := g.try(t); err != nil {
		return nil, nil, proto.Errorf(proto.CodeBadModel, "file", "%v", err)
	}
	s.gallery = g
	return &proto.GalleryLoadOK{Model: g.info, Conditions: g.model.Conditions(), Encoder: g.model.HasEncoder()}, nil, nil
}

// galleryModel returns the model of the gallery.
func (s *studio) galleryModel() (*generator, error) {
	if s.gallery == nil {
		return nil, proto.Errorf(proto.CodeNoModel, "", "the gallery has no model yet: %s gives it one", proto.TypeGalleryLoad)
	}
	return s.gallery, nil
}

func (s *studio) galleryPaint(t *engine.Task, r *proto.GalleryPaint) (*proto.DecodeOK, [][]byte, error) {
	g, err := s.galleryModel()
	if err != nil {
		return nil, nil, err
	}
	n, field, l, k := r.N, "n", g.model.Latent(), g.model.Conditions()
	var z []float32
	if n == 0 {
		field = "z"
		if z, n, err = points(t, l); err != nil {
			return nil, nil, err
		}
	}
	if r.Frames > 0 && n != 2 {
		return nil, nil, proto.Errorf(proto.CodeBadLength, "z", "%d latent points: a path goes from one to another", n)
	}
	if err := checkCount(g.model, field, max(n, r.Frames)); err != nil {
		return nil, nil, err
	}
	if r.N > 0 {
		z = make([]float32, n*l)
		if p := model.PriorOf(g.model); p != nil && r.Prior == proto.PriorFitted {
			p.Sample(z, compute.NewKey(uint64(r.Seed), model.PriorStream))
		} else {
			compute.Implementation().Normal(z, compute.NewKey(uint64(r.Seed), model.PriorStream), 0)
		}
	}
	y, err := g.oneHot(r.Classes, n)
	if err != nil {
		return nil, nil, err
	}
	if r.Frames > 0 {
		n = r.Frames
		path, mixed := make([]float32, n*l), make([]float32, n*k)
		latent.Path(path, z[:l], z[l:], n, latent.Slerp)
		latent.Path(mixed, y[:k], y[k:], n, latent.Lerp)
		z, y = path, mixed
	}
	pictures, err := g.decode(t, "z", z, y)
	return &proto.DecodeOK{N: n}, proto.FloatBufs(z, pictures), err
}

func (s *studio) galleryPoints(t *engine.Task, _ *proto.GalleryPoints) (*proto.GalleryPointsOK, [][]byte, error) {
	g, err := s.galleryModel()
	if err != nil {
		return nil, nil, err
	}
	p, err := readPoints(t.Msg.Buf(0), g.model.Latent())
	if err != nil {
		return nil, nil, err
	}
	plane := p.Plane()
	mu := append(proto.FloatBufs(p.Mu), p.Labels)
	return &proto.GalleryPointsOK{N: p.Len(), Share: plane.Share(p.Mu)}, append(mu, proto.FloatBufs(plane.Origin, plane.E1, plane.E2)...), nil
}

func (s *studio) galleryEncode(t *engine.Task, r *proto.GalleryEncode) (*proto.GalleryEncodeOK, [][]byte, error) {
	g, err := s.galleryModel()
	if err != nil {
		return nil, nil, err
	}
	if !g.model.HasEncoder() {
		return nil, nil, proto.Errorf(proto.CodeBadValue, "pad", "%v", vae.ErrNoEncoder)
	}
	if g.info.Input != [3]int{1, ink.PreparedSide, ink.PreparedSide} {
		return nil, nil, proto.Errorf(proto.CodeBadLength, "pixels", "the model takes pictures of %v, a drawing is one of [1 %d %d]", g.info.Input, ink.PreparedSide, ink.PreparedSide)
	}
	x := s.pads[r.Pad[0]-'a'].pixels
	if x == nil {
		return &proto.GalleryEncodeOK{Empty: true}, nil, nil
	}
	mu, recon, class, err := g.reconstruct(t, x)
	return &proto.GalleryEncodeOK{Class: class}, proto.FloatBufs(mu, recon), err
}
