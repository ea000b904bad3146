package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"inkdrift/tools/internal/assets"
	"inkdrift/tools/internal/atomicfile"
	"inkdrift/tools/internal/report"
)

// A job puts a set beside a page.
type job struct {
	set     set
	sources []source // tried in turn for each file
	out     string   // folder of the page
	found   *report.Report
}

// fileLine is what -json prints of a file, and of the set with its folder for the file.
type fileLine struct {
	File  string `json:"file"`
	Bytes int64  `json:"bytes"` // as gzip
	From  string `json:"from,omitempty"`
}

// dir is where the files go.
func (j job) dir() string { return filepath.Join(j.out, assets.Data, j.set.name) }

// do gets all files, then puts them in place of what was there. On an error
// nothing has changed.
func (j job) do(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(j.out, assets.Name)); err != nil {
		return fmt.Errorf("there is no page in %s: make it first (make build)", j.out)
	}
	home := filepath.Join(j.out, assets.Data)
	if err := os.MkdirAll(home, 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(home, "."+j.set.name+"-*.tmp") // hidden: never served
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := os.Chmod(tmp, 0o755); err != nil {
		return err
	}

	listed := assets.DataSet{Name: j.set.name}
	for _, f := range j.set.files {
		packed, err := j.get(ctx, f)
		if err != nil {
			return err
		}
		name := f.name + ".gz"
		if err := os.WriteFile(filepath.Join(tmp, name), packed, 0o644); err != nil {
			return err
		}
		listed.Bytes += int64(len(packed))
		listed.Files = append(listed.Files, assets.DataFile{Role: f.role, Path: j.set.name + "/" + name, Bytes: int64(len(packed))})
	}
	if err := replaceDir(tmp, j.dir()); err != nil {
		return err
	}
	text, err := assets.EncodeData([]assets.DataSet{listed})
	if err != nil {
		return err
	}
	err = atomicfile.Write(filepath.Join(home, assets.DataIndex), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	if err != nil {
		return err
	}
	return j.found.Write(fileLine{File: j.dir(), Bytes: listed.Bytes}, "%s is in %s, %s. Builds keep it; to take it away, remove %s and build again.\n",
		j.set.name, j.dir(), report.Size(listed.Bytes), home)
}

// get returns a file as gzip from the first source that has the right one.
func (j job) get(ctx context.Context, f file) ([]byte, error) {
	var failures []error
	for _, s := range j.sources {
		b, err := s.get(ctx, f.name, f.bytes+1<<16)
		if err == nil {
			b, err = f.verify(b)
		}
		if err == nil {
			line := fileLine{f.name, int64(len(b)), fmt.Sprint(s)}
			return b, j.found.Write(line, "%-24s %9d bytes from %v\n", f.name, len(b), s)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		failures = append(failures, fmt.Errorf("from %v: %w", s, err))
	}
	if len(j.sources) == 1 {
		return nil, failures[0]
	}
	return nil, fmt.Errorf("%s cannot be had:\n%w\nWhere there is no network, name a folder that has the files: make data FROM=DIR", f.name, errors.Join(failures...))
}

// verify returns a file as gzip if it is the one that is meant.
func (f file) verify(b []byte) (packed []byte, err error) {
	isPacked := bytes.HasPrefix(b, []byte{0x1f, 0x8b})
	plain := io.Reader(bytes.NewReader(b))
	if isPacked {
		z, err := gzip.NewReader(plain)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		plain = z
	}
	hash := sha256.New()
	n, err := io.Copy(hash, io.LimitReader(plain, f.bytes+1))
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", f.name, err)
	}
	sum := hex.EncodeToString(hash.Sum(nil))
	switch {
	case n != f.bytes:
		return nil, fmt.Errorf("%s has %s bytes unpacked, it should have %d: it is damaged or another file", f.name, count(n, f.bytes), f.bytes)
	case sum != f.sha256:
		return nil, fmt.Errorf("%s has the SHA-256 %s unpacked, it should be %s: it is damaged or another file", f.name, sum, f.sha256)
	case isPacked:
		return b, nil
	}
	var w bytes.Buffer
	z, err := gzip.NewWriterLevel(&w, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(b); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return w.Bytes(), nil
}

func count(n, most int64) string {
	if n > most {
		return "more"
	}
	return fmt.Sprint(n)
}

// replaceDir puts the folder next in the place of the folder at.
func replaceDir(next, at string) error {
	old := next + ".old.tmp"
	if err := os.Rename(at, old); err != nil && !os.IsNotExist(err) {
		return err
	}
	if err := os.Rename(next, at); err != nil {
		os.Rename(old, at)
		return err
	}
	return os.RemoveAll(old)
}
