package training

import (
	"testing"
	"time"

	"inkdrift/wasm/engine/dataset"
	"inkdrift/wasm/engine/enginetest"
)

// fixture is an engine that trains, with one client.
type fixture struct {
	*enginetest.Fixture
	training *service
}

func newFixture(t *testing.T) *fixture {
	r := &fixture{Fixture: enginetest.New(t)}
	r.training = register(r.Engine, nil)
	dataset.Register(r.Engine)
	return r
}

// ticking is a fixture whose clock goes on by so much whenever it is read.
func ticking(t *testing.T, by time.Duration) *fixture {
	r := newFixture(t)
	r.Ticking(by)
	return r
}
