// Package export serves the request that writes a model for other programs.
package export

import (
	"bytes"
	"strings"

	"inkdrift/vae/export"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/proto"
)

// Register adds the request to an engine.
func Register(e *engine.Engine) {
	e.Register(engine.Handle(proto.TypeExport, engine.Background, write))
}

func write(t *engine.Task, q *proto.Export) (*proto.ExportOK, [][]byte, error) {
	if len(t.Msg.Buf(0)) == 0 {
		return nil, nil, proto.Errorf(proto.CodeBadModel, "file", "the file is empty")
	}
	files, err := export.Files(t.Msg.Buf(0), export.Options{Format: export.Format(q.Format), Name: q.Name, Card: string(t.Msg.Buf(1))})
	if err != nil {
		return nil, nil, proto.Errorf(proto.CodeBadModel, "file", "%v", err)
	}
	var zip bytes.Buffer
	if err := export.Zip(&zip, strings.NewReplacer("/", "-", `\`, "-").Replace(q.Name), files); err != nil {
		return nil, nil, err
	}
	ok := &proto.ExportOK{}
	for _, f := range files {
		ok.Files = append(ok.Files, f.Name)
	}
	return ok, [][]byte{zip.Bytes()}, nil
}
