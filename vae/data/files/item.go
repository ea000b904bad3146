package files

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"path"
	"strings"

	"inkdrift/vae/data"
	"inkdrift/vae/data/album"
)

// item is a file, given or out of an archive, as far as it was looked into.
type item struct {
	name   string
	outer  string // name of the archive that it is out of
	nested bool   // that archive is in another
	given  int    // number of the given file that it is, or is in
	whole  bool   // it is the given file itself, perhaps compressed once
	format data.Format
	head   []byte // unpacked
	size   int64  // unpacked, -1 if unknown
	gzip   []byte // the given file, where gzip has compressed it
	open   func() (io.Reader, error)
	raw    func() ([]byte, error) // of a file in an archive: its content as it is there
}

// headBytes are enough for a row of a table of pixels.
const headBytes = 64 << 10

// searcher looks into files.
type searcher struct {
	Options
	items    []item
	passed   []album.Rejected
	hidden   int
	firstHid string
	unpacked int64
	done, of int // bytes
	given    int // files
	pictures int
	// firstPicture is the first picture file, and loosePictures counts those that are in no archive.
	firstPicture  string
	loosePictures int
}

// yield is called when so many more bytes have been read.
func (s *searcher) yield(n int) error {
	s.done += n
	if s.Yield == nil {
		return nil
	}
	return s.Yield(min(s.done, s.of), s.of)
}

// stopped is an error of Yield: nobody wants the result.
type stopped struct{ error }

func (s *searcher) pass(name string, err error) {
	s.passed = append(s.passed, album.Rejected{Name: name, Err: err, Files: 1})
}

// look looks into a given file.
func (s *searcher) look(number int, f File) error {
	if album.Hidden(f.Name) {
		s.hide(f.Name)
		return nil
	}
	it := item{name: f.Name, given: number, whole: true, size: int64(len(f.Content)), open: func() (io.Reader, error) {
		return unpack(f.Content, s.yield)
	}}
	r, layers, err := data.Decompress(bytes.NewReader(f.Content))
	if err != nil {
		s.pass(f.Name, err)
		return nil
	}
	if it.head, err = head(r); err != nil && len(it.head) == 0 {
		s.pass(f.Name, fileError(err))
		return nil
	}
	if layers > 0 {
		it.size, it.whole = -1, layers == 1
		if !data.IsBzip2(f.Content) {
			it.gzip = f.Content
		}
	}
	it.format = sniff(it.head)
	switch {
	case it.format.Kind == data.FormatTar:
		return s.lookIntoTar(it, f.Content)
	case it.format.Kind == data.FormatZip, layers == 0 && s.isPrefixedZip(it, f.Content):
		return s.lookIntoZip(it, f.Content)
	}
	s.add(it, false)
	return s.yield(0)
}

// isPrefixedZip tells a zip archive, by its name and its end, before which something else stands, such as a program that unpacks it.
func (s *searcher) isPrefixedZip(it item, file []byte) bool {
	if it.format.Kind != data.FormatUnknown && it.format.Kind != data.FormatText || strings.ToLower(path.Ext(it.name)) != ".zip" {
		return false
	}
	_, err := album.OpenArchive(file, album.Limits{Pictures: s.Limits.Files})
	return err == nil
}

// head reads the beginning of a file. It may be cut short by an error.
func head(r *bufio.Reader) ([]byte, error) {
	b := make([]byte, headBytes)
	n, err := io.ReadFull(r, b)
	if err == io.EOF || err == io.ErrUnexpectedEOF && n > 0 {
		err = nil
	}
	return b[:n], err
}

// sniff tells what a file is. Black pixels at its beginning do not make it empty.
func sniff(head []byte) data.Format {
	f := data.Sniff(head[:min(len(head), data.SniffBytes)])
	if f.Kind != data.FormatEmpty {
		return f
	}
	const space = " \t\r\n"
	switch text := bytes.TrimLeft(head, space); {
	case len(bytes.Trim(head, "\x00"+space)) == 0:
		return f
	case len(text) < len(head) && text[0] != 0: // a page may begin with many lines that are empty
		return data.Sniff(text[:min(len(text), data.SniffBytes)])
	}
	return data.Format{}
}

func (s *searcher) hide(name string) {
	if s.hidden++; s.hidden == 1 {
		s.firstHid = name
	}
}

// add keeps what may be of use and passes over what is not.
func (s *searcher) add(it item, packed bool) {
	switch it.format.Kind {
	case data.FormatPicture:
		if s.pictures++; s.pictures == 1 {
			s.firstPicture = it.name
		}
		if !packed {
			s.loosePictures++
		}
	case data.FormatIDX, data.FormatNPY, data.FormatText, data.FormatUnknown:
		s.items = append(s.items, it)
	default:
		s.pass(it.name, it.format.Refuse(data.ErrNotData, adviceChoose))
	}
}

// mostHeads is how many files of an archive that are pictures by their names are looked into as well.
const mostHeads = 200

// PictureName tells a picture file by the ending of its name, which is believed where an archive has very many of them.
func PictureName(name string) bool { return pictureNames[strings.ToLower(path.Ext(name))] }

var pictureNames = map[string]bool{".png": true, ".jpg": true, ".jpeg": true, ".gif": true, ".webp": true, ".bmp": true, ".avif": true}

// lookIntoZip looks at the files of an archive, which may be compressed once more. One that cannot be opened is passed over.
func (s *searcher) lookIntoZip(of item, file []byte) error {
	if data.Sniff(file[:min(len(file), data.SniffBytes)]).Kind == data.FormatGzip || data.IsBzip2(file) {
		unwrapped, err := Unwrap(file, s.Limits.Unpacked-s.unpacked, s.yield)
		var stop stopped
		switch {
		case errors.As(err, &stop):
			return err
		case err != nil:
			s.pass(of.name, err)
			return nil
		}
		s.unpacked += int64(len(unwrapped))
		file = unwrapped
	}
	a, err := album.OpenArchive(file, album.Limits{Pictures: max(s.filesLeft(), 1), Bytes: s.Limits.Bytes, File: s.Limits.Bytes, Unpacked: s.Limits.Unpacked})
	if err != nil {
		s.pass(of.name, err)
		return nil
	}
	heads := 0
	for i := range a.Len() {
		if err := s.yield(0); err != nil {
			return err
		}
		name := a.Name(i)
		if album.Hidden(name) {
			s.hide(name)
			continue
		}
		it := s.inside(of, name)
		it.size = a.Size(i)
		if PictureName(name) {
			if heads++; heads > mostHeads {
				it.format.Kind = data.FormatPicture
				s.add(it, true)
				continue
			}
		}
		first, err := a.Head(i, headBytes)
		if err != nil {
			s.pass(it.name, err)
			continue
		}
		it.raw = func() ([]byte, error) {
			b, err := Unzip(a, i, s.Limits.Bytes)
			if err != nil {
				return nil, err
			}
			if s.unpacked += int64(len(b)); s.unpacked > s.Limits.Unpacked {
				return nil, tooLarge("archives unpack to more than %d bytes", s.Limits.Unpacked)
			}
			return b, nil
		}
		it.open = func() (io.Reader, error) {
			b, err := it.raw()
			if err != nil {
				return nil, err
			}
			return unpack(b, s.yield)
		}
		if err := s.addUnpacked(it, first); err != nil {
			return err
		}
	}
	return nil
}

// filesLeft is how many files may still be looked into.
func (s *searcher) filesLeft() int { return s.Limits.Files - len(s.items) - s.pictures - len(s.passed) }

// inside is a file in an archive. Where several files are given, or that archive is in another, its name says in which it is.
func (s *searcher) inside(of item, name string) item {
	nested := of.outer != ""
	if s.given > 1 || nested {
		name = of.name + "/" + name
	}
	return item{name: name, outer: of.name, nested: nested, given: of.given}
}

// lookIntoNested looks into an archive that is in another one, but not in a third.
func (s *searcher) lookIntoNested(it item) error {
	if it.nested {
		s.pass(it.name, data.NewFileError("archive", ErrNested, "unpack the archives around it", ""))
		return nil
	}
	file, err := it.raw()
	if err != nil {
		s.pass(it.name, fileError(err))
		return nil
	}
	if it.format.Kind == data.FormatTar {
		return s.lookIntoTar(it, file)
	}
	return s.lookIntoZip(it, file)
}

// addUnpacked adds a file out of an archive by its first bytes. Its error is one of Yield.
func (s *searcher) addUnpacked(it item, first []byte) error {
	compressed := io.Reader(bytes.NewReader(first))
	if data.IsBzip2(first) && it.raw != nil { // of the beginning alone nothing comes out
		file, err := it.raw()
		if err != nil {
			s.pass(it.name, fileError(err))
			return nil
		}
		compressed = bytes.NewReader(file)
	}
	r, layers, err := data.Decompress(compressed)
	if err == nil {
		it.head, err = head(r)
	}
	if err != nil && len(it.head) == 0 && len(first) > 0 {
		s.pass(it.name, fileError(err))
		return nil
	}
	if layers > 0 {
		it.size = -1
	}
	it.format = sniff(it.head)
	if it.format.Kind == data.FormatTar || it.format.Kind == data.FormatZip {
		return s.lookIntoNested(it)
	}
	s.add(it, true)
	return nil
}

// lookIntoTar unpacks an archive that can only be read from its beginning to its end, and keeps what is in it.
func (s *searcher) lookIntoTar(of item, file []byte) error {
	limits := s.Limits
	limits.Unpacked -= s.unpacked
	limits.Files = s.filesLeft()
	list, left, err := Untar(file, limits, s.yield)
	var stop stopped
	if errors.As(err, &stop) {
		return err
	}
	for _, l := range left {
		s.pass(s.inside(of, l.Name).name, l.Err)
	}
	for _, f := range list {
		if album.Hidden(f.Name) {
			s.hide(f.Name)
			continue
		}
		s.unpacked += int64(len(f.Content))
		it := s.inside(of, f.Name)
		it.size = int64(len(f.Content))
		it.open = func() (io.Reader, error) { return unpack(f.Content, s.yield) }
		it.raw = func() ([]byte, error) { return f.Content, nil }
		if err := s.addUnpacked(it, f.Content[:min(len(f.Content), headBytes)]); err != nil {
			return err
		}
	}
	if err != nil {
		s.pass(of.name, fileError(err))
	}
	return nil
}

func tooLarge(detail string, args ...any) error {
	return data.NewFileError("size", data.ErrTooLarge, "choose a smaller set, or a part of it", detail, args...)
}

// fileError makes a FileError of an error of a reader.
func fileError(err error) error {
	var fe *data.FileError
	var stop stopped
	if errors.As(err, &fe) || errors.As(err, &stop) {
		return err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return data.NewFileError("content", data.ErrTruncated, adviceAgain, "")
	}
	return data.NewFileError("content", data.ErrCorrupt, adviceAgain, "%v", err)
}

// readAll reads a file that has n bytes, no more and no fewer; what it allocates grows with what arrives.
func (it *item) readAll(n int64) ([]byte, error) {
	r, err := it.open()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if it.size >= 0 {
		b.Grow(int(min(n, it.size)) + 1)
	}
	got, err := io.Copy(&b, io.LimitReader(r, n+1))
	switch {
	case err != nil:
		return nil, fileError(err)
	case got < n:
		return nil, data.NewFileError("elements", data.ErrTruncated, adviceAgain, "%d of %d bytes", got, n)
	case got > n:
		return nil, data.NewFileError("elements", data.ErrTrailing, adviceAgain, "%d bytes are expected and there are more", n)
	}
	return b.Bytes(), nil
}

// torn tells by the end of a compressed file whether it can hold n bytes: there the length stands, and a file of several
// members, or with padding behind them, must be read to know.
func (it *item) torn(n int64) error {
	if len(it.gzip) < 18 || members(it.gzip) {
		return nil
	}
	for end := len(it.gzip); ; end-- { // zeros may be of the length, or padding
		if end < 18 {
			return nil
		}
		if binary.LittleEndian.Uint32(it.gzip[end-4:]) == uint32(n) {
			return nil
		}
		if it.gzip[end-1] != 0 {
			return data.NewFileError("content", data.ErrTruncated, adviceAgain, "it does not end with the length that its header promises")
		}
	}
}

// members tells whether a second member may begin somewhere in a gzip file (RFC 1952, 2.3): it may be within compressed
// bytes that look like that.
func members(file []byte) bool {
	for at := 1; ; {
		k := bytes.Index(file[at:], []byte("\x1f\x8b\x08"))
		if k < 0 || at+k+10 > len(file) {
			return false
		}
		h := file[at+k:]
		if h[3] < 0x20 && (h[8] == 0 || h[8] == 2 || h[8] == 4) && (h[9] <= 13 || h[9] == 255) {
			return true
		}
		at += k + 1
	}
}
