package album

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"inkdrift/vae/data"
	"inkdrift/vae/data/picture"
	"inkdrift/vae/data/picture/decoders"
)

// Limits bound the memory and time that files can take. The zero value stands for the defaults.
type Limits struct {
	// Pictures is how many there may be, by default 200,000.
	Pictures int
	// Bytes is how much memory the set may take, by default 512 MiB.
	Bytes int64
	// File is how large a file may be, unpacked, by default 64 MiB. A larger one is left out.
	File int64
	// Unpacked is how much the archives of an album may unpack to, by default 4 GiB.
	Unpacked int64
}

// withDefaults returns the limits that hold.
func (l Limits) withDefaults() Limits {
	set := func(v *int64, byDefault int64) {
		if *v <= 0 {
			*v = byDefault
		}
	}
	if l.Pictures <= 0 {
		l.Pictures = 200_000
	}
	set(&l.Bytes, 512<<20)
	set(&l.File, 64<<20)
	set(&l.Unpacked, 4<<30)
	return l
}

// MostNamed is how many files a report names.
const MostNamed = 20

// Report says what became of the files.
type Report struct {
	Pictures   int        // that are in the set
	Hidden     int        // hidden files, which were skipped
	Unreadable int        // files that were left out
	Named      []Rejected // the first of them
	FirstHid   string     // the first of the hidden ones
}

// Rejected is a file that was left out, and why.
type Rejected struct {
	Name  string
	Err   error // usually a *data.FileError
	Files int   // how many; more than one where Name is of a folder, or the first of several
}

// What can be wrong with a file that could be read; test for one with errors.Is.
var (
	ErrNoClass = errors.New("it is in none of the folders that are classes")
	ErrHidden  = errors.New("it is of the system, not of the set")
)

// Album builds a data set from picture files.
type Album struct {
	// Decode decodes pictures; nil: the decoders of Go do.
	Decode picture.Decoder
	// Yield, unless nil, is called many times a picture, so that a caller can do other work.
	Yield func()

	frame   Frame
	limits  Limits
	set     *data.Growing
	folders []string // of pictures; labels are numbers of these until the set is ready
	first   []string // the first picture of each
	number  map[string]int
	report  Report
	scaler  scaler

	unpacked int64 // bytes that came out of archives
}

// New returns an album without pictures. The error is that of [Frame.Check].
func New(frame Frame, limits Limits) (*Album, error) {
	if err := frame.Check(); err != nil {
		return nil, err
	}
	return &Album{
		frame: frame, limits: limits.withDefaults(), number: make(map[string]int), set: data.NewGrowing("album", frame.Shape),
	}, nil
}

// Add adds a picture file, whose name may have folders before it. A file that is hidden or cannot be read is counted in the
// report and is no error. The error is a [*data.FileError] that wraps [data.ErrTooLarge] when the album is full.
func (a *Album) Add(name string, file []byte) error {
	if Hidden(name) {
		a.hide(name)
		return nil
	}
	if int64(len(file)) > a.limits.File {
		a.LeaveOut(name, fileTooLarge(int64(len(file)), a.limits.File))
		return nil
	}
	decode := a.Decode
	if decode == nil {
		decode = decoders.Decode
	}
	p, err := picture.Open(file, decode, 0, a.Yield)
	if err != nil {
		a.LeaveOut(name, err)
		return nil
	}
	if n := a.set.Len(); n >= a.limits.Pictures || int64(n+1)*int64(a.frame.Shape.Len()) > a.limits.Bytes {
		return &data.FileError{File: shown(name), Field: "count", Kind: data.ErrTooLarge,
			Detail: fmt.Sprintf("it is picture %d, of %v", n+1, a.frame.Shape), Advice: "choose fewer pictures or a smaller size"}
	}
	a.scaler.take(a.set.Add(a.folder(name)), p, a.frame, a.Yield)
	a.report.Pictures++
	return nil
}

// AddFS adds all files of a folder and of the folders in it, in the order of their names. Symbolic links are not followed.
func (a *Album) AddFS(files fs.FS) error {
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			a.LeaveOut(name, err)
			return nil
		case d.IsDir() && name != "." && Hidden(name):
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		case Hidden(name):
			a.hide(name)
			return nil
		}
		if info, err := d.Info(); err == nil && info.Size() > a.limits.File {
			a.LeaveOut(name, fileTooLarge(info.Size(), a.limits.File))
			return nil
		}
		b, err := fs.ReadFile(files, name)
		if err != nil {
			a.LeaveOut(name, err)
			return nil
		}
		return a.Add(name, b)
	})
}

// hide counts a hidden file.
func (a *Album) hide(name string) {
	if a.report.Hidden++; a.report.Hidden == 1 {
		a.report.FirstHid = shown(name)
	}
}

// LeaveOut adds a file that cannot be read to the report.
func (a *Album) LeaveOut(name string, err error) {
	a.report.Unreadable++
	if len(a.report.Named) < MostNamed {
		a.report.Named = append(a.report.Named, Rejected{shown(name), err, 1})
	}
}

// folder returns the number of the folder of a file.
func (a *Album) folder(name string) int {
	dir := ""
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		dir = name[:i]
	}
	k, known := a.number[dir]
	if !known {
		k = len(a.folders)
		a.number[strings.Clone(dir)] = k
		a.folders = append(a.folders, strings.Clone(dir))
		a.first = append(a.first, strings.Clone(name))
	}
	return k
}

// Report returns what became of the files so far.
func (a *Album) Report() Report {
	r := a.report
	r.Named = slices.Clone(r.Named)
	return r
}

// MostClasses is how many folders count as classes; where there are more, pictures have none.
const MostClasses = 1000

// Collection returns the set. Where the pictures are in more than one folder, the folders are the classes, in the order of
// their names: the innermost ones that differ. Folders called train, test, val and the like are the parts of the set, see
// [data.SplitFolders]; without them it is dealt out by [data.SplitTenths]. Pictures that are in none of the folders of classes
// are left out and named in the report. Nothing can be added any more. With fewer than three pictures it returns a
// [*data.FileError] that wraps [data.ErrTooFew], and what was wrong with the first file if none could be read.
func (a *Album) Collection(name string) (*data.Collection, error) {
	pictures := make([]int, len(a.folders))
	for i := range a.set.Len() {
		pictures[a.set.Label(i)]++
	}
	d := dealFolders(a.folders, pictures)
	a.leaveOutLoose(d, pictures)
	var parts [3][]int
	for i := range a.set.Len() {
		folder := a.set.Label(i)
		if d.left[folder] {
			continue
		}
		to := max(d.part[folder], trainingPart)
		parts[to] = append(parts[to], i)
	}
	a.set.Relabel(func(folder int) int { return d.class[folder] })
	info := data.Info{Name: name, Key: "data.album", Classes: d.classes}
	var c *data.Collection
	var err error
	if len(parts[1])+len(parts[2]) > 0 {
		c, err = data.DealFolders(info, a.set, parts)
	} else {
		c, err = data.DealTenthsOf(info, a.set, parts[0])
	}
	var fe *data.FileError
	if errors.As(err, &fe) && len(a.report.Named) > 0 {
		first := a.report.Named[0]
		fe.Detail += fmt.Sprintf("; %d files could not be read, the first is %s: %v", a.report.Unreadable, first.Name, first.Err)
		if a.report.Pictures == 0 {
			fe.Cause = first.Err
		}
	}
	return c, err
}

// leaveOutLoose moves pictures without a class to those that were left out.
func (a *Album) leaveOutLoose(d dealt, pictures []int) {
	for i, left := range d.left {
		n := pictures[i]
		if !left || n == 0 {
			continue
		}
		a.report.Pictures -= n
		a.report.Unreadable += n
		name := a.first[i]
		if n > 1 {
			name = a.folders[i] + "/"
		}
		if len(a.report.Named) < MostNamed {
			err := data.NewFileError("folder", ErrNoClass, "put it into the folder of its class", "")
			a.report.Named = append(a.report.Named, Rejected{shown(name), err, n})
		}
	}
}

// Hidden reports whether a file is one that systems put beside pictures: its name, or that of a folder, begins with a
// dot or is a known one, such as Thumbs.db.
func Hidden(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") && part != "." && part != ".." || part == "__MACOSX" {
			return true
		}
	}
	switch name[strings.LastIndexByte(name, '/')+1:] {
	case "Thumbs.db", "thumbs.db", "Desktop.ini", "desktop.ini":
		return true
	}
	return false
}

// mostShown is how much of a name is kept.
const mostShown = 200

// shown returns a name fit for display: the end of a very long one, without what is not text.
func shown(name string) string {
	if len(name) > mostShown {
		name = "..." + name[len(name)-mostShown:]
	}
	var out []byte
	for _, r := range name { // what is not UTF-8 gives utf8.RuneError
		if r < ' ' || r == 0x7f {
			r = utf8.RuneError
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}

func fileTooLarge(n, most int64) error {
	return data.NewFileError("size", data.ErrTooLarge, "make the picture smaller",
		"%d bytes, at most %d are taken", n, most)
}
