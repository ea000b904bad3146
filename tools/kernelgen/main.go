// Command kernelgen writes the SIMD kernel modules that package wasm/simd binds.
//
//	go run ./tools/kernelgen -out wasm/simd
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"inkdrift/tools/kernelgen/kernels"
)

func main() {
	out := flag.String("out", "wasm/simd", "directory to write kernel_strict.wasm and kernel_relaxed.wasm to")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: kernelgen [-out DIR]\n\nWrites kernel_strict.wasm and kernel_relaxed.wasm.")
		flag.PrintDefaults()
	}
	flag.Parse()
	for _, v := range []kernels.Variant{kernels.Strict, kernels.Relaxed} {
		name := filepath.Join(*out, "kernel_"+v.String()+".wasm")
		if err := os.WriteFile(name, kernels.Build(v), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "kernelgen:", err)
			os.Exit(1)
		}
	}
}
