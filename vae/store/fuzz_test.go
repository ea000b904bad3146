package store_test

import (
	"bytes"
	"errors"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/store"
)

func FuzzDecode(f *testing.F) {
	f.Add(encode(f, sample()))
	f.Add(raw(good, make([]byte, 12)...))
	f.Add(raw(`{"__metadata__":null,"a":{"dtype":"F32","shape":[0,0],"data_offsets":[0,0],"shape":[1e3]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := store.Decode(b)
		if err != nil {
			var e *store.FormatError
			if !errors.As(err, &e) || e.Field == "" {
				t.Errorf("%T: %v", err, err)
			}
			return
		}
		size := 0
		for i := range x.Tensors {
			y := &x.Tensors[i]
			if y.Len()*y.DType.Size() != len(y.Data) {
				t.Errorf("%s has %d bytes and the shape %v", y.Name, len(y.Data), y.Shape)
			}
			size += len(y.Data)
			_ = y.Unpack(make([]float32, y.Len()))
		}
		if size > len(b) {
			t.Errorf("%d bytes of tensors from %d", size, len(b))
		}
		// What was read can be written and read, and is then the same.
		var out bytes.Buffer
		if err := x.Encode(&out); err != nil {
			var e *store.FormatError
			// Escaping may lengthen a header beyond the limit.
			if errors.As(err, &e) && e.Field == "header" {
				return
			}
			t.Fatal(err)
		}
		y, err := store.Decode(out.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		var again bytes.Buffer
		if err := y.Encode(&again); err != nil || !bytes.Equal(again.Bytes(), out.Bytes()) {
			t.Errorf("reading and writing again gave another file (%v)", err)
		}
	})
}

func FuzzReadModel(f *testing.F) {
	f.Add(write(f, newModel(f, config), store.Options{}))
	small := config
	small.Input, small.Encoder, small.Decoder, small.Latent, small.Classifier = [3]int{1, 1, 2}, nil, nil, 1, nil
	f.Add(write(f, newModel(f, small), store.Options{DType: store.F16}))
	f.Add(write(f, newModel(f, convolutional), store.Options{DType: store.F16}))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := store.ReadModel(b)
		if err != nil {
			var format *store.FormatError
			var wrong *vae.ConfigError
			if !errors.As(err, &format) && !errors.As(err, &wrong) {
				t.Errorf("%T: %v", err, err)
			}
			return
		}
		mu, logvar := make([]float32, m.Latent()), make([]float32, m.Latent())
		x := make([]float32, m.InputLen())
		if err := errors.Join(m.Encode(mu, logvar, x), m.Decode(x, mu)); err != nil {
			t.Fatal(err)
		}
		if _, err := store.ReadModel(write(t, m, store.Options{})); err != nil {
			t.Errorf("a model that was read cannot be written and read: %v", err)
		}
	})
}
