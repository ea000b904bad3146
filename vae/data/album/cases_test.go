package album

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestCases reads the small archives that were read wrongly once.
func TestCases(t *testing.T) {
	dir := "../../../../shared/cases/archives"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("../shared/cases is not beside the repository: this test needs it and is left out")
	}
	for name, c := range map[string]struct {
		classes []string
		fails   error
	}{
		"gbk-dog-bird-horse.zip": {[]string{"狗", "马", "鸟"}, nil},
		"latin1.zip":             {[]string{"Bäume", "Fußgänger", "Läufer"}, nil},
		"train-test-flat.zip":    {[]string{"cat", "dog", "owl"}, nil},
		"encrypted.zip":          {nil, ErrPassword},
	} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		a, err := unpack(t, b, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		set, err := a.Collection("x")
		t.Log(name, set, err, a.Report())
		if !errors.Is(err, c.fails) {
			t.Errorf("%s: %v", name, err)
		} else if err == nil && !slices.Equal(set.Classes, c.classes) {
			t.Errorf("%s: %q", name, set.Classes)
		}
	}
}
