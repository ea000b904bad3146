package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// module is the path before those of the packages here.
const module = "inkdrift/"

// docs finds the comments of types and fields.
type docs struct {
	root     string
	packages map[string]*sources
}

// sources are the declarations of a package.
type sources struct {
	types map[string]*ast.TypeSpec
	doc   map[string]string // of types
	// consts are the strings of constants by the name of their type, with comments.
	consts map[string][]constant
}

// constant is a string with a type of its own.
type constant struct{ value, doc string }

func newDocs(root string) *docs { return &docs{root: root, packages: map[string]*sources{}} }

// of parses the package of an import path once.
func (d *docs) of(path string) (*sources, error) {
	if path == "main" {
		path = module + "tools/webgen"
	}
	if s, ok := d.packages[path]; ok {
		return s, nil
	}
	s := &sources{map[string]*ast.TypeSpec{}, map[string]string{}, map[string][]constant{}}
	names, err := filepath.Glob(filepath.Join(d.root, filepath.FromSlash(strings.TrimPrefix(path, module)), "*.go"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, decl := range file.Decls {
			if g, ok := decl.(*ast.GenDecl); ok {
				s.add(g)
			}
		}
	}
	d.packages[path] = s
	return s, nil
}

func (s *sources) add(g *ast.GenDecl) {
	for _, spec := range g.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			s.types[spec.Name.Name] = spec
			doc := spec.Doc
			if doc == nil {
				doc = g.Doc
			}
			s.doc[spec.Name.Name] = doc.Text()
		case *ast.ValueSpec:
			named, ok := spec.Type.(*ast.Ident)
			if g.Tok != token.CONST || !ok || len(spec.Values) != 1 {
				continue
			}
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
				value, _ := strconv.Unquote(lit.Value)
				s.consts[named.Name] = append(s.consts[named.Name], constant{value, oneLine(spec.Comment.Text())})
			}
		}
	}
}

// typeDoc gives the comment of a type.
func (d *docs) typeDoc(t reflect.Type) (string, error) {
	s, err := d.of(t.PkgPath())
	if err != nil {
		return "", err
	}
	return clean(s.doc[t.Name()]), nil
}

// fieldDocs gives the comments of a struct's fields by their Go names.
func (d *docs) fieldDocs(t reflect.Type) (map[string]string, error) {
	s, err := d.of(t.PkgPath())
	if err != nil {
		return nil, err
	}
	spec := s.types[t.Name()]
	for spec != nil {
		other, ok := spec.Type.(*ast.Ident) // type A B
		if !ok {
			break
		}
		spec = s.types[other.Name]
	}
	found := map[string]string{}
	if spec == nil {
		return found, nil
	}
	st, ok := spec.Type.(*ast.StructType)
	if !ok {
		return found, nil
	}
	for _, f := range st.Fields.List {
		text := f.Doc.Text()
		if text == "" {
			text = f.Comment.Text()
		}
		for _, name := range f.Names {
			found[name.Name] = oneLine(clean(text))
		}
	}
	return found, nil
}

var links = regexp.MustCompile(`\[((?:[a-z]+\.)?[A-Z][A-Za-z0-9.]*)\]`)

// clean takes Go's links out of a comment.
func clean(text string) string { return strings.TrimSpace(links.ReplaceAllString(text, "$1")) }

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
