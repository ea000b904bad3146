// Package data holds the data sets of Inkdrift, and reads and makes them.
//
// # Data sets
//
// A [Dataset] is a numbered list of pictures of one [Shape]; nothing in it assumes 28x28. [Images] keeps its
// pictures as bytes and hands them out as float32 in [0,1]; [Growing] does so while it is being filled, and [Cached] with
// pictures that another set makes. [OpenMNIST] reads the four files of MNIST, plain or gzip, [ReadCIFAR10] the batches
// of CIFAR-10.
//
// A [Collection] is a set with its parts: to train on, for validation and for the test, dealt out by a [SplitRule]. Its
// [Info] says what it is, and a [Sheet] shows examples.
//
// Package data/sets has the sets that are made, each one file and one line in a list; package data/album makes sets of
// people's own pictures.
//
// # The IDX format
//
// As described by Y. LeCun, C. Cortes and C. J. C. Burges on the page of the MNIST database
// (http://yann.lecun.com/exdb/mnist/): two zero bytes, one byte for the type of the elements (0x08 is unsigned
// byte, the only one read here), one byte for the number of dimensions, then each dimension as a big-endian
// 32-bit integer, then the elements, last dimension fastest.
//
// # Pictures
//
// Package data/picture opens picture files; package data/files reads whatever else people have. What turns ink into the
// pictures a model sees is package ink.
//
// # Digits without a download
//
// [Digits] writes digits by itself, any number of them, the same for the same seed: as strokes for a pad, or as pictures
// that resemble MNIST's, for training and for tests.
package data
