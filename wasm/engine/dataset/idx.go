package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"inkdrift/vae/data"
	"inkdrift/wasm/proto"
)

// fileFields name the buffers of IDX files in errors.
var fileFields = [4]string{"training images", "training labels", "test images", "test labels"}

// readFiles reads a data set's IDX files. Without test images a tenth of the
// training images is set aside.
func readFiles(name string, files [][]byte) (*Sets, error) {
	part := func(i int) []byte {
		if i < len(files) {
			return files[i]
		}
		return nil
	}
	images, err := readPart(name, fileFields[0], fileFields[1], part(0), part(1))
	if err != nil {
		return nil, err
	}
	if images.Len() < 2 {
		return nil, proto.Errorf(proto.CodeBadData, fileFields[0], "%d pictures are too few", images.Len())
	}
	if len(part(2)) > 0 {
		tests, err := readPart(name, fileFields[2], fileFields[3], part(2), part(3))
		if err != nil {
			return nil, err
		}
		if tests.Len() == 0 {
			return nil, proto.Errorf(proto.CodeBadData, fileFields[2], "there are no pictures in it")
		}
		return &Sets{Train: named{images, count(name, images)}, Valid: named{tests, count(name, tests)}}, nil
	}
	const most = 10_000
	aside, rest := data.Split(images, min(most, (images.Len()+9)/10), 1)
	return &Sets{Train: named{rest, count(name, rest)}, Valid: named{aside, count(name, aside)}}, nil
}

func count(name string, d data.Dataset) string { return fmt.Sprintf("%s, %d", name, d.Len()) }

func readPart(name, imagesField, labelsField string, images, labels []byte) (*data.Images, error) {
	dims, pixels, err := readFile(imagesField, images, 3, 4)
	if err != nil {
		return nil, err
	}
	shape := data.Shape{C: 1, H: dims[len(dims)-2], W: dims[len(dims)-1]}
	if len(dims) == 4 {
		shape.C = dims[1]
	}
	if shape.C != 1 && shape.C != 3 {
		return nil, proto.Errorf(proto.CodeBadData, imagesField, "its pictures have %d channels: want 1 for grey or 3 for colour, in front of height and width", shape.C)
	}
	var classes []byte
	if len(labels) > 0 {
		if _, classes, err = readFile(labelsField, labels, 1); err != nil {
			return nil, err
		}
	}
	d, err := data.NewImages(name, shape, pixels, classes)
	if err != nil {
		return nil, proto.Errorf(proto.CodeBadData, imagesField, "%v", err)
	}
	return d, nil
}

// readFile reads an IDX file of one of so many dimensions.
func readFile(field string, file []byte, ranks ...int) (dims []int, elements []byte, err error) {
	if len(file) == 0 {
		return nil, nil, proto.Errorf(proto.CodeBadData, field, "missing")
	}
	dims, elements, err = data.ReadIDX(bytes.NewReader(file))
	switch {
	case errors.Is(err, data.ErrTooLarge):
		return nil, nil, proto.Errorf(proto.CodeTooLarge, field, "%v", err)
	case err != nil:
		return nil, nil, proto.Errorf(proto.CodeBadData, field, "%v", err)
	case !slices.Contains(ranks, len(dims)):
		return nil, nil, proto.Errorf(proto.CodeBadData, field, "it has %d dimensions, not %d: pictures have three, or four with channels, labels one", len(dims), ranks[0])
	}
	return dims, elements, nil
}
