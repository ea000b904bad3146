package training

import (
	"time"

	"inkdrift/vae"
	"inkdrift/vae/train"
	"inkdrift/wasm/proto"
)

// progressEvery is how often clients get an event about training.
const progressEvery = 100 * time.Millisecond

// firstTerm is where the further terms of the objective begin in a point; there is
// room for all.
const firstTerm = len(proto.TrainPoint{}) - vae.MaxOther

// progress collects what clients are told about the steps.
type progress struct {
	points []proto.TrainPoint
	last   train.Event
	sent   time.Duration // when clients got the last event

	trained time.Duration // before the last start
	since   time.Duration // of the last start
	running bool

	images int // since the last start
	marks  []mark
}

// mark says how many images had been seen at a time.
type mark struct {
	at     time.Duration
	images int
}

func (p *progress) start(now time.Duration) {
	p.since, p.running, p.sent = now, true, now
	p.images, p.marks = 0, append(p.marks[:0], mark{now, 0})
}

func (p *progress) stop(now time.Duration) {
	if p.running {
		p.trained += now - p.since
		p.running = false
	}
}

// seconds is how long training has lasted in all.
func (p *progress) seconds(now time.Duration) float64 {
	d := p.trained
	if p.running {
		d += now - p.since
	}
	return d.Seconds()
}

// rate is how many images a second were seen over the last second or so.
func (p *progress) rate(now time.Duration) float64 {
	p.marks = append(p.marks, mark{now, p.images})
	const most = 11
	if len(p.marks) > most {
		p.marks = append(p.marks[:0], p.marks[len(p.marks)-most:]...)
	}
	first := p.marks[0]
	if now <= first.at {
		return 0
	}
	return float64(p.images-first.images) / (now - first.at).Seconds()
}

// add takes a step. Of too many, every second of the older ones goes.
func (p *progress) add(ev train.Event) {
	undone := proto.Number(0)
	if ev.Undone {
		undone = 1
	}
	if len(p.points) == proto.MaxTrainPoints {
		kept := p.points[:0]
		for i := 1; i < proto.MaxTrainPoints; i += 2 {
			kept = append(kept, p.points[i])
		}
		p.points = kept
	}
	point := proto.TrainPoint{
		proto.Number(ev.Step), proto.Number(ev.Terms.Recon), proto.Number(ev.Terms.KL), proto.Number(ev.GradNorm),
		proto.Number(ev.LearningRate), proto.Number(ev.Beta), undone,
	}
	for i, v := range ev.Terms.Other {
		point[firstTerm+i] = proto.Number(v)
	}
	p.points = append(p.points, point)
	p.last = ev
	p.images += ev.Images
}

// reportStep keeps a step for the next progress event, and sends that if it is
// time.
func (r *run) reportStep(ev train.Event) {
	r.progress.add(ev)
	if ev.Undone {
		layer := r.trainer.Model().Arena().NonFinite()
		if layer == "" {
			layer = "loss"
		}
		r.engine.Broadcast(proto.Event(proto.TrainRollbackEvent{Step: ev.Step, Layer: layer, LearningRate: ev.LearningRate / 2}))
	}
	if r.now()-r.progress.sent >= progressEvery {
		r.sendProgress()
	}
}

// sendProgress sends clients the steps since the last time.
func (r *run) sendProgress() {
	p, now := &r.progress, r.now()
	if len(p.points) == 0 {
		return
	}
	p.sent = now
	r.engine.Broadcast(proto.Event(proto.TrainEvent{
		Step: p.last.Step, Epoch: p.last.Epoch, Steps: r.trainer.Steps(), StepsPerEpoch: r.trainer.StepsPerEpoch(),
		Seconds: p.seconds(now), ImagesPerSecond: p.rate(now), Points: p.points,
	}))
	p.points = p.points[:0]
}
