package port

import (
	"errors"
	"image"
	"syscall/js"
)

// stripPixels is how much of a picture is on a canvas at a time.
const stripPixels = 1 << 20

// CanDecode reports whether the platform decodes pictures in workers.
func CanDecode() bool {
	g := js.Global()
	return g.Get("createImageBitmap").Type() == js.TypeFunction && g.Get("OffscreenCanvas").Type() == js.TypeFunction
}

// DecodePicture has the browser decode a picture file: whatever it shows. The size must have
// been checked. A result whose longer side would be longer than side is made that small; 0: it stays as it is.
// While the browser decodes, JavaScript runs and the caller waits; yield, unless it is nil, is called between parts of the
// picture.
func DecodePicture(file []byte, side int, yield func()) (img image.Image, err error) {
	defer catch(&err)
	bytes := uint8Array.New(len(file))
	js.CopyBytesToJS(bytes, file)
	options := object.New()
	options.Set("imageOrientation", "from-image")
	options.Set("premultiplyAlpha", "none")
	blob := js.Global().Get("Blob").New(array.New(bytes))
	bitmap, err := await(js.Global().Call("createImageBitmap", blob, options))
	if err != nil {
		return nil, err
	}
	defer bitmap.Call("close")
	w, h := bitmap.Get("width").Int(), bitmap.Get("height").Int()
	if long := max(w, h); side > 0 && long > side {
		w, h = max(1, w*side/long), max(1, h*side/long)
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	rows := min(h, max(1, stripPixels/w))
	canvas := js.Global().Get("OffscreenCanvas").New(w, rows)
	wanted := object.New()
	wanted.Set("willReadFrequently", true)
	context := canvas.Call("getContext", "2d", wanted)
	if !context.Truthy() {
		return nil, errors.New("there is no memory for a canvas")
	}
	context.Set("imageSmoothingQuality", "high")
	for y := 0; y < h; y += rows {
		n := min(rows, h-y)
		context.Call("clearRect", 0, 0, w, rows)
		context.Call("drawImage", bitmap, 0, -y, w, h)
		js.CopyBytesToGo(out.Pix[y*out.Stride:(y+n)*out.Stride], context.Call("getImageData", 0, 0, w, n).Get("data"))
		if yield != nil {
			yield()
		}
	}
	return out, nil
}

// await waits for a promise.
func await(promise js.Value) (value js.Value, err error) {
	done := make(chan struct{})
	settled := func(f func(js.Value)) js.Func {
		return js.FuncOf(func(_ js.Value, args []js.Value) any {
			f(args[0])
			close(done)
			return nil
		})
	}
	good := settled(func(v js.Value) { value = v })
	bad := settled(func(v js.Value) { err = js.Error{Value: v} })
	defer good.Release()
	defer bad.Release()
	promise.Call("then", good, bad)
	<-done
	return value, err
}
