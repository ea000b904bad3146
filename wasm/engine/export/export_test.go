package export

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"testing"

	"inkdrift/vae/export"
	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/proto"
)

// TestExport: models of every family become an archive of what its answer lists.
func TestExport(t *testing.T) {
	r := enginetest.New(t)
	Register(r.Engine)
	for family, c := range enginetest.Families {
		file := enginetest.ModelFile(t, c)
		for _, format := range export.Formats() {
			var ok proto.ExportOK
			answer := r.OK(&ok, proto.Export{Format: string(format), Name: "my/model"}, file, []byte("what it is"))
			z, err := zip.NewReader(bytes.NewReader(answer.Bufs[0]), int64(len(answer.Bufs[0])))
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, f := range z.File {
				names = append(names, f.Name)
			}
			var want []string
			for _, f := range ok.Files {
				want = append(want, "my-model/"+f)
			}
			if !slices.Equal(names, want) || len(want) == 0 {
				t.Errorf("%s as %s: the archive has %v, the answer %v", family, format, names, ok.Files)
			}
			if format == export.PyTorch {
				continue
			}
			in, err := z.File[0].Open()
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(in); err != nil || !bytes.Contains(b, []byte("what it is")) {
				t.Errorf("%s: %s has no card, %v", family, names[0], err)
			}
		}
	}
	r.Refused(proto.CodeBadModel, "file", proto.Export{Format: proto.ExportONNX})
	r.Refused(proto.CodeBadModel, "file", proto.Export{Format: proto.ExportONNX}, []byte("no model"))
	r.Refused(proto.CodeBadValue, "format", proto.Export{Format: "tflite"}, []byte("no model"))
}

// TestFormats: the names of the formats are those of the package that writes them.
func TestFormats(t *testing.T) {
	if want := []export.Format{proto.ExportONNX, proto.ExportPyTorch}; !slices.Equal(export.Formats(), want) {
		t.Errorf("%v instead of %v", export.Formats(), want)
	}
}
