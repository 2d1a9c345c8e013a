package main

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"
)

// sourceFile is a file of a slice.
type sourceFile struct {
	path string
	text []byte
}

// print writes what was kept, file by file; nothing when that is too much.
func (s *slicer) print() []sourceFile {
	var files []sourceFile
	size := 0
	instances := []*build.Instance{s.instance}
	for _, pkg := range s.packages {
		instances = append(instances, pkg.instance)
	}
	for _, instance := range instances {
		for _, file := range instance.Files {
			decls := s.declarations(file)
			if len(decls) == 0 {
				continue
			}
			text, err := s.printFile(file, decls)
			if size += len(text); err != nil || size > maxSliceSize {
				return nil
			}
			files = append(files, sourceFile{fsPath(file.Filename), text})
		}
	}
	return files
}

func (s *slicer) declarations(file *ast.File) []ast.Decl {
	if sc := s.opened[file]; sc != nil {
		return s.remaining(sc)
	}
	var decls []ast.Decl
	for _, decl := range file.Decls {
		if s.kept[decl] {
			decls = append(decls, decl)
		}
	}
	return decls
}

// remaining lists what is left of the declarations of a scope.
func (s *slicer) remaining(sc *scope) []ast.Decl {
	var decls []ast.Decl
	for _, decl := range sc.decls {
		if s.kept[decl] {
			decls = append(decls, decl)
			continue
		}
		if left := s.remainderOf(sc, decl); left != nil {
			decls = append(decls, left)
		}
	}
	return decls
}

// remainderOf is what is left of a declaration that is not kept as it is.
func (s *slicer) remainderOf(sc *scope, decl ast.Decl) ast.Decl {
	switch decl := decl.(type) {
	case *ast.EmbedDecl:
		if value := s.remainder(decl.Expr); value != nil {
			return &ast.EmbedDecl{Expr: value}
		}
	case *ast.Comprehension:
		if value := s.reduced[decl]; value != nil {
			return &ast.Comprehension{Clauses: decl.Clauses, Value: s.remainder(value)}
		}
	case *ast.Field:
		return s.remainderOfField(sc, decl)
	}
	return nil
}

func (s *slicer) remainderOfField(sc *scope, field *ast.Field) ast.Decl {
	var value ast.Expr
	if s.onTheWay[field] != nil {
		value = s.remainder(field.Value)
	}
	name, _ := labelOf(field)
	if constant := sc.constants[name]; constant != nil {
		at := append(slices.Clone(sc.path), name)
		value = both(value, s.constantExpr(constant, lookup(s.root, at)))
	}
	if value == nil {
		return nil
	}
	return &ast.Field{Label: field.Label, Constraint: field.Constraint, Value: value}
}

// remainder is what is left of the expression of a field on the way to the value.
func (s *slicer) remainder(expr ast.Expr) ast.Expr {
	if s.kept[expr] {
		return expr
	}
	switch expr := expr.(type) {
	case *ast.StructLit:
		return &ast.StructLit{Elts: s.remaining(s.opened[expr])}
	case *ast.ParenExpr:
		return s.remainder(expr.X)
	case *ast.BinaryExpr:
		return both(s.remainder(expr.X), s.remainder(expr.Y))
	}
	return nil
}

func both(x, y ast.Expr) ast.Expr {
	if x == nil {
		return y
	}
	if y == nil {
		return x
	}
	return &ast.BinaryExpr{X: &ast.ParenExpr{X: x}, Op: token.AND, Y: &ast.ParenExpr{X: y}}
}

// printFile leaves out comments, and the attributes of the root package, which have had their effect.
func (s *slicer) printFile(file *ast.File, decls []ast.Decl) ([]byte, error) {
	head := []ast.Decl{&ast.Package{Name: ast.NewIdent(file.PackageName())}}
	for spec := range file.ImportSpecs() {
		if s.imports[spec] {
			kept := &ast.ImportSpec{Path: ast.NewString(importPath(spec))}
			if spec.Name != nil {
				kept.Name = ast.NewIdent(spec.Name.Name)
			}
			head = append(head, &ast.ImportDecl{Specs: []*ast.ImportSpec{kept}})
		}
	}
	printed, err := format.Node(&ast.File{Decls: append(head, decls...)})
	if err != nil {
		return nil, err
	}
	plain, err := parser.ParseFile(file.Filename, printed)
	if err != nil {
		return nil, err
	}
	if slices.Contains(s.instance.Files, file) {
		ast.Walk(plain, func(node ast.Node) bool {
			if field, ok := node.(*ast.Field); ok {
				field.Attrs = nil
			}
			return true
		}, nil)
	}
	if fsPath(file.Filename) == s.values {
		s.noteLiterals(plain)
	}
	text, err := format.Node(plain, format.Simplify())
	return bytes.TrimLeft(text, "\n"), err
}

// constantExpr writes the parts of a value that are referred to.
func (s *slicer) constantExpr(c *constant, value cue.Value) ast.Expr {
	if c.whole || len(c.parts) == 0 {
		return s.constantOf(value)
	}
	written := &ast.StructLit{}
	for _, name := range slices.Sorted(maps.Keys(c.parts)) {
		part := lookup(value, []string{name})
		written.Elts = append(written.Elts, constantField(name, s.constantExpr(c.parts[name], part)))
	}
	return written
}

// constantOf writes a concrete value. One that is a default stays one.
func (s *slicer) constantOf(value cue.Value) ast.Expr {
	switch value.IncompleteKind() {
	case cue.StructKind:
		written := &ast.StructLit{}
		fields, _ := value.Fields()
		for fields != nil && fields.Next() {
			name := fields.Selector().Unquoted()
			written.Elts = append(written.Elts, constantField(name, s.constantOf(fields.Value())))
		}
		return written
	case cue.ListKind:
		written := &ast.ListLit{}
		items, _ := value.List()
		for items.Next() {
			written.Elts = append(written.Elts, s.constantOf(items.Value()))
		}
		return written
	}
	chosen, isDefault := value.Default()
	if text, err := chosen.String(); err == nil {
		s.given[text] = true
	}
	expr, _ := chosen.Syntax(cue.Final()).(ast.Expr)
	if !isDefault {
		return expr
	}
	others, err := parser.ParseExpr("kind", strings.Trim(value.IncompleteKind().String(), "()"))
	if err != nil {
		return expr
	}
	marked := &ast.UnaryExpr{Op: token.MUL, X: expr}
	return &ast.BinaryExpr{X: marked, Op: token.OR, Y: others}
}

// noteLiterals takes all texts of a file of values for such that came from outside of the module.
func (s *slicer) noteLiterals(node ast.Node) {
	ast.Walk(node, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.Field:
			s.noteLiterals(node.Value)
			return false
		case *ast.BasicLit:
			if text, err := literal.Unquote(node.Value); node.Kind == token.STRING && err == nil {
				s.given[text] = true
			}
		}
		return true
	}, nil)
}

func constantField(name string, value ast.Expr) *ast.Field {
	return &ast.Field{Label: ast.NewString(name), Value: value}
}
