package files

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"inkdrift/vae/data"
)

// table is text with a row of pixels for each picture, perhaps with its class in front or behind; or with a class in each row
// and nothing else. Before the first of these columns there may be one that numbers the rows. Rows may also be those of LibSVM.
type table struct {
	text      textForm
	separator byte // 0: spaces
	ahead     int  // lines before the first row: notes and names of columns
	columns   int
	index     bool // the first column numbers the rows
	label     int  // column of the class, -1 for none
	pixels    int  // columns of pixels
	named     bool // the names of columns say that they are pixels
	// sparse: after the class only pixels that are not 0, as number:value (LibSVM), numbered from first on.
	sparse bool
	first  int
	// words are the classes, in order, where they are not given as numbers.
	words   map[string]int
	ordered []string
	rows    int
}

const (
	mostAhead = 20   // lines before the first row
	mostBlank = 5000 // lines with nothing in them and notes, besides one for each row
	mostWords = 256  // classes that are words
)

// labelNames are what columns of classes are called, indexNames those that number the rows.
var (
	labelNames = map[string]bool{"label": true, "labels": true, "class": true, "classes": true, "target": true, "y": true, "digit": true, "letter": true, "category": true}
	indexNames = map[string]bool{"": true, "index": true, "id": true, "unnamed: 0": true, "imageid": true, "image_id": true, "row": true, "no": true}
)

// openTable looks whether text is a table of pixels or classes, by its first lines; nil if not. It may have most bytes, a byte a value.
func openTable(it item, most int64) (*table, error) {
	form := formOf(it.head)
	text, err := io.ReadAll(form.reader(bytes.NewReader(it.head)))
	if err != nil {
		return nil, fileError(err)
	}
	lines := bytes.SplitN(afterNotes(text), []byte("\n"), 100)
	if len(lines) > 1 || len(it.head) == headBytes {
		lines = lines[:len(lines)-1] // it may be cut
	}
	if isSparse(lines) {
		t := &table{text: form, label: 0, sparse: true}
		if ok, err := t.countSparse(&it, most); !ok || err != nil {
			return nil, err
		}
		return t, nil
	}
	for _, separator := range []byte(";\t,\x00") {
		t := &table{text: form, separator: separator, label: -1}
		if names, ok := t.fits(it.name, lines); ok {
			return t, t.count(&it, names, most)
		}
	}
	return nil, nil
}

// fits tells whether lines are those of a table with the separator that is set, and which columns it has, as far as a few rows
// tell. names are those of the columns, if they have any.
func (t *table) fits(name string, lines [][]byte) (names []string, ok bool) {
	var rows [][]string
	word := -1 // column that is none of numbers
	for _, line := range lines {
		if isNote(line) {
			continue
		}
		fields := t.fields(line)
		switch words, at := t.wordsIn(fields); {
		case words > 1, len(rows) == 0 && (words == 1 && (labelNames[plain(fields[at])] || indexNames[plain(fields[at])]) || areNumbers(fields)),
			len(fields) == 1 && words == 1 && !labelsByName(name): // names or notes
			if len(rows) > 0 || t.ahead >= mostAhead {
				return nil, false
			}
			t.ahead++
			names = fields
		case len(rows) > 0 && (len(fields) != t.columns || at != word), t.separator != 0 && len(fields) == 1:
			return nil, false
		default:
			t.columns, word = len(fields), at
			rows = append(rows, fields)
		}
	}
	if len(rows) == 0 {
		return nil, false
	}
	if len(names) != t.columns {
		names = nil
	}
	numbered, from := len(rows) > 2, 0
	if rows[0][0] == "1" {
		from = 1
	}
	for i, r := range rows {
		numbered = numbered && r[0] == strconv.Itoa(i+from)
	}
	byName := names != nil && indexNames[plain(names[0])]
	hasLabel := names != nil && slices.ContainsFunc([]string{names[0], names[min(1, t.columns-1)], names[t.columns-1]}, func(n string) bool { return labelNames[plain(n)] })
	pixels := func(n int) bool { return square(n) >= leastSide || n%3 == 0 && square(n/3) >= leastSide }
	n := t.columns
	switch {
	case n == 1:
		t.label = 0
	case n == 2 && (byName || numbered) && (hasLabel || labelsByName(name)):
		t.index, t.label = true, 1
	case pixels(n-2) && (byName || numbered):
		t.index, t.label, t.pixels = true, 1, n-2
	case pixels(n-1) && byName:
		t.index, t.pixels = true, n-1
	case pixels(n - 1):
		t.label, t.pixels = 0, n-1
	case pixels(n):
		t.pixels = n
	default:
		return nil, false
	}
	if word >= 0 {
		if t.label < 0 || word != t.label && (word != n-1 || t.pixels == 0) {
			return nil, false
		}
		t.label, t.words = word, make(map[string]int)
	}
	if names != nil && t.pixels > 0 {
		t.named = strings.HasPrefix(plain(names[n/2]), "pix")
	}
	return names, true
}

// isSparse tells rows of LibSVM: a class, and pairs of a number and a value.
func isSparse(lines [][]byte) bool {
	pairs := 0
	for _, line := range lines {
		_, ok := sparseRow(line, func(int, float64) bool {
			pairs++
			return true
		})
		if !ok && !isNote(line) {
			return false
		}
	}
	return pairs > 0
}

// sparseRow reads a row of LibSVM and calls do with the number and the value of each pixel, in order, as long as it returns true. It gives
// the class; false if the line is no such row. One that is a class alone is black.
func sparseRow(line []byte, do func(number int, v float64) bool) (class float64, ok bool) {
	line, _, _ = bytes.Cut(line, []byte("#"))
	fields := bytes.Fields(line)
	if len(fields) == 0 {
		return 0, false
	}
	class, err := strconv.ParseFloat(string(fields[0]), 64)
	if err != nil {
		return 0, false
	}
	last := -1
	for _, field := range fields[1:] {
		number, value, found := bytes.Cut(field, []byte(":"))
		n, err := strconv.Atoi(string(number))
		if !found || err != nil || n <= last || n > 3*mostSide*mostSide {
			return 0, false
		}
		v, err := strconv.ParseFloat(string(value), 64)
		if err != nil || !do(n, v) {
			return 0, false
		}
		last = n
	}
	return class, true
}

// countSparse counts the rows of LibSVM, and tells how many pixels a picture has: the last ones of all may be 0, less than a row of them.
// It returns false if they are no pictures.
func (t *table) countSparse(it *item, most int64) (ok bool, err error) {
	highest := 0
	t.first = 1
	err = t.lines(it, func(line []byte) error {
		t.rows++
		_, ok := sparseRow(line, func(number int, _ float64) bool {
			if number == 0 {
				t.first = 0
			}
			highest = max(highest, number)
			return true
		})
		switch {
		case !ok:
			return data.NewFileError("row "+strconv.Itoa(t.rows), data.ErrCorrupt, adviceAgain, "it is no class with pairs of a number and a value")
		case int64(t.rows)*int64(highest) > most:
			return tooLarge("more than %d bytes of pictures", most)
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	n := highest + 1 - t.first
	side := int(math.Ceil(math.Sqrt(float64(n))))
	switch {
	case n%3 == 0 && square(n/3) >= leastSide:
		t.pixels = n
	case side >= leastSide && n > side*(side-1):
		t.pixels = side * side
	default:
		return false, nil
	}
	t.columns = 1 + t.pixels
	return true, nil
}

// wordsIn counts the fields that are no numbers, and tells which the last is; -1 for none.
func (t *table) wordsIn(fields []string) (words, last int) {
	last = -1
	for i, f := range fields {
		if _, ok := t.number([]byte(f)); !ok {
			words, last = words+1, i
		}
	}
	return words, last
}

// areNumbers tells names of columns that are 0, 1, 2 and so on.
func areNumbers(fields []string) bool {
	for i, f := range fields {
		if plain(f) != strconv.Itoa(i) {
			return false
		}
	}
	return len(fields) >= leastSide*leastSide
}

// plain is the name of a column without what is around it.
func plain(name string) string {
	return strings.ToLower(strings.Trim(name, "\" '#"))
}

// isNote tells lines that are no rows: those with nothing in them, comments, and what Weka's ARFF says of the columns.
func isNote(line []byte) bool {
	line = bytes.TrimSpace(line)
	return len(line) == 0 || line[0] == '#' || line[0] == '%' || line[0] == '@'
}

// afterNotes is what is left of text behind the notes at its beginning.
func afterNotes(text []byte) []byte {
	for {
		line, rest, found := bytes.Cut(text, []byte("\n"))
		if !found || !isNote(line) {
			return text
		}
		text = rest
	}
}

// column is what is seen of one that may have the classes.
type column struct {
	whole bool // numbers that a byte can hold
	seen  [256]int
	next  int // the value of the row to come, if it numbers the rows; -1 if it does not
}

func (c *column) take(v float64, ok bool, row int) {
	if !ok || v != math.Trunc(v) || v < 0 || v > 255 {
		c.whole = false
	} else {
		c.seen[int(v)]++
	}
	if row == 0 && (v == 0 || v == 1) {
		c.next = int(v)
	}
	if c.next >= 0 {
		if c.next++; !ok || v != float64(c.next-1) {
			c.next = -1
		}
	}
}

// looks tells how much a column looks like classes: 2 for more than one number from 0 or 1 on without a gap, 1 for other numbers that
// differ, 0 for one and the same; and how many rows have the most frequent one.
func (c *column) looks() (score, most int) {
	if !c.whole {
		return -1, 0
	}
	low, high, kinds := -1, -1, 0
	for v, n := range c.seen {
		if n > 0 {
			if low < 0 {
				low = v
			}
			high, kinds, most = v, kinds+1, max(most, n)
		}
	}
	switch {
	case kinds > 1 && low <= 1 && high-low == kinds-1:
		score = 2
	case kinds > 1:
		score = 1
	}
	return score, most
}

// count goes through the rows, counts them, and tells which column has the class: by its name, or by how all rows of it look.
func (t *table) count(it *item, names []string, most int64) error {
	from := 0
	if t.index {
		from = 1
	}
	last := t.columns - 1
	front, back := column{whole: true, next: -1}, column{whole: true, next: -1}
	most /= int64(max(t.pixels, 1))
	err := t.lines(it, func(line []byte) error {
		if int64(t.rows) > most {
			return tooLarge("more than %d rows", most)
		}
		if t.words != nil {
			return t.takeWord(line)
		}
		if t.label >= 0 {
			v, ok := t.number(t.field(line, from))
			front.take(v, ok, t.rows)
			v, ok = t.number(t.lastField(line))
			back.take(v, ok, t.rows)
		}
		t.rows++
		return nil
	})
	switch {
	case err != nil || t.label < 0 || t.pixels == 0 || t.words != nil:
		t.orderWords()
		return err
	}
	for _, c := range []int{from, last} {
		if names != nil && labelNames[plain(names[c])] {
			t.label = c
			return nil
		}
	}
	frontScore, frontMost := front.looks()
	backScore, backMost := back.looks()
	switch {
	case !t.index && front.next >= 0 && t.rows > mostDigits && backScore < 2:
		t.index, t.label = true, -1
	case backScore > frontScore, backScore == frontScore && backScore == 2 && backMost < frontMost:
		t.label = last
	default:
		t.label = from
	}
	return nil
}

// mostDigits is how many rows may be one of each class, in order.
const mostDigits = 62

// takeWord counts a row whose class is a word.
func (t *table) takeWord(line []byte) error {
	field := t.lastField(line)
	if t.label <= 1 {
		field = t.field(line, t.label)
	}
	if word := unquoted(field); len(t.words) < mostWords {
		t.words[word] = 0
	} else if _, ok := t.words[word]; !ok {
		return data.NewFileError("labels", ErrUnfit, "choose labels that are numbers of classes, 0 to 255", "more than %d different words", mostWords)
	}
	t.rows++
	return nil
}

func unquoted(field []byte) string { return string(bytes.Trim(field, "\"' \r")) }

// orderWords numbers the classes in the order of their names.
func (t *table) orderWords() {
	for w := range t.words {
		t.ordered = append(t.ordered, w)
	}
	slices.Sort(t.ordered)
	for i, w := range t.ordered {
		t.words[w] = i
	}
}

// fields gives the columns of a line.
func (t *table) fields(line []byte) []string {
	if t.separator == 0 {
		return strings.Fields(string(line))
	}
	return strings.Split(string(t.trimmed(line)), string(t.separator))
}

// trimmed is a line without what ends it: some programs write a separator behind the last column as well.
func (t *table) trimmed(line []byte) []byte {
	line = bytes.TrimSpace(line)
	if n := len(line); n > 0 && t.separator != 0 && line[n-1] == t.separator {
		line = line[:n-1]
	}
	return line
}

// field gives column k of a line, counted from the front.
func (t *table) field(line []byte, k int) []byte {
	line = bytes.TrimSpace(line)
	for ; ; k-- {
		end := t.end(line)
		if k == 0 || end == len(line) {
			return line[:end]
		}
		line = line[end+1:]
		if t.separator == 0 {
			line = bytes.TrimLeft(line, " \t")
		}
	}
}

// lastField gives the last column of a line.
func (t *table) lastField(line []byte) []byte {
	line = t.trimmed(line)
	if t.separator == 0 {
		return line[bytes.LastIndexAny(line, " \t")+1:]
	}
	return line[bytes.LastIndexByte(line, t.separator)+1:]
}

// end tells where the first column of a line ends.
func (t *table) end(line []byte) int {
	end := 0
	for end < len(line) && line[end] != t.separator && (t.separator != 0 || line[end] != ' ' && line[end] != '\t') {
		end++
	}
	return end
}

// parse reads the numbers of a line into values, for a word the number of its class; false if something else is there.
func (t *table) parse(line []byte, values []float64) ([]float64, bool) {
	if t.sparse {
		return t.parseSparse(line, values)
	}
	line = t.trimmed(line)
	for len(line) > 0 {
		end := t.end(line)
		v, ok := t.number(line[:end])
		if t.words != nil && len(values) == t.label {
			var k int
			k, ok = t.words[unquoted(line[:end])]
			v = float64(k)
		}
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

// parseSparse is parse of a row of LibSVM.
func (t *table) parseSparse(line []byte, values []float64) ([]float64, bool) {
	values = append(values, make([]float64, t.columns)...)
	class, ok := sparseRow(line, func(number int, v float64) bool {
		at := 1 + number - t.first
		if at < 1 || at >= len(values) {
			return false
		}
		values[at] = v
		return true
	})
	values[0] = class
	return values, ok
}

// number reads a number, whole ones fast. It may have a comma before its decimals if columns are not separated by commas.
func (t *table) number(b []byte) (float64, bool) {
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
	s := strings.Trim(string(b), "\" ")
	if t.separator != ',' {
		s = strings.Replace(s, ",", ".", 1)
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil
}

// lines calls do with every row.
func (t *table) lines(it *item, do func(line []byte) error) error {
	r, err := it.open()
	if err != nil {
		return err
	}
	in := bufio.NewReaderSize(t.text.reader(r), 1<<20)
	ahead, rows, blank := t.ahead, 0, 0
	for {
		line, err := in.ReadSlice('\n')
		if err != nil && err != io.EOF {
			if err == bufio.ErrBufferFull {
				return data.NewFileError("line", data.ErrTooLarge, adviceAgain, "it is longer than a row of pixels")
			}
			return fileError(err)
		}
		switch {
		case isNote(line):
			if blank++; blank > rows+mostBlank {
				return data.NewFileError("line", data.ErrCorrupt, adviceAgain, "%d with nothing in them", blank)
			}
		case ahead > 0:
			ahead--
		default:
			rows++
			if err := do(line); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
	}
}

// each calls do with the pixels of each row, or with the class.
func (t *table) each(a *array, do func(values []float64) error) error {
	row, line := make([]float64, 0, t.columns), 0
	from, to := 0, t.columns
	switch {
	case a.labels:
		from, to = t.label, t.label+1
	case t.index && t.label == 1:
		from = 2
	case t.index:
		from = 1
	}
	if !a.labels && t.label >= 0 && t.label == t.columns-1 {
		to--
	} else if !a.labels && t.label == 0 {
		from = 1
	}
	return t.lines(&a.item, func(b []byte) error {
		line++
		var ok bool
		if row, ok = t.parse(b, row[:0]); !ok || len(row) != t.columns {
			return data.NewFileError("row "+strconv.Itoa(line), data.ErrCorrupt, adviceAgain, "%d numbers, not %d", len(row), t.columns)
		}
		return do(row[from:to])
	})
}

// arrays gives the arrays that a table has.
func (t *table) arrays(it item) (out []*array) {
	if t.pixels > 0 {
		out = append(out, &array{item: it, dims: []int{t.rows, t.pixels}, kind: 't', width: 1, table: t})
	}
	if t.label >= 0 {
		out = append(out, &array{item: it, dims: []int{t.rows}, kind: 't', width: 1, table: t, labels: true})
	}
	return out
}

// textForm is how text is written.
type textForm int

const (
	utf8Text textForm = iota
	utf16Little
	utf16Big
	macText // lines end with a carriage return alone
)

func formOf(head []byte) textForm {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return utf16Little
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return utf16Big
	case bytes.IndexByte(head, '\r') >= 0 && bytes.IndexByte(head, '\n') < 0:
		return macText
	}
	return utf8Text
}

// reader gives text in UTF-8, without its mark, with lines that end with a line feed.
func (f textForm) reader(r io.Reader) io.Reader {
	in := bufio.NewReader(r)
	switch f {
	case utf16Little, utf16Big:
		r = &utf16Reader{from: in, big: f == utf16Big}
	case macText:
		r = macReader{in}
	default:
		r = in
	}
	return &markless{from: r}
}

// markless leaves out the mark at the beginning of UTF-8.
type markless struct {
	from io.Reader
	past bool
}

// Read implements [io.Reader].
func (m *markless) Read(p []byte) (int, error) {
	if m.past {
		return m.from.Read(p)
	}
	m.past = true
	const mark = "\xef\xbb\xbf"
	var first [len(mark)]byte
	n, err := io.ReadFull(m.from, first[:])
	if string(first[:n]) != mark {
		m.from = io.MultiReader(bytes.NewReader(first[:n]), m.from)
	}
	if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, err
	}
	return m.from.Read(p)
}

// macReader makes line feeds of carriage returns.
type macReader struct{ from io.Reader }

// Read implements [io.Reader].
func (m macReader) Read(p []byte) (int, error) {
	n, err := m.from.Read(p)
	for i, c := range p[:n] {
		if c == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}

// utf16Reader makes UTF-8 of UTF-16.
type utf16Reader struct {
	from *bufio.Reader
	big  bool
	out  []byte
}

// Read implements [io.Reader].
func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.out) == 0 || len(u.out) < len(p) && u.from.Buffered() >= 4 { // what has arrived
		unit, err := u.unit()
		if err != nil {
			return 0, err
		}
		r := rune(unit)
		if utf16.IsSurrogate(r) {
			low, err := u.unit()
			if err != nil {
				return 0, err
			}
			r = utf16.DecodeRune(r, rune(low))
		}
		u.out = utf8.AppendRune(u.out, r)
	}
	n := copy(p, u.out)
	u.out = u.out[:copy(u.out, u.out[n:])]
	return n, nil
}

func (u *utf16Reader) unit() (uint16, error) {
	a, err := u.from.ReadByte()
	if err != nil {
		return 0, err
	}
	b, err := u.from.ReadByte()
	if err != nil {
		return 0, err
	}
	if u.big {
		a, b = b, a
	}
	return uint16(a) | uint16(b)<<8, nil
}
