package dataset

import (
	"inkdrift/vae/data"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/proto"
)

// readRows is how many pictures are written in one piece of work.
const readRows = 64

// mostLabels is how many classes a byte can tell apart.
const mostLabels = 256

func (s *service) read(t *engine.Task, r *proto.DataRead) (*proto.DataReadOK, [][]byte, error) {
	reader := NewReader(s.engine, t, nil)
	o, err := reader.openFiles(r.Data, t.Msg.Bufs)
	if err != nil {
		return nil, nil, err
	}
	shape := o.Train.Shape()
	if n := (o.Train.Len() + o.Valid.Len()) * (shape.Len() + 1); n+64 > proto.MaxBytes {
		return nil, nil, proto.Errorf(proto.CodeTooLarge, "data", "the pictures take %d bytes, at most %d are given at once: choose fewer or a smaller size", n, proto.MaxBytes)
	}
	bufs := make([][]byte, 0, 4)
	for _, part := range []data.Dataset{o.Train, o.Valid} {
		images, labels, err := reader.idx(part, len(o.Classes))
		if err != nil {
			return nil, nil, err
		}
		bufs = append(bufs, images, labels)
	}
	return &proto.DataReadOK{
		Shape: [3]int{shape.C, shape.H, shape.W}, Train: o.Train.Len(), Validation: o.Valid.Len(), Test: o.Test,
		Classes: ClassNames(o.Classes), Report: o.Report,
	}, bufs, nil
}

// idx gives pictures and labels, of so many classes, as readFiles takes them.
func (r *Reader) idx(set data.Dataset, classes int) (images, labels []byte, err error) {
	n, shape := set.Len(), set.Shape()
	width := shape.Len()
	images = data.IDXHeader(n, shape.C, shape.H, shape.W)
	head := len(images)
	images = append(make([]byte, 0, head+n*width), images...)
	if classes > 0 && classes <= mostLabels {
		labels = data.IDXHeader(n)
		for i := range n {
			labels = append(labels, byte(set.Label(i)))
		}
	}
	rows, index := make([]float32, readRows*width), make([]int, readRows)
	for from := 0; from < n; from += readRows {
		few := index[:min(readRows, n-from)]
		for k := range few {
			few[k] = from + k
		}
		values := rows[:len(few)*width]
		set.Batch(values, few)
		for _, v := range values {
			images = append(images, byte(v*255+0.5))
		}
		if err := r.Yield(from, n); err != nil {
			return nil, nil, err
		}
	}
	return images, labels, nil
}
