package training

import (
	"errors"
	"time"

	"inkdrift/vae/train"
	"inkdrift/wasm/proto"
)

// trainPiece is how long a piece of training is at least: coming back from
// JavaScript takes a third of a millisecond, and nobody draws on what trains.
const trainPiece = 20 * time.Millisecond

// step does the next piece of training. It returns false if there is none.
func (r *run) step() (worked bool) {
	defer func() {
		if why := recover(); why != nil {
			r.fail(proto.Errorf(proto.CodeInternal, "", "training: %v", why))
		}
	}()
	worked, err := r.piece()
	if err != nil {
		r.fail(err)
	}
	return worked
}

func (r *run) piece() (worked bool, err error) {
	g := &r.group
	if !g.active {
		if g.generation == 0 {
			return false, nil
		}
		return r.activate()
	}
	for begun := r.now(); ; {
		if !g.computed {
			if r.trainer.StepsTaken() >= g.until || r.trainer.Done() {
				return worked, nil
			}
			if err := r.compute(); err != nil {
				return true, err
			}
		}
		if !g.reduced {
			if missing := r.missing(); len(missing) > 0 {
				r.trainer.Prefetch(g.rank, g.size)
				if r.wait(missing) {
					continue
				}
				return worked || r.sharing(missing), nil
			}
			if err := r.reduce(); err != nil {
				return true, err
			}
		}
		if missing := r.missing(); len(missing) > 0 {
			if r.wait(missing) {
				continue
			}
			return worked || r.sharing(missing), nil
		}
		if err := r.takeSlices(); err != nil {
			return true, err
		}
		if err := r.apply(); err != nil {
			return true, err
		}
		worked = true
		if g.size > 1 && g.shared == nil || r.now()-begun > trainPiece {
			return true, nil
		}
	}
}

// wait waits a while for what others put into shared memory, and reports whether all
// is there now. Messages are not waited for: they wake this worker.
func (r *run) wait(missing []int) bool {
	r.checkLate()
	g := &r.group
	return g.shared != nil && g.shared.await(missing, r.trainer.StepsTaken(), g.reduced) && len(r.missing()) == 0
}

// sharing reports whether somebody is waited for whom no message will announce.
func (r *run) sharing(missing []int) bool {
	x := r.group.shared
	return x != nil && x.peers[missing[0]] != nil
}

// apply takes the step whose gradient is there.
func (r *run) apply() error {
	g := &r.group
	ev, err := r.trainer.Apply()
	g.computed, g.reduced = false, false
	r.timeStep()
	var diverged *train.DivergedError
	if err != nil && !errors.As(err, &diverged) {
		return err
	}
	if diverged != nil {
		r.diverged = proto.Errorf(proto.CodeDiverged, diverged.Layer, "%v", err)
		g.until = r.trainer.StepsTaken()
	} else if g.rank == 0 {
		r.reportStep(ev)
	}
	if r.trainer.StepsTaken() < g.until && !r.trainer.Done() {
		return nil
	}
	g.last = 0
	if g.rank == 0 {
		r.stop()
	}
	return nil
}

// timeStep measures how long a step takes.
func (r *run) timeStep() {
	g, now := &r.group, r.now()
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
func (r *run) start(steps int) {
	taken := r.trainer.StepsTaken()
	r.limit = r.trainer.Steps()
	if steps > 0 {
		r.limit = min(r.limit, taken+steps)
	}
	r.answerPause()
	if r.running {
		return
	}
	if r.trainer.Done() {
		r.engine.Broadcast(proto.Event(proto.TrainStateEvent{State: proto.StateDone, Step: taken}))
		return
	}
	r.running = true
	r.progress.start(r.now())
	r.group.until, r.group.settings = taken+1, r.wanted
	r.engine.Broadcast(proto.Event(proto.TrainStateEvent{State: proto.StateRunning, Step: taken}))
	if err := r.sendPeers(proto.PeerGo{LiveSettings: r.wanted, Step: taken}); err != nil {
		r.fail(err)
	}
}

// continues reports whether a step will be taken after so many.
func (r *run) continues(taken int) bool {
	return r.running && len(r.pausing) == 0 && taken < r.limit
}

// stop tells every client that training has stopped.
func (r *run) stop() {
	state, why := proto.StatePaused, (*proto.Error)(nil)
	switch {
	case r.diverged != nil:
		state, why = proto.StateDiverged, proto.AsError(r.diverged)
	case r.trainer.Done():
		state = proto.StateDone
	}
	r.end(state, why)
}

// fail ends training after a fault of this program.
func (r *run) fail(err error) {
	r.group.active, r.group.generation = false, 0
	r.end(proto.StateFailed, proto.AsError(err))
}

func (r *run) end(state string, why *proto.Error) {
	r.progress.stop(r.now())
	r.sendProgress()
	r.running = false
	r.engine.Broadcast(proto.Event(proto.TrainStateEvent{State: state, Step: r.trainer.StepsTaken(), Why: why}))
	r.answerPause()
}

// answerPause answers those who wait for a pause with the number of steps taken.
func (r *run) answerPause() {
	for _, p := range r.pausing {
		r.engine.Answer(p, proto.TrainStepOK{Step: r.trainer.StepsTaken()})
	}
	r.pausing = nil
}
