package proto_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"testing"

	"inkdrift/wasm/proto"
)

// TestRegistryIsComplete looks for every type with a name on the wire.
func TestRegistryIsComplete(t *testing.T) {
	listed := map[string]bool{}
	types := map[string]string{}
	add := func(in string, b proto.Body) {
		name := reflect.TypeOf(b).Name()
		if listed[name] {
			t.Errorf("%s is listed twice", name)
		}
		listed[name] = true
		if other := types[in+b.MessageType()]; other != "" {
			t.Errorf("%s and %s have the same type, %q", other, name, b.MessageType())
		}
		types[in+b.MessageType()] = name
	}
	for _, r := range proto.Requests() {
		add("request ", r.Request)
	}
	for in, list := range map[string][]proto.Body{
		"event ": proto.Events(), "peer ": proto.PeerMessages(), "to the stage ": proto.StageMessages(), "of the stage ": proto.StageEvents(),
	} {
		for _, b := range list {
			add(in, b)
		}
	}
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != "MessageType" {
				continue
			}
			found++
			if name := f.Recv.List[0].Type.(*ast.Ident).Name; !listed[name] {
				t.Errorf("%s has a name on the wire and is not in the registry", name)
			}
		}
	}
	if found != len(listed) {
		t.Errorf("%d types have a name on the wire, %d are listed", found, len(listed))
	}
}
