package report

import (
	"bytes"
	"flag"
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	type size struct {
		File  string `json:"file"`
		Bytes int    `json:"bytes"`
	}
	for _, c := range []struct {
		args      []string
		out, text string
	}{
		{nil, "", "a: 3\nb: 4\n"},
		{[]string{"-json"}, `{"file":"a","bytes":3}` + "\n" + `{"file":"b","bytes":4}` + "\n", ""},
	} {
		var out, text bytes.Buffer
		fs := flag.NewFlagSet("tool", flag.ContinueOnError)
		r := Flag(fs, "a file", &out, &text)
		if err := fs.Parse(c.args); err != nil {
			t.Fatal(err)
		}
		for _, s := range []size{{"a", 3}, {"b", 4}} {
			if err := r.Write(s, "%s: %d\n", s.File, s.Bytes); err != nil {
				t.Fatal(err)
			}
		}
		if out.String() != c.out || text.String() != c.text || r.JSON() != (len(c.args) > 0) {
			t.Errorf("%v: %q and %q", c.args, out.String(), text.String())
		}
	}

	// Where nothing is said of it, text goes where objects go.
	var both bytes.Buffer
	fs := flag.NewFlagSet("tool", flag.ContinueOnError)
	if err := Flag(fs, "a file", &both, nil).Write(size{}, "text\n"); err != nil || both.String() != "text\n" {
		t.Errorf("%v, %q", err, &both)
	}
	if f := fs.Lookup("json"); f == nil || !strings.Contains(f.Usage, "one JSON object a file") {
		t.Errorf("%+v", f)
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{0: "0 bytes", 999: "999 bytes", 1000: "1.0 kB", 24_310: "24.3 kB", 999_949: "999.9 kB", 999_950: "1.0 MB", 2_611_000: "2.6 MB"} {
		if got := Size(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
