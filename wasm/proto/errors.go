package proto

import (
	"errors"
	"fmt"
)

// Code is the kind of an error: programs switch on it and the page has a sentence
// for it in every language.
type Code string

// The codes of errors that answers carry.
const (
	CodeBadMessage      Code = "bad-message"       // the envelope or its head is malformed
	CodeUnknownType     Code = "unknown-type"      // no handler for this type
	CodeNoModel         Code = "no-model"          // nothing has been loaded yet
	CodeBadModel        Code = "bad-model"         // the file is not a model that can run
	CodeModelUnfit      Code = "model-unfit"       // a model that the pads cannot take; the gallery can
	CodeBadLength       Code = "bad-length"        // a buffer is missing or of the wrong length
	CodeNotFinite       Code = "not-finite"        // a NaN or an infinity among the numbers
	CodeBadValue        Code = "bad-value"         // a field or a number is out of its range
	CodeBadPicture      Code = "bad-picture"       // the file is not a picture that can be read
	CodeBlankPicture    Code = "blank-picture"     // nothing is drawn on the picture
	CodePictureTooLarge Code = "picture-too-large" // the picture has more pixels than are read
	CodeNoTraining      Code = "no-training"       // no run is open, or this worker does not lead it
	CodeBadData         Code = "bad-data"          // the file is not a data set that can be trained on
	CodeTornFile        Code = "torn-file"         // a file of pictures ends too early
	CodeNoArchive       Code = "no-archive"        // the file is not a zip archive
	CodeTooFew          Code = "too-few"           // there are too few pictures for a data set, or one is too small
	CodeWebPage         Code = "web-page"          // the file is a web page
	CodePointer         Code = "lfs-pointer"       // the file is what Git LFS leaves in its place
	CodePassword        Code = "password"          // the files of an archive have a password
	CodeFormat          Code = "format"            // the file is of a format or compression that is not read here
	CodeBadCheckpoint   Code = "bad-checkpoint"    // the file is not a run that can resume, or not with this data
	CodeTooLarge        Code = "too-large"         // it would need more memory than there is
	CodeStopped         Code = "stopped"           // a person cancelled it
	CodeDiverged        Code = "diverged"          // steps were undone again and again because their numbers were not finite
	CodeInternal        Code = "internal"          // a fault of the program itself
)

// The codes of events about a program's own start or end.
const (
	CodeExited       Code = "exited"        // the program has ended and answers no more
	CodeFetchFailed  Code = "fetch-failed"  // the program did not arrive, or not whole
	CodeWasmType     Code = "wasm-type"     // the server gives WebAssembly a wrong type
	CodeWasmBlocked  Code = "wasm-blocked"  // WebAssembly is not available or not allowed
	CodeKernelFailed Code = "kernel-failed" // the SIMD kernel did not arrive whole: slower, but running
	CodeNoSIMD       Code = "no-simd"       // there is no SIMD: slower, but running
)

// Error is the one error type of the protocol: it travels in answers and is
// returned by every function here that checks input.
type Error struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`         // a sentence for developers, in English
	Field   string `json:"field,omitempty"` // the invalid head field or buffer, if there is one
	// LeftOut are the files that were of no use, of an error about several files.
	LeftOut []LeftOut `json:"leftOut,omitempty"`
}

// Error gives the code, the field and the sentence.
func (e *Error) Error() string {
	if e.Field == "" {
		return string(e.Code) + ": " + e.Message
	}
	return string(e.Code) + ": " + e.Field + ": " + e.Message
}

// Errorf makes an [Error]; field may be empty.
func Errorf(code Code, field, format string, args ...any) *Error {
	return &Error{Code: code, Field: field, Message: fmt.Sprintf(format, args...)}
}

// AsError finds the [Error] in err's chain, or wraps err as an internal one.
// It gives nil for nil.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Code: CodeInternal, Message: err.Error()}
}
