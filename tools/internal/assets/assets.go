// Package assets reads and writes the list of files that the build puts beside
// them: assets.json. The page takes from it how many bytes are still to come and
// the versions for its addresses, the server what a first visit downloads.
package assets

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Name is the name of the list inside the folder it lists. It lists neither
// itself nor ServiceWorker, which holds its version.
const Name = "assets.json"

// ServiceWorker is the program that keeps the page for use without a network.
const ServiceWorker = "sw.js"

// Trainer is the program that a browser downloads when a view needs it, so not on
// the first visit.
const Trainer = "engine-trainer.wasm"

// Examples is the folder of example results, which views fetch when they are
// opened, so not on the first visit.
const Examples = "examples"

// Parts are what the names of the files of the time-lapse, of the map of any model, of
// the tour, of the things to try, of what only Train says, of sets of one's own
// drawings, of what runs are exported as and of an experiment begin with, before a point or a hyphen. They
// are fetched by the views that have them, or when somebody takes the tour or goes to
// these things, so not on the first visit.
var Parts = []string{"export", "lapse", "model-map", "tour", "try", "train-words", "start-models", "own-hand", "own-model", "before", "second-engine", "checkpoint-file", "curve-csv", "vae-vs-gan"}

// Version is what stands behind ?v= for a file of this content: the first 16
// hexadecimal digits of its SHA-256.
func Version(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

// File is one file of the build.
type File struct {
	Path   string `json:"path"`         // slash-separated, relative to the folder
	Bytes  int64  `json:"bytes"`        // as it is
	V      string `json:"v"`            // Version of its content
	Gzip   int64  `json:"gz,omitempty"` // bytes of Path+".gz"; 0: there is none
	Brotli int64  `json:"br,omitempty"` // bytes of Path+".br"; 0: there is none
}

// List is the content of assets.json.
type List struct {
	Files []File `json:"files"` // sorted by Path
}

// Encode returns the JSON text: one file a line, the same bytes for the same list.
func (l *List) Encode() ([]byte, error) {
	var b strings.Builder
	b.WriteString("{\"files\": [")
	for i, f := range l.Files {
		line, err := json.Marshal(f)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n")
		b.Write(line)
	}
	b.WriteString("\n]}\n")
	return []byte(b.String()), nil
}

// Read returns the list that lies in dir.
func Read(dir fs.FS) (*List, error) {
	b, err := fs.ReadFile(dir, Name)
	if err != nil {
		return nil, err
	}
	l := new(List)
	if err := json.Unmarshal(b, l); err != nil {
		return nil, fmt.Errorf("%s: %w", Name, err)
	}
	return l, nil
}

// Sizes are the bytes of several files together.
type Sizes struct {
	Files  int   `json:"files"`
	Raw    int64 `json:"raw"`    // as they are
	Gzip   int64 `json:"gzip"`   // as they travel to a browser that takes gzip
	Brotli int64 `json:"brotli"` // as they travel to a browser that takes brotli
}

func (s *Sizes) add(raw, gz, br int64) {
	s.Files++
	s.Raw += raw
	if gz == 0 {
		gz = raw
	}
	if br == 0 {
		br = gz
	}
	s.Gzip += gz
	s.Brotli += br
}

// String says the sizes in words, in units of 10^6 bytes.
func (s Sizes) String() string {
	mb := func(n int64) float64 { return float64(n) / 1e6 }
	return fmt.Sprintf("%.2f MB (brotli) or %.2f MB (gzip) in %d files", mb(s.Brotli), mb(s.Gzip), s.Files)
}

// FirstVisit adds up what a browser downloads on its first visit, headers aside:
// what the page needs before the first model can encode, and what the service
// worker keeps for later. That is every file of the build but papers, Trainer,
// Examples, those of Parts and other models than the first of models/index.json.
func FirstVisit(dir fs.FS, l *List) (Sizes, error) {
	model, err := firstModel(dir)
	if err != nil {
		return Sizes{}, err
	}
	var s Sizes
	for _, f := range l.Files {
		otherModel := strings.HasPrefix(f.Path, "models/") && f.Path != modelIndex && f.Path != model
		paper := path.Ext(f.Path) == ".md" || path.Ext(f.Path) == ".txt"
		example := strings.HasPrefix(f.Path, Examples+"/")
		part := slices.ContainsFunc(Parts, func(name string) bool {
			rest, ok := strings.CutPrefix(path.Base(f.Path), name)
			return ok && rest != "" && strings.ContainsAny(rest[:1], ".-")
		})
		if !otherModel && !paper && !example && !part && f.Path != Trainer {
			s.add(f.Bytes, f.Gzip, f.Brotli)
		}
	}
	for _, name := range []string{Name, ServiceWorker} {
		raw, err := size(dir, name)
		if err != nil {
			return Sizes{}, err
		}
		if raw == 0 {
			continue
		}
		gz, err := size(dir, name+".gz")
		if err != nil {
			return Sizes{}, err
		}
		br, err := size(dir, name+".br")
		if err != nil {
			return Sizes{}, err
		}
		s.add(raw, gz, br)
	}
	return s, nil
}

// size returns the bytes of a file, 0 where there is none.
func size(dir fs.FS, name string) (int64, error) {
	info, err := fs.Stat(dir, name)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

const modelIndex = "models/index.json"

// firstModel returns the path of the model that the page opens with, empty where
// no models are listed.
func firstModel(dir fs.FS) (string, error) {
	b, err := fs.ReadFile(dir, modelIndex)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var list []struct {
		File string `json:"file"`
	}
	if err := json.Unmarshal(b, &list); err != nil {
		return "", fmt.Errorf("%s: %w", modelIndex, err)
	}
	if len(list) == 0 || list[0].File == "" {
		return "", fmt.Errorf("%s lists no model with a file", modelIndex)
	}
	return "models/" + list[0].File, nil
}
