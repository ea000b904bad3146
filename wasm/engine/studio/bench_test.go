package studio

import (
	"fmt"
	"os"
	"testing"

	"inkdrift/vae/ink"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/engine/model"
	"inkdrift/wasm/proto"
)

// BenchmarkPad is what one movement of the pen costs.
func BenchmarkPad(b *testing.B) {
	strokes := []ink.Stroke{{Width: 0.08, Points: []ink.Point{{X: 0.25, Y: 0.2, P: 1}, {X: 0.75, Y: 0.2, P: 1}, {X: 0.45, Y: 0.85, P: 1}}}}
	c := content{strokes: strokes}
	b.Run("prepare", func(b *testing.B) {
		for b.Loop() {
			c.prepare()
		}
	})
	m := benchModel(b)
	x := c.prepare()
	b.Run("encode", func(b *testing.B) {
		for b.Loop() {
			if _, err := m.encode(x); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkLoad is what reading the first model costs.
func BenchmarkLoad(b *testing.B) {
	file, err := os.ReadFile("../../../web/models/digits.safetensors")
	if err != nil {
		b.Skip(err)
	}
	for b.Loop() {
		if _, err := model.Read(file); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecode is what one frame of a morph costs when a piece has the given
// number of them.
func BenchmarkDecode(b *testing.B) {
	m := benchModel(b)
	for _, rows := range []int{1, 4, 8, 16, 64} {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			z, pixels := make([]float32, rows*m.Latent()), make([]float32, rows*m.InputLen())
			for b.Loop() {
				if err := m.Decode(pixels, z); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*rows), "us/frame")
		})
	}
}

// BenchmarkGIF is what a frame of a GIF costs.
func BenchmarkGIF(b *testing.B) {
	frames := proto.FloatBytes(wandering(16))
	e := engine.New(engine.Options{})
	Register(e, model.Read)
	for b.Loop() {
		m, _ := proto.Event(proto.GIF{Width: 28, Height: 28, Count: 16, Scale: 10, Mode: "loop", Ink: "#000000", Paper: "#ffffff"}, frames)
		e.Post(nil, m, nil)
		for e.Step() {
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*16), "us/frame")
}

func benchModel(b *testing.B) *loaded {
	file, err := os.ReadFile("../../../web/models/digits.safetensors")
	if err != nil {
		b.Skip(err)
	}
	m, err := model.Read(file)
	if err != nil {
		b.Fatal(err)
	}
	return &loaded{Model: m, info: m.Info()}
}
