package datasets

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"inkdrift/vae/data"
	"inkdrift/vae/data/album"
	"inkdrift/vae/data/files"
	"inkdrift/vae/data/picture/decoders"
)

// Limits of the sets that are read: this much of a set, and as much again of what archives hold besides.
const (
	mostFiles    = 2_000_000
	mostBytes    = 4 << 30
	mostUnpacked = 8 << 30
)

// A Set is an open data set.
type Set struct {
	// Name is short and stable, such as "mnist-train" or "digits".
	Name string
	// RunName names the pictures to train on as the page does in its checkpoints, so that a run can change places.
	RunName string
	// Train, Validation and Test are its parts. Validation is what the page judges runs by; of a set that was published
	// in two parts both it and Test are the second part.
	Train, Validation, Test data.Dataset
	Classes                 []string
	// MNIST says that it was read from MNIST's four files.
	MNIST bool
	// Left says in one line each which files were left out, and why.
	Left []string
}

// Open opens the set; pictures in files of their own are brought to the given shape. Errors are those of the packages that
// read it, and [*SpecError].
func (s Spec) Open(shape data.Shape) (*Set, error) {
	if s.Made != nil {
		c := s.Made.Open(s.Seed, 0, s.Made.Validation, s.Made.Test)
		return &Set{
			Name: s.Name, RunName: s.Made.SpanName(s.Seed, s.First, s.Count), Classes: c.Classes,
			Train: data.Cache(s.Made.Span(s.Seed, s.First, s.Count)), Validation: c.Validation, Test: c.Test,
		}, nil
	}
	if s.IsMNIST() {
		train, test, err := data.OpenMNIST(s.Path)
		if err != nil {
			return nil, err
		}
		// The page knows the files by their names, wherever they lie.
		return &Set{Name: train.Name(), RunName: filedName("mnist", train), Train: train, Validation: test, Test: test, MNIST: true}, nil
	}
	given, err := read(s.Path)
	if err != nil {
		return nil, err
	}
	found, err := files.Recognise(given, files.Options{Limits: files.Limits{Files: mostFiles, Bytes: mostBytes, Unpacked: mostUnpacked}})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Path, err)
	}
	set := &Set{Name: s.Name, Classes: found.Classes}
	set.leave(found.Passed)
	var c *data.Collection
	switch found.Kind {
	case files.Arrays, files.Batches:
		c, err = found.Collection(data.Info{Name: s.Name, Classes: found.Classes})
	case files.Pictures:
		set.Left = nil // they are told of again when they are read
		c, err = s.album(given, shape, set)
	default:
		err = errors.New("it is one picture: put many into a folder or an archive")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Path, err)
	}
	set.Train, set.Validation, set.Test, set.Classes = c.Train, c.Validation, c.Test, c.Classes
	set.RunName = filedName(s.Name, c.Train)
	return set, nil
}

// filedName names pictures that came in files as wasm/engine/dataset does.
func filedName(name string, d data.Dataset) string { return fmt.Sprintf("%s, %d", name, d.Len()) }

// IsMNIST reports whether the set is in a folder with a file of MNIST's, or with nothing at all, of which [data.OpenMNIST]
// says what is missing.
func (s Spec) IsMNIST() bool {
	if s.Made != nil {
		return false
	}
	entries, err := os.ReadDir(s.Path)
	return err == nil && (len(entries) == 0 || slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return strings.HasPrefix(e.Name(), "train-images-idx3-ubyte") || strings.HasPrefix(e.Name(), "t10k-images-idx3-ubyte")
	}))
}

// read reads a file, or all files of a folder in the order of their names.
func read(name string) ([]files.File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		b, err := os.ReadFile(name)
		return []files.File{{Name: filepath.Base(name), Content: b}}, err
	}
	var given []files.File
	var total int64
	root := os.DirFS(name)
	err = fs.WalkDir(root, ".", func(file string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := fs.ReadFile(root, file)
		if total += int64(len(b)); total > mostBytes || len(given) >= mostFiles {
			return fmt.Errorf("%s: more than %d files or %d bytes", name, mostFiles, int64(mostBytes))
		}
		// A folder that is chosen in the page is part of the names as well.
		given = append(given, files.File{Name: path.Join(filepath.Base(name), file), Content: b})
		return err
	})
	return given, err
}

// album opens picture files and archives of them.
func (s Spec) album(given []files.File, shape data.Shape, set *Set) (*data.Collection, error) {
	frame := s.frame
	frame.Shape = shape
	limits := album.Limits{Pictures: mostFiles, Bytes: mostBytes, Unpacked: mostUnpacked}
	a, err := album.New(frame, limits)
	if err != nil {
		return nil, err
	}
	a.Decode = decoders.Decode
	for _, f := range given {
		if err := addTo(a, f, limits, len(given) > 1); err != nil {
			return nil, err
		}
	}
	r := a.Report()
	set.leave(r.Named)
	return a.Collection(s.Name)
}

// addTo adds a file, or what is in it if it is an archive.
func addTo(a *album.Album, f files.File, limits album.Limits, under bool) error {
	in, _, err := data.Decompress(strings.NewReader(string(f.Content)))
	if err != nil {
		return a.Add(f.Name, f.Content) // it is left out
	}
	head, _ := in.Peek(data.SniffBytes)
	switch data.Sniff(head).Kind {
	case data.FormatTar:
		list, left, err := files.Untar(f.Content, files.Limits{Files: mostFiles, Bytes: mostBytes, Unpacked: mostUnpacked}, nil)
		if err != nil {
			left = append(left, album.Rejected{Name: f.Name, Err: err})
		}
		for _, l := range left {
			a.LeaveOut(l.Name, l.Err)
		}
		for _, one := range list {
			if err := a.Add(one.Name, one.Content); err != nil {
				return err
			}
		}
		return nil
	case data.FormatZip:
		z, err := album.OpenArchive(f.Content, limits)
		if err != nil {
			return err
		}
		if under {
			z.Under(strings.TrimSuffix(f.Name, path.Ext(f.Name)))
		}
		for i := range z.Len() {
			if err := z.AddTo(a, i); err != nil {
				return err
			}
		}
		return nil
	}
	return a.Add(f.Name, f.Content)
}

// leave notes files that were left out.
func (s *Set) leave(list []album.Rejected) {
	for _, r := range list {
		s.Left = append(s.Left, fmt.Sprintf("%s: %v", r.Name, r.Err))
	}
}
