package data

import (
	"bufio"
	"compress/bzip2"
	"compress/gzip"
	"io"
)

// mostLayers is how often a file may be compressed.
const mostLayers = 3

// Between what a gzip file holds there may be so much that holds nothing: zeros, as tapes are filled up with, and members.
const (
	mostPadding = 1 << 20
	mostEmpty   = 1000
)

// IsBzip2 tells a file that bzip2 has compressed by its first bytes: a mark, the size of its blocks, and the mark of the first.
func IsBzip2(head []byte) bool {
	return len(head) >= 10 && string(head[:3]) == "BZh" && head[3] >= '1' && head[3] <= '9' && string(head[4:10]) == "1AY&SY"
}

// Decompress returns what r holds, uncompressed if it is gzip or bzip2, and how often it was compressed: some files were packed
// twice. Members of gzip that follow each other are one stream, and zeros behind the last are padding, as gzip itself has it. Errors
// are of type [*FileError]; those of the reader are of packages gzip and bzip2.
func Decompress(r io.Reader) (unpacked *bufio.Reader, layers int, err error) {
	br := bufio.NewReaderSize(r, 32<<10)
	for {
		mark, _ := br.Peek(10)
		isBzip2 := IsBzip2(mark)
		if !isBzip2 && (len(mark) < 2 || mark[0] != 0x1f || mark[1] != 0x8b) {
			return br, layers, nil
		}
		if layers == mostLayers {
			return nil, layers, &FileError{Field: "compression", Kind: ErrTooLarge, Detail: "it is packed again and again", Advice: adviceAgain}
		}
		if isBzip2 {
			layers++
			br = bufio.NewReaderSize(bzip2.NewReader(br), 32<<10)
			continue
		}
		z, err := gzip.NewReader(br)
		if err != nil {
			return nil, layers, readError("gzip header", err, "")
		}
		z.Multistream(false)
		layers++
		br = bufio.NewReaderSize(&members{from: br, z: z}, 32<<10)
	}
}

// members reads the members of a gzip stream one after the other.
type members struct {
	from  *bufio.Reader
	z     *gzip.Reader
	done  bool
	zeros int // of padding
	empty int // members, one after the other
}

// Read implements [io.Reader].
func (m *members) Read(p []byte) (int, error) {
	for !m.done {
		n, err := m.z.Read(p)
		if n > 0 || err != io.EOF {
			m.empty = 0
			if err == io.EOF {
				err = nil
			}
			return n, err
		}
		if err := m.next(); err != nil {
			return 0, err
		}
	}
	return 0, io.EOF
}

// next goes to the next member, over padding.
func (m *members) next() error {
	for {
		b, err := m.from.ReadByte()
		if err == io.EOF {
			m.done = true
			return nil
		}
		if err != nil {
			return err
		}
		if b == 0 {
			if m.zeros++; m.zeros > mostPadding {
				return &FileError{Field: "gzip padding", Kind: ErrTrailing, Advice: adviceAgain}
			}
			continue
		}
		if m.empty++; m.empty > mostEmpty {
			return &FileError{Field: "gzip members", Kind: ErrCorrupt, Detail: "nothing is in them", Advice: adviceAgain}
		}
		if err := m.from.UnreadByte(); err != nil {
			return err
		}
		if err := m.z.Reset(m.from); err != nil {
			return err
		}
		m.z.Multistream(false)
		return nil
	}
}
