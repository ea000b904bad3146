package training

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"inkdrift/wasm/proto"
)

// testMemory is memory that engines of a test share. Each access is told to touch,
// which may panic: the worker dies in the middle of it then.
type testMemory struct {
	bytes []byte
	words [16]int32
	owner *worker
}

// dies is the panic of a worker that dies.
type dies struct{}

func (m *testMemory) Len() int { return len(m.bytes) }

func (m *testMemory) Write(at int, b []byte) {
	// A worker that dies in the middle leaves a part of it.
	n := copy(m.bytes[at:], b[:len(b)/2])
	m.owner.touch("write")
	copy(m.bytes[at+n:], b[n:])
}

func (m *testMemory) Read(b []byte, at int) { copy(b, m.bytes[at:]) }

func (m *testMemory) Load(word int) int32 { return m.words[word] }

func (m *testMemory) Store(word int, v int32) {
	m.owner.touch(fmt.Sprintf("before word %d", word))
	m.words[word] = v
	m.owner.touch(fmt.Sprintf("after word %d", word))
}

func (m *testMemory) Wait(int, int32, int) {}

// touch counts what a worker does to its memory and lets it die at the time that
// the test has chosen.
func (w *worker) touch(string) {
	if w.touches++; w.touches == w.dieAt {
		w.frozen = true
		panic(dies{})
	}
}

// sharing makes all workers of a group share memory.
func (c *workerGroup) sharing() *workerGroup {
	c.shared = true
	for _, w := range c.workers {
		w.training.newMemory = func(n int) (proto.Memory, error) {
			return &testMemory{bytes: make([]byte, n), owner: w}, nil
		}
	}
	return c
}

// train lets a group take steps until its leader has taken so many, or a worker has
// died.
func (c *workerGroup) train(steps int) {
	c.t.Helper()
	for i := 0; c.workers[0].training.run.trainer.StepsTaken() < steps; i++ {
		if slices.ContainsFunc(c.workers, func(w *worker) bool { return w.frozen }) {
			return
		}
		c.turn()
		if i > 200_000 {
			c.t.Fatal("the group does not come to an end")
		}
	}
}

// TestSharedMemory: a run that exchanges through shared memory takes the steps of
// one worker alone, bit for bit, with pauses and changes of settings, and sends no
// gradients.
func TestSharedMemory(t *testing.T) {
	alone, events := native(t)
	for n := 2; n <= 4; n++ {
		c := newWorkerGroup(t, n, openOf(recipe)).sharing()
		c.activate()
		lead := c.workers[0]
		for _, steps := range []int{1, 7, 0} { // 0: to the end
			lead.Queue(proto.TrainRun{Steps: steps})
			c.settle()
		}
		c.sameWeights()
		if !slices.Equal(lead.weights(), alone.Model().Arena().W) {
			t.Errorf("%d workers: other weights than one alone", n)
		}
		points := lead.points()
		for i, p := range points {
			if ev := events[i]; p[1] != proto.Number(ev.Terms.Recon) || p[3] != proto.Number(ev.GradNorm) {
				t.Errorf("%d workers, step %d: %v instead of %+v", n, i+1, p, ev)
			}
		}
		if len(points) != len(events) {
			t.Errorf("%d workers: %d steps instead of %d", n, len(points), len(events))
		}
		if c.gradients != 0 {
			t.Errorf("%d workers: %d messages with operands or slices", n, c.gradients)
		}
	}
}

// TestSharedChanges: settings that change while it trains do so for all at the same
// step.
func TestSharedChanges(t *testing.T) {
	c := newWorkerGroup(t, 3, openOf(recipe)).sharing()
	c.activate()
	lead := c.workers[0]
	lead.Queue(proto.TrainRun{})
	c.train(5)
	rate := 0.0007
	lead.Queue(proto.TrainChange{LearningRate: &rate})
	c.settle()
	c.sameWeights()
	for _, w := range c.workers {
		if o := w.training.run.trainer.Options(); o.LearningRate != rate {
			t.Errorf("a worker trains with %v", o.LearningRate)
		}
	}
}

// TestDeathInSharedMemory: a worker dies at any point of the exchange: while it
// writes, before and after it tells of what it wrote. The others are not stuck, and
// form a group that comes to the weights of a run without a death.
func TestDeathInSharedMemory(t *testing.T) {
	alone, _ := native(t)
	const from, until = 4, 5
	every := 1
	if runtime.GOARCH == "wasm" {
		every = 5 // it is the same code, ten times as slow
	}
	for rank := range 3 {
		// How often the worker touches its memory in these steps.
		count := newWorkerGroup(t, 3, openOf(recipe)).sharing()
		count.activate()
		count.workers[0].Queue(proto.TrainRun{})
		count.train(from)
		first := count.workers[rank].touches
		count.train(until)
		last := count.workers[rank].touches
		if last-first < 10 {
			t.Fatalf("only %d points to die at", last-first)
		}
		for at := first + 1; at <= last; at += every {
			c := newWorkerGroup(t, 3, openOf(recipe)).sharing()
			c.activate()
			c.workers[rank].dieAt = at
			c.workers[0].Queue(proto.TrainRun{})
			c.train(1000)
			if !c.workers[rank].frozen {
				t.Fatalf("worker %d did not die at its touch %d", rank, at)
			}
			for range 50 { // the others do what they can
				c.turn()
			}
			c.workers = slices.Delete(c.workers, rank, rank+1)
			slices.SortStableFunc(c.workers, func(a, b *worker) int {
				return b.training.run.trainer.StepsTaken() - a.training.run.trainer.StepsTaken()
			})
			c.activate()
			c.sameWeights()
			lead := c.workers[0]
			lead.Queue(proto.TrainRun{})
			c.settle()
			c.sameWeights()
			if !slices.Equal(lead.weights(), alone.Model().Arena().W) {
				t.Fatalf("worker %d died at its touch %d: other weights in the end", rank, at)
			}
		}
	}
}

// TestSleepInSharedMemory: one who sleeps is told of, the others look for messages
// meanwhile, and go on when it wakes up.
func TestSleepInSharedMemory(t *testing.T) {
	alone, _ := native(t)
	c := newWorkerGroup(t, 2, openOf(recipe)).sharing()
	c.activate()
	lead := c.workers[0]
	lead.Queue(proto.TrainRun{})
	c.train(5)
	c.workers[1].frozen = true
	for range 2000 { // ten seconds
		c.turn()
	}
	late := 0
	for _, e := range lead.Events {
		if e.Type == proto.TypeTrainWorkersLate {
			late++
		}
	}
	if late == 0 {
		t.Error("nobody was told of")
	}
	id := lead.Queue(proto.TrainStatus{})
	c.turn()
	c.turn()
	if a := lead.Answers[id]; a.Type != proto.TypeOK {
		t.Errorf("who waits does not answer: %s", a.Message.Head)
	}
	c.workers[1].frozen = false
	c.settle()
	c.sameWeights()
	if !slices.Equal(lead.weights(), alone.Model().Arena().W) {
		t.Error("other weights in the end")
	}
}

// TestNoSharedMemory: a worker that has none refuses to join a group that shares it.
func TestNoSharedMemory(t *testing.T) {
	r := newFixture(t)
	r.OK(&proto.TrainOpenOK{}, openOf(recipe))
	if a := r.Ask(proto.TrainGroup{Size: 2, Generation: 1, Shared: true}); a.Head.Error == nil || a.Head.Error.Field != "shared" {
		t.Errorf("%s", a.Message.Head)
	}
}
