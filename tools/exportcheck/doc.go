// Package exportcheck has the tests that run exported models in ONNX Runtime and in
// PyTorch, with the build tag exportcheck. Tools/testrun installs what they need and
// says in environment variables where it is:
//
//	EXPORT_NODE     path of Node; onnxruntime-node is installed beside this file
//	EXPORT_PYTHON   path of a Python that has PyTorch
//	EXPORT_DIST     folder with the built page, whose engine makes some of the models
//
// The variable with _MISSING behind its name says why there is none; the tests that
// need it are then skipped. With -update the table in docs/models.md is written anew.
package exportcheck
