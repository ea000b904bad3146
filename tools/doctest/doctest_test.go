package doctest

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"inkdrift/tools/internal/repo"
)

// TestDocuments: what the documents of this repository name exists.
func TestDocuments(t *testing.T) {
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	files := os.DirFS(root)
	makefile, err := os.ReadFile(root + "/Makefile")
	if err != nil {
		t.Fatal(err)
	}
	r := Repo{Files: files, Targets: Targets(string(makefile))}
	docs, err := Documents(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, needed := range []string{"README.md", "CONTRIBUTING.md", "docs/architecture.md", "vae/RATIONALE.md", "web/models/digits.md"} {
		if !slices.Contains(docs, needed) {
			t.Errorf("%s was not found among %q", needed, docs)
		}
	}
	for _, doc := range docs {
		if doc == "CHANGELOG.md" {
			continue // names of earlier versions
		}
		wrong, err := Check(r, doc)
		if err != nil {
			t.Error(err)
		}
		for _, sentence := range wrong {
			t.Error(sentence)
		}
	}
}

func TestCheck(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	files := fstest.MapFS{
		"Makefile":             file("test: go ## all\nrun: build\n"),
		"go.mod":               file(""),
		"web/app/views.js":     file("export const views = [];\n"),
		"web/models/a.md":      file("# A model\n\n## Figures\n\n## Figures\n\n```\n# no heading\n```\n"),
		"web/models/a.bin":     file(""),
		"tools/train/main.go":  file(""),
		"vae/data/sets/arc.go": file(""),
	}
	r := Repo{Files: files, Targets: Targets("test: go ## all\n.PHONY: x\nrun: build\n")}
	for _, c := range []struct{ text, want string }{
		{"`web/app/views.js`, `web/`, `web/models/NAME.md`, `web/{app,models}`, `vae/...`, `go.mod`", ""},
		{"`views` in `web/app/views.js`, `view` in `x.js`", ""},
		{"`view` in `web/app/views.js`", "no view in"},
		{"`web/app/view.js`", "`web/app/view.js`"},
		{"`web/{app,model}`", "web/{app,model}"},
		{"`web/models/NAME.txt`", "NAME.txt"},
		{"`README.md`", "README.md"},
		{"`mu/sigma`, `dist/index.html`, `web sites/x`, `a = web/x`", ""},
		{"[m](../web/models/a.md#figures-1) [n](https://example.org/#x)", ""},
		{"[m](../web/models/a.md#figures-2)", "#figures-2"},
		{"[m](../web/models/a.md#no-heading)", "#no-heading"},
		{"[m](web/models/a.md)", "leads nowhere"},
		{"# Here it is!\n[m](#here-it-is)", ""},
		{"[m](#here)", "#here"},
		{"`make test`\n```\nmake run PORT=1 # nothing\ngo run ./tools/train -out x\n```\n", ""},
		{"`make tests`", `"tests"`},
		{"```\nmake tests\n```\n", `"tests"`},
		{"```\ngo test ./vae/... ./tool/x ./tools/trainer\n```\n", "./tools/trainer"},
		{"```\nnode --flag tools/train/main.go web/x.mjs out.json\n```\n", "web/x.mjs"},
		{"`go run ./tools/build`", "./tools/build"},
	} {
		files["docs/x.md"] = file(c.text)
		wrong, err := Check(r, "docs/x.md")
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case c.want == "" && len(wrong) > 0:
			t.Errorf("%q: %q", c.text, wrong)
		case c.want != "" && (len(wrong) != 1 || !strings.Contains(wrong[0], c.want)):
			t.Errorf("%q: %q, want one sentence with %q", c.text, wrong, c.want)
		}
	}
}
