package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"path"
	"slices"
	"strings"

	"inkdrift/vae/data"
	"inkdrift/vae/data/album"
	"inkdrift/vae/data/files"
	"inkdrift/vae/data/picture"
	"inkdrift/wasm/proto"
)

// openFiles reads a set that comes in files.
func (r *Reader) openFiles(d proto.Data, bufs [][]byte) (*Sets, error) {
	if d.Kind == proto.DataIDX {
		return readFiles(d.Name, bufs)
	}
	given, err := proto.ReadFiles(bufs)
	if err != nil {
		return nil, err
	}
	sortFiles(given)
	sum, err := r.sum(given)
	if err != nil {
		return nil, err
	}
	var c *data.Collection
	var report *proto.DataReport
	switch d.Kind {
	case proto.DataAlbum:
		c, report, err = r.openAlbum(d, given, 0, 0)
	case proto.DataPatches:
		c, err = r.openPatches(d, given)
	case proto.DataCIFAR:
		c, err = r.openCIFAR(d, given)
	}
	if err != nil {
		return nil, dataError("files", err)
	}
	name := fmt.Sprintf("%s, %s, %08x", title(d), howRead(d), sum)
	return &Sets{
		Train: named{c.Train, name}, Valid: named{c.Validation, name}, Test: c.Test.Len(),
		Classes: c.Classes, Report: report,
	}, nil
}

// title is what a set that comes in files is called.
func title(d proto.Data) string {
	if d.Name == "" {
		return d.Kind
	}
	return d.Name
}

// howRead tells what was made of the files, as far as it is not always the same.
// Whoever goes on with a run must have the very same pictures.
func howRead(d proto.Data) string {
	f := d.Frame
	how := d.Kind
	if d.Kind != proto.DataCIFAR {
		paper, _ := f.PaperColour()
		how += fmt.Sprintf(" %v %s %x", f.Shape, frameOf(f).Fit, paper)
		if f.Negative {
			how += " negative"
		}
	}
	if d.Kind == proto.DataPatches {
		how += fmt.Sprintf(", %d at scale %v, seed %d", d.Count, d.Scale, d.Seed)
	}
	return how
}

// sortFiles puts files in the order of their names, so that it does not matter in
// which they were chosen.
func sortFiles(files []proto.File) {
	slices.SortStableFunc(files, func(x, y proto.File) int { return strings.Compare(x.Name, y.Name) })
}

// sum is a checksum over names and contents of files.
func (r *Reader) sum(files []proto.File) (sum uint32, err error) {
	const piece = 1 << 20
	for i, f := range files {
		sum = crc32.Update(sum, crc32.IEEETable, []byte(f.Name+"\x00"))
		for b := f.Content; len(b) > 0; {
			n := min(len(b), piece)
			sum = crc32.Update(sum, crc32.IEEETable, b[:n])
			b = b[n:]
			if err := r.Yield(i, len(files)); err != nil {
				return 0, err
			}
		}
	}
	return sum, nil
}

// albumLimits are the limits of an album of a page.
var albumLimits = album.Limits{Pictures: proto.MaxPictures, Bytes: proto.MaxSetBytes, Unpacked: proto.MaxUnpacked}

// openAlbum reads pictures and archives, all of them or, unless it is 0, about so
// many, from everywhere, others for another seed.
func (r *Reader) openAlbum(d proto.Data, given []proto.File, about int, seed int64) (*data.Collection, *proto.DataReport, error) {
	a, err := album.New(frameOf(d.Frame), albumLimits)
	if err != nil {
		return nil, nil, err
	}
	a.Yield, a.Decode = r.yieldWithin, r.decoder()
	others, archives, tars, total, err := r.unpack(given)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range tars {
		total += len(t.files) + len(t.left)
	}
	// Of so many that are not hidden those are examples at which (n+seed)*about/visible
	// goes up.
	visible, seen := total, 0
	eachName(others, archives, tars, func(name string) {
		if album.Hidden(name) {
			visible--
		}
	})
	wanted := func(name string) bool {
		if about == 0 || about >= visible {
			return true
		}
		if album.Hidden(name) {
			return false
		}
		seen++
		n := seen + int(seed%int64(visible))
		return n*about/visible > (n-1)*about/visible
	}
	done := 0
	for i, f := range others {
		n := 1
		if archives[i] != nil {
			n = archives[i].Len()
		}
		for k := range n {
			if err := r.Yield(done, total); err != nil {
				return nil, nil, err
			}
			done++
			switch z := archives[i]; {
			case z == nil && wanted(f.Name):
				err = a.Add(f.Name, f.Content)
			case z != nil && wanted(z.Name(k)):
				err = z.AddTo(a, k)
			}
			if err != nil {
				return nil, nil, err
			}
		}
	}
	for i := range tars {
		if err := tars[i].addTo(a, r, wanted); err != nil {
			return nil, nil, err
		}
		for _, l := range tars[i].left {
			a.LeaveOut(l.Name, l.Err)
		}
	}
	c, err := a.Collection(title(d))
	if about > 0 && about < visible && errors.Is(err, data.ErrTooFew) {
		return r.openAlbum(d, given, 0, 0) // the readable ones are elsewhere
	}
	report := reportOf(a.Report(), total)
	if err != nil {
		return nil, nil, withLeftOut(dataError("files", err), report.LeftOut)
	}
	return c, report, nil
}

// withLeftOut gives an error the files that were left out.
func withLeftOut(err error, files []proto.LeftOut) error {
	e := *proto.AsError(err)
	e.LeftOut = files
	return &e
}

// tarArchive is an archive that was unpacked, because it can only be read from its beginning to its end. What of it could not
// be read is left out.
type tarArchive struct {
	files []proto.File
	left  []album.Rejected
}

// unpack opens the archives among files and those that are in these. The files that others stand for, which are archives or not, and
// archives have the same numbers. It counts all files but those in tar archives.
func (r *Reader) unpack(given []proto.File) (others []proto.File, archives []*album.Archive, tars []tarArchive, total int, err error) {
	unpacked := int64(0) // bytes of archives in zip archives, and of those that are compressed once more
	next := given
	for inner := range 2 {
		prefixed := inner > 0 || len(next) > 1
		given, wrapped, err := r.unwrapZips(next, &unpacked)
		if err != nil {
			return nil, nil, nil, 0, err
		}
		plain, moreTars, err := r.openTars(given, prefixed)
		if err != nil {
			return nil, nil, nil, 0, err
		}
		moreArchives, n, err := openArchives(plain, prefixed)
		if err != nil {
			return nil, nil, nil, 0, err
		}
		total += n
		nested, left, err := r.takeNested(moreArchives, moreTars, total, &unpacked)
		if err != nil {
			return nil, nil, nil, 0, err
		}
		if inner > 0 { // here it ends
			for _, f := range nested {
				left = append(left, album.Rejected{Name: f.Name, Err: data.NewFileError("archive", files.ErrNested, "unpack the archives around it", ""), Files: 1})
			}
		}
		others, archives = append(others, plain...), append(archives, moreArchives...)
		tars = append(append(tars, moreTars...), tarArchive{left: append(left, wrapped...)})
		next = nested
	}
	return others, archives, tars, total, nil
}

// reading lets others go on while an archive of size bytes is unpacked.
type reading struct {
	yield func(done, of int) error
	size  int
	done  int
	stop  error // why it is not to go on
}

// more is told of n more bytes that were read.
func (r *reading) more(n int) error {
	r.done += n
	r.stop = r.yield(r.done, r.size)
	return r.stop
}

// unwrapZips unpacks zip archives that are compressed once more. Those that cannot be are left out. unpacked counts their bytes.
func (r *Reader) unwrapZips(given []proto.File, unpacked *int64) (plain []proto.File, left []album.Rejected, err error) {
	for _, f := range given {
		format, err := unpackedFormat(f.Content)
		if err != nil || format.Kind != data.FormatZip || data.Sniff(f.Content[:min(len(f.Content), data.SniffBytes)]).Kind == data.FormatZip {
			plain = append(plain, f)
			continue
		}
		read := reading{yield: r.Yield, size: len(f.Content)}
		content, err := files.Unwrap(f.Content, proto.MaxUnpacked-*unpacked, read.more)
		switch {
		case read.stop != nil:
			return nil, nil, read.stop
		case err != nil:
			left = append(left, album.Rejected{Name: f.Name, Err: err, Files: 1})
			continue
		}
		*unpacked += int64(len(content))
		plain = append(plain, proto.File{Name: strings.TrimSuffix(f.Name, path.Ext(f.Name)), Content: content})
	}
	return plain, left, nil
}

// takeNested takes those files out of archives that are archives themselves, and those of them that cannot be read. total is how
// many files there are, none of which is done.
func (r *Reader) takeNested(archives []*album.Archive, tars []tarArchive, total int, unpacked *int64) (nested []proto.File, left []album.Rejected, err error) {
	for i := range tars {
		tars[i].files = slices.DeleteFunc(tars[i].files, func(f proto.File) bool {
			if album.Hidden(f.Name) || !isArchive(f.Content) {
				return false
			}
			nested = append(nested, f)
			return true
		})
	}
	for _, z := range archives {
		if z == nil {
			continue
		}
		for k := z.Len() - 1; k >= 0; k-- {
			if err := r.Yield(0, total); err != nil {
				return nil, nil, err
			}
			name := z.Name(k)
			if album.Hidden(name) || files.PictureName(name) {
				continue
			}
			if head, err := z.Head(k, headBytes); err != nil || !isArchive(head) {
				continue // what is wrong with it will be told of
			}
			content, err := files.Unzip(z, k, proto.MaxSetBytes)
			if *unpacked += int64(len(content)); err == nil && *unpacked > proto.MaxUnpacked {
				err = data.NewFileError("size", data.ErrTooLarge, "choose fewer archives", "archives in archives are more than %d bytes", int64(proto.MaxUnpacked))
			}
			if err != nil {
				left = append(left, album.Rejected{Name: name, Err: err, Files: 1})
			} else {
				nested = append(nested, proto.File{Name: name, Content: content})
			}
			z.Remove(k)
		}
	}
	sortFiles(nested)
	return nested, left, nil
}

// headBytes are enough of a compressed file to tell whether an archive is in it.
const headBytes = 4 << 10

// isArchive tells a zip or tar archive by its first bytes.
func isArchive(head []byte) bool {
	format, err := unpackedFormat(head)
	return err == nil && (format.Kind == data.FormatTar || format.Kind == data.FormatZip)
}

// openTars takes tar archives, plain and compressed, out of a list of files. The names of what is in them begin with theirs if prefixed.
func (r *Reader) openTars(all []proto.File, prefixed bool) (others []proto.File, tars []tarArchive, err error) {
	limits := files.Limits{Files: proto.MaxPictures, Bytes: proto.MaxSetBytes, Unpacked: proto.MaxUnpacked}
	for _, f := range all {
		if format, err := unpackedFormat(f.Content); err != nil || format.Kind != data.FormatTar {
			others = append(others, f)
			continue
		}
		read := reading{yield: r.Yield, size: len(f.Content)}
		list, left, err := files.Untar(f.Content, limits, read.more)
		switch {
		case read.stop != nil:
			return nil, nil, read.stop
		case err != nil:
			left = append(left, album.Rejected{Name: f.Name, Err: err, Files: 1})
		}
		t := tarArchive{left: left}
		limits.Files -= len(list)
		for _, one := range list {
			limits.Unpacked -= int64(len(one.Content))
			if prefixed {
				one.Name = nameAsFolder(f.Name) + "/" + one.Name
			}
			t.files = append(t.files, proto.File(one))
		}
		sortFiles(t.files)
		tars = append(tars, t)
	}
	return others, tars, nil
}

// nameAsFolder is what the folder is called that an archive stands for, where there are several.
func nameAsFolder(archive string) string {
	return strings.TrimLeft(strings.TrimSuffix(strings.TrimSuffix(archive, path.Ext(archive)), ".tar"), ".")
}

// unpackedFormat tells the format of a file, of what it holds if it is compressed.
func unpackedFormat(content []byte) (data.Format, error) {
	in, _, err := data.Decompress(bytes.NewReader(content))
	if err != nil {
		return data.Format{}, err
	}
	head, err := in.Peek(data.SniffBytes)
	if err != nil && len(head) == 0 {
		return data.Format{}, err
	}
	return data.Sniff(head), nil
}

// addTo adds the files that are wanted to an album.
func (t tarArchive) addTo(a *album.Album, r *Reader, wanted func(name string) bool) error {
	for i, f := range t.files {
		if err := r.Yield(i, len(t.files)); err != nil {
			return err
		}
		if wanted(f.Name) {
			if err := a.Add(f.Name, f.Content); err != nil {
				return err
			}
		}
	}
	return nil
}

// openArchives opens those files that are archives; the others' places are nil. It
// counts all files, in archives and beside them. The names of what is in them begin with theirs if prefixed.
func openArchives(files []proto.File, prefixed bool) (archives []*album.Archive, total int, err error) {
	archives = make([]*album.Archive, len(files))
	for i, f := range files {
		kind := data.Sniff(f.Content[:min(len(f.Content), data.SniffBytes)]).Kind
		// Something may stand before an archive, such as a program that unpacks it.
		if named := strings.ToLower(path.Ext(f.Name)) == ".zip"; kind != data.FormatZip && (!named || kind == data.FormatWebPage || kind == data.FormatPointer || kind == data.FormatPicture) {
			total++
		} else if archives[i], err = album.OpenArchive(f.Content, albumLimits); err != nil && prefixed {
			archives[i], err = nil, nil // it is left out
			total++
		} else if err != nil {
			return nil, 0, inFile(f.Name, err)
		} else {
			total += archives[i].Len()
			if prefixed {
				archives[i].Under(nameAsFolder(f.Name))
			}
		}
		if total > proto.MaxPictures {
			return nil, 0, proto.Errorf(proto.CodeTooLarge, "files", "%d files, at most %d are read: choose fewer", total, proto.MaxPictures)
		}
	}
	return archives, total, nil
}

// eachName calls do with the name of every file, in archives and beside them.
func eachName(files []proto.File, archives []*album.Archive, tars []tarArchive, do func(name string)) {
	for _, t := range tars {
		for _, f := range t.files {
			do(f.Name)
		}
	}
	for i, f := range files {
		if archives[i] == nil {
			do(f.Name)
			continue
		}
		for k := range archives[i].Len() {
			do(archives[i].Name(k))
		}
	}
}

// frameOf gives a frame that was checked.
func frameOf(f proto.Frame) album.Frame {
	paper, _ := f.PaperColour()
	fit := album.Fit(f.Fit)
	if fit == "" {
		fit = album.Crop
	}
	return album.Frame{Shape: data.Shape{C: f.Shape[0], H: f.Shape[1], W: f.Shape[2]}, Fit: fit, Paper: paper, Negative: f.Negative}
}

// reportOf gives a report as answers have it.
func reportOf(r album.Report, total int) *proto.DataReport {
	named := r.Named
	if r.Hidden > 0 {
		named = append(slices.Clone(named), album.Rejected{Name: r.FirstHid, Err: album.ErrHidden, Files: r.Hidden})
	}
	return &proto.DataReport{Files: total, Pictures: r.Pictures, Hidden: r.Hidden, Unreadable: r.Unreadable, LeftOut: leftOut(named)}
}

// leftOut gives files that were of no use as answers have them.
func leftOut(named []album.Rejected) []proto.LeftOut {
	out := []proto.LeftOut{} // never null in JSON
	for _, t := range named[:min(len(named), album.MostNamed)] {
		var fe *data.FileError
		what := ""
		if errors.As(t.Err, &fe) {
			what = fe.What
		}
		out = append(out, proto.LeftOut{Name: t.Name, Files: t.Files, Why: why(t.Err), What: what, Message: t.Err.Error()})
	}
	return out
}

// why gives the word of the protocol for what is wrong with a file.
func why(err error) string {
	for _, c := range []struct {
		kind error
		word string
	}{
		{picture.ErrNotPicture, proto.WhyNotPicture},
		{picture.ErrNoPixels, proto.WhyNoPixels},
		{data.ErrTruncated, proto.WhyTruncated},
		{data.ErrTooLarge, proto.WhyTooLarge},
		{album.ErrUnsupported, proto.WhyUnsupported},
		{album.ErrPassword, proto.WhyPassword},
		{data.ErrFormat, proto.WhyFormat},
		{data.ErrWebPage, proto.WhyWebPage},
		{data.ErrPointer, proto.WhyPointer},
		{data.ErrEmpty, proto.WhyEmpty},
		{data.ErrNotData, proto.WhyNotData},
		{album.ErrNoClass, proto.WhyNoClass},
		{album.ErrHidden, proto.WhySystem},
		{files.ErrDuplicate, proto.WhyDuplicate},
		{files.ErrOtherSet, proto.WhyOtherSet},
		{files.ErrBeside, proto.WhyBeside},
		{files.ErrNoImages, proto.WhyNoImages},
		{files.ErrUnfit, proto.WhyUnfit},
		{files.ErrNested, proto.WhyNested},
	} {
		if errors.Is(err, c.kind) {
			return c.word
		}
	}
	return proto.WhyDamaged
}

// openPatches cuts the first picture there is.
func (r *Reader) openPatches(d proto.Data, given []proto.File) (*data.Collection, error) {
	if len(given) == 0 {
		return nil, proto.Errorf(proto.CodeBadData, "files", "there are none")
	}
	if err := r.Yield(0, 1); err != nil {
		return nil, err
	}
	file := given[0]
	for _, f := range given {
		if _, err := picture.Inspect(f.Content); err == nil {
			file = f
			break
		}
	}
	p, err := picture.Open(file.Content, r.decoder(), 0, r.yieldWithin)
	if err != nil {
		return nil, inFile(file.Name, err)
	}
	f := frameOf(d.Frame)
	c, err := album.NewPatches(title(d), p, album.Patches{
		Shape: f.Shape, Scale: d.Scale, Count: d.Count, Seed: uint64(d.Seed), Paper: f.Paper, Negative: f.Negative, Yield: r.yieldWithin,
	})
	if err != nil {
		return nil, inFile(file.Name, err)
	}
	return c, r.Yield(1, 1)
}

// openCIFAR reads batches of CIFAR-10 or CIFAR-100. Without those for the test the
// pictures are dealt out as those of an album.
func (r *Reader) openCIFAR(d proto.Data, given []proto.File) (*data.Collection, error) {
	found, err := r.recognise(given, files.TurnNever)
	if err != nil {
		return nil, err
	}
	if found.Kind != files.Batches {
		return nil, proto.Errorf(proto.CodeBadData, "files", "they are no batches of CIFAR-10 or CIFAR-100")
	}
	info := data.CIFAR10()
	info.Name, info.Classes = title(d), found.Classes
	return found.Collection(info)
}

// recognise finds out what files are.
func (r *Reader) recognise(given []proto.File, turn files.Turn) (*files.Found, error) {
	list := make([]files.File, len(given))
	for i, f := range given {
		list[i] = files.File(f)
	}
	return files.Recognise(list, files.Options{
		Limits: files.Limits{Files: proto.MaxPictures, Bytes: proto.MaxSetBytes, Unpacked: proto.MaxUnpacked}, Turn: turn, Yield: r.Yield,
	})
}

// inFile puts the name of the file into an error of package data.
func inFile(name string, err error) error {
	var fe *data.FileError
	if errors.As(err, &fe) && fe.File == "" {
		fe.File = name
	}
	return err
}

// dataError makes an error of the protocol of one about files.
func dataError(field string, err error) error {
	var own *proto.Error
	if errors.As(err, &own) {
		return own
	}
	for _, c := range []struct {
		kind error
		code proto.Code
	}{
		{album.ErrPassword, proto.CodePassword},
		{album.ErrUnsupported, proto.CodeFormat},
		{data.ErrFormat, proto.CodeFormat},
		{data.ErrWebPage, proto.CodeWebPage},
		{data.ErrPointer, proto.CodePointer},
		{data.ErrTooLarge, proto.CodeTooLarge},
		{data.ErrTruncated, proto.CodeTornFile},
		{album.ErrNotArchive, proto.CodeNoArchive},
		{data.ErrTooFew, proto.CodeTooFew},
	} {
		if errors.Is(err, c.kind) {
			return proto.Errorf(c.code, fileOf(err, field), "%v", err)
		}
	}
	return proto.Errorf(proto.CodeBadData, fileOf(err, field), "%v", err)
}

// fileOf gives the name of the file that an error is about, else that of a field.
func fileOf(err error, field string) string {
	var fe *data.FileError
	if errors.As(err, &fe) && fe.File != "" {
		return fe.File
	}
	return field
}
