package main

import (
	"bytes"
	"encoding/json"
	"reflect"
)

// jsonSchema is a JSON Schema of draft 2020-12, as far as values need it. The zero value accepts
// everything.
type jsonSchema struct {
	Dialect     string `json:"$schema,omitempty"`
	Ref         string `json:"$ref,omitempty"`
	Comment     string `json:"$comment,omitempty"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	// Type is a string or a list of them.
	Type    any               `json:"type,omitempty"`
	Const   json.RawMessage   `json:"const,omitempty"`
	Enum    []json.RawMessage `json:"enum,omitempty"`
	Default json.RawMessage   `json:"default,omitempty"`

	Minimum          json.RawMessage `json:"minimum,omitempty"`
	ExclusiveMinimum json.RawMessage `json:"exclusiveMinimum,omitempty"`
	Maximum          json.RawMessage `json:"maximum,omitempty"`
	ExclusiveMaximum json.RawMessage `json:"exclusiveMaximum,omitempty"`

	MinLength json.RawMessage `json:"minLength,omitempty"`
	MaxLength json.RawMessage `json:"maxLength,omitempty"`
	Pattern   string          `json:"pattern,omitempty"`

	PrefixItems []*jsonSchema `json:"prefixItems,omitempty"`
	// Items is a schema, or false.
	Items       any             `json:"items,omitempty"`
	MinItems    json.RawMessage `json:"minItems,omitempty"`
	MaxItems    json.RawMessage `json:"maxItems,omitempty"`
	UniqueItems bool            `json:"uniqueItems,omitempty"`

	Properties        properties `json:"properties,omitempty"`
	PatternProperties properties `json:"patternProperties,omitempty"`
	// AdditionalProperties is a schema, or false.
	AdditionalProperties any             `json:"additionalProperties,omitempty"`
	PropertyNames        *jsonSchema     `json:"propertyNames,omitempty"`
	MinProperties        json.RawMessage `json:"minProperties,omitempty"`
	MaxProperties        json.RawMessage `json:"maxProperties,omitempty"`
	Required             []string        `json:"required,omitempty"`

	Not   *jsonSchema   `json:"not,omitempty"`
	AnyOf []*jsonSchema `json:"anyOf,omitempty"`
	AllOf []*jsonSchema `json:"allOf,omitempty"`
	Defs  properties    `json:"$defs,omitempty"`
}

// properties keep the order in which they were declared.
type properties []property

type property struct {
	name   string
	schema *jsonSchema
}

func (list properties) MarshalJSON() ([]byte, error) {
	text := []byte("{")
	for i, entry := range list {
		if i > 0 {
			text = append(text, ',')
		}
		name, err := plainJSON(entry.name)
		if err != nil {
			return nil, err
		}
		schema, err := plainJSON(entry.schema)
		if err != nil {
			return nil, err
		}
		text = append(append(append(text, name...), ':'), schema...)
	}
	return append(text, '}'), nil
}

// plainJSON writes JSON as it is read best: < and & stay as they are.
func plainJSON(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

// isEmpty tells whether a schema accepts everything and says nothing: whether its text is {}.
func (s *jsonSchema) isEmpty() bool {
	fields := reflect.ValueOf(*s)
	for i := range fields.NumField() {
		field := fields.Field(i)
		isEmptyList := field.Kind() == reflect.Slice && field.Len() == 0
		if !isEmptyList && !field.IsZero() {
			return false
		}
	}
	return true
}
