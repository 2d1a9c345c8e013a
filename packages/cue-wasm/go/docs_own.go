package main

import (
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/token"
)

// ownLabels are the labels of all fields that files of the module declare, vendored ones left out.
func ownLabels(instance *build.Instance) map[string]bool {
	labels := map[string]bool{}
	seen := map[*build.Instance]bool{}
	var visit func(*build.Instance)
	visit = func(instance *build.Instance) {
		if seen[instance] {
			return
		}
		seen[instance] = true
		for _, file := range instance.Files {
			if !isVendored(file.Filename) {
				addLabels(file, labels)
			}
		}
		for _, imported := range instance.Imports {
			visit(imported)
		}
	}
	visit(instance)
	return labels
}

func addLabels(file *ast.File, labels map[string]bool) {
	ast.Walk(file, func(node ast.Node) bool {
		if field, ok := node.(*ast.Field); ok {
			if name, _, err := ast.LabelName(field.Label); err == nil {
				labels[name] = true
			}
		}
		return true
	}, nil)
}

// ownConjuncts are the parts of a value that files of the module declare, vendored ones left out.
func ownConjuncts(value cue.Value) []cue.Value {
	return slices.DeleteFunc(conjunctsOf(value), func(part cue.Value) bool { return !isOwn(part.Pos()) })
}

// conjunctsOf lists the declarations of a field; the operands of a single one are not taken apart.
func conjunctsOf(value cue.Value) []cue.Value {
	if isDeclaration(value) {
		return []cue.Value{value}
	}
	if op, parts := value.Expr(); op == cue.AndOp && slices.ContainsFunc(parts, isDeclaration) {
		return parts
	}
	return []cue.Value{value}
}

func isDeclaration(value cue.Value) bool {
	_, ok := value.Source().(*ast.Field)
	return ok
}

func isOwn(pos token.Pos) bool {
	return pos.IsValid() && pos.Filename() != "" && !isVendored(pos.Filename())
}

func isVendored(file string) bool {
	return strings.HasPrefix(fsPath(file), "cue.mod/")
}
