package dataset

import (
	"inkdrift/vae/data"
	"inkdrift/vae/data/album"
	"inkdrift/vae/data/files"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/proto"
)

// turns are the ways of turning pictures.
var turns = map[string]files.Turn{"": files.TurnIfNeeded, proto.TurnNever: files.TurnNever, proto.TurnAlways: files.TurnAlways}

// kinds are the kinds of data sets that files can be read as.
var kinds = map[files.Kind]string{
	files.Arrays: proto.DataIDX, files.Batches: proto.DataCIFAR, files.Pictures: proto.DataAlbum, files.Picture: proto.DataPatches,
}

func (s *service) inspect(t *engine.Task, q *proto.DataInspect) (*proto.DataInspectOK, [][]byte, error) {
	reader := NewReader(s.engine, t, nil)
	given, err := proto.ReadFiles(t.Msg.Bufs)
	if err != nil {
		return nil, nil, err
	}
	found, err := reader.recognise(given, turns[q.Turn])
	if err != nil {
		if found != nil {
			err = withLeftOut(dataError("files", err), leftOut(found.Passed))
		}
		return nil, nil, err
	}
	ok := &proto.DataInspectOK{
		Kind: kinds[found.Kind], Classes: ClassNames(found.Classes), Plain: []int{}, Turned: found.Turned, Unsure: found.Unsure,
		Passed: passed(found.Passed), LeftOut: leftOut(found.Passed),
	}
	if found.Kind != files.Arrays {
		return ok, nil, nil
	}
	ok.Shape = [3]int{found.Shape.C, found.Shape.H, found.Shape.W}
	bufs := make([][]byte, 4)
	bufs[0], bufs[1] = found.Train.IDX(found.Shape)
	bufs[2], bufs[3] = found.Test.IDX(found.Shape)
	// As whoever trains on them reads them, so that they are known to be read.
	o, err := readFiles("files", bufs)
	if err != nil {
		return nil, nil, withLeftOut(err, ok.LeftOut)
	}
	ok.Train, ok.Validation = o.Train.Len(), o.Valid.Len()
	if found.Plain[0] >= 0 {
		ok.Plain = found.Plain[:]
		return ok, nil, nil
	}
	total := 0
	for _, b := range bufs {
		total += len(b)
	}
	if total > proto.MaxBytes {
		return nil, nil, withLeftOut(dataError("files", data.NewFileError("size", data.ErrTooLarge, "choose a smaller set",
			"%d bytes, at most %d are given at once", total, proto.MaxBytes)), ok.LeftOut)
	}
	return ok, bufs, nil
}

// passed counts files.
func passed(list []album.Rejected) (n int) {
	for _, r := range list {
		n += r.Files
	}
	return n
}
