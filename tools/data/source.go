package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// A source has files, plain or gzip.
type source interface {
	// get returns the bytes of a file, at most about so many.
	get(ctx context.Context, name string, most int64) ([]byte, error)
	// String says what it is, in a sentence.
	String() string
}

// folder is a source on this machine.
type folder string

func (f folder) String() string { return string(f) }

func (f folder) get(_ context.Context, name string, most int64) ([]byte, error) {
	for _, n := range []string{name, name + ".gz"} {
		r, err := os.Open(filepath.Join(string(f), n))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		defer r.Close()
		return readAtMost(r, most)
	}
	return nil, fmt.Errorf("%s is not in %s, neither plain nor as .gz", name, f)
}

// mirror is the address of a folder on the web.
type mirror string

func (m mirror) String() string { return string(m) }

var client = &http.Client{Transport: &http.Transport{
	Proxy:                 http.ProxyFromEnvironment,
	TLSHandshakeTimeout:   15 * time.Second,
	ResponseHeaderTimeout: 30 * time.Second,
	DisableCompression:    true,
}}

func (m mirror) get(ctx context.Context, name string, most int64) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, string(m)+name+".gz", nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", request.URL, response.Status)
	}
	b, err := readAtMost(response.Body, most)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", request.URL, err)
	}
	return b, nil
}

// readAtMost reads all of r and fails if it has more than most bytes.
func readAtMost(r io.Reader, most int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(b)) > most {
		err = fmt.Errorf("it has more than %d bytes", most)
	}
	return b, err
}
