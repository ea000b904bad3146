package album

import (
	stdzip "archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"testing"

	"inkdrift/vae/data"
	"inkdrift/vae/data/picture"
)

// The parts of the format that the tests write, as PKWARE's APPNOTE.TXT 6.3 describes it.
const (
	endSignature     = 0x06054b50
	endLength        = 22
	end64Signature   = 0x06064b50
	end64Length      = 56
	locatorSignature = 0x07064b50
	listSignature    = 0x02014b50
	listLength       = 46
	localSignature   = 0x04034b50
	localLength      = 30
	extra64          = 0x0001
)

// entry is one file of an archive, as the list describes it.
type entry struct {
	method, flags uint16
	sum           uint32
	packed, size  uint64
	at            uint64 // of the local header
}

func withComment(file []byte, comment string) []byte {
	file = bytes.Clone(file)
	binary.LittleEndian.PutUint16(file[len(file)-2:], uint16(len(comment)))
	return append(file, comment...)
}

// wide gives an archive the 64-bit end of a very large one.
func wide(t testing.TB, file []byte) []byte {
	t.Helper()
	le := binary.LittleEndian
	at := len(file) - endLength
	end := bytes.Clone(file[at:])
	out := bytes.Clone(file[:at])
	out = le.AppendUint32(out, end64Signature)
	out = le.AppendUint64(out, end64Length-12)
	out = append(out, make([]byte, 12)...)
	out = le.AppendUint64(out, uint64(le.Uint16(end[8:])))
	out = le.AppendUint64(out, uint64(le.Uint16(end[10:])))
	out = le.AppendUint64(out, uint64(le.Uint32(end[12:])))
	out = le.AppendUint64(out, uint64(le.Uint32(end[16:])))
	out = le.AppendUint32(out, locatorSignature)
	out = le.AppendUint32(out, 0)
	out = le.AppendUint64(out, uint64(at))
	out = le.AppendUint32(out, 1)
	for i := 8; i < 20; i++ {
		end[i] = 0xff
	}
	return append(out, end...)
}

// Many files need the 64-bit end, and package archive/zip writes it.
func TestVeryManyFiles(t *testing.T) {
	const n = 70_000
	var b bytes.Buffer
	w := stdzip.NewWriter(&b)
	for i := range n {
		if _, err := w.CreateHeader(&stdzip.FileHeader{Name: fmt.Sprintf("%05d", n-1-i), Method: stdzip.Store}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	a, err := OpenArchive(b.Bytes(), Limits{})
	if err != nil || a.Len() != n || a.Name(0) != "00000" || a.Name(n-1) != "69999" {
		t.Fatalf("%v", err)
	}
	if _, err := OpenArchive(b.Bytes(), Limits{Pictures: n - 1}); !errors.Is(err, data.ErrTooLarge) {
		t.Errorf("one file too many: error %v", err)
	}
}

// TestRead unpacks what package archive/zip has packed.
func TestRead(t *testing.T) {
	var files []named
	for i := range 50 {
		files = append(files, named{fmt.Sprintf("%02d", i), bytes.Repeat([]byte{byte(i), 1, 2}, i*i*7)})
	}
	archive, err := OpenArchive(pack(t, files...), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range files {
		got, err := archive.read(archive.entries[i], new(int64))
		if err != nil || !bytes.Equal(got, f.content) {
			t.Errorf("file %d: %d bytes of %d, error %v", i, len(got), len(f.content), err)
		}
	}
}

func TestOpenArchiveErrors(t *testing.T) {
	good := pack(t, named{"a.png", shade(t, 1)}, named{"b.png", shade(t, 2)})
	change := func(at int, b ...byte) []byte {
		f := bytes.Clone(good)
		if at < 0 {
			at += len(f)
		}
		copy(f[at:], b)
		return f
	}
	list := int(binary.LittleEndian.Uint32(good[len(good)-6:]))
	for name, c := range map[string]struct {
		file []byte
		kind error
	}{
		"nothing":                   {nil, ErrNotArchive},
		"a picture":                 {shade(t, 1), ErrNotArchive},
		"torn":                      {good[:len(good)-30], data.ErrTruncated},
		"torn at the very end":      {good[:len(good)-1], data.ErrTruncated},
		"more files than there are": {change(-12, 0xff, 0xfe), data.ErrCorrupt},
		"a longer list":             {change(-10, 0xff, 0xff, 0xff), data.ErrCorrupt},
		"a list elsewhere":          {change(-6, 0xff, 0xff, 0xff), data.ErrCorrupt},
		"a damaged entry":           {change(list, 'x'), data.ErrCorrupt},
		"an endless name":           {change(list+28, 0xff, 0xff), data.ErrCorrupt},
	} {
		_, err := OpenArchive(c.file, Limits{})
		var fe *data.FileError
		if !errors.As(err, &fe) || !errors.Is(err, c.kind) || fe.Advice == "" || fe.Field == "" {
			t.Errorf("%s: error %v, want %v", name, err, c.kind)
		}
	}
}

// TestOneBadFile damages one file of three; the others must be read.
func TestOneBadFile(t *testing.T) {
	deflate := func(b []byte) []byte {
		var out bytes.Buffer
		w, err := flate.NewWriter(&out, 9)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(b); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	content := shade(t, 9)
	for name, c := range map[string]struct {
		e      entry // what the list says, besides name and place
		packed []byte
		kind   error
	}{
		"encrypted":             {entry{flags: 1, size: 5, packed: 5}, []byte("12345"), ErrPassword},
		"another method":        {entry{method: 14, size: 5, packed: 5}, []byte("12345"), ErrUnsupported},
		"wrong sum":             {entry{method: 8, size: uint64(len(content)), sum: 1}, deflate(content), data.ErrCorrupt},
		"wrong sum, stored":     {entry{size: uint64(len(content)), sum: 1}, content, data.ErrCorrupt},
		"longer than said":      {entry{method: 8, size: 10}, deflate(content), data.ErrCorrupt},
		"shorter than said":     {entry{method: 8, size: 5000, sum: crc32.ChecksumIEEE(content)}, deflate(content), data.ErrCorrupt},
		"a huge size":           {entry{method: 8, size: 60 << 20}, deflate(content), data.ErrCorrupt},
		"a larger size":         {entry{method: 8, size: 1 << 40}, deflate(content), data.ErrTooLarge},
		"no deflate":            {entry{method: 8, size: 100}, []byte("\xff\xff\xff\xff"), data.ErrCorrupt},
		"beyond the end":        {entry{method: 8, size: 100, packed: 1 << 30}, deflate(content), data.ErrTruncated},
		"a bomb":                {entry{method: 8, size: 100 << 20}, deflate(make([]byte, 100<<20>>4)), data.ErrTooLarge},
		"not where it is said":  {entry{method: 8, size: 100, at: 7}, deflate(content), data.ErrCorrupt},
		"behind everything":     {entry{method: 8, size: 100, at: 1 << 40}, deflate(content), data.ErrCorrupt},
		"a picture that is bad": {entry{method: 8, size: 3, sum: crc32.ChecksumIEEE([]byte("GIF"))}, deflate([]byte("GIF")), picture.ErrNotPicture},
	} {
		if c.e.packed == 0 {
			c.e.packed = uint64(len(c.packed))
		}
		ok := entry{size: uint64(len(content)), packed: uint64(len(content)), sum: crc32.ChecksumIEEE(content)}
		a, err := unpack(t, raw([]string{"1.png", "2.png", "3.png"}, []entry{ok, c.e, ok}, [][]byte{content, c.packed, content}), Limits{})
		r := a.Report()
		if err != nil || r.Pictures != 2 || r.Unreadable != 1 || r.Named[0].Name != "2.png" || !errors.Is(r.Named[0].Err, c.kind) {
			t.Errorf("%s: error %v, %+v; want %v", name, err, r, c.kind)
		}
		var fe *data.FileError
		if len(r.Named) > 0 && (!errors.As(r.Named[0].Err, &fe) || fe.Advice == "") {
			t.Errorf("%s: no advice in %v", name, r.Named[0].Err)
		}
	}
}

// raw writes an archive without looking whether it makes sense. Places are filled in where they are 0.
func raw(names []string, entries []entry, packed [][]byte) []byte {
	le := binary.LittleEndian
	var out, list []byte
	for i, e := range entries {
		at := uint64(len(out))
		out = le.AppendUint32(out, localSignature)
		out = append(out, make([]byte, localLength-4)...)
		le.PutUint16(out[at+26:], uint16(len(names[i])))
		out = append(append(out, names[i]...), packed[i]...)
		if e.at != 0 {
			at = e.at
		}
		var extra []byte
		cut := func(v uint64) uint32 {
			if v < 0xffffffff {
				return uint32(v)
			}
			extra = le.AppendUint64(extra, v)
			return 0xffffffff
		}
		l := make([]byte, listLength)
		le.PutUint32(l, listSignature)
		le.PutUint16(l[8:], e.flags)
		le.PutUint16(l[10:], e.method)
		le.PutUint32(l[16:], e.sum)
		le.PutUint32(l[24:], cut(e.size))
		le.PutUint32(l[20:], cut(e.packed))
		le.PutUint32(l[42:], cut(at))
		if extra != nil {
			extra = append(le.AppendUint16(le.AppendUint16(nil, extra64), uint16(len(extra))), extra...)
			le.PutUint16(l[30:], uint16(len(extra)))
		}
		le.PutUint16(l[28:], uint16(len(names[i])))
		list = append(append(append(list, l...), names[i]...), extra...)
	}
	at := len(out)
	out = append(out, list...)
	end := make([]byte, endLength)
	le.PutUint32(end, endSignature)
	le.PutUint16(end[10:], uint16(len(entries)))
	le.PutUint32(end[12:], uint32(len(list)))
	le.PutUint32(end[16:], uint32(at))
	return append(out, end...)
}

func FuzzArchive(f *testing.F) {
	m := encodePNG(f, coloured(5, 3))
	good := pack(f, named{"a/1.png", m}, named{"b/2.png", m}, named{"b/.x", nil}, named{"c.txt", []byte("text")})
	f.Add(good)
	f.Add(good[:len(good)-10])
	f.Add(wide(f, good))
	f.Add(withComment(good, "comment"))
	f.Add(raw([]string{"x"}, []entry{{method: 8, size: 1 << 40, packed: 1 << 40, at: 1 << 40}}, [][]byte{m}))
	f.Add(raw([]string{"x", "y"}, []entry{{size: uint64(len(m)), packed: uint64(len(m)), sum: crc32.ChecksumIEEE(m)}, {}}, [][]byte{m, nil}))
	f.Fuzz(func(t *testing.T, b []byte) {
		limits := Limits{Pictures: 100, File: 1 << 16, Unpacked: 1 << 18, Bytes: 1 << 16}
		a := newAlbum(t, colour, limits)
		archive, err := OpenArchive(b, limits)
		if err == nil {
			err = addAll(a, archive)
		}
		var fe *data.FileError
		if err != nil && (!errors.As(err, &fe) || fe.Field == "" || fe.Advice == "" || fe.Kind == nil) {
			t.Fatalf("error %#v", err)
		}
		if archive == nil {
			return
		}
		if r := a.Report(); err == nil && r.Pictures+r.Hidden+r.Unreadable != archive.Len() {
			t.Fatalf("%d files, %+v", archive.Len(), r)
		}
		if c, err := a.Collection("x"); err == nil && c.Train.Len()+c.Validation.Len()+c.Test.Len() != a.Report().Pictures {
			t.Fatalf("%v of %d", c, a.Report().Pictures)
		}
	})
}
