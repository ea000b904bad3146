package dataset

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"inkdrift/vae/data"
	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/proto"
)

// sign is a drawing: a bar, its slant by its number.
func sign(i int) []byte {
	x := 0.3 + 0.02*float32(i)
	return proto.EncodeStrokes([]proto.Stroke{{Width: 0.08, Points: []proto.Point{{X: x, Y: 0.2, P: 1}, {X: 0.5, Y: 0.5, P: 1}, {X: 1 - x, Y: 0.8, P: 1}}}})
}

// TestDraw: drawings become a set that training reads, and an archive that comes back as the same pictures.
func TestDraw(t *testing.T) {
	r := newFixture(t)
	q := proto.DataDraw{Seed: 3}
	var strokes []byte
	for i := range 20 {
		s := sign(i)
		q.Labels, q.Bytes, strokes = append(q.Labels, i%2), append(q.Bytes, len(s)), append(strokes, s...)
	}
	var ok proto.DataDrawOK
	m := r.OK(&ok, q, strokes)
	if ok.Validation != 2 || ok.Train < 18000 || ok.Train%18 != 0 || ok.Shape != [3]int{1, 28, 28} {
		t.Fatalf("%+v", ok)
	}
	set, err := readFiles("drawn", m.Bufs[:4])
	if err != nil || set.Train.Len() != ok.Train || set.Valid.Len() != 2 || set.Train.Label(1) != 1 {
		t.Fatalf("%v, %v", set, err)
	}
	again := r.OK(&proto.DataDrawOK{}, q, strokes)
	if !bytes.Equal(again.Buf(0), m.Buf(0)) {
		t.Error("the same drawings and seed gave other copies")
	}

	var out proto.DataExportOK
	archive := r.OK(&out, proto.DataExport{Classes: []string{"alpha", "b/c"}}, m.Buf(4), m.Buf(5)).Buf(0)
	if out.Pictures != 20 {
		t.Errorf("%d pictures", out.Pictures)
	}
	album := proto.Data{Kind: proto.DataAlbum, Name: "back", Frame: proto.Frame{Shape: [3]int{1, 28, 28}}}
	var read proto.DataReadOK
	back := r.OK(&read, proto.DataRead{Data: album}, enginetest.Packed(t, proto.File{Name: "drawn.zip", Content: archive})...)
	if !slices.Equal(read.Classes, []string{"alpha", "b-c"}) || read.Train+read.Validation+read.Test != 20 {
		t.Errorf("%+v", read)
	}
	first, err := readPart("drawn", "images", "labels", m.Buf(4), m.Buf(5))
	if err != nil {
		t.Fatal(err)
	}
	came, err := readPart("back", "images", "labels", back.Buf(0), back.Buf(1))
	if err != nil {
		t.Fatal(err)
	}
	if a, b := row(first, 0), row(came, 0); !slices.Equal(a, b) {
		t.Error("the first picture came back as another")
	}

	for _, c := range []struct {
		change func(q *proto.DataDraw)
		buf    []byte
		field  string
	}{
		{func(q *proto.DataDraw) { q.Labels, q.Bytes = q.Labels[:5], q.Bytes[:5] }, strokes, "labels"},
		{func(q *proto.DataDraw) { q.Bytes = q.Bytes[:19] }, strokes, "bytes"},
		{func(q *proto.DataDraw) {}, strokes[:len(strokes)-8], "bytes"},
		{func(q *proto.DataDraw) { q.Digits = true; q.Labels = slices.Clone(q.Labels); q.Labels[3] = 12 }, strokes, "labels"},
	} {
		other := q
		c.change(&other)
		if a := r.Ask(other, c.buf); a.Head.Error == nil || a.Head.Error.Field != c.field {
			t.Errorf("%s: %s", c.field, a.Message.Head)
		}
	}
}

func row(d data.Dataset, i int) []string {
	values := make([]float32, d.Shape().Len())
	d.Batch(values, []int{i})
	out := make([]string, len(values))
	for k, v := range values {
		out[k] = fmt.Sprintf("%.3f", v)
	}
	return out
}
