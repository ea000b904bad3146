package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkdrift/tools/internal/minimnist"
)

func TestJournalGoesOn(t *testing.T) {
	dir, journal := minimnist.Dir(t, 1, 30), filepath.Join(t.TempDir(), "nll.journal")
	args := []string{"-data", dir, "-model", model(t), "-nll-samples", "20", "-images", "6", "-samples", "0", "-linear", "0", "-json"}
	measure := func(more ...string) (string, error) {
		var out bytes.Buffer
		err := run(context.Background(), append(args, more...), &out, io.Discard)
		return out.String(), err
	}
	want, err := measure()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := measure("-journal", journal); err != nil || got != want {
		t.Fatalf("with a journal: %v\n%s\nwithout one:\n%s", err, got, want)
	}
	whole, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(whole), "\n")
	if len(lines) != 1+6+1 || lines[7] != "" {
		t.Fatalf("%q", lines)
	}
	// Cut off in the fourth picture's line.
	torn := strings.Join(lines[:4], "") + lines[4][:3]
	if err := os.WriteFile(journal, []byte(torn), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := measure("-journal", journal); err != nil || got != want {
		t.Errorf("cut off and resumed: %v\n%s\nat once:\n%s", err, got, want)
	}
	if again, _ := os.ReadFile(journal); string(again) != string(whole) {
		t.Errorf("resumed:\n%s\nat once:\n%s", again, whole)
	}
	// What is in the journal is not measured again.
	if err := os.WriteFile(journal, []byte(strings.Replace(string(whole), lines[1], "0 1e6\n", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := measure("-journal", journal); err != nil || got == want {
		t.Errorf("the journal was not looked at: %v\n%s", err, got)
	}

	var bad *JournalError
	if _, err := measure("-journal", journal, "-seed", "2"); !errors.As(err, &bad) || bad.Line != 1 || !strings.Contains(err.Error(), journal) {
		t.Errorf("the journal of another seed: %v", err)
	}
	if _, err := measure("-journal", t.TempDir()); err == nil {
		t.Error("a directory was taken for a journal")
	}
	if err := run(context.Background(), []string{"-data", dir, "-journal", journal}, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "-model") {
		t.Errorf("a journal of all models: %v", err)
	}
}

func TestParseJournal(t *testing.T) {
	head := `{"model":"a","data":"d","images":0,"samples":5,"binarize":true,"seed":1}` + "\n"
	m := measurement{Model: "a", Data: "d", Samples: 5, Binarize: true, Seed: 1}
	known, whole, err := parseJournal([]byte(head+"0 1.5\n7 -2e1\n8 3."), m)
	if err != nil || whole != len(head)+13 || len(known) != 2 || known[0] != 1.5 || known[7] != -20 {
		t.Errorf("%v, %d, %v", known, whole, err)
	}
	if known, whole, err := parseJournal([]byte(head[:9]), m); err != nil || whole != 0 || len(known) != 0 {
		t.Errorf("torn in the first line: %v, %d, %v", known, whole, err)
	}
	for _, c := range []struct {
		line int
		text string
	}{{1, "not a journal\n"}, {1, "\n"}, {1, strings.Replace(head, `"a"`, `"b"`, 1)},
		{3, head + "0 1\n-1 2\n"}, {2, head + "0 NaN\n"}, {2, head + "0 Inf\n"}, {2, head + "0\n"}, {2, head + "1 2 3\n"}, {2, head + "\n"}} {
		var e *JournalError
		if _, _, err := parseJournal([]byte(c.text), m); !errors.As(err, &e) || e.Line != c.line {
			t.Errorf("%q: %v", c.text, err)
		}
	}
}

func FuzzParseJournal(f *testing.F) {
	m := measurement{Model: "a", Seed: 1}
	head := `{"model":"a","data":"","images":0,"samples":0,"binarize":false,"seed":1}` + "\n"
	for _, s := range []string{"", head, head + "0 1\n", head + "0 1\n2", "{}\n", head + "1 x\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		known, whole, err := parseJournal(b, m)
		if err != nil {
			return
		}
		again, n, err := parseJournal(b[:whole], m)
		if err != nil || n != whole || len(again) != len(known) {
			t.Errorf("%v, %d and %d bytes, %d and %d pictures", err, n, whole, len(again), len(known))
		}
	})
}
