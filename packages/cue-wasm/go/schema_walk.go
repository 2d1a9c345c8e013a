package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"cuelang.org/go/cue"
)

const (
	maxSchemaDepth = 60
	// Values are seldom nested deeper, so only from here on is it worth looking for recursion.
	recursionDepth = 8
)

const (
	computedReason    = "its value or default can depend on other values"
	conditionalReason = "further constraints depend on other values"
	builtReason       = "set when the instance is built"
	unknownReason     = "any value here: what is allowed depends on other values"
	vagueReason       = "not only objects: no field is always there"
	depthReason       = "any value here: nested too deep"
)

// schemaPlace is a value of the schema with what is known about it besides.
type schemaPlace struct {
	value cue.Value
	// built is the same field where the value ends up; it may not exist.
	built cue.Value
	// given is what the package's own values have here; it may not exist.
	given cue.Value
	// relaxed: what is required may come from elsewhere.
	relaxed bool
	// open: there can be other fields than those declared.
	open  bool
	depth int
}

// schemaWalker writes the JSON Schema of a widened value.
type schemaWalker struct {
	defs properties
	// named are the definitions by the identity of their values.
	named map[string]string
	// stack holds the identities of the structs around.
	stack []string
}

// field writes the schema of a field with its description and default.
func (w *schemaWalker) field(at schemaPlace, optional bool) *jsonSchema {
	found := marksOf(at.value, cue.FieldAttr)
	at.open = at.open || found[markOpen]
	schema := w.shape(at)
	schema.Description = description(at.value)
	if found[markComputed] {
		schema.explain(computedReason)
	}
	if found[markConditional] {
		schema.explain(conditionalReason)
	}
	if marksOf(at.built, cue.FieldAttr)[markBuilt] {
		schema.explain(builtReason)
	}
	if !optional {
		schema.Default = jsonDefault(at, len(found) > 0)
	}
	return schema
}

// explain notes why the schema accepts more than the evaluator.
func (s *jsonSchema) explain(reason string) {
	if s.Comment != "" {
		reason = s.Comment + "; " + reason
	}
	s.Comment = reason
}

// description joins the comments on a field, each once.
func description(value cue.Value) string {
	var texts []string
	for _, group := range value.Doc() {
		text := strings.TrimSpace(group.Text())
		if text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "\n\n")
}

// jsonDefault is the value that a field has when a user does not set it, for scalars and lists.
func jsonDefault(at schemaPlace, marked bool) []byte {
	if at.given.Exists() {
		return scalarJSON(at.given)
	}
	if value, ok := at.value.Default(); ok && !marked {
		return scalarJSON(value)
	}
	return nil
}

func scalarJSON(value cue.Value) []byte {
	kind := value.IncompleteKind()
	if kind == cue.StructKind || kind == cue.BytesKind || value.Validate(cue.Concrete(true)) != nil {
		return nil
	}
	text, err := value.MarshalJSON()
	if err != nil {
		return nil
	}
	return text
}

// shape writes what a value can be.
func (w *schemaWalker) shape(at schemaPlace) *jsonSchema {
	if at.depth > maxSchemaDepth {
		return &jsonSchema{Comment: depthReason}
	}
	kind := at.value.IncompleteKind()
	if at.value.Err() != nil || kind == cue.BottomKind {
		return w.unevaluated(at)
	}
	evaluated := at.value.Eval()
	op, choices := evaluated.Expr()
	switch {
	case op == cue.OrOp:
		if kind&cue.ListKind != 0 {
			if parts := conjuncts(at.value, 0); len(parts) > 1 {
				return w.byParts(at, parts)
			}
		}
		return w.alternatives(at, choices)
	case op == cue.NoOp && len(choices) == 1 && choices[0] != evaluated:
		// A default among values that include it.
		at.value = choices[0]
		return w.shape(at)
	case kind == cue.StructKind:
		return w.object(at)
	case kind == cue.ListKind:
		return w.list(at)
	}
	return scalarSchema(at.value)
}

// unevaluated writes a value that is in error: a definition inside itself, or what needs other values.
func (w *schemaWalker) unevaluated(at schemaPlace) *jsonSchema {
	target := cue.Dereference(at.value)
	if target == at.value || target.Err() != nil {
		return &jsonSchema{Comment: unknownReason}
	}
	at.value = target
	at.depth++
	if target.IncompleteKind() == cue.StructKind {
		return w.reference(at, identity(target))
	}
	return w.shape(at)
}

// byParts writes a choice among lists by the expressions that it is made of: evaluation closes the lists.
func (w *schemaWalker) byParts(at schemaPlace, parts []cue.Value) *jsonSchema {
	var all []*jsonSchema
	for _, part := range parts {
		// A struct may get fields from another part.
		inner := schemaPlace{value: part, relaxed: true, open: true, depth: at.depth + 1}
		all = appendNewSchema(all, w.shape(inner))
	}
	if len(all) == 1 {
		return all[0]
	}
	return &jsonSchema{AllOf: all}
}

func appendNewSchema(list []*jsonSchema, schema *jsonSchema) []*jsonSchema {
	text, _ := plainJSON(schema)
	known := func(other *jsonSchema) bool {
		otherText, _ := plainJSON(other)
		return bytes.Equal(text, otherText)
	}
	if schema.isEmpty() || slices.ContainsFunc(list, known) {
		return list
	}
	return append(list, schema)
}

// conjuncts takes a value apart, through references.
func conjuncts(value cue.Value, depth int) []cue.Value {
	op, parts := value.Expr()
	target := cue.Dereference(value)
	switch {
	case op == cue.AndOp:
		var all []cue.Value
		for _, part := range parts {
			all = append(all, conjuncts(part, depth+1)...)
		}
		return all
	case op == cue.SelectorOp && target != value && depth < recursionDepth:
		return conjuncts(target, depth+1)
	}
	return []cue.Value{value}
}

// alternatives writes a disjunction: constants as an enumeration, the rest one by one.
func (w *schemaWalker) alternatives(at schemaPlace, choices []cue.Value) *jsonSchema {
	constants := &jsonSchema{}
	var others []*jsonSchema
	for _, choice := range choices {
		if text := constantJSON(choice); text != nil {
			constants.Enum = append(constants.Enum, text)
			continue
		}
		others = append(others, w.shape(schemaPlace{
			value: choice, relaxed: true, open: at.open, depth: at.depth + 1,
		}))
	}
	if slices.ContainsFunc(others, func(other *jsonSchema) bool { return other.Type == nil && other.isEmpty() }) {
		return &jsonSchema{}
	}
	if len(constants.Enum) > 0 {
		others = append([]*jsonSchema{constants}, others...)
	}
	if len(others) == 1 {
		return others[0]
	}
	return &jsonSchema{AnyOf: others}
}

// constantJSON is the text of a choice that is one scalar value.
func constantJSON(choice cue.Value) []byte {
	if op, _ := choice.Eval().Expr(); op != cue.NoOp || !choice.IsConcrete() {
		return nil
	}
	text := scalarJSON(choice)
	switch kind := choice.IncompleteKind(); {
	case kind == cue.ListKind:
		return nil
	case kind&cue.NumberKind != 0 && !isDouble(text):
		return nil
	}
	return text
}

// list writes a list with its fixed elements and the rest.
func (w *schemaWalker) list(at schemaPlace) *jsonSchema {
	schema := &jsonSchema{Type: "array"}
	inner := schemaPlace{
		relaxed: at.relaxed || at.given.Exists(), open: at.open, depth: at.depth + 1,
	}
	elements, err := at.value.List()
	if err != nil {
		schema.explain(unknownReason)
		return schema
	}
	for elements.Next() {
		element := inner
		element.value = elements.Value()
		schema.PrefixItems = append(schema.PrefixItems, w.field(element, true))
	}
	if count := len(schema.PrefixItems); count > 0 {
		schema.MinItems = fmt.Appendf(nil, "%d", count)
	}
	inner.value, inner.built = lookAt(at.value, cue.AnyIndex), lookAt(at.built, cue.AnyIndex)
	if inner.value.Exists() {
		if items := w.field(inner, true); !items.isEmpty() {
			schema.Items = items
		}
	} else if !at.value.Allows(cue.AnyIndex) {
		schema.Items = false
	}
	addChecks(schema, at.value)
	return schema
}

// object writes a struct, or a reference to it where it is inside itself.
func (w *schemaWalker) object(at schemaPlace) *jsonSchema {
	if at.depth < recursionDepth {
		return w.fields(at)
	}
	key := identity(at.value)
	if w.named[key] != "" || slices.Contains(w.stack, key) {
		return w.reference(at, key)
	}
	w.stack = append(w.stack, key)
	schema := w.fields(at)
	w.stack = w.stack[:len(w.stack)-1]
	return schema
}

// reference writes a struct that is inside itself as a definition of its own.
func (w *schemaWalker) reference(at schemaPlace, key string) *jsonSchema {
	if w.named[key] == "" {
		w.named[key] = w.freeName(at.value)
		at.relaxed, at.given, at.built = true, cue.Value{}, cue.Value{}
		entry := &jsonSchema{}
		w.defs = append(w.defs, property{w.named[key], entry})
		*entry = *w.fields(at)
	}
	return &jsonSchema{Ref: "#/$defs/" + w.named[key]}
}

func (w *schemaWalker) freeName(value cue.Value) string {
	base := "struct"
	if selectors := value.Path().Selectors(); len(selectors) > 0 {
		base = strings.Trim(selectors[len(selectors)-1].String(), `#_"[]`)
	}
	name := base
	for i := 2; slices.ContainsFunc(w.defs, func(entry property) bool { return entry.name == name }); i++ {
		name = fmt.Sprintf("%s-%d", base, i)
	}
	return name
}

// identity is the same for values that are made of the same expressions.
func identity(value cue.Value) string {
	op, parts := value.Expr()
	if op != cue.AndOp {
		return value.Pos().String()
	}
	var positions []string
	for _, part := range parts {
		positions = append(positions, part.Pos().String())
	}
	slices.Sort(positions)
	return strings.Join(slices.Compact(positions), " ")
}
