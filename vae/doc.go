// Package vae is the variational autoencoder of Kingma and Welling
// (Auto-Encoding Variational Bayes, 2014): an encoder that maps a picture x to
// the mean and log-variance of q(z|x), a decoder that maps a latent z to the
// distribution p(x|z), and the objective that trains both; and its relatives,
// conditional or adversarial.
//
// A Config names a family, which says how the networks are built, and there is
// one file for each. Objectives are apart from architectures: NewObjective gives
// what a model is trained for.
// A Model and its objectives are not safe for concurrent use.
package vae
