// Package progress shows how far long work has come: on a terminal in one line that
// is overwritten, elsewhere, in a pipe or a file, by a line now and then.
package progress

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

// Times between two states that are shown.
const (
	onTerminal = 200 * time.Millisecond
	elsewhere  = 30 * time.Second
)

// A Line shows states of some work, each in place of the one before. It is not for
// several goroutines.
type Line struct {
	w        io.Writer
	terminal bool
	now      func() time.Time
	shown    time.Time
	width    int // of what stands in the line, in characters
}

// New returns a line on w, which need not be a terminal.
func New(w io.Writer) *Line {
	l := &Line{w: w, now: time.Now}
	if f, ok := w.(*os.File); ok {
		info, err := f.Stat()
		l.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	if !l.terminal {
		l.shown = l.now() // short work needs no line
	}
	return l
}

// Show shows a state, unless another was shown a moment ago. state is called when it is
// needed.
func (l *Line) Show(state func() string) {
	every := elsewhere
	if l.terminal {
		every = onTerminal
	}
	now := l.now()
	if now.Sub(l.shown) < every {
		return
	}
	l.shown = now
	if l.terminal {
		l.write(state(), "")
	} else {
		fmt.Fprintln(l.w, state())
	}
}

// Printf prints a line that stays, in place of the state.
func (l *Line) Printf(format string, args ...any) {
	l.write(fmt.Sprintf(format, args...), "\n")
	l.width = 0
}

// Clear takes the state away.
func (l *Line) Clear() {
	if l.width > 0 {
		l.write("", "\r")
		l.width = 0
	}
}

// write writes over what stands in the line.
func (l *Line) write(text, end string) {
	width := utf8.RuneCountInString(text)
	if l.terminal {
		fmt.Fprintf(l.w, "\r%s%s%s", text, strings.Repeat(" ", max(0, l.width-width)), end)
	} else {
		fmt.Fprint(l.w, text, end)
	}
	l.width = width
}
