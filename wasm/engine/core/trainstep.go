package core

import (
	"errors"
	"time"

	"inkdrift/vae/train"
	"inkdrift/wasm/proto"
)

// trainPiece is how long a piece of training is at least: coming back from
// JavaScript takes a third of a millisecond, and nobody draws on what trains.
const trainPiece = 20 * time.Millisecond

// step does the next piece of training. It gives false if there is none.
func (t *training) step() (worked bool) {
	defer func() {
		if r := recover(); r != nil {
			t.fail(proto.Errorf(proto.CodeInternal, "", "training: %v", r))
		}
	}()
	worked, err := t.piece()
	if err != nil {
		t.fail(err)
	}
	return worked
}

func (t *training) piece() (worked bool, err error) {
	g := &t.group
	if !g.stands {
		if g.generation == 0 {
			return false, nil
		}
		return t.form()
	}
	for begun := t.now(); ; {
		if !g.computed {
			if t.trainer.StepsTaken() >= g.until || t.trainer.Done() {
				return worked, nil
			}
			if err := t.compute(); err != nil {
				return true, err
			}
		}
		if !g.complete(t.trainer.StepsTaken()) {
			t.checkLate()
			t.trainer.Prefetch(g.rank, g.size)
			return false, nil // what comes from the others will wake this one
		}
		if err := t.apply(); err != nil {
			return true, err
		}
		worked = true
		if g.size > 1 || t.now()-begun > trainPiece {
			return true, nil
		}
	}
}

// apply takes the step whose shares are all there.
func (t *training) apply() error {
	g := &t.group
	ev, err := t.trainer.Apply(t.add())
	g.computed = false
	t.measure()
	var diverged *train.DivergedError
	if err != nil && !errors.As(err, &diverged) {
		return err
	}
	if diverged != nil {
		t.diverged = proto.Errorf(proto.CodeDiverged, diverged.Layer, "%v", err)
		g.until = t.trainer.StepsTaken()
	} else if g.rank == 0 {
		t.tell(ev)
	}
	if t.trainer.StepsTaken() < g.until && !t.trainer.Done() {
		return nil
	}
	// All stop here, and all remember this step: a checkpoint is of the very
	// place where training was paused.
	t.trainer.Sync()
	g.last = 0
	if g.rank == 0 {
		t.stop()
	}
	return nil
}

// measure keeps the time of a step.
func (t *training) measure() {
	g, now := &t.group, t.now()
	if g.last > 0 {
		if took := now - g.last; g.stepTime == 0 {
			g.stepTime = took
		} else {
			g.stepTime += (took - g.stepTime) / 8
		}
	}
	g.last = now
}

// start begins to train, for so many steps or to the end.
func (t *training) start(steps int) {
	taken := t.trainer.StepsTaken()
	t.limit = t.trainer.Steps()
	if steps > 0 {
		t.limit = min(t.limit, taken+steps)
	}
	t.answerPause()
	if t.running {
		return
	}
	if t.trainer.Done() {
		t.engine.broadcast(proto.Event(proto.TrainStateEvent{State: proto.StateDone, Step: taken}))
		return
	}
	t.running = true
	t.news.start(t.now())
	t.group.until, t.group.settings = taken+1, t.wanted
	t.engine.broadcast(proto.Event(proto.TrainStateEvent{State: proto.StateRunning, Step: taken}))
	if err := t.tellPeers(proto.PeerGo{Settings: t.wanted, Step: taken}); err != nil {
		t.fail(err)
	}
}

// goesOn tells whether a step will be taken after so many.
func (t *training) goesOn(taken int) bool {
	return t.running && len(t.pausing) == 0 && taken < t.limit
}

// stop tells all who want to know that training stands still.
func (t *training) stop() {
	state, why := proto.StatePaused, (*proto.Error)(nil)
	switch {
	case t.diverged != nil:
		state, why = proto.StateDiverged, proto.AsError(t.diverged)
	case t.trainer.Done():
		state = proto.StateDone
	}
	t.end(state, why)
}

// fail ends training after a fault of this program.
func (t *training) fail(err error) {
	t.group.stands, t.group.generation = false, 0
	t.end(proto.StateFailed, proto.AsError(err))
}

func (t *training) end(state string, why *proto.Error) {
	t.news.stop(t.now())
	t.sendNews()
	t.running = false
	t.engine.broadcast(proto.Event(proto.TrainStateEvent{State: state, Step: t.trainer.StepsTaken(), Why: why}))
	t.answerPause()
}

// answerPause tells those who wait for a pause how many steps were taken.
func (t *training) answerPause() {
	for _, p := range t.pausing {
		if p.id > 0 {
			t.engine.send(p.client, proto.OK(p.id, proto.TrainStepOK{Step: t.trainer.StepsTaken()}))
		}
	}
	t.pausing = nil
}
