package dataset

import (
	"inkdrift/wasm/engine"
	"inkdrift/wasm/proto"
)

// service serves the requests about data sets.
type service struct{ engine *engine.Engine }

// Register adds the requests about data sets to an engine.
func Register(e *engine.Engine) {
	s := &service{e}
	e.Register(
		engine.Handle(proto.TypeDataSets, engine.Query, list),
		engine.Handle(proto.TypeDataSheet, engine.Batch, s.sheet),
		engine.Handle(proto.TypeDataRead, engine.Batch, s.read),
		engine.Handle(proto.TypeDataInspect, engine.Batch, s.inspect),
		engine.Handle(proto.TypeDataDraw, engine.Batch, s.draw),
		engine.Handle(proto.TypeDataExport, engine.Batch, s.export),
	)
}
