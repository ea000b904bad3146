package training

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"inkdrift/vae/store"
	"inkdrift/vae/train"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/proto"
)

// native trains the recipe without an engine.
func native(t *testing.T) (*train.Trainer, []train.Event) {
	t.Helper()
	r := newFixture(t)
	r.OK(&proto.TrainOpenOK{}, openOf(recipe))
	var events []train.Event
	for tr := r.training.run.trainer; ; {
		ev, err := tr.Step()
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, ev)
		if ev.Done {
			return tr, events
		}
	}
}

// TestGroupsTrainAlike: a run with several workers is that with one, to the bit;
// also with more workers than the last batch of an epoch has pictures.
func TestGroupsTrainAlike(t *testing.T) {
	alone, events := native(t)
	for _, n := range []int{1, 2, 3, 6} {
		c := newWorkerGroup(t, n, openOf(recipe))
		c.activate()
		lead := c.workers[0]
		if a := lead.Ask(proto.TrainRun{}); a.Type != proto.TypeOK {
			t.Fatal(a.Message.Head)
		}
		c.settle()
		c.sameWeights()
		points := lead.points()
		if len(points) != len(events) {
			t.Fatalf("%d workers: %d steps were told of, %d taken", n, len(points), len(events))
		}
		for i, p := range points {
			ev := events[i]
			want := proto.TrainPoint{proto.Number(ev.Step), proto.Number(ev.Terms.Recon), proto.Number(ev.Terms.KL), proto.Number(ev.GradNorm), proto.Number(ev.LearningRate), proto.Number(ev.Beta), 0}
			for k := range p {
				if d := math.Abs(float64(p[k] - want[k])); d != 0 {
					t.Fatalf("%d workers, step %d: %v instead of %v", n, i+1, p, want)
				}
			}
		}
		for i, v := range lead.weights() {
			if d := math.Abs(float64(v - alone.Model().Arena().W[i])); d != 0 {
				t.Fatalf("%d workers: weight %d is %v off", n, i, d)
			}
		}
		if got, want := lead.states(), []string{"running 0", "done 24"}; !slices.Equal(got, want) {
			t.Errorf("%d workers: states %q", n, got)
		}
		for _, w := range c.workers[1:] {
			if len(w.points()) > 0 || len(w.states()) > 0 {
				t.Errorf("%d workers: one who follows told of steps", n)
			}
		}
	}
}

// TestAverageInAGroup: the average of the weights is part of the state that a leader
// sends, with either optimiser, and is what is exported.
func TestAverageInAGroup(t *testing.T) {
	for _, optimizer := range []string{"adam", "sgd"} {
		c := newWorkerGroup(t, 2, openOf(strings.Replace(recipe, `"warm_up": 4, `, `"warm_up": 4, "ema": 0.9, "optimizer": "`+optimizer+`", `, 1)))
		c.activate()
		if a := c.workers[0].Ask(proto.TrainRun{}); a.Type != proto.TypeOK {
			t.Fatal(a.Message.Head)
		}
		c.settle()
		c.sameWeights()
		a, b := c.workers[0].training.run.trainer, c.workers[1].training.run.trainer
		if !slices.Equal(a.Result().Arena().W, b.Result().Arena().W) {
			t.Errorf("%s: the workers have different averages", optimizer)
		}
		if slices.Equal(a.Result().Arena().W, a.Model().Arena().W) {
			t.Errorf("%s: there is no average", optimizer)
		}
		answer := c.workers[0].OK(&proto.TrainFileOK{}, proto.TrainModel{})
		m, err := store.ReadModel(answer.Message.Buf(0))
		if err != nil || !slices.Equal(m.Arena().W, a.Result().Arena().W) {
			t.Errorf("%s: the model that is exported has other weights than the average, %v", optimizer, err)
		}
	}
}

// TestPauses: runs of a few steps, a pause in mid-run and a change between them
// keep the workers together and come to the same end as one run in one go.
func TestPauses(t *testing.T) {
	alone, _ := native(t)
	c := newWorkerGroup(t, 2, openOf(recipe))
	c.activate()
	lead := c.workers[0]
	taken := func() int { return lead.training.run.trainer.StepsTaken() }
	lead.Ask(proto.TrainRun{Steps: 3})
	c.settle()
	if taken() != 3 {
		t.Fatalf("%d steps instead of 3", taken())
	}
	lead.Queue(proto.TrainRun{})
	for taken() < 6 {
		c.turn()
	}
	id := lead.Queue(proto.TrainPause{})
	c.settle()
	var ok proto.TrainStepOK
	if a := lead.Answers[id]; a.Fields(&ok) != nil || ok.Step != taken() || ok.Step > 9 {
		t.Fatalf("%q at step %d", a.Message.Head, taken())
	}
	c.sameWeights()
	// A checkpoint is of the step where it paused.
	if lead.OK(&ok, proto.TrainCheckpoint{}); ok.Step != taken() {
		t.Errorf("the checkpoint is of step %d, %d were taken", ok.Step, taken())
	}
	if a := lead.Ask(proto.TrainPause{}); a.Type != proto.TypeOK {
		t.Errorf("a pause of what is paused: %s", a.Message.Head)
	}
	lead.Ask(proto.TrainRun{})
	c.settle()
	c.sameWeights()
	for i, v := range lead.weights() {
		if d := math.Abs(float64(v - alone.Model().Arena().W[i])); d != 0 {
			t.Fatalf("weight %d is %v off", i, d)
		}
	}
	lead.Ask(proto.TrainRun{})
	c.settle()
	states := lead.states()
	if last := states[len(states)-1]; last != "done 24" || len(states) != 7 {
		t.Errorf("states %q", states)
	}
}

// TestChange: settings change for all at the same step, running or not.
func TestChange(t *testing.T) {
	open := openOf(strings.NewReplacer(`"schedule": "cosine", "warm_up": 4, `, ``, `"kl_warm_up": 6, `, ``).Replace(recipe))
	c := newWorkerGroup(t, 3, open)
	c.activate()
	lead := c.workers[0]
	rate, beta := 0.0007, 0.25
	lead.Ask(proto.TrainChange{Beta: &beta})
	lead.Queue(proto.TrainRun{Steps: 12})
	for lead.training.run.trainer.StepsTaken() < 5 {
		c.turn()
	}
	lead.Queue(proto.TrainChange{LearningRate: &rate})
	c.settle()
	c.sameWeights()
	points := lead.points()
	for i, p := range points {
		if p[5] != 0.25 || i < 5 && p[4] != 0.002 || i >= 8 && p[4] != 0.0007 {
			t.Errorf("step %d: %v", i+1, p)
		}
	}
	for _, w := range c.workers {
		if o := w.training.run.trainer.Options(); o.Beta != beta || o.LearningRate != rate {
			t.Errorf("a worker trains with %v and %v", o.LearningRate, o.Beta)
		}
	}
	for _, bad := range []float64{-1, 0, 1e9} {
		if a := lead.Ask(proto.TrainChange{LearningRate: &bad}); a.Head.Error == nil || a.Head.Error.Field != "learningRate" {
			t.Errorf("learning rate %v: %s", bad, a.Message.Head)
		}
	}
	if a := c.workers[1].Ask(proto.TrainChange{Beta: &beta}); a.Head.Error == nil || a.Head.Error.Code != proto.CodeNoTraining {
		t.Errorf("one who follows took a change: %s", a.Message.Head)
	}
}

// TestSurvivors: when one is lost in mid-step the others, brought together anew,
// come to where all would have.
func TestSurvivors(t *testing.T) {
	alone, _ := native(t)
	for lost := range 3 {
		c := newWorkerGroup(t, 3, openOf(recipe))
		c.activate()
		c.workers[0].Queue(proto.TrainRun{})
		for c.workers[0].training.run.trainer.StepsTaken() < 5 {
			c.turn()
		}
		c.workers[lost].frozen = true
		c.settle()
		c.workers = slices.Delete(c.workers, lost, lost+1)
		// The one with most steps leads.
		slices.SortFunc(c.workers, func(a, b *worker) int {
			return b.training.run.trainer.StepsTaken() - a.training.run.trainer.StepsTaken()
		})
		c.activate()
		c.sameWeights()
		lead := c.workers[0]
		lead.Ask(proto.TrainRun{})
		c.settle()
		c.sameWeights()
		if lead.training.run.trainer.StepsTaken() != 24 {
			t.Fatalf("%d steps", lead.training.run.trainer.StepsTaken())
		}
		for i, v := range lead.weights() {
			if d := math.Abs(float64(v - alone.Model().Arena().W[i])); d != 0 {
				t.Fatalf("worker %d lost: weight %d is %v off", lost, i, d)
			}
		}
	}
}

// TestLate: who is silent is told of, again and again, and nothing goes on.
func TestLate(t *testing.T) {
	c := newWorkerGroup(t, 3, openOf(recipe))
	c.activate()
	lead := c.workers[0]
	lead.Queue(proto.TrainRun{})
	for lead.training.run.trainer.StepsTaken() < 2 {
		c.turn()
	}
	c.workers[2].frozen = true
	c.settle()
	at := lead.training.run.trainer.StepsTaken()
	late := func() (n int) {
		for _, e := range lead.Events {
			if e.Type == proto.TypeTrainWorkersLate {
				if want := fmt.Sprintf(`{"type":"train-late","ranks":[2],"step":%d,"generation":1}`, at); e.Message.Head != want {
					t.Errorf("%s instead of %s", e.Message.Head, want)
				}
				n++
			}
		}
		return n
	}
	if late() != 0 {
		t.Fatal("told too early")
	}
	for i := 1; i <= 3; i++ {
		lead.clock += 4 * time.Second
		c.settle()
		c.settle() // once is enough for a while
		if late() != i {
			t.Fatalf("told %d times instead of %d", late(), i)
		}
	}
	// A port that is closed is told of at once, by whoever sees it.
	c.workers[1].Detach(c.workers[1].training.run.group.peers[2])
	if e := c.workers[1].Events; len(e) != 1 || e[0].Type != proto.TypeTrainWorkersLate {
		t.Errorf("a closed port: %v", e)
	}
	c.workers[2].frozen = false
	c.settle()
	c.sameWeights()
	if lead.training.run.trainer.StepsTaken() != 24 {
		t.Errorf("it did not go on: %d steps", lead.training.run.trainer.StepsTaken())
	}
}

// TestDiverges: a huge learning rate is undone by all alike, told of, and in the
// end named; lowered, it goes on.
func TestDiverges(t *testing.T) {
	open := openOf(strings.NewReplacer("0.002", "999", `"warm_up": 4, `, ``, `"epochs": 3`, `"epochs": 40`, "tanh", "relu").Replace(recipe))
	c := newWorkerGroup(t, 2, open)
	c.activate()
	lead := c.workers[0]
	lead.Ask(proto.TrainRun{})
	c.settle()
	c.sameWeights()
	var rollbacks, diverged int
	for _, e := range lead.Events {
		switch e.Type {
		case proto.TypeTrainRollback:
			var ev proto.TrainRollbackEvent
			if err := e.Fields(&ev); err != nil || ev.Layer == "" || ev.LearningRate >= 999 || ev.LearningRate <= 0 {
				t.Errorf("%s, %v", e.Message.Head, err)
			}
			rollbacks++
		case proto.TypeTrainState:
			var ev proto.TrainStateEvent
			if err := e.Fields(&ev); err == nil && ev.State == proto.StateDiverged {
				diverged++
				if ev.Why == nil || ev.Why.Code != proto.CodeDiverged || ev.Why.Field == "" {
					t.Errorf("%s", e.Message.Head)
				}
			}
		}
	}
	if rollbacks == 0 {
		t.Fatal("nothing was undone")
	}
	if diverged == 0 {
		t.Skip("it did not diverge with this rounding")
	}
	for _, v := range lead.weights() {
		if v-v != 0 {
			t.Fatal("a weight is no number")
		}
	}
	if a := lead.Ask(proto.TrainRun{}); a.Head.Error == nil || a.Head.Error.Code != proto.CodeDiverged {
		t.Errorf("it goes on: %s", a.Message.Head)
	}
	rate := 1e-3
	lead.Ask(proto.TrainChange{LearningRate: &rate})
	at := lead.training.run.trainer.StepsTaken()
	lead.Ask(proto.TrainRun{Steps: 5})
	c.settle()
	c.sameWeights()
	if lead.training.run.trainer.StepsTaken() != at+5 {
		t.Errorf("%d steps after %d", lead.training.run.trainer.StepsTaken(), at)
	}
}

// TestPausesDoNotMoveRollbacks: a run with undone steps goes on just the same
// after pauses, checkpoints, and when its group is formed anew; also in a new
// group that begins with a checkpoint. Then it ends at the same step.
func TestPausesDoNotMoveRollbacks(t *testing.T) {
	open := openOf(strings.NewReplacer("0.002", "999", `"warm_up": 4, `, `"optimizer": "sgd", `, `"epochs": 3`, `"epochs": 100`, "tanh", "relu", "bernoulli", "gaussian", `"schedule": "cosine", `, "").Replace(recipe))
	start := func() *workerGroup {
		c := newWorkerGroup(t, 2, open)
		c.activate()
		return c
	}
	// run trains the workerGroup's run and returns the heads of its rollbacks.
	run := func(c *workerGroup, steps int) (heads []string) {
		lead := c.workers[0]
		from := len(lead.Events)
		lead.Ask(proto.TrainRun{Steps: steps})
		c.settle()
		c.sameWeights()
		for _, e := range lead.Events[from:] {
			if e.Type == proto.TypeTrainRollback {
				heads = append(heads, e.Message.Head)
			}
		}
		return heads
	}
	ended := func(c *workerGroup) bool { return c.workers[0].training.run.diverged != nil }

	whole := start()
	want := run(whole, 0)
	if len(want) < 8 || !ended(whole) {
		t.Fatalf("%d steps were undone, and the run ended with %v", len(want), whole.workers[0].training.run.diverged)
	}
	checkpoint := func(c *workerGroup, latest bool) []byte {
		return c.workers[0].OK(&proto.TrainFileOK{}, proto.TrainCheckpoint{Latest: latest}).Buf(0)
	}
	for name, between := range map[string]func(c *workerGroup) *workerGroup{
		"pause":      func(c *workerGroup) *workerGroup { return c },
		"checkpoint": func(c *workerGroup) *workerGroup { checkpoint(c, true); return c },
		"regroup":    func(c *workerGroup) *workerGroup { c.activate(); return c },
		"join": func(c *workerGroup) *workerGroup { // the second worker is replaced
			c.workers = c.workers[:1]
			c.add(open)
			c.activate()
			return c
		},
		"restore": func(c *workerGroup) *workerGroup {
			file := checkpoint(c, false)
			fresh := &workerGroup{t: t}
			for range 2 {
				w := fresh.add(open)
				w.OK(&proto.TrainOpenOK{}, proto.TrainRestore{Data: trainData, Validation: validData}, file)
			}
			fresh.activate()
			return fresh
		},
	} {
		c := start()
		var got []string
		for !ended(c) && len(got) <= len(want) {
			got = append(got, run(c, 1)...)
			if !ended(c) {
				c = between(c)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s after each step: %d steps were undone instead of %d:\n%q\n%q", name, len(got), len(want), got, want)
		}
		if !slices.Equal(c.workers[0].weights(), whole.workers[0].weights()) {
			t.Errorf("%s after each step: other weights in the end", name)
		}
	}
}

// TestStrayMessages: messages of workers are taken only from the present group.
func TestStrayMessages(t *testing.T) {
	c := newWorkerGroup(t, 2, openOf(recipe))
	c.activate()
	lead, other := c.workers[0], c.workers[1]
	stranger := enginetest.NewClient(t)
	before := append([]float32(nil), lead.weights()...)
	n := len(before)
	for _, head := range []string{
		`{"type":"peer.operands","step":0}`,
		`{"type":"peer.slice","step":0}`,
		`{"type":"peer.state","step":5,"optSteps":5,"scale":1}`,
		`{"type":"peer.go","step":0}`,
	} {
		lead.Post(stranger, proto.Message{Head: head, Bufs: [][]byte{make([]byte, 4*n)}}, nil)
	}
	if len(lead.Logs) != 0 || len(stranger.Answers) != 0 {
		t.Errorf("strangers were heard: %q", lead.Logs)
	}
	port := lead.training.run.group.peers[1]
	for _, bad := range []struct {
		head string
		size int
	}{
		{`{"type":"peer.operands","step":7}`, 4 * n},
		{`{"type":"peer.operands","step":"x"}`, 4 * n},
		{`{"type":"peer.slice","step":7}`, 4 * n},
		{`{"type":"peer.slice","step":"x"}`, 4 * n},
		{`{"type":"peer.go","step":0}`, 0},
		{`{"type":"peer.state","step":0}`, 0},
	} {
		lead.Logs = nil
		lead.Post(port, proto.Message{Head: bad.head, Bufs: [][]byte{make([]byte, bad.size)}}, nil)
		if len(lead.Logs) != 1 {
			t.Errorf("%s was taken", bad.head)
		}
	}
	for _, bad := range []struct {
		rank       int
		generation int64
		port       engine.Client
		code       proto.Code
	}{{1, c.generation + 1, stranger, proto.CodeBadValue}, {0, c.generation, stranger, proto.CodeBadValue}, {2, c.generation, stranger, proto.CodeBadValue}, {1, c.generation, nil, proto.CodeBadMessage}} {
		if a := lead.Answers[lead.peer(bad.rank, bad.generation, bad.port)]; a.Head.Error == nil || a.Head.Error.Code != bad.code {
			t.Errorf("%+v: %s", bad, a.Message.Head)
		}
	}
	for _, bad := range []proto.TrainGroup{{Rank: 2, Size: 2, Generation: 9}, {Size: 1}, {Size: 99, Generation: 9}} {
		if a := lead.Ask(bad); a.Head.Error == nil || a.Head.Error.Code != proto.CodeBadValue {
			t.Errorf("%+v: %s", bad, a.Message.Head)
		}
	}
	lead.Ask(proto.TrainRun{Steps: 4})
	c.settle()
	c.sameWeights()
	if other.training.run.trainer.StepsTaken() != 4 {
		t.Errorf("%d steps", other.training.run.trainer.StepsTaken())
	}
}
