// Package classify is a small convolutional classifier of pictures: a measure
// that knows no generative model. Its features and class probabilities are what
// the distances and scores of package metric are computed on.
package classify
