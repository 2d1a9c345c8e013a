package main

import (
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"
)

// A schema must accept what the evaluator accepts, whatever else the values hold. So what depends on
// other values is taken out of the syntax tree before it is evaluated: a computed expression becomes
// the widest value that it can have, and a conditional field becomes an optional one of any value.
// What is left is constant. Marks, which are attributes, tell the places apart afterwards.
const (
	markKey = "tenon_schema"
	// markComputed: the field has a value or a default that depends on other values.
	markComputed = "computed"
	// markConditional: whether there are further constraints depends on other values.
	markConditional = "conditional"
	// markBuilt: the field is set by a tag.
	markBuilt = "built"
	// markOpen: the value below the field can have any fields.
	markOpen = "open"
)

// effect tells what the widening of an expression took away.
type effect int

const (
	// depends: the expression reads other values.
	depends effect = 1 << iota
	// opens: its value can be a struct of any fields.
	opens
)

// instanceNames are fields of a package that hold what users give or what comes of it.
var instanceNames = []string{"values", "timoni", "self"}

// widen takes everything out of a file that depends on values.
func widen(file *ast.File) *ast.File {
	decls, _ := widenDecls(file.Decls)
	file.Decls = decls
	for dropUnused(file) {
	}
	return file
}

// widenDecls returns the declarations that take the place of others. It is opaque when the whole can
// be anything, a scalar too.
func widenDecls(decls []ast.Decl) (kept []ast.Decl, opaque bool) {
	for _, decl := range decls {
		switch decl := decl.(type) {
		case *ast.Field:
			if isCheck(decl) {
				kept = append(kept, mark(markConditional))
			}
			widenField(decl)
			kept = append(kept, decl)
		case *ast.Comprehension:
			added, whole := conditionalDecls(decl)
			kept = append(append(kept, added...), mark(markConditional), neverDecl())
			opaque = opaque || whole
		case *ast.EmbedDecl:
			expr, took := widenExpr(decl.Expr, false)
			decl.Expr = expr
			if took&opens != 0 {
				opaque = true
				continue
			}
			kept = append(kept, decl)
		case *ast.LetClause:
			decl.Expr, _ = widenExpr(decl.Expr, false)
			kept = append(kept, decl)
		case *ast.Alias:
			decl.Expr, _ = widenExpr(decl.Expr, false)
			kept = append(kept, decl)
		case *ast.Ellipsis:
			if decl.Type != nil {
				decl.Type, _ = widenExpr(decl.Type, false)
			}
			kept = append(kept, decl)
		default:
			kept = append(kept, decl)
		}
	}
	return kept, opaque
}

// isCheck tells whether a field that is not part of the value computes something: it is there to fail.
func isCheck(field *ast.Field) bool {
	if isRegular(field) {
		return false
	}
	computes := false
	ast.Walk(field.Value, func(node ast.Node) bool {
		switch node.(type) {
		case *ast.Comprehension, *ast.CallExpr:
			computes = true
		}
		return !computes
	}, nil)
	return computes && !isConstantExpr(field.Value)
}

// isRegular tells whether a field has a place in the value: it is neither hidden nor a definition.
func isRegular(field *ast.Field) bool {
	name, isIdent, err := ast.LabelName(field.Label)
	return err != nil || !isIdent || !strings.HasPrefix(name, "_") && !strings.HasPrefix(name, "#")
}

func widenField(field *ast.Field) {
	for i, attr := range field.Attrs {
		if strings.HasPrefix(attr.Text, "@tag(") {
			field.Attrs[i] = mark(markBuilt)
		}
	}
	if !isStatic(field.Label) {
		becomeAnyField(field)
		return
	}
	value, took := widenExpr(field.Value, false)
	field.Value = value
	if took&depends != 0 {
		field.Attrs = append(field.Attrs, mark(markComputed))
	}
	if took&opens != 0 {
		field.Attrs = append(field.Attrs, mark(markOpen))
	}
}

// isStatic tells whether the label names the same fields whatever the values are.
func isStatic(label ast.Label) bool {
	switch label := label.(type) {
	case *ast.Ident, *ast.BasicLit:
		return true
	case *ast.Alias:
		_, named := label.Expr.(*ast.Ident)
		return named || isConstantExpr(label.Expr)
	}
	return isConstantExpr(label)
}

func becomeAnyField(field *ast.Field) {
	field.Label = ast.NewList(ast.NewPredeclared("string"))
	field.Constraint = token.ILLEGAL
	field.Value = top()
	field.Attrs = append(field.Attrs, mark(markConditional), mark(markOpen))
}

func anyField() ast.Decl {
	field := &ast.Field{}
	becomeAnyField(field)
	return field
}

// neverDecl is a comprehension that adds nothing. A struct with a comprehension and without regular
// fields unifies with scalars and lists, so it has to keep one.
func neverDecl() ast.Decl {
	never := &ast.IfClause{Condition: ast.NewLit(token.FALSE, "false")}
	return &ast.Comprehension{Clauses: []ast.Clause{never}, Value: ast.NewStruct()}
}

// conditionalDecls returns what the fields of a comprehension can add.
func conditionalDecls(comprehension *ast.Comprehension) (added []ast.Decl, opaque bool) {
	body, ok := comprehension.Value.(*ast.StructLit)
	if !ok {
		return nil, true
	}
	return optionalDecls(body.Elts)
}

func optionalDecls(decls []ast.Decl) (added []ast.Decl, opaque bool) {
	for _, decl := range decls {
		switch decl := decl.(type) {
		case *ast.Field:
			added = append(added, optionalField(decl)...)
		case *ast.Comprehension:
			more, whole := conditionalDecls(decl)
			added = append(added, more...)
			opaque = opaque || whole
		case *ast.EmbedDecl:
			inner, ok := decl.Expr.(*ast.StructLit)
			if !ok {
				opaque = true
				continue
			}
			more, whole := optionalDecls(inner.Elts)
			added = append(added, more...)
			opaque = opaque || whole
		case *ast.Ellipsis:
			added = append(added, anyField())
		}
	}
	return added, opaque
}

func optionalField(field *ast.Field) []ast.Decl {
	if !isRegular(field) {
		return nil
	}
	name, _, err := ast.LabelName(field.Label)
	if err != nil {
		return []ast.Decl{anyField()}
	}
	optional := &ast.Field{
		Label:      ast.NewString(name),
		Constraint: token.OPTION,
		Attrs:      []*ast.Attribute{mark(markConditional)},
	}
	if body, ok := field.Value.(*ast.StructLit); ok {
		elts, opaque := optionalDecls(body.Elts)
		if !opaque {
			optional.Value = &ast.StructLit{Elts: append(elts, neverDecl())}
			return []ast.Decl{optional}
		}
	}
	optional.Value = top()
	if !isScalarExpr(field.Value) {
		optional.Attrs = append(optional.Attrs, mark(markOpen))
	}
	return []ast.Decl{optional}
}

// isScalarExpr tells whether a value is surely neither a struct nor a list.
func isScalarExpr(expr ast.Expr) bool {
	switch expr := expr.(type) {
	case *ast.BasicLit, *ast.Interpolation:
		return true
	case *ast.Ident:
		return slices.Contains([]string{"string", "int", "bool", "number", "float", "bytes", "null"}, expr.Name)
	case *ast.UnaryExpr:
		return expr.Op != token.MUL || isScalarExpr(expr.X)
	case *ast.ParenExpr:
		return isScalarExpr(expr.X)
	case *ast.BinaryExpr:
		if expr.Op == token.AND {
			return isScalarExpr(expr.X) || isScalarExpr(expr.Y)
		}
		return expr.Op != token.ADD && expr.Op != token.MUL && isScalarExpr(expr.X) && isScalarExpr(expr.Y)
	}
	return false
}

// widenExpr returns the expression that takes the place of another. One that cannot be evaluated
// takes its disjunction along when the values are not there, so there references are taken out too.
func widenExpr(expr ast.Expr, inDisjunction bool) (ast.Expr, effect) {
	switch expr := expr.(type) {
	case *ast.StructLit:
		return widenStruct(expr)
	case *ast.ListLit:
		return widenList(expr)
	case *ast.ParenExpr:
		inner, took := widenExpr(expr.X, inDisjunction)
		expr.X = inner
		return expr, took
	case *ast.BinaryExpr:
		if expr.Op == token.AND || expr.Op == token.OR {
			return widenBinary(expr, inDisjunction)
		}
	case *ast.UnaryExpr:
		if expr.Op == token.MUL {
			inner, took := widenExpr(expr.X, true)
			expr.X = inner
			return expr, took
		}
	case *ast.IndexExpr:
		if list, ok := expr.X.(*ast.ListLit); ok {
			return widenChoice(list)
		}
	case *ast.CallExpr:
		if ident, ok := expr.Fun.(*ast.Ident); ok && ident.Name == "close" && len(expr.Args) == 1 {
			inner, took := widenExpr(expr.Args[0], inDisjunction)
			expr.Args[0] = inner
			return expr, took
		}
	}
	if isConstantExpr(expr) {
		return withoutChecks(expr)
	}
	if isReference(expr) && !inDisjunction {
		return expr, depends
	}
	return widest(expr)
}

func widenStruct(object *ast.StructLit) (ast.Expr, effect) {
	elts, opaque := widenDecls(object.Elts)
	if !opaque {
		object.Elts = elts
		return object, 0
	}
	if slices.ContainsFunc(elts, isRegularField) {
		object.Elts = append(elts, anyField())
		return object, opens
	}
	return top(), depends | opens
}

func isRegularField(decl ast.Decl) bool {
	field, ok := decl.(*ast.Field)
	return ok && field.Constraint != token.OPTION && isRegular(field)
}

func widenList(list *ast.ListLit) (ast.Expr, effect) {
	var took effect
	for i, element := range list.Elts {
		switch element := element.(type) {
		case *ast.Comprehension:
			if !isConstantExpr(element) {
				list.Elts = append(list.Elts[:i:i], &ast.Ellipsis{})
				return list, took | depends | opens
			}
		case *ast.Ellipsis:
			if element.Type != nil {
				widened, more := widenExpr(element.Type, false)
				element.Type = widened
				took |= more
			}
		default:
			widened, more := widenExpr(element, false)
			list.Elts[i] = widened
			took |= more
		}
	}
	return list, took
}

func widenBinary(expr *ast.BinaryExpr, inDisjunction bool) (ast.Expr, effect) {
	inner := inDisjunction || expr.Op == token.OR
	x, tookX := widenExpr(expr.X, inner)
	y, tookY := widenExpr(expr.Y, inner)
	expr.X, expr.Y = x, y
	return expr, tookX | tookY
}

// widenChoice widens `[if condition {a}, b][0]`, CUE's way to write a choice, to any of its elements.
func widenChoice(list *ast.ListLit) (ast.Expr, effect) {
	var choices []ast.Expr
	took := depends
	for _, element := range list.Elts {
		if comprehension, ok := element.(*ast.Comprehension); ok {
			body, ok := comprehension.Value.(*ast.StructLit)
			if !ok {
				return widest(list)
			}
			element = body
			if embed, ok := onlyEmbedding(body); ok {
				element = embed
			}
		}
		if _, ok := element.(*ast.Ellipsis); ok {
			return widest(list)
		}
		widened, more := widenExpr(element, true)
		choices = append(choices, &ast.ParenExpr{X: widened})
		took |= more
	}
	if len(choices) == 0 {
		return widest(list)
	}
	return ast.NewBinExpr(token.OR, choices...), took
}

func onlyEmbedding(object *ast.StructLit) (ast.Expr, bool) {
	if len(object.Elts) != 1 {
		return nil, false
	}
	embed, ok := object.Elts[0].(*ast.EmbedDecl)
	if !ok {
		return nil, false
	}
	return embed.Expr, true
}

// isConstantExpr tells whether an expression has the same value whatever the values are. What is
// declared in the package is constant: it has been widened itself.
func isConstantExpr(node ast.Node) bool {
	constant := true
	ast.Walk(node, func(node ast.Node) bool {
		if ident, ok := node.(*ast.Ident); ok {
			_, inFile := ident.Scope.(*ast.File)
			constant = constant && (ident.Scope == nil || inFile) && !slices.Contains(instanceNames, ident.Name)
		}
		return constant
	}, nil)
	return constant
}

// isReference tells whether an expression is a plain reference to a field.
func isReference(expr ast.Expr) bool {
	switch expr := expr.(type) {
	case *ast.Ident:
		if slices.Contains(instanceNames, expr.Name) {
			return true
		}
		_, inStruct := expr.Scope.(*ast.StructLit)
		return inStruct
	case *ast.SelectorExpr:
		return isReference(expr.X)
	}
	return false
}

// widest returns the widest value that an expression can have.
func widest(expr ast.Expr) (ast.Expr, effect) {
	switch expr := expr.(type) {
	case *ast.Ident:
		if isFieldName(expr) {
			return ast.NewPredeclared("string"), depends
		}
	case *ast.Interpolation:
		if first, ok := expr.Elts[0].(*ast.BasicLit); ok && !strings.HasPrefix(strings.TrimLeft(first.Value, "#"), "'") {
			return ast.NewPredeclared("string"), depends
		}
	case *ast.UnaryExpr:
		switch expr.Op {
		case token.NOT:
			return ast.NewPredeclared("bool"), depends
		case token.ADD, token.SUB:
			return ast.NewPredeclared("number"), depends
		}
		return top(), depends
	case *ast.BinaryExpr:
		switch expr.Op {
		case token.LAND, token.LOR, token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ, token.MAT, token.NMAT:
			return ast.NewPredeclared("bool"), depends
		case token.SUB, token.QUO:
			return ast.NewPredeclared("number"), depends
		}
	}
	return top(), depends | opens
}

// isFieldName tells whether an identifier stands for the name of a field: Name in `[Name=string]: …`.
func isFieldName(ident *ast.Ident) bool {
	if _, inLabel := ident.Scope.(*ast.Field); !inLabel {
		return false
	}
	switch ident.Node.(type) {
	case *ast.Alias, *ast.Field:
		return false
	}
	return true
}

func top() ast.Expr {
	return ast.NewIdent("_")
}

func mark(what string) *ast.Attribute {
	return &ast.Attribute{Text: "@" + markKey + "(" + what + ")"}
}

// marks are the attributes that widening left on the fields and structs that make up a value.
type marks map[string]bool

func marksOf(value cue.Value, kind cue.AttrKind) marks {
	found := marks{}
	// A value that is a reference alone shares the structs of its target.
	for _, holder := range []cue.Value{value, cue.Dereference(value)} {
		for _, attr := range holder.Attributes(kind) {
			if attr.Name() == markKey {
				found[attr.Contents()] = true
			}
		}
	}
	return found
}
