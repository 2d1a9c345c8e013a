package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"cuelang.org/go/cue"
)

// scalarSchema writes a value that is neither a struct nor a list alone.
func scalarSchema(value cue.Value) *jsonSchema {
	schema := &jsonSchema{Type: jsonType(value.IncompleteKind())}
	constrain(schema, value.Eval())
	if schema.Const != nil || schema.Enum != nil {
		schema.Type = nil
	}
	return schema
}

// jsonType names the types of a kind: a name, a list of names, or nil for any.
func jsonType(kind cue.Kind) any {
	if kind == cue.TopKind || kind == cue.BottomKind {
		return nil
	}
	var names []string
	for _, entry := range []struct {
		kind cue.Kind
		name string
	}{
		{cue.NullKind, "null"},
		{cue.BoolKind, "boolean"},
		// YAML's binary values are text as well.
		{cue.StringKind | cue.BytesKind, "string"},
		{cue.FloatKind, "number"},
		{cue.IntKind, "integer"},
		{cue.ListKind, "array"},
		{cue.StructKind, "object"},
	} {
		isCovered := entry.kind == cue.IntKind && kind&cue.FloatKind != 0
		if kind&entry.kind != 0 && !isCovered {
			names = append(names, entry.name)
		}
	}
	if len(names) == 1 {
		return names[0]
	}
	return names
}

// constrain adds what an evaluated value demands beside its type.
func constrain(schema *jsonSchema, value cue.Value) {
	op, parts := value.Expr()
	switch op {
	case cue.AndOp:
		for _, part := range parts {
			constrain(schema, part.Eval())
		}
	case cue.OrOp:
		choices := &jsonSchema{}
		for _, part := range parts {
			choices.AnyOf = append(choices.AnyOf, scalarSchema(part))
		}
		schema.AllOf = append(schema.AllOf, choices)
	case cue.GreaterThanOp, cue.GreaterThanEqualOp, cue.LessThanOp, cue.LessThanEqualOp:
		bound(schema, op, parts[0])
	case cue.NotEqualOp:
		if text := constantJSON(parts[0]); text != nil {
			exclude(schema, &jsonSchema{Const: text})
		}
	case cue.RegexMatchOp, cue.NotRegexMatchOp:
		match(schema, op, parts[0])
	case cue.CallOp:
		call(schema, parts)
	case cue.NoOp:
		if len(parts) == 1 && parts[0] != value {
			constrain(schema, parts[0].Eval())
		} else if value.IsConcrete() {
			schema.Const = constantJSON(value)
		}
	default:
		schema.explain(unknownReason)
	}
}

// bound adds a numeric bound. Many tools read numbers as doubles, so a bound that is none becomes the
// next one outside.
func bound(schema *jsonSchema, op cue.Op, limit cue.Value) {
	text, err := limit.MarshalJSON()
	if err != nil || limit.IncompleteKind()&cue.NumberKind == 0 {
		schema.explain(fmt.Sprintf("also checked: %v%v", op, limit))
		return
	}
	isLower := op == cue.GreaterThanOp || op == cue.GreaterThanEqualOp
	exact := isDouble(text)
	if !exact {
		text = doubleOutside(text, isLower)
	}
	switch {
	case op == cue.GreaterThanOp && exact:
		schema.ExclusiveMinimum = text
	case isLower:
		schema.Minimum = text
	case op == cue.LessThanOp && exact:
		schema.ExclusiveMaximum = text
	default:
		schema.Maximum = text
	}
}

// maxSafeInteger is the largest number up to which doubles hold every integer.
const maxSafeInteger = 1<<53 - 1

// isDouble tells whether a number and its neighbours among the integers survive as doubles.
func isDouble(text []byte) bool {
	number, err := strconv.ParseFloat(string(text), 64)
	return err == nil && math.Abs(number) <= maxSafeInteger
}

func doubleOutside(text []byte, isLower bool) []byte {
	number, _ := strconv.ParseFloat(string(text), 64)
	direction := math.Inf(1)
	if isLower {
		direction = math.Inf(-1)
	}
	return strconv.AppendFloat(nil, math.Nextafter(number, direction), 'f', -1, 64)
}

func match(schema *jsonSchema, op cue.Op, expression cue.Value) {
	source, err := expression.String()
	translated, ok := ecmaPattern(source)
	switch {
	case err != nil || !ok:
		schema.explain(fmt.Sprintf("also checked: %v%v", op, expression))
	case op == cue.NotRegexMatchOp:
		exclude(schema, &jsonSchema{Pattern: translated})
	case schema.Pattern == "":
		schema.Pattern = translated
	default:
		schema.AllOf = append(schema.AllOf, &jsonSchema{Pattern: translated})
	}
}

func exclude(schema, excluded *jsonSchema) {
	if schema.Not == nil {
		schema.Not = excluded
		return
	}
	schema.AllOf = append(schema.AllOf, &jsonSchema{Not: excluded})
}

// call adds the constraint of a function of CUE that JSON Schema has as well.
func call(schema *jsonSchema, parts []cue.Value) {
	name := fmt.Sprint(parts[0])
	var text []byte
	if len(parts) == 2 {
		if count, err := parts[1].Int64(); err == nil {
			text = strconv.AppendInt(nil, count, 10)
		}
	}
	switch {
	case name == "strings.MinRunes" && text != nil:
		schema.MinLength = larger(schema.MinLength, text)
	case name == "strings.MaxRunes" && text != nil:
		schema.MaxLength = smaller(schema.MaxLength, text)
	default:
		schema.explain("also checked: " + name)
	}
}

func larger(a, b json.RawMessage) json.RawMessage {
	if compareCounts(a, b) > 0 {
		return a
	}
	return b
}

func smaller(a, b json.RawMessage) json.RawMessage {
	if len(a) > 0 && compareCounts(a, b) < 0 {
		return a
	}
	return b
}

func compareCounts(a, b json.RawMessage) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), bytes.Compare(a, b))
}
