package album

import (
	"errors"
	"image"
	"slices"
	"testing"

	"inkdrift/vae/data"
	"inkdrift/vae/data/picture"
)

func TestPatches(t *testing.T) {
	for _, size := range [][2]int{{200, 120}, {90, 300}, {84, 28}} {
		// Each pixel says where it is: red across, green down.
		m := image.NewNRGBA(image.Rect(0, 0, size[0], size[1]))
		for i := range size[0] * size[1] {
			m.Pix[4*i], m.Pix[4*i+1], m.Pix[4*i+3] = uint8(i%size[0]), uint8(i/size[0]%256), 255
			m.Pix[4*i+2] = uint8(i / size[0] / 256)
		}
		want := Patches{Shape: data.Shape{C: 3, H: 28, W: 28}, Scale: 1, Count: 300, Seed: 5}
		c, err := NewPatches("photo", &picture.Picture{Image: m, Orientation: 1}, want)
		if err != nil {
			t.Fatal(err)
		}
		if c.Train.Len() != 300 || c.Validation.Len() != 30 || c.Test.Len() != 30 || c.Split != data.SplitAreas || c.Train.Label(0) != -1 {
			t.Errorf("%v", c)
		}
		again, err := NewPatches("photo", &picture.Picture{Image: m, Orientation: 1}, want)
		if err != nil {
			t.Fatal(err)
		}
		want.Seed++
		other, err := NewPatches("photo", &picture.Picture{Image: m, Orientation: 1}, want)
		if err != nil {
			t.Fatal(err)
		}
		a, b := make([]float32, 28*28*3), make([]float32, 28*28*3)
		owner := make(map[[2]int]string) // which part has a pixel
		same := 0
		for k, d := range []data.Dataset{c.Train, c.Validation, c.Test} {
			for i := range d.Len() {
				d.Batch(a, []int{i})
				[]data.Dataset{again.Train, again.Validation, again.Test}[k].Batch(b, []int{i})
				if !slices.Equal(a, b) {
					t.Fatalf("patch %d of %s differs from itself", i, d.Name())
				}
				[]data.Dataset{other.Train, other.Validation, other.Test}[k].Batch(b, []int{i})
				if slices.Equal(a, b) {
					same++
				}
				at := d.(*PatchSet).Place(i)
				for j := range 28 * 28 {
					x, y := int(a[j]*255+0.5), int(a[784+j]*255+0.5)+256*int(a[2*784+j]*255+0.5)
					if x != at.X+j%28 || y != at.Y+j/28 || at.W != 28 || at.H != 28 {
						t.Fatalf("%s: pixel %d of patch %d at %v is (%d, %d)", d.Name(), j, i, at, x, y)
					}
					if o, ok := owner[[2]int{x, y}]; ok && o != d.Name() {
						t.Fatalf("pixel (%d, %d) is in %s and in %s", x, y, o, d.Name())
					}
					owner[[2]int{x, y}] = d.Name()
				}
			}
		}
		if most := 20; size[0] != 84 && same > most {
			t.Errorf("%d of 360 patches do not depend on the seed", same)
		}
		index := []int{7, 0}
		two := make([]float32, 2*28*28*3)
		if n := testing.AllocsPerRun(10, func() { c.Train.Batch(two, index) }); n != 0 {
			t.Errorf("Batch allocates %v times", n)
		}
	}
}

func TestPatchesScale(t *testing.T) {
	m := coloured(100, 60)
	c, err := NewPatches("photo", &picture.Picture{Image: m, Orientation: 1}, Patches{Shape: data.Shape{C: 1, H: 8, W: 8}, Scale: 2.5, Count: 10})
	if err != nil {
		t.Fatal(err)
	}
	d := c.Train.(*PatchSet)
	if d.w != 40 || d.h != 24 {
		t.Errorf("%d x %d", d.w, d.h)
	}
	if p := d.Place(0); p.W != 20 || p.H != 20 || p.X+p.W > 100 || p.Y+p.H > 60 {
		t.Errorf("%v", p)
	}
	v := make([]float32, 64)
	d.Batch(v, []int{0})
	f := Frame{Shape: data.Shape{C: 1, H: 24, W: 40}}
	small := preview(t, f, &picture.Picture{Image: m, Orientation: 1})
	x, y := d.corner(0)
	if want := float32(small.Pixels[y*40+x]) / 255; v[0] != want {
		t.Errorf("%v, want %v", v[0], want)
	}
}

func TestPatchesErrors(t *testing.T) {
	good := Patches{Shape: data.Shape{C: 3, H: 32, W: 32}, Scale: 1, Count: 100}
	with := func(change func(p *Patches)) Patches {
		p := good
		change(&p)
		return p
	}
	for name, c := range map[string]struct {
		w, h int
		want Patches
		kind error
	}{
		"two channels":     {200, 200, with(func(p *Patches) { p.Shape.C = 2 }), data.ErrMismatch},
		"scale 0":          {200, 200, with(func(p *Patches) { p.Scale = 0 }), data.ErrMismatch},
		"scale 0.5":        {200, 200, with(func(p *Patches) { p.Scale = 0.5 }), data.ErrMismatch},
		"an endless scale": {200, 200, with(func(p *Patches) { p.Scale = 1e300 }), data.ErrMismatch},
		"no patches":       {200, 200, with(func(p *Patches) { p.Count = 0 }), data.ErrMismatch},
		"very many":        {200, 200, with(func(p *Patches) { p.Count = data.FirstValidation + 1 }), data.ErrMismatch},
		"too low":          {200, 31, good, data.ErrTooFew},
		"too small":        {95, 40, good, data.ErrTooFew},
		"small by scale":   {200, 200, with(func(p *Patches) { p.Scale = 3 }), data.ErrTooFew},
		"huge":             {5000, 5000, good, data.ErrTooLarge},
	} {
		_, err := NewPatches("photo", &picture.Picture{Image: image.NewGray(image.Rect(0, 0, c.w, c.h)), Orientation: 1}, c.want)
		var fe *data.FileError
		if !errors.As(err, &fe) || !errors.Is(err, c.kind) || fe.Advice == "" {
			t.Errorf("%s: error %v, want %v", name, err, c.kind)
		}
	}
	// The advice for a picture that is too large must help.
	for _, size := range [][2]int{{5000, 5000}, {4200, 4100}, {40_000_000, 1}, {7001, 5701}} {
		w, h := float64(size[0]), float64(size[1])
		if l := leastScale(size[0], size[1]); w/l*h/l > MostPatchPixels || w/(l-0.1)*h/(l-0.1) <= MostPatchPixels {
			t.Errorf("%v: at least %v", size, l)
		}
	}
	for _, i := range []int{-1, 100} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("patch %d of 100", i)
				}
			}()
			c, err := NewPatches("photo", &picture.Picture{Image: image.NewGray(image.Rect(0, 0, 200, 200)), Orientation: 1}, good)
			if err != nil {
				t.Fatal(err)
			}
			c.Train.Batch(make([]float32, 3072), []int{i})
		}()
	}
}
