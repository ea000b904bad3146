package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestStripComments(t *testing.T) {
	for source, want := range map[string]string{
		"":                                   "",
		"a();\n":                             "a();\n",
		"/**\n * What\n */\nf();":            "\n\n\nf();",
		"  /** @type {X} */\n  y = 1;\n":     "\n  y = 1;\n",
		"  /** @type {X} */ (y).z();\n":      "  /** @type {X} */ (y).z();\n",
		"// one\nf(); // two\n":              "\nf(); // two\n",
		"const u = 'http://x/';\n":           "const u = 'http://x/';\n",
		"/* a\n b */ f();\n":                 "\n f();\n",
		"f(`\n  ${x}\n`);\n  // end\n":       "f(`\n  ${x}\n`);\n\n",
		"x = a\n  / b;\n/**/\ng();\r\n/* */": "x = a\n  / b;\n\ng();\r\n",
	} {
		if got := string(stripComments([]byte(source))); got != want {
			t.Errorf("%q became %q, want %q", source, got, want)
		}
	}
}

// TestStripModules: of no module of the page a line is lost, nor anything within a
// template literal.
func TestStripModules(t *testing.T) {
	modules, err := filepath.Glob("../../web/*.js")
	if err != nil || len(modules) == 0 {
		t.Fatalf("no modules: %v", err)
	}
	styles, err := filepath.Glob("../../web/css/*.css")
	if err != nil || len(styles) == 0 {
		t.Fatalf("no style sheets: %v", err)
	}
	modules = append(modules, styles...)
	literal := regexp.MustCompile("(?s)`[^`]*`")
	for _, name := range modules {
		if isDevelopmentFile(filepath.Base(name)) {
			continue
		}
		script, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		stripped := stripComments(script)
		if bytes.Count(stripped, []byte("\n")) != bytes.Count(script, []byte("\n")) {
			t.Errorf("%s has other lines", name)
		}
		for _, text := range literal.FindAllString(string(stripped), -1) {
			if strings.Contains(text, "\n\n") || !strings.Contains(string(script), text) {
				t.Errorf("%s: a literal has lost something: %.60q", name, text)
			}
		}
	}
}
