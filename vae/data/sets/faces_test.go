package sets

import (
	"math"
	"testing"

	"inkdrift/vae/data"
)

// drawn returns faces as they are drawn at random.
func drawn(n int) []face {
	out := make([]face, n)
	for i := range out {
		out[i].draw(77, i)
	}
	return out
}

func paintFace(f face) []float32 {
	v := make([]float32, 3*side*side)
	p := painter{face: f}
	p.paint(v)
	settle(v)
	return v
}

// mean returns the mean colour of a rectangle of pixels.
func mean(v []float32, x0, y0, x1, y1 int) (c colour) {
	for k := range c {
		for y := y0; y < y1; y++ {
			for x := x0; x < x1; x++ {
				c[k] += v[k*side*side+y*side+x]
			}
		}
		c[k] /= float32((x1 - x0) * (y1 - y0))
	}
	return c
}

func luma(c colour) float64 { return 0.299*float64(c[0]) + 0.587*float64(c[1]) + 0.114*float64(c[2]) }

func away(a, b colour) float64 {
	var sum float64
	for k := range a {
		sum += math.Pow(float64(a[k]-b[k]), 2)
	}
	return math.Sqrt(sum)
}

// correlation returns Pearson's.
func correlation(a, b []float64) float64 {
	var sa, sb, saa, sbb, sab float64
	n := float64(len(a))
	for i := range a {
		sa, sb = sa+a[i], sb+b[i]
		saa, sbb, sab = saa+a[i]*a[i], sbb+b[i]*b[i], sab+a[i]*b[i]
	}
	return (n*sab - sa*sb) / math.Sqrt((n*saa-sa*sa)*(n*sbb-sb*sb))
}

// The attributes must agree with the pixels, or every figure based on them is worthless.
func TestFaceLabels(t *testing.T) {
	d := faces.Span(9, 0, 1000)
	v, values := make([]float32, d.Shape().Len()), make([]float32, faceAttributes)
	var tone, cheeks []float64
	var hair, hairs, hues, grounds int
	for i := range d.Len() {
		d.Batch(v, []int{i})
		d.(data.Attributed).Values(values, i)
		// The skin is darker the higher its number. Cheeks and nose are bare in most faces.
		tone = append(tone, float64(values[faceSkin]))
		cheeks = append(cheeks, -luma(mean(v, 12, 18, 21, 22)))
		// The hair is nearest to the colour that it is said to be.
		if values[faceStyle] != bald && values[faceHat] == 0 {
			hairs++
			seen := hairOf(v, i)
			best, nearest := math.Inf(1), -1
			for k, c := range hairInks {
				if a := away(seen, rgb(c)); a < best {
					best, nearest = a, k
				}
			}
			if nearest == int(values[faceHair]) {
				hair++
			}
		}
		// The upper corners have the hue of the background.
		if style := values[faceStyle]; style != curly && style != long && style != bob {
			grounds++
			c := mean(v, 0, 0, 2, 3)
			want := hsv(values[faceGround], 1, 1)
			if correlation([]float64{float64(c[0]), float64(c[1]), float64(c[2])}, []float64{float64(want[0]), float64(want[1]), float64(want[2])}) > 0.97 {
				hues++
			}
		}
	}
	if r := correlation(tone, cheeks); r < 0.9 {
		t.Errorf("skin goes with the darkness of the cheeks at %.3f only", r)
	} else {
		t.Logf("skin and the darkness of the cheeks: %.3f", r)
	}
	t.Logf("hair as said: %d of %d; ground: %d of %d", hair, hairs, hues, grounds)
	if hair < hairs*9/10 {
		t.Errorf("%d of %d have hair of the colour that is said", hair, hairs)
	}
	if hues < grounds*98/100 {
		t.Errorf("%d of %d have a background of the hue that is said", hues, grounds)
	}
}

// hairOf returns the mean colour of the hair in picture i of seed 9: of the pixels that would be another colour, were the hair.
func hairOf(v []float32, i int) (c colour) {
	var f face
	f.draw(9, i)
	f.inks[hairInk], f.beard = rgb(0x00ff00), 0
	green := paintFace(f)
	f.inks[hairInk] = rgb(0xff00ff)
	pink := paintFace(f)
	n := float32(0)
	for j := range side * side {
		if abs(green[j]-pink[j])+abs(green[side*side+j]-pink[side*side+j]) > 1 {
			n++
			for k := range c {
				c[k] += v[k*side*side+j]
			}
		}
	}
	for k := range c {
		c[k] /= n
	}
	return c
}

// TestFaceChanges alters one thing of a face and looks where the picture has changed.
func TestFaceChanges(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(f *face)
		y0, y1 int // rows in which nearly all of the change is
		least  float64
	}{
		{"glasses", func(f *face) { f.glasses = (f.glasses + 1) % 3 }, 10, 25, 0.5},
		{"beard", func(f *face) { f.beard = (f.beard + 1) % 3 }, 15, 32, 0.5},
		{"mouth", func(f *face) { f.smile, f.mouth = -f.smile, 1-f.mouth }, 17, 32, 0.5},
		{"eyes", func(f *face) { f.inks[eyeInk] = rgb(0xff0000) }, 11, 24, 0.2},
		{"brows", func(f *face) { f.browSlant = -f.browSlant - 0.3 }, 8, 21, 0.2},
		{"hat", func(f *face) { f.hat = 1 - f.hat; f.inks[hatInk] = rgb(0x00ff00) }, 0, 20, 2},
		{"shirt", func(f *face) {
			f.inks[clothInk] = colour{1 - f.inks[clothInk][0], 1 - f.inks[clothInk][1], 1 - f.inks[clothInk][2]}
		}, 24, 32, 0.5},
	} {
		inRows, all, seen := 0.0, 0.0, 0
		faces := drawn(100)
		for i := range faces {
			before := paintFace(faces[i])
			f := faces[i]
			if f.eyeOpen == 0 {
				f.eyeOpen = 0.7
				before = paintFace(f)
			}
			c.change(&f)
			after := paintFace(f)
			var here float64
			for j := range before {
				d := math.Abs(float64(after[j] - before[j]))
				here += d
				if y := j % (side * side) / side; y >= c.y0 && y < c.y1 {
					inRows += d
				}
			}
			all += here
			if here > c.least {
				seen++
			}
		}
		if seen < 92 {
			t.Errorf("%s: a change is seen in %d of 100 faces", c.name, seen)
		}
		if inRows < 0.93*all {
			t.Errorf("%s: only %.2f of the change is in rows %d to %d", c.name, inRows/all, c.y0, c.y1)
		}
	}
}

// middle returns the middle of what differs between two pictures.
func middle(a, b []float32) (x, y float64) {
	var sum float64
	for j := range a {
		d := math.Abs(float64(a[j] - b[j]))
		sum += d
		x += d * (float64(j%side) + 0.5)
		y += d * (float64(j%(side*side)/side) + 0.5)
	}
	return x / sum, y / sum
}

// TestFacePose finds the eyes, by changing their colour, and wants them where the pose says.
func TestFacePose(t *testing.T) {
	eyes := func(f face) (x, y float64) {
		f.glasses, f.eyeOpen, f.gazeX, f.gazeY = 0, 1, 0, 0
		before := paintFace(f)
		f.inks[eyeInk] = rgb(0xff00ff)
		return middle(before, paintFace(f))
	}
	for i, f := range drawn(100) {
		turn := func(yaw, pitch, tilt float32) (x, y float64) {
			f := f
			f.yaw, f.pitch, f.tilt = yaw, pitch, tilt
			return eyes(f)
		}
		x0, y0 := turn(0, 0, 0)
		x1, _ := turn(0.8, 0, 0)
		_, y1 := turn(0, 0.8, 0)
		x2, _ := turn(0, 0, 0.2)
		if x1-x0 < 0.8 || y1-y0 < 0.5 || x2-x0 < 0.8 {
			t.Fatalf("face %d: yaw moves the eyes by %.2f to the right, pitch by %.2f down, tilt by %.2f to the right", i, x1-x0, y1-y0, x2-x0)
		}
	}
}

// TestFaceSmile measures how much higher the corners of the mouth are than its middle.
func TestFaceSmile(t *testing.T) {
	for i, f := range drawn(100) {
		f.expression, f.mouth, f.beard, f.tilt = calm, 0, 0, 0
		lift := func(smile float32) float64 {
			f.smile = smile
			f.mouthWide = 0.001 // next to no mouth
			without := paintFace(f)
			f.mouthWide = 0.3
			with := paintFace(f)
			cx, _ := middle(with, without)
			var inner, outer, ni, no float64
			for j := range with {
				d := math.Abs(float64(with[j] - without[j]))
				x, y := float64(j%side)+0.5, float64(j%(side*side)/side)+0.5
				if math.Abs(x-cx) < 1.5 {
					inner, ni = inner+d*y, ni+d
				} else if math.Abs(x-cx) > 2 {
					outer, no = outer+d*y, no+d
				}
			}
			return inner/ni - outer/no
		}
		if up, down := lift(0.9), lift(-0.9); up < 0.3 || down > -0.3 {
			t.Errorf("face %d: the corners of a smile are up by %.2f, of a frown by %.2f", i, up, down)
		}
	}
}
