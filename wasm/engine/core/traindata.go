package core

import (
	"fmt"
	"time"

	"inkdrift/vae/data"
	"inkdrift/vae/data/sets"
	"inkdrift/wasm/proto"
)

// named gives a data set another name.
type named struct {
	data.Dataset
	name string
}

func (n named) Name() string { return n.name }

// opened is a data set that is there.
type opened struct {
	train, valid data.Dataset
	test         int // pictures of the third part
	classes      []string
	report       *proto.DataReport // of an album
}

// Times of long work.
const (
	pieceTime = 8 * time.Millisecond   // of a piece between two pauses
	tellTime  = 250 * time.Millisecond // between two words on how far it is
)

// reading is the work of reading a data set, piece by piece. A nil one has no
// pieces.
type reading struct {
	engine *Engine
	task   *task
	opens  bool // a run, which another one may take the place of
	began  time.Duration
	told   time.Duration

	done, of int
}

// read begins to read for a task.
func (e *Engine) read(t *task, opens bool) *reading {
	now := e.opt.Now()
	if opens {
		e.opening = t
	}
	return &reading{engine: e, task: t, opens: opens, began: now, told: now}
}

// rest is called between pieces of work, of which so many are done. It gives an
// error if there is no use in going on.
func (r *reading) rest(done, of int) error {
	if r == nil {
		return nil
	}
	r.done, r.of = done, of
	r.breathe()
	if r.opens && r.engine.opening != r.task {
		return proto.Errorf(proto.CodeNoTraining, "", "the run was closed, or another one opened, before its data was read")
	}
	return nil
}

// breathe is called within pieces of work.
func (r *reading) breathe() {
	if r == nil {
		return
	}
	e, t := r.engine, r.task
	now := e.opt.Now()
	if now-r.began < pieceTime {
		return
	}
	if now-r.told >= tellTime {
		r.told = now
		if m, err := proto.Event(proto.DataEvent{Done: r.done, Of: r.of}); err == nil {
			e.send(t.client, m)
		}
	}
	if t.urgency == control {
		// What takes long lets everything else go first. It has begun in its turn, so
		// that no request that came before it sees its result.
		e.queue.remove(t)
		t.urgency = saving
		e.queue.push(t)
	}
	t.pause()
	r.began = e.opt.Now()
}

// openData makes the data sets that a request names; bufs are its files.
func (r *reading) openData(training, validation proto.Data, bufs [][]byte) (*opened, error) {
	o := new(opened)
	var err error
	switch {
	case training.Filed():
		o, err = r.openFiles(training, bufs)
	case validation.Filed():
		o, err = r.openFiles(validation, bufs)
	}
	if err != nil {
		return nil, err
	}
	if !training.Filed() {
		if o.train, o.classes, err = made("data", training); err != nil {
			return nil, err
		}
	}
	if !validation.Filed() {
		if o.valid, _, err = made("validation", validation); err != nil {
			return nil, err
		}
	}
	if o.train.Shape() != o.valid.Shape() {
		return nil, proto.Errorf(proto.CodeBadData, "validation", "its pictures are %v, those to train on %v", o.valid.Shape(), o.train.Shape())
	}
	return o, nil
}

// made opens a set that is made. Each picture is made once, by the worker whose
// share it falls into first, and kept.
func made(field string, d proto.Data) (set data.Dataset, classes []string, err error) {
	source, err := sets.Find(d.Kind)
	if err != nil {
		return nil, nil, proto.Errorf(proto.CodeBadValue, field+".kind", "%v", err)
	}
	if most := proto.MaxSetBytes / source.Shape.Len(); d.Count > most {
		return nil, nil, proto.Errorf(proto.CodeTooLarge, field+".count", "%d pictures of %v, at most %d can be kept", d.Count, source.Shape, most)
	}
	kept := data.Cache(source.Span(uint64(d.Seed), d.First, d.Count))
	// Whoever goes on with a run must have the very same pictures.
	return named{kept, fmt.Sprintf("%s, seed %d, %d from %d", d.Kind, d.Seed, d.Count, d.First)}, source.Classes, nil
}

// checkShape refuses a set that is brought to another shape than the model's,
// before it is read.
func checkShape(field string, d proto.Data, input [3]int) error {
	shape := d.Frame.Shape
	switch d.Kind {
	case proto.DataCIFAR:
		s := data.CIFAR10().Shape
		shape = [3]int{s.C, s.H, s.W}
	case proto.DataAlbum, proto.DataPatches:
	default:
		return nil
	}
	if shape != input {
		return proto.Errorf(proto.CodeBadData, field, "its pictures are %v, the model takes %v (channels, height, width)", shape, input)
	}
	return nil
}

// classNames gives names as answers have them.
func classNames(names []string) []string {
	return append([]string{}, names[:min(len(names), proto.MaxClassNames)]...) // never null in JSON
}
