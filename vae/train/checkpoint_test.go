package train_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/store"
	"inkdrift/vae/train"
)

const checkpointKey = "inkdrift-checkpoint"

// good is a checkpoint after a few steps.
var good = sync.OnceValue(func() []byte {
	tr, err := train.New(newModel(tiny), pictures(53), everything())
	if err != nil {
		panic(err)
	}
	for range 7 {
		if _, err := tr.Step(); err != nil {
			panic(err)
		}
	}
	var b bytes.Buffer
	f, err := tr.Checkpoint(tr.Snapshot()).File()
	if err != nil || f.Encode(&b) != nil {
		panic(err)
	}
	return b.Bytes()
})

// altered returns the bytes of a good checkpoint after changes to its file, and
// to the JSON that describes it.
func altered(t testing.TB, change func(f *store.File, head map[string]any)) []byte {
	t.Helper()
	f, err := store.Decode(bytes.Clone(good()))
	if err != nil {
		t.Fatal(err)
	}
	head := map[string]any{}
	if err := json.Unmarshal([]byte(f.Metadata[checkpointKey]), &head); err != nil {
		t.Fatal(err)
	}
	change(f, head)
	if _, ok := f.Metadata[checkpointKey]; ok {
		text, err := json.Marshal(head)
		if err != nil {
			t.Fatal(err)
		}
		f.Metadata[checkpointKey] = string(text)
	}
	var b bytes.Buffer
	if err := f.Encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// addSnapshot gives a checkpoint its own state as a snapshot and returns head.
func addSnapshot(f *store.File, head map[string]any) map[string]any {
	head["format"] = 2
	head["snapshot"] = map[string]any{"step": head["step"], "optimizer_steps": head["optimizer_steps"], "scale": head["scale"]}
	for _, t := range f.Tensors {
		t.Name = "snapshot." + t.Name
		f.Tensors = append(f.Tensors, t)
	}
	return head
}

func sub(head map[string]any, key string) map[string]any { return head[key].(map[string]any) }

// TestCheckpointErrors has one case for each way a checkpoint can be wrong.
func TestCheckpointErrors(t *testing.T) {
	var (
		state  *train.StateError
		option *train.OptionError
		config *vae.ConfigError
		format *store.FormatError
		wrong  *train.DataError
	)
	pack := func(f *store.File, i int, x ...float32) {
		f.Tensors[i] = store.Pack(f.Tensors[i].Name, store.F32, []int{len(x)}, x)
	}
	for _, c := range []struct {
		name   string
		want   any
		text   string
		change func(f *store.File, head map[string]any)
	}{
		{"no description", &state, "not a checkpoint", func(f *store.File, head map[string]any) { f.Metadata = nil }},
		{"other metadata", &state, "not a checkpoint", func(f *store.File, head map[string]any) { f.Metadata = map[string]string{"format": "pt"} }},
		{"format", &state, "not a checkpoint", func(f *store.File, head map[string]any) { head["format"] = 3 }},
		{"no snapshot", &state, "not a checkpoint", func(f *store.File, head map[string]any) { head["format"] = 2 }},
		{"snapshot in format 1", &state, "not a checkpoint", func(f *store.File, head map[string]any) { addSnapshot(f, head)["format"] = 1 }},
		{"snapshot without tensors", &state, "3 tensors", func(f *store.File, head map[string]any) {
			addSnapshot(f, head)
			f.Tensors = f.Tensors[:3]
		}},
		{"snapshot with other tensors", &state, "snapshot.weights", func(f *store.File, head map[string]any) { addSnapshot(f, head); f.Tensors[3].Name = "weights2" }},
		{"snapshot of another length", &state, "first moments", func(f *store.File, head map[string]any) { addSnapshot(f, head); pack(f, 4, 1, 2, 3) }},
		{"later snapshot", &state, "earlier", func(f *store.File, head map[string]any) { sub(addSnapshot(f, head), "snapshot")["step"] = 7 }},
		{"undone without a snapshot", &state, "undone", func(f *store.File, head map[string]any) { head["undone"] = 1 }},
		{"too many undone", &state, "undone", func(f *store.File, head map[string]any) { addSnapshot(f, head)["undone"] = 9 }},
		{"negative undone", &state, "undone", func(f *store.File, head map[string]any) { addSnapshot(f, head)["undone"] = -1 }},
		{"text for a number", &state, "not a checkpoint", func(f *store.File, head map[string]any) { head["step"] = "seven" }},
		{"half a step", &state, "not a checkpoint", func(f *store.File, head map[string]any) { head["step"] = 0.5 }},
		{"config", &config, "latent", func(f *store.File, head map[string]any) { sub(head, "config")["latent"] = 0 }},
		{"family", &config, "family", func(f *store.File, head map[string]any) { sub(head, "config")["family"] = "wide" }},
		{"options", &option, "batch", func(f *store.File, head map[string]any) { sub(head, "options")["batch"] = 0 }},
		{"binarisation", &option, "binarize", func(f *store.File, head map[string]any) { sub(head, "options")["binarize"] = "no" }},
		{"a tensor too few", &state, "2 tensors", func(f *store.File, head map[string]any) { f.Tensors = f.Tensors[:2] }},
		{"a tensor too many", &state, "4 tensors", func(f *store.File, head map[string]any) {
			f.Tensors = append(f.Tensors, store.Pack("more", store.F32, []int{1}, []float32{1}))
		}},
		{"another name", &state, "adam.m", func(f *store.File, head map[string]any) { f.Tensors[1].Name = "adam.x" }},
		{"another order", &state, "weights", func(f *store.File, head map[string]any) {
			f.Tensors[0], f.Tensors[1] = f.Tensors[1], f.Tensors[0]
		}},
		{"NaN", &format, "adam.v", func(f *store.File, head map[string]any) { copy(f.Tensors[2].Data[40:], []byte{0, 0, 0xc0, 0x7f}) }},
		{"infinity", &format, "weights", func(f *store.File, head map[string]any) { copy(f.Tensors[0].Data, []byte{0, 0, 0x80, 0xff}) }},

		{"data set", &wrong, "began with", func(f *store.File, head map[string]any) { head["data"] = "mnist-train" }},
		{"shape", &wrong, "takes", func(f *store.File, head map[string]any) { sub(head, "config")["input"] = []int{1, 6, 4} }},
		{"larger model", &state, "weights", func(f *store.File, head map[string]any) { sub(head, "config")["latent"] = 3 }},
		{"huge model", &state, "weights", func(f *store.File, head map[string]any) { sub(head, "config")["encoder"] = []int{65536, 900} }},
		{"smaller model", &state, "weights", func(f *store.File, head map[string]any) { sub(head, "config")["latent"] = 1 }},
		{"no weights", &state, "weights", func(f *store.File, head map[string]any) { pack(f, 0) }},
		{"moments of another length", &state, "first moments", func(f *store.File, head map[string]any) { pack(f, 1, 1, 2, 3) }},
		{"negative second moment", &state, "second moments", func(f *store.File, head map[string]any) { f.Tensors[2].Data[43] |= 0x80 }},
		{"negative step", &state, "step", func(f *store.File, head map[string]any) { head["step"], head["optimizer_steps"] = -1, -1 }},
		{"step after the end", &state, "step", func(f *store.File, head map[string]any) { head["step"] = 19 }},
		{"negative optimiser steps", &state, "step", func(f *store.File, head map[string]any) { head["optimizer_steps"] = -1 }},
		{"more optimiser steps than steps", &state, "step", func(f *store.File, head map[string]any) { head["optimizer_steps"] = 7 }},
		{"scale 0", &state, "scale", func(f *store.File, head map[string]any) { head["scale"] = 0 }},
		{"scale 2", &state, "scale", func(f *store.File, head map[string]any) { head["scale"] = 2 }},
	} {
		c2, err := train.ReadCheckpoint(altered(t, c.change))
		if err == nil {
			_, err = c2.Resume(pictures(53))
		}
		if err == nil || !errors.As(err, c.want) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
	var err error
	if _, err = train.ReadCheckpoint(nil); !errors.As(err, &format) {
		t.Errorf("no bytes: %v", err)
	}
	c, err := train.ReadCheckpoint(altered(t, func(*store.File, map[string]any) {}))
	if err != nil {
		t.Fatal(err)
	}
	if tr, err := c.Resume(pictures(53)); err != nil || tr.StepsTaken() != 6 {
		t.Errorf("the unaltered checkpoint: %v", err)
	}
	if c.Data != "marked" || c.Options != everything() || c.State.OptSteps != 6 {
		t.Errorf("read %+v", c)
	}
}

// TestCheckpointHasNoClassifier: it is no part of the run, and a file cannot make
// a reader build one that it does not pay for.
func TestCheckpointHasNoClassifier(t *testing.T) {
	m, err := newModel(tiny).WithClassifier(3, []int{5}, 1)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := train.New(m, pictures(53), everything())
	if err != nil {
		t.Fatal(err)
	}
	again := resume(t, file(t, tr), pictures(53))
	if again.Model().Classes() != 0 || !bytes.Equal(file(t, tr), file(t, again)) {
		t.Errorf("%d classes after resuming", again.Model().Classes())
	}
	c, err := train.ReadCheckpoint(altered(t, func(f *store.File, head map[string]any) {
		config := sub(head, "config")
		config["classes"], config["classifier"] = 1000, []int{50000}
	}))
	if err != nil {
		t.Fatal(err)
	}
	if n := allocated(func() {
		if tr, err := c.Resume(pictures(53)); err != nil || tr.Model().Classes() != 0 {
			t.Errorf("a file with a classifier: %v", err)
		}
	}); n > 1<<20 {
		t.Errorf("resuming a small run took %d bytes", n)
	}
}

// allocated is the number of bytes that f takes from the heap.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestTornCheckpoint cuts a file anywhere and turns bits over.
func TestTornCheckpoint(t *testing.T) {
	b := good()
	step := 7
	if slow {
		step = 41
	}
	for n := 0; n < len(b); n += step {
		if _, err := train.ReadCheckpoint(b[:n:n]); err == nil {
			t.Fatalf("the first %d of %d bytes were read", n, len(b))
		}
	}
	d := pictures(53)
	for i := 0; i < len(b); i += step {
		flipped := bytes.Clone(b)
		flipped[i] ^= 1 << (i % 8)
		if c, err := train.ReadCheckpoint(flipped); err == nil {
			if tr, err := c.Resume(d); err == nil {
				_, _ = tr.Step() // any result but a panic
			}
		}
	}
}

func FuzzReadCheckpoint(f *testing.F) {
	f.Add(good())
	f.Add(altered(f, func(_ *store.File, head map[string]any) { head["scale"] = math.SmallestNonzeroFloat64 }))
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	d := pictures(9)
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := train.ReadCheckpoint(b)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without a text")
			}
			return
		}
		tr, err := c.Resume(d)
		if err != nil {
			return
		}
		again, err := c.File()
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := again.Encode(&out); err != nil {
			t.Fatal(err)
		}
		if _, err := train.ReadCheckpoint(out.Bytes()); err != nil {
			t.Errorf("a checkpoint that was read cannot be written and read: %v", err)
		}
		_, _ = tr.Step()
	})
}
