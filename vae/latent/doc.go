// Package latent computes points of a latent space: paths between two points, grids over two dimensions, planes with what
// lies on them, and files of encoded pictures. It knows vectors only, no models.
package latent
