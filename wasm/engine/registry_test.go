package engine_test

import (
	"testing"

	"inkdrift/wasm/engine"
	"inkdrift/wasm/engine/dataset"
	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/engine/export"
	"inkdrift/wasm/engine/fewlabels"
	"inkdrift/wasm/engine/model"
	"inkdrift/wasm/engine/studio"
	"inkdrift/wasm/engine/training"
	"inkdrift/wasm/proto"
)

// TestEveryRequestIsServed asks the engines of both programs for all that
// proto.Requests lists.
func TestEveryRequestIsServed(t *testing.T) {
	programs := []func(*engine.Engine){
		func(e *engine.Engine) { studio.Register(e, model.Read) },
		func(e *engine.Engine) {
			dataset.Register(e)
			training.Register(e, nil)
			fewlabels.Register(e, model.Read)
			export.Register(e)
		},
	}
	served := map[string]bool{}
	for _, register := range programs {
		for i, request := range proto.Requests() {
			r := enginetest.New(t)
			register(r.Engine)
			id := int64(i + 1)
			m, err := proto.Request(id, request.Request)
			if err != nil {
				t.Fatal(err)
			}
			r.Post(r.Client, m, nil)
			r.Step()
			if answer := r.Answers[id]; answer.Error == nil || answer.Error.Code != proto.CodeUnknownType {
				served[request.Request.MessageType()] = true
			}
		}
	}
	for _, request := range proto.Requests() {
		if typ := request.Request.MessageType(); !served[typ] {
			t.Errorf("no program serves %q", typ)
		}
	}
}
