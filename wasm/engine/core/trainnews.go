package core

import (
	"time"

	"inkdrift/vae"
	"inkdrift/vae/train"
	"inkdrift/wasm/proto"
)

// newsEvery is how often clients are told of training.
const newsEvery = 100 * time.Millisecond

// firstTerm is where the further terms of the objective begin in a point; there is
// room for all.
const firstTerm = len(proto.TrainPoint{}) - vae.MaxOther

// news collects what there is to tell of the steps.
type news struct {
	points []proto.TrainPoint
	last   train.Event
	sent   time.Duration // when clients were told last

	trained time.Duration // before the last start
	since   time.Duration // of the last start
	going   bool

	images int // since the last start
	marks  []mark
}

// mark says how many images had been seen at a time.
type mark struct {
	at     time.Duration
	images int
}

func (n *news) start(now time.Duration) {
	n.since, n.going, n.sent = now, true, now
	n.images, n.marks = 0, append(n.marks[:0], mark{now, 0})
}

func (n *news) stop(now time.Duration) {
	if n.going {
		n.trained += now - n.since
		n.going = false
	}
}

// seconds is how long training has gone on in all.
func (n *news) seconds(now time.Duration) float64 {
	d := n.trained
	if n.going {
		d += now - n.since
	}
	return d.Seconds()
}

// rate is how many images a second were seen over the last second or so.
func (n *news) rate(now time.Duration) float64 {
	n.marks = append(n.marks, mark{now, n.images})
	const most = 11
	if len(n.marks) > most {
		n.marks = append(n.marks[:0], n.marks[len(n.marks)-most:]...)
	}
	first := n.marks[0]
	if now <= first.at {
		return 0
	}
	return float64(n.images-first.images) / (now - first.at).Seconds()
}

// add takes a step. Of too many, every second of the older ones goes.
func (n *news) add(ev train.Event) {
	undone := proto.Number(0)
	if ev.Undone {
		undone = 1
	}
	if len(n.points) == proto.MaxTrainPoints {
		kept := n.points[:0]
		for i := 1; i < proto.MaxTrainPoints; i += 2 {
			kept = append(kept, n.points[i])
		}
		n.points = kept
	}
	point := proto.TrainPoint{
		proto.Number(ev.Step), proto.Number(ev.Terms.Recon), proto.Number(ev.Terms.KL), proto.Number(ev.GradNorm),
		proto.Number(ev.LearningRate), proto.Number(ev.Beta), undone,
	}
	for i, v := range ev.Terms.Other {
		point[firstTerm+i] = proto.Number(v)
	}
	n.points = append(n.points, point)
	n.last = ev
	n.images += ev.Images
}

// tell keeps a step for the next word to the clients, and says that word if it
// is time.
func (t *training) tell(ev train.Event) {
	t.news.add(ev)
	if ev.Undone {
		layer := t.trainer.Model().Arena().NonFinite()
		if layer == "" {
			layer = "loss"
		}
		t.engine.broadcast(proto.Event(proto.TrainTroubleEvent{Step: ev.Step, Layer: layer, LearningRate: ev.LearningRate / 2}))
	}
	if t.now()-t.news.sent >= newsEvery {
		t.sendNews()
	}
}

// sendNews tells clients of the steps since the last time.
func (t *training) sendNews() {
	n, now := &t.news, t.now()
	if len(n.points) == 0 {
		return
	}
	n.sent = now
	t.engine.broadcast(proto.Event(proto.TrainEvent{
		Step: n.last.Step, Epoch: n.last.Epoch, Steps: t.trainer.Steps(), StepsPerEpoch: t.trainer.StepsPerEpoch(),
		Seconds: n.seconds(now), ImagesPerSecond: n.rate(now), Points: n.points,
	}))
	n.points = n.points[:0]
}
