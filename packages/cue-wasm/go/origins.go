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

// step leads to a field by its label, or to an element of a list by its index.
type step struct {
	label   string
	index   int
	element bool
}

// pathAt returns the way to the innermost field or element around a position.
func pathAt(decls []ast.Decl, at position) []step {
	for _, decl := range decls {
		field, ok := decl.(*ast.Field)
		if !ok || !spans(field, at) {
			continue
		}
		name, _, err := ast.LabelName(field.Label)
		if err != nil {
			return nil
		}
		return append([]step{{label: name}}, pathIn(field.Value, at)...)
	}
	return nil
}

func pathIn(expr ast.Expr, at position) []step {
	switch node := expr.(type) {
	case *ast.StructLit:
		return pathAt(node.Elts, at)
	case *ast.ListLit:
		for i, item := range node.Elts {
			if spans(item, at) {
				return append([]step{{index: i, element: true}}, pathIn(item, at)...)
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
func posOf(decls []ast.Decl, path []step) token.Pos {
	for _, decl := range decls {
		switch decl := decl.(type) {
		case *ast.EmbedDecl:
			if pos := posIn(decl.Expr, path); pos.IsValid() {
				return pos
			}
		case *ast.Field:
			name, _, err := ast.LabelName(decl.Label)
			if err != nil || path[0].element || name != path[0].label {
				continue
			}
			if len(path) == 1 {
				return decl.Pos()
			}
			if pos := posIn(decl.Value, path[1:]); pos.IsValid() {
				return pos
			}
		}
	}
	return token.NoPos
}

func posIn(expr ast.Expr, path []step) token.Pos {
	switch node := expr.(type) {
	case *ast.StructLit:
		return posOf(node.Elts, path)
	case *ast.ListLit:
		if !path[0].element || path[0].index >= len(node.Elts) {
			return token.NoPos
		}
		item := node.Elts[path[0].index]
		if len(path) == 1 {
			return item.Pos()
		}
		return posIn(item, path[1:])
	}
	return token.NoPos
}
