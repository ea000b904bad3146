package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"inkdrift/tools/internal/atomicfile"
)

// maker makes models. tool runs one of our programs.
type maker struct {
	options
	tool func(tool string, args ...string) error
}

// make makes a model by the runs that are not finished.
func (k *maker) make(m model) error {
	if err := os.MkdirAll(k.work, 0o755); err != nil {
		return err
	}
	if len(m.runs) == 0 {
		if err := k.classify(m.name); err != nil {
			return err
		}
	}
	if m.reads {
		if err := k.classify(reader, "-reader", "-pens", k.pens); err != nil {
			return err
		}
	}
	for _, r := range m.runs {
		if err := k.train(m, r); err != nil {
			return err
		}
	}
	if n := len(m.runs); n > 0 && m.runs[n-1].name != m.name {
		return nil // only what another model begins with
	}
	if !m.attached() {
		return k.publish(m.name, m.name)
	}
	if err := k.attach(m); err != nil {
		return err
	}
	return k.publish(attached(m.name), m.name)
}

// attached is the name of a model that tools/attach has made whole.
func attached(name string) string { return name + "-attached" }

// attach puts the reader and a fitted prior into a model.
func (k *maker) attach(m model) error {
	if k.finished(attached(m.name)) {
		return nil
	}
	args := []string{"-model", k.file(m.name), "-out", k.file(attached(m.name))}
	if m.reads {
		args = append(args, "-reader", k.file(reader))
	}
	if m.prior != "" {
		args = append(args, "-components", m.prior, "-data", k.data)
		if k.try > 0 {
			args = append(args, "-images", "1000")
		}
	}
	return k.tool("attach", args...)
}

// file is where a run's model is made.
func (k *maker) file(name string) string { return filepath.Join(k.work, name+".safetensors") }

// finished reports whether a run's model is there, and says so.
func (k *maker) finished(name string) bool {
	if _, err := os.Stat(k.file(name)); err != nil {
		return false
	}
	fmt.Fprintf(k.stderr, "models: %s is finished in %s; delete it there to make it again\n", name, k.work)
	return true
}

// resume returns the flags that go on from a run's checkpoint, none without one.
func (k *maker) resume(name string) []string {
	ckpt := k.file(name) + ".ckpt"
	if _, err := os.Stat(ckpt); err != nil {
		return nil
	}
	return []string{"-resume", ckpt}
}

// train makes one run.
func (k *maker) train(m model, r run) error {
	if k.finished(r.name) {
		return nil
	}
	data := m.data
	if data == mnist {
		data = k.data
	}
	steps := r.steps
	if k.try > 0 {
		steps = k.try
		r.recipe.Head.Epochs, r.recipe.Head.Copies = 1, 0
	}
	b, err := json.MarshalIndent(r.recipe, "", "\t")
	if err != nil {
		return err
	}
	config := filepath.Join(k.work, r.name+".json")
	if err := os.WriteFile(config, append(b, '\n'), 0o644); err != nil {
		return err
	}
	args := []string{"-data", data, "-config", config, "-out", k.file(r.name)}
	if steps > 0 {
		args = append(args, "-steps", strconv.Itoa(steps))
	}
	if m.lean {
		args = append(args, "-lean")
	}
	if r.pens {
		args = append(args, "-pens", k.pens)
	}
	if resume := k.resume(r.name); resume != nil {
		args = append(args, resume...)
	} else if r.init != "" {
		args = append(args, "-init", k.file(r.init))
	}
	fmt.Fprintf(k.stderr, "models: %s\n", r.name)
	return k.tool("train", args...)
}

// classify makes a classifier.
func (k *maker) classify(name string, flags ...string) error {
	if k.finished(name) {
		return nil
	}
	args := append([]string{"-data", k.data, "-out", k.file(name)}, flags...)
	args = append(args, k.resume(name)...)
	if k.try > 0 {
		args = append(args, "-epochs", "1")
	}
	fmt.Fprintf(k.stderr, "models: %s\n", name)
	return k.tool("classify", args...)
}

// publish copies a finished model to where the page takes it from.
func (k *maker) publish(made, name string) error {
	if err := os.MkdirAll(k.out, 0o755); err != nil {
		return err
	}
	from, err := os.Open(k.file(made))
	if err != nil {
		return err
	}
	defer from.Close()
	to := filepath.Join(k.out, name+".safetensors")
	if err := atomicfile.Write(to, func(w io.Writer) error {
		_, err := io.Copy(w, from)
		return err
	}); err != nil {
		return err
	}
	fmt.Fprintf(k.stderr, "models: %s is in %s\n", name, to)
	return nil
}
