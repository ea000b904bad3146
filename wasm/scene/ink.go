package scene

import "inkdrift/wasm/proto"

// Capsule is a piece of a stroke: all that is covered by a disc which moves from
// one point to another while its radius changes evenly. In pad units.
type Capsule struct{ X0, Y0, R0, X1, Y1, R1 float32 }

// Ink is what was drawn on a pad, as capsules: one from each point of a stroke
// to the next.
//
// While somebody draws, only the end of the last stroke changes. So that a
// painter need not paint all again, the first Settled capsules stay as they are
// for as long as Epoch is the same, and Settled only grows; those after them may
// be others with every change.
type Ink struct {
	Epoch    int
	Capsules []Capsule
	Settled  int

	strokes []proto.Stroke
	starts  []int // of each stroke in Capsules
}

// liveLimit is how many capsules may be unsettled before those that have not
// changed recently are settled. Settling a few at a time would gain nothing,
// and would leave a seam after each batch, because a painter smooths the edges
// of each batch.
const liveLimit = 96

// set replaces the content and reports whether it is another.
func (k *Ink) set(strokes []proto.Stroke) bool {
	// All strokes before stroke same are as they were, and so are the first points
	// of that one.
	same := 0
	for same < len(strokes) && same < len(k.strokes) && points(strokes[same], k.strokes[same]) == len(k.strokes[same].Points) &&
		len(strokes[same].Points) == len(k.strokes[same].Points) {
		same++
	}
	if same == len(strokes) && same == len(k.strokes) {
		return false
	}
	kept := len(k.Capsules)
	if same < len(k.strokes) {
		kept = k.starts[same]
		if same < len(strokes) {
			// The last of several points has a capsule that leads to it.
			kept += max(points(strokes[same], k.strokes[same])-1, 0)
		}
		k.Capsules = k.Capsules[:k.starts[same]]
		k.starts = k.starts[:same]
	}
	if kept < k.Settled {
		k.Epoch++
		k.Settled = 0
	}
	for _, s := range strokes[same:] {
		k.starts = append(k.starts, len(k.Capsules))
		k.Capsules = appendStroke(k.Capsules, s)
	}
	k.strokes = strokes
	if kept = min(kept, len(k.Capsules)); kept-k.Settled > liveLimit {
		k.Settled = kept
	}
	return true
}

// points gives the number of points from the start in which two strokes agree.
func points(a, b proto.Stroke) int {
	if a.Width != b.Width {
		return 0
	}
	n := 0
	for n < len(a.Points) && n < len(b.Points) && a.Points[n] == b.Points[n] {
		n++
	}
	return n
}

// appendStroke appends a stroke's capsules; a single point is a dot.
func appendStroke(to []Capsule, s proto.Stroke) []Capsule {
	p := s.Points
	if len(p) == 1 {
		p = append(p[:1:1], p[0])
	}
	for i := 1; i < len(p); i++ {
		a, b := p[i-1], p[i]
		to = append(to, Capsule{a.X, a.Y, s.Width * a.P / 2, b.X, b.Y, s.Width * b.P / 2})
	}
	return to
}
