package proto

// Types of requests about data sets, and of the event that reports their progress.
const (
	TypeDataSets    = "data.sets"
	TypeDataSheet   = "data.sheet"
	TypeDataRead    = "data.read"
	TypeDataInspect = "data.inspect"
	TypeData        = "data"
)

// Kinds of data sets that come in files; those of others are the names of sets
// that are made, see [DataSets].
const (
	// DataIDX is of files in the form of MNIST: images of rank 3 (count, height,
	// width), or of rank 4 (count, channels, height, width) for colour. Bufs: training
	// images, training labels, test images, test labels, plain or gzip. Labels may be
	// empty. Without test images a tenth of the training images is kept for validation.
	DataIDX = "idx"
	// DataAlbum is of people's pictures: files of any format that the browser shows, and
	// zip and tar archives of them, up to MaxSetBytes when they are brought to their
	// shape. Folders, or archives where there are several, are classes; those called
	// train, test and the like are the parts of the set. Bufs: see [ReadFiles].
	DataAlbum = "album"
	// DataPatches is of patches of one picture, the first among the files. Bufs: see
	// [ReadFiles].
	DataPatches = "patches"
	// DataCIFAR is of batches of CIFAR-10's or CIFAR-100's binary version, plain, gzip or
	// in archives; those whose name says "test" are for the test. Bufs: see [ReadFiles].
	DataCIFAR = "cifar"
)

// Data names a data set: one that comes in the files of the request, or one that
// the engine makes. Where both training and validation come in files, both are
// described alike, and are parts of the same set: of every ten pictures in a row
// of an album without folders for its parts the ninth is for validation and the
// tenth for the test, of patches each part has an area of its own, of CIFAR-10 the last tenth of the training
// pictures is for validation.
//
// A run goes on only with the data it began with: of IDX files that means as
// many pictures and the same name, of others the same files, frame and numbers.
type Data struct {
	Kind  string  `json:"kind"`            // DataIDX, DataAlbum, ..., or the name of a set that is made, such as "digits"
	Name  string  `json:"name,omitempty"`  // of a set that comes in files
	First int     `json:"first,omitempty"` // number of the first picture that is made
	Count int     `json:"count,omitempty"` // of pictures that are made, or of patches to train on; a tenth as many are for validation
	Seed  int64   `json:"seed,omitempty"`  // of pictures that are made, or of the places of patches
	Frame Frame   `json:"frame,omitzero"`  // of an album or patches
	Scale float64 `json:"scale,omitempty"` // of patches: how many pixels of the picture, across and down, make one, 1 to MaxPatchScale
}

// Filed tells whether the set comes in files.
func (d Data) Filed() bool {
	switch d.Kind {
	case DataIDX, DataAlbum, DataPatches, DataCIFAR:
		return true
	}
	return false
}

// Ways to bring a picture of another form into a frame.
const (
	FitCrop  = "crop"  // it fills the frame, what reaches beyond it is cut off alike on both sides
	FitWhole = "whole" // all of it is seen, with paper beside it
)

// Frame says what is made of each picture.
type Frame struct {
	Shape    [3]int `json:"shape"`              // channels (1: grey, 3: colour), height, width
	Fit      string `json:"fit,omitempty"`      // FitCrop if empty; patches have none
	Paper    string `json:"paper,omitempty"`    // "#rrggbb", beside and under pictures; black if empty
	Negative bool   `json:"negative,omitempty"` // light becomes dark: for ink on paper where a model wants bright ink, as MNIST has it
}

// DataSets asks which sets can be made.
type DataSets struct{}

// DataSetsOK answers [DataSets]. The pictures of a generated set are numbered:
// training begins at 0, validation and test so far away that they never overlap.
type DataSetsOK struct {
	Sets            []DataSet `json:"sets"` // in the order in which they are offered
	FirstValidation int       `json:"firstValidation"`
	FirstTest       int       `json:"firstTest"`
}

// DataSet is a set that can be made.
type DataSet struct {
	Name       string      `json:"name"`       // the kind in [Data]
	Key        string      `json:"key"`        // of the sentence about it among the texts of the page
	Shape      [3]int      `json:"shape"`      // channels, height, width
	Classes    []string    `json:"classes"`    // names of the labels in order; empty for none
	Attributes []Attribute `json:"attributes"` // what is known of each picture besides
	Train      int         `json:"train"`      // a good number of pictures to train on
	Validation int         `json:"validation"`
	Test       int         `json:"test"`
}

// Attribute is known of every picture of a set: one of some values with names, or
// a number from Min to Max.
type Attribute struct {
	Name   string   `json:"name"`
	Values []string `json:"values,omitempty"`
	Min    float32  `json:"min"`
	Max    float32  `json:"max"`
}

// DataSheet asks for a sheet of examples of a set. Bufs: its files, if it comes in
// files.
type DataSheet struct {
	Data    Data  `json:"data"`
	Columns int   `json:"columns"` // fewer of both are given where pictures are large: MaxSheetPixels in all
	Rows    int   `json:"rows"`
	ByClass bool  `json:"byClass"` // a row has pictures of one class, as far as the rows reach
	Whole   bool  `json:"whole"`   // of an album: read all of it, so that the answer tells of all; else examples alone. ByClass means it, too
	Seed    int64 `json:"seed"`    // of the choice of examples
}

// DataSheetOK answers [DataSheet]. Train, Validation and Test are 0 for an album of
// which only examples were read. Bufs: the sheet, red, green, blue and alpha of each
// pixel, as putImageData takes them; between pictures it is transparent.
type DataSheetOK struct {
	Width      int         `json:"width"`
	Height     int         `json:"height"`
	Shape      [3]int      `json:"shape"` // of a picture
	Train      int         `json:"train"`
	Validation int         `json:"validation"`
	Test       int         `json:"test"`
	Classes    []string    `json:"classes"` // names of the labels in order, at most MaxClassNames; empty if they have none
	Report     *DataReport `json:"report"`  // of an album; else null
}

// DataReport counts the files of an album by what was done with them. Files counts all that
// there are, in archives and beside them; those that are in no other count were
// not read.
type DataReport struct {
	Files      int       `json:"files"`
	Pictures   int       `json:"pictures"`   // that were taken
	Hidden     int       `json:"hidden"`     // that systems put beside pictures, passed over
	Unreadable int       `json:"unreadable"` // left out
	LeftOut    []LeftOut `json:"leftOut"`    // the first of them and of the hidden ones, at most 20
}

// Why a file was left out or passed over.
const (
	WhyNotPicture  = "not-picture"
	WhyNoPixels    = "no-pixels"
	WhyTruncated   = "truncated"
	WhyDamaged     = "damaged"
	WhyTooLarge    = "too-large"   // more than 40 million pixels, 64 MiB of a picture, or more than a set may have
	WhyUnsupported = "unsupported" // of a compression that is not read, which What names
	WhyPassword    = "password"    // encrypted
	WhyFormat      = "format"      // of a format that is not read, which What names
	WhyWebPage     = "web-page"    // a web page under the name of a data file
	WhyPointer     = "lfs-pointer" // what Git LFS leaves in the place of a file
	WhyEmpty       = "empty"
	WhyNotData     = "not-data"  // no data set is recognised in it
	WhyNoClass     = "no-class"  // a picture in none of the folders that are classes
	WhyDuplicate   = "duplicate" // a second copy, or another of its kind
	WhyOtherSet    = "other-set" // it is of another data set
	WhyBeside      = "beside"    // a picture beside a data set
	WhyNoImages    = "no-images" // labels without their pictures
	WhyUnfit       = "unfit"     // it does not fit to the pictures
	WhyNested      = "nested"    // an archive in an archive that is in one itself
	WhySystem      = "system"    // a file of the system, such as .DS_Store
)

// LeftOut is a file that was left out, or several.
type LeftOut struct {
	Name    string `json:"name"`
	Files   int    `json:"files"`          // how many; more than one where Name is of a folder, or the first of several
	Why     string `json:"why"`            // one of the constants
	What    string `json:"what,omitempty"` // name of a format or compression
	Message string `json:"message"`        // details for developers, in English
}

// DataInspect asks what files are that somebody chose: by their contents, and not by their names.
// Data sets in arrays, such as those of MNIST's form, are read as a whole. Bufs: see [ReadFiles].
type DataInspect struct {
	Turn string `json:"turn,omitempty"` // TurnAlways or TurnNever; empty: square pictures are turned if they seem to be stored as EMNIST's are
}

// Ways of turning pictures whose rows and columns are exchanged.
const (
	TurnAlways = "always"
	TurnNever  = "never"
)

// DataInspectOK answers [DataInspect]. An error that is answered instead has the files that were passed over,
// too. Of an album and of patches nothing but Kind is known. Bufs: of DataIDX the set in that form, unless
// Plain names the files.
type DataInspectOK struct {
	Kind       string    `json:"kind"`  // of the data set that it can be read as: DataIDX, DataAlbum, ...
	Shape      [3]int    `json:"shape"` // channels, height, width
	Train      int       `json:"train"`
	Validation int       `json:"validation"`
	Test       int       `json:"test"`
	Classes    []string  `json:"classes"` // names of the labels in order, at most MaxClassNames; empty if they are not known
	Plain      []int     `json:"plain"`   // numbers of the four files of DataIDX among those given, -1 for none; empty: see Bufs
	Turned     bool      `json:"turned"`
	Unsure     bool      `json:"unsure"`  // characters that may lie on their side: nothing tells
	Passed     int       `json:"passed"`  // files that were passed over
	LeftOut    []LeftOut `json:"leftOut"` // the first of them, at most 20
}

// DataRead asks for a set that comes in files, but those of DataIDX, in the form of
// DataIDX: so it is decoded once, by one worker, and from then on opened as it
// is. Bufs: its files.
type DataRead struct {
	Data Data `json:"data"`
}

// DataReadOK answers [DataRead]. Pictures for the test are counted and not given.
// Bufs: those of DataIDX, validation in the place of the test. Labels are empty where
// there are none, and where there are more classes than a byte can tell.
type DataReadOK struct {
	Shape      [3]int      `json:"shape"` // channels, height, width
	Train      int         `json:"train"`
	Validation int         `json:"validation"`
	Test       int         `json:"test"`
	Classes    []string    `json:"classes"` // names of the labels in order, at most MaxClassNames; empty for none
	Report     *DataReport `json:"report"`  // of an album; else null
}

// DataEvent reports progress to the sender of a request that reads or computes for
// long, four times a second; in between other requests are answered. A photograph of 12
// megapixels takes a second or two, so an archive of them can take many minutes:
// a time limit on the answer counts from the last of these.
type DataEvent struct {
	Done int `json:"done"` // files, bytes or examples
	Of   int `json:"of"`
}

// MessageType gives the type's name on the wire.
func (DataSets) MessageType() string    { return TypeDataSets }
func (DataSheet) MessageType() string   { return TypeDataSheet }
func (DataInspect) MessageType() string { return TypeDataInspect }
func (DataRead) MessageType() string    { return TypeDataRead }
func (DataEvent) MessageType() string   { return TypeData }
