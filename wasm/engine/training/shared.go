package training

import (
	"encoding/binary"
	"math"

	"inkdrift/wasm/proto"
)

// sharedExchange is how a group exchanges operands and slices through memory that
// its workers share. Each has a memory of its own, which it alone writes: a head,
// room for the gradient, of which it fills its slice, and for the operands of all, of
// which it fills its own. So everything lies there as in the memory of Go, and at
// addresses that eight divides if it does there: browsers copy eight bytes at a time
// then, else one by one, which takes ten times as long. When something is there
// whole, the number of the step (the steps taken before it, and 1) is stored in the
// head: what a worker that dies has not finished is never read.
//
// Nobody writes operands before all have read those of the step before: it has their
// slices then, which they compute from these; also who has no share tells when it
// would have put one there. And nobody writes a slice before all have
// read the one before: it has their operands of the next step then.
type sharedExchange struct {
	make  NewMemory
	own   proto.Memory
	peers []proto.Memory // by rank; nil: not come yet
	next  []proto.Memory // that replace them from the next step on
}

// The head of a memory.
const (
	wordOperands = 0 // the step whose operands are there
	wordSlice    = 1 // the step whose slice is there
	wordNext     = 2 // from the leader: steps may be taken up to this number
	byteSettings = 16
	headBytes    = 64
)

// gradientAt is where a part of the gradient lies.
func (r *run) gradientAt(i int) int { return headBytes + 4*i }

// operandsAt is where an operand lies.
func (r *run) operandsAt(i int) int {
	n := r.trainer.Model().NumParams()
	return headBytes + 4*(n+n&1+i)
}

// shareWait is how many milliseconds a worker waits at a time; then it looks for
// messages.
const shareWait = 4

func (r *run) onMemory(rank int, _ *proto.PeerMemory, msg proto.Message) error {
	x := r.group.shared
	if x == nil || msg.Memory == nil || msg.Memory.Len() < r.operandsAt(0) {
		return proto.Errorf(proto.CodeBadValue, "memory", "none is expected, or none has come")
	}
	if x.peers[rank] == nil {
		x.peers[rank] = msg.Memory
	} else {
		x.next[rank] = msg.Memory
	}
	return nil
}

// shareOperands puts the own operands into the own memory, which it makes if need be.
func (r *run) shareOperands(next *proto.LiveSettings) error {
	g, taken := &r.group, r.trainer.StepsTaken()
	x, need := g.shared, r.operandsAt(r.trainer.OperandsLen())
	if x.own == nil || x.own.Len() < need {
		m, err := x.make(need)
		if err != nil {
			return err
		}
		x.own = m
		msg, err := proto.Event(proto.PeerMemory{})
		if err != nil {
			return err
		}
		msg.Memory = m
		r.postPeers(msg)
	}
	r.trainer.Operands(g.rank, func(i int, part []float32) { x.own.Write(r.operandsAt(i), proto.ViewBytes(part)) })
	until := 0
	if next != nil {
		var b [16]byte
		binary.LittleEndian.PutUint64(b[:], math.Float64bits(next.LearningRate))
		binary.LittleEndian.PutUint64(b[8:], math.Float64bits(next.Beta))
		x.own.Write(byteSettings, b[:])
		until = taken + 2
	}
	x.own.Store(wordNext, int32(until))
	x.own.Store(wordOperands, int32(taken+1))
	g.told = r.now()
	return nil
}

// readOperands takes the operands of all others, and from the leader whether there
// will be another step.
func (r *run) readOperands() error {
	g, taken := &r.group, r.trainer.StepsTaken()
	for rank, m := range g.shared.peers {
		if rank == g.rank {
			continue
		}
		end := 0
		r.trainer.Operands(rank, func(i int, to []float32) {
			if end = max(end, r.operandsAt(i+len(to))); end <= m.Len() {
				m.Read(proto.ViewBytes(to), r.operandsAt(i))
			}
		})
		if end > m.Len() {
			return proto.Errorf(proto.CodeBadLength, "operands", "worker %d has memory for %d bytes instead of %d", rank, m.Len(), end)
		}
		if rank == 0 && int(m.Load(wordNext)) == taken+2 {
			var b [16]byte
			m.Read(b[:], byteSettings)
			g.until, g.settings = taken+2, proto.LiveSettings{
				LearningRate: math.Float64frombits(binary.LittleEndian.Uint64(b[:])),
				Beta:         math.Float64frombits(binary.LittleEndian.Uint64(b[8:])),
			}
		}
	}
	return nil
}

// shareSlice puts the own slice into the own memory.
func (r *run) shareSlice() {
	x := r.group.shared
	r.trainer.Slice(r.group.rank, func(i int, part []float32) { x.own.Write(r.gradientAt(i), proto.ViewBytes(part)) })
	x.own.Store(wordSlice, int32(r.trainer.StepsTaken()+1))
	r.group.told = r.now()
}

// readSlice reads the slice of a rank.
func (r *run) readSlice(rank int) {
	m := r.group.shared.peers[rank]
	r.trainer.Slice(rank, func(i int, to []float32) { m.Read(proto.ViewBytes(to), r.gradientAt(i)) })
}

// has reports whether a rank has put its operands, or its slice, of the next step
// into its memory.
func (x *sharedExchange) has(rank, taken int, slice bool) bool {
	if m := x.next[rank]; m != nil && !slice {
		x.peers[rank], x.next[rank] = m, nil
	}
	m := x.peers[rank]
	return m != nil && m.Load(word(slice)) == int32(taken+1)
}

func word(slice bool) int {
	if slice {
		return wordSlice
	}
	return wordOperands
}

// await waits a while for the first of those that are missing, and reports whether
// there is one to wait for: else its memory comes with a message.
func (x *sharedExchange) await(missing []int, taken int, slice bool) bool {
	m := x.peers[missing[0]]
	if m == nil {
		return false
	}
	if v := m.Load(word(slice)); v != int32(taken+1) {
		m.Wait(word(slice), v, shareWait)
	}
	return true
}
