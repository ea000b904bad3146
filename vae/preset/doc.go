// Package preset holds the settings of a training experiment, what each may be,
// and the named experiments that the page and tools/train begin with.
//
// tools/webgen writes all of it to web/generated/catalog.js, where the page reads
// it.
package preset
