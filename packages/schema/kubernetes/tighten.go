package main

import (
	"fmt"
	"slices"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"
)

// replacements are the definitions that `cue get go` leaves open because their Go types have JSON
// methods of their own. What such a method takes is all that these take, but for slips that it lets
// pass, such as the quantity "Gi".
var replacements = map[string]string{
	"io.k8s.apimachinery.pkg.api.resource.Quantity":   `number | string & =~"^[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$"`,
	"io.k8s.apimachinery.pkg.util.intstr.IntOrString": `int32 | string`,
	"io.k8s.apimachinery.pkg.apis.meta.v1.Time":       timestamp(`([.,][0-9]+)?`),
	"io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime":  timestamp(`[.,][0-9]{6}`),
	"io.k8s.apimachinery.pkg.apis.meta.v1.Duration":   `string & =~"^[+-]?(0|(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$"`,
}

func timestamp(fraction string) string {
	return `null | string & =~"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}` + fraction + `(Z|[+-][0-9]{2}:[0-9]{2})$"`
}

// tighten gives the tree what the API server knows and the Go types do not say.
func (t cueTree) tighten(served *api) error {
	uses := &enumUses{api: served, types: map[string]*enumType{}}
	for _, name := range sortedKeys(t) {
		uses.collect(name, t[name])
	}
	for _, name := range sortedKeys(t) {
		file := t[name]
		for _, declaration := range file.Decls {
			field, ok := declaration.(*ast.Field)
			if !ok {
				continue
			}
			if err := tightenDefinition(definitionName(name, labelOf(field)), field, uses); err != nil {
				return err
			}
		}
		slim(file)
	}
	return uses.check()
}

func tightenDefinition(name string, field *ast.Field, uses *enumUses) error {
	if source, ok := replacements[name]; ok {
		value, err := parser.ParseExpr(name, source)
		if err != nil {
			return err
		}
		if open, ok := field.Value.(*ast.Ident); !ok || open.Name != "_" {
			return fmt.Errorf("%s is not open any more", name)
		}
		field.Value = value
		return nil
	}
	if enum := uses.types[name]; enum != nil && enum.values != nil {
		if basic, ok := field.Value.(*ast.Ident); !ok || basic.Name != "string" {
			return fmt.Errorf("%s is not a string", name)
		}
		field.Value = disjunction(enum.values)
		enum.replaced = true
		return nil
	}
	openConstant(name, field, uses)
	nameKind(uses.api.definitions[name], field)
	return nil
}

// nameKind holds an object's apiVersion and kind to those of its definition, where they are set.
func nameKind(definition *schema, field *ast.Field) {
	object, ok := field.Value.(*ast.StructLit)
	if !ok || definition == nil || len(definition.Kinds) != 1 {
		return
	}
	kind := definition.Kinds[0]
	for index, element := range object.Elts {
		if embedded, ok := element.(*ast.EmbedDecl); ok && isTypeMeta(embedded.Expr) {
			object.Elts = slices.Insert(object.Elts, index+1,
				optionalString("apiVersion", kind.groupVersion()), optionalString("kind", kind.Kind))
			return
		}
	}
}

func isTypeMeta(expr ast.Expr) bool {
	selector, ok := expr.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	name, _, _ := ast.LabelName(selector.Sel)
	return name == "#TypeMeta"
}

func optionalString(name, value string) ast.Decl {
	return &ast.Field{Label: ast.NewIdent(name), Constraint: token.OPTION, Value: ast.NewString(value)}
}

// openConstant turns `#Foo: #Type & "Foo"` into `#Foo: "Foo"` where the API server's enum of the
// type has no such value: the constant would be an error.
func openConstant(name string, field *ast.Field, uses *enumUses) {
	both, ok := field.Value.(*ast.BinaryExpr)
	if !ok || both.Op != token.AND {
		return
	}
	typeName, isIdent := both.X.(*ast.Ident)
	literal, isLiteral := both.Y.(*ast.BasicLit)
	if !isIdent || !isLiteral || literal.Kind != token.STRING {
		return
	}
	folder, _ := splitName(name)
	enum := uses.types[folder+"."+strings.TrimPrefix(typeName.Name, "#")]
	if enum != nil && !slices.Contains(enum.values, strings.Trim(literal.Value, `"`)) {
		field.Value = literal
	}
}

func disjunction(values []string) ast.Expr {
	var result ast.Expr
	for _, value := range values {
		literal := ast.NewString(value)
		if result == nil {
			result = literal
		} else {
			result = &ast.BinaryExpr{X: result, Op: token.OR, Y: literal}
		}
	}
	return result
}

func labelOf(field *ast.Field) string {
	name, _, _ := ast.LabelName(field.Label)
	return name
}
