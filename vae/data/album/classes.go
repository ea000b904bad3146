package album

import (
	"slices"
	"strings"
	"unicode"
)

// part is one that pictures may come in a folder for.
type part int8

const (
	noPart part = iota - 1
	trainingPart
	validationPart
	testingPart
)

// partWords are what such folders are called, in words; fillers may stand beside them.
var partWords = map[string]part{
	"train": trainingPart, "training": trainingPart, "trn": trainingPart,
	"val": validationPart, "valid": validationPart, "validation": validationPart, "dev": validationPart,
	"test": testingPart, "testing": testingPart, "tst": testingPart, "t10k": testingPart, "eval": testingPart, "evaluation": testingPart,
	"pred": testingPart, "prediction": testingPart,
}

var fillers = map[string]bool{"set": true, "images": true, "image": true, "img": true, "imgs": true, "pictures": true, "data": true, "dataset": true, "seg": true, "split": true}

// partOf tells the part that a folder is for by its name, such as "Train", "test1" or "seg_test".
func partOf(name string) part {
	found := noPart
	for word := range strings.FieldsFuncSeq(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		p, known := partWords[word]
		if !known {
			word = strings.TrimRight(word, "0123456789")
			p, known = partWords[word]
		}
		switch {
		case known && (found == noPart || found == p):
			found = p
		case word != "" && !fillers[word] || known:
			return noPart
		}
	}
	return found
}

// dealt is what folders mean.
type dealt struct {
	classes []string // names of the labels, in order; nil for none
	class   []int    // of each folder; -1 for none
	part    []part   // of each folder; all noPart unless some are to train on and others not
	left    []bool   // folders whose pictures have no class where others have
}

// dealFolders tells classes and parts from folders and the number of pictures in each. Folders called train, test and the
// like are parts and no classes. The classes are the innermost folders that differ. Pictures beside such folders, and those of
// a folder for the test that has none, are of no class and left out, unless they are most of those to train on.
func dealFolders(folders []string, pictures []int) dealt {
	d := dealt{class: make([]int, len(folders)), part: make([]part, len(folders)), left: make([]bool, len(folders))}
	split := make([][]string, len(folders)) // without the names of parts
	under := make([]int, len(folders))      // how many of these are behind the last name of a part
	classesUnder := false                   // folders of classes are in those of parts, and not the other way round
	var has [testingPart + 1]bool
	for i, f := range folders {
		d.class[i], d.part[i] = -1, noPart
		if f == "" {
			continue
		}
		for name := range strings.SplitSeq(f, "/") {
			p := partOf(name)
			if p == noPart {
				split[i] = append(split[i], name)
				under[i]++
				continue
			}
			under[i] = 0
			if d.part[i] == noPart {
				d.part[i] = p
				has[p] = true
			}
		}
		classesUnder = classesUnder || d.part[i] != noPart && under[i] > 0
	}
	for i := range folders {
		if classesUnder && d.part[i] != noPart {
			split[i] = split[i][len(split[i])-under[i]:]
		}
	}
	if !has[validationPart] && !has[testingPart] {
		for i, f := range folders { // a class may be called "train"
			if f != "" {
				split[i] = strings.Split(f, "/")
			}
		}
	}
	if !has[trainingPart] || !has[validationPart] && !has[testingPart] {
		for i := range d.part {
			d.part[i] = noPart
		}
	}
	d.classes = classesOf(withoutRoot(split), d.class)
	loose, all := 0, 0
	for i, c := range d.class {
		if d.part[i] == noPart || d.part[i] == trainingPart {
			all += pictures[i]
			if c < 0 {
				loose += pictures[i]
			}
		}
	}
	if 2*loose > all || len(d.classes) > MostClasses {
		d.classes = nil
	}
	for i, c := range d.class {
		if d.classes == nil {
			d.class[i] = -1
		} else {
			d.left[i] = c < 0
		}
	}
	return d
}

// withoutRoot takes from each folder the folders that all of them are in.
func withoutRoot(folders [][]string) [][]string {
	for {
		for _, f := range folders {
			if len(f) == 0 || f[0] != folders[0][0] {
				return folders
			}
		}
		if len(folders) == 0 {
			return folders
		}
		for i, f := range folders {
			folders[i] = f[1:]
		}
	}
}

// classesOf returns the names of the classes, in order, and writes which of them each folder is to of, which keeps what it
// has where there is none; no names if all are one.
func classesOf(folders [][]string, of []int) (classes []string) {
	deepest := 0
	for _, f := range folders {
		deepest = max(deepest, len(f))
	}
	for up := range deepest {
		classes = nil
		for _, f := range folders {
			if up < len(f) {
				classes = append(classes, f[len(f)-1-up])
			}
		}
		slices.Sort(classes)
		if classes = slices.Compact(classes); len(classes) > 1 {
			for i, f := range folders {
				if up < len(f) {
					of[i], _ = slices.BinarySearch(classes, f[len(f)-1-up])
				}
			}
			return distinct(classes)
		}
	}
	return nil
}

// distinct makes names fit for display, and keeps them apart.
func distinct(names []string) []string {
	met := make(map[string]bool)
	out := make([]string, len(names))
	for i, n := range names {
		name := shown(n)
		for met[name] {
			name += "'"
		}
		met[name] = true
		out[i] = name
	}
	return out
}
