package main

import (
	"slices"

	"cuelang.org/go/cue/ast"
)

// dropUnused drops the imports, let clauses and aliases that nothing refers to: CUE refuses them. It
// tells whether it dropped any.
func dropUnused(file *ast.File) bool {
	used := map[ast.Node]bool{}
	ast.Walk(file, func(node ast.Node) bool {
		if ident, ok := node.(*ast.Ident); ok && ident.Node != nil {
			used[ident.Node] = true
		}
		return true
	}, nil)
	count := len(file.Decls)
	file.Decls = slices.DeleteFunc(file.Decls, isUnusedLet(used))
	dropped := len(file.Decls) < count
	ast.Walk(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.ImportDecl:
			count := len(node.Specs)
			node.Specs = slices.DeleteFunc(node.Specs, func(spec *ast.ImportSpec) bool { return !used[spec] })
			dropped = dropped || len(node.Specs) < count
		case *ast.StructLit:
			count := len(node.Elts)
			node.Elts = slices.DeleteFunc(node.Elts, isUnusedLet(used))
			dropped = dropped || len(node.Elts) < count
		case *ast.Field:
			dropped = dropAlias(node, used) || dropped
		}
		return true
	}, nil)
	file.Decls = slices.DeleteFunc(file.Decls, func(decl ast.Decl) bool {
		imports, ok := decl.(*ast.ImportDecl)
		return ok && len(imports.Specs) == 0
	})
	return dropped
}

func isUnusedLet(used map[ast.Node]bool) func(ast.Decl) bool {
	return func(decl ast.Decl) bool {
		clause, ok := decl.(*ast.LetClause)
		return ok && !used[clause]
	}
}

// dropAlias drops the X of `X=name: …`, of `[X=string]: …` and of `name: X=…`.
func dropAlias(field *ast.Field, used map[ast.Node]bool) bool {
	if alias, ok := field.Label.(*ast.Alias); ok && !used[field] {
		field.Label = alias.Expr.(ast.Label)
		return true
	}
	if list, ok := field.Label.(*ast.ListLit); ok && len(list.Elts) == 1 {
		if alias, ok := list.Elts[0].(*ast.Alias); ok && !used[alias.Expr] {
			list.Elts[0] = alias.Expr
			return true
		}
	}
	if alias, ok := field.Value.(*ast.Alias); ok && !used[alias] {
		field.Value = alias.Expr
		return true
	}
	return false
}
