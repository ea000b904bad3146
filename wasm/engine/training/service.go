// Package training serves the requests about a run: opening and restoring it, training
// it alone or in a group of workers, changing its settings, previews, evaluations,
// measures, checkpoints and models.
package training

import (
	"inkdrift/wasm/engine"
	"inkdrift/wasm/proto"
)

// service is the state behind the requests.
type service struct {
	engine     *engine.Engine
	run        *run         // nil: none is open
	opening    *engine.Task // the last one that began to open a run; nil after a train.close
	classifier *classifier  // nil: none was needed yet
	newMemory  NewMemory
}

// NewMemory makes memory of so many bytes that workers can share; nil where there
// is none.
type NewMemory = func(n int) (proto.Memory, error)

// Register adds the requests about a run to an engine. Where newMemory is nil,
// workers of a group exchange messages.
func Register(e *engine.Engine, newMemory NewMemory) { register(e, newMemory) }

func register(e *engine.Engine, newMemory NewMemory) *service {
	s := &service{engine: e, newMemory: newMemory}
	e.Register(
		engine.Handle(proto.TypeTrainOpen, engine.Control, s.open),
		engine.Handle(proto.TypeTrainRestore, engine.Control, s.restore),
		engine.Handle(proto.TypeTrainClose, engine.Control, s.close),

		withLeader(s, proto.TypeTrainRun, engine.Control, startRun),
		withLeader(s, proto.TypeTrainPause, engine.Control, pauseRun),
		withLeader(s, proto.TypeTrainChange, engine.Control, changeRun),
		withRun(s, proto.TypeTrainStatus, engine.Control, status),

		withRun(s, proto.TypeTrainPreview, engine.Query, preview),
		withRun(s, proto.TypeTrainMap, engine.Query, mapOf),
		withRun(s, proto.TypeTrainMorph, engine.Batch, morph),
		withRun(s, proto.TypeTrainModel, engine.Query, modelFile),
		withRun(s, proto.TypeTrainCheckpoint, engine.Query, checkpointFile),
		withRun(s, proto.TypeTrainEvaluate, engine.Background, evaluate),
		withRun(s, proto.TypeMeasure, engine.Background, s.measure),
		engine.Handle(proto.TypeMeasureStop, engine.Control, s.stopMeasures),

		// At once, so that no message of a new port comes before the port.
		engine.Receive(proto.TypeTrainGroup, s.onGroup),
		engine.Receive(proto.TypeTrainPeer, s.onPeer),
		onPeerMessage(s, proto.TypePeerState, (*run).onState),
		onPeerMessage(s, proto.TypePeerGo, (*run).onGo),
		onPeerMessage(s, proto.TypePeerOperands, (*run).onOperands),
		onPeerMessage(s, proto.TypePeerSlice, (*run).onSlice),
		onPeerMessage(s, proto.TypePeerMemory, (*run).onMemory),
	)
	e.OnDetach(s.onPortClosed)
	e.OnIdle(func() bool { return s.run != nil && s.run.step() })
	return s
}

var errNoTraining = proto.Errorf(proto.CodeNoTraining, "", "no run is open")

// withRun registers a request that is about the open run.
func withRun[Request, Answer any](s *service, typ string, p engine.Priority, serve func(*engine.Task, *run, *Request) (*Answer, [][]byte, error)) engine.Registration {
	return engine.Handle(typ, p, func(t *engine.Task, q *Request) (*Answer, [][]byte, error) {
		if s.run == nil {
			return nil, nil, errNoTraining
		}
		return serve(t, s.run, q)
	})
}

// withLeader registers a request for the worker that leads the open run's group.
func withLeader[Request, Answer any](s *service, typ string, p engine.Priority, serve func(*engine.Task, *run, *Request) (*Answer, [][]byte, error)) engine.Registration {
	return withRun(s, typ, p, func(t *engine.Task, r *run, q *Request) (*Answer, [][]byte, error) {
		if r.group.rank != 0 {
			return nil, nil, proto.Errorf(proto.CodeNoTraining, "", "worker %d of the group does not lead it", r.group.rank)
		}
		return serve(t, r, q)
	})
}
