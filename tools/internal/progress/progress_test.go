package progress

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// states shows a state every tenth of a second, and a line that stays behind them.
func states(l *Line, n int) {
	now := time.Unix(0, 0)
	l.now = func() time.Time { return now }
	l.shown = now
	if l.terminal {
		l.shown = time.Time{}
	}
	for i := 1; i <= n; i++ {
		now = now.Add(100 * time.Millisecond)
		l.Show(func() string { return fmt.Sprintf("%d of %d", i, n) })
	}
}

func TestTerminal(t *testing.T) {
	var out bytes.Buffer
	l := New(&out)
	l.terminal = true
	states(l, 5)
	l.Printf("done")
	if got, want := out.String(), "\r1 of 5\r3 of 5\r5 of 5\rdone  \n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	out.Reset()
	states(l, 1)
	l.Clear()
	l.Clear()
	if got, want := out.String(), "\r1 of 1\r      \r"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestElsewhere(t *testing.T) {
	var out bytes.Buffer
	l := New(&out)
	states(l, 700) // 70 s
	l.Printf("done in %d s", 70)
	l.Clear()
	if got, want := out.String(), "300 of 700\n600 of 700\ndone in 70 s\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFileIsNoTerminal(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if New(f).terminal {
		t.Error("a file is taken for a terminal")
	}
}
