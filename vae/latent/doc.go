// Package latent computes points of a latent space: paths between two points and
// grids over two dimensions. It knows vectors only, no models.
package latent
