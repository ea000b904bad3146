// Package dataset reads data sets, made ones and those that come in files, for the
// requests about them and for the packages that train on them.
package dataset

import (
	"inkdrift/vae/data"
	"inkdrift/vae/data/picture"
	"inkdrift/vae/data/picture/decoders"
	"inkdrift/vae/data/sets"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/proto"
)

// named gives a data set another name.
type named struct {
	data.Dataset
	name string
}

func (n named) Name() string { return n.name }

// Sets is an opened data set.
type Sets struct {
	Train, Valid data.Dataset
	Test         int // pictures of the third part
	Classes      []string
	Report       *proto.DataReport // of an album; else nil
}

// Reader reads a data set for a task, piece by piece: in between it yields and sends
// the client [proto.DataEvent]. A nil one reads without yielding.
type Reader struct {
	pace     *engine.Pace
	decode   picture.Decoder
	wanted   func() error
	done, of int
}

// NewReader begins to read for a task. wanted returns an error when there is no use
// in going on; nil: there always is.
func NewReader(e *engine.Engine, t *engine.Task, wanted func() error) *Reader {
	r := &Reader{wanted: wanted, decode: e.Decode()}
	r.pace = e.Pace(t, func() proto.Body { return proto.DataEvent{Done: r.done, Of: r.of} })
	return r
}

// Yield is called between pieces of work, of which so many are done. It returns an
// error if there is no use in going on.
func (r *Reader) Yield(done, of int) error {
	if r == nil {
		return nil
	}
	r.done, r.of = done, of
	r.pace.Yield()
	if r.wanted == nil {
		return nil
	}
	return r.wanted()
}

// decoder gives the decoder of pictures.
func (r *Reader) decoder() picture.Decoder {
	if r == nil {
		return decoders.Decode
	}
	return r.decode
}

// yieldWithin is called within pieces of work.
func (r *Reader) yieldWithin() {
	if r != nil {
		r.pace.Yield()
	}
}

// Open opens the data sets that a request names; bufs are its files. Errors are of
// the protocol and name the fields "data" and "validation".
func (r *Reader) Open(training, validation proto.Data, bufs [][]byte) (*Sets, error) {
	o := new(Sets)
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
		if o.Train, o.Classes, err = made("data", training); err != nil {
			return nil, err
		}
	}
	if !validation.Filed() {
		if o.Valid, _, err = made("validation", validation); err != nil {
			return nil, err
		}
	}
	if o.Train.Shape() != o.Valid.Shape() {
		return nil, proto.Errorf(proto.CodeBadData, "validation", "its pictures are %v, those to train on %v", o.Valid.Shape(), o.Train.Shape())
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
	return named{kept, source.SpanName(uint64(d.Seed), d.First, d.Count)}, source.Classes, nil
}

// CheckShape refuses a set that is brought to another shape than the model's,
// before it is read.
func CheckShape(field string, d proto.Data, input [3]int) error {
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

// ClassNames returns names as answers have them.
func ClassNames(names []string) []string {
	return append([]string{}, names[:min(len(names), proto.MaxClassNames)]...) // never null in JSON
}

// Describe returns what answers say about a part of a data set.
func Describe(d proto.Data, set data.Dataset) proto.DataInfo {
	name, shape := d.Kind, set.Shape()
	if d.Filed() {
		name = title(d)
	}
	return proto.DataInfo{Name: name, Count: set.Len(), Shape: [3]int{shape.C, shape.H, shape.W}}
}
