package album

import (
	"archive/zip"
	"encoding/binary"
	"hash/crc32"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// codePage is one that names in archives may be in, with a measure of how likely a name in it is.
type codePage struct {
	encoding encoding.Encoding
	likely   func(raw, text string) int
}

// codePages are tried in this order; the first of those that do best is taken. UTF-8 (nil) is in use without a word about it.
// Code page 437 is what zip has where nothing is said (APPNOTE.TXT, appendix D), and it can read everything.
var codePages = []codePage{
	{nil, likelyUnicode},
	{charmap.CodePage437, likelyLatin},
	{simplifiedchinese.GBK, likelyChinese},
	{japanese.ShiftJIS, likelyJapanese},
	{charmap.Windows1252, likelyLatin},
	{traditionalchinese.Big5, likelyTraditional},
	{korean.EUCKR, likelyKorean},
	{charmap.CodePage866, likelyCyrillic},
	{charmap.Windows1251, likelyCyrillic},
}

// decode gives a name in the code page as text; false if it cannot be in that.
func (p codePage) decode(raw string) (text string, ok bool) {
	if p.encoding == nil {
		return raw, utf8.ValidString(raw)
	}
	text, err := p.encoding.NewDecoder().String(raw)
	return text, err == nil && !strings.ContainsRune(text, utf8.RuneError)
}

// DecodeNames gives the names of an archive's files as text. Those of older programs are in a code page that the archive
// does not state: all of them together tell which. Different names stay different. known tells which are text already.
func DecodeNames(names []string, known []bool) []string {
	open := make(map[string]string) // names in an unknown code page, and what they mean
	for i, name := range names {
		if !known[i] && strings.ContainsFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) {
			open[name] = name
		}
	}
	if len(open) > 0 {
		guess(open)
	}
	out := make([]string, len(names))
	for i, name := range names {
		if text, ok := open[name]; ok && !known[i] {
			name = text
		}
		out[i] = strings.ReplaceAll(name, `\`, "/") // some archives are made with the separator of Windows
	}
	return out
}

// zipNames gives the names of the files of a zip archive as text.
func zipNames(files []*zip.File) []string {
	names, known := make([]string, len(files)), make([]bool, len(files))
	for i, f := range files {
		names[i], known[i] = unicodePath(f)
		if !known[i] {
			names[i], known[i] = f.Name, !f.NonUTF8 && utf8.ValidString(f.Name)
		}
	}
	return DecodeNames(names, known)
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
	best, most := codePages[1], math.MinInt
	for _, page := range codePages {
		sum, ok := 0, true
		met := make(map[string]bool, len(names))
		for raw := range names {
			text, readable := page.decode(raw)
			if ok = readable && !met[text]; !ok {
				break
			}
			met[text] = true
			sum += page.likely(raw, text)
		}
		if ok && sum > most {
			best, most = page, sum
		}
	}
	for raw := range names {
		text, ok := best.decode(raw)
		if !ok {
			text = strings.ToValidUTF8(raw, "�")
		}
		names[raw] = text
	}
}

// likelyUnicode: hardly any text in another code page is UTF-8 by chance, but for single letters.
func likelyUnicode(_, text string) (sum int) {
	words(text, func(word []rune) {
		plain, accents, longer, others, strange := 0, 0, 0, 0, 0
		for _, r := range word {
			switch {
			case r < utf8.RuneSelf:
				plain++
			case r < 0x180 && unicode.IsLetter(r): // Latin of Europe
				accents++
			case r >= 0x800: // three bytes or four
				longer++
			case r >= 0x386 && r <= 0x3ce || r >= 0x410 && r <= 0x451 || r >= 0x5d0 && r <= 0x6d3: // Greek, Cyrillic, Hebrew, Arabic
				others++
			default:
				strange++
			}
		}
		sum += 7*longer - 4*strange
		switch {
		case plain > 0:
			sum += 2 * accents
		default:
			sum -= 2 * accents
		}
		if others > 1 && plain+accents == 0 {
			sum += 4 * others
		}
	})
	return sum
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
func likelyChinese(raw, text string) int {
	return manyFrequent(text, unicode.Han, 2, 2) + likelyHan(raw, func(b string) (n, worth int) {
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

// likelyTraditional: the common characters, which Big5 has before the others.
func likelyTraditional(raw, text string) int {
	return manyFrequent(text, unicode.Han, 1, 2) + likelyHan(raw, func(b string) (n, worth int) {
		switch {
		case len(b) < 2:
			return 1, -3
		case b[0] >= 0xa4 && b[0] <= 0xc6:
			return 2, 2
		case b[0] >= 0xc9 && b[0] <= 0xf9, b[0] == 0xa1:
			return 2, 0 // rare ones, and punctuation
		}
		return 2, -3
	})
}

// likelyKorean: the syllables of KS X 1001 in rows 16 to 40, the frequent ones above all, and more so in words of several: one alone is
// a character of Chinese as well.
func likelyKorean(raw, text string) int {
	return manyFrequent(text, unicode.Hangul, 2, 4) + likelyHan(raw, func(b string) (n, worth int) {
		switch {
		case len(b) < 2:
			return 1, -3
		case b[0] >= 0xb0 && b[0] <= 0xc8 && b[1] >= 0xa1:
			return 2, 2
		case b[0] <= 0xa3 && b[0] >= 0xa1 && b[1] >= 0xa1:
			return 2, 0 // punctuation
		}
		return 2, -3
	})
}

// manyFrequent is what the frequent characters of a script are worth besides, where they do not stand within words of ASCII: each
// alone, and each in a word of several.
func manyFrequent(text string, script *unicode.RangeTable, alone, several int) (sum int) {
	words(text, func(word []rune) {
		for i, r := range word {
			if unicode.Is(script, r) && frequent()[r] && (i == 0 || word[i-1] >= utf8.RuneSelf) && (i+1 == len(word) || word[i+1] >= utf8.RuneSelf) {
				if len(word) > 1 {
					sum += several
				} else {
					sum += alone
				}
			}
		}
	})
	return sum
}

// likelyCyrillic: words of small letters but for the first, or of capitals, which nothing else beyond ASCII is among; the
// letters of Russian that are frequent above all.
func likelyCyrillic(_, text string) (sum int) {
	words(text, func(word []rune) {
		points, letters, small := 0, 0, 0
		for i, r := range word {
			if !unicode.Is(unicode.Cyrillic, r) {
				continue
			}
			letters++
			if unicode.IsLower(r) {
				small++
			}
			switch l := unicode.ToLower(r); {
			case strings.ContainsRune("ъёэщцюф", l), strings.ContainsRune("іїєґ", l): // rare ones, and Ukrainian
				points++
			case l >= 'а' && l <= 'я':
				points += 2
			default:
				points -= 2
			}
			if i > 0 && unicode.IsUpper(r) && unicode.IsLower(word[i-1]) || i > 1 && unicode.IsLower(r) && unicode.IsUpper(word[i-1]) {
				points -= 8
			}
		}
		switch {
		case letters < len(word) && (letters > 0 || !ascii(word)):
			sum -= 4 * len(word)
		case letters > 2 && small == 0:
			sum += points / 2
		case letters > 2 || points < 0:
			sum += points
		case letters == 2 && small == 2 && points == 4:
			sum++
		}
	})
	return sum
}

// ascii tells words without other letters.
func ascii(word []rune) bool {
	for _, r := range word {
		if r >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// likelyJapanese: kana, and the common characters, which JIS X 0208 has in rows 16 to 47.
func likelyJapanese(raw, _ string) int {
	return voicedKana(raw) + likelyHan(raw, func(b string) (n, worth int) {
		if halfKana(b[0]) || len(b) < 2 {
			return 1, -1
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

// halfKana tells whether a byte is a katakana of half width.
func halfKana(b byte) bool { return b >= 0xa1 && b <= 0xdf }

// voicedKana is what words of katakana of half width are worth besides: they look like common characters of GBK, but for the
// signs of voiced sounds, which stand behind few of them, and for what no word begins with.
func voicedKana(raw string) (sum int) {
	for _, word := range strings.FieldsFunc(raw, func(r rune) bool { return r < utf8.RuneSelf }) {
		voiced, ok := 0, true
		for i := range len(word) {
			b, before := word[i], byte(0)
			if i > 0 {
				before = word[i-1]
			}
			switch {
			case !halfKana(b), b <= 0xa5, i == 0 && (b >= 0xa7 && b <= 0xb0 || b == 0xdd): // brackets; small ones, the long sound, n
				ok = false
			case b == 0xde || b == 0xdf:
				voiced++
				ok = ok && (before >= 0xca && before <= 0xce || b == 0xde && (before >= 0xb6 && before <= 0xc4 || before == 0xb3))
			}
		}
		switch {
		case ok && voiced > 0 && len(word) > 2:
			sum += 4 * len(word)
		case ok:
			sum += 2 * len(word)
		}
	}
	return sum
}

// likelyHan sums up what characters of one or two bytes are worth; they do not stand within words of ASCII.
func likelyHan(raw string, character func(b string) (n, worth int)) (sum int) {
	letter := func(i int) bool { return i >= 0 && i < len(raw) && raw[i]|0x20 >= 'a' && raw[i]|0x20 <= 'z' }
	behind := 0 // the last character
	for i := 0; i < len(raw); {
		if raw[i] < utf8.RuneSelf {
			i++
			continue
		}
		n, worth := character(raw[i:])
		if i > behind && letter(i-1) || letter(i+n) { // the second byte of a character is no letter
			worth -= 3
		}
		sum += worth
		i += n
		behind = i
	}
	return sum
}
