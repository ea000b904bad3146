//go:build !js

package simd

// Loaded returns the kernel that is loaded: none on this platform.
func Loaded() Variant { return Off }

// Install puts the loaded kernel, or plain Go if v is Off, behind blas32 and
// compute for the whole program. On this platform there is no kernel and what
// is behind them stays. The error is a *NotLoadedError.
func Install(v Variant) error {
	if v != Off {
		return &NotLoadedError{Want: v}
	}
	return nil
}
