package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"inkdrift/vae"
	"inkdrift/vae/data/sets"
	"inkdrift/vae/preset"
	"inkdrift/vae/store"
)

// startTypes are declared by hand.
const startTypes = `
/**
 * @typedef {object} StartModel a shipped model that a run can go on with
 * @property {string} file in models/
 * @property {Record<string, string>} title by language
 * @property {number[]} input channels, height, width of its pictures
 * @property {string} preset with the usual settings of its family
 * @property {Partial<import('./catalog.js').Settings>} settings those that differ from the defaults
 */
`

// models is the folder of the shipped models.
const models = "web/models"

// startModels makes web/generated/start-models.js: the shipped models, for runs that go on with one.
func startModels(root string) ([]byte, error) {
	var all object
	b, err := os.ReadFile(filepath.Join(root, models, "gallery.json"))
	if err != nil {
		return nil, err
	}
	var gallery []struct {
		Name, File, Data string
		Title            struct{ En, Zh string }
	}
	if err := json.Unmarshal(b, &gallery); err != nil {
		return nil, err
	}
	for _, g := range gallery {
		c, err := configOf(filepath.Join(root, models, g.File))
		if err != nil {
			return nil, err
		}
		set := g.Data
		if _, err := sets.Find(set); err != nil {
			set = "digits" // the page has no MNIST of its own
		}
		var shown object
		shown.add("file", g.File)
		var title object
		title.add("en", g.Title.En)
		title.add("zh", g.Title.Zh)
		shown.add("title", title)
		shown.add("input", c.Input)
		shown.add("preset", preset.FamilyPreset(c.Family))
		shown.add("settings", difference(preset.FromModel(g.Name, c, set), preset.Defaults()))
		all.add(g.Name, shown)
	}
	var out strings.Builder
	out.WriteString(header + startTypes + frozen)
	exported{"starts", "The shipped models that a run can go on with.", "Record<string, StartModel>", all}.write(&out)
	return []byte(out.String()), nil
}

// configOf reads what a model file says of its network.
func configOf(file string) (vae.Config, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return vae.Config{}, err
	}
	m, err := store.ReadModel(b)
	if err != nil {
		return vae.Config{}, err
	}
	return m.Config(), nil
}
