package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strconv"
	"strings"
)

// measurement is what an NLL depends on: the first line of a journal.
type measurement struct {
	Model    string `json:"model"` // SHA-256 of the file
	Data     string `json:"data"`
	Images   int    `json:"images"` // 0: all
	Samples  int    `json:"samples"`
	Binarize bool   `json:"binarize"`
	Seed     uint64 `json:"seed"`
}

// hashOf names a model file by its bytes.
func hashOf(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }

// journal is a metric.Memory in a file, of one measurement: a line a picture,
// its number and its NLL, written as soon as it is known.
type journal struct {
	file  *os.File
	known map[int]float64
}

// JournalError says what is wrong with a journal and what to do.
type JournalError struct {
	Line   int
	Reason string
}

func (e *JournalError) Error() string {
	return fmt.Sprintf("line %d: %s; name another file for a new journal", e.Line, e.Reason)
}

// openJournal opens the journal of a measurement, or begins one.
func openJournal(path string, m measurement) (*journal, error) {
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	known, whole, err := parseJournal(b, m)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	// A torn line is removed; new lines follow the last whole one.
	err = f.Truncate(int64(whole))
	if err == nil {
		_, err = f.Seek(int64(whole), 0)
	}
	if err == nil && whole == 0 {
		err = json.NewEncoder(f).Encode(m)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &journal{f, known}, nil
}

// parseJournal returns the entries of a journal of m, and how many of its bytes
// are whole lines: the last may be torn after an interrupted measurement.
func parseJournal(b []byte, m measurement) (known map[int]float64, whole int, err error) {
	known = map[int]float64{}
	whole = bytes.LastIndexByte(b, '\n') + 1
	for n, line := range strings.Split(strings.TrimSuffix(string(b[:whole]), "\n"), "\n") {
		switch {
		case whole == 0:
		case n == 0:
			var of measurement
			if err := json.Unmarshal([]byte(line), &of); err != nil {
				return nil, 0, &JournalError{1, "is not the beginning of a journal"}
			}
			if of != m {
				return nil, 0, &JournalError{1, "is of another model or other settings"}
			}
		default:
			number, value, _ := strings.Cut(line, " ")
			i, err := strconv.Atoi(number)
			v, err2 := strconv.ParseFloat(value, 64)
			if err != nil || err2 != nil || i < 0 || math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, 0, &JournalError{n + 1, "is not the number of a picture and its NLL"}
			}
			known[i] = v
		}
	}
	return known, whole, nil
}

// Known implements metric.Memory.
func (j *journal) Known(i int) (float64, bool) {
	v, ok := j.known[i]
	return v, ok
}

// Save implements metric.Memory.
func (j *journal) Save(i int, nll float64) error {
	_, err := fmt.Fprintf(j.file, "%d %s\n", i, strconv.FormatFloat(nll, 'g', -1, 64))
	return err
}

// Close closes the file.
func (j *journal) Close() error { return j.file.Close() }
