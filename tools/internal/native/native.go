// Package native makes a program use all cores of the machine: elementwise
// work is shared between goroutines, and with the build tag netlib matrix
// products run on OpenBLAS instead of gonum's own code. Import it for its
// effect.
package native

import "inkdrift/vae/compute"

func init() { compute.Use(compute.NewParallel(0)) }
