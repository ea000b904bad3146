package main

import (
	"encoding/json"
	"fmt"
)

// nodeEvent is a line of reporter.mjs.
type nodeEvent struct {
	Kind   string
	Name   string
	File   string
	MS     float64
	Reason string
	Error  string
	Text   string
}

// nodeResults turns the lines of reporter.mjs into results. What tests print is
// shown as it comes: Node does not say which test it is from.
type nodeResults struct {
	tally *tally
}

func (n nodeResults) line(text []byte) {
	var e nodeEvent
	if err := json.Unmarshal(text, &e); err != nil {
		n.tally.printf("%s\n", text)
		return
	}
	switch e.Kind {
	case "output":
		n.tally.printf("%s", indent(e.Text))
	case "pass":
		n.tally.pass(1)
		n.tally.took(e.File+": "+e.Name, e.MS/1000)
		n.tally.printf("ok   %s: %s  %.1f s\n", e.File, e.Name, e.MS/1000)
	case "skip":
		n.tally.skip(e.File+": "+e.Name, e.Reason)
	case "empty":
		n.tally.fail(e.File+" has no test", "")
	case "fail":
		n.tally.fail(e.File+": "+e.Name, e.Error)
	default:
		n.tally.fail(fmt.Sprintf("unknown line from the reporter: %.200s", text), "")
	}
}
