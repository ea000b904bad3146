package album

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sort"
	"strings"

	"inkdrift/vae/data"
)

// The part of the format that archives of pictures use, as PKWARE's APPNOTE.TXT 6.3 describes it: the list of files at the
// end (4.3.12, 4.3.16), with 64-bit sizes where there are very many (4.3.14, 4.3.15, 4.5.3), and files that are stored or
// deflated. Package archive/zip of the standard library would add 30 kB to the engine.
const (
	endSignature     = 0x06054b50
	endLength        = 22
	end64Signature   = 0x06064b50
	end64Length      = 56
	locatorSignature = 0x07064b50
	locatorLength    = 20
	listSignature    = 0x02014b50
	listLength       = 46
	localSignature   = 0x04034b50
	localLength      = 30
	extra64          = 0x0001

	methodStored   = 0
	methodDeflated = 8
	flagEncrypted  = 1 << 0
)

// What can be wrong with an archive, besides errors of package data; test for one with errors.Is.
var (
	ErrNotArchive  = errors.New("not a zip archive")
	ErrUnsupported = errors.New("packed in a way that is not supported")
)

// Archive is a zip archive in memory.
type Archive struct {
	file     []byte
	entries  []entry
	limits   Limits
	inflater io.ReadCloser
	buffer   []byte
}

// entry is one file of an archive, as the list describes it.
type entry struct {
	name         string
	method       uint16
	flags        uint16
	sum          uint32
	packed, size uint64
	at           uint64 // of the local header
}

// OpenArchive reads the list of files of a zip archive, and none of them yet. It keeps file. They are put in the order of their
// names, so that it does not matter in which order they were packed. Errors are of type [*data.FileError] and match
// [ErrNotArchive], [data.ErrTruncated], [data.ErrCorrupt], or [data.ErrTooLarge] if there are more files than pictures are
// allowed.
func OpenArchive(file []byte, limits Limits) (*Archive, error) {
	a := &Archive{file: file, limits: limits.withDefaults()}
	list, count, shift, err := findList(file)
	if err != nil {
		return nil, err
	}
	if count > uint64(a.limits.Pictures) {
		return nil, data.NewFileError("count", data.ErrTooLarge, "pack fewer pictures",
			"%d files, at most %d are taken", count, a.limits.Pictures)
	}
	for i := range count {
		e, rest, ok := readEntry(list)
		if !ok {
			return nil, data.NewFileError(fmt.Sprintf("entry %d of %d", i, count), data.ErrCorrupt, adviceAgain, "")
		}
		list = rest
		if e.at += shift; !strings.HasSuffix(e.name, "/") { // a folder
			a.entries = append(a.entries, e)
		}
	}
	sort.Sort(byName(a.entries))
	return a, nil
}

// byName puts files in the order of their names, and of their places where these are the same.
type byName []entry

func (e byName) Len() int      { return len(e) }
func (e byName) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e byName) Less(i, j int) bool {
	return e[i].name < e[j].name || e[i].name == e[j].name && e[i].at < e[j].at
}

const adviceAgain = "get or pack the archive again"

// findList returns the list of files, how many there are, and how far all positions are to be shifted, for there may be
// something before the archive.
func findList(file []byte) (list []byte, count, shift uint64, err error) {
	le := binary.LittleEndian
	const longestComment = 1<<16 - 1
	at := -1
	for i := len(file) - endLength; i >= 0 && i >= len(file)-endLength-longestComment; i-- {
		if le.Uint32(file[i:]) == endSignature && i+endLength+int(le.Uint16(file[i+20:])) <= len(file) {
			at = i
			break
		}
	}
	if at < 0 {
		if len(file) >= 4 && le.Uint32(file) == localSignature {
			return nil, 0, 0, data.NewFileError("list of files", data.ErrTruncated, adviceAgain, "it is not at the end")
		}
		return nil, 0, 0, data.NewFileError("list of files", ErrNotArchive, "choose a zip file", "")
	}
	end := file[at:]
	count, size, from := uint64(le.Uint16(end[10:])), uint64(le.Uint32(end[12:])), uint64(le.Uint32(end[16:]))
	stop := uint64(at) // where the list ends
	if count == 0xffff || size == 0xffffffff || from == 0xffffffff {
		if l := at - locatorLength; l >= 0 && le.Uint32(file[l:]) == locatorSignature {
			// The place is used only if the right signature is there; else it is right before, as usual.
			e := le.Uint64(file[l+8:])
			if e > uint64(l) || l-int(e) < end64Length || le.Uint32(file[e:]) != end64Signature {
				e = uint64(max(0, l-end64Length))
			}
			if l-int(e) < end64Length || le.Uint32(file[e:]) != end64Signature {
				return nil, 0, 0, data.NewFileError("list of files", data.ErrCorrupt, adviceAgain, "")
			}
			count, size, from = le.Uint64(file[e+32:]), le.Uint64(file[e+40:]), le.Uint64(file[e+48:])
			stop = e
		}
	}
	if size > stop || from > stop-size || count > size/listLength {
		return nil, 0, 0, data.NewFileError("list of files", data.ErrCorrupt, adviceAgain,
			"%d files in %d bytes at %d", count, size, from)
	}
	return file[stop-size : stop], count, stop - size - from, nil
}

// readEntry reads one entry of the list.
func readEntry(list []byte) (e entry, rest []byte, ok bool) {
	le := binary.LittleEndian
	if len(list) < listLength || le.Uint32(list) != listSignature {
		return e, nil, false
	}
	name, extra, comment := int(le.Uint16(list[28:])), int(le.Uint16(list[30:])), int(le.Uint16(list[32:]))
	if listLength+name+extra+comment > len(list) {
		return e, nil, false
	}
	e = entry{
		name:   slashed(list[listLength:][:name]),
		flags:  le.Uint16(list[8:]),
		method: le.Uint16(list[10:]),
		sum:    le.Uint32(list[16:]),
		packed: uint64(le.Uint32(list[20:])),
		size:   uint64(le.Uint32(list[24:])),
		at:     uint64(le.Uint32(list[42:])),
	}
	e.widen(list[listLength+name:][:extra])
	return e, list[listLength+name+extra+comment:], true
}

// slashed returns a name with the separator of the format; some archives are made with that of Windows.
func slashed(name []byte) string {
	out := make([]byte, len(name))
	for i, b := range name {
		if b == '\\' {
			b = '/'
		}
		out[i] = b
	}
	return string(out)
}

// widen takes the numbers that do not fit into 32 bits from where they are then.
func (e *entry) widen(extra []byte) {
	le := binary.LittleEndian
	for len(extra) >= 4 {
		kind, n := le.Uint16(extra), int(le.Uint16(extra[2:]))
		if extra = extra[4:]; n > len(extra) {
			return
		}
		if field := extra[:n]; kind == extra64 {
			for _, v := range []*uint64{&e.size, &e.packed, &e.at} {
				if *v == 0xffffffff && len(field) >= 8 {
					*v, field = le.Uint64(field), field[8:]
				}
			}
			return
		}
		extra = extra[n:]
	}
}

// Len returns the number of files, of any kind.
func (a *Archive) Len() int { return len(a.entries) }

// Name returns the name of file i, with its folders.
func (a *Archive) Name(i int) string { return a.entries[i].name }

// Under puts all files into a folder: the archive's name, where several are read into one album.
func (a *Archive) Under(folder string) {
	for i := range a.entries {
		a.entries[i].name = folder + "/" + a.entries[i].name
	}
}

// AddTo unpacks file i and adds it to an album. The error is a [*data.FileError] that wraps [data.ErrTooLarge] when the
// album is full or has unpacked more than the archive's limit; errors of single files are in the report.
func (a *Archive) AddTo(album *Album, i int) error {
	e := &a.entries[i]
	if Hidden(e.name) {
		album.report.Hidden++
		return nil
	}
	if album.unpacked > a.limits.Unpacked {
		return &data.FileError{File: shown(e.name), Field: "size", Kind: data.ErrTooLarge,
			Detail: fmt.Sprintf("archives unpack to more than %d bytes", a.limits.Unpacked), Advice: "pack fewer pictures"}
	}
	file, err := a.read(e, &album.unpacked)
	if err != nil {
		album.leaveOut(e.name, err)
		return nil
	}
	return album.Add(e.name, file)
}

// read unpacks a file and adds its length to unpacked. The result is overwritten by the next call.
func (a *Archive) read(e *entry, unpacked *int64) ([]byte, error) {
	if e.flags&flagEncrypted != 0 {
		return nil, data.NewFileError("encryption", ErrUnsupported, "pack it without", "it has a password")
	}
	if e.size > uint64(a.limits.File) {
		return nil, fileTooLarge(int64(min(e.size, 1<<62)), a.limits.File)
	}
	packed, err := a.packed(e)
	if err != nil {
		return nil, err
	}
	switch e.method {
	case methodStored:
		*unpacked += int64(len(packed))
		if uint64(len(packed)) != e.size || crc32.ChecksumIEEE(packed) != e.sum {
			return nil, damaged("its length or checksum is wrong")
		}
		return packed, nil
	case methodDeflated:
		return a.inflate(e, packed, unpacked)
	}
	return nil, data.NewFileError("method", ErrUnsupported, "pack it as an ordinary zip", "number %d", e.method)
}

// packed returns a file as it is packed.
func (a *Archive) packed(e *entry) ([]byte, error) {
	le := binary.LittleEndian
	n := uint64(len(a.file))
	if n < localLength || e.at > n-localLength || le.Uint32(a.file[e.at:]) != localSignature {
		return nil, damaged("it is not where the list says")
	}
	// The names here may be longer or shorter than in the list.
	from := e.at + localLength + uint64(le.Uint16(a.file[e.at+26:])) + uint64(le.Uint16(a.file[e.at+28:]))
	if from > n || e.packed > n-from {
		return nil, data.NewFileError("content", data.ErrTruncated, adviceAgain,
			"it goes on behind the end of the archive")
	}
	return a.file[from : from+e.packed], nil
}

// inflate unpacks a deflated file.
func (a *Archive) inflate(e *entry, packed []byte, unpacked *int64) ([]byte, error) {
	// No byte of deflate stands for more than 1,032.
	if e.size > 1032*uint64(len(packed)) {
		return nil, damaged("it cannot be as long as it is said to be")
	}
	in := bytes.NewReader(packed)
	if a.inflater == nil {
		a.inflater = flate.NewReader(in)
	} else if err := a.inflater.(flate.Resetter).Reset(in, nil); err != nil {
		return nil, damaged(err.Error())
	}
	// One byte more than there should be is enough to see that there are more.
	a.buffer = resized(a.buffer, int(e.size)+1)
	n, err := io.ReadFull(a.inflater, a.buffer)
	*unpacked += int64(n)
	switch {
	case err == nil:
		return nil, damaged("it is longer than it is said to be")
	case err != io.EOF && err != io.ErrUnexpectedEOF:
		return nil, damaged(err.Error())
	case uint64(n) != e.size || crc32.ChecksumIEEE(a.buffer[:n]) != e.sum:
		return nil, damaged("its length or checksum is wrong")
	}
	return a.buffer[:n], nil
}

func damaged(detail string) error {
	return data.NewFileError("content", data.ErrCorrupt, adviceAgain, detail)
}
