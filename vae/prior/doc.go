// Package prior fits a distribution to where an encoder puts the data in latent
// space. The aggregate posterior of a trained model is not the N(0, I) that it was
// trained with, so that samples of that come from places no picture is encoded to;
// a density that is fitted afterwards gives better ones (Ghosh et al. 2020, ex-post
// density estimation; Dai and Wipf 2019 say why). It is a mixture of Gaussians.
package prior
