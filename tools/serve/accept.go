package main

import (
	"strconv"
	"strings"
)

// acceptance is what an Accept-Encoding header says: the quality of each coding,
// and of "*", all others. RFC 9110, section 12.5.3.
type acceptance map[string]float64

func parseAcceptEncoding(lines []string) acceptance {
	a := make(acceptance)
	for item := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		coding, parameters, _ := strings.Cut(item, ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		if coding == "" {
			continue
		}
		if coding == "x-gzip" {
			coding = "gzip"
		}
		a[coding] = quality(parameters)
	}
	return a
}

// quality reads "q=0.5"; what cannot be read counts as a refusal.
func quality(parameters string) float64 {
	for p := range strings.SplitSeq(parameters, ";") {
		name, value, found := strings.Cut(p, "=")
		if !found || !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil || !(q >= 0 && q <= 1) {
			return 0
		}
		return q
	}
	return 1
}

// of returns the quality of a coding; unasked is that of one that is not named.
func (a acceptance) of(coding string, unasked float64) float64 {
	if q, ok := a[coding]; ok {
		return q
	}
	if q, ok := a["*"]; ok {
		return q
	}
	return unasked
}

// best returns the accepted coding of highest quality, of equals the first that
// is offered. It is empty where the plain file is preferred or nothing else is
// accepted.
func (a acceptance) best(offers []string) string {
	best, most := "", 0.0
	for _, o := range offers {
		if q := a.of(o, 0); q > most {
			best, most = o, q
		}
	}
	if q, ok := a["identity"]; ok && q > most {
		return ""
	}
	return best
}
