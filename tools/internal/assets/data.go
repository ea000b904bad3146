package assets

import "encoding/json"

// Data is the folder, beside the page, of data sets that tools/data put there.
// They are no part of a build: the list of files does not name them, and the next
// build carries them over.
const Data = "data"

// DataIndex is the name of the list of data sets inside Data. Every build has it,
// empty at first, so that the page can ask without a fault.
const DataIndex = "index.json"

// DataSet is an entry of the list.
type DataSet struct {
	Name  string     `json:"name"`
	Bytes int64      `json:"bytes"` // of all its files
	Files []DataFile `json:"files"`
}

// DataFile is one file of a data set.
type DataFile struct {
	Role  string `json:"role"` // as web/training/own-data.js names them
	Path  string `json:"path"` // slash-separated, relative to Data
	Bytes int64  `json:"bytes"`
}

// EncodeData returns the JSON text of the list.
func EncodeData(sets []DataSet) ([]byte, error) {
	if sets == nil {
		sets = []DataSet{}
	}
	text, err := json.MarshalIndent(map[string][]DataSet{"sets": sets}, "", " ")
	return append(text, '\n'), err
}
