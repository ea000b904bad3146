package files

import (
	"archive/tar"
	"bytes"
	"io"
	"strings"

	"inkdrift/vae/data"
	"inkdrift/vae/data/album"
)

// What is compressed or in a zip archive may unpack to freeBytes and mostRatio times what was read of it: sparse pictures
// are packed to a hundredth, and zeros to a thousandth.
const (
	freeBytes = 16 << 20
	mostRatio = 128
)

func bomb() error { return tooLarge("it unpacks to more than %d times its length", int64(mostRatio)) }

// Unwrap unpacks a compressed file, to at most so many bytes, unless it is a bomb. yield, which may be nil, is called when so many
// more bytes of it have been read. Errors are of type [*data.FileError], or what yield returned.
func Unwrap(file []byte, most int64, yield func(n int) error) ([]byte, error) {
	r, err := unpack(file, yield)
	if err != nil {
		return nil, fileError(err)
	}
	var b bytes.Buffer
	switch n, err := io.Copy(&b, io.LimitReader(r, most+1)); {
	case err != nil:
		return nil, fileError(err)
	case n > most:
		return nil, tooLarge("it unpacks to more than %d bytes", most)
	}
	return b.Bytes(), nil
}

// unpack reads a file, unpacked if it is compressed. yield, which may be nil, is called when so many more bytes of it have
// been read.
func unpack(file []byte, yield func(n int) error) (io.Reader, error) {
	in := &packed{from: bytes.NewReader(file), yield: yield}
	r, layers, err := data.Decompress(in)
	if layers == 0 || err != nil {
		return r, err
	}
	return &unpacked{from: r, in: in}, nil
}

// packed reads a file and counts.
type packed struct {
	from  io.Reader
	yield func(n int) error
	n     int64
}

// Read implements [io.Reader].
func (p *packed) Read(b []byte) (int, error) {
	n, err := p.from.Read(b[:min(len(b), 64<<10)])
	p.n += int64(n)
	if p.yield != nil {
		if e := p.yield(n); e != nil {
			return n, e
		}
	}
	return n, err
}

// unpacked is what a file unpacks to, as long as that is no bomb.
type unpacked struct {
	from io.Reader
	in   *packed
	n    int64
}

// Read implements [io.Reader].
func (u *unpacked) Read(b []byte) (int, error) {
	n, err := u.from.Read(b)
	if u.n += int64(n); u.n > freeBytes+mostRatio*u.in.n {
		return 0, bomb()
	}
	return n, err
}

// Unzip unpacks file i of a zip archive, of at most so many bytes, unless it is a bomb. Errors are of type [*data.FileError].
func Unzip(a *album.Archive, i int, most int64) ([]byte, error) {
	if n := a.Size(i); n > freeBytes && n > mostRatio*a.Packed(i) {
		return nil, bomb()
	}
	return a.Read(i, most)
}

// Untar unpacks a tar archive, which may be compressed. Files that are larger than a set are left out. An error comes with the
// files before it; it is of type [*data.FileError], or what yield returned, which is called when so many more bytes of
// the archive have been read and may be nil.
func Untar(file []byte, limits Limits, yield func(n int) error) (list []File, left []album.Rejected, err error) {
	list, known, left, err := untar(file, limits, yield)
	names := make([]string, len(list))
	for i, f := range list {
		names[i] = f.Name
	}
	for i, name := range album.DecodeNames(names, known) {
		list[i].Name = strings.TrimPrefix(name, "./")
	}
	return list, left, err
}

// untar is Untar without a look at the names; known tells which of them are in UTF-8.
func untar(file []byte, limits Limits, yield func(n int) error) (list []File, known []bool, left []album.Rejected, err error) {
	r, err := unpack(file, yield)
	if err != nil {
		return nil, nil, nil, fileError(err)
	}
	in := &ending{from: r}
	t := tar.NewReader(in)
	for {
		h, err := t.Next()
		if err == io.EOF && in.zeros >= tarBlock {
			return list, known, left, nil
		}
		if err != nil {
			return list, known, left, fileError(err)
		}
		switch {
		case h.Typeflag != tar.TypeReg:
			continue
		case len(list) >= limits.Files:
			return list, known, left, tooLarge("more than %d files", int64(limits.Files))
		case h.Size > limits.Unpacked:
			return list, known, left, tooLarge("it unpacks to more than %d bytes", limits.Unpacked)
		}
		limits.Unpacked -= h.Size
		if h.Size > limits.Bytes {
			left = append(left, album.Rejected{Name: h.Name, Err: tooLarge("%d bytes", h.Size), Files: 1})
			continue
		}
		var b bytes.Buffer
		b.Grow(int(min(h.Size, freeBytes)) + bytes.MinRead) // more only when it has arrived
		if n, err := io.Copy(&b, t); err != nil || n < h.Size {
			return list, known, left, fileError(err)
		}
		list = append(list, File{h.Name, b.Bytes()})
		known = append(known, h.PAXRecords["path"] != "")
	}
}

// tarBlock is the length of a block. The last one of an archive is of zeros: where it is not there, something may be lost.
const tarBlock = 512

// ending counts the zeros at the end of what was read.
type ending struct {
	from  io.Reader
	zeros int
}

// Read implements [io.Reader].
func (e *ending) Read(p []byte) (int, error) {
	n, err := e.from.Read(p)
	if left := len(bytes.TrimRight(p[:n], "\x00")); left > 0 {
		e.zeros = n - left
	} else {
		e.zeros += n
	}
	return n, err
}
