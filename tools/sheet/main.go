// Sheet writes examples of a data set as a PNG: of one that Inkdrift makes, or of a user's pictures, prepared as in the
// page.
package main

import (
	"flag"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"

	"inkdrift/tools/internal/atomicfile"
	"inkdrift/tools/internal/report"
	"inkdrift/vae/data"
	"inkdrift/vae/data/sets"
)

// setLine is what -json prints of a data set.
type setLine struct {
	Name       string `json:"name"`
	Shape      [3]int `json:"shape"` // channels, height, width
	Classes    int    `json:"classes"`
	Attributes int    `json:"attributes"`
	Train      int    `json:"train"`
	Validation int    `json:"validation"`
	Test       int    `json:"test"`
}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "sheet:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("sheet", flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), `Sheet writes examples of a data set as a PNG.

  go run ./tools/sheet -list
  go run ./tools/sheet -set faces -out faces.png
  go run ./tools/sheet -set textures -by-class -out textures.png
  go run ./tools/sheet -set digit-variants -by-class -out variants.png
  go run ./tools/sheet -pens data/pendigits -out pens.png
  go run ./tools/sheet -from pictures.zip -size 32 -out pictures.png
  go run ./tools/sheet -from photo.jpg -patches -scale 4 -out patches.png

Flags:
`)
		flags.PrintDefaults()
	}
	list := flags.Bool("list", false, "list the data sets that are made, instead")
	name := flags.String("set", "faces", "`name` of a data set that is made")
	pens := flags.String("pens", "", "`folder` with pendigits-orig.tra, instead: its digits as they are drawn on a pad")
	var own own
	flags.StringVar(&own.from, "from", "", "`path` of a zip, a folder or a picture, instead; of CIFAR-10's or MNIST's folder as well")
	flags.IntVar(&own.size, "size", 32, "with -from: side of the pictures")
	flags.BoolVar(&own.grey, "grey", false, "with -from: without colour")
	flags.BoolVar(&own.whole, "whole", false, "with -from: whole pictures, with paper beside them, instead of cut ones")
	flags.BoolVar(&own.negative, "negative", false, "with -from: dark for light")
	flags.BoolVar(&own.patches, "patches", false, "with -from: patches of one picture")
	flags.Float64Var(&own.scale, "scale", 1, "with -patches: pixels of the picture for one of a patch")
	seed := flags.Uint64("seed", 1, "of the pictures and of the choice among them")
	columns := flags.Int("columns", 16, "pictures in a row")
	rows := flags.Int("rows", 10, "rows")
	byClass := flags.Bool("by-class", false, "a row for each class")
	zoom := flags.Int("zoom", 1, "pixels of the PNG for one of the pictures")
	file := flags.String("out", "sheet.png", "`file` to write")
	found := report.Flag(flags, "a data set", out, nil)
	switch err := flags.Parse(args); {
	case err == flag.ErrHelp:
		return nil
	case err != nil:
		return err
	case flags.NArg() > 0:
		return fmt.Errorf("no arguments are taken besides flags, got %q", flags.Args())
	case *columns < 1 || *rows < 1 || *columns > 1000 || *rows > 1000:
		return fmt.Errorf("-columns and -rows must be 1 to 1000")
	case *zoom < 1 || *zoom > 16:
		return fmt.Errorf("-zoom must be 1 to 16")
	}
	if *list {
		for _, s := range sets.All() {
			line := setLine{s.Name, [3]int{s.Shape.C, s.Shape.H, s.Shape.W}, len(s.Classes), len(s.Attributes), s.Train, s.Validation, s.Test}
			if err := found.Write(line, "%-16s %-8v %2d classes, %2d attributes; %d to train on, %d for validation, %d for the test\n",
				s.Name, s.Shape, len(s.Classes), len(s.Attributes), s.Train, s.Validation, s.Test); err != nil {
				return err
			}
		}
		return nil
	}
	c, err := own.open(*seed, out)
	switch {
	case *pens != "":
		c, err = drawn(*pens, *seed)
	case own.from == "" && *name == variantsName:
		c = digits(variantsName, data.NewVariants(*seed).Set(0, 10_000))
	case own.from == "":
		c, err = made(*name, *seed)
	}
	if err != nil {
		return err
	}
	index := data.Examples(c.Train, *columns**rows, *seed)
	if *byClass {
		if len(c.Classes) == 0 {
			return fmt.Errorf("%s has no classes", c.Name)
		}
		index = data.ExamplesByClass(c.Train, len(c.Classes), *columns, 0)
	}
	sheet, err := data.NewSheet(c.Train, index, *columns)
	if err != nil {
		return err
	}
	classes := ""
	if len(c.Classes) > 0 {
		classes = fmt.Sprintf("; %d classes: %.200q", len(c.Classes), c.Classes)
	}
	shape := [3]int{c.Shape.C, c.Shape.H, c.Shape.W}
	line := setLine{c.Name, shape, len(c.Classes), len(data.AttributesOf(c.Train)), c.Train.Len(), c.Validation.Len(), c.Test.Len()}
	if err := found.Write(line, "%v; dealt by %s%s\n", c, c.Split, classes); err != nil {
		return err
	}
	return atomicfile.Write(*file, func(w io.Writer) error { return png.Encode(w, onePicture(sheet, *zoom)) })
}

// made opens a set that is made.
func made(name string, seed uint64) (*data.Collection, error) {
	s, err := sets.Find(name)
	if err != nil {
		return nil, err
	}
	return s.Open(seed, s.Train, s.Validation, s.Test), nil
}

// variantsName is a set that no run is offered, but tools train on.
const variantsName = "digit-variants"

// drawn opens the digits of a pen.
func drawn(dir string, seed uint64) (*data.Collection, error) {
	d, err := data.OpenPenDigits(dir)
	if err != nil {
		return nil, err
	}
	return digits("pens", data.NewPenSet("pens", d, data.AnyStyle(), 1, seed)), nil
}

// digits is a collection of pictures of the ten digits.
func digits(name string, d data.Dataset) *data.Collection {
	none := data.NewSubset(name, d, nil)
	c := &data.Collection{Train: d, Validation: none, Test: none}
	c.Name, c.Shape, c.Split = name, d.Shape(), "nothing: all are to train on"
	for i := range 10 {
		c.Classes = append(c.Classes, fmt.Sprint(i))
	}
	return c
}

// picture returns a sheet as a picture, each pixel zoom x zoom times.
func onePicture(s *data.Sheet, zoom int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, zoom*s.Width, zoom*s.Height))
	for y := range zoom * s.Height {
		for x := range zoom * s.Width {
			copy(m.Pix[m.PixOffset(x, y):], s.RGBA[4*(y/zoom*s.Width+x/zoom):][:4])
		}
	}
	return m
}
