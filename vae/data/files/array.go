package files

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"inkdrift/vae/data"
)

// array is one that was found, and not yet read.
type array struct {
	item
	dims    []int
	kind    byte // of its elements: 'u' unsigned, 'i' signed, 'f' floating point, 'b' true or false, 't' text of a table, 'U' and 'S' words
	width   int  // bytes of an element
	order   binary.ByteOrder
	skip    int64    // bytes before the elements
	columns bool     // as Fortran has it: the first dimension goes fastest
	behind  bool     // the number of pictures is the last dimension in the file, as MATLAB has it; here it is the first
	plain   bool     // package data reads it as it is
	table   *table   // of a table; else nil
	labels  bool     // of a table: the labels, not the pixels
	read    []byte   // pixels or classes, once they have been read
	ordered []string // the words of an array of words, once they have been read: classes in order
}

// elements is how many it has.
func (a *array) elements() int64 {
	n := int64(1)
	for _, d := range a.dims {
		n *= int64(d)
	}
	return n
}

// shape is that of its pictures, if it has any: of three dimensions, or of four with one or three channels, or of two
// where the second is a square.
func (a *array) shape() (s data.Shape, last, ok bool) {
	d := a.dims
	switch {
	case a.labels, a.isWords():
		return s, false, false
	case len(d) == 3:
		s = data.Shape{C: 1, H: d[1], W: d[2]}
	case len(d) == 4 && (d[1] == 1 || d[1] == 3):
		s = data.Shape{C: d[1], H: d[2], W: d[3]}
	case len(d) == 4 && (d[3] == 1 || d[3] == 3):
		s, last = data.Shape{C: d[3], H: d[1], W: d[2]}, true
	case len(d) == 2 && a.isLabels():
		return s, false, false
	case len(d) == 2 && square(d[1]) >= leastSide:
		s = data.Shape{C: 1, H: square(d[1]), W: square(d[1])}
	case len(d) == 2 && d[1]%3 == 0 && square(d[1]/3) >= leastSide:
		s = data.Shape{C: 3, H: square(d[1] / 3), W: square(d[1] / 3)}
	default:
		return s, false, false
	}
	return s, last, s.H >= 2 && s.W >= 2 && s.H <= mostSide && s.W <= mostSide
}

// stated tells whether the array says that it has pictures, which a row of numbers does not.
func (a *array) stated() bool {
	return len(a.dims) > 2 || a.table != nil && a.table.named || imagesByName(a.name)
}

// isLabels tells rows of numbers that are classes, one of them hot, by the name or the first rows.
func (a *array) isLabels() bool {
	width := a.dims[1]
	if width > 256 || a.table != nil || imagesByName(a.name) {
		return false
	}
	if labelsByName(a.name) {
		return true
	}
	values := a.head[min(a.skip, int64(len(a.head))):]
	rows := min(a.dims[0], len(values)/a.width/width)
	if a.columns { // of all rows the first columns are there
		rows = 0
		if n := len(values) / a.width; n >= a.dims[0]*width {
			rows = a.dims[0]
		}
	}
	for r := range rows {
		hot := 0
		for k := range width {
			at := r*width + k
			if a.columns {
				at = k*a.dims[0] + r
			}
			switch v := a.value(values[at*a.width:]); {
			case v == 1:
				hot++
			case v != 0:
				return false
			}
		}
		if hot != 1 {
			return false
		}
	}
	return rows > 0
}

const (
	leastSide = 5 // of a picture in a row of pixels: fewer may be anything
	mostSide  = 512
)

// square returns the root of n, 0 if it has none that is whole.
func square(n int) int {
	if r := int(math.Sqrt(float64(n)) + 0.5); r*r == n {
		return r
	}
	return 0
}

// openIDX reads the header of an IDX file.
func openIDX(it item) (*array, error) {
	in := bytes.NewReader(it.head)
	t, dims, size, err := data.ReadIDXHeader(in)
	if err != nil {
		return nil, err
	}
	a := &array{item: it, dims: dims, order: binary.BigEndian, skip: int64(4 + 4*len(dims)), kind: 'i'}
	switch t {
	case 0x08:
		a.kind, a.plain = 'u', it.whole
	case 0x0d, 0x0e:
		a.kind = 'f'
	}
	if n := int(a.elements()); n > 0 {
		a.width = size / n
	} else {
		a.width = 1
	}
	return a, a.check()
}

// openNPY reads the header of an array of NumPy (NEP 1): a mark, a version, a length, and a dictionary in Python's words.
func openNPY(it item) (*array, error) {
	wrong := func(detail string) error {
		return data.NewFileError("header", data.ErrCorrupt, adviceAgain, "%s", detail)
	}
	b := it.head
	if len(b) < 12 {
		return nil, wrong("it ends within")
	}
	n, at := int(binary.LittleEndian.Uint16(b[8:])), 10
	if b[6] >= 2 {
		n, at = int(min(binary.LittleEndian.Uint32(b[8:]), 1<<20)), 12
	}
	if at+n > len(b) {
		return nil, wrong("it ends within")
	}
	head := string(b[at : at+n])
	a := &array{item: it, skip: int64(at + n), order: binary.LittleEndian}
	value := func(key string) string {
		_, v, found := strings.Cut(head, "'"+key+"':")
		if !found {
			return ""
		}
		return strings.TrimSpace(v)
	}
	descr := strings.Trim(strings.SplitN(value("descr")+",", ",", 2)[0], "'\" ")
	if len(descr) < 3 {
		return nil, wrong("elements of more than one value")
	}
	if descr[0] == '>' {
		a.order = binary.BigEndian
	}
	width, err := strconv.Atoi(descr[2:])
	a.kind, a.width = descr[1], width
	if a.kind == 'U' {
		width *= 4
		a.width = width
	}
	refuse := func() error {
		fe := data.NewFileError("type of elements", data.ErrFormat, "save it as an array of bytes", "%.20q", descr)
		fe.What = "NumPy " + descr
		return fe
	}
	switch {
	case err != nil, width < 1:
		return nil, refuse()
	case a.isWords():
		if width > mostWordBytes {
			return nil, refuse()
		}
	case !strings.ContainsRune("uifb", rune(a.kind)), width != 1 && width != 2 && width != 4 && width != 8, a.kind == 'f' && width == 1:
		return nil, refuse()
	}
	a.columns = strings.HasPrefix(value("fortran_order"), "True")
	list, _, _ := strings.Cut(strings.TrimPrefix(value("shape"), "("), ")")
	for d := range strings.SplitSeq(list, ",") {
		if d = strings.TrimSpace(d); d == "" {
			continue
		}
		v, err := strconv.Atoi(d)
		if err != nil || v < 0 || v > math.MaxInt32 || a.elements()*int64(max(v, 1)) > 1<<33 {
			return nil, tooLarge("an array of %.40s", list)
		}
		a.dims = append(a.dims, v)
	}
	if a.isWords() && (len(a.dims) == 0 || a.elements() != int64(a.dims[0])) {
		return nil, refuse()
	}
	a.countFirst()
	return a, a.check()
}

// mostWordBytes is the length of the longest word that an array may have room for.
const mostWordBytes = 4096

// isWords tells an array of words, which are classes: of bytes, or of characters of 32 bits (NumPy's S and U).
func (a *array) isWords() bool { return a.kind == 'U' || a.kind == 'S' }

// word gives the element of an array of words at the beginning of b, without the zeros that fill it up.
func (a *array) word(b []byte) string {
	if a.kind == 'S' {
		return strings.ToValidUTF8(string(bytes.TrimRight(b[:a.width], "\x00")), "\ufffd")
	}
	var s strings.Builder
	for ; len(b) >= 4; b = b[4:] {
		s.WriteRune(rune(min(a.order.Uint32(b), unicode.MaxRune+1))) // what is none becomes U+FFFD
	}
	return strings.TrimRight(s.String(), "\x00")
}

// classesOfWords reads labels that are words: numbers in words as they are, others in the order of the words.
func (a *array) classesOfWords() ([]byte, error) {
	n := a.elements()
	r, err := a.open()
	if err != nil {
		return nil, err
	}
	if _, err := io.CopyN(io.Discard, r, a.skip); err != nil {
		return nil, fileError(err)
	}
	var words []string // in the order in which they come
	met := make(map[string]byte)
	out := make([]byte, 0, n)
	for raw := make([]byte, a.width); len(out) < int(n); {
		if _, err := io.ReadFull(r, raw); err != nil {
			return nil, fileError(err)
		}
		w := a.word(raw)
		k, ok := met[w]
		if !ok {
			if len(words) == mostWords {
				return nil, data.NewFileError("labels", ErrUnfit, "choose labels that are numbers of classes, 0 to 255", "more than %d different words", mostWords)
			}
			k = byte(len(words))
			met[w] = k
			words = append(words, w)
		}
		out = append(out, k)
	}
	var class [mostWords]byte
	numbers := true
	for i, w := range words {
		k, err := strconv.ParseUint(w, 10, 8)
		numbers = numbers && err == nil
		class[i] = byte(k)
	}
	if !numbers {
		a.ordered = slices.Sorted(slices.Values(words))
		for i, w := range words {
			k, _ := slices.BinarySearch(a.ordered, w)
			class[i] = byte(k)
		}
	}
	for i, k := range out {
		out[i] = class[k]
	}
	return out, ended(r)
}

// names are the classes in order, where they are words; else nil.
func (a *array) names() []string {
	if a.table != nil && a.table.words != nil {
		return a.table.ordered
	}
	return a.ordered
}

// countFirst puts the number of pictures first where it is last: where the first two dimensions are alike, and the third is another or
// that of channels.
func (a *array) countFirst() {
	d := a.dims
	a.behind = len(d) == 3 && d[0] == d[1] && d[2] != d[1] && d[0] >= leastSide ||
		len(d) == 4 && d[0] == d[1] && d[0] >= leastSide && (d[2] == 1 || d[2] == 3) && d[3] != 1 && d[3] != 3
	if a.behind {
		n := len(d) - 1
		a.dims = append([]int{d[n]}, d[:n]...)
	}
}

// check compares the size with what the header promises.
func (a *array) check() error {
	n := a.skip + a.elements()*int64(a.width)
	switch {
	case len(a.dims) > 0 && a.dims[0] == 0:
		return data.NewFileError("elements", data.ErrEmpty, adviceAgain, "%v", a.dims)
	case a.size >= 0 && a.size < n:
		return data.NewFileError("elements", data.ErrTruncated, adviceAgain, "%d of %d bytes", a.size, n)
	case a.size > n:
		return data.NewFileError("elements", data.ErrTrailing, adviceAgain, "%d bytes instead of %d", a.size, n)
	case a.size < 0:
		return a.torn(n)
	}
	return nil
}

// value gives the element at the beginning of b.
func (a *array) value(b []byte) float64 {
	switch {
	case a.kind == 'f' && a.width == 8:
		return math.Float64frombits(a.order.Uint64(b))
	case a.kind == 'f' && a.width == 4:
		return float64(math.Float32frombits(a.order.Uint32(b)))
	case a.kind == 'f':
		return half(a.order.Uint16(b))
	case a.width == 1 && a.kind == 'i':
		return float64(int8(b[0]))
	case a.width == 1:
		return float64(b[0])
	case a.width == 2 && a.kind == 'i':
		return float64(int16(a.order.Uint16(b)))
	case a.width == 2:
		return float64(a.order.Uint16(b))
	case a.width == 4 && a.kind == 'i':
		return float64(int32(a.order.Uint32(b)))
	case a.width == 4:
		return float64(a.order.Uint32(b))
	case a.kind == 'i':
		return float64(int64(a.order.Uint64(b)))
	}
	return float64(a.order.Uint64(b))
}

// half gives a number of IEEE 754's half precision.
func half(v uint16) float64 {
	sign, exponent, fraction := 1-2*float64(v>>15), int(v>>10&31), float64(v&1023)
	switch exponent {
	case 0:
		return sign * math.Ldexp(fraction, -24)
	case 31:
		return math.NaN()
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

// each calls do with the values of the array, piece by piece, in the order of the file.
func (a *array) each(do func(values []float64) error) error {
	if a.table != nil {
		return a.table.each(a, do)
	}
	r, err := a.open()
	if err != nil {
		return err
	}
	if _, err := io.CopyN(io.Discard, r, a.skip); err != nil {
		return fileError(err)
	}
	const piece = 8 << 10
	raw, values := make([]byte, piece*a.width), make([]float64, piece)
	for left := a.elements(); left > 0; {
		n := int(min(left, piece))
		if _, err := io.ReadFull(r, raw[:n*a.width]); err != nil {
			return fileError(err)
		}
		for i := range n {
			values[i] = a.value(raw[i*a.width:])
		}
		if err := do(values[:n]); err != nil {
			return err
		}
		left -= int64(n)
	}
	return ended(r)
}

// ended reads to the end of a file, which must be there.
func ended(r io.Reader) error {
	var one [1]byte
	switch n, err := io.ReadFull(r, one[:]); {
	case n > 0:
		return data.NewFileError("elements", data.ErrTrailing, adviceAgain, "there are more than the header promises")
	case err != io.EOF:
		return fileError(err)
	}
	return nil
}

// pixels reads pictures, a byte a value.
func (a *array) pixels() ([]byte, error) {
	shape, last, _ := a.shape()
	var out []byte
	var err error
	if a.width == 1 && a.table == nil && (a.kind == 'u' || a.kind == 'i') {
		if out, err = a.readAll(a.skip + a.elements()); err != nil {
			return nil, err
		}
		if out = out[a.skip:]; a.kind == 'i' && !unsigned(out) {
			if out, err = a.scaled(); err != nil {
				return nil, err
			}
		}
	} else if out, err = a.scaled(); err != nil {
		return nil, err
	}
	if a.columns {
		dims := a.dims
		if a.behind {
			dims = append(slices.Clone(dims[1:]), dims[0])
		}
		out = rowsFirst(out, dims)
	}
	if a.behind {
		out = rowsFirst(out, []int{a.dims[0], len(out) / a.dims[0]})
	}
	if last && shape.C > 1 {
		out = channelsFirst(out, shape)
	}
	return out, nil
}

// unsigned tells bytes that are said to be signed and are not: some files have 0 to 255 in them all the same. Ink and paper are the
// smallest and the largest values; in photographs, which have few of these, values beside each other are alike.
func unsigned(values []byte) bool {
	const enough = 1 << 20
	values = values[:min(len(values), enough)]
	apart := func(a, b int) int { return max(a-b, b-a) }
	var steps, signedSteps, ends, signedEnds int
	most := byte(0)
	for i, v := range values {
		most = max(most, v)
		switch v {
		case 0, math.MaxUint8:
			ends++
		case math.MaxInt8, math.MaxInt8 + 1:
			signedEnds++
		}
		if i > 0 {
			w := values[i-1]
			steps += apart(int(v), int(w))
			signedSteps += apart(int(int8(v)), int(int8(w)))
		}
	}
	switch {
	case most <= math.MaxInt8:
		return false
	case 10*max(ends, signedEnds) > len(values):
		return ends >= signedEnds
	}
	return steps <= signedSteps
}

// scaled reads numbers of any kind as bytes: what they reach from and to says how they are meant.
func (a *array) scaled() ([]byte, error) {
	lo, hi := math.Inf(1), math.Inf(-1)
	err := a.each(func(values []float64) error {
		for _, v := range values {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return data.NewFileError("elements", data.ErrCorrupt, adviceAgain, "one is no number")
			}
			lo, hi = min(lo, v), max(hi, v)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	scale, from := scaleOf(lo, hi, a.kind)
	out := make([]byte, 0, a.elements())
	err = a.each(func(values []float64) error {
		for _, v := range values {
			out = append(out, byte(min(255, max(0, (v-from)*scale+0.5))))
		}
		return nil
	})
	return out, err
}

// scaleOf tells how values from lo to hi become bytes: (v-from)*scale.
func scaleOf(lo, hi float64, kind byte) (scale, from float64) {
	switch {
	case lo < 0 && lo >= -1.001 && hi <= 1.001:
		return 127.5, -1
	case lo < 0:
		return 255 / max(hi-lo, 1e-30), lo
	case hi <= 1.001 && (kind == 'f' || kind == 'b' || kind == 't'):
		return 255, 0
	case hi <= 1:
		return 255, 0 // black and white
	case hi <= 16:
		return 255.0 / 16, 0 // as the digits of scikit-learn
	case hi <= 255.5:
		return 1, 0
	}
	return 255 / hi, 0
}

// rowsFirst brings elements of which the first dimension goes fastest into the usual order.
func rowsFirst(in []byte, dims []int) []byte {
	out := make([]byte, len(in))
	index := make([]int, len(dims))
	stride := make([]int, len(dims))
	for k, n := 0, 1; k < len(dims); k++ {
		stride[k] = n
		n *= dims[k]
	}
	at := 0
	for i := range out {
		out[i] = in[at]
		for k := len(dims) - 1; k >= 0; k-- {
			index[k]++
			at += stride[k]
			if index[k] < dims[k] {
				break
			}
			at -= stride[k] * dims[k]
			index[k] = 0
		}
	}
	return out
}

// channelsFirst brings the values of each pixel, one after the other, into planes.
func channelsFirst(in []byte, s data.Shape) []byte {
	out := make([]byte, len(in))
	plane := s.H * s.W
	for at := 0; at+plane*s.C <= len(in); at += plane * s.C {
		for i := range plane {
			for c := range s.C {
				out[at+c*plane+i] = in[at+i*s.C+c]
			}
		}
	}
	return out
}

// classes reads labels: numbers of classes, one a picture, in the first of some columns, or as a row that is 1 at the class
// and else 0. It returns nil if they are none.
func (a *array) classes() ([]byte, error) {
	if a.isWords() {
		return a.classesOfWords()
	}
	width := 1
	for _, d := range a.dims[1:] {
		width *= d
	}
	if len(a.dims) == 0 || width < 1 || width > 256 {
		return nil, nil
	}
	n := a.dims[0]
	first, hot := make([]byte, 0, n), make([]byte, 0, n)
	isFirst, isHot := true, width > 1
	row := make([]float64, 0, width)
	if a.columns && width > 1 {
		return a.classesOfColumns(width)
	}
	err := a.each(func(values []float64) error {
		for _, v := range values {
			if row = append(row, v); len(row) < width {
				continue
			}
			at, sum := 0, 0.0
			for k, v := range row {
				isHot = isHot && (v == 0 || v == 1)
				if sum += v; v == 1 {
					at = k
				}
			}
			isHot = isHot && sum == 1
			isFirst = isFirst && row[0] >= 0 && row[0] <= 255 && row[0] == math.Trunc(row[0])
			if isFirst {
				first = append(first, byte(row[0]))
			}
			if isHot {
				hot = append(hot, byte(at))
			}
			row = row[:0]
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case isHot:
		return hot, nil
	case isFirst:
		return first, nil
	}
	return nil, nil
}

// classesOfColumns reads labels of some columns, of which each is whole in the file.
func (a *array) classesOfColumns(width int) ([]byte, error) {
	n := a.dims[0]
	first, hot, sum := make([]byte, n), make([]byte, n), make([]int, n)
	isFirst, isHot := true, true
	i := 0
	err := a.each(func(values []float64) error {
		for _, v := range values {
			row, column := i%n, i/n
			i++
			if column == 0 {
				isFirst = isFirst && v >= 0 && v <= 255 && v == math.Trunc(v)
				if isFirst {
					first[row] = byte(v)
				}
			}
			isHot = isHot && (v == 0 || v == 1)
			if v == 1 {
				hot[row] = byte(column)
				sum[row]++
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case isHot && width > 1 && !slices.ContainsFunc(sum, func(n int) bool { return n != 1 }):
		return hot, nil
	case isFirst:
		return first, nil
	}
	return nil, nil
}
