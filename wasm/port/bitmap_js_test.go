package port

import (
	"image/color"
	"strings"
	"syscall/js"
	"testing"
)

// fakeBrowser puts a decoder of pictures into the global scope, as workers of browsers have it: a picture is its
// width and height, two bytes each, and its pixel at (x, y) is (x, y, 7, 255).
func fakeBrowser(t *testing.T) {
	t.Helper()
	js.Global().Get("Function").New(`
		globalThis.closed = 0;
		globalThis.createImageBitmap = async (blob, options) => {
			globalThis.asked = options;
			const b = new Uint8Array(await blob.arrayBuffer());
			if (b.length !== 4) throw new Error('InvalidStateError: not decoded');
			return { width: b[0] << 8 | b[1], height: b[2] << 8 | b[3], close() { globalThis.closed++; } };
		};
		globalThis.OffscreenCanvas = class {
			constructor(w, h) { this.width = w; this.height = h; }
			getContext() {
				const canvas = this;
				return {
					clearRect() { this.drawn = null; },
					drawImage(bitmap, x, y, w, h) { this.drawn = { y, sx: bitmap.width / w, sy: bitmap.height / h }; },
					getImageData(x, y, w, h) {
						if (w > canvas.width || h > canvas.height) throw new Error('outside');
						const data = new Uint8ClampedArray(4 * w * h);
						for (let i = 0; i < w * h; i++) {
							const v = Math.floor(i / w) - this.drawn.y;
							data.set([Math.floor((i % w) * this.drawn.sx), Math.floor(v * this.drawn.sy), 7, 255], 4 * i);
						}
						return { data };
					},
				};
			}
		};`).Invoke()
	t.Cleanup(func() {
		for _, name := range []string{"createImageBitmap", "OffscreenCanvas", "asked", "closed"} {
			js.Global().Delete(name)
		}
	})
}

// TestDecodePicture: a picture comes strip by strip, upright, and as small as wanted.
func TestDecodePicture(t *testing.T) {
	if CanDecode() {
		t.Skip("this platform decodes pictures itself")
	}
	fakeBrowser(t)
	if !CanDecode() {
		t.Fatal("there is no decoder")
	}
	calls := 0
	for _, c := range []struct{ w, h, side, wantW, wantH int }{{3, 2, 0, 3, 2}, {200, 100, 50, 50, 25}, {2000, 1500, 0, 2000, 1500}, {1, 3000, 10, 1, 10}} {
		img, err := DecodePicture([]byte{byte(c.w >> 8), byte(c.w), byte(c.h >> 8), byte(c.h)}, c.side, func() { calls++ })
		if err != nil {
			t.Fatal(err)
		}
		if b := img.Bounds(); b.Dx() != c.wantW || b.Dy() != c.wantH {
			t.Errorf("%+v: %v", c, b)
		}
		x, y := c.wantW-1, c.wantH-1
		want := color.NRGBA{byte(min(255, x*c.w/c.wantW)), byte(min(255, y*c.h/c.wantH)), 7, 255}
		if got := img.At(x, y); got != want {
			t.Errorf("%+v: the last pixel is %v, want %v", c, got, want)
		}
	}
	if calls < 6 {
		t.Errorf("%d calls of yield: a large picture comes in strips", calls)
	}
	if o := js.Global().Get("asked"); o.Get("imageOrientation").String() != "from-image" || js.Global().Get("closed").Int() != 4 {
		t.Error("orientation was not asked for, or a bitmap was kept")
	}
	if _, err := DecodePicture([]byte("torn"[:3]), 0, nil); err == nil || !strings.Contains(err.Error(), "not decoded") {
		t.Errorf("a torn picture: %v", err)
	}
}
