// Package nondigits draws letters and doodles, pictures that a model of digits has not
// learnt, prepared as drawings on the page's pad are.
//
// Each is a skeleton of straight lines and ellipses that is bent by a smooth random
// warp, slanted, turned and stretched, and drawn with a brush of random width.
package nondigits

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"inkdrift/vae/ink"
)

// Len is the number of values of a picture.
const Len = ink.PreparedLen

// padSide is the side of the picture that strokes are drawn into before it is
// prepared; wasm/engine/studio has the same.
const padSide = 112

// shape is a skeleton by its name.
type shape struct {
	name, notation string
}

// The skeletons. The notation is a list of nodes x,y in hundredths of a square, x to
// the right and y down, joined by straight lines; | lifts the pen, and (x,y,w,h) is an
// ellipse around x,y, w wide and h high.

// letters are the capitals of print but for those that are digits as well, or are
// told from one by a detail that handwriting leaves out: B, D, G, I, J, L, O, Q, S and Z, which
// can be read as 8, 0, 6, 1, 1, 1, 0, 0, 5 and 2.
var letters = []shape{
	{"A", "10,100 50,0 90,100 | 27,60 73,60"},
	{"C", "90,16 70,4 44,0 18,14 4,40 4,64 18,88 44,100 70,96 90,84"},
	{"E", "85,0 15,0 15,100 85,100 | 15,50 70,50"},
	{"F", "85,0 15,0 15,100 | 15,48 70,48"},
	{"H", "12,0 12,100 | 88,0 88,100 | 12,50 88,50"},
	{"K", "15,0 15,100 | 85,0 15,55 | 38,40 88,100"},
	{"M", "5,100 12,0 50,70 88,0 95,100"},
	{"N", "12,100 12,0 88,100 88,0"},
	{"P", "15,100 15,0 60,0 82,12 85,28 78,45 58,54 15,54"},
	{"R", "15,100 15,0 60,0 82,12 85,28 78,45 58,54 15,54 | 45,54 88,100"},
	{"T", "5,0 95,0 | 50,0 50,100"},
	{"U", "12,0 12,65 25,92 50,100 75,92 88,65 88,0"},
	{"V", "8,0 50,100 92,0"},
	{"W", "2,0 26,100 50,30 74,100 98,0"},
	{"X", "10,0 90,100 | 90,0 10,100"},
	{"Y", "10,0 50,50 90,0 | 50,50 50,100"},
}

// lookalikes are the capitals that letters leaves out.
var lookalikes = []shape{
	{"B", "15,0 15,100 62,100 84,88 86,70 76,54 56,48 15,48 | 56,48 76,40 80,22 70,6 52,0 15,0"},
	{"D", "15,0 15,100 50,100 78,84 90,50 78,16 50,0 15,0"},
	{"G", "88,18 68,3 42,0 16,16 4,46 12,80 38,99 66,97 88,82 88,56 56,56"},
	{"I", "50,0 50,100"},
	{"J", "70,0 70,75 58,95 38,100 20,90 14,72"},
	{"L", "20,0 20,100 80,100"},
	{"O", "(50,50,80,100)"},
	{"Q", "(50,50,84,100) | 58,68 92,102"},
	{"S", "84,14 62,2 36,2 18,14 18,34 36,46 64,54 82,68 82,86 62,98 36,98 14,86"},
	{"Z", "10,0 90,0 10,100 90,100"},
}

// doodles are what people draw when they are asked for anything.
var doodles = []shape{
	{"house", "12,45 12,100 88,100 88,45 12,45 50,5 88,45 | 40,100 40,68 60,68 60,100"},
	{"star", "50,0 79,91 2,35 98,35 21,91 50,0"},
	{"heart", "50,100 8,48 4,24 16,6 34,4 50,22 66,4 84,6 96,24 92,48 50,100"},
	{"face", "(50,50,100,100) | (32,38,8,10) | (68,38,8,10) | 28,64 40,76 60,76 72,64"},
	{"fish", "(40,50,76,52) | 76,50 100,26 100,74 76,50 | (22,44,5,5)"},
	{"arrow", "2,50 98,50 | 68,22 98,50 68,78"},
	{"tree", "50,100 50,62 | 50,0 14,62 86,62 50,0"},
	{"sun", "(50,50,46,46) | 50,0 50,18 | 50,82 50,100 | 0,50 18,50 | 82,50 100,50 | 15,15 28,28 | 72,72 85,85 | 85,15 72,28 | 28,72 15,85"},
	{"cup", "14,20 20,95 70,95 76,20 14,20 | 75,35 94,38 94,64 72,70"},
	{"flag", "15,100 15,0 90,14 90,44 15,54"},
	{"envelope", "2,20 98,20 98,82 2,82 2,20 50,56 98,20"},
	{"square", "8,8 92,8 92,92 8,92 8,8"},
	{"triangle", "50,4 96,92 4,92 50,4"},
	{"plus", "50,2 50,98 | 2,50 98,50"},
	{"grid", "34,0 34,100 | 66,0 66,100 | 0,34 100,34 | 0,66 100,66"},
	{"zigzag", "2,30 20,75 38,25 56,75 74,25 98,72"},
	{"boat", "4,64 96,64 78,94 22,94 4,64 | 50,64 50,4 88,54 50,54"},
	{"person", "(50,16,26,26) | 50,29 50,66 | 16,44 84,44 | 50,66 22,100 | 50,66 78,100"},
	{"flower", "50,52 50,100 | (50,30,24,24) | (50,9,18,18) | (71,30,18,18) | (29,30,18,18) | (50,51,18,18)"},
	{"cat", "(50,58,84,80) | 16,38 12,2 40,20 | 60,20 88,2 84,38 | 30,52 34,52 | 66,52 70,52 | 40,74 50,80 60,74"},
}

// Image draws picture i of a seed, a letter and a doodle in turn, into dst, 784 values
// in [0,1], and returns its name.
func Image(dst []float32, seed uint64, i int) string {
	if i%2 == 0 {
		return draw(dst, letters[i/2%len(letters)], seed, i)
	}
	return draw(dst, doodles[i/2%len(doodles)], seed, i)
}

// Lookalike draws picture i of a seed of the capitals that look like digits.
func Lookalike(dst []float32, seed uint64, i int) string {
	return draw(dst, lookalikes[i%len(lookalikes)], seed, i)
}

// draw draws a shape into dst as somebody does on the pad.
func draw(dst []float32, s shape, seed uint64, i int) string {
	r := rand.New(rand.NewPCG(seed, uint64(i)))
	between := func(lo, hi float64) float64 { return lo + (hi-lo)*r.Float64() }
	size, brush := between(0.45, 0.8), between(0.05, 0.11)
	slant, turn, aspect := between(-0.25, 0.25), between(-0.15, 0.15), between(0.8, 1.25)
	var bend [2][3]float64 // of the warp: how far, how often, where it begins
	for k := range bend {
		bend[k] = [3]float64{between(0, 0.04), between(2, 6), between(0, 2*math.Pi)}
	}
	sin, cos := math.Sincos(turn)
	strokes := parse(s.notation)
	for _, stroke := range strokes {
		for k, p := range stroke {
			u, v := p.x-0.5, p.y-0.5
			u, v = u+bend[0][0]*math.Sin(bend[0][1]*v+bend[0][2]), v+bend[1][0]*math.Sin(bend[1][1]*u+bend[1][2])
			u = aspect*u - slant*v
			stroke[k] = point{0.5 + size*(cos*u-sin*v), 0.5 + size*(sin*u+cos*v)}
		}
	}
	drawn := make([]ink.Stroke, len(strokes))
	for k, stroke := range strokes {
		drawn[k].Width = float32(brush)
		for _, p := range stroke {
			drawn[k].Points = append(drawn[k].Points, ink.Point{X: float32(p.x), Y: float32(p.y), P: 1})
		}
	}
	canvas := make([]float32, padSide*padSide)
	ink.Rasterize(canvas, padSide, padSide, drawn)
	ink.Prepare(dst, canvas, padSide, padSide)
	return s.name
}

type point struct{ x, y float64 }

// step is how far apart the points of a line are, so that it can be bent.
const step = 0.03

// parse reads the notation of a shape. It panics on a mistake in it.
func parse(notation string) [][]point {
	var strokes [][]point
	for _, part := range strings.Split(notation, "|") {
		var stroke []point
		for _, word := range strings.Fields(part) {
			if inner, ok := strings.CutPrefix(word, "("); ok {
				v := numbers(strings.TrimSuffix(inner, ")"), 4)
				for k := range 33 {
					sin, cos := math.Sincos(2 * math.Pi * float64(k) / 32)
					stroke = append(stroke, point{v[0] + v[2]/2*sin, v[1] - v[3]/2*cos})
				}
				continue
			}
			v := numbers(word, 2)
			to := point{v[0], v[1]}
			if len(stroke) > 0 {
				from := stroke[len(stroke)-1]
				n := int(math.Hypot(to.x-from.x, to.y-from.y)/step) + 1
				for k := 1; k < n; k++ {
					t := float64(k) / float64(n)
					stroke = append(stroke, point{from.x + t*(to.x-from.x), from.y + t*(to.y-from.y)})
				}
			}
			stroke = append(stroke, to)
		}
		strokes = append(strokes, stroke)
	}
	return strokes
}

// numbers reads n whole numbers with commas between, as hundredths.
func numbers(s string, n int) []float64 {
	words := strings.Split(s, ",")
	if len(words) != n {
		panic("nondigits: " + s)
	}
	v := make([]float64, n)
	for i, w := range words {
		x, err := strconv.Atoi(w)
		if err != nil {
			panic("nondigits: " + err.Error())
		}
		v[i] = float64(x) / 100
	}
	return v
}
