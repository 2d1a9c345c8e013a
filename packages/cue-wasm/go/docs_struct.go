package main

import (
	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"
)

// compositeParts takes apart the type of a struct or list by its syntax alone: to evaluate each
// operand by itself would cost more than the whole module did.
func compositeParts(expr ast.Expr, kind cue.Kind) []typePart {
	switch expr := expr.(type) {
	case nil:
		return nil
	case *ast.ParenExpr:
		return compositeParts(expr.X, kind)
	case *ast.BinaryExpr:
		if expr.Op == token.AND {
			return append(compositeParts(expr.X, kind), compositeParts(expr.Y, kind)...)
		}
		if expr.Op == token.OR {
			return compositeChoice(expr, kind)
		}
	case *ast.StructLit:
		if isPattern(expr) {
			return []typePart{{alternatives: []string{oneLine(expr)}, kind: kind}}
		}
		return embeddedParts(expr, kind)
	}
	if !isTypeExpr(expr) {
		return []typePart{{alternatives: []string{nameOfKind(kind)}, kind: kind, isKind: true}}
	}
	list, isList := expr.(*ast.ListLit)
	return []typePart{{alternatives: []string{oneLine(expr)}, kind: kind, isLiteral: isList && !isOpen(list)}}
}

// compositeChoice lists alternatives, without the default where there are others.
func compositeChoice(expr *ast.BinaryExpr, kind cue.Kind) []typePart {
	var texts []string
	for _, alternative := range operandsOf(expr, token.OR) {
		if findMark(alternative) != nil {
			continue
		}
		switch parts := compositeParts(alternative, kind); len(parts) {
		case 0:
			texts = appendText(texts, nameOfKind(kind))
		case 1:
			texts = appendText(texts, parts[0].alternatives...)
		default:
			texts = appendText(texts, joinParts(parts))
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return []typePart{{alternatives: texts, kind: kind}}
}

func operandsOf(expr ast.Expr, op token.Token) []ast.Expr {
	binary, ok := expr.(*ast.BinaryExpr)
	if !ok || binary.Op != op {
		return []ast.Expr{expr}
	}
	return append(operandsOf(binary.X, op), operandsOf(binary.Y, op)...)
}

// embeddedParts are the types that a struct literal embeds.
func embeddedParts(object *ast.StructLit, kind cue.Kind) []typePart {
	var parts []typePart
	for _, decl := range object.Elts {
		if embed, ok := decl.(*ast.EmbedDecl); ok && isTypeExpr(embed.Expr) {
			parts = append(parts, compositeParts(embed.Expr, kind)...)
		}
	}
	return parts
}

func isOpen(list *ast.ListLit) bool {
	for _, item := range list.Elts {
		if _, ok := item.(*ast.Ellipsis); ok {
			return true
		}
	}
	return false
}
