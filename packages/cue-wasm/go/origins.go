package main

import (
	"slices"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"
)

// origins leads from a position in a merged file, which no user ever saw, to the file that the
// value there came from.
type origins struct {
	merged string
	text   []byte
	files  []*ast.File
	tree   *ast.File
}

func (o *origins) add(file *ast.File) { o.files = append(o.files, file) }

func (o *origins) locate(at position) position {
	if o == nil || o.text == nil || at.File != o.merged {
		return at
	}
	if o.tree == nil {
		o.tree, _ = parser.ParseFile(o.merged, o.text)
	}
	if o.tree == nil {
		return at
	}
	path := pathAt(o.tree.Decls, at)
	for ; len(path) > 0; path = path[:len(path)-1] {
		for _, file := range slices.Backward(o.files) {
			if pos := posOf(file.Decls, path); pos.IsValid() {
				if found, ok := toPosition(pos); ok {
					return found
				}
			}
		}
	}
	return at
}

// pathAt returns the labels of the innermost field around a position.
func pathAt(decls []ast.Decl, at position) []string {
	for _, decl := range decls {
		field, ok := decl.(*ast.Field)
		if !ok || !spans(field, at) {
			continue
		}
		name, _, err := ast.LabelName(field.Label)
		if err != nil {
			return nil
		}
		return append([]string{name}, pathAt(fieldsOf(field.Value, at), at)...)
	}
	return nil
}

func fieldsOf(expr ast.Expr, at position) []ast.Decl {
	switch node := expr.(type) {
	case *ast.StructLit:
		return node.Elts
	case *ast.ListLit:
		for _, item := range node.Elts {
			if spans(item, at) {
				return fieldsOf(item, at)
			}
		}
	}
	return nil
}

func spans(node ast.Node, at position) bool {
	start, end := node.Pos().Position(), node.End().Position()
	afterStart := at.Line > start.Line || at.Line == start.Line && at.Column >= start.Column
	beforeEnd := at.Line < end.Line || at.Line == end.Line && at.Column <= end.Column
	return afterStart && beforeEnd
}

// posOf finds the value at a path in a file, as far as it is written out there.
func posOf(decls []ast.Decl, path []string) token.Pos {
	for _, decl := range decls {
		field, ok := decl.(*ast.Field)
		if !ok {
			if embedded, ok := decl.(*ast.EmbedDecl); ok {
				if object, ok := embedded.Expr.(*ast.StructLit); ok {
					if pos := posOf(object.Elts, path); pos.IsValid() {
						return pos
					}
				}
			}
			continue
		}
		name, _, err := ast.LabelName(field.Label)
		if err != nil || name != path[0] {
			continue
		}
		if len(path) == 1 {
			return field.Pos()
		}
		if object, ok := field.Value.(*ast.StructLit); ok {
			if pos := posOf(object.Elts, path[1:]); pos.IsValid() {
				return pos
			}
		}
	}
	return token.NoPos
}
