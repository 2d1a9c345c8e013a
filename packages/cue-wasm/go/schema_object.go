package main

import (
	"fmt"
	"strings"

	"cuelang.org/go/cue"
)

// unlikelyName is allowed in a struct only if any name is.
const unlikelyName = "\ue000 tenon"

// pattern is a constraint on all fields whose names match.
type pattern struct {
	name  cue.Value
	value cue.Value
	built cue.Value
}

type member struct {
	name       string
	constraint cue.SelectorType
	value      cue.Value
}

// membersOf lists the regular, optional and required fields of a struct, and its patterns.
func membersOf(value cue.Value) (members []member, patterns []pattern) {
	if !value.Exists() {
		return nil, nil
	}
	fields, err := value.Fields(cue.Optional(true), cue.Patterns(true))
	if err != nil {
		return nil, nil
	}
	for fields.Next() {
		selector := fields.Selector()
		if selector.ConstraintType() == cue.PatternConstraint {
			patterns = append(patterns, pattern{name: selector.Pattern(), value: fields.Value()})
			continue
		}
		if selector.LabelType() == cue.StringLabel {
			members = append(members, member{selector.Unquoted(), selector.ConstraintType(), fields.Value()})
		}
	}
	return members, patterns
}

// fields writes the schema of a struct.
func (w *schemaWalker) fields(at schemaPlace) *jsonSchema {
	schema := &jsonSchema{Type: "object"}
	if marksOf(at.value, cue.DeclAttr)[markConditional] {
		schema.explain(conditionalReason)
	}
	members, patterns := membersOf(at.value)
	builtMembers, builtPatterns := membersOf(at.built)
	built := map[string]member{}
	for _, entry := range builtMembers {
		built[entry.name] = entry
	}
	for _, entry := range members {
		inner := schemaPlace{
			value: entry.value, built: built[entry.name].value, given: lookAt(at.given, cue.Str(entry.name)),
			relaxed: at.relaxed, open: at.open, depth: at.depth + 1,
		}
		optional := entry.constraint == cue.OptionalConstraint
		written := w.field(inner, optional)
		schema.Properties = append(schema.Properties, property{entry.name, written})
		if !at.relaxed && !inner.given.Exists() && isWanted(entry, written) && isWanted(built[entry.name], written) {
			schema.Required = append(schema.Required, entry.name)
		}
	}
	w.others(schema, at, withBuilt(patterns, builtPatterns))
	addChecks(schema, at.value)
	if takesScalars(at.value) {
		schema.Type = nil
		schema.explain(vagueReason)
	}
	return schema
}

// takesScalars tells whether a struct unifies with what is no struct.
func takesScalars(value cue.Value) bool {
	return value.Unify(value.Context().Encode("")).Err() == nil
}

// lookAt finds a part of a value, where there is one.
func lookAt(value cue.Value, selector cue.Selector) cue.Value {
	if !value.Exists() {
		return cue.Value{}
	}
	return value.LookupPath(cue.MakePath(selector))
}

// isWanted tells whether a field surely lacks a value, or a struct one of its fields.
func isWanted(entry member, written *jsonSchema) bool {
	if !entry.value.Exists() && entry.constraint != cue.RequiredConstraint {
		return false
	}
	if len(marksOf(entry.value, cue.FieldAttr)) > 0 {
		return false
	}
	switch entry.constraint {
	case cue.RequiredConstraint:
		return true
	case cue.OptionalConstraint:
		return false
	}
	_, hasDefault := entry.value.Default()
	kind := entry.value.IncompleteKind()
	if kind == cue.StructKind {
		return !hasDefault && len(written.Required) > 0
	}
	return kind&(cue.StructKind|cue.ListKind) == 0 && entry.value.Err() == nil &&
		!entry.value.IsConcrete() && !hasDefault
}

func withBuilt(patterns, built []pattern) []pattern {
	for i, entry := range patterns {
		for _, other := range built {
			if fmt.Sprint(other.name) == fmt.Sprint(entry.name) {
				patterns[i].built = other.value
			}
		}
	}
	return patterns
}

// others writes what fields may have that are not declared by name.
func (w *schemaWalker) others(schema *jsonSchema, at schemaPlace, patterns []pattern) {
	if at.open {
		return
	}
	closed := isClosed(at.value) || isClosed(cue.Dereference(at.value))
	if len(patterns) == 1 && len(schema.Properties) == 0 {
		patterns[0].value = matching(at.value, patterns[0])
	}
	var names, values []*jsonSchema
	exact := true
	for _, entry := range patterns {
		inner := schemaPlace{
			value: entry.value, built: entry.built,
			relaxed: at.relaxed || at.given.Exists(), depth: at.depth + 1,
		}
		name := nameSchema(entry.name)
		names, values = append(names, name), append(values, w.field(inner, true))
		exact = exact && isOnlyPattern(name)
	}
	switch {
	case closed && len(patterns) == 0:
		schema.AdditionalProperties = false
	case exact && len(patterns) > 0:
		for i, name := range names {
			schema.PatternProperties = append(schema.PatternProperties, property{name.Pattern, values[i]})
		}
		if closed {
			schema.AdditionalProperties = false
		}
	case closed:
		schema.AdditionalProperties = anyOf(values)
		schema.PropertyNames = anyOf(append(declaredNames(schema), names...))
	case len(patterns) == 1 && isAnyName(names[0]):
		if !values[0].isEmpty() {
			schema.AdditionalProperties = values[0]
		}
	case len(patterns) > 0:
		schema.explain(conditionalReason)
	}
}

// isClosed tells whether a struct has no other fields than those that are declared or match a pattern.
func isClosed(value cue.Value) bool {
	if !value.Allows(cue.Str(unlikelyName)) {
		return true
	}
	// A struct that is open is closed by another one that is not, which Allows does not see.
	tried := value.FillPath(cue.MakePath(cue.Str(unlikelyName)), value.Context().CompileString("_"))
	err := tried.Err()
	return err != nil && strings.Contains(err.Error(), "field not allowed")
}

// likelyNames are names of fields of which most patterns match one.
var likelyNames = []string{"a", "A", "ab", "a.b", "A_B", "1", "/a"}

// matching is the value of a field of a struct that has a pattern and nothing else. In a definition it
// is closed, unlike the value of the pattern itself, which serves where no name is found.
func matching(object cue.Value, only pattern) cue.Value {
	for _, name := range likelyNames {
		if only.name.Unify(object.Context().Encode(name)).Err() != nil {
			continue
		}
		path := cue.MakePath(cue.Str(name))
		filled := object.FillPath(path, object.Context().CompileString("_"))
		if field := filled.LookupPath(path); filled.Err() == nil && field.Err() == nil && field.Exists() {
			return field
		}
	}
	return only.value
}

// nameSchema writes a constraint on names, which are texts anyhow.
func nameSchema(name cue.Value) *jsonSchema {
	schema := scalarSchema(name)
	if schema.Type == "string" {
		schema.Type = nil
	}
	return schema
}

// isOnlyPattern tells whether a schema of names is one regular expression and nothing else.
func isOnlyPattern(name *jsonSchema) bool {
	rest := *name
	rest.Pattern = ""
	return name.Pattern != "" && rest.isEmpty()
}

func isAnyName(name *jsonSchema) bool {
	return name.isEmpty()
}

func declaredNames(schema *jsonSchema) []*jsonSchema {
	if len(schema.Properties) == 0 {
		return nil
	}
	declared := &jsonSchema{}
	for _, entry := range schema.Properties {
		text, err := plainJSON(entry.name)
		if err == nil {
			declared.Enum = append(declared.Enum, text)
		}
	}
	return []*jsonSchema{declared}
}

func anyOf(choices []*jsonSchema) *jsonSchema {
	if len(choices) == 1 {
		return choices[0]
	}
	return &jsonSchema{AnyOf: choices}
}
