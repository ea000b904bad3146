package training

import (
	"testing"
	"time"

	"inkdrift/wasm/engine/dataset"
	"inkdrift/wasm/engine/enginetest"
)

// rig is an engine that trains, with one client.
type rig struct {
	*enginetest.Rig
	training *service
}

func newRig(t *testing.T) *rig {
	r := &rig{Rig: enginetest.New(t)}
	r.training = register(r.Engine)
	dataset.Register(r.Engine)
	return r
}

// ticking is a rig whose clock goes on by so much whenever it is read.
func ticking(t *testing.T, by time.Duration) *rig {
	r := newRig(t)
	r.Ticking(by)
	return r
}
