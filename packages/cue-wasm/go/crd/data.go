package crd

import (
	"cmp"
	"slices"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/token"
)

// Data of definitions stays a syntax tree until it is translated: a tree keeps the positions for
// messages and every digit of a number, and its fields can be replaced.

// member is the value of a field, or nil where there is none.
func member(node ast.Expr, name string) ast.Expr {
	if field := memberField(node, name); field != nil {
		return field.Value
	}
	return nil
}

func memberField(node ast.Expr, name string) *ast.Field {
	for _, decl := range elements(node) {
		field, ok := decl.(*ast.Field)
		if !ok {
			continue
		}
		if label, _, err := ast.LabelName(field.Label); err == nil && label == name {
			return field
		}
	}
	return nil
}

func elements(node ast.Expr) []ast.Decl {
	if object, ok := node.(*ast.StructLit); ok {
		return object.Elts
	}
	return nil
}

// members are the fields of an object in the order of their names.
func members(node ast.Expr) []*ast.Field {
	var fields []*ast.Field
	for _, decl := range elements(node) {
		if field, ok := decl.(*ast.Field); ok {
			fields = append(fields, field)
		}
	}
	slices.SortStableFunc(fields, func(a, b *ast.Field) int { return cmp.Compare(labelOf(a), labelOf(b)) })
	return fields
}

func labelOf(field *ast.Field) string {
	name, _, _ := ast.LabelName(field.Label)
	return name
}

func items(node ast.Expr) []ast.Expr {
	if list, ok := node.(*ast.ListLit); ok {
		return list.Elts
	}
	return nil
}

// textOf is the value of a string, or empty where the node is none.
func textOf(node ast.Expr) string {
	lit, ok := node.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	text, err := literal.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return text
}

func isTrue(node ast.Expr) bool {
	lit, ok := node.(*ast.BasicLit)
	return ok && lit.Kind == token.TRUE
}

func isNull(node ast.Expr) bool {
	lit, ok := node.(*ast.BasicLit)
	return ok && lit.Kind == token.NULL
}

// setMember replaces the value of a field, or adds the field.
func setMember(object *ast.StructLit, name string, value ast.Expr) {
	if field := memberField(object, name); field != nil {
		field.Value = value
		return
	}
	object.Elts = append(object.Elts, &ast.Field{Label: ast.NewString(name), Value: value})
}

func dropMember(object *ast.StructLit, name string) {
	object.Elts = slices.DeleteFunc(object.Elts, func(decl ast.Decl) bool {
		field, ok := decl.(*ast.Field)
		return ok && labelOf(field) == name
	})
}

// memberObject is the object in a field, which is added where there is none.
func memberObject(object *ast.StructLit, name string) *ast.StructLit {
	if inner, ok := member(object, name).(*ast.StructLit); ok {
		return inner
	}
	inner := ast.NewStruct()
	setMember(object, name, inner)
	return inner
}

// addText adds a text to a list of texts unless it is there.
func addText(object *ast.StructLit, name, text string) {
	texts := items(member(object, name))
	if !slices.ContainsFunc(texts, func(item ast.Expr) bool { return textOf(item) == text }) {
		setMember(object, name, ast.NewList(append(slices.Clone(texts), ast.NewString(text))...))
	}
}

func dropText(object *ast.StructLit, name, text string) {
	texts := items(member(object, name))
	kept := slices.DeleteFunc(slices.Clone(texts), func(item ast.Expr) bool { return textOf(item) == text })
	if len(kept) < len(texts) {
		setMember(object, name, ast.NewList(kept...))
	}
}

// identifier makes a name of letters, digits and dashes one that CUE takes.
func identifier(name string) string { return strings.ReplaceAll(name, "-", "_") }
