package proto

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestReadFiles(t *testing.T) {
	list := []byte(`[{"name":"a/1.png","bytes":3},{"name":"","bytes":0},{"name":"b.zip","bytes":2}]`)
	files, err := ReadFiles([][]byte{list, []byte("abcde")})
	if err != nil || len(files) != 3 || files[0].Name != "a/1.png" || string(files[0].Content) != "abc" || len(files[1].Content) != 0 || string(files[2].Content) != "de" {
		t.Errorf("%q, %v", files, err)
	}
	many := []byte("[" + strings.Repeat(`{"bytes":0},`, MaxFiles) + `{"bytes":0}]`)
	for name, c := range map[string]struct {
		bufs [][]byte
		code Code
	}{
		"nothing":          {nil, CodeBadData},
		"no contents":      {[][]byte{list}, CodeBadData},
		"too few bytes":    {[][]byte{list, []byte("abcd")}, CodeBadData},
		"too many bytes":   {[][]byte{list, []byte("abcdef")}, CodeBadData},
		"less than none":   {[][]byte{[]byte(`[{"bytes":-1},{"bytes":6}]`), []byte("abcde")}, CodeBadData},
		"more than exist":  {[][]byte{[]byte(`[{"bytes":9223372036854775807},{"bytes":9223372036854775807}]`), []byte("abcde")}, CodeBadData},
		"no list":          {[][]byte{[]byte(`{"name":5}`), nil}, CodeBadData},
		"too many files":   {[][]byte{many, nil}, CodeTooLarge},
		"too long a list":  {[][]byte{bytes.Repeat([]byte(" "), MaxFileList+1), nil}, CodeTooLarge},
		"another language": {[][]byte{{0xff, 0xfe}, nil}, CodeBadData},
	} {
		if _, err := ReadFiles(c.bufs); err == nil || AsError(err).Code != c.code || AsError(err).Field != "files" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDataChecks(t *testing.T) {
	frame := Frame{Shape: [3]int{3, 32, 32}, Fit: FitWhole, Paper: "#ff8000"}
	with := func(d Data, change func(*Data)) DataSheet {
		change(&d)
		return DataSheet{Data: d, Columns: 1, Rows: 1}
	}
	album := Data{Kind: DataAlbum, Name: "mine", Frame: frame}
	patches := Data{Kind: DataPatches, Frame: Frame{Shape: [3]int{1, 16, 16}}, Scale: 2.5, Count: 1000, Seed: 7}
	cifar := Data{Kind: DataCIFAR}
	digits := Data{Kind: "digits", Count: 10}
	recipe := json.RawMessage(`{}`)
	for _, r := range []interface{ Check() error }{
		TrainOpen{Recipe: recipe, Data: album, Validation: album}, TrainOpen{Recipe: recipe, Data: patches, Validation: patches}, TrainRestore{cifar, cifar}, TrainRestore{album, digits}, TrainRestore{digits, cifar},
		DataSheet{Data: digits, Columns: 20, Rows: 20}, DataSheet{Data: album, Columns: 1, Rows: 1, Seed: 5}, with(album, func(d *Data) { d.Frame = Frame{Shape: [3]int{1, 1, MaxFrameSide}} }),
		DataRead{album}, DataRead{patches}, DataRead{cifar},
	} {
		if err := r.Check(); err != nil {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if rgb, ok := frame.PaperColour(); !ok || rgb != [3]uint8{255, 128, 0} {
		t.Errorf("paper %v", rgb)
	}
	for _, c := range []struct {
		r     interface{ Check() error }
		field string
	}{
		{TrainOpen{Recipe: recipe, Data: album, Validation: patches}, "validation"},
		{TrainRestore{album, Data{Kind: DataAlbum, Name: "yours", Frame: frame}}, "validation"},
		{TrainRestore{digits, Data{Kind: DataAlbum}}, "validation.frame.shape"},
		{with(album, func(d *Data) { d.Name = strings.Repeat("x", MaxName+1) }), "data.name"},
		{with(patches, func(d *Data) { d.Scale = 0 }), "data.scale"},
		{with(patches, func(d *Data) { d.Scale = MaxPatchScale + 1 }), "data.scale"},
		{with(patches, func(d *Data) { d.Count = 0 }), "data.count"},
		{with(patches, func(d *Data) { d.Count = MaxPictures + 1 }), "data.count"},
		{with(patches, func(d *Data) { d.Seed = -1 }), "data.seed"},
		{with(patches, func(d *Data) { d.Frame.Shape[2] = 0 }), "data.frame.shape"},
		{with(digits, func(d *Data) { d.Count = 0 }), "data.count"},
		{with(Data{}, func(*Data) {}), "data.kind"},
		{DataSheet{Data: digits, Columns: 0, Rows: 1}, "columns"},
		{DataSheet{Data: digits, Columns: 20, Rows: 21}, "rows"},
		{DataSheet{Data: digits, Columns: 1, Rows: 1, Seed: -1}, "seed"},
		{DataRead{digits}, "data.kind"},
		{DataRead{Data{Kind: DataIDX}}, "data.kind"},
		{DataRead{Data{Kind: DataAlbum}}, "data.frame.shape"},
		{with(album, func(d *Data) { d.Frame.Shape[0] = 2 }), "data.frame.shape"},
		{with(album, func(d *Data) { d.Frame.Shape[1] = MaxFrameSide + 1 }), "data.frame.shape"},
		{with(album, func(d *Data) { d.Frame.Fit = "stretch" }), "data.frame.fit"},
		{with(album, func(d *Data) { d.Frame.Paper = "white" }), "data.frame.paper"},
		{with(album, func(d *Data) { d.Frame.Paper = "#+12345" }), "data.frame.paper"},
	} {
		if e := AsError(c.r.Check()); e == nil || e.Code != CodeBadValue || e.Field != c.field {
			t.Errorf("%+v: %v", c.r, e)
		}
	}
}

// FuzzFiles: of whatever is said to be a list of files none has bytes that are
// not there.
func FuzzFiles(f *testing.F) {
	for _, s := range []string{`[{"name":"a","bytes":3},{"name":"b","bytes":2}]`, `[]`, `[{"bytes":-1},{"bytes":6}]`, `null`, `[{"bytes":1e3}]`} {
		f.Add([]byte(s), []byte("abcde"))
	}
	f.Fuzz(func(t *testing.T, list, content []byte) {
		files, err := ReadFiles([][]byte{list, content})
		if err != nil {
			if AsError(err).Code == CodeInternal {
				t.Errorf("an error without a code: %v", err)
			}
			return
		}
		var all []byte
		for _, f := range files {
			all = append(all, f.Content...)
		}
		if !bytes.Equal(all, content) {
			t.Errorf("%d bytes came to %d", len(content), len(all))
		}
	})
}

// FuzzData: whatever a head says of data, what is let through has a size that can
// be had.
func FuzzData(f *testing.F) {
	for _, s := range []string{
		`{"data":{"kind":"album","name":"x","frame":{"shape":[3,32,32],"fit":"whole","paper":"#ffffff"}},"columns":8,"rows":6,"whole":true,"seed":1}`,
		`{"data":{"kind":"patches","frame":{"shape":[1,16,16],"negative":true},"scale":2,"count":100},"columns":8,"rows":6}`,
		`{"frame":{"shape":[1,28]}}`, `{"frame":{"shape":[1,28,28,5]}}`, `{"data":{"scale":1e308}}`, `{"columns":1e9,"rows":-1}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, head string) {
		m := Message{Head: head}
		check := func(f Frame) {
			for i, most := range [3]int{3, MaxFrameSide, MaxFrameSide} {
				if f.Shape[i] < 1 || f.Shape[i] > most {
					t.Errorf("%+v was let through", f)
				}
			}
		}
		var sheet DataSheet
		if err := m.Fields(&sheet); err != nil && AsError(err).Code == CodeInternal {
			t.Errorf("an error without a code: %v", err)
		} else if err == nil && sheet.Check() == nil {
			d := sheet.Data
			if sheet.Columns*sheet.Rows > MaxSheet || sheet.Columns < 1 || sheet.Rows < 1 || !d.Filed() && (d.Count < 1 || d.Count > MaxPictures) {
				t.Errorf("%+v was let through", sheet)
			}
			if d.Kind == DataPatches && (d.Count < 1 || d.Count > MaxPictures || !(d.Scale >= 1)) {
				t.Errorf("%+v was let through", d)
			}
			if d.Kind == DataAlbum || d.Kind == DataPatches {
				check(d.Frame)
			}
		}
	})
}
