// Package recipes finds the recipe that the flag -config of a tool names.
package recipes

import (
	"fmt"
	"os"
	"strings"

	"inkdrift/vae/preset"
	"inkdrift/vae/train"
)

// Load returns the recipe of a preset, or the one in a file whose name ends in .json.
func Load(name string) (train.Recipe, error) {
	if !strings.HasSuffix(name, ".json") {
		p, err := preset.Find(name)
		if err != nil {
			return train.Recipe{}, err
		}
		return p.Recipe(), nil
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return train.Recipe{}, err
	}
	r, err := train.ReadRecipe(b)
	if err != nil {
		return r, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}
