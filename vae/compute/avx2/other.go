//go:build !(cgo && amd64)

package avx2

import "inkdrift/vae/compute"

// New returns false: this program was built without C, or for another processor.
func New() (compute.Backend, bool) { return nil, false }
