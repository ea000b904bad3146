package core

import (
	"errors"
	"sort"

	"inkdrift/vae/data"
	"inkdrift/vae/data/album"
	"inkdrift/vae/data/sets"
	"inkdrift/wasm/proto"
)

// sheetLabels is how many labels are looked at for pictures of every class.
const sheetLabels = 20_000

func (e *Engine) dataSets(*task) (any, [][]byte, error) {
	ok := proto.DataSetsOK{FirstValidation: data.FirstValidation, FirstTest: data.FirstTest}
	for _, s := range sets.All() {
		set := proto.DataSet{
			Name: s.Name, Key: s.Key, Shape: [3]int{s.Shape.C, s.Shape.H, s.Shape.W}, Classes: classNames(s.Classes),
			Attributes: []proto.Attribute{}, Train: s.Train, Validation: s.Validation, Test: s.Test,
		}
		for _, a := range s.Attributes {
			set.Attributes = append(set.Attributes, proto.Attribute(a))
		}
		ok.Sets = append(ok.Sets, set)
	}
	return ok, nil, nil
}

func (e *Engine) dataSheet(t *task) (any, [][]byte, error) {
	var r proto.DataSheet
	if err := t.fields(&r); err != nil {
		return nil, nil, err
	}
	read := e.read(t, false)
	o, err := read.openSheet(r, t.msg.Bufs)
	if err != nil {
		return nil, nil, err
	}
	shape := o.train.Shape()
	r.Columns = min(r.Columns, proto.MaxSheetPixels/(shape.H*shape.W))
	if r.Columns == 0 {
		return nil, nil, proto.Errorf(proto.CodeTooLarge, "data", "pictures of %v are too large for a sheet", shape)
	}
	r.Rows = min(r.Rows, proto.MaxSheetPixels/(shape.H*shape.W)/r.Columns)
	index := data.Examples(o.train, r.Columns*r.Rows, uint64(r.Seed))
	if r.ByClass && o.train.Label(0) >= 0 {
		index = data.ExamplesByClass(o.train, r.Rows, r.Columns, sheetLabels)
	}
	// Pictures that are made take their time, so they are made one by one.
	kept := data.Cache(o.train)
	one := make([]float32, shape.Len())
	for k := range index {
		if index[k] >= 0 {
			kept.Batch(one, index[k:k+1])
		}
		if err := read.rest(k, len(index)); err != nil {
			return nil, nil, err
		}
	}
	s, err := data.NewSheet(kept, index, r.Columns)
	if err != nil {
		return nil, nil, dataError("data", err)
	}
	ok := proto.DataSheetOK{
		Width: s.Width, Height: s.Height, Shape: [3]int{shape.C, shape.H, shape.W}, Classes: classNames(o.classes), Report: o.report,
	}
	if p := o.report; p == nil || p.Files == p.Pictures+p.Hidden+p.Unreadable {
		ok.Train, ok.Test = o.train.Len(), o.test
		if o.valid != nil {
			ok.Validation = o.valid.Len()
		}
	}
	return ok, [][]byte{s.RGBA}, nil
}

// openSheet opens as much of a set as its sheet needs.
func (r *reading) openSheet(q proto.DataSheet, bufs [][]byte) (*opened, error) {
	switch {
	case q.Data.Kind == proto.DataAlbum && !q.Whole && !q.ByClass:
		files, err := proto.ReadFiles(bufs)
		if err != nil {
			return nil, err
		}
		sort.Stable(byName(files))
		// A fifth is for validation and test, and not on the sheet.
		c, report, err := r.openAlbum(q.Data, files, q.Rows*q.Columns*5/4+3, q.Seed)
		if err != nil {
			return nil, dataError("files", err)
		}
		return &opened{train: c.Train, valid: c.Validation, test: c.Test.Len(), classes: c.Classes, report: report}, nil
	case q.Data.Filed():
		return r.openFiles(q.Data, bufs)
	}
	train, classes, err := made("data", q.Data)
	if err != nil {
		return nil, err
	}
	return &opened{train: train, classes: classes}, nil
}

func (e *Engine) dataPreview(t *task) (any, [][]byte, error) {
	var r proto.DataPreview
	if err := t.fields(&r); err != nil {
		return nil, nil, err
	}
	p, err := album.OpenPictureYielding(t.msg.Buf(0), e.read(t, false).breathe)
	switch {
	case errors.Is(err, data.ErrTooLarge):
		return nil, nil, proto.Errorf(proto.CodePictureTooLarge, "file", "%v", err)
	case err != nil:
		return nil, nil, proto.Errorf(proto.CodeBadPicture, "file", "%v", err)
	}
	frame := frameOf(r.Frame)
	v, err := frame.Preview(p)
	if err != nil {
		return nil, nil, dataError("frame", err)
	}
	one, err := data.NewImages("preview", frame.Shape, v.Pixels, nil)
	if err != nil {
		return nil, nil, err
	}
	s, err := data.NewSheet(one, []int{0}, 1)
	if err != nil {
		return nil, nil, err
	}
	u := v.Used
	return proto.DataPreviewOK{
		Width: v.Width, Height: v.Height, Used: proto.Rect{X: float64(u.X), Y: float64(u.Y), W: float64(u.W), H: float64(u.H)},
	}, [][]byte{s.RGBA}, nil
}
