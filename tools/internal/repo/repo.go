// Package repo finds the repository that a tool works in.
package repo

import (
	"fmt"
	"os"
	"path/filepath"
)

// Root returns the nearest folder, from the working directory upwards, that has a
// go.mod.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("no go.mod in %s or above: run this in the repository", dir)
		}
	}
}
