package album

import (
	"archive/zip"
	"encoding/binary"
	"hash/crc32"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// codePage is one that names in archives may be in, with a measure of how likely a name in it is.
type codePage struct {
	encoding encoding.Encoding
	likely   func(raw, text string) int
}

// codePages are tried in this order; the first of those that do best is taken. Code page 437 is what the format has where
// nothing is said (APPNOTE.TXT, appendix D), and it can read everything.
var codePages = []codePage{
	{charmap.CodePage437, likelyLatin},
	{simplifiedchinese.GBK, likelyChinese},
	{japanese.ShiftJIS, likelyJapanese},
	{charmap.Windows1252, likelyLatin},
}

// decodeNames gives the names of an archive's files as text. Those of older programs are in a code page that the archive
// does not state: all of them together tell which. Different names stay different.
func decodeNames(files []*zip.File) []string {
	names := make([]string, len(files))
	open := make(map[string]string) // names in an unknown code page, and what they mean
	for i, f := range files {
		names[i] = f.Name
		if name, ok := unicodePath(f); ok {
			names[i] = name
		} else if f.NonUTF8 || !utf8.ValidString(f.Name) {
			open[f.Name] = f.Name
		}
	}
	for raw := range open { // UTF-8 without a word about it, unless one of them cannot be that
		if !utf8.ValidString(raw) {
			guess(open)
			break
		}
	}
	for i, f := range files {
		if name, ok := open[f.Name]; ok && names[i] == f.Name {
			names[i] = name
		}
		names[i] = strings.ReplaceAll(names[i], `\`, "/") // some archives are made with the separator of Windows
	}
	return names
}

// unicodePath reads the name in UTF-8 that some programs put beside the other (APPNOTE.TXT, 4.6.9). It counts if it is of
// the very name.
func unicodePath(f *zip.File) (name string, ok bool) {
	for b := f.Extra; len(b) >= 4; {
		n := int(binary.LittleEndian.Uint16(b[2:]))
		if n > len(b)-4 {
			return "", false
		}
		body := b[4 : 4+n]
		if binary.LittleEndian.Uint16(b) == 0x7075 && n > 5 && body[0] == 1 &&
			binary.LittleEndian.Uint32(body[1:]) == crc32.ChecksumIEEE([]byte(f.Name)) && utf8.Valid(body[5:]) {
			return string(body[5:]), true
		}
		b = b[4+n:]
	}
	return "", false
}

// guess finds the code page of names and fills in what they mean.
func guess(names map[string]string) {
	best, most := codePages[0], 0
	for k, page := range codePages {
		sum, ok := 0, true
		met := make(map[string]bool, len(names))
		for raw := range names {
			text, err := page.encoding.NewDecoder().String(raw)
			if ok = err == nil && !strings.ContainsRune(text, utf8.RuneError) && !met[text]; !ok {
				break
			}
			met[text] = true
			sum += page.likely(raw, text)
		}
		if ok && (k == 0 || sum > most) {
			best, most = page, sum
		}
	}
	for raw := range names {
		text, err := best.encoding.NewDecoder().String(raw)
		if err != nil {
			text = strings.ToValidUTF8(raw, "�")
		}
		names[raw] = text
	}
}

// words calls do with every run of letters of a text and says whether it is of ASCII alone.
func words(text string, do func(word []rune)) {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r < utf8.RuneSelf && !unicode.IsLetter(r) }) {
		do([]rune(word))
	}
}

// likelyLatin: letters with accents between others, small ones within words, and no signs and lines.
func likelyLatin(_, text string) (sum int) {
	words(text, func(word []rune) {
		plain, accents, points := 0, 0, 0
		for i, r := range word {
			switch {
			case r < utf8.RuneSelf:
				plain++
			case unicode.Is(unicode.Latin, r):
				accents++
				points++
				if i > 0 && unicode.IsUpper(r) && unicode.IsLower(word[i-1]) || i+1 < len(word) && unicode.IsLower(r) && unicode.IsUpper(word[i+1]) {
					points -= 4
				}
			default:
				points -= 4
			}
		}
		if accents > plain {
			points -= 2 * (accents - plain)
		}
		sum += points
	})
	return sum
}

// likelyChinese: the common characters, which GB 2312 has in the order of their sounds in rows 16 to 55.
func likelyChinese(raw, _ string) int {
	return likelyHan(raw, func(b string) (n, worth int) {
		if len(b) < 2 {
			return 1, -3
		}
		switch {
		case b[1] < 0xa1 || b[0] < 0xa1:
			return 2, -3 // only in the extension
		case b[0] >= 0xb0 && b[0] <= 0xd7:
			return 2, 3
		case b[0] >= 0xd8 && b[0] <= 0xf7:
			return 2, 1
		case b[0] <= 0xa3:
			return 2, 0 // punctuation
		}
		return 2, -2 // kana, Greek, Cyrillic and lines
	})
}

// likelyJapanese: kana, and the common characters, which JIS X 0208 has in rows 16 to 47.
func likelyJapanese(raw, _ string) int {
	return likelyHan(raw, func(b string) (n, worth int) {
		if b[0] >= 0xa0 && b[0] <= 0xdf || len(b) < 2 {
			return 1, -1 // katakana of half width
		}
		switch {
		case b[0] == 0x82 && b[1] >= 0x9f, b[0] == 0x83 && b[1] <= 0x96, b[0] == 0x81 && b[1] == 0x5b: // kana
			return 2, 3
		case b[0] >= 0x88 && (b[0] < 0x98 || b[0] == 0x98 && b[1] <= 0x72):
			return 2, 2
		case b[0] >= 0x98, b[0] == 0x81, b[0] == 0x82: // rare ones, and punctuation
			return 2, 0
		}
		return 2, -2
	})
}

// likelyHan sums up what characters of one or two bytes are worth; they do not stand within words of ASCII.
func likelyHan(raw string, character func(b string) (n, worth int)) (sum int) {
	letter := func(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }
	for i := 0; i < len(raw); {
		if raw[i] < utf8.RuneSelf {
			i++
			continue
		}
		n, worth := character(raw[i:])
		if i > 0 && letter(raw[i-1]) || i+n < len(raw) && letter(raw[i+n]) {
			// What is before may be the second byte of a character; then the words are not apart either way.
			worth -= 3
		}
		sum += worth
		i += n
	}
	return sum
}
