// Package datasets opens the data sets that flags of tools name: sets that are made, folders, archives and files.
package datasets

import (
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"inkdrift/vae/data"
	"inkdrift/vae/data/album"
	"inkdrift/vae/data/sets"
)

// Usage explains the form of a Spec for the help of a tool; %s are the names of made sets.
const Usage = `a folder with MNIST's four IDX files or with batches of CIFAR-10, plain or gzip; a folder of pictures, whose folders are
classes; a zip or tar archive of either; or the name of a set that is made (%s). Settings may follow:
    digits:20000,seed=2,first=0    so many pictures, of a seed, from a number on
    pictures.zip,fit=whole,paper=#ffffff,negative,name=signs    pictures in a frame
`

// Names lists the sets that are made.
func Names() string {
	var names []string
	for _, s := range sets.All() {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}

// Seed of the pictures that are made where nothing is said; the page has the same.
const Seed = 1

// count of the pictures to train on, of a set that is made, where nothing is said: as many as MNIST has.
const count = 60_000

// A Spec names a data set, as flags have it.
type Spec struct {
	Made  *sets.Source // nil: it is in files
	Path  string       // of files
	Name  string       // of the set
	Count int          // of the pictures that are made to train on
	First int          // number of the first of them
	Seed  uint64       // of them

	frame album.Frame // of pictures in files; the shape is the model's
}

// SpecError says what is wrong with the name of a data set.
type SpecError struct{ Spec, Reason string }

func (e *SpecError) Error() string { return fmt.Sprintf("data %q: %s", e.Spec, e.Reason) }

// Parse reads the form that Usage explains. The error is a [*SpecError].
func Parse(text string) (Spec, error) {
	wrong := func(reason string, args ...any) (Spec, error) {
		return Spec{}, &SpecError{text, fmt.Sprintf(reason, args...)}
	}
	s := Spec{Count: count, Seed: Seed, frame: album.Frame{Fit: album.Crop}}
	head, settings := split(text)
	name, number, counted := strings.Cut(head, ":")
	if name == "procedural" {
		name = "digits"
	}
	if made, err := sets.Find(name); err == nil {
		s.Made, s.Name = made, made.Name
	} else if _, err := os.Stat(head); err != nil {
		return wrong("there is no file or folder of this name, and no such set can be made; those are %s", Names())
	} else {
		s.Path, counted = head, false
		s.Name = strings.TrimSuffix(filepath.Base(head), filepath.Ext(head))
		if abs, err := filepath.Abs(head); err == nil && (s.Name == "" || s.Name == "." || s.Name == "..") {
			s.Name = filepath.Base(abs)
		}
	}
	if counted {
		settings = append([]string{"count=" + number}, settings...)
	}
	for _, setting := range settings {
		key, value, _ := strings.Cut(setting, "=")
		if made := keys[key]; made != (s.Made != nil) {
			return wrong("%s is a setting of %s", key, map[bool]string{true: "sets that are made", false: "sets in files"}[made])
		}
		var n uint64
		if keys[key] {
			var err error
			if n, err = strconv.ParseUint(value, 10, 53); err != nil {
				return wrong("%s is %q, which is no whole number from 0 to %d", key, value, uint64(1)<<53-1)
			}
		}
		switch key {
		case "count":
			if s.Count = int(n); n < 1 || n > data.FirstValidation {
				return wrong("count is %d, and must be 1 to %d", n, data.FirstValidation)
			}
		case "first":
			if s.First = int(n); n >= data.FirstValidation {
				return wrong("first is %d, and must be 0 to %d: validation pictures come after", n, data.FirstValidation-1)
			}
		case "seed":
			s.Seed = n
		case "name":
			if s.Name = value; value == "" {
				return wrong("name must not be empty")
			}
		case "fit":
			if s.frame.Fit = album.Fit(value); s.frame.Fit != album.Crop && s.frame.Fit != album.Whole {
				return wrong("fit must be %s or %s", album.Crop, album.Whole)
			}
		case "paper":
			paper, ok := colour(value)
			if s.frame.Paper = [3]uint8{paper.R, paper.G, paper.B}; !ok {
				return wrong("paper must be a colour as #ffffff")
			}
		case "negative":
			if s.frame.Negative = true; value != "" {
				return wrong("negative takes no value")
			}
		}
	}
	if s.First+s.Count > data.FirstValidation {
		return wrong("first and count go beyond %d, where validation pictures begin", data.FirstValidation)
	}
	return s, nil
}

// MadeSpec returns the Spec of pictures that are made by the name that checkpoints give them, empty if there are none of this
// name.
func MadeSpec(runName string) string {
	name, rest, _ := strings.Cut(runName, ", ")
	made, err := sets.Find(name)
	if err != nil {
		return ""
	}
	var seed uint64
	var n, first int
	if _, err := fmt.Sscanf(rest, "seed %d, %d from %d", &seed, &n, &first); err != nil || made.SpanName(seed, first, n) != runName {
		return ""
	}
	return fmt.Sprintf("%s:%d,seed=%d,first=%d", name, n, seed, first)
}

// keys are the settings; true: of sets that are made.
var keys = map[string]bool{"count": true, "first": true, "seed": true, "name": false, "fit": false, "paper": false, "negative": false}

// split separates settings from the path or name before them, which may have commas itself.
func split(text string) (head string, settings []string) {
	parts := strings.Split(text, ",")
	n := len(parts)
	for n > 1 {
		key, _, _ := strings.Cut(parts[n-1], "=")
		if _, known := keys[key]; !known {
			break
		}
		n--
	}
	return strings.Join(parts[:n], ","), parts[n:]
}

func colour(text string) (c color.RGBA, ok bool) {
	n, err := strconv.ParseUint(strings.TrimPrefix(text, "#"), 16, 32)
	return color.RGBA{R: uint8(n >> 16), G: uint8(n >> 8), B: uint8(n)}, err == nil && len(text) == 7 && text[0] == '#'
}
