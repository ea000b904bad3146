package main

// A set is a data set in MNIST's form.
type set struct {
	name  string
	files []file
}

// A file is one of the four parts of a set. Size and checksum are those of the
// plain IDX file: gzip packs the same content in more than one way.
type file struct {
	name   string // of the plain file
	role   string // for the page: web/training/own-data.js
	bytes  int64
	sha256 string
}

// mnist is the MNIST database of handwritten digits by Y. LeCun, C. Cortes and
// C. J. C. Burges.
var mnist = set{"mnist", []file{
	{"train-images-idx3-ubyte", "trainImages", 47_040_016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
	{"train-labels-idx1-ubyte", "trainLabels", 60_008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
	{"t10k-images-idx3-ubyte", "testImages", 7_840_016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
	{"t10k-labels-idx1-ubyte", "testLabels", 10_008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"},
}}

// mirrors serve MNIST's files as NAME.gz.
var mirrors = []string{
	"https://storage.googleapis.com/cvdf-datasets/mnist/",
	"https://ossci-datasets.s3.amazonaws.com/mnist/",
}
