package data

import (
	"errors"
	"fmt"
	"strings"
)

// What can be wrong with a file; test for one with errors.Is.
var (
	ErrTruncated = errors.New("file ends too early")
	ErrTrailing  = errors.New("file goes on after its end")
	ErrMagic     = errors.New("not an IDX file of bytes")
	ErrRank      = errors.New("wrong number of dimensions")
	ErrMismatch  = errors.New("parts do not fit together")
	ErrTooLarge  = errors.New("too large")
	ErrCorrupt   = errors.New("data is damaged")
	ErrTooFew    = errors.New("too few pictures")
	ErrWebPage   = errors.New("a web page, not a data file")
	ErrPointer   = errors.New("a Git LFS pointer, not the file itself")
	ErrEmpty     = errors.New("nothing in it")
	ErrFormat    = errors.New("a format that is not read here")
	ErrNotData   = errors.New("no data set is recognised in it")
)

// FileError says what is wrong with a data file.
type FileError struct {
	File   string // path, or empty if the data did not come from a named file
	Field  string // the part of the file that is wrong
	Kind   error  // one of the Err variables of this package, or an error of the operating system
	What   string // the name of a format or method that is not read, such as "HEIC"; may be empty
	Detail string // what was found, with figures; may be empty
	Advice string // what to do about it
	Cause  error  // why it came to this: of too few pictures, why the first file was left out; may be nil
}

// Error returns one line: file, field, what is wrong, what to do.
func (e *FileError) Error() string {
	var s strings.Builder
	if e.File != "" {
		s.WriteString(e.File + ": ")
	}
	s.WriteString(e.Field + ": " + e.Kind.Error())
	if e.Detail != "" {
		s.WriteString(" (" + e.Detail + ")")
	}
	s.WriteString("; " + e.Advice)
	return s.String()
}

// Unwrap returns Kind, and Cause if there is one.
func (e *FileError) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Cause}
}

// NewFileError returns a FileError without a file's name. detail is a format for args, as fmt.Sprintf takes it; nothing is said
// if it is empty. Copies of it in all the places that call it would make programs larger.
//
//go:noinline
func NewFileError(field string, kind error, advice, detail string, args ...any) *FileError {
	if len(args) > 0 {
		detail = fmt.Sprintf(detail, args...)
	}
	return &FileError{Field: field, Kind: kind, Detail: detail, Advice: advice}
}

// inFile puts the name of the file into a FileError that has none yet.
func inFile(file string, err error) error {
	var fe *FileError
	if errors.As(err, &fe) && fe.File == "" {
		fe.File = file
	}
	return err
}
