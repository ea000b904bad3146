// Sheet writes examples of a data set as a PNG.
package main

import (
	"flag"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"

	"inkdrift/tools/internal/atomicfile"
	"inkdrift/vae/data"
	"inkdrift/vae/data/sets"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "sheet:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("sheet", flag.ExitOnError)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), `Sheet writes examples of a data set as a PNG.

  go run ./tools/sheet -list
  go run ./tools/sheet -set faces -out faces.png
  go run ./tools/sheet -set textures -by-class -out textures.png

Flags:
`)
		flags.PrintDefaults()
	}
	list := flags.Bool("list", false, "list the data sets that are made, instead")
	name := flags.String("set", "faces", "`name` of a data set")
	seed := flags.Uint64("seed", 1, "of the pictures")
	columns := flags.Int("columns", 16, "pictures in a row")
	rows := flags.Int("rows", 10, "rows")
	byClass := flags.Bool("by-class", false, "a row for each class")
	zoom := flags.Int("zoom", 1, "pixels of the PNG for one of the pictures")
	file := flags.String("out", "sheet.png", "`file` to write")
	flags.Parse(args)
	if flags.NArg() > 0 {
		return fmt.Errorf("no arguments are taken besides flags, got %q", flags.Args())
	}
	if *columns < 1 || *rows < 1 || *zoom < 1 || *zoom > 16 {
		return fmt.Errorf("-columns and -rows must be at least 1, -zoom 1 to 16")
	}
	if *list {
		for _, s := range sets.All() {
			fmt.Fprintf(out, "%-18s %-8v %d classes, %d attributes; %d to train on, %d for validation, %d for the test, dealt by %s\n",
				s.Name, s.Shape, len(s.Classes), len(s.Attributes), s.Train, s.Validation, s.Test, s.Split)
		}
		return nil
	}
	s, err := sets.Find(*name)
	if err != nil {
		return err
	}
	c := s.Open(*seed, s.Train, s.Validation, s.Test)
	index := data.Examples(c.Train, *columns**rows, *seed)
	if *byClass {
		index = data.ExamplesByClass(c.Train, len(c.Classes), *columns, 0)
	}
	sheet, err := data.NewSheet(c.Train, index, *columns)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, c)
	return atomicfile.Write(*file, func(w io.Writer) error { return png.Encode(w, picture(sheet, *zoom)) })
}

// picture returns a sheet as a picture, each pixel zoom x zoom times.
func picture(s *data.Sheet, zoom int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, zoom*s.Width, zoom*s.Height))
	for y := range zoom * s.Height {
		for x := range zoom * s.Width {
			copy(m.Pix[m.PixOffset(x, y):], s.RGBA[4*(y/zoom*s.Width+x/zoom):][:4])
		}
	}
	return m
}
