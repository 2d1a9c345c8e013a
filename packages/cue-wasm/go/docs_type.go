package main

import (
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
)

// typePart is an operand of a type's unification.
type typePart struct {
	// alternatives are CUE texts; most parts have one.
	alternatives []string
	kind         cue.Kind
	// value is known of scalars only.
	value cue.Value
	// isLiteral tells that it is one concrete value.
	isLiteral bool
	// isKind tells that the text is a kind in place of what cannot be written.
	isKind bool
}

func (p typePart) text() string { return strings.Join(p.alternatives, " | ") }

// typeOf writes the type of a field as valid CUE: what the module's files demand of it, without
// defaults that other alternatives cover. Names of enumerations are replaced by their alternatives.
// A field that only vendored files declare has the part of its type that needs no names.
func typeOf(value cue.Value, own []cue.Value) string {
	parts := partsOf(value, own)
	if len(own) > 0 && !slices.ContainsFunc(parts, isDemand) {
		parts = append(parts, partsOf(value, nil)...)
	}
	parts = withoutCovered(withoutLiterals(parts))
	switch len(parts) {
	case 0:
		return kindText(value)
	case 1:
		return parts[0].text()
	}
	if alternatives := enumerated(value); len(alternatives) > 0 {
		return strings.Join(alternatives, " | ")
	}
	return joinParts(parts)
}

// partsOf are the demands of the module's declarations, or of all where there are none.
func partsOf(value cue.Value, own []cue.Value) []typePart {
	kind := value.IncompleteKind()
	conjuncts, is := own, legible(isTypeExpr)
	if len(own) == 0 {
		conjuncts, is = conjunctsOf(value), isPlainTypeExpr
	}
	var parts []typePart
	for _, conjunct := range conjuncts {
		if len(own) > 0 && (kind == cue.StructKind || kind == cue.ListKind) {
			parts = append(parts, compositeParts(sourceExpr(conjunct), kind)...)
		} else {
			parts = append(parts, typeParts(conjunct, is)...)
		}
	}
	return parts
}

func joinParts(parts []typePart) string {
	var texts []string
	for _, part := range parts {
		text := part.text()
		if len(part.alternatives) > 1 && len(parts) > 1 {
			text = "(" + text + ")"
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " & ")
}

// withoutLiterals drops the values that a type has got beside other demands.
func withoutLiterals(parts []typePart) []typePart {
	if !slices.ContainsFunc(parts, isDemand) {
		return parts
	}
	return slices.DeleteFunc(slices.Clone(parts), func(part typePart) bool { return part.isLiteral })
}

func isDemand(part typePart) bool { return !part.isLiteral }

// withoutCovered drops parts that another one implies, such as a string beside some of its values.
func withoutCovered(parts []typePart) []typePart {
	var kept []typePart
	for index, part := range parts {
		covered := false
		for other := range parts {
			covered = covered || other != index && implies(parts[other], part) &&
				(other < index || !implies(part, parts[other]))
		}
		if !covered {
			kept = append(kept, part)
		}
	}
	return kept
}

func implies(narrow, wide typePart) bool {
	if narrow.text() == wide.text() {
		return true
	}
	if wide.isKind || wide.text() == nameOfKind(wide.kind) {
		return narrow.kind&^wide.kind == 0
	}
	return isScalar(narrow) && isScalar(wide) && wide.value.Subsume(narrow.value, cue.Raw()) == nil
}

func isScalar(part typePart) bool {
	return part.kind&(cue.StructKind|cue.ListKind) == 0
}

// legible tells whether an expression can stand in a type as it is; else the value's kind does.
type legible func(expr ast.Expr) bool

func typeParts(value cue.Value, is legible) []typePart {
	op, operands := value.Expr()
	name, isName := sourceExpr(value).(*ast.Ident)
	switch {
	case isName && predeclared[name.Name]:
		return leafPart(value, is)
	case op == cue.AndOp:
		var parts []typePart
		for _, operand := range operands {
			parts = append(parts, typeParts(operand, is)...)
		}
		return parts
	case op == cue.OrOp:
		return choicePart(value, operands, is)
	case op == cue.NoOp && len(operands) == 1 && operands[0].Source() != value.Source():
		return typeParts(operands[0], is)
	}
	return leafPart(value, is)
}

// choicePart lists alternatives. A default is left out when another alternative covers it, or when
// it is computed.
func choicePart(value cue.Value, alternatives []cue.Value, is legible) []typePart {
	marked := findMark(sourceExpr(value))
	var parts []typePart
	for _, alternative := range alternatives {
		if !isRedundant(alternative, alternatives, marked) {
			parts = append(parts, alternativePart(alternative, is))
		}
	}
	var texts []string
	for _, part := range parts {
		covered := part.isLiteral && slices.ContainsFunc(parts, func(other typePart) bool {
			return other.isKind && other.value.IncompleteKind()&part.value.Kind() != 0
		})
		if !covered {
			texts = appendText(texts, part.alternatives...)
		}
	}
	if value.IncompleteKind() == cue.BoolKind && len(texts) > 1 {
		texts = []string{"bool"}
	}
	return []typePart{{alternatives: texts, kind: value.IncompleteKind(), value: value}}
}

func appendText(texts []string, added ...string) []string {
	for _, text := range added {
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

// alternativePart is an alternative as one part. Where a demand cannot be written, it is as wide as
// a kind.
func alternativePart(value cue.Value, is legible) typePart {
	all := typeParts(value, is)
	isKind := slices.ContainsFunc(all, func(part typePart) bool { return part.isKind })
	parts := withoutCovered(all)
	switch len(parts) {
	case 0:
		return typePart{alternatives: []string{kindText(value)}, kind: value.IncompleteKind(), value: value, isKind: true}
	case 1:
		parts[0].isKind = isKind
		return parts[0]
	}
	return typePart{alternatives: []string{joinParts(parts)}, kind: value.IncompleteKind(), value: value, isKind: isKind}
}

func isRedundant(one cue.Value, all []cue.Value, marked ast.Expr) bool {
	if !isConcrete(one) {
		return marked != nil && sourceExpr(one) == marked && !isTypeExpr(marked)
	}
	return slices.ContainsFunc(all, func(other cue.Value) bool {
		return !isConcrete(other) && other.Unify(one).Validate(cue.Concrete(true)) == nil
	})
}

func leafPart(value cue.Value, is legible) []typePart {
	part := typePart{kind: value.IncompleteKind(), value: value}
	if part.alternatives = enumerated(value); len(part.alternatives) > 0 {
		return []typePart{part}
	}
	expr := sourceExpr(value)
	object, isObject := expr.(*ast.StructLit)
	switch {
	case expr == nil, isObject && !isPattern(object):
		return nil
	case is(expr):
		part.alternatives, part.isLiteral = []string{oneLine(expr)}, isConcrete(value)
		return []typePart{part}
	}
	if part.kind == cue.BottomKind {
		part.kind = kindOfUnknown(expr)
	}
	part.alternatives, part.isKind = []string{nameOfKind(part.kind)}, true
	return []typePart{part}
}

// kindOfUnknown is the kind of an expression that cannot be computed yet.
func kindOfUnknown(expr ast.Expr) cue.Kind {
	if _, ok := expr.(*ast.Interpolation); ok {
		return cue.StringKind
	}
	return cue.TopKind
}

// enumerated lists the alternatives of a value that is one of several scalars.
func enumerated(value cue.Value) []string {
	op, alternatives := value.Eval().Expr()
	if op != cue.OrOp {
		return nil
	}
	if value.IncompleteKind() == cue.BoolKind {
		return []string{"bool"}
	}
	var texts []string
	for _, alternative := range alternatives {
		if !isConcrete(alternative) {
			return nil
		}
		texts = append(texts, kindText(alternative))
	}
	return texts
}

// isPlainTypeExpr tells whether an expression names nothing but what CUE has predeclared.
func isPlainTypeExpr(expr ast.Expr) bool {
	if !isTypeExpr(expr) {
		return false
	}
	plain := true
	ast.Walk(expr, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.Ident:
			plain = plain && predeclared[node.Name]
		case *ast.StructLit, *ast.CallExpr, *ast.SelectorExpr:
			plain = false
		}
		return plain
	}, nil)
	return plain
}
