package core

import (
	"fmt"
	"slices"
	"time"

	"gonum.org/v1/gonum/blas/blas32"

	"inkdrift/vae/train"
	"inkdrift/wasm/proto"
)

// group is the workers that train together. All hold the same model and the same
// state of the optimiser; each computes its share of a batch, sends the gradient
// to all others, adds up all shares in the order of the ranks and takes the step.
// So weights never travel but at the beginning, and all stay identical.
//
// The leader, rank 0, says with its gradient whether there will be another step;
// the others follow. Who has all gradients of a step may go on to the next while
// others still wait, but no further: two steps are on their way at most.
type group struct {
	rank, size int
	generation int64
	peers      []Client // by rank; nil: this worker, or the port has not come yet
	stands     bool     // all ports are there, and the state is the leader's
	forming    *task    // waits for the group to stand
	state      *proto.Message

	until    int // steps may be taken up to this number
	settings proto.Settings
	computed bool               // the own share of the next step
	parts    [2][]proto.Message // gradients by rank, of steps with even and odd number
	heads    [2][]train.ShareResult
	own      train.ShareResult

	told     time.Duration // when the own share was sent, or silent workers were last told of
	stepTime time.Duration // of a step, smoothed
	last     time.Duration // when the last step was taken; 0: training stood still since
}

// join takes a train.group. It happens at once, so that nothing from the new
// ports can come before.
func (e *Engine) join(t *task) {
	var r proto.TrainGroup
	if err := t.fields(&r); err != nil {
		e.fail(t, err)
		return
	}
	run, err := e.run()
	if err != nil {
		e.fail(t, err)
		return
	}
	if run.group.rank != 0 {
		o := run.trainer.Options()
		run.wanted = proto.Settings{LearningRate: o.LearningRate, Beta: o.Beta}
	}
	run.leave()
	g := group{rank: r.Rank, size: r.Size, generation: r.Generation, forming: t, peers: make([]Client, r.Size)}
	for i := range g.parts {
		g.parts[i], g.heads[i] = make([]proto.Message, r.Size), make([]train.ShareResult, r.Size)
	}
	run.group = g
}

// meet takes a train.peer.
func (e *Engine) meet(t *task) {
	var r proto.TrainPeer
	err := t.msg.Fields(&r)
	run := e.training
	switch {
	case err != nil:
	case t.further == nil:
		err = proto.Errorf(proto.CodeBadMessage, "port", "no MessagePort came with the message")
	case run == nil:
		err = errNoTraining
	case r.Generation != run.group.generation:
		err = proto.Errorf(proto.CodeBadValue, "generation", "%d is not the present group, %d", r.Generation, run.group.generation)
	case r.Rank < 0 || r.Rank >= run.group.size || r.Rank == run.group.rank:
		err = proto.Errorf(proto.CodeBadValue, "rank", "%d is no other worker of the group of %d", r.Rank, run.group.size)
	}
	if err != nil {
		hangUp(t.further)
		e.fail(t, err)
		return
	}
	hangUp(run.group.peers[r.Rank])
	run.group.peers[r.Rank] = t.further
	if t.id > 0 {
		e.send(t.client, proto.OK(t.id, nil))
	}
}

// leave ends the group.
func (t *training) leave() {
	for _, p := range t.group.peers {
		hangUp(p)
	}
	for i := range t.group.parts {
		for rank := range t.group.parts[i] {
			t.release(i, rank)
		}
	}
	if f := t.group.forming; f != nil {
		t.engine.fail(f, proto.Errorf(proto.CodeNoTraining, "", "the group was given up"))
	}
	t.group = group{size: 1}
	if t.running {
		t.news.stop(t.now())
		t.running = false
	}
	t.answerPause()
}

// hangUp closes a port.
func hangUp(c Client) {
	if c, ok := c.(interface{ Close() }); ok {
		c.Close()
	}
}

// fromPeer takes a message that another worker sent, and tells whether it was one.
// Those of former groups are dropped.
func (e *Engine) fromPeer(c Client, h proto.Head, m proto.Message) bool {
	switch h.Type {
	case proto.TypePeerState, proto.TypePeerGo, proto.TypePeerGradient:
	default:
		return false
	}
	t := e.training
	if t == nil {
		return true
	}
	rank := slices.Index(t.group.peers, c)
	if rank < 0 {
		return true
	}
	if err := t.hear(rank, h.Type, m); err != nil {
		e.opt.Log(fmt.Sprintf("a message of worker %d was dropped: %v", rank, err))
	}
	return true
}

// hear takes a message of the worker of that rank.
func (t *training) hear(rank int, typ string, m proto.Message) error {
	g := &t.group
	if typ != proto.TypePeerGradient && rank != 0 {
		return proto.Errorf(proto.CodeBadValue, "type", "%s is for the leader to send", typ)
	}
	switch typ {
	case proto.TypePeerState:
		g.state = &m
		return nil
	case proto.TypePeerGo:
		var head proto.PeerGo
		if err := m.Fields(&head); err != nil {
			return err
		}
		if g.stands && head.Step != t.trainer.StepsTaken() {
			return proto.Errorf(proto.CodeBadValue, "step", "%d: this worker has taken %d", head.Step, t.trainer.StepsTaken())
		}
		g.until, g.settings = head.Step+1, head.Settings
		return nil
	}
	var head proto.PeerGradient
	if err := m.Fields(&head); err != nil {
		return err
	}
	if n := 4 * t.trainer.Model().NumParams(); len(m.Buf(0)) != n {
		return proto.Errorf(proto.CodeBadLength, "gradient", "%d bytes instead of %d", len(m.Buf(0)), n)
	}
	// Before the group stands the state may still be an older one.
	if taken := t.trainer.StepsTaken(); g.stands && head.Step != taken && head.Step != taken+1 {
		return proto.Errorf(proto.CodeBadValue, "step", "%d: this worker has taken %d", head.Step, taken)
	}
	part := train.ShareResult{Images: head.Images, Recon: float64(head.Recon), KL: float64(head.KL)}
	if len(head.Other) > len(part.Other) {
		return proto.Errorf(proto.CodeBadLength, "other", "%d terms, at most %d", len(head.Other), len(part.Other))
	}
	for i, v := range head.Other {
		part.Other[i] = float64(v)
	}
	slot := head.Step & 1
	g.parts[slot][rank], g.heads[slot][rank] = m, part
	if rank == 0 && head.Next != nil {
		g.until, g.settings = head.Step+2, *head.Next
	}
	return nil
}

// form brings the group to stand, if all is there for that. It tells whether
// anything happened.
func (t *training) form() (bool, error) {
	g := &t.group
	for rank, p := range g.peers {
		if p == nil && rank != g.rank {
			return false, nil
		}
	}
	if g.rank != 0 {
		if g.state == nil {
			return false, nil
		}
		if err := t.adopt(*g.state); err != nil {
			return false, err
		}
		g.state = nil
	} else {
		if err := t.hand(); err != nil {
			return false, err
		}
		g.until = t.trainer.StepsTaken()
	}
	g.stands = true
	if g.forming != nil {
		if g.forming.id > 0 {
			t.engine.send(g.forming.client, proto.OK(g.forming.id, proto.TrainStatusOK{Step: t.trainer.StepsTaken(), Generation: g.generation}))
		}
		g.forming = nil
	}
	return true, nil
}

// hand gives the leader's state to all others.
func (t *training) hand() error {
	s, o := t.trainer.Sync(), t.trainer.Options()
	head := proto.PeerState{
		Settings: proto.Settings{LearningRate: o.LearningRate, Beta: o.Beta},
		Step:     s.Step, OptSteps: s.OptSteps, Scale: s.Scale,
	}
	bufs := [][]byte{proto.ViewBytes(s.W), proto.ViewBytes(s.M)}
	if s.V != nil {
		bufs = append(bufs, proto.ViewBytes(s.V))
	}
	return t.tellPeers(head, bufs...)
}

// adopt takes the leader's state.
func (t *training) adopt(m proto.Message) error {
	var head proto.PeerState
	if err := m.Fields(&head); err != nil {
		return err
	}
	if err := t.take(head.Settings); err != nil {
		return err
	}
	s := train.State{Step: head.Step, OptSteps: head.OptSteps, Scale: head.Scale,
		W: proto.ViewFloats(m.Buf(0)), M: proto.ViewFloats(m.Buf(1))}
	if len(m.Bufs) > 2 {
		s.V = proto.ViewFloats(m.Buf(2))
	}
	err := t.trainer.Restore(s)
	for _, b := range m.Bufs {
		t.engine.opt.Recycle(b)
	}
	return err
}

// take makes settings those of the next step.
func (t *training) take(s proto.Settings) error {
	o := t.trainer.Options()
	if s == (proto.Settings{LearningRate: o.LearningRate, Beta: o.Beta}) {
		return nil
	}
	return t.trainer.Change(train.Changes{LearningRate: &s.LearningRate, Beta: &s.Beta})
}

// tellPeers sends an event to all others of the group.
func (t *training) tellPeers(body proto.Body, bufs ...[]byte) error {
	m, err := proto.Event(body, bufs...)
	if err != nil {
		return err
	}
	for _, p := range t.group.peers {
		if p == nil {
			continue
		}
		// A dead port is told of by what does not come back.
		if err := p.Send(m); err != nil {
			t.engine.opt.Log(fmt.Sprintf("a worker cannot be reached: %v", err))
		}
	}
	return nil
}

// compute does the own share of the next step and sends it.
func (t *training) compute() error {
	g, taken := &t.group, t.trainer.StepsTaken()
	if err := t.take(g.settings); err != nil {
		return err
	}
	part, err := t.trainer.Compute(g.rank, g.size)
	if err != nil {
		return err
	}
	g.own, g.computed, g.told = part, true, t.now()
	head := proto.PeerGradient{Step: taken, Images: part.Images, Recon: proto.Number(part.Recon), KL: proto.Number(part.KL)}
	if n := len(t.trainer.TermNames()); n > 0 {
		head.Other = proto.Numbers(part.Other[:n])
	}
	if g.rank == 0 && t.goesOn(taken+1) {
		g.until = taken + 2
		g.settings = t.wanted
		head.Next = &g.settings
	}
	if g.size == 1 {
		return nil
	}
	if err := t.tellPeers(head, proto.ViewBytes(t.trainer.Model().Arena().G)); err != nil {
		return err
	}
	t.engine.opt.Alarm(t.patience())
	return nil
}

// complete tells whether all shares of the next step are there.
func (g *group) complete(taken int) bool {
	for rank := range g.peers {
		if rank != g.rank && g.parts[taken&1][rank].Bufs == nil {
			return false
		}
	}
	return true
}

// add makes the gradient the sum of all shares, in the order of the ranks, and
// gives the sum of the parts.
func (t *training) add() train.ShareResult {
	g, slot, own := &t.group, t.trainer.StepsTaken()&1, t.trainer.Model().Arena().G
	if g.size == 1 {
		return g.own
	}
	g.heads[slot][g.rank] = g.own
	var whole train.ShareResult
	var before []float32 // the sum of the shares before the own one
	for rank := range g.size {
		whole.Add(g.heads[slot][rank])
		if rank == g.rank {
			if before != nil {
				addTo(own, before)
			}
			continue
		}
		share := proto.ViewFloats(g.parts[slot][rank].Buf(0))
		switch {
		case rank > g.rank:
			addTo(own, share)
		case before == nil:
			before = share
		default:
			addTo(before, share)
		}
	}
	for rank := range g.size {
		t.release(slot, rank)
	}
	return whole
}

// addTo adds x to sum; which of two is added to the other makes no difference to
// any bit.
func addTo(sum, x []float32) {
	blas32.Axpy(1, blas32.Vector{N: len(x), Inc: 1, Data: x}, blas32.Vector{N: len(sum), Inc: 1, Data: sum})
}

// release gives the memory of a share back.
func (t *training) release(slot, rank int) {
	m := &t.group.parts[slot][rank]
	for _, b := range m.Bufs {
		t.engine.opt.Recycle(b)
	}
	*m = proto.Message{}
}

// patience is how long others may take for a step.
func (t *training) patience() time.Duration {
	return max(3*time.Second, 20*t.group.stepTime)
}

// checkLate tells of silent workers; for the leader.
func (t *training) checkLate() {
	g := &t.group
	if g.rank != 0 || !g.computed || g.size == 1 {
		return
	}
	if left := g.told + t.patience() - t.now(); left > 0 {
		t.engine.opt.Alarm(left)
		return
	}
	g.told = t.now()
	t.engine.opt.Alarm(t.patience())
	ranks, slot := []int{}, t.trainer.StepsTaken()&1
	for rank := range g.size {
		if rank != g.rank && g.parts[slot][rank].Bufs == nil {
			ranks = append(ranks, rank)
		}
	}
	t.tellLate(ranks)
}

// lost takes that a port is closed on its other side. Not every browser tells.
func (t *training) lost(c Client) {
	if rank := slices.Index(t.group.peers, c); rank >= 0 {
		t.tellLate([]int{rank})
	}
}

func (t *training) tellLate(ranks []int) {
	t.engine.broadcast(proto.Event(proto.TrainLateEvent{Ranks: ranks, Step: t.trainer.StepsTaken(), Generation: t.group.generation}))
}
