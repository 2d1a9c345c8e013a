package main

import (
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/token"
)

// scan follows the references of what is kept.
func (s *slicer) scan(at place, node ast.Node) {
	ast.Walk(node, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.Field:
			s.scanField(at, node)
			return false
		case *ast.LetClause:
			s.scan(at, node.Expr)
			return false
		case *ast.ForClause:
			s.scan(at, node.Source)
			return false
		case *ast.Alias:
			s.scan(at, node.Expr)
			return false
		case *ast.SelectorExpr, *ast.IndexExpr:
			s.scanSelection(at, node.(ast.Expr))
			return false
		case *ast.Ident:
			s.refer(at, node.Name, nil)
		}
		return true
	}, nil)
}

// scanField leaves out a label that only names the field.
func (s *slicer) scanField(at place, field *ast.Field) {
	if _, plain := labelOf(field); !plain {
		s.scan(at, field.Label)
	}
	for _, attr := range field.Attrs {
		// What it reads is not in a slice.
		s.failed = s.failed || strings.HasPrefix(attr.Text, "@embed")
	}
	s.scan(at, field.Value)
}

// scanSelection follows a reference with the fields that are selected of it.
func (s *slicer) scanSelection(at place, expr ast.Expr) {
	base, selected, _ := s.selection(at, expr)
	if ident, ok := base.(*ast.Ident); ok {
		s.refer(at, ident.Name, selected)
		return
	}
	s.scan(at, base)
}

// selection takes an expression apart; open is false from where the names are not known.
func (s *slicer) selection(at place, expr ast.Expr) (base ast.Expr, selected []string, open bool) {
	switch expr := expr.(type) {
	case *ast.SelectorExpr:
		base, selected, open = s.selection(at, expr.X)
		name, _, err := ast.LabelName(expr.Sel)
		if open = open && err == nil; open {
			selected = append(selected, name)
		}
		return base, selected, open
	case *ast.IndexExpr:
		base, selected, open = s.selection(at, expr.X)
		if index, ok := expr.Index.(*ast.BasicLit); ok && index.Kind == token.STRING {
			name, err := literal.Unquote(index.Value)
			if open = open && err == nil; open {
				selected = append(selected, name)
			}
			return base, selected, open
		}
		s.scan(at, expr.Index)
		return base, selected, false
	}
	return expr, nil, true
}

// constant is a tree of the parts of a value that are referred to.
type constant struct {
	whole bool
	parts map[string]*constant
}

func (c *constant) add(path []string) {
	if len(path) == 0 {
		c.whole = true
		return
	}
	if c.parts == nil {
		c.parts = map[string]*constant{}
	}
	part := c.parts[path[0]]
	if part == nil {
		part = &constant{}
		c.parts[path[0]] = part
	}
	part.add(path[1:])
}

// asConstant notes that a reference is to be answered by a constant; it reports false when the value
// is not concrete, or has definitions or hidden fields that are asked for.
func (s *slicer) asConstant(sc *scope, name string, selected []string) bool {
	path := append([]string{name}, selected...)
	for _, part := range path {
		if strings.HasPrefix(part, "#") || strings.HasPrefix(part, "_") {
			return false
		}
	}
	// What does not exist does not exist in a constant either.
	for ; len(path) > 0; path = path[:len(path)-1] {
		value := lookup(s.root, append(append([]string{}, sc.path...), path...))
		if !value.Exists() {
			continue
		}
		if value.Validate(cue.Concrete(true), cue.Final()) != nil {
			return false
		}
		if sc.constants[name] == nil {
			sc.constants[name] = &constant{}
		}
		sc.constants[name].add(path[1:])
		return true
	}
	return false
}

func lookup(root cue.Value, path []string) cue.Value {
	var selectors []cue.Selector
	for _, name := range path {
		selectors = append(selectors, cue.Str(name))
	}
	return root.LookupPath(cue.MakePath(selectors...))
}
