package kernels

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestCommitted checks that the modules beside their Go bindings are what this
// package makes.
func TestCommitted(t *testing.T) {
	for _, v := range []Variant{Strict, Relaxed} {
		name := "kernel_" + v.String() + ".wasm"
		b, err := os.ReadFile(filepath.Join("../../../wasm/simd", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b, Build(v)) {
			t.Errorf("%s is not what kernelgen makes: run go run ./tools/kernelgen", name)
		}
	}
}

// TestWidths checks that panels cover any number of columns, none of them wider
// than what is left, and that wide products have wide panels.
func TestWidths(t *testing.T) {
	for n := 1; n < 500; n++ {
		narrow := 0
		for rest := n; rest > 0; {
			w := widths[firstWidth[min(rest, len(firstWidth)-1)]]
			if w > 4*rest {
				t.Fatalf("%d columns: a panel of %d for the last %d", 4*n, w, 4*rest)
			}
			if w < 20 {
				narrow++
			}
			rest -= w / 4
		}
		if 4*n >= 80 && narrow > 1 {
			t.Fatalf("%d columns: %d narrow panels", 4*n, narrow)
		}
	}
}
