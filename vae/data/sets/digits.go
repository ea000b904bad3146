package sets

import (
	"inkdrift/vae/data"
	"inkdrift/vae/ink"
)

// digits are the handwritten digits of package data as a set among the others.
var digits = Source{
	Info: data.Info{
		Name:    "digits",
		Key:     "data.digits",
		Shape:   data.Shape{C: 1, H: ink.PreparedSide, W: ink.PreparedSide},
		Classes: []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
		Split:   data.SplitNumbers,
	},
	Ink:   true,
	Train: 20_000, Validation: 2_000, Test: 1_000,
	maker: &digitMaker{},
}

type digitMaker struct{}

func (*digitMaker) picture(dst []float32, seed uint64, i int) {
	data.NewDigits(seed).Image(dst, i)
	settle(dst)
}

func (*digitMaker) label(seed uint64, i int) int  { return data.NewDigits(seed).Label(i) }
func (*digitMaker) values([]float32, uint64, int) {}
