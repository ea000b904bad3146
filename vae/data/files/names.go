package files

import (
	"path"
	"slices"
	"strings"
	"unicode"

	"inkdrift/vae/data/album"
)

// part is one that a file may be of, by its name.
type part int

const (
	unknown part = iota
	train
	test
	validation
)

var partWords = map[string]part{
	"train": train, "training": train, "trn": train, "test": test, "testing": test, "t10k": test, "tst": test, "val": validation, "valid": validation,
	"validation": validation, "dev": validation,
}

// roleWords are in the names of files for what they are, and not for which set they are of.
var roleWords = map[string]bool{
	"images": true, "image": true, "labels": true, "label": true, "idx": true, "idx1": true, "idx2": true, "idx3": true, "idx4": true, "ubyte": true,
	"byte": true, "int": true, "short": true, "float": true, "double": true, "x": true, "y": true, "gz": true, "npy": true, "npz": true, "csv": true, "txt": true,
	"data": true, "raw": true, "arr": true, "0": true, "1": true, "2": true, "3": true, "target": true, "targets": true, "bin": true, "zip": true, "tar": true, "tgz": true,
}

// nameWords are the words of a name. What is written in one is taken apart as trainImages is, and the set in trainset left out.
func nameWords(name string) (words []string) {
	for _, field := range strings.FieldsFunc(album.Spaced(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		field = strings.ToLower(field)
		if short := strings.TrimSuffix(field, "set"); partWords[short] != unknown {
			field = short
		}
		words = append(words, field)
	}
	return words
}

// partOfName tells the part from the words of a name, the last one that says so.
func partOfName(name string) (p part) {
	for _, w := range nameWords(name) {
		if q, ok := partWords[w]; ok {
			p = q
		}
	}
	return p
}

// setOfName is what is left of a name without the words for parts and roles: files of one set have the same.
func setOfName(name string) string {
	var left []string
	for _, w := range nameWords(name) {
		if _, ok := partWords[w]; !ok && !roleWords[w] && !slices.Contains(left, w) {
			left = append(left, w)
		}
	}
	return strings.Join(left, " ")
}

// Words for pictures and for labels.
var (
	imageWords = map[string]bool{"images": true, "image": true, "imgs": true, "img": true, "x": true, "pixels": true, "pictures": true}
	labelWords = map[string]bool{"labels": true, "label": true, "y": true, "target": true, "targets": true, "classes": true, "class": true, "onehot": true}
)

func imagesByName(name string) bool { return saysLast(name, imageWords, labelWords) }
func labelsByName(name string) bool { return saysLast(name, labelWords, imageWords) }

// saysLast tells whether the last of some words and others in the name of a file is one of the first.
func saysLast(name string, words, others map[string]bool) (says bool) {
	for _, w := range nameWords(path.Base(name)) {
		if words[w] || others[w] {
			says = words[w]
		}
	}
	return says
}
