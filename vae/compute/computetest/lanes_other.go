//go:build !(cgo && amd64)

package computetest

import "testing"

// UseLanes does nothing: this program was built without C, or for another processor.
func UseLanes(testing.TB) {}
