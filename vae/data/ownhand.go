package data

import (
	"math"

	"inkdrift/vae/ink"
)

// Numbers of a set of one person's drawings.
const (
	// handPictures is about how many altered copies of the drawings there are to train on.
	handPictures = 20000
	// handDigits is how many generated digits stand beside them where the drawings are digits, so that a model that goes on
	// with them keeps its other digits.
	handDigits = 2000
	// handAside: of so many drawings in a row the last is held, for validation. It shares no factor with ten digits that are
	// drawn in turn.
	handAside = 9

	// LeastDrawings and MostDrawings bound the number of drawings, of all classes together.
	LeastDrawings = 6
	MostDrawings  = 1000
)

// OwnStyle is how copies of a person's drawings differ from them: more than that person's drawings differ from each other, so
// that a model learns the hand and not the drawings. It was chosen by drawings of writers that were held back.
func OwnStyle() PadStyle {
	return PadStyle{Brush: [2]float64{0.065, 0.095}, Size: [2]float64{0.5, 0.7}, Slant: [2]float64{-0.45, 0.45},
		Turn: [2]float64{-0.24, 0.24}, Aspect: [2]float64{0.7, 1.3}, Jitter: [2]float64{0, 0.015}, Bend: [2]float64{0, 0.2}}
}

// PenUnit is how many units of a PenPoint a pad has.
const PenUnit = 8192

// PenDigitOf returns what was drawn on a pad, whose coordinates go from 0 to 1 and y down; what is far outside is brought to
// the edge of what a PenPoint can say. Strokes without points are left out.
func PenDigitOf(label int, strokes []ink.Stroke) PenDigit {
	d := PenDigit{Label: label}
	unit := func(v float32) int16 {
		return int16(max(math.MinInt16+1, min(math.MaxInt16, math.Round(float64(v)*PenUnit))))
	}
	for _, s := range strokes {
		var points []PenPoint
		for _, p := range s.Points {
			points = append(points, PenPoint{unit(p.X), -unit(p.Y)})
		}
		if len(points) > 0 {
			d.Strokes = append(d.Strokes, points)
		}
	}
	return d
}

// Hand is a set of one person's drawings.
type Hand struct {
	// Drawn are the drawings that are trained on, as they are prepared for a model.
	Drawn Dataset
	// Train are altered copies of them, with generated digits where the drawings are digits.
	Train Dataset
	// Held are drawings that are not trained on.
	Held Dataset
}

// NewHand makes a set of drawings: none without a stroke. digits says that the labels are the digits 0 to 9. Every
// ninth drawing is held; of fewer the last. The same drawings and seed make the same set. Errors are of type [*FileError] and wrap [ErrTooFew] and [ErrTooLarge].
func NewHand(name string, drawings []PenDigit, digits bool, seed uint64) (*Hand, error) {
	switch n := len(drawings); {
	case n < LeastDrawings:
		return nil, NewFileError("drawings", ErrTooFew, "draw more", "%d, it takes at least %d", n, LeastDrawings)
	case n > MostDrawings:
		return nil, NewFileError("drawings", ErrTooLarge, "leave some out", "%d, at most %d are taken", n, MostDrawings)
	}
	var train, held []PenDigit
	for i, d := range drawings {
		if i%handAside == handAside-1 {
			held = append(held, d)
		} else {
			train = append(train, d)
		}
	}
	if len(held) == 0 {
		last := len(train) - 1
		train, held = train[:last], train[last:]
	}
	copies := max(1, handPictures/len(train))
	h := &Hand{
		Drawn: NewPenSet(name, train, UsualStyle(), 1, seed),
		Train: NewPenSet(name, train, OwnStyle(), copies, seed),
		Held:  NewPenSet(name, held, UsualStyle(), 1, seed),
	}
	if digits {
		h.Train = Join(name, h.Train, NewDigits(seed).Set(0, handDigits))
	}
	return h, nil
}
