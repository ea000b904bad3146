package dataset

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path"
	"slices"
	"strings"

	"inkdrift/vae/data"
	"inkdrift/vae/data/album"
	"inkdrift/vae/data/picture"
	"inkdrift/wasm/proto"
)

// openFiles reads a set that comes in files.
func (r *Reader) openFiles(d proto.Data, bufs [][]byte) (*Sets, error) {
	if d.Kind == proto.DataIDX {
		return readFiles(d.Name, bufs)
	}
	files, err := proto.ReadFiles(bufs)
	if err != nil {
		return nil, err
	}
	sortFiles(files)
	sum, err := r.sum(files)
	if err != nil {
		return nil, err
	}
	var c *data.Collection
	var report *proto.DataReport
	switch d.Kind {
	case proto.DataAlbum:
		c, report, err = r.openAlbum(d, files, 0, 0)
	case proto.DataPatches:
		c, err = r.openPatches(d, files)
	case proto.DataCIFAR:
		c, err = r.openCIFAR(d, files)
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
func (r *Reader) openAlbum(d proto.Data, files []proto.File, about int, seed int64) (*data.Collection, *proto.DataReport, error) {
	a, err := album.New(frameOf(d.Frame), albumLimits)
	if err != nil {
		return nil, nil, err
	}
	a.Yield, a.Decode = r.yieldWithin, r.decoder()
	archives, total, err := openArchives(files)
	if err != nil {
		return nil, nil, err
	}
	// Of so many that are not hidden those are examples at which (n+seed)*about/visible
	// goes up.
	visible, seen := total, 0
	eachName(files, archives, func(name string) {
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
	for i, f := range files {
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
	c, err := a.Collection(title(d))
	if about > 0 && about < visible && errors.Is(err, data.ErrTooFew) {
		return r.openAlbum(d, files, 0, 0) // the readable ones are elsewhere
	}
	return c, reportOf(a.Report(), total), err
}

// openArchives opens those files that are archives; the others' places are nil. It
// counts all files, in archives and beside them.
func openArchives(files []proto.File) (archives []*album.Archive, total int, err error) {
	archives = make([]*album.Archive, len(files))
	for i, f := range files {
		if album.Detect(f.Name, int64(len(f.Content)), f.Content) != album.KindArchive && strings.ToLower(path.Ext(f.Name)) != ".zip" {
			total++
		} else if archives[i], err = album.OpenArchive(f.Content, albumLimits); err != nil {
			return nil, 0, inFile(f.Name, err)
		} else {
			total += archives[i].Len()
			if len(files) > 1 {
				archives[i].Under(strings.TrimLeft(strings.TrimSuffix(f.Name, path.Ext(f.Name)), "."))
			}
		}
		if total > proto.MaxPictures {
			return nil, 0, proto.Errorf(proto.CodeTooLarge, "files", "%d files, at most %d are read: choose fewer", total, proto.MaxPictures)
		}
	}
	return archives, total, nil
}

// eachName calls do with the name of every file, in archives and beside them.
func eachName(files []proto.File, archives []*album.Archive, do func(name string)) {
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
func reportOf(r album.Report, files int) *proto.DataReport {
	out := &proto.DataReport{Files: files, Pictures: r.Pictures, Hidden: r.Hidden, Unreadable: r.Unreadable, LeftOut: []proto.LeftOut{}}
	for _, t := range r.Named {
		out.LeftOut = append(out.LeftOut, proto.LeftOut{Name: t.Name, Why: why(t.Err), Message: t.Err.Error()})
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
	} {
		if errors.Is(err, c.kind) {
			return c.word
		}
	}
	return proto.WhyDamaged
}

// openPatches cuts the one picture there is.
func (r *Reader) openPatches(d proto.Data, files []proto.File) (*data.Collection, error) {
	if len(files) != 1 {
		return nil, proto.Errorf(proto.CodeBadData, "files", "there are %d files, patches are of one picture", len(files))
	}
	if err := r.Yield(0, 1); err != nil {
		return nil, err
	}
	p, err := picture.Open(files[0].Content, r.decoder(), 0, r.yieldWithin)
	if err != nil {
		return nil, inFile(files[0].Name, err)
	}
	f := frameOf(d.Frame)
	c, err := album.NewPatches(title(d), p, album.Patches{
		Shape: f.Shape, Scale: d.Scale, Count: d.Count, Seed: uint64(d.Seed), Paper: f.Paper, Negative: f.Negative, Yield: r.yieldWithin,
	})
	if err != nil {
		return nil, inFile(files[0].Name, err)
	}
	return c, r.Yield(1, 1)
}

// openCIFAR reads batches of CIFAR-10. Without those for the test, or with nothing
// else, the pictures are dealt out as those of an album.
func (r *Reader) openCIFAR(d proto.Data, files []proto.File) (*data.Collection, error) {
	info := data.CIFAR10()
	info.Name = title(d)
	var batches [2][]io.Reader // to train on, for the test
	total, done := 0, 0
	for _, f := range files {
		k := 0
		if strings.HasPrefix(path.Base(f.Name), "test") {
			k = 1
		}
		batches[k] = append(batches[k], &batch{Reader: r, left: f.Content, done: &done, of: &total})
		total += len(f.Content)
	}
	switch {
	case len(files) == 0:
		return nil, proto.Errorf(proto.CodeBadData, "files", "there are none")
	case len(batches[0]) > 0 && len(batches[1]) > 0:
		test, err := data.ReadCIFAR10(info.Name, batches[1]...)
		if err != nil {
			return nil, inFile("test", err)
		}
		train, err := data.ReadCIFAR10(info.Name, batches[0]...)
		if err != nil {
			return nil, err
		}
		return data.DealPublished(info, train, test)
	}
	all, err := data.ReadCIFAR10(info.Name, append(batches[0], batches[1]...)...)
	if err != nil {
		return nil, err
	}
	return data.DealTenths(info, all)
}

// batch is a file that yields while it is read.
type batch struct {
	*Reader
	left     []byte
	done, of *int // bytes of all batches
}

func (b *batch) Read(p []byte) (int, error) {
	if len(b.left) == 0 {
		return 0, io.EOF
	}
	if err := b.Yield(*b.done, *b.of); err != nil {
		return 0, err
	}
	n := copy(p, b.left)
	b.left = b.left[n:]
	*b.done += n
	return n, nil
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
		{data.ErrTooLarge, proto.CodeTooLarge},
		{data.ErrTruncated, proto.CodeTornFile},
		{album.ErrNotArchive, proto.CodeNoArchive},
		{data.ErrTooFew, proto.CodeTooFew},
	} {
		if errors.Is(err, c.kind) {
			return proto.Errorf(c.code, field, "%v", err)
		}
	}
	return proto.Errorf(proto.CodeBadData, field, "%v", err)
}
