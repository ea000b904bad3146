package files

import (
	"bufio"
	"bytes"
	"io"
	"math"
	"strconv"
	"strings"

	"inkdrift/vae/data"
)

// table is text with a row of pixels for each picture, perhaps with its class in front or behind.
type table struct {
	separator byte // 0: spaces
	header    bool // the first line has names
	columns   int
	label     int // column of the class, -1 for none
	rows      int
}

// openTable looks whether text is a table of pixels, by its first lines; nil if not.
func openTable(it item) (*table, error) {
	text := bytes.TrimPrefix(it.head, []byte("\xef\xbb\xbf"))
	lines := bytes.SplitN(text, []byte("\n"), 40)
	if len(lines) > 1 || len(text) == headBytes {
		lines = lines[:len(lines)-1] // it may be cut
	}
	if len(lines) == 0 {
		return nil, nil
	}
	t := &table{label: -1}
	for _, s := range []byte(",;\t") {
		if bytes.IndexByte(lines[0], s) >= 0 {
			t.separator = s
			break
		}
	}
	var rows [][]float64
	var names []string
	for i, line := range lines {
		values, ok := t.parse(line, nil)
		switch {
		case len(bytes.TrimSpace(line)) == 0:
		case !ok && i == 0:
			t.header = true
			names = t.fields(line)
		case !ok:
			return nil, nil
		default:
			rows = append(rows, values)
		}
	}
	if len(rows) == 0 {
		return nil, nil
	}
	t.columns = len(rows[0])
	for _, r := range rows {
		if len(r) != t.columns {
			return nil, nil
		}
	}
	pixels := func(n int) bool { return square(n) >= leastSide || n%3 == 0 && square(n/3) >= leastSide }
	switch {
	case pixels(t.columns - 1):
		t.label = t.labelColumn(rows, names)
	case !pixels(t.columns):
		return nil, nil
	}
	return t, t.count(&it)
}

// labelColumn tells which column of many has the class: by its name, or because it is the one that is not always the same.
func (t *table) labelColumn(rows [][]float64, names []string) int {
	last := t.columns - 1
	for _, c := range []int{0, last} {
		if c < len(names) {
			switch strings.ToLower(strings.Trim(names[c], "\" ")) {
			case "label", "labels", "class", "target", "y", "digit":
				return c
			}
		}
	}
	whole, same := [2]bool{true, true}, [2]bool{true, true}
	for _, r := range rows {
		for k, c := range []int{0, last} {
			whole[k] = whole[k] && r[c] == math.Trunc(r[c]) && r[c] >= 0 && r[c] <= 255
			same[k] = same[k] && r[c] == rows[0][c]
		}
	}
	if whole[1] && (!whole[0] || same[0] && !same[1]) {
		return last
	}
	return 0
}

// fields gives the columns of a line.
func (t *table) fields(line []byte) []string {
	if t.separator == 0 {
		return strings.Fields(string(line))
	}
	return strings.Split(strings.TrimRight(string(line), "\r"), string(t.separator))
}

// parse reads the numbers of a line into values; false if something else is there.
func (t *table) parse(line []byte, values []float64) ([]float64, bool) {
	line = bytes.TrimSpace(line)
	for len(line) > 0 {
		end := 0
		for end < len(line) && line[end] != t.separator && (t.separator != 0 || line[end] != ' ' && line[end] != '\t') {
			end++
		}
		v, ok := number(line[:end])
		if !ok {
			return values, false
		}
		values = append(values, v)
		if end == len(line) {
			break
		}
		line = line[end+1:]
		if t.separator == 0 {
			line = bytes.TrimLeft(line, " \t")
		}
		if len(line) == 0 && t.separator == '\t' {
			break
		}
	}
	return values, len(values) > 0
}

// number reads a number, whole ones fast.
func number(b []byte) (float64, bool) {
	if len(b) > 0 && len(b) < 10 {
		n := 0
		for _, c := range b {
			if c < '0' || c > '9' {
				n = -1
				break
			}
			n = 10*n + int(c-'0')
		}
		if n >= 0 {
			return float64(n), true
		}
	}
	v, err := strconv.ParseFloat(strings.Trim(string(b), "\" "), 64)
	return v, err == nil
}

// lines calls do with every line that has something in it, but the header.
func (t *table) lines(it *item, do func(line []byte) error) error {
	r, err := it.open()
	if err != nil {
		return err
	}
	in := bufio.NewReaderSize(r, 1<<20)
	if mark, _ := in.Peek(3); string(mark) == "\xef\xbb\xbf" {
		if _, err := in.Discard(3); err != nil {
			return fileError(err)
		}
	}
	for first := true; ; first = false {
		line, err := in.ReadSlice('\n')
		if err != nil && err != io.EOF {
			if err == bufio.ErrBufferFull {
				return data.NewFileError("line", data.ErrTooLarge, adviceAgain, "it is longer than a row of pixels")
			}
			return fileError(err)
		}
		if len(bytes.TrimSpace(line)) > 0 && !(first && t.header) {
			if err := do(line); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
	}
}

// count counts the rows.
func (t *table) count(it *item) error {
	return t.lines(it, func([]byte) error { t.rows++; return nil })
}

// each calls do with the pixels of each row, or with the class.
func (t *table) each(a *array, do func(values []float64) error) error {
	row, line := make([]float64, 0, t.columns), 0
	return t.lines(&a.item, func(b []byte) error {
		line++
		var ok bool
		if row, ok = t.parse(b, row[:0]); !ok || len(row) != t.columns {
			return data.NewFileError("row "+strconv.Itoa(line), data.ErrCorrupt, adviceAgain, "%d numbers, not %d", len(row), t.columns)
		}
		switch {
		case a.labels:
			return do(row[t.label : t.label+1])
		case t.label == 0:
			return do(row[1:])
		case t.label > 0:
			return do(row[:t.label])
		}
		return do(row)
	})
}

// arrays gives the arrays that a table has.
func (t *table) arrays(it item) []*array {
	pixels := t.columns
	if t.label >= 0 {
		pixels--
	}
	out := []*array{{item: it, dims: []int{t.rows, pixels}, kind: 't', width: 1, table: t}}
	if t.label >= 0 {
		out = append(out, &array{item: it, dims: []int{t.rows}, kind: 't', width: 1, table: t, labels: true})
	}
	return out
}
