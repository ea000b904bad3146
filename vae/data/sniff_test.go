package data

import (
	"errors"
	"strings"
	"testing"
)

func TestSniff(t *testing.T) {
	for name, c := range map[string]struct {
		head string
		want Format
	}{
		"nothing":          {"", Format{Kind: FormatEmpty}},
		"zeros":            {strings.Repeat("\x00", 900), Format{Kind: FormatEmpty}},
		"spaces":           {" \n\t", Format{Kind: FormatEmpty}},
		"PNG":              {"\x89PNG\r\n\x1a\n", Format{FormatPicture, "PNG"}},
		"JPEG":             {"\xff\xd8\xff\xe0", Format{FormatPicture, "JPEG"}},
		"GIF":              {"GIF89a..", Format{FormatPicture, "GIF"}},
		"WebP":             {"RIFF\x04\x00\x00\x00WEBP", Format{FormatPicture, "WebP"}},
		"BMP":              {"BM\x36\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00\x07\x00\x00\x00\x07\x00\x00\x00", Format{FormatPicture, "BMP"}},
		"PGM":              {"P5\n92 112\n255\n....", Format{FormatPicture, "PGM"}},
		"PPM, a comment":   {"P3 # made by hand\n3 2 255\n", Format{FormatPicture, "PPM"}},
		"text, not PGM":    {"P5 is a name.", Format{FormatText, "text"}},
		"Office":           {"PK\x03\x04" + strings.Repeat("\x00", 26) + "[Content_Types].xml", Format{FormatForeign, "Office"}},
		"text, not BMP":    {"BMW is a car, and this is a sentence about it.", Format{FormatText, "text"}},
		"AVIF":             {"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00mif1miaf", Format{FormatPicture, "AVIF"}},
		"AVIF, by mif1":    {"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avif....", Format{FormatPicture, "AVIF"}},
		"HEIC":             {"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", Format{FormatPicture, "HEIC"}},
		"HEIC, by mif1":    {"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", Format{FormatPicture, "HEIC"}},
		"MP4":              {"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp41", Format{FormatForeign, "MP4"}},
		"SVG":              {"\xef\xbb\xbf<?xml version='1.0'?>\n<svg>", Format{FormatPicture, "SVG"}},
		"a zip":            {"PK\x03\x04....", Format{FormatZip, "ZIP"}},
		"an empty zip":     {"PK\x05\x06....", Format{FormatZip, "ZIP"}},
		"gzip":             {"\x1f\x8b\x08", Format{FormatGzip, "gzip"}},
		"tar":              {strings.Repeat("x", 257) + "ustar\x0000", Format{FormatTar, "tar"}},
		"IDX of bytes":     {"\x00\x00\x08\x03....", Format{FormatIDX, "IDX"}},
		"IDX of doubles":   {"\x00\x00\x0e\x01....", Format{FormatIDX, "IDX"}},
		"no IDX":           {"\x00\x00\x07\x01....", Format{}},
		"NumPy":            {"\x93NUMPY\x01\x00", Format{FormatNPY, "NumPy"}},
		"a web page":       {"\n <!DOCTYPE HTML><p>", Format{FormatWebPage, "HTML"}},
		"XHTML":            {"<?xml version='1.0'?><html xmlns='x'>", Format{FormatWebPage, "HTML"}},
		"a title":          {"<title>Download</title><h1>MNIST</h1>", Format{FormatWebPage, "HTML"}},
		"a script":         {"<script>location = 'x'</script>", Format{FormatWebPage, "HTML"}},
		"a long comment":   {"<!-- " + strings.Repeat("x", 2000) + " --><html>", Format{FormatWebPage, "HTML"}},
		"a page, UTF-16":   {"\xff\xfe<\x00h\x00t\x00m\x00l\x00>\x00\x2b\x73", Format{FormatWebPage, "HTML"}},
		"a page, Latin-1":  {"<html><title>Fr\xfcchte", Format{FormatWebPage, "HTML"}},
		"a page with SVG":  {"<!doctype html><svg>", Format{FormatWebPage, "HTML"}},
		"S3's error":       {"<?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey</Code>", Format{FormatWebPage, "HTML"}},
		"GitHub's error":   {"{\n  \"message\": \"Not Found\",\n  \"documentation_url\": \"x\"}", Format{FormatWebPage, "HTML"}},
		"SVG, a comment":   {"<!-- by hand --><svg>", Format{FormatPicture, "SVG"}},
		"text, UTF-16":     {"\xfe\xff\x00a\x00,\x73\x2b", Format{FormatText, "text"}},
		"a pointer":        {"version https://git-lfs.github.com/spec/v1\noid", Format{FormatPointer, "Git LFS"}},
		"text":             {"name,class\n猫,1\n", Format{FormatText, "text"}},
		"text that is cut": {strings.Repeat("x", SniffBytes-1) + "猫", Format{FormatText, "text"}},
		"a pickle":         {"\x80\x02}q\x01", Format{FormatForeign, "Python pickle"}},
		"RAR":              {"Rar!\x1a\x07\x01\x00", Format{FormatForeign, "RAR"}},
		"bytes":            {"\x06\x01\x02\x03....", Format{}},
	} {
		got := Sniff([]byte(c.head))
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		if got.Kind != FormatIDX && got.Kind != FormatZip && got.Kind != FormatUnknown {
			if err := got.Refuse(ErrNotData, "x"); err.Advice == "" || errors.Is(err, ErrFormat) != (got.Kind == FormatPicture || got.Kind == FormatForeign) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func FuzzSniff(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avif"))
	f.Add([]byte("\xef\xbb\xbf<svg"))
	f.Add([]byte("BM\x36\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if got := Sniff(b); got.Kind == FormatForeign && got.Name == "" {
			t.Fatalf("%+v", got)
		}
	})
}
