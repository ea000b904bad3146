package data

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// PenDigit is a digit as a pen wrote it on a tablet.
type PenDigit struct {
	// Label is the digit, 0 to 9, Writer the number of the person, from 1.
	Label, Writer int
	// Strokes are the positions of the pen between going down and coming up, in
	// units of the tablet, y up. No stroke is empty.
	Strokes [][]PenPoint
}

// PenPoint is a position of a pen.
type PenPoint struct{ X, Y int16 }

// Limits of a file of pen digits; the largest of the collection has 0.5 million points.
const (
	maxPenPoints = 1 << 24
	maxPenLine   = 1 << 12
)

// ReadPenDigits reads digits of the collection Pen-Based Recognition of
// Handwritten Digits (Alpaydin and Alimoglu 1998) in their original form: UNIPEN
// text (Guyon et al. 1994), plain or gzip. The line .SEGMENT begins a digit and
// the line .COMMENT after it has label, writer and the number of the digit among
// the writer's. Errors are of type [*FileError] and name the line.
func ReadPenDigits(r io.Reader) ([]PenDigit, error) {
	br := bufio.NewReaderSize(r, 32<<10)
	var in io.Reader = br
	if magic, _ := br.Peek(2); len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b {
		zr, err := gzip.NewReader(br)
		if err != nil {
			return nil, readError("gzip header", err, "")
		}
		in = zr
	}
	p := penReader{lines: bufio.NewScanner(in)}
	p.lines.Buffer(make([]byte, maxPenLine), maxPenLine)
	for p.lines.Scan() {
		p.number++
		if err := p.line(p.lines.Text()); err != nil {
			return nil, err
		}
	}
	switch err := p.lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		p.number++
		return nil, p.wrong(ErrCorrupt, "it has more than %d bytes", maxPenLine)
	case err != nil:
		return nil, readError(fmt.Sprintf("line %d", p.number+1), err, "")
	case p.down:
		return nil, p.wrong(ErrTruncated, "the file ends while the pen is down")
	}
	if err := p.finish(); err != nil {
		return nil, err
	}
	if len(p.digits) == 0 {
		return nil, &FileError{Field: "digits", Kind: ErrTooFew, Detail: "there is no line .SEGMENT DIGIT", Advice: advicePens}
	}
	return p.digits, nil
}

const advicePens = "give pendigits-orig.tra or .tes of the UCI Machine Learning Repository, plain or gzip"

// penReader is the state of ReadPenDigits.
type penReader struct {
	lines  *bufio.Scanner
	number int // of the line
	digits []PenDigit
	open   bool // the last digit is being read
	named  bool // and its .COMMENT was there
	down   bool // the pen is
	points int
}

func (p *penReader) wrong(kind error, detail string, args ...any) error {
	return NewFileError(fmt.Sprintf("line %d", p.number), kind, advicePens, detail, args...)
}

// line takes one line.
func (p *penReader) line(s string) error {
	word, rest, _ := strings.Cut(strings.TrimSpace(s), " ")
	switch {
	case word == "":
		return nil
	case p.down && word != ".PEN_UP":
		return p.point(s)
	case word == ".SEGMENT":
		return p.segment(rest)
	case word == ".COMMENT" && p.open && !p.named:
		return p.comment(rest)
	case word == ".PEN_DOWN":
		if !p.named {
			return p.wrong(ErrCorrupt, "the pen goes down before .SEGMENT and .COMMENT have said which digit it writes")
		}
		d := &p.digits[len(p.digits)-1]
		d.Strokes, p.down = append(d.Strokes, nil), true
		return nil
	case word == ".PEN_UP":
		if !p.down {
			return p.wrong(ErrCorrupt, "the pen comes up and was not down")
		}
		p.down = false
		if d := &p.digits[len(p.digits)-1]; len(d.Strokes[len(d.Strokes)-1]) == 0 {
			return p.wrong(ErrCorrupt, "the stroke has no points")
		}
		return nil
	case word[0] == '.': // what says nothing of the digits
		return nil
	}
	return p.wrong(ErrCorrupt, "%.40q is neither a keyword nor a point of a stroke", s)
}

// segment begins a digit, such as in .SEGMENT DIGIT 6-7 ? "4".
func (p *penReader) segment(rest string) error {
	if err := p.finish(); err != nil {
		return err
	}
	words := strings.Fields(rest)
	if len(words) != 4 || words[0] != "DIGIT" {
		return p.wrong(ErrCorrupt, "%.40q: a segment is DIGIT, strokes, quality and label", rest)
	}
	label, err := strconv.Unquote(words[3])
	if err != nil || len(label) != 1 || label[0] < '0' || label[0] > '9' {
		return p.wrong(ErrCorrupt, "the label %.20s is no digit in quotes", words[3])
	}
	p.digits = append(p.digits, PenDigit{Label: int(label[0] - '0')})
	p.open, p.named = true, false
	return nil
}

// comment takes label, writer and number of a digit.
func (p *penReader) comment(rest string) error {
	words := strings.Fields(rest)
	d := &p.digits[len(p.digits)-1]
	if len(words) != 3 {
		return p.wrong(ErrCorrupt, "%.40q: the comment on a digit is label, writer and number", rest)
	}
	label, err1 := strconv.Atoi(words[0])
	writer, err2 := strconv.ParseUint(words[1], 10, 16)
	if err1 != nil || err2 != nil || label != d.Label {
		return p.wrong(ErrMismatch, "%.40q: the label must be that of .SEGMENT, %d, and the writer a number", rest, d.Label)
	}
	d.Writer, p.named = int(writer), true
	return nil
}

// point takes a position of the pen.
func (p *penReader) point(s string) error {
	words := strings.Fields(s)
	if len(words) != 2 {
		return p.wrong(ErrCorrupt, "%.40q: a point is two numbers", s)
	}
	x, err1 := strconv.ParseInt(words[0], 10, 16)
	y, err2 := strconv.ParseInt(words[1], 10, 16)
	if err1 != nil || err2 != nil {
		return p.wrong(ErrCorrupt, "%.40q: the numbers of a point are whole and between -32768 and 32767", s)
	}
	if p.points++; p.points > maxPenPoints {
		return p.wrong(ErrTooLarge, "there are more than %d points", maxPenPoints)
	}
	d := &p.digits[len(p.digits)-1]
	last := len(d.Strokes) - 1
	d.Strokes[last] = append(d.Strokes[last], PenPoint{int16(x), int16(y)})
	return nil
}

// finish ends the digit that is being read.
func (p *penReader) finish() error {
	if p.open && len(p.digits[len(p.digits)-1].Strokes) == 0 {
		return p.wrong(ErrTruncated, "the digit before it has no strokes")
	}
	p.open, p.named = false, false
	return nil
}

// OpenPenDigits reads pendigits-orig.tra, plain or with .gz, from a folder. Errors
// are of type [*FileError] and name the file; one that is not there also gives
// [fs.ErrNotExist].
func OpenPenDigits(dir string) ([]PenDigit, error) {
	const name = "pendigits-orig.tra"
	file := filepath.Join(dir, name)
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		if z, zerr := os.Open(file + ".gz"); zerr == nil {
			f, err, file = z, nil, file+".gz"
		}
	}
	if err != nil {
		return nil, &FileError{File: file, Field: "file", Kind: err,
			Advice: "get it from https://archive.ics.uci.edu/dataset/81 and name its folder"}
	}
	defer f.Close()
	d, err := ReadPenDigits(f)
	return d, inFile(file, err)
}
