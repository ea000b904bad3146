// Package studio serves the requests of somebody who draws: models, pads, encoding
// and decoding, morphs, samples, digits written in one's hand, the models of the
// gallery, and files of frames.
package studio

import (
	"inkdrift/vae/classify"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/engine/model"
	"inkdrift/wasm/proto"
)

// studio is the state behind the requests.
type studio struct {
	engine     *engine.Engine
	load       model.Loader
	model      *loaded // nil until one is loaded
	pads       [2]pad
	hand       hand
	classifier *classify.Network // reads drawings if the model has no classifier of its own; nil until one is loaded
	gallery    *generator        // the gallery's model; nil until one is loaded
}

// Register adds the requests of the studio to an engine; load reads model files.
func Register(e *engine.Engine, load model.Loader) { register(e, load) }

func register(e *engine.Engine, load model.Loader) *studio {
	s := &studio{engine: e, load: load}
	e.Register(
		engine.Handle(proto.TypeModelLoad, engine.Control, s.loadModel),
		engine.Handle(proto.TypeClassifierLoad, engine.Control, s.loadClassifier),
		engine.Receive(proto.TypePadSet, s.onPad),
		withModel(s, proto.TypeEncode, engine.Drawing, encode),
		withModel(s, proto.TypeDecode, engine.Query, decode),
		withModel(s, proto.TypeMorph, engine.Batch, morph),
		withModel(s, proto.TypeSample, engine.Batch, sample),
		withModel(s, proto.TypeExplain, engine.Query, s.explain),
		withModel(s, proto.TypeFill, engine.Batch, fill),
		withModel(s, proto.TypeSketch, engine.Query, sketch),
		engine.Handle(proto.TypeExample, engine.Query, example),
		engine.Handle(proto.TypePicture, engine.Query, s.drawPicture),
		engine.Handle(proto.TypeHandLoad, engine.Control, s.loadHand),
		engine.Receive(proto.TypeHand, s.onHand),
		engine.Handle(proto.TypeGalleryLoad, engine.Control, s.loadGallery),
		engine.Handle(proto.TypeGalleryEncode, engine.Query, s.galleryEncode),
		engine.Handle(proto.TypeGalleryPoints, engine.Query, s.galleryPoints),
		engine.Handle(proto.TypeGalleryPaint, engine.Batch, s.galleryPaint),
		withModel(s, proto.TypeMapPoints, engine.Control, mapPoints),
		withModel(s, proto.TypeMapPlane, engine.Query, mapPlane),
		withModel(s, proto.TypeMapLook, engine.Query, mapLook),
		withModel(s, proto.TypeMapCells, engine.Background, s.mapCells),
		engine.Handle(proto.TypeGIF, engine.Background, encodeGIF),
		engine.Handle(proto.TypeFilm, engine.Background, encodeFilm),
		engine.Handle(proto.TypeStrip, engine.Background, encodeStrip),
	)
	e.OnAttach(s.describe)
	return s
}

// describe sends a new client the events about the model and the pads.
func (s *studio) describe(c engine.Client) {
	if s.model != nil {
		s.engine.Send(c, s.model.event)
	}
	for i := range s.pads {
		if s.pads[i].event.Head != "" {
			s.engine.Send(c, s.pads[i].event)
		}
	}
}

var errNoModel = proto.Errorf(proto.CodeNoModel, "", "no model is loaded")

// withModel registers a request to the model that is loaded when the request comes,
// so that a long task ends with the model it began with. While a model is about to
// be loaded, it waits for that one.
func withModel[Request, Answer any](s *studio, typ string, p engine.Priority, serve func(*engine.Task, *loaded, *Request) (*Answer, [][]byte, error)) engine.Registration {
	return engine.Handle(typ, p, func(t *engine.Task, r *Request) (*Answer, [][]byte, error) {
		m, bound := t.Bound.(*loaded)
		if !bound {
			m = s.model
		}
		if m == nil {
			return nil, nil, errNoModel
		}
		return serve(t, m, r)
	}).Posted(func(t *engine.Task) {
		if len(s.engine.Queued(proto.TypeModelLoad)) == 0 {
			t.Bound = s.model
		}
	})
}
