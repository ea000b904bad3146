// Package report writes what a tool has found: as text for people, or with the flag -json as JSON objects, a line each,
// for programs.
package report

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
)

// A Report is the results of one run of a tool.
type Report struct {
	json bool
	out  io.Writer
	text io.Writer
}

// Flag adds -json to the flags of a tool; what says what there is an object of, as "a model". Objects go to out, and so
// does text unless text is not nil: some tools say what they do where their errors go.
func Flag(fs *flag.FlagSet, what string, out, text io.Writer) *Report {
	if text == nil {
		text = out
	}
	r := &Report{out: out, text: text}
	fs.BoolVar(&r.json, "json", false, "print one JSON object "+what+" on standard output")
	return r
}

// JSON reports whether objects were asked for.
func (r *Report) JSON() bool { return r.json }

// Write writes a result: the object, or the text, which is formatted only then.
func (r *Report) Write(object any, format string, args ...any) error {
	if !r.json {
		_, err := fmt.Fprintf(r.text, format, args...)
		return err
	}
	return json.NewEncoder(r.out).Encode(object)
}

// Size says bytes in a unit that suits them.
func Size(bytes int64) string {
	switch n := float64(bytes); {
	case bytes < 1000:
		return fmt.Sprintf("%d bytes", bytes)
	case n < 999_950:
		return fmt.Sprintf("%.1f kB", n/1e3)
	default:
		return fmt.Sprintf("%.1f MB", n/1e6)
	}
}
