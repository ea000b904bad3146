// Package sets holds the data sets that Inkdrift makes by itself: no download, no licence, any number of pictures.
//
// A set is one file with a [Source], and one line in the list of sets.go. Picture i of a seed is always the same, to the
// byte, in every build: numbers are drawn by [compute.Key], products that are added to something are rounded first (see
// package compute), and values are rounded to multiples of 1/255.
package sets
