package main

import (
	"fmt"
	"slices"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/ast/astutil"
)

// enumUses are the string types that the API server describes as enums, by OpenAPI name.
type enumUses struct {
	api   *api
	types map[string]*enumType
}

type enumType struct {
	values   []string
	replaced bool
	mixed    bool
}

// collect finds the enum types that the fields of a file's definitions have.
func (u *enumUses) collect(name string, file *ast.File) {
	packages := importsOf(name, file)
	for _, declaration := range file.Decls {
		field, ok := declaration.(*ast.Field)
		if !ok {
			continue
		}
		definition := u.api.definitions[definitionName(name, labelOf(field))]
		object, isObject := field.Value.(*ast.StructLit)
		if definition == nil || !isObject {
			continue
		}
		for _, element := range object.Elts {
			if member, ok := element.(*ast.Field); ok {
				if property := definition.Properties[labelOf(member)]; property != nil {
					u.match(packages, &member.Value, property)
				}
			}
		}
	}
}

// match walks a field's CUE type and its OpenAPI schema side by side, down to an enum.
func (u *enumUses) match(packages map[string]string, value *ast.Expr, property *schema) {
	property = property.target()
	switch typed := (*value).(type) {
	case *ast.BinaryExpr: // null | T
		u.match(packages, &typed.Y, property)
	case *ast.ListLit:
		if ellipsis, ok := typed.Elts[0].(*ast.Ellipsis); ok && property.Items != nil {
			u.match(packages, &ellipsis.Type, property.Items)
		}
	case *ast.StructLit:
		if pattern, ok := typed.Elts[0].(*ast.Field); ok && property.AdditionalProperties != nil {
			u.match(packages, &pattern.Value, &property.AdditionalProperties.schema)
		}
	case *ast.Ident:
		if typed.Name == "string" && len(property.Enum) > 0 {
			*value = disjunction(property.Enum)
		} else if strings.HasPrefix(typed.Name, "#") {
			u.use(packages[""]+"."+strings.TrimPrefix(typed.Name, "#"), property.Enum)
		}
	case *ast.SelectorExpr:
		folder, ok := typed.X.(*ast.Ident)
		if ok {
			name, _, _ := ast.LabelName(typed.Sel)
			u.use(packages[folder.Name]+"."+strings.TrimPrefix(name, "#"), property.Enum)
		}
	}
}

// use records one field of a named type. An enum belongs to the Go type, so every field of the type
// has the same values; one that has others is remembered as a contradiction.
func (u *enumUses) use(typeName string, values []string) {
	known := u.types[typeName]
	if known == nil {
		u.types[typeName] = &enumType{values: values}
		return
	}
	known.mixed = known.mixed || !slices.Equal(known.values, values)
}

// check fails when an enum of the API server reached no definition, for then the tree would be less
// strict than it looks, and when its fields disagree, for then the tree would be too strict for some.
func (u *enumUses) check() error {
	for _, name := range sortedKeys(u.types) {
		enum := u.types[name]
		if enum.mixed {
			return fmt.Errorf("the fields of type %s have different enums", name)
		}
		if len(enum.values) > 0 && !enum.replaced {
			return fmt.Errorf("no definition for the enum type %s", name)
		}
	}
	return nil
}

// importsOf maps the names that a file gives its imports to OpenAPI name prefixes; the empty name is
// the file's own package.
func importsOf(name string, file *ast.File) map[string]string {
	own, _ := splitName(definitionName(name, ""))
	result := map[string]string{"": own}
	for spec := range file.ImportSpecs() {
		info, err := astutil.ParseImportSpec(spec)
		if err != nil {
			continue
		}
		folder, _ := splitName(definitionName(info.Dir+"/file.cue", ""))
		result[info.Ident] = folder
	}
	return result
}
