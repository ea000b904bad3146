package dataset

import (
	"archive/zip"
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"path"
	"strings"
	"unicode"

	"inkdrift/vae/data"
	"inkdrift/vae/ink"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/proto"
)

func (s *service) draw(t *engine.Task, q *proto.DataDraw) (*proto.DataDrawOK, [][]byte, error) {
	reader := NewReader(s.engine, t, nil)
	drawings, err := readDrawings(q, t.Msg.Buf(0))
	if err != nil {
		return nil, nil, err
	}
	hand, err := data.NewHand("drawn", drawings, q.Digits, uint64(q.Seed))
	if err != nil {
		return nil, nil, dataError("labels", err)
	}
	var bufs [][]byte
	for _, part := range []data.Dataset{hand.Train, hand.Held, data.NewPenSet("drawn", drawings, data.UsualStyle(), 1, uint64(q.Seed))} {
		images, labels, err := reader.idx(part, mostLabels)
		if err != nil {
			return nil, nil, err
		}
		bufs = append(bufs, images, labels)
	}
	shape := hand.Train.Shape()
	return &proto.DataDrawOK{Shape: [3]int{shape.C, shape.H, shape.W}, Train: hand.Train.Len(), Validation: hand.Held.Len()}, bufs, nil
}

// readDrawings reads the strokes of drawings.
func readDrawings(q *proto.DataDraw, all []byte) ([]data.PenDigit, error) {
	drawings := make([]data.PenDigit, len(q.Labels))
	for i, label := range q.Labels {
		if q.Bytes[i] > len(all) {
			return nil, proto.Errorf(proto.CodeBadData, "bytes", "drawing %d goes beyond the end of the strokes", i)
		}
		strokes, err := proto.DecodeStrokes(all[:q.Bytes[i]])
		if err != nil {
			return nil, err
		}
		all = all[q.Bytes[i]:]
		drawn := make([]ink.Stroke, len(strokes))
		for k, s := range strokes {
			drawn[k].Width = s.Width
			for _, p := range s.Points {
				drawn[k].Points = append(drawn[k].Points, ink.Point(p))
			}
		}
		if drawings[i] = data.PenDigitOf(label, drawn); len(drawings[i].Strokes) == 0 {
			return nil, proto.Errorf(proto.CodeBadData, "bytes", "drawing %d has no stroke", i)
		}
		if q.Digits && label > 9 {
			return nil, proto.Errorf(proto.CodeBadValue, "labels", "%d is no digit", label)
		}
	}
	return drawings, nil
}

func (s *service) export(t *engine.Task, q *proto.DataExport) (*proto.DataExportOK, [][]byte, error) {
	reader := NewReader(s.engine, t, nil)
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	numbers := make(map[string]int)
	pictures := 0
	for i := 0; i+1 < len(t.Msg.Bufs); i += 2 {
		if len(t.Msg.Buf(i)) == 0 {
			continue
		}
		set, err := readPart("files", fileFields[i%4], fileFields[i%4+1], t.Msg.Buf(i), t.Msg.Buf(i+1))
		if err != nil {
			return nil, nil, err
		}
		shape := set.Shape()
		values := make([]float32, shape.Len())
		for k := range set.Len() {
			set.Batch(values, []int{k})
			folder := folderOf(q.Classes, set.Label(k))
			numbers[folder]++
			// PNG is compressed already.
			w, err := z.CreateHeader(&zip.FileHeader{Name: path.Join(folder, fmt.Sprintf("%04d.png", numbers[folder])), Method: zip.Store})
			if err == nil {
				err = writePNG(w, values, shape)
			}
			if err != nil {
				return nil, nil, err
			}
			pictures++
			if err := reader.Yield(k, set.Len()); err != nil {
				return nil, nil, err
			}
		}
	}
	if pictures == 0 {
		return nil, nil, proto.Errorf(proto.CodeBadData, fileFields[0], "there are no pictures")
	}
	if err := z.Close(); err != nil {
		return nil, nil, err
	}
	if out.Len() > proto.MaxBytes {
		return nil, nil, proto.Errorf(proto.CodeTooLarge, "data", "an archive of %d bytes, at most %d are given at once", out.Len(), proto.MaxBytes)
	}
	return &proto.DataExportOK{Pictures: pictures}, [][]byte{out.Bytes()}, nil
}

// folderOf names the folder of a class: by its name, without what file systems take for more than a letter.
func folderOf(classes []string, label int) string {
	if label < 0 {
		return ""
	}
	if label < len(classes) {
		name := strings.Trim(strings.Map(func(r rune) rune {
			if strings.ContainsRune(`/\:*?"<>|`, r) || unicode.IsControl(r) {
				return '-'
			}
			return r
		}, classes[label]), ". ")
		if name != "" {
			return name
		}
	}
	return fmt.Sprint(label)
}

// writePNG writes a picture, channel by channel, with values in [0,1].
func writePNG(w io.Writer, values []float32, s data.Shape) error {
	at := func(c, i int) uint8 { return uint8(values[c*s.H*s.W+i]*255 + 0.5) }
	if s.C == 1 {
		img := image.NewGray(image.Rect(0, 0, s.W, s.H))
		for i := range img.Pix {
			img.Pix[i] = at(0, i)
		}
		return png.Encode(w, img)
	}
	img := image.NewRGBA(image.Rect(0, 0, s.W, s.H))
	for i := range s.H * s.W {
		img.Set(i%s.W, i/s.W, color.RGBA{R: at(0, i), G: at(1, i), B: at(2, i), A: 255})
	}
	return png.Encode(w, img)
}
