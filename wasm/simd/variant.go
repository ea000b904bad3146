package simd

import "fmt"

// Variant is a kind of kernel.
type Variant int

const (
	// Off is plain Go.
	Off Variant = iota
	// Strict rounds after each multiplication and each addition: the same bits
	// on every machine, and in elementwise work those of compute.Go.
	Strict
	// Relaxed fuses multiplication and addition in products of matrices and
	// vectors where the machine can; elementwise work is as in Strict.
	Relaxed
)

// String returns "off", "strict" or "relaxed".
func (v Variant) String() string {
	switch v {
	case Off:
		return "off"
	case Strict:
		return "strict"
	case Relaxed:
		return "relaxed"
	}
	return fmt.Sprintf("variant %d", int(v))
}

// NotLoadedError says that Install was asked for a kernel that is not there.
type NotLoadedError struct{ Want, Loaded Variant }

func (e *NotLoadedError) Error() string {
	return fmt.Sprintf("simd: the %v kernel is not there: what was loaded is %v", e.Want, e.Loaded)
}
