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

// partsInChinese are what folders are called in Chinese, as words.
var partsInChinese = strings.NewReplacer("训练集", " train ", "训练", " train ", "訓練集", " train ", "訓練", " train ", "测试集", " test ", "测试", " test ",
	"測試集", " test ", "測試", " test ", "验证集", " val ", "验证", " val ", "驗證集", " val ", "驗證", " val ")

// Spaced puts spaces between words that are written in one: "trainingSet" becomes "training Set"; and Chinese words for parts of a
// set become English ones.
func Spaced(name string) string {
	var b strings.Builder
	small := false
	for _, r := range partsInChinese.Replace(name) {
		if small && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		small = unicode.IsLower(r)
		b.WriteRune(r)
	}
	return b.String()
}

// partOf tells the part that a folder may be for by its name, such as "Train", "test1", "seg_test" or "pets-train", and what else the
// name says.
func partOf(name string) (found part, rest string) {
	found = noPart
	for word := range strings.FieldsFuncSeq(strings.ToLower(Spaced(name)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		p, known := partWords[word]
		if !known {
			p, known = partWords[strings.TrimSuffix(strings.TrimRight(word, "0123456789"), "set")]
		}
		switch {
		case known && (found == noPart || found == p):
			found = p
		case known:
			return noPart, ""
		case !fillers[strings.TrimRight(word, "0123456789")]:
			rest = strings.TrimSpace(rest + " " + word)
		}
	}
	return found, rest
}

// partFolders are the folders that are for parts. One whose name says something else as well is for a part if another of the same
// name is for another part; then what else it says is a class where there are several such names.
type partFolders map[partFolder][]part

type partFolder struct {
	depth int
	rest  string
}

func partsOf(folders []string) partFolders {
	n := make(partFolders)
	for _, f := range folders {
		for depth, name := range strings.Split(f, "/") {
			if p, rest := partOf(name); p != noPart && !slices.Contains(n[partFolder{depth, rest}], p) {
				n[partFolder{depth, rest}] = append(n[partFolder{depth, rest}], p)
			}
		}
	}
	return n
}

// of tells the part that a folder at a depth is for, and its class, "" for none.
func (n partFolders) of(depth int, name string) (p part, class string) {
	p, rest := partOf(name)
	if p == noPart || rest == "" {
		return p, ""
	}
	if len(n[partFolder{depth, rest}]) < 2 {
		return noPart, ""
	}
	for other, parts := range n {
		if other.depth == depth && other.rest != rest && other.rest != "" && len(parts) > 1 {
			return p, rest
		}
	}
	return p, ""
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
	named := partsOf(folders)
	for i, f := range folders {
		d.class[i], d.part[i] = -1, noPart
		if f == "" {
			continue
		}
		for depth, name := range strings.Split(f, "/") {
			p, class := named.of(depth, name)
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
			if class != "" {
				split[i] = append(split[i], class)
				under[i]++
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
