package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/andybalholm/brotli"

	"inkdrift/tools/internal/assets"
	"inkdrift/tools/internal/atomicfile"
)

// A codec is a way to compress for travel.
type codec struct {
	suffix  string // of the compressed file
	variant string // changes when the same input may give other bytes
	writer  func(io.Writer) io.WriteCloser
	reader  func(io.Reader) (io.Reader, error)
}

func gzipCodec() codec {
	return codec{
		suffix:  ".gz",
		variant: "gzip9-" + runtime.Version(),
		writer: func(w io.Writer) io.WriteCloser {
			z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
			if err != nil {
				panic(err) // only for a level that does not exist
			}
			return z
		},
		reader: func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
	}
}

func brotliCodec(quality int) codec {
	return codec{
		suffix:  ".br",
		variant: fmt.Sprintf("br%d-%s", quality, moduleVersion("github.com/andybalholm/brotli")),
		writer: func(w io.Writer) io.WriteCloser {
			return brotli.NewWriterOptions(w, brotli.WriterOptions{Quality: quality, LGWin: 24})
		},
		reader: func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
	}
}

func moduleVersion(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == path {
				return m.Version
			}
		}
	}
	return "unknown"
}

// gain is the part of a file that compression must save to be worth a second file.
const gain = 0.03

// isPacked reports whether files of this name are compressed already.
func isPacked(name string) bool {
	return slices.Contains([]string{".png", ".gif", ".jpg", ".jpeg", ".webp", ".ico", ".woff2", ".gz", ".br"}, strings.ToLower(filepath.Ext(name)))
}

// A press compresses files and keeps the results, by the hash of the content, for
// the next time.
type press struct {
	cache        string // folder; empty: none
	gzip, brotli codec
}

func newPress(cache string, quality int) *press {
	return &press{cache: cache, gzip: gzipCodec(), brotli: brotliCodec(quality)}
}

// file writes dir/name.gz and .br where they are worth it and describes dir/name.
func (p *press) file(ctx context.Context, dir, name string) (assets.File, error) {
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return assets.File{}, err
	}
	f := assets.File{Path: filepath.ToSlash(name), Bytes: int64(len(content)), V: assets.Version(content)}
	if isPacked(name) {
		return f, nil
	}
	smallest := int64(float64(len(content)) * (1 - gain))
	for _, c := range []struct {
		codec codec
		size  *int64
	}{{p.gzip, &f.Gzip}, {p.brotli, &f.Brotli}} {
		packed, err := p.compress(ctx, c.codec, content)
		if err != nil {
			return assets.File{}, fmt.Errorf("%s%s: %w", name, c.codec.suffix, err)
		}
		if int64(len(packed)) >= smallest {
			continue
		}
		if err := writeNew(dir, name+c.codec.suffix, packed); err != nil {
			return assets.File{}, err
		}
		*c.size = int64(len(packed))
		smallest = *c.size // the next must be better still
	}
	return f, nil
}

func (p *press) compress(ctx context.Context, c codec, content []byte) ([]byte, error) {
	if p.cache == "" {
		return c.encode(ctx, content)
	}
	sum := sha256.Sum256(content)
	name := filepath.Join(p.cache, hex.EncodeToString(sum[:])+"-"+c.variant)
	if kept, err := os.ReadFile(name); err == nil && c.unpacksTo(kept, content) {
		now := time.Now()
		return kept, os.Chtimes(name, now, now)
	}
	packed, err := c.encode(ctx, content)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(p.cache, 0o755); err != nil {
		return nil, err
	}
	return packed, atomicfile.Write(name, func(w io.Writer) error {
		_, err := w.Write(packed)
		return err
	})
}

// prune forgets results that no build has used for a month.
func (p *press) prune() {
	if p.cache == "" {
		return
	}
	entries, err := os.ReadDir(p.cache)
	if err != nil {
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > 30*24*time.Hour {
			os.Remove(filepath.Join(p.cache, e.Name()))
		}
	}
}

func (c codec) encode(ctx context.Context, content []byte) ([]byte, error) {
	var packed bytes.Buffer
	w := c.writer(&packed)
	const chunk = 256 << 10 // so that an interrupt is heard
	for rest := content; len(rest) > 0; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n := min(chunk, len(rest))
		if _, err := w.Write(rest[:n]); err != nil {
			return nil, err
		}
		rest = rest[n:]
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

func (c codec) unpacksTo(packed, content []byte) bool {
	r, err := c.reader(bytes.NewReader(packed))
	if err != nil {
		return false
	}
	got, err := io.ReadAll(io.LimitReader(r, int64(len(content))+1))
	return err == nil && bytes.Equal(got, content)
}

// compressAll compresses every file in dir but the service worker, several at a
// time, and lists them.
func compressAll(ctx context.Context, p *press, dir string) (*assets.List, error) {
	var names []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && name != assets.ServiceWorker {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(names)

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	list := &assets.List{Files: make([]assets.File, len(names))}
	turns := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			if ctx.Err() != nil {
				return
			}
			f, err := p.file(ctx, dir, name)
			if err != nil {
				cancel(err)
			}
			list.Files[i] = f
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return list, nil
}
