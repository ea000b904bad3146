// Package vae is the variational autoencoder of Kingma and Welling
// (Auto-Encoding Variational Bayes, 2014): an Encoder that maps a picture x to
// the mean and log-variance of q(z|x), a Decoder that maps a latent z to the
// distribution p(x|z), and the objective that trains both.
//
// A Config names a family (how encoder and decoder are built); families
// register themselves, one file each. Objectives are apart from architectures.
// A Model and its objectives are not safe for concurrent use.
package vae
