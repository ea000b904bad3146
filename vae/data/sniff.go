package data

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// FormatKind says what can be done with a file of a format.
type FormatKind int

// The kinds of formats that [Sniff] tells apart.
const (
	FormatUnknown FormatKind = iota // bytes without a mark that is known, such as a batch of CIFAR-10
	FormatEmpty                     // no bytes at all, or zeros alone
	FormatPicture                   // a picture, of a format that browsers or the decoders of Go may read
	FormatZip
	FormatGzip
	FormatTar
	FormatIDX     // see ReadIDX
	FormatNPY     // an array of NumPy
	FormatText    // a table or a note
	FormatWebPage // HTML, where a file was expected
	FormatPointer // what Git LFS leaves in the place of a file
	FormatForeign // known by name, and not read here
)

// Format is what the first bytes of a file say that it is.
type Format struct {
	Kind FormatKind
	Name string // for people, such as "HEIC"; empty if unknown
}

// SniffBytes is how many bytes Sniff looks at; it needs no more.
const SniffBytes = 1024

// marks are the first bytes of formats, at an offset. The order matters where one begins as another does.
var marks = []struct {
	at   int
	mark string
	Format
}{
	{0, "\x89PNG\r\n\x1a\n", Format{FormatPicture, "PNG"}},
	{0, "\xff\xd8\xff", Format{FormatPicture, "JPEG"}},
	{0, "GIF8", Format{FormatPicture, "GIF"}},
	{8, "WEBP", Format{FormatPicture, "WebP"}},
	{0, "II*\x00", Format{FormatPicture, "TIFF"}},
	{0, "MM\x00*", Format{FormatPicture, "TIFF"}},
	{0, "\xff\x0a", Format{FormatPicture, "JPEG XL"}},
	{4, "JXL \r\n\x87\n", Format{FormatPicture, "JPEG XL"}},
	{4, "jP  \r\n\x87\n", Format{FormatPicture, "JPEG 2000"}},
	{0, "8BPS", Format{FormatPicture, "Photoshop"}},
	{0, "\x00\x00\x01\x00", Format{FormatPicture, "ICO"}},
	{30, "[Content_Types].xml", Format{FormatForeign, "Office"}}, // zip archives, by the name of their first file
	{30, "mimetypeapplication/vnd.oasis.opendocument", Format{FormatForeign, "OpenDocument"}},
	{30, "mimetypeapplication/epub+zip", Format{FormatForeign, "EPUB"}},
	{30, "META-INF/", Format{FormatForeign, "Java"}},
	{0, "PK\x03\x04", Format{FormatZip, "ZIP"}},
	{0, "PK\x05\x06", Format{FormatZip, "ZIP"}},
	{0, "\x1f\x8b", Format{FormatGzip, "gzip"}},
	{257, "ustar", Format{FormatTar, "tar"}},
	{0, "\x93NUMPY", Format{FormatNPY, "NumPy"}},
	{0, "version https://git-lfs", Format{FormatPointer, "Git LFS"}},
	{0, "%PDF", Format{FormatForeign, "PDF"}},
	{0, "Rar!\x1a\x07", Format{FormatForeign, "RAR"}},
	{0, "7z\xbc\xaf\x27\x1c", Format{FormatForeign, "7-Zip"}},
	{0, "BZh", Format{FormatForeign, "bzip2"}},
	{0, "\xfd7zXZ\x00", Format{FormatForeign, "XZ"}},
	{0, "\x28\xb5\x2f\xfd", Format{FormatForeign, "Zstandard"}},
	{0, "\x04\x22\x4d\x18", Format{FormatForeign, "LZ4"}},
	{0, "\x1f\x9d", Format{FormatForeign, "compress"}},
	{0, "]\x00\x00", Format{FormatForeign, "LZMA"}},
	{0, "\x89HDF\r\n\x1a\n", Format{FormatForeign, "HDF5"}},
	{0, "PAR1", Format{FormatForeign, "Parquet"}},
	{0, "ARROW1", Format{FormatForeign, "Arrow"}},
	{0, "MATLAB ", Format{FormatForeign, "MATLAB"}},
	{0, "SQLite format 3", Format{FormatForeign, "SQLite"}},
	{0, "\x80\x02", Format{FormatForeign, "Python pickle"}},
	{0, "\x80\x03", Format{FormatForeign, "Python pickle"}},
	{0, "\x80\x04\x95", Format{FormatForeign, "Python pickle"}},
	{0, "\x80\x05\x95", Format{FormatForeign, "Python pickle"}},
	{0, "OggS", Format{FormatForeign, "Ogg"}},
	{0, "\x1aE\xdf\xa3", Format{FormatForeign, "Matroska"}},
	{0, "ID3", Format{FormatForeign, "MP3"}},
	{8, "WAVE", Format{FormatForeign, "WAV"}},
	{8, "AVI ", Format{FormatForeign, "AVI"}},
	{0, "\xd0\xcf\x11\xe0", Format{FormatForeign, "Office"}},
}

// brands are of the files that begin with a box "ftyp" (ISO 14496-12).
var brands = map[string]Format{
	"avif": {FormatPicture, "AVIF"}, "avis": {FormatPicture, "AVIF"},
	"heic": {FormatPicture, "HEIC"}, "heix": {FormatPicture, "HEIC"}, "hevc": {FormatPicture, "HEIC"}, "heim": {FormatPicture, "HEIC"},
	"heis": {FormatPicture, "HEIC"}, "mif1": {FormatPicture, "HEIC"}, "msf1": {FormatPicture, "HEIC"},
}

// Sniff tells from the first bytes of a file what it is, whatever its name says. head is as much of it as is there,
// up to [SniffBytes].
func Sniff(head []byte) Format {
	for _, m := range marks {
		if len(head) >= m.at+len(m.mark) && string(head[m.at:m.at+len(m.mark)]) == m.mark {
			return m.Format
		}
	}
	if len(head) >= 12 && string(head[4:8]) == "ftyp" {
		return brand(head)
	}
	if _, rank, ok := idxMagic(head); ok && rank > 0 {
		return Format{FormatIDX, "IDX"}
	}
	if isOldTar(head) {
		return Format{FormatTar, "tar"}
	}
	if name := netpbm(head); name != "" {
		return Format{FormatPicture, name}
	}
	if len(head) >= 26 && string(head[:2]) == "BM" && head[6]|head[7]|head[8]|head[9] == 0 {
		return Format{FormatPicture, "BMP"}
	}
	if len(bytes.Trim(head, "\x00")) == 0 {
		return Format{Kind: FormatEmpty}
	}
	return sniffText(head)
}

// isOldTar tells a tar archive of before 1988, which has no mark: its first header has a checksum, in octal, of its bytes with spaces
// in the place of the checksum.
func isOldTar(head []byte) bool {
	const block, at, digits = 512, 148, 8
	if len(head) < block || head[0] == 0 {
		return false
	}
	sum := int(digits * ' ')
	for i, b := range head[:block] {
		if i < at || i >= at+digits {
			sum += int(b)
		}
	}
	told, err := strconv.ParseInt(strings.Trim(string(head[at:at+digits]), " \x00"), 8, 32)
	return err == nil && int(told) == sum
}

// netpbm names the formats of Netpbm, PBM, PGM and PPM: a P, a number, and after a space or a comment the width.
func netpbm(head []byte) string {
	if len(head) < 8 || head[0] != 'P' || head[1] < '1' || head[1] > '6' || head[2] != ' ' && head[2] != '\n' && head[2] != '\r' && head[2] != '\t' {
		return ""
	}
	if c := bytes.TrimLeft(head[2:], " \t\r\n"); len(c) == 0 || c[0] != '#' && (c[0] < '0' || c[0] > '9') {
		return ""
	}
	return [...]string{"PBM", "PGM", "PPM"}[(head[1]-'1')%3]
}

// brand reads the brands of an ISO file: the major one, or else the first of the compatible ones that is known.
func brand(head []byte) Format {
	if f, ok := brands[string(head[8:12])]; ok && string(head[8:10]) != "mi" && string(head[8:10]) != "ms" {
		return f
	}
	end := min(int(head[2])<<8|int(head[3]), len(head))
	found := Format{FormatForeign, "MP4"}
	if f, ok := brands[string(head[8:12])]; ok {
		found = f
	}
	for at := 16; at+4 <= end; at += 4 {
		if f, ok := brands[string(head[at:at+4])]; ok && (found.Kind == FormatForeign || f.Name == "AVIF") {
			found = f
		}
	}
	return found
}

// sniffText tells web pages, drawings in SVG and other text apart.
func sniffText(head []byte) Format {
	if len(head) > SniffBytes {
		head = head[:SniffBytes]
	}
	text := string(head)
	wide := strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") // the marks of UTF-16
	if wide {
		var narrow []byte // as far as it is ASCII
		for _, b := range head[2:] {
			if b != 0 {
				narrow = append(narrow, b)
			}
		}
		text = string(narrow)
	}
	text = strings.TrimPrefix(text, "\xef\xbb\xbf")
	low := strings.ToLower(strings.TrimSpace(text))
	if before, _, found := strings.Cut(low, "<svg"); found && (before == "" || before[0] == '<') &&
		!strings.Contains(before, "html") && !strings.Contains(before, "<head") && !strings.Contains(before, "<body") {
		return Format{FormatPicture, "SVG"}
	}
	switch {
	case isPage(low): // in whatever encoding
		return Format{FormatWebPage, "HTML"}
	case !wide && !isText(text):
		return Format{}
	case low == "":
		return Format{Kind: FormatEmpty}
	}
	return Format{FormatText, "text"}
}

// isText tells UTF-8, of which the last character may be cut.
func isText(text string) bool {
	for i, r := range text {
		if r == utf8.RuneError && text[i] != 0xef && i <= len(text)-utf8.UTFMax || r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f' {
			return false
		}
	}
	return true
}

// pageTags are what pages of HTML begin with (WHATWG, MIME Sniffing, 7.1), and what servers say of an error in XML.
const pageTags = " !doctype !-- html head script iframe h1 div font table a style title b body br p meta link center error "

// isPage tells whether text, in small letters, is what a server sends instead of a file: a page, or an error in XML or JSON.
func isPage(text string) bool {
	if strings.HasPrefix(text, "{") {
		return strings.Contains(text, `"message":`) || strings.Contains(text, `"error":`)
	}
	if strings.HasPrefix(text, "<?xml") {
		_, text, _ = strings.Cut(text, ">")
		text = strings.TrimSpace(text)
	}
	if !strings.HasPrefix(text, "<") {
		return false
	}
	end := 1
	for end < len(text) && text[end] > ' ' && text[end] != '>' && text[end] != '/' {
		end++
	}
	return strings.Contains(pageTags, " "+text[1:end]+" ") || strings.HasPrefix(text, "<!--")
}

// Refuse returns the error for a file of a format that is not what it should be: field says what of it is wrong, such
// as "format", and advice what to do about it.
func (f Format) Refuse(otherwise error, advice string) *FileError {
	kind := otherwise
	switch f.Kind {
	case FormatWebPage:
		kind, advice = ErrWebPage, "get the file itself: this is the page of a site that has it"
	case FormatPointer:
		kind, advice = ErrPointer, "get the file itself, with \"git lfs pull\" or by the button for downloads"
	case FormatEmpty:
		kind, advice = ErrEmpty, adviceAgain
	case FormatPicture, FormatForeign:
		kind = ErrFormat
	}
	return &FileError{Field: "format", Kind: kind, What: f.Name, Detail: f.Name, Advice: advice}
}
