package album

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"inkdrift/vae/data"
)

// What can be wrong with an archive, besides errors of package data; test for one with errors.Is.
var (
	ErrNotArchive  = errors.New("not a zip archive")
	ErrUnsupported = errors.New("packed in a way that is not supported")
	ErrPassword    = errors.New("it has a password")
)

// methods are the names of compressions that are not read (APPNOTE.TXT, 4.4.5).
var methods = map[uint16]string{
	1: "Shrink", 6: "Implode", 9: "Deflate64", 10: "Implode", 12: "bzip2", 14: "LZMA", 18: "Terse", 19: "LZ77", 93: "Zstandard", 94: "MP3",
	95: "XZ", 96: "JPEG", 97: "WavPack", 98: "PPMd",
}

// flagEncrypted marks files with a password (PKWARE's APPNOTE.TXT 6.3, 4.4.4).
const flagEncrypted = 1 << 0

// Archive is a zip archive in memory.
type Archive struct {
	size    int // of the archive in bytes
	entries []*zip.File
	limits  Limits
	buffer  []byte
}

// OpenArchive reads the list of files of a zip archive, and none of them yet. It keeps file. They are put in the order of their
// names, so that it does not matter in which order they were packed. Errors are of type [*data.FileError] and match
// [ErrNotArchive], [data.ErrTruncated], [data.ErrCorrupt], or [data.ErrTooLarge] if there are more files than pictures are
// allowed.
func OpenArchive(file []byte, limits Limits) (*Archive, error) {
	a := &Archive{size: len(file), limits: limits.withDefaults()}
	count, found := listed(file)
	if !found && bytes.HasPrefix(file, []byte("PK\x03\x04")) {
		return nil, data.NewFileError("list of files", data.ErrTruncated, adviceAgain, "it is not at the end")
	}
	if !found {
		return nil, data.NewFileError("list of files", ErrNotArchive, "choose a zip file", "")
	}
	// Before the list is read, which allocates for each file.
	if err := a.checkCount(count); err != nil {
		return nil, err
	}
	r, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // names are never used as paths
		return nil, data.NewFileError("list of files", data.ErrCorrupt, adviceAgain, "%v", err)
	}
	if err := a.checkCount(len(r.File)); err != nil {
		return nil, err
	}
	placed := len(r.File) == 0 // some file is where the list says
	names := zipNames(r.File)
	for i, f := range r.File {
		_, err := f.DataOffset()
		placed = placed || err == nil
		f.Name = names[i]
		if !strings.HasSuffix(f.Name, "/") { // a folder
			a.entries = append(a.entries, f)
		}
	}
	if !placed {
		return nil, data.NewFileError("list of files", data.ErrCorrupt, adviceAgain, "its files are not where it says")
	}
	slices.SortStableFunc(a.entries, func(x, y *zip.File) int {
		at, _ := x.DataOffset()
		other, _ := y.DataOffset()
		return cmp.Or(strings.Compare(x.Name, y.Name), cmp.Compare(at, other))
	})
	return a, nil
}

func (a *Archive) checkCount(n int) error {
	if n <= a.limits.Pictures {
		return nil
	}
	return data.NewFileError("count", data.ErrTooLarge, "pack fewer pictures", "%d files, at most %d are taken", n, a.limits.Pictures)
}

// listed finds the record at the end of an archive (APPNOTE.TXT, 4.3.16) and returns the number of files that it states, 0
// where the number does not fit into 16 bits.
func listed(file []byte) (count int, found bool) {
	const length, longestComment = 22, 1<<16 - 1
	tail := file[max(0, len(file)-length-longestComment):]
	for i := len(tail) - length; i >= 0; i-- {
		end := tail[i:]
		if string(end[:4]) == "PK\x05\x06" && length+int(binary.LittleEndian.Uint16(end[20:])) <= len(end) {
			if n := int(binary.LittleEndian.Uint16(end[10:])); n < 0xffff {
				count = n
			}
			return count, true
		}
	}
	return 0, false
}

const adviceAgain = "get or pack the archive again"

// Len returns the number of files, of any kind.
func (a *Archive) Len() int { return len(a.entries) }

// Name returns the name of file i, with its folders.
func (a *Archive) Name(i int) string { return a.entries[i].Name }

// Size returns the length of file i, unpacked, as the list has it.
func (a *Archive) Size(i int) int64 { return int64(min(a.entries[i].UncompressedSize64, 1<<62)) }

// Packed returns the length of file i in the archive, in bytes, as the list has it.
func (a *Archive) Packed(i int) int64 { return int64(min(a.entries[i].CompressedSize64, 1<<62)) }

// Head unpacks the beginning of file i, at most n bytes. Errors are those that a report names.
func (a *Archive) Head(i, n int) ([]byte, error) {
	in, err := a.open(a.entries[i])
	if err != nil {
		return nil, err
	}
	defer in.Close()
	head := make([]byte, min(int64(n), a.Size(i)))
	n, err = io.ReadFull(in, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, damaged(err.Error())
	}
	return head[:n], nil
}

// Read unpacks file i, of any size up to most. Errors are those that a report names.
func (a *Archive) Read(i int, most int64) ([]byte, error) {
	whole := &Archive{size: a.size, limits: a.limits}
	whole.limits.File = most
	return whole.read(a.entries[i], new(int64))
}

// Remove takes file i off the list.
func (a *Archive) Remove(i int) { a.entries = slices.Delete(a.entries, i, i+1) }

// Under puts all files into a folder: the archive's name, where several are read into one album.
func (a *Archive) Under(folder string) {
	for _, f := range a.entries {
		f.Name = folder + "/" + f.Name
	}
}

// AddTo unpacks file i and adds it to an album. The error is a [*data.FileError] that wraps [data.ErrTooLarge] when the
// album is full or has unpacked more than the archive's limit; errors of single files are in the report.
func (a *Archive) AddTo(album *Album, i int) error {
	f := a.entries[i]
	if Hidden(f.Name) {
		album.hide(f.Name)
		return nil
	}
	if album.unpacked > a.limits.Unpacked {
		return &data.FileError{File: shown(f.Name), Field: "size", Kind: data.ErrTooLarge,
			Detail: fmt.Sprintf("archives unpack to more than %d bytes", a.limits.Unpacked), Advice: "pack fewer pictures"}
	}
	file, err := a.read(f, &album.unpacked)
	if err != nil {
		album.LeaveOut(f.Name, err)
		return nil
	}
	return album.Add(f.Name, file)
}

// read unpacks a file and adds its length to unpacked. The result is overwritten by the next call. What the list says of the
// size is checked before anything of that size is allocated.
func (a *Archive) read(f *zip.File, unpacked *int64) ([]byte, error) {
	size := f.UncompressedSize64
	if f.Flags&flagEncrypted == 0 && size > uint64(a.limits.File) {
		return nil, fileTooLarge(int64(min(size, 1<<62)), a.limits.File)
	}
	in, err := a.open(f)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	// One byte more than there should be is enough to see that there are more.
	a.buffer = resized(a.buffer, int(size)+1)
	n, err := io.ReadFull(in, a.buffer)
	*unpacked += int64(n)
	switch {
	case err == nil:
		return nil, damaged("it is longer than it is said to be")
	case uint64(n) != size:
		return nil, damaged("its length is wrong")
	case err != io.EOF && err != io.ErrUnexpectedEOF:
		return nil, damaged(err.Error())
	}
	return a.buffer[:n], nil
}

// open begins to unpack a file, after a look at what the list says of it.
func (a *Archive) open(f *zip.File) (io.ReadCloser, error) {
	size, packed := f.UncompressedSize64, f.CompressedSize64
	if f.Flags&flagEncrypted != 0 {
		return nil, data.NewFileError("encryption", ErrPassword, "unpack it, or pack it without", "")
	}
	from, err := f.DataOffset()
	if err != nil {
		return nil, damaged("it is not where the list says")
	}
	if packed > uint64(a.size)-min(uint64(from), uint64(a.size)) {
		return nil, data.NewFileError("content", data.ErrTruncated, adviceAgain, "it goes on behind the end of the archive")
	}
	// No byte of deflate stands for more than 1,032.
	if size > 1032*packed {
		return nil, damaged("it cannot be as long as it is said to be")
	}
	in, err := f.Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		fe := data.NewFileError("method", ErrUnsupported, "unpack it, or pack it as an ordinary zip (Deflate)", "number %d", f.Method)
		fe.What = methods[f.Method]
		return nil, fe
	}
	if err != nil {
		return nil, damaged(err.Error())
	}
	return in, nil
}

func damaged(detail string) error {
	return data.NewFileError("content", data.ErrCorrupt, adviceAgain, "%s", detail)
}
