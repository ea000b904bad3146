package album

import (
	"image"
	"testing"

	"inkdrift/vae/data"
	"inkdrift/vae/data/picture"
)

// BenchmarkTake brings pictures of several sizes to 32x32.
func BenchmarkTake(b *testing.B) {
	for _, c := range []struct {
		name string
		side int
	}{{"same", 32}, {"smaller", 1000}, {"larger", 16}} {
		b.Run(c.name, func(b *testing.B) {
			m := image.NewYCbCr(image.Rect(0, 0, c.side, c.side), image.YCbCrSubsampleRatio420)
			for i := range m.Y {
				m.Y[i] = byte(i)
			}
			p, f := &picture.Picture{Image: m, Orientation: 1}, Frame{Shape: data.Shape{C: 3, H: 32, W: 32}}
			dst := make([]byte, f.Shape.Len())
			var s scaler
			for b.Loop() {
				s.take(dst, p, f, nil)
			}
			b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/float64(c.side*c.side), "ns/pixel")
		})
	}
}

// BenchmarkAdd adds a picture as it comes out of an archive.
func BenchmarkAdd(b *testing.B) {
	file := encodePNG(b, coloured(32, 32))
	a := newAlbum(b, Frame{Shape: data.Shape{C: 3, H: 32, W: 32}}, Limits{Pictures: 1 << 30, Bytes: 1 << 40})
	for b.Loop() {
		if err := a.Add("x.png", file); err != nil {
			b.Fatal(err)
		}
	}
}
