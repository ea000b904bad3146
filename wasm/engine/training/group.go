package training

import (
	"fmt"
	"slices"
	"time"

	"inkdrift/vae/train"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/proto"
)

// group is the workers that train together. All hold the same model and the same
// state of the optimiser. Each runs its share of a batch forward and backward and
// sends all others what gradients are made of (see nn.Reduction); each then
// computes a slice of the gradient of the whole batch, sends that, and takes the
// step with all slices. So weights never travel but at the beginning, and all
// stay identical, with the bits of one worker alone.
//
// The leader, rank 0, says with its operands whether there will be another step;
// the others follow. Who has all slices of a step may go on to the next while
// others still wait, but no further: operands of two steps are on their way at
// most.
type group struct {
	rank, size int
	generation int64
	peers      []engine.Client  // by rank; nil: this worker, or the port has not come yet
	active     bool             // all ports have come, and the state is the leader's
	forming    *engine.Task     // the train.group, answered when the group is active
	state      *proto.PeerState // of the leader, until it is loaded
	stateBufs  [][]byte

	until    int // steps may be taken up to this number
	settings proto.LiveSettings
	computed bool               // the own share of the next step
	reduced  bool               // the own slice of its gradient
	operands [2][]proto.Message // by rank, of steps with even and odd number
	slices   []proto.Message    // by rank, of the next step
	out      []float32          // operands or a slice on their way out
	shared   *sharedExchange    // in place of those messages; nil: there is none

	told     time.Duration // when the others were last sent something, or silent workers were last reported
	stepTime time.Duration // of a step, smoothed
	last     time.Duration // when the last step was taken; 0: training has paused since
}

// onGroup takes a train.group.
func (s *service) onGroup(t *engine.Task, q *proto.TrainGroup) error {
	r := s.run
	if r == nil {
		return errNoTraining
	}
	if r.group.rank != 0 {
		r.wanted = r.settings()
	}
	r.leave()
	g := group{rank: q.Rank, size: q.Size, generation: q.Generation, forming: t, peers: make([]engine.Client, q.Size)}
	g.operands = [2][]proto.Message{make([]proto.Message, q.Size), make([]proto.Message, q.Size)}
	g.slices = make([]proto.Message, q.Size)
	if q.Shared && q.Size > 1 {
		if s.newMemory == nil {
			return proto.Errorf(proto.CodeBadValue, "shared", "this worker cannot share memory")
		}
		g.shared = &sharedExchange{make: s.newMemory, peers: make([]proto.Memory, q.Size), next: make([]proto.Memory, q.Size)}
	}
	r.group = g
	return nil
}

// onPeer takes a train.peer.
func (s *service) onPeer(t *engine.Task, q *proto.TrainPeer) error {
	r := s.run
	switch {
	case t.Port == nil:
		return proto.Errorf(proto.CodeBadMessage, "port", "no MessagePort came with the message")
	case r == nil:
		return errNoTraining
	case q.Generation != r.group.generation:
		return proto.Errorf(proto.CodeBadValue, "generation", "%d is not the present group, %d", q.Generation, r.group.generation)
	case q.Rank < 0 || q.Rank >= r.group.size || q.Rank == r.group.rank:
		return proto.Errorf(proto.CodeBadValue, "rank", "%d is no other worker of the group of %d", q.Rank, r.group.size)
	}
	engine.Close(r.group.peers[q.Rank])
	r.group.peers[q.Rank] = t.Port
	s.engine.Answer(t, nil)
	return nil
}

// leave ends the group.
func (r *run) leave() {
	for _, p := range r.group.peers {
		engine.Close(p)
	}
	r.release(r.group.operands[0])
	r.release(r.group.operands[1])
	r.release(r.group.slices)
	if f := r.group.forming; f != nil {
		r.engine.Fail(f, proto.Errorf(proto.CodeNoTraining, "", "the group was given up"))
	}
	r.group = group{size: 1}
	if r.running {
		r.progress.stop(r.now())
		r.running = false
	}
	r.answerPause()
}

// onPeerMessage registers a message that the workers of a group send to each other.
// Those that come from elsewhere, such as from former groups, are dropped.
func onPeerMessage[M any](s *service, typ string, receive func(r *run, rank int, m *M, msg proto.Message) error) engine.Registration {
	return engine.Receive(typ, func(t *engine.Task, m *M) error {
		if s.run == nil {
			return nil
		}
		rank := slices.Index(s.run.group.peers, t.Client)
		if rank < 0 {
			return nil
		}
		if err := receive(s.run, rank, m, t.Msg); err != nil {
			return fmt.Errorf("%s of worker %d: %w", typ, rank, err)
		}
		return nil
	})
}

var errNotLeader = proto.Errorf(proto.CodeBadValue, "type", "only the leader sends this")

func (r *run) onState(rank int, m *proto.PeerState, msg proto.Message) error {
	if rank != 0 {
		return errNotLeader
	}
	r.group.state, r.group.stateBufs = m, msg.Bufs
	return nil
}

func (r *run) onGo(rank int, m *proto.PeerGo, _ proto.Message) error {
	g := &r.group
	if rank != 0 {
		return errNotLeader
	}
	if g.active && m.Step != r.trainer.StepsTaken() {
		return proto.Errorf(proto.CodeBadValue, "step", "%d: this worker has taken %d", m.Step, r.trainer.StepsTaken())
	}
	g.until, g.settings = m.Step+1, m.LiveSettings
	return nil
}

func (r *run) onOperands(rank int, m *proto.PeerOperands, msg proto.Message) error {
	g := &r.group
	if len(msg.Bufs) != 1 {
		return proto.Errorf(proto.CodeBadLength, "bufs", "%d buffers instead of one", len(msg.Bufs))
	}
	// Before the group is active the state may still be an older one.
	if taken := r.trainer.StepsTaken(); g.active && m.Step != taken && m.Step != taken+1 {
		return proto.Errorf(proto.CodeBadValue, "step", "%d: this worker has taken %d", m.Step, taken)
	}
	g.operands[m.Step&1][rank] = proto.Message{Bufs: msg.Bufs}
	if rank == 0 && m.Next != nil {
		g.until, g.settings = m.Step+2, *m.Next
	}
	return nil
}

func (r *run) onSlice(rank int, m *proto.PeerSlice, msg proto.Message) error {
	g := &r.group
	if len(msg.Bufs) != 1 {
		return proto.Errorf(proto.CodeBadLength, "bufs", "%d buffers instead of one", len(msg.Bufs))
	}
	if taken := r.trainer.StepsTaken(); m.Step != taken {
		return proto.Errorf(proto.CodeBadValue, "step", "%d: this worker has taken %d", m.Step, taken)
	}
	g.slices[rank] = proto.Message{Bufs: msg.Bufs}
	return nil
}

// activate makes the group active once all its ports and the leader's state have
// come. It reports whether anything happened.
func (r *run) activate() (bool, error) {
	g := &r.group
	for rank, p := range g.peers {
		if p == nil && rank != g.rank {
			return false, nil
		}
	}
	if g.rank != 0 {
		if g.state == nil {
			return false, nil
		}
		if err := r.loadState(g.state, g.stateBufs); err != nil {
			return false, err
		}
		g.state, g.stateBufs = nil, nil
	} else {
		if err := r.sendState(); err != nil {
			return false, err
		}
		g.until = r.trainer.StepsTaken()
	}
	g.active = true
	if g.forming != nil {
		r.engine.Answer(g.forming, proto.TrainStatusOK{Step: r.trainer.StepsTaken(), Generation: g.generation})
		g.forming = nil
	}
	return true, nil
}

// sendState sends the leader's state to all others.
func (r *run) sendState() error {
	s := r.trainer.State()
	head := proto.PeerState{LiveSettings: r.settings(), StateHead: stateHead(&s), UndoneSteps: s.UndoneSteps}
	bufs := stateBytes(&s)
	if s.Snapshot != nil {
		snap := stateHead(s.Snapshot)
		head.Snapshot = &snap
		bufs = append(bufs, stateBytes(s.Snapshot)...)
	}
	return r.sendPeers(head, bufs...)
}

func stateHead(s *train.State) proto.StateHead {
	return proto.StateHead{Step: s.Step, OptSteps: s.OptSteps, Scale: s.Scale}
}

// stateBytes are the buffers of a state: as many as the optimiser needs, and the
// average of the weights where there is one.
func stateBytes(s *train.State) [][]byte {
	bufs := [][]byte{proto.ViewBytes(s.W), proto.ViewBytes(s.M)}
	for _, more := range [][]float32{s.V, s.Average} {
		if more != nil {
			bufs = append(bufs, proto.ViewBytes(more))
		}
	}
	return bufs
}

// newState is the reverse of stateHead and stateBytes, in a run with options o.
func newState(h proto.StateHead, bufs [][]byte, o train.Options) train.State {
	s := train.State{Step: h.Step, OptSteps: h.OptSteps, Scale: h.Scale}
	parts := []*[]float32{&s.W, &s.M}
	if o.Optimizer != train.SGD {
		parts = append(parts, &s.V)
	}
	for i, dst := range append(parts, &s.Average) {
		if i < len(bufs) {
			*dst = proto.ViewFloats(bufs[i])
		}
	}
	return s
}

// loadState replaces the own state by the leader's.
func (r *run) loadState(m *proto.PeerState, bufs [][]byte) error {
	if err := r.applySettings(m.LiveSettings); err != nil {
		return err
	}
	own := bufs
	if m.Snapshot != nil {
		own = bufs[:len(bufs)/2]
	}
	s := newState(m.StateHead, own, r.trainer.Options())
	if m.Snapshot != nil {
		snap := newState(*m.Snapshot, bufs[len(own):], r.trainer.Options())
		s.Snapshot, s.UndoneSteps = &snap, m.UndoneSteps
	}
	err := r.trainer.Restore(s)
	for _, b := range bufs {
		r.engine.Recycle(b)
	}
	return err
}

// settings are those that the trainer has now.
func (r *run) settings() proto.LiveSettings {
	o := r.trainer.Options()
	return proto.LiveSettings{LearningRate: o.LearningRate, Beta: o.Beta}
}

// applySettings makes settings those of the next step.
func (r *run) applySettings(s proto.LiveSettings) error {
	if s == r.settings() {
		return nil
	}
	return r.trainer.Change(train.Changes{LearningRate: &s.LearningRate, Beta: &s.Beta})
}

// sendPeers sends an event to all others of the group.
func (r *run) sendPeers(body proto.Body, bufs ...[]byte) error {
	m, err := proto.Event(body, bufs...)
	if err != nil {
		return err
	}
	r.postPeers(m)
	return nil
}

// postPeers sends a message to all others of the group.
func (r *run) postPeers(m proto.Message) {
	for _, p := range r.group.peers {
		if p == nil {
			continue
		}
		// A dead port is noticed by what does not come back.
		if err := p.Send(m); err != nil {
			r.engine.Log(fmt.Sprintf("a worker cannot be reached: %v", err))
		}
	}
}

// compute does the own share of the next step and sends what came of it.
func (r *run) compute() error {
	g, taken := &r.group, r.trainer.StepsTaken()
	if err := r.applySettings(g.settings); err != nil {
		return err
	}
	if err := r.trainer.Compute(g.rank, g.size); err != nil {
		return err
	}
	g.computed = true
	head := proto.PeerOperands{Step: taken}
	if g.rank == 0 && r.continues(taken+1) {
		g.until = taken + 2
		g.settings = r.wanted
		head.Next = &g.settings
	}
	switch {
	case g.size == 1:
		g.reduced = true
		return nil
	case g.shared != nil:
		return r.shareOperands(head.Next)
	}
	g.out = g.out[:0]
	r.trainer.Operands(g.rank, func(_ int, x []float32) { g.out = append(g.out, x...) })
	return r.tell(head, proto.ViewBytes(g.out))
}

// tell sends all others something that they wait for.
func (r *run) tell(body proto.Body, buf []byte) error {
	if err := r.sendPeers(body, buf); err != nil {
		return err
	}
	r.group.told = r.now()
	r.engine.Alarm(r.patience())
	return nil
}

// reduce takes the operands of all others, computes the own slice of the gradient
// and sends it.
func (r *run) reduce() error {
	g := &r.group
	take := r.takeOperands
	if g.shared != nil {
		take = r.readOperands
	}
	if err := take(); err != nil {
		return err
	}
	r.trainer.Reduce()
	g.reduced = true
	if g.shared != nil {
		r.shareSlice()
		return nil
	}
	g.out = g.out[:0]
	r.trainer.Slice(g.rank, func(_ int, x []float32) { g.out = append(g.out, x...) })
	if len(g.out) == 0 {
		return nil
	}
	return r.tell(proto.PeerSlice{Step: r.trainer.StepsTaken()}, proto.ViewBytes(g.out))
}

// hasSlice reports whether a rank reduces a part of the gradient.
func (r *run) hasSlice(rank int) (has bool) {
	r.trainer.Slice(rank, func(int, []float32) { has = true })
	return has
}

// takeOperands takes the operands out of messages.
func (r *run) takeOperands() error {
	g := &r.group
	all := g.operands[r.trainer.StepsTaken()&1]
	for rank := range all {
		if rank == g.rank {
			continue
		}
		x, missing := proto.ViewFloats(all[rank].Buf(0)), 0
		r.trainer.Operands(rank, func(_ int, to []float32) {
			n := copy(to, x)
			x, missing = x[n:], missing+len(to)-n
		})
		if missing > 0 || len(x) > 0 && r.hasSlice(g.rank) {
			return proto.Errorf(proto.CodeBadLength, "operands", "worker %d sent %d numbers too many and %d too few", rank, len(x), missing)
		}
	}
	r.release(all)
	return nil
}

// takeSlices puts the slices of all others into the gradient.
func (r *run) takeSlices() error {
	g := &r.group
	for rank := range g.size {
		switch {
		case rank == g.rank:
			continue
		case g.shared != nil:
			r.readSlice(rank)
			continue
		}
		x, missing := proto.ViewFloats(g.slices[rank].Buf(0)), 0
		r.trainer.Slice(rank, func(_ int, to []float32) {
			n := copy(to, x)
			x, missing = x[n:], missing+len(to)-n
		})
		if missing > 0 || len(x) > 0 {
			return proto.Errorf(proto.CodeBadLength, "gradient", "worker %d sent %d numbers too many and %d too few", rank, len(x), missing)
		}
	}
	r.release(g.slices)
	return nil
}

// missing reports which workers have not sent what is needed to go on.
func (r *run) missing() (ranks []int) {
	g := &r.group
	for rank := range g.size {
		switch {
		case rank == g.rank:
		case g.shared != nil: // an empty slice tells that operands were read
			if !g.shared.has(rank, r.trainer.StepsTaken(), g.reduced) {
				ranks = append(ranks, rank)
			}
		case !g.reduced && g.operands[r.trainer.StepsTaken()&1][rank].Bufs == nil,
			g.reduced && g.slices[rank].Bufs == nil && r.hasSlice(rank):
			ranks = append(ranks, rank)
		}
	}
	return ranks
}

// release recycles the memory of messages.
func (r *run) release(all []proto.Message) {
	for i, m := range all {
		for _, b := range m.Bufs {
			r.engine.Recycle(b)
		}
		all[i] = proto.Message{}
	}
}

// patience is how long others may take for a step.
func (r *run) patience() time.Duration {
	return max(3*time.Second, 20*r.group.stepTime)
}

// checkLate reports silent workers; for the leader.
func (r *run) checkLate() {
	g := &r.group
	if g.rank != 0 || !g.computed || g.size == 1 {
		return
	}
	if left := g.told + r.patience() - r.now(); left > 0 {
		r.engine.Alarm(left)
		return
	}
	g.told = r.now()
	r.engine.Alarm(r.patience())
	r.reportLate(r.missing())
}

// onPortClosed takes that the other side of a port has gone. Not every browser tells.
func (s *service) onPortClosed(c engine.Client) {
	if s.run == nil {
		return
	}
	if rank := slices.Index(s.run.group.peers, c); rank >= 0 {
		s.run.reportLate([]int{rank})
	}
}

func (r *run) reportLate(ranks []int) {
	r.engine.Broadcast(proto.Event(proto.TrainWorkersLateEvent{Ranks: ranks, Step: r.trainer.StepsTaken(), Generation: r.group.generation}))
}
