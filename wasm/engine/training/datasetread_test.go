package training

import (
	"bytes"
	"slices"
	"testing"

	"inkdrift/vae/data"
	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/proto"
)

// TestRead: a set that was read once is trained on as if it had been opened as it
// came, to the last bit.
func TestRead(t *testing.T) {
	patches := proto.Data{Kind: proto.DataPatches, Frame: proto.Frame{Shape: [3]int{1, 8, 8}}, Scale: 2, Count: 50, Seed: 3}
	for _, c := range []struct {
		data              proto.Data
		shape             string
		files             [][]byte
		train, valid, all int
		labels            int // bytes of the training labels
	}{
		{petsData, "3, 4, 5", enginetest.Packed(t, proto.File{Name: "pets.zip", Content: enginetest.Pets(t, 40)}), 32, 4, 40, 8 + 32},
		{patches, "1, 8, 8", enginetest.Packed(t, proto.File{Name: "rock.png", Content: enginetest.Painted(t, 160, 60, 1)}), 50, 5, 60, 0},
		{proto.Data{Kind: proto.DataCIFAR}, "3, 32, 32", enginetest.Packed(t, proto.File{Name: "data_batch_1.bin", Content: enginetest.CIFARBatch(30, 1)}), 24, 3, 30, 8 + 24},
	} {
		weights := func(d proto.Data, bufs [][]byte) []float32 {
			r := newFixture(t)
			r.OK(&proto.TrainOpenOK{}, proto.TrainOpen{Recipe: small(c.shape), Data: d, Validation: d}, bufs...)
			if a := r.Ask(proto.TrainRun{Steps: 4}); a.Type != proto.TypeOK {
				t.Fatal(a.Message.Head)
			}
			return r.training.run.trainer.Model().Arena().W
		}
		r := newFixture(t)
		var ok proto.DataReadOK
		a := r.OK(&ok, proto.DataRead{Data: c.data}, c.files...)
		if ok.Train != c.train || ok.Validation != c.valid || ok.Train+ok.Validation+ok.Test != c.all || (ok.Report != nil) != (c.data.Kind == proto.DataAlbum) {
			t.Errorf("%s: %+v", c.data.Kind, ok)
		}
		bufs := make([][]byte, 4)
		for i := range bufs {
			bufs[i] = a.Buf(i)
		}
		if len(bufs[1]) != c.labels {
			t.Errorf("%s: labels of %d bytes", c.data.Kind, len(bufs[1]))
		}
		if !slices.Equal(weights(c.data, c.files), weights(proto.Data{Kind: proto.DataIDX}, bufs)) {
			t.Errorf("%s: the weights differ", c.data.Kind)
		}
	}
}

// TestReadRefused: what cannot be read is refused as it is when it is opened.
func TestReadRefused(t *testing.T) {
	whole := enginetest.Pets(t, 10)
	for code, file := range map[proto.Code][]byte{
		proto.CodeNoArchive: {},
		proto.CodeTornFile:  whole[:len(whole)/2],
		proto.CodeTooFew:    enginetest.Zipped(t, proto.File{Name: "a.txt", Content: []byte("a")}),
	} {
		a := newFixture(t).Ask(proto.DataRead{Data: petsData}, enginetest.Packed(t, proto.File{Name: "x.zip", Content: file})...)
		if a.Head.Error == nil || a.Head.Error.Code != code || a.Head.Error.Field != "files" && a.Head.Error.Field != "x.zip" {
			t.Errorf("%s: %s", code, a.Message.Head)
		}
	}
}

// TestColourIDX: files of rank four have channels; those that mean something else
// are refused.
func TestColourIDX(t *testing.T) {
	file := func(dims ...int) []byte {
		n := 1
		for _, d := range dims {
			n *= d
		}
		return append(data.IDXHeader(dims...), bytes.Repeat([]byte{7}, n)...)
	}
	d := proto.Data{Kind: proto.DataIDX, Name: "x"}
	open := proto.TrainOpen{Recipe: small("3, 4, 5"), Data: d, Validation: d}
	var ok proto.TrainOpenOK
	newFixture(t).OK(&ok, open, file(20, 3, 4, 5))
	if ok.Dataset.Shape != [3]int{3, 4, 5} || ok.Dataset.Count != 18 {
		t.Errorf("%+v", ok.Dataset)
	}
	for _, dims := range [][]int{{20, 4, 5, 3}, {20, 2, 4, 5}, {20, 60}, {1, 1, 3, 4, 5}} {
		if a := newFixture(t).Ask(open, file(dims...)); a.Head.Error == nil || a.Head.Error.Code != proto.CodeBadData || a.Head.Error.Field != "training images" {
			t.Errorf("%v: %s", dims, a.Message.Head)
		}
	}
}
