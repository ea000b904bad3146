// Package metric measures a trained model: the terms of its objective, the
// importance-sampled log-likelihood, active units and classification error.
package metric
