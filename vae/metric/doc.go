// Package metric measures models: the terms of the objective, the
// importance-sampled log-likelihood, active units, the similarity of
// reconstructions to their pictures, how well classes can be read from latent
// means, and measures of samples by a classifier: Fréchet distance,
// Inception-style score and class coverage.
//
// Measures of samples take features and class probabilities as numbers, from
// any classifier; here it is that of package classify. They are comparable with
// one another, on the same classifier, reference and number of samples, and
// never with published figures that use the Inception network.
package metric
