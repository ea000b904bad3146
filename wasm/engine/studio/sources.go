package studio

import (
	"errors"

	"inkdrift/vae/data"
	"inkdrift/vae/data/picture"
	"inkdrift/vae/ink"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/proto"
)

func example(_ *engine.Task, r *proto.Example) (*proto.ExampleOK, [][]byte, error) {
	digits := data.NewDigits(uint64(r.Seed))
	label := r.Digit
	var drawn []ink.Stroke
	if r.Digit < 0 {
		drawn, label = digits.Strokes(0)
	} else {
		drawn = digits.StrokesOf(0, r.Digit)
	}
	strokes := make([]proto.Stroke, len(drawn))
	for i, s := range drawn {
		strokes[i] = proto.Stroke{Width: s.Width, Points: make([]proto.Point, len(s.Points))}
		for k, p := range s.Points {
			strokes[i].Points[k] = proto.Point(p)
		}
	}
	return &proto.ExampleOK{Label: label}, [][]byte{proto.EncodeStrokes(strokes)}, nil
}

// drawPicture makes a drawing of a picture file.
func (s *studio) drawPicture(t *engine.Task, _ *proto.Picture) (*proto.PictureOK, [][]byte, error) {
	pixels, w, h, err := picture.Draw(t.Msg.Buf(0), s.engine.Decode())
	var fe *data.FileError
	switch {
	case errors.Is(err, data.ErrFormat) && errors.As(err, &fe):
		return nil, nil, proto.Errorf(proto.CodeFormat, fe.What, "%v", err)
	case errors.Is(err, data.ErrWebPage):
		return nil, nil, proto.Errorf(proto.CodeWebPage, "file", "%v", err)
	case errors.Is(err, data.ErrPointer):
		return nil, nil, proto.Errorf(proto.CodePointer, "file", "%v", err)
	case errors.Is(err, data.ErrTooLarge):
		return nil, nil, proto.Errorf(proto.CodePictureTooLarge, "file", "%v", err)
	case errors.Is(err, picture.ErrNoInk):
		return nil, nil, proto.Errorf(proto.CodeBlankPicture, "file", "%v", err)
	case err != nil:
		return nil, nil, proto.Errorf(proto.CodeBadPicture, "file", "%v", err)
	}
	return &proto.PictureOK{Width: w, Height: h}, [][]byte{pixels}, nil
}
