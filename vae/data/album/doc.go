// Package album makes data sets from users' pictures: from several files, a zip archive or one large picture.
//
// An [Album] takes picture files one by one, of any size and of every format that its decoder reads; a [Frame] says which part of each is
// used and what shape it is brought to, and [Frame.Preview] shows that beforehand. An [Archive] gives the files of a
// zip one by one, so that the reader of a large one can do other work in between:
//
//	archive, err := album.OpenArchive(file, limits)
//	for i := range archive.Len() {
//		err = archive.AddTo(a, i) // only what must end the work is an error
//	}
//	set, err := a.Collection("my-cats")
//
// Files that cannot be read are counted and named in the [Report], and left out. [NewPatches] cuts one large picture into
// small ones.
//
// Pictures are scaled in linear light, by averaging areas where they get smaller and by bilinear interpolation where they
// get larger, in whole numbers, so that the same file gives the same bytes everywhere.
package album
