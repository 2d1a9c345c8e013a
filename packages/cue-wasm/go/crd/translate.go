package crd

import (
	"fmt"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/ast/astutil"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/token"
	"cuelang.org/go/encoding/jsonschema"
)

// translate makes the CUE package of one version: `#Kind`, and `#KindSpec` where there is a spec.
func translate(ctx *cue.Context, definition *crd, version crdVersion) ([]byte, errors.Error) {
	document := componentsOf(definition, version)
	data := ctx.BuildExpr(document)
	if err := data.Err(); err != nil {
		return nil, errors.Promote(err, "")
	}
	file, err := jsonschema.Extract(data, &jsonschema.Config{
		PkgName:              identifier(version.name),
		Root:                 "#/components/schemas",
		DefaultVersion:       jsonschema.VersionOpenAPI,
		OpenOnlyWhenExplicit: true,
		MapRef:               componentPath,
	})
	if err != nil {
		return nil, errors.Promote(err, "")
	}
	schemas := member(member(document, "components"), "schemas")
	for _, field := range fieldsIn(file) {
		keepDefaults(member(schemas, strings.TrimPrefix(labelOf(field), "#")), field.Value)
	}
	commentSpec(file, identifier(definition.kind))
	tidy(file)
	text, err := format.Node(file, format.Simplify())
	if err != nil {
		return nil, errors.Promote(err, "")
	}
	return text, nil
}

func componentPath(loc jsonschema.SchemaLoc) (string, cue.Path, error) {
	const parts = 3
	if path := loc.Path.Selectors(); loc.IsLocal && len(path) == parts && path[0] == cue.Str("components") {
		return "", cue.MakePath(cue.Def(path[parts-1].Unquoted())), nil
	}
	return "", cue.Path{}, fmt.Errorf("a definition cannot refer to other schemas")
}

func fieldsIn(file *ast.File) []*ast.Field {
	return members(&ast.StructLit{Elts: file.Decls})
}

// commentSpec says at the field `spec` too what the definition of it says.
func commentSpec(file *ast.File, name string) {
	object := &ast.StructLit{Elts: file.Decls}
	resource, spec := memberField(object, "#"+name), memberField(object, "#"+name+"Spec")
	if resource == nil || spec == nil {
		return
	}
	if reference := memberField(objectIn(resource.Value), "spec"); reference != nil {
		ast.SetComments(reference, ast.Comments(spec))
	}
}

// tidy forgets where literals stood in the data, which would show as odd spaces, and drops `int`
// beside a narrower type.
func tidy(file *ast.File) {
	astutil.Apply(file, nil, func(cursor astutil.Cursor) bool {
		switch node := cursor.Node().(type) {
		case *ast.BasicLit:
			node.ValuePos = token.NoPos
		case *ast.BinaryExpr:
			if isIdent(node.Y, "int") && (isIdent(node.X, "int32") || isIdent(node.X, "int64")) && node.Op == token.AND {
				cursor.Replace(node.X)
			}
		}
		return true
	})
}

func isIdent(node ast.Expr, name string) bool {
	ident, ok := node.(*ast.Ident)
	return ok && ident.Name == name
}
