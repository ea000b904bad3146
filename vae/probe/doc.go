// Package probe holds learners that show what can be read from features, such as latent means: [Linear], a softmax
// classifier by hyperplanes, and [Spreading], which passes few labels on to near points, found by [Neighbours]. Products
// go through BLAS.
package probe

import "fmt"

// FeatureError says which argument is wrong, and how.
type FeatureError struct{ Field, Reason string }

func (e *FeatureError) Error() string { return fmt.Sprintf("probe: %s %s", e.Field, e.Reason) }
