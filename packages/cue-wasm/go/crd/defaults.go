package crd

import (
	"slices"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"
)

// keepDefaults gives the fields of a translated schema the defaults of the schema, which CUE's
// decoder drops. As with the API server, a field with a default is always there when its parent is.
func keepDefaults(schema ast.Expr, expr ast.Expr) {
	if elem := elementOf(expr); elem != nil {
		keepDefaults(member(schema, "items"), elem)
	}
	object := objectIn(expr)
	if object == nil {
		return
	}
	properties := member(schema, "properties")
	for _, field := range members(properties) {
		if target := memberField(object, labelOf(field)); target != nil {
			keepDefaults(field.Value, target.Value)
			setDefault(target, field.Value)
		}
	}
	if others := patternField(object); others != nil {
		keepDefaults(member(schema, "additionalProperties"), others.Value)
	}
}

func setDefault(field *ast.Field, schema ast.Expr) {
	given := member(schema, "default")
	if given == nil || isNull(given) && !isTrue(member(schema, "nullable")) {
		return
	}
	field.Constraint = token.ILLEGAL
	if !isEmptyObject(given) || !isObject(field.Value) {
		field.Value = withDefault(field.Value, completeDefault(schema, given))
	}
}

func isEmptyObject(node ast.Expr) bool {
	object, ok := node.(*ast.StructLit)
	return ok && len(object.Elts) == 0
}

// isObject tells whether only an object will do: its fields have their own defaults.
func isObject(expr ast.Expr) bool {
	_, isReference := expr.(*ast.Ident)
	return isReference || len(operands(expr, token.OR)) == 1 && objectIn(expr) != nil
}

// withDefault marks the default where it is one of the choices, else it puts it before them.
func withDefault(expr, given ast.Expr) ast.Expr {
	choices := operands(expr, token.OR)
	marked := func(x ast.Expr) ast.Expr { return &ast.UnaryExpr{Op: token.MUL, X: x} }
	at := slices.IndexFunc(choices, func(choice ast.Expr) bool { return sameLiteral(choice, given) })
	switch {
	case at >= 0 && len(choices) == 1:
		return expr
	case at >= 0:
		choices[at] = marked(choices[at])
	default:
		choices = append([]ast.Expr{marked(given)}, choices...)
	}
	return ast.NewBinExpr(token.OR, choices...)
}

func sameLiteral(a, b ast.Expr) bool {
	left, ok := a.(*ast.BasicLit)
	right, also := b.(*ast.BasicLit)
	return ok && also && left.Kind == right.Kind && left.Value == right.Value
}

// completeDefault adds to an object the defaults of its fields, as the API server does.
func completeDefault(schema, given ast.Expr) ast.Expr {
	object, ok := given.(*ast.StructLit)
	if !ok {
		return given
	}
	complete := ast.NewStruct()
	for _, field := range members(object) {
		inner := member(member(schema, "properties"), labelOf(field))
		setMember(complete, labelOf(field), completeDefault(inner, field.Value))
	}
	for _, field := range members(member(schema, "properties")) {
		added := completeDefault(field.Value, member(field.Value, "default"))
		if added != nil && member(complete, labelOf(field)) == nil {
			setMember(complete, labelOf(field), added)
		}
	}
	return complete
}

// objectIn is the object among the parts of an expression. The decoder puts it last; objects before
// it are conditions.
func objectIn(expr ast.Expr) *ast.StructLit {
	var found *ast.StructLit
	eachOperand(expr, func(part ast.Expr) {
		if object, ok := part.(*ast.StructLit); ok {
			found = object
		}
	})
	return found
}

// elementOf is what the items of a list have to be.
func elementOf(expr ast.Expr) ast.Expr {
	var found ast.Expr
	eachOperand(expr, func(part ast.Expr) {
		for _, item := range items(part) {
			if rest, ok := item.(*ast.Ellipsis); ok && rest.Type != nil {
				found = rest.Type
			}
		}
	})
	return found
}

// patternField is the field `[string]: _` of an object.
func patternField(object *ast.StructLit) *ast.Field {
	for _, decl := range object.Elts {
		if field, ok := decl.(*ast.Field); ok {
			if _, ok := field.Label.(*ast.ListLit); ok {
				return field
			}
		}
	}
	return nil
}

func eachOperand(expr ast.Expr, visit func(ast.Expr)) {
	switch node := expr.(type) {
	case *ast.BinaryExpr:
		if node.Op == token.AND || node.Op == token.OR {
			eachOperand(node.X, visit)
			eachOperand(node.Y, visit)
		}
	case *ast.ParenExpr:
		eachOperand(node.X, visit)
	case *ast.CallExpr:
		if name, ok := node.Fun.(*ast.Ident); ok && name.Name == "close" && len(node.Args) == 1 {
			visit(node.Args[0])
		}
	default:
		visit(expr)
	}
}

// operands are the parts of an expression that one operator joins.
func operands(expr ast.Expr, op token.Token) []ast.Expr {
	if node, ok := expr.(*ast.BinaryExpr); ok && node.Op == op {
		return append(operands(node.X, op), operands(node.Y, op)...)
	}
	return []ast.Expr{expr}
}
