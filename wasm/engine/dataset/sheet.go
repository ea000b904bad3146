package dataset

import (
	"inkdrift/vae/data"
	"inkdrift/vae/data/sets"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/proto"
)

// sheetLabels is how many labels are looked at for pictures of every class.
const sheetLabels = 20_000

func list(*engine.Task, *proto.DataSets) (*proto.DataSetsOK, [][]byte, error) {
	ok := &proto.DataSetsOK{FirstValidation: data.FirstValidation, FirstTest: data.FirstTest}
	for _, s := range sets.All() {
		set := proto.DataSet{
			Name: s.Name, Key: s.Key, Shape: [3]int{s.Shape.C, s.Shape.H, s.Shape.W}, Classes: ClassNames(s.Classes),
			Attributes: []proto.Attribute{}, Train: s.Train, Validation: s.Validation, Test: s.Test,
		}
		for _, a := range s.Attributes {
			set.Attributes = append(set.Attributes, proto.Attribute(a))
		}
		ok.Sets = append(ok.Sets, set)
	}
	return ok, nil, nil
}

func (s *service) sheet(t *engine.Task, r *proto.DataSheet) (*proto.DataSheetOK, [][]byte, error) {
	reader := NewReader(s.engine, t, nil)
	o, err := reader.openSheet(*r, t.Msg.Bufs)
	if err != nil {
		return nil, nil, err
	}
	shape := o.Train.Shape()
	r.Columns = min(r.Columns, proto.MaxSheetPixels/(shape.H*shape.W))
	if r.Columns == 0 {
		return nil, nil, proto.Errorf(proto.CodeTooLarge, "data", "pictures of %v are too large for a sheet", shape)
	}
	r.Rows = min(r.Rows, proto.MaxSheetPixels/(shape.H*shape.W)/r.Columns)
	index := data.Examples(o.Train, r.Columns*r.Rows, uint64(r.Seed))
	if r.ByClass && o.Train.Label(0) >= 0 {
		index = data.ExamplesByClass(o.Train, r.Rows, r.Columns, sheetLabels)
	}
	// Pictures that are made take their time, so they are made one by one.
	kept := data.Cache(o.Train)
	one := make([]float32, shape.Len())
	for k := range index {
		if index[k] >= 0 {
			kept.Batch(one, index[k:k+1])
		}
		if err := reader.Yield(k, len(index)); err != nil {
			return nil, nil, err
		}
	}
	sheet, err := data.NewSheet(kept, index, r.Columns)
	if err != nil {
		return nil, nil, dataError("data", err)
	}
	ok := &proto.DataSheetOK{
		Width: sheet.Width, Height: sheet.Height, Shape: [3]int{shape.C, shape.H, shape.W}, Classes: ClassNames(o.Classes), Report: o.Report,
	}
	if p := o.Report; p == nil || p.Files == p.Pictures+p.Hidden+p.Unreadable {
		ok.Train, ok.Test = o.Train.Len(), o.Test
		if o.Valid != nil {
			ok.Validation = o.Valid.Len()
		}
	}
	return ok, [][]byte{sheet.RGBA}, nil
}

// openSheet opens as much of a set as its sheet needs.
func (r *Reader) openSheet(q proto.DataSheet, bufs [][]byte) (*Sets, error) {
	switch {
	case q.Data.Kind == proto.DataAlbum && !q.Whole && !q.ByClass:
		files, err := proto.ReadFiles(bufs)
		if err != nil {
			return nil, err
		}
		sortFiles(files)
		// A fifth is for validation and test, and not on the sheet.
		c, report, err := r.openAlbum(q.Data, files, q.Rows*q.Columns*5/4+3, q.Seed)
		if err != nil {
			return nil, dataError("files", err)
		}
		return &Sets{Train: c.Train, Valid: c.Validation, Test: c.Test.Len(), Classes: c.Classes, Report: report}, nil
	case q.Data.Filed():
		return r.openFiles(q.Data, bufs)
	}
	train, classes, err := made("data", q.Data)
	if err != nil {
		return nil, err
	}
	return &Sets{Train: train, Classes: classes}, nil
}
