package core

import (
	"errors"

	"inkdrift/vae/data"
	"inkdrift/vae/ink"
	"inkdrift/wasm/proto"
)

func (e *Engine) example(t *task) (any, [][]byte, error) {
	var r proto.Example
	if err := t.fields(&r); err != nil {
		return nil, nil, err
	}
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
	return proto.ExampleOK{Label: label}, [][]byte{proto.EncodeStrokes(strokes)}, nil
}

func (e *Engine) picture(t *task) (any, [][]byte, error) {
	var r proto.Picture
	if err := t.fields(&r); err != nil {
		return nil, nil, err
	}
	pixels, w, h, err := data.DecodePicture(t.msg.Buf(0))
	switch {
	case errors.Is(err, data.ErrTooLarge):
		return nil, nil, proto.Errorf(proto.CodePictureTooLarge, "file", "%v", err)
	case err != nil:
		return nil, nil, proto.Errorf(proto.CodeBadPicture, "file", "%v", err)
	}
	return proto.PictureOK{Width: w, Height: h}, [][]byte{pixels}, nil
}
