package proto

import (
	"encoding/json"
	"strconv"
)

// Limits of data sets. Every worker that trains on files needs the files, all
// together at most MaxBytes, while it reads them; the set, at most MaxSetBytes (of
// CIFAR-10, which has 184 MB, 80,000 pictures to train on and as many for the
// test), for as long as the run is open; and for a picture of 40 million pixels at
// most up to eight bytes a pixel while it is decoded. A page and one worker took
// 1.1 GB while they read an archive of 228 MB. A thousand photographs at 32x32
// are 3 MB a worker once they are read.
const (
	MaxFiles       = 20_000    // in one request; an archive counts as one
	MaxFileList    = 4 << 20   // bytes of JSON
	MaxSetBytes    = 256 << 20 // of a set, a byte a value
	MaxUnpacked    = 1 << 30   // bytes of all archives of a request together
	MaxFrameSide   = 512       // pixels
	MaxPatchScale  = 64        // pixels of the picture that make one of a patch
	MaxSheet       = 400       // pictures on a sheet
	MaxClassNames  = 200       // told of in an answer
	MaxSheetPixels = 2_000_000 // of the pictures on it together
)

// Check validates the fields of a request; the error names the invalid one.
func (r DataSheet) Check() error {
	if err := r.Data.check("data"); err != nil {
		return err
	}
	if err := checkRange("columns", r.Columns, 1, MaxSheet); err != nil {
		return err
	}
	if err := checkRange("rows", r.Rows, 1, MaxSheet/r.Columns); err != nil {
		return err
	}
	return checkSeed(r.Seed)
}

// Check validates the fields of a request; the error names the invalid one.
func (r DataRead) Check() error {
	if !r.Data.Filed() || r.Data.Kind == DataIDX {
		return Errorf(CodeBadValue, "data.kind", "%.20q: want %q, %q or %q", r.Data.Kind, DataAlbum, DataPatches, DataCIFAR)
	}
	return r.Data.check("data")
}

// Check validates the fields of a request; the error names the invalid one.
func (r DataInspect) Check() error {
	if r.Turn != "" && r.Turn != TurnAlways && r.Turn != TurnNever {
		return Errorf(CodeBadValue, "turn", "%.20q: want %q or %q", r.Turn, TurnAlways, TurnNever)
	}
	return nil
}

// checkFiled judges a set that comes in files.
func (d Data) checkFiled(field string) error {
	if err := checkName(d.Name); err != nil {
		return Errorf(CodeBadValue, field+".name", "%s", AsError(err).Message)
	}
	if d.Kind != DataAlbum && d.Kind != DataPatches {
		return nil
	}
	if err := d.Frame.check(field + ".frame"); err != nil || d.Kind == DataAlbum {
		return err
	}
	if !(d.Scale >= 1 && d.Scale <= MaxPatchScale) {
		return Errorf(CodeBadValue, field+".scale", "%v: want 1 to %d", d.Scale, MaxPatchScale)
	}
	if d.Seed < 0 {
		return Errorf(CodeBadValue, field+".seed", "%d is negative", d.Seed)
	}
	return checkRange(field+".count", d.Count, 1, MaxPictures)
}

// PaperColour gives red, green and blue of Paper, black for nothing.
func (f Frame) PaperColour() (rgb [3]uint8, ok bool) {
	if f.Paper == "" {
		return rgb, true
	}
	if len(f.Paper) != 7 || f.Paper[0] != '#' {
		return rgb, false
	}
	v, err := strconv.ParseUint(f.Paper[1:], 16, 32)
	return [3]uint8{uint8(v >> 16), uint8(v >> 8), uint8(v)}, err == nil
}

func (f Frame) check(field string) error {
	if c := f.Shape[0]; c != 1 && c != 3 {
		return Errorf(CodeBadValue, field+".shape", "%d channels: want 1 for grey or 3 for colour", c)
	}
	for _, side := range f.Shape[1:] {
		if err := checkRange(field+".shape", side, 1, MaxFrameSide); err != nil {
			return err
		}
	}
	if f.Fit != "" && f.Fit != FitCrop && f.Fit != FitWhole {
		return Errorf(CodeBadValue, field+".fit", "%.20q: want %q or %q", f.Fit, FitCrop, FitWhole)
	}
	if _, ok := f.PaperColour(); !ok {
		return Errorf(CodeBadValue, field+".paper", "%.20q: want a colour as \"#rrggbb\"", f.Paper)
	}
	return nil
}

// File is one of many in a message.
type File struct {
	Name    string // with its folders, separated by slashes
	Content []byte
}

// fileEntry is a file in the list of them.
type fileEntry struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
}

// ReadFiles gives the files of a message that has any number of them in two
// buffers: a list, which is JSON of the form [{"name": "cats/1.jpg", "bytes":
// 81234}, ...] in UTF-8, and the contents one after the other. The page makes the
// latter with new Blob(files).arrayBuffer(). Contents are not copied. The error is
// of the code bad-data, or too-large for more than MaxFiles files or MaxFileList
// bytes of list.
func ReadFiles(bufs [][]byte) ([]File, error) {
	if len(bufs) < 2 {
		return nil, Errorf(CodeBadData, "files", "there are %d buffers, not a list of files and their contents", len(bufs))
	}
	list, content := bufs[0], bufs[1]
	if len(list) > MaxFileList {
		return nil, Errorf(CodeTooLarge, "files", "a list of %d bytes, at most %d are read", len(list), MaxFileList)
	}
	var entries []fileEntry
	if err := json.Unmarshal(list, &entries); err != nil {
		return nil, Errorf(CodeBadData, "files", "the list is not JSON of names and bytes: %v", err)
	}
	if len(entries) > MaxFiles {
		return nil, Errorf(CodeTooLarge, "files", "%d files, at most %d are taken: pack them into a zip archive", len(entries), MaxFiles)
	}
	files := make([]File, len(entries))
	for i, e := range entries {
		if e.Bytes < 0 || e.Bytes > int64(len(content)) {
			return nil, Errorf(CodeBadData, "files", "file %d of the list has %d bytes, and %d are left", i, e.Bytes, len(content))
		}
		files[i] = File{e.Name, content[:e.Bytes:e.Bytes]}
		content = content[e.Bytes:]
	}
	if len(content) > 0 {
		return nil, Errorf(CodeBadData, "files", "%d bytes are of no file of the list", len(content))
	}
	return files, nil
}
