package album

import "path"

// Kind is the type of a file as its content suggests.
type Kind string

// Kinds of files that data sets are made of.
const (
	KindUnknown Kind = ""
	KindPicture Kind = "picture" // PNG, JPEG or GIF
	KindArchive Kind = "archive" // zip
	KindIDX     Kind = "idx"     // see data.ReadIDX; plain
	KindCIFAR   Kind = "cifar"   // a batch of CIFAR-10, see data.ReadCIFAR10; plain
	KindGzip    Kind = "gzip"    // probably compressed content of one of these kinds
)

// Detect tells by its first bytes what a file is; a batch of CIFAR-10, which has no mark, by its name and its length, as each
// picture takes 3,073 bytes. It needs the first eight bytes.
func Detect(name string, size int64, head []byte) Kind {
	has := func(mark string) bool { return len(head) >= len(mark) && string(head[:len(mark)]) == mark }
	switch {
	case has("\x89PNG\r\n\x1a\n"), has("\xff\xd8\xff"), has("GIF8"):
		return KindPicture
	case has("PK\x03\x04"), has("PK\x05\x06"):
		return KindArchive
	case has("\x1f\x8b"):
		return KindGzip
	case has("\x00\x00\x08") && len(head) > 3 && head[3] >= 1 && head[3] <= 8:
		return KindIDX
	case path.Ext(name) == ".bin" && size > 0 && size%3073 == 0:
		return KindCIFAR
	}
	return KindUnknown
}
