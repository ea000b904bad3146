package training

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"inkdrift/wasm/engine"
	"inkdrift/wasm/proto"
)

// wire is a port between two engines of a test: what is sent waits until the
// test delivers it.
type wire struct {
	to   *worker
	end  *wire // what the other engine knows the sender as
	dead bool  // nothing goes through any more
}

func (w *wire) Send(m proto.Message) error {
	if w.dead {
		return nil
	}
	bufs := make([][]byte, len(m.Bufs))
	for i, b := range m.Bufs {
		bufs[i] = append([]byte(nil), b...)
	}
	if h, _ := m.Parse(); h.Type == proto.TypePeerOperands || h.Type == proto.TypePeerSlice {
		w.to.group.gradients++
	}
	w.to.mail = append(w.to.mail, letter{w.end, proto.Message{Head: m.Head, Bufs: bufs, Memory: m.Memory}})
	return nil
}

type letter struct {
	from *wire
	m    proto.Message
}

// worker is an engine of a group.
type worker struct {
	*fixture
	mail   []letter
	clock  time.Duration
	wires  []*wire
	frozen bool // it does nothing, as if it hung
	group  *workerGroup

	touches, dieAt int // see testMemory
}

// workerGroup is a group of workers in one program.
type workerGroup struct {
	t          *testing.T
	workers    []*worker
	generation int64
	shared     bool // memory
	gradients  int  // messages that carried parts of gradients
}

func newWorkerGroup(t *testing.T, n int, open proto.TrainOpen) *workerGroup {
	c := &workerGroup{t: t}
	for range n {
		c.add(open)
	}
	return c
}

// add starts a worker and has it open a run.
func (c *workerGroup) add(open proto.TrainOpen) *worker {
	c.t.Helper()
	w := &worker{fixture: newFixture(c.t), group: c}
	w.Clock = func() time.Duration { return w.clock }
	w.OK(&proto.TrainOpenOK{}, open)
	c.workers = append(c.workers, w)
	return w
}

// group brings the workers together, the first leads. It returns the ids of the
// requests.
func (c *workerGroup) group() []int64 {
	c.t.Helper()
	c.generation++
	ids := make([]int64, len(c.workers))
	for rank, w := range c.workers {
		for _, old := range w.wires {
			old.dead = true
		}
		w.mail, w.wires = nil, nil
		ids[rank] = w.Queue(proto.TrainGroup{Rank: rank, Size: len(c.workers), Generation: c.generation, Shared: c.shared && len(c.workers) > 1})
	}
	for a, wa := range c.workers {
		for b, wb := range c.workers[:a] {
			toA, toB := &wire{to: wa}, &wire{to: wb}
			toA.end, toB.end = toB, toA
			wa.wires, wb.wires = append(wa.wires, toB), append(wb.wires, toA)
			wa.peer(b, c.generation, toB)
			wb.peer(a, c.generation, toA)
		}
	}
	return ids
}

// peer posts a train.peer with its port.
func (w *worker) peer(rank int, generation int64, port engine.Client) int64 {
	w.T.Helper()
	return w.Request(port, proto.TrainPeer{Rank: rank, Generation: generation})
}

// turn lets every worker read its mail and do a piece of work. It tells whether
// anything was done.
func (c *workerGroup) turn() bool {
	worked := false
	for _, w := range c.workers {
		if w.frozen {
			continue
		}
		for len(w.mail) > 0 {
			l := w.mail[0]
			w.mail = w.mail[1:]
			w.Post(l.from, l.m, nil)
			worked = true
		}
		w.clock += 5 * time.Millisecond
		worked = w.stepOrDie() || worked
	}
	return worked
}

// stepOrDie does a piece of work, in which the worker may die.
func (w *worker) stepOrDie() (worked bool) {
	defer func() {
		if why := recover(); why != nil && why != any(dies{}) {
			panic(why)
		}
	}()
	return w.Step()
}

// settle goes on until nobody has anything to do.
func (c *workerGroup) settle() {
	c.t.Helper()
	for i := 0; c.turn(); i++ {
		if i > 200_000 {
			c.t.Fatal("the group never comes to rest")
		}
	}
}

// activate brings the workers together and waits until their groups are active.
func (c *workerGroup) activate() {
	c.t.Helper()
	ids := c.group()
	c.settle()
	for rank, w := range c.workers {
		if a := w.Answers[ids[rank]]; a.Type != proto.TypeOK {
			c.t.Fatalf("worker %d: train.group was answered %q", rank, a.Message.Head)
		}
	}
}

// weights gives a worker's weights.
func (w *worker) weights() []float32 { return w.training.run.trainer.Model().Arena().W }

func (c *workerGroup) sameWeights() {
	c.t.Helper()
	for rank, w := range c.workers[1:] {
		if !slices.Equal(w.weights(), c.workers[0].weights()) {
			c.t.Fatalf("workers 0 and %d have other weights after step %d", rank+1, w.training.run.trainer.StepsTaken())
		}
	}
}

// points gives all points that the leader told of.
func (w *worker) points() (points []proto.TrainPoint) {
	w.T.Helper()
	for _, e := range w.Events {
		if e.Type == proto.TypeTrain {
			var ev proto.TrainEvent
			if err := e.Fields(&ev); err != nil {
				w.T.Fatal(err)
			}
			points = append(points, ev.Points...)
		}
	}
	return points
}

// states gives the states that were told of.
func (w *worker) states() (states []string) {
	for _, e := range w.Events {
		if e.Type == proto.TypeTrainState {
			var ev proto.TrainStateEvent
			if err := e.Fields(&ev); err != nil {
				w.T.Fatal(err)
			}
			states = append(states, fmt.Sprintf("%s %d", ev.State, ev.Step))
		}
	}
	return states
}
