// Package train turns a model, a data set and options into a run: a state
// machine that takes one step at a time, so that the caller, a terminal
// program or a browser worker, decides when to go on. It starts no goroutines
// and, once running, allocates nothing.
package train
