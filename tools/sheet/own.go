package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	_ "golang.org/x/image/webp" // pictures of this format are read, too

	"inkdrift/vae/data"
	"inkdrift/vae/data/album"
	"inkdrift/vae/data/picture"
	"inkdrift/vae/data/picture/decoders"
)

// own says how a user's pictures are prepared.
type own struct {
	from                           string
	size                           int
	grey, whole, negative, patches bool
	scale                          float64
}

func (o own) frame() album.Frame {
	f := album.Frame{Shape: data.Shape{C: 3, H: o.size, W: o.size}, Fit: album.Crop, Paper: [3]uint8{255, 255, 255}, Negative: o.negative}
	if o.grey {
		f.Shape.C = 1
	}
	if o.whole {
		f.Fit = album.Whole
	}
	return f
}

// open opens what is at o.from, and says what was left out.
func (o own) open(seed uint64, out io.Writer) (*data.Collection, error) {
	if o.from == "" {
		return nil, nil
	}
	info, err := os.Stat(o.from)
	if err != nil {
		return nil, err
	}
	name := strings.TrimSuffix(filepath.Base(o.from), filepath.Ext(o.from))
	if info.IsDir() {
		for file, open := range map[string]func() (*data.Collection, error){
			"data_batch_1.bin":        func() (*data.Collection, error) { return data.OpenCIFAR10(o.from) },
			"train-labels-idx1-ubyte": func() (*data.Collection, error) { return o.mnist(name) },
		} {
			if found, _ := filepath.Glob(filepath.Join(o.from, file+"*")); len(found) > 0 {
				return open()
			}
		}
	}
	a, err := album.New(o.frame(), album.Limits{})
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		if err := a.AddFS(os.DirFS(o.from)); err != nil {
			return nil, err
		}
		return o.finish(a, name, out)
	}
	file, err := os.ReadFile(o.from)
	if err != nil {
		return nil, err
	}
	switch kind := data.Sniff(file[:min(len(file), data.SniffBytes)]).Kind; {
	case kind == data.FormatZip:
		archive, err := album.OpenArchive(file, album.Limits{})
		if err != nil {
			return nil, err
		}
		for i := range archive.Len() {
			if err := archive.AddTo(a, i); err != nil {
				return nil, err
			}
		}
		return o.finish(a, name, out)
	case kind == data.FormatPicture && o.patches:
		p, err := picture.Open(file, decoders.Decode, 0, nil)
		if err != nil {
			return nil, err
		}
		f := o.frame()
		return album.NewPatches(name, p, album.Patches{Shape: f.Shape, Scale: o.scale, Count: 10_000, Seed: seed, Paper: f.Paper, Negative: f.Negative})
	case kind == data.FormatPicture:
		return nil, fmt.Errorf("%s is one picture: take patches of it with -patches", o.from)
	}
	return nil, fmt.Errorf("%s is neither a zip, nor a folder, nor a picture", o.from)
}

func (o own) mnist(name string) (*data.Collection, error) {
	train, test, err := data.OpenMNIST(o.from)
	if err != nil {
		return nil, err
	}
	classes := strings.Split("0123456789", "")
	return data.DealPublished(data.Info{Name: name, Key: "data.mnist", Classes: classes}, train, test)
}

// finish says what was left out and returns the set.
func (o own) finish(a *album.Album, name string, out io.Writer) (*data.Collection, error) {
	r := a.Report()
	if r.Unreadable+r.Hidden > 0 {
		fmt.Fprintf(out, "%d pictures; %d hidden files passed over, %d files left out\n", r.Pictures, r.Hidden, r.Unreadable)
	}
	for _, t := range r.Named {
		fmt.Fprintf(out, "  %s: %v\n", t.Name, t.Err)
	}
	return a.Collection(name)
}
