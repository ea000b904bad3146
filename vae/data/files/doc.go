// Package files recognises data sets in whatever files people have, by content and not by name.
//
// [Recognise] looks into files, archives, archives in these and compressed files, and finds one data set: batches of CIFAR-10 or CIFAR-100,
// arrays of pictures and labels (IDX as MNIST has it, NumPy's .npy and .npz, tables of pixels), or picture files. What is of
// no use beside it is passed over, each file with the reason; one stray file never spoils a set. Nothing is unpacked or
// allocated before its size is known to be within the [Limits], so that a file which promises more than it should is refused
// at once.
package files

import (
	"errors"

	"inkdrift/vae/data"
	"inkdrift/vae/data/album"
)

// Why a file that could be read was passed over; test for one with errors.Is.
var (
	ErrDuplicate = errors.New("a second copy of one that was taken, or another of its kind")
	ErrOtherSet  = errors.New("it is of another data set")
	ErrBeside    = errors.New("a picture beside a data set")
	ErrNoImages  = errors.New("labels without their pictures")
	ErrUnfit     = errors.New("it does not fit to the pictures")
	ErrNested    = errors.New("an archive in an archive that is in one itself")
)

// Limits bound the memory that files can take.
type Limits struct {
	Files    int   // that are looked into, in archives and beside them
	Bytes    int64 // of a set, a byte a value
	Unpacked int64 // of all archives together
}

// File is one that somebody has.
type File struct {
	Name    string // with its folders, separated by slashes
	Content []byte
}

// Kind says what a data set is made of.
type Kind string

// The kinds of data sets.
const (
	Arrays   Kind = "arrays"   // pictures and labels in arrays
	Batches  Kind = "batches"  // CIFAR-10 or CIFAR-100
	Pictures Kind = "pictures" // picture files and archives of them
	Picture  Kind = "picture"  // a single picture file
)

// Part is one part of a set of arrays.
type Part struct {
	Pixels []byte // picture after picture, channels, rows, columns; a byte a value
	Labels []byte // nil: none
	Count  int    // of pictures
}

// Found is a data set that was recognised.
type Found struct {
	Kind  Kind
	Shape data.Shape // of arrays and batches
	// Train and Test are the parts of arrays and batches; Test may be empty.
	Train, Test Part
	Classes     []string // names of the labels, if they are known
	// Plain are the numbers of the given files that hold training pictures, training labels, test pictures and test labels as
	// package data reads them, -1 for none; all are -1 if any of the arrays had to be converted.
	Plain [4]int
	// Turned says that the pictures were stored with rows and columns exchanged, as those of EMNIST, and have been turned.
	Turned bool
	// Unsure says that they may have to be turned, which nothing tells.
	Unsure bool
	// Passed are the files that were passed over, and why; those of Pictures are told of when these are read.
	Passed []album.Rejected
}

// Collection makes a set of arrays or batches, dealt out as info says: of the parts of a
// set that is published with a test part, else in tenths. Errors are those of package data.
func (f *Found) Collection(info data.Info) (*data.Collection, error) {
	train, err := data.NewImages(info.Name, f.Shape, f.Train.Pixels, f.Train.Labels)
	if err != nil {
		return nil, err
	}
	if f.Test.Count == 0 {
		return data.DealTenths(info, train)
	}
	test, err := data.NewImages(info.Name, f.Shape, f.Test.Pixels, f.Test.Labels)
	if err != nil {
		return nil, err
	}
	if f.Kind == Batches {
		return data.DealPublished(info, train, test)
	}
	info.Shape, info.Split = f.Shape, data.SplitPublished
	return &data.Collection{Info: info, Train: train, Validation: test, Test: test}, nil
}

// Turn says whether arrays of square pictures are turned.
type Turn int

// Ways of turning.
const (
	TurnIfNeeded Turn = iota // if they seem to be stored as EMNIST's are
	TurnNever
	TurnAlways
)

// Options of Recognise.
type Options struct {
	Limits Limits
	Turn   Turn
	// Yield, unless nil, is called between pieces of work, of which so many are done. An error of it ends the work.
	Yield func(done, of int) error
}

const (
	adviceAgain  = "get the file again"
	adviceChoose = "choose the files of one data set, pictures, or an archive of them"
)
