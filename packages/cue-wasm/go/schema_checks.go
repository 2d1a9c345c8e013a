package main

import (
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"
)

// What checks a list or a struct as a whole fails while it has no elements, and takes its alternative
// of a disjunction along. So it becomes a hidden field that says the same: `_tenon_check_list_MinItems_1`.
const checkPrefix = "_tenon_check_"

var (
	countChecks = []string{"list.MinItems", "list.MaxItems", "struct.MinFields", "struct.MaxFields"}
	otherChecks = []string{"list.MatchN", "matchN", "matchIf"}
)

// withoutChecks replaces a constant expression that checks a list or a struct.
func withoutChecks(expr ast.Expr) (ast.Expr, effect) {
	called, arguments := expr, []ast.Expr(nil)
	if call, ok := expr.(*ast.CallExpr); ok {
		called, arguments = call.Fun, call.Args
	}
	name := functionName(called)
	switch {
	case name == "list.UniqueItems":
		return checkField(name, 1), 0
	case slices.Contains(countChecks, name) && len(arguments) == 1:
		literal, ok := arguments[0].(*ast.BasicLit)
		if !ok {
			return top(), depends | opens
		}
		count, err := strconv.Atoi(literal.Value)
		if err != nil {
			return top(), depends | opens
		}
		return checkField(name, count), 0
	case slices.Contains(otherChecks, name):
		return top(), depends | opens
	}
	return expr, 0
}

func functionName(expr ast.Expr) string {
	switch expr := expr.(type) {
	case *ast.Ident:
		return expr.Name
	case *ast.SelectorExpr:
		if name, _, err := ast.LabelName(expr.Sel); err == nil {
			return functionName(expr.X) + "." + name
		}
	}
	return ""
}

func checkField(name string, count int) ast.Expr {
	label := checkPrefix + strings.ReplaceAll(name, ".", "_") + "_" + strconv.Itoa(count)
	object := ast.NewStruct(&ast.Field{Label: ast.NewIdent(label), Value: ast.NewLit(token.TRUE, "true")})
	if strings.HasPrefix(name, "list.") {
		object.Elts = append(object.Elts, &ast.EmbedDecl{Expr: ast.NewList(&ast.Ellipsis{})})
	}
	return object
}

// addChecks adds what the checks of a list or a struct say.
func addChecks(schema *jsonSchema, value cue.Value) {
	fields, err := value.Fields(cue.Hidden(true))
	if err != nil {
		return
	}
	for fields.Next() {
		check, found := strings.CutPrefix(fields.Selector().String(), checkPrefix)
		if !found {
			continue
		}
		name, count := check[:strings.LastIndex(check, "_")], check[strings.LastIndex(check, "_")+1:]
		switch name {
		case "list_UniqueItems":
			addUniqueItems(schema)
		case "list_MinItems":
			schema.MinItems = larger(schema.MinItems, []byte(count))
		case "list_MaxItems":
			schema.MaxItems = smaller(schema.MaxItems, []byte(count))
		case "struct_MinFields":
			schema.MinProperties = larger(schema.MinProperties, []byte(count))
		case "struct_MaxFields":
			schema.MaxProperties = smaller(schema.MaxProperties, []byte(count))
		}
	}
}

// addUniqueItems compares elements only where CUE finds the same ones equal: not for numbers, of which
// it tells 1 and 1.0 apart.
func addUniqueItems(schema *jsonSchema) {
	items, _ := schema.Items.(*jsonSchema)
	if items != nil && (items.Type == "string" || items.Type == "integer" || items.Enum != nil) {
		schema.UniqueItems = true
		return
	}
	schema.explain("also checked: list.UniqueItems")
}
