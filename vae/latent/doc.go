// Package latent moves through the latent space of a model: paths between two
// points, grids over two dimensions, traversals of one, principal components.
// It knows vectors only, no models.
package latent
