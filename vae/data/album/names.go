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
	likely   func(text string) int
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
			sum += page.likely(text)
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
func likelyLatin(text string) (sum int) {
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
func likelyChinese(text string) (sum int) {
	encode := simplifiedchinese.GBK.NewEncoder()
	return likelyHan(text, func(r rune) int {
		b, err := encode.Bytes([]byte(string(r)))
		switch {
		case err != nil || len(b) != 2 || b[1] < 0xa1 || b[0] < 0xa1:
			return -3 // only in the extension
		case b[0] >= 0xb0 && b[0] <= 0xd7:
			return 3
		case b[0] >= 0xd8 && b[0] <= 0xf7:
			return 1
		case b[0] <= 0xa3:
			return 0 // punctuation
		}
		return -2 // kana, Greek, Cyrillic and lines
	})
}

// likelyJapanese: kana, and the common characters, which JIS X 0208 has in rows 16 to 47.
func likelyJapanese(text string) (sum int) {
	encode := japanese.ShiftJIS.NewEncoder()
	return likelyHan(text, func(r rune) int {
		b, err := encode.Bytes([]byte(string(r)))
		switch {
		case err != nil:
			return -3
		case len(b) == 1: // katakana of half width
			return -1
		case unicode.In(r, unicode.Hiragana, unicode.Katakana) || r == 'ー':
			return 3
		case b[0] >= 0x88 && (b[0] < 0x98 || b[0] == 0x98 && b[1] <= 0x72):
			return 2
		case b[0] >= 0x98:
			return 0
		case b[0] == 0x81 || b[0] == 0x82:
			return 0 // punctuation
		}
		return -2
	})
}

// likelyHan sums up what characters are worth; they do not stand within words of ASCII.
func likelyHan(text string, worth func(r rune) int) (sum int) {
	words(text, func(word []rune) {
		for i, r := range word {
			if r < utf8.RuneSelf {
				continue
			}
			sum += worth(r)
			if i > 0 && word[i-1] < utf8.RuneSelf || i+1 < len(word) && word[i+1] < utf8.RuneSelf {
				sum -= 3
			}
		}
	})
	return sum
}
