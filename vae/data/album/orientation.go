package album

import "encoding/binary"

// exifOrientation is the Exif orientation, tag 0x0112: 1 is upright, 2 to 4 are mirrored or upside down, 5 to 8 the
// same with rows and columns exchanged.
type exifOrientation uint8

// across reports whether rows and columns are exchanged.
func (s exifOrientation) across() bool { return s >= 5 }

// stored returns which pixel of the stored picture of w x h pixels is seen at (x, y) of the upright one.
func (s exifOrientation) stored(x, y, w, h int) (int, int) {
	switch s {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8:
		return w - 1 - y, x
	}
	return x, y
}

// readOrientation finds the orientation of a JPEG: the first APP1 segment that begins with "Exif" holds a TIFF header
// and a directory of entries of 12 bytes (Exif 2.3, sections 4.5 and 4.6). A file without a valid one counts as
// upright.
func readOrientation(file []byte) exifOrientation {
	const (
		startOfImage = 0xd8
		startOfScan  = 0xda
		app1         = 0xe1
	)
	if len(file) < 4 || file[0] != 0xff || file[1] != startOfImage {
		return 1
	}
	for at := 2; at+4 <= len(file) && file[at] == 0xff; {
		kind, n := file[at+1], int(binary.BigEndian.Uint16(file[at+2:]))
		if kind == startOfScan || n < 2 || at+2+n > len(file) {
			return 1
		}
		segment := file[at+4 : at+2+n]
		if kind == app1 && len(segment) > 14 && string(segment[:6]) == "Exif\x00\x00" {
			return tiffOrientation(segment[6:])
		}
		at += 2 + n
	}
	return 1
}

func tiffOrientation(tiff []byte) exifOrientation {
	big := string(tiff[:4]) == "MM\x00*"
	if !big && string(tiff[:4]) != "II*\x00" {
		return 1
	}
	short := func(b []byte) int {
		if big {
			return int(b[0])<<8 | int(b[1])
		}
		return int(b[1])<<8 | int(b[0])
	}
	long := func(b []byte) int64 {
		if big {
			return int64(short(b))<<16 | int64(short(b[2:]))
		}
		return int64(short(b[2:]))<<16 | int64(short(b))
	}
	const (
		entry       = 12
		orientation = 0x0112
		shortType   = 3
	)
	at := long(tiff[4:])
	if at+2 > int64(len(tiff)) {
		return 1
	}
	n := short(tiff[at:])
	for e := tiff[at+2:]; n > 0 && len(e) >= entry; e, n = e[entry:], n-1 {
		if short(e) == orientation && short(e[2:]) == shortType {
			if v := short(e[8:]); v >= 1 && v <= 8 {
				return exifOrientation(v)
			}
			return 1
		}
	}
	return 1
}
