// Command bench drives the package tasks for tools/bench in a worker of Node or
// of a browser. It puts an object inkdriftBench into the global scope:
//
//	prepare(spec, images?, labels?)  the JSON of a tasks.Spec, and the IDX files
//	                                 that it trains on; JSON of {id, loss} or {error}
//	measure(id, seconds)             JSON of a tasks.Sample or {error}
//	drop(id)
//
// Its argument says which kernel has been loaded: relaxed, strict or off.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"syscall/js"
	"time"

	"inkdrift/vae/data"
	"inkdrift/wasm/bench/tasks"
	"inkdrift/wasm/simd"
)

func main() {
	if err := install(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	next, running := 0, make(map[int]tasks.Task)
	object := js.Global().Get("Object").New()
	export := func(name string, f func(args []js.Value) (any, error)) {
		object.Set(name, js.FuncOf(func(_ js.Value, args []js.Value) any { return answer(f(args)) }))
	}
	export("prepare", func(args []js.Value) (any, error) {
		var spec tasks.Spec
		if err := json.Unmarshal([]byte(args[0].String()), &spec); err != nil {
			return nil, err
		}
		set, err := dataset(args[1:])
		if err != nil {
			return nil, err
		}
		t, first, err := tasks.New(spec, set)
		if err != nil {
			return nil, err
		}
		next++
		running[next] = t
		return map[string]any{"id": next, "loss": first}, nil
	})
	export("measure", func(args []js.Value) (any, error) {
		t := running[args[0].Int()]
		if t == nil {
			return nil, fmt.Errorf("there is no task %d", args[0].Int())
		}
		return t.Measure(time.Duration(args[1].Float() * float64(time.Second)))
	})
	export("drop", func(args []js.Value) (any, error) {
		delete(running, args[0].Int())
		runtime.GC()
		return nil, nil
	})
	js.Global().Set("inkdriftBench", object)
	select {}
}

// install puts the named kernel behind everything.
func install(args []string) error {
	for _, v := range []simd.Variant{simd.Off, simd.Strict, simd.Relaxed} {
		if len(args) == 1 && args[0] == v.String() {
			return simd.Install(v)
		}
	}
	return fmt.Errorf("name one kernel, relaxed, strict or off, not %q", args)
}

// dataset reads the files of pictures and labels; nil without.
func dataset(files []js.Value) (data.Dataset, error) {
	if len(files) == 0 {
		return nil, nil
	}
	var parts [2][]byte
	var dims []int
	for i := range parts {
		b := make([]byte, files[i].Length())
		js.CopyBytesToGo(b, files[i])
		d, content, err := data.ReadIDX(bytes.NewReader(b))
		if err != nil {
			return nil, err
		}
		if parts[i] = content; i == 0 {
			dims = d
		}
	}
	if len(dims) != 3 {
		return nil, fmt.Errorf("the pictures have %d dimensions instead of 3", len(dims))
	}
	return data.NewImages("bench", data.Shape{C: 1, H: dims[1], W: dims[2]}, parts[0], parts[1])
}

// answer is the JSON of a result or of an error.
func answer(result any, err error) string {
	if err != nil {
		result = map[string]string{"error": err.Error()}
	}
	b, err := json.Marshal(result)
	if err != nil { // a number that JSON has not
		b, _ = json.Marshal(map[string]string{"error": err.Error()})
	}
	return string(b)
}
