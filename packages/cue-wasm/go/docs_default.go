package main

import (
	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"
)

// defaultOf is the default of a field as CUE text, or nothing. A concrete value stands for itself.
func defaultOf(value cue.Value, own []cue.Value, optional bool) string {
	marked := markedDefault(own)
	isStruct := value.IncompleteKind() == cue.StructKind
	initial, found := value.Default()
	if !found && isConstant(value) && !optional && len(own) > 0 {
		return exprText(value)
	}
	if (optional || isStruct) && marked == nil {
		return ""
	}
	if !found || initial.Validate(cue.Concrete(true), cue.Final()) != nil {
		// What is computed from other fields is known when those are.
		if marked != nil && !isTypeExpr(marked) {
			return oneLine(marked)
		}
		return ""
	}
	return exprText(initial)
}

// isConstant tells of a scalar or a list that is given.
func isConstant(value cue.Value) bool {
	return isConcrete(value) ||
		value.IncompleteKind() == cue.ListKind && value.Validate(cue.Concrete(true)) == nil
}

func exprText(value cue.Value) string {
	switch node := value.Syntax(cue.Final()).(type) {
	case ast.Expr:
		return oneLine(node)
	case *ast.File:
		return oneLine(&ast.StructLit{Elts: node.Decls})
	}
	return ""
}

// markedDefault is the alternative with a `*` in the field's own expression.
func markedDefault(own []cue.Value) ast.Expr {
	for _, part := range own {
		if found := findMark(sourceExpr(part)); found != nil {
			return found
		}
	}
	return nil
}

func findMark(expr ast.Expr) ast.Expr {
	switch expr := expr.(type) {
	case *ast.UnaryExpr:
		if expr.Op == token.MUL {
			return expr.X
		}
	case *ast.BinaryExpr:
		if found := findMark(expr.X); found != nil {
			return found
		}
		return findMark(expr.Y)
	case *ast.ParenExpr:
		return findMark(expr.X)
	}
	return nil
}
