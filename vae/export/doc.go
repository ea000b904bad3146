// Package export writes models for other programs: as ONNX graphs, and as a program
// for PyTorch. The command tools/export and the page's engine share it.
package export
