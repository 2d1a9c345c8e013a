package main

import (
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"
)

const (
	anyStruct = "{...}"
	anyList   = "[...]"
)

// isPattern tells of a struct literal that speaks of any field, not of certain ones.
func isPattern(object *ast.StructLit) bool {
	for _, decl := range object.Elts {
		field, ok := decl.(*ast.Field)
		if !ok {
			return false
		}
		if _, ok := field.Label.(*ast.ListLit); !ok {
			return false
		}
	}
	return len(object.Elts) > 0
}

// isTypeExpr tells whether an expression means the same to somebody who reads it elsewhere: it names
// definitions and what packages export, not other fields.
func isTypeExpr(expr ast.Expr) bool {
	switch expr := expr.(type) {
	case *ast.Ident:
		return strings.Contains(expr.Name, "#") || predeclared[expr.Name]
	case *ast.SelectorExpr:
		name, _, err := ast.LabelName(expr.Sel)
		return err == nil && strings.HasPrefix(name, "#") || isImport(expr.X)
	case *ast.UnaryExpr:
		return isTypeExpr(expr.X)
	case *ast.BasicLit, *ast.StructLit:
		return true
	case *ast.ListLit:
		return !slices.ContainsFunc(expr.Elts, isNoTypeExpr)
	case *ast.CallExpr:
		return !slices.ContainsFunc(expr.Args, isNoTypeExpr)
	case *ast.Ellipsis:
		return expr.Type == nil || isTypeExpr(expr.Type)
	case *ast.ParenExpr:
		return isTypeExpr(expr.X)
	case *ast.BinaryExpr:
		return isTypeExpr(expr.X) && isTypeExpr(expr.Y)
	case *ast.PostfixExpr:
		return isTypeExpr(expr.X)
	}
	return false
}

func isNoTypeExpr(expr ast.Expr) bool { return !isTypeExpr(expr) }

func isImport(expr ast.Expr) bool {
	ident, ok := expr.(*ast.Ident)
	if !ok {
		return false
	}
	_, ok = ident.Node.(*ast.ImportSpec)
	return ok
}

// kindText is the kind of a value as a CUE type, or the value itself where it is a concrete scalar.
func kindText(value cue.Value) string {
	if isConcrete(value) {
		return exprText(value)
	}
	return nameOfKind(value.IncompleteKind())
}

// nameOfKind writes a kind as a CUE type.
func nameOfKind(kind cue.Kind) string {
	if kind == cue.TopKind || kind == cue.BottomKind {
		return "_"
	}
	names := []struct {
		kind cue.Kind
		text string
	}{
		{cue.NullKind, "null"},
		{cue.BoolKind, "bool"},
		{cue.NumberKind, "number"},
		{cue.IntKind, "int"},
		{cue.FloatKind, "float"},
		{cue.StringKind, "string"},
		{cue.BytesKind, "bytes"},
		{cue.ListKind, anyList},
		{cue.StructKind, anyStruct},
	}
	var texts []string
	for _, name := range names {
		if kind&name.kind == name.kind {
			texts = append(texts, name.text)
			kind &^= name.kind
		}
	}
	return strings.Join(texts, " | ")
}

// sourceExpr is the expression that a value was written as; nil for a value of several.
func sourceExpr(value cue.Value) ast.Expr {
	switch node := value.Source().(type) {
	case *ast.Field:
		return node.Value
	case *ast.EmbedDecl:
		return node.Expr
	case ast.Expr:
		return node
	}
	return nil
}

// oneLine prints an expression without comments on a single line.
func oneLine(expr ast.Expr) string {
	printed, err := format.Node(expr)
	if err != nil {
		return "_"
	}
	fresh, err := parser.ParseExpr("", printed)
	if err != nil {
		return strings.Join(strings.Fields(string(printed)), " ")
	}
	ast.Walk(fresh, func(node ast.Node) bool {
		joinLines(node)
		return true
	}, nil)
	line, err := format.Node(fresh)
	if err != nil {
		return "_"
	}
	return strings.TrimSpace(string(line))
}

// joinLines takes the line breaks out of one node.
func joinLines(node ast.Node) {
	switch node := node.(type) {
	case *ast.BasicLit:
		text, err := literal.Unquote(node.Value)
		switch {
		case err != nil || !strings.Contains(node.Value, "\n"):
		case strings.HasPrefix(strings.TrimLeft(node.Value, "#"), "'"):
			node.Value = literal.Bytes.Quote(text)
		default:
			node.Value = literal.String.Quote(text)
		}
	case *ast.StructLit:
		node.Rbrace = token.NoSpace.Pos()
		for index, decl := range node.Elts {
			ast.SetRelPos(decl, spaceBefore(index))
		}
	case *ast.ListLit:
		node.Rbrack = token.NoSpace.Pos()
		for index, item := range node.Elts {
			ast.SetRelPos(item, spaceBefore(index))
		}
	case *ast.BinaryExpr:
		node.OpPos = token.Blank.Pos()
		ast.SetRelPos(node.Y, token.Blank)
	}
}

func spaceBefore(index int) token.RelPos {
	if index == 0 {
		return token.NoSpace
	}
	return token.Blank
}
