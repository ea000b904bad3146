package data

import "fmt"

// Info says what a data set is.
type Info struct {
	// Name is short and stable, such as "faces": it is in settings and in checkpoints.
	Name string
	// Key names the sentence about the set among the texts of the page, such as "data.faces".
	Key   string
	Shape Shape
	// Classes are the names of the labels, in order; nil if pictures have none.
	Classes []string
	// Attributes are further properties of each picture; see [Attributed].
	Attributes []Attribute
	// Split is how the pictures were dealt out.
	Split SplitRule
}

// SplitRule is a rule by which pictures are dealt out, for training, for validation and for the test, by their numbers alone.
type SplitRule string

const (
	// SplitTenths: of every ten pictures in a row the ninth is for validation and the tenth for the test. As archives are
	// read in the order of their folders, each class is dealt out evenly. Of fewer than ten pictures it is the last but one and
	// the last.
	SplitTenths SplitRule = "tenths"
	// SplitPublished: the test pictures are those that were published as such, and the last tenth of the training pictures
	// is for validation.
	SplitPublished SplitRule = "published"
	// SplitNumbers: pictures that are made, without end, have their numbers: training goes from 0 on, validation from
	// [FirstValidation], the test from [FirstTest]. However many one trains on, the test stays the same.
	SplitNumbers SplitRule = "numbers"
	// SplitFolders: pictures came in folders for each part, such as "train" and "test". Where there is none for validation,
	// every tenth of the training pictures is.
	SplitFolders SplitRule = "folders"
	// SplitAreas: the patches of one picture come from three areas that have no pixel in common.
	SplitAreas SplitRule = "areas"
)

// Where validation and test pictures begin by SplitNumbers.
const (
	FirstValidation = 1 << 24
	FirstTest       = 1 << 25
)

// Attribute is a property of every picture of a set, such as the colour of the hair. It either has one of some values
// with names, and then its number is 0 to len(Values)-1, or a number from Min to Max.
type Attribute struct {
	Name     string
	Values   []string
	Min, Max float32
}

// Attributed is a Dataset with attributes.
type Attributed interface {
	Dataset
	// Attributes lists the attributes.
	Attributes() []Attribute
	// Values writes the attributes of picture i to dst, a number for each. It panics where Batch does.
	Values(dst []float32, i int)
}

// Collection is a data set with its three parts, no picture of which is in two.
type Collection struct {
	Info
	Train, Validation, Test Dataset
}

// String returns name, shape and the sizes of the parts.
func (c *Collection) String() string {
	return fmt.Sprintf("%s, %v: %d to train on, %d for validation, %d for the test", c.Name, c.Shape, c.Train.Len(), c.Validation.Len(), c.Test.Len())
}

// leastPictures is how many pictures it takes to have one in each part.
const leastPictures = 3

// DealTenths deals out the pictures of d by [SplitTenths]. Of info, Shape and Split are filled in. With fewer than three
// pictures it returns a [*FileError] that wraps [ErrTooFew].
func DealTenths(info Info, d Dataset) (*Collection, error) {
	return DealTenthsOf(info, d, numbers(0, d.Len()))
}

// DealTenthsOf is DealTenths of some of the pictures, by their numbers.
func DealTenthsOf(info Info, d Dataset, index []int) (*Collection, error) {
	n := len(index)
	if n < leastPictures {
		return nil, NewFileError("count", ErrTooFew, "add more, or take patches of one large picture",
			"%d, it takes at least %d", n, leastPictures)
	}
	var parts [3][]int
	for i := range n {
		part := 0
		if last := n - 1 - i; n < 10 && last < 2 {
			part = 2 - last
		} else if n >= 10 && i%10 >= 8 {
			part = i%10 - 7
		}
		parts[part] = append(parts[part], index[i])
	}
	info.Shape, info.Split = d.Shape(), SplitTenths
	return collect(info, d, d, d, parts), nil
}

// DealPublished makes a collection of pictures that were published in two parts, by [SplitPublished]. It returns a
// [*FileError] that wraps [ErrMismatch] when the shapes differ, and [ErrTooFew] when a part would be empty.
func DealPublished(info Info, train, test Dataset) (*Collection, error) {
	if train.Shape() != test.Shape() {
		return nil, NewFileError("dimensions", ErrMismatch, "take all files from the same set",
			"training pictures are %v, test pictures %v", train.Shape(), test.Shape())
	}
	n := train.Len()
	if n < 2 || test.Len() < 1 {
		return nil, NewFileError("count", ErrTooFew, "take whole files",
			"%d to train on and %d for the test", n, test.Len())
	}
	aside := (n + 9) / 10
	info.Shape, info.Split = train.Shape(), SplitPublished
	return collect(info, train, train, test, [3][]int{numbers(0, n-aside), numbers(n-aside, n), numbers(0, test.Len())}), nil
}

// DealFolders makes a collection of pictures whose parts are known, by [SplitFolders]: their numbers, of those to train on,
// for validation and for the test. It returns a [*FileError] that wraps [ErrTooFew] with fewer than two to train on.
func DealFolders(info Info, d Dataset, parts [3][]int) (*Collection, error) {
	if len(parts[0]) < 2 {
		return nil, NewFileError("count", ErrTooFew, "add more to the folder of training pictures", "%d to train on", len(parts[0]))
	}
	if len(parts[1]) == 0 {
		all := parts[0]
		parts[0] = nil
		for k, i := range all {
			part := 0
			if k%10 == 9 || len(all) < 10 && k == len(all)-1 {
				part = 1
			}
			parts[part] = append(parts[part], i)
		}
	}
	info.Shape, info.Split = d.Shape(), SplitFolders
	return collect(info, d, d, d, parts), nil
}

func numbers(from, to int) []int {
	index := make([]int, 0, to-from)
	for i := from; i < to; i++ {
		index = append(index, i)
	}
	return index
}

func collect(info Info, train, validation, test Dataset, parts [3][]int) *Collection {
	return &Collection{
		Info:       info,
		Train:      NewSubset(info.Name+"-train", train, parts[0]),
		Validation: NewSubset(info.Name+"-validation", validation, parts[1]),
		Test:       NewSubset(info.Name+"-test", test, parts[2]),
	}
}
