// Package metric measures models: the terms of the objective, the
// importance-sampled log-likelihood, active units, how near reconstructions are
// to their pictures, how well classes can be read from latent means, and what a
// classifier makes of samples: Fréchet distance, Inception-style score and class
// coverage.
//
// Measures of samples take features and class probabilities as numbers, from
// whatever classifier: here our own one of package classify. They are
// comparable with one another, on the same classifier, reference and number of
// samples, and never with published figures that use the Inception network.
package metric
