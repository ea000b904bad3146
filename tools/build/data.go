package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"inkdrift/tools/internal/assets"
)

// carryData takes the data sets that tools/data put into the folder out over into
// the folder next. Where there are none, next gets an empty list of them.
func carryData(out, next string) error {
	from, to := filepath.Join(out, assets.Data), filepath.Join(next, assets.Data)
	if err := os.Mkdir(to, 0o755); err != nil {
		if os.IsExist(err) {
			return fmt.Errorf("web/%s has the name of a folder that the build makes: rename it", assets.Data)
		}
		return err
	}
	if _, err := os.Stat(filepath.Join(from, assets.DataIndex)); errors.Is(err, fs.ErrNotExist) {
		text, err := assets.EncodeData(nil)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, assets.DataIndex), text, 0o644)
	}
	return fs.WalkDir(os.DirFS(from), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || name == ".":
			return err
		case d.Name()[0] == '.': // left by a download that was killed
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return os.Mkdir(filepath.Join(to, name), 0o755)
		case !d.Type().IsRegular():
			return nil
		}
		return linkOrCopy(filepath.Join(from, name), filepath.Join(to, name))
	})
}

// linkOrCopy makes the file to of the file from, which is not written to
// afterwards.
func linkOrCopy(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o644)
}
