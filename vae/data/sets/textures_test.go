package sets

import (
	"math"
	"testing"

	"inkdrift/vae/data"
)

// kindsOf returns pictures of one kind, with their attributes.
func kindsOf(t *testing.T, kind, n int) (pictures, values [][]float32) {
	t.Helper()
	d := greyTextures.Span(4, 0, 100*n)
	for i := 0; i < d.Len() && len(pictures) < n; i++ {
		if d.Label(i) != kind {
			continue
		}
		v, a := make([]float32, d.Shape().Len()), make([]float32, textureAttributes)
		d.Batch(v, []int{i})
		d.(data.Attributed).Values(a, i)
		pictures, values = append(pictures, v), append(values, a)
	}
	return pictures, values
}

// tensor returns the structure tensor of a picture: sums of products of its slopes.
func tensor(v []float32) (xx, xy, yy float64) {
	const n = 28
	for y := 1; y < n-1; y++ {
		for x := 1; x < n-1; x++ {
			dx, dy := float64(v[y*n+x+1]-v[y*n+x-1]), float64(v[y*n+n+x]-v[y*n-n+x])
			xx, xy, yy = xx+dx*dx, xy+dx*dy, yy+dy*dy
		}
	}
	return xx, xy, yy
}

// TestTextureAngle measures which way the pictures of stripes and wave packets vary most.
func TestTextureAngle(t *testing.T) {
	for _, kind := range []int{0, 5} {
		pictures, values := kindsOf(t, kind, 200)
		off := 0.0
		for i, v := range pictures {
			xx, xy, yy := tensor(v)
			turns := 0.5 * math.Atan2(2*xy, xx-yy) / (2 * math.Pi)
			d := turns - float64(values[i][textureAngle])
			d -= 0.5 * math.Round(2*d) // half a turn changes nothing
			off += math.Abs(d)
		}
		off /= float64(len(pictures))
		t.Logf("%s: %.1f degrees off", textureNames[kind], 360*off)
		if off > 12.0/360 {
			t.Errorf("%s: the angle is off by %.1f degrees on average", textureNames[kind], 360*off)
		}
	}
}

// TestTexturePeriod compares the period with how quickly the pictures vary.
func TestTexturePeriod(t *testing.T) {
	for kind, name := range textureNames {
		pictures, values := kindsOf(t, kind, 300)
		var period, quick []float64
		for i, v := range pictures {
			xx, _, yy := tensor(v)
			_, s := spread(v)
			period = append(period, -math.Log(float64(values[i][texturePeriod])))
			quick = append(quick, 0.5*math.Log((xx+yy)/(26*26*s*s)))
		}
		r := correlation(period, quick)
		t.Logf("%s: %.2f", name, r)
		if r < 0.45 {
			t.Errorf("%s: period and speed of change go together at %.2f only", name, r)
		}
	}
}

func spread(v []float32) (mean, deviation float64) {
	var sum, squares float64
	for _, x := range v {
		sum, squares = sum+float64(x), squares+float64(x)*float64(x)
	}
	n := float64(len(v))
	return sum / n, math.Sqrt(squares/n - sum*sum/(n*n))
}

// TestTextureContrast compares the contrast with the spread of light.
func TestTextureContrast(t *testing.T) {
	for kind, name := range textureNames {
		pictures, values := kindsOf(t, kind, 300)
		var contrast, wide []float64
		for i, v := range pictures {
			_, s := spread(v)
			contrast, wide = append(contrast, float64(values[i][textureContrast])), append(wide, s)
			if s < 0.02 {
				t.Errorf("%s: a picture of one grey: spread %.3f", name, s)
			}
		}
		r := correlation(contrast, wide)
		t.Logf("%s: %.2f", name, r)
		if r < 0.35 {
			t.Errorf("%s: contrast and spread go together at %.2f only", name, r)
		}
	}
}

// TestTextureKinds: pictures of a kind are nearer to others of theirs than chance would have it, by a few plain measures.
func TestTextureKinds(t *testing.T) {
	const n = 120
	type point [5]float64
	var points []point
	var labels []int
	for kind := range textureNames {
		pictures, _ := kindsOf(t, kind, n)
		for _, v := range pictures {
			xx, xy, yy := tensor(v)
			_, s := spread(v)
			// How much the slopes have one direction, how the light is spread, and how jagged it is.
			coherence := math.Sqrt((xx-yy)*(xx-yy)+4*xy*xy) / (xx + yy)
			mid, extreme, jag := 0.0, 0.0, 0.0
			m, _ := spread(v)
			for j, x := range v {
				z := (float64(x) - m) / s
				mid += z * z * z / float64(len(v))
				extreme += z * z * z * z / float64(len(v))
				if j > 0 && j%28 > 0 {
					jag += math.Abs(float64(x - v[j-1]))
				}
			}
			points = append(points, point{3 * coherence, mid, 0.4 * extreme, 0.01 * jag / s, 4 * s})
			labels = append(labels, kind)
		}
	}
	good := 0
	for i := range points {
		best, nearest := math.Inf(1), -1
		for j := range points {
			var d float64
			for k := range points[i] {
				d += (points[i][k] - points[j][k]) * (points[i][k] - points[j][k])
			}
			if i != j && d < best {
				best, nearest = d, j
			}
		}
		if labels[nearest] == labels[i] {
			good++
		}
	}
	rate := float64(good) / float64(len(points))
	t.Logf("%.2f of the pictures are nearest to one of their kind", rate)
	if rate < 0.5 {
		t.Errorf("%.2f of the pictures are nearest to one of their kind, by five plain measures", rate)
	}
}
