package main

import (
	"compress/gzip"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// definitionFile holds the types of one Go package. A type is
//
//	"string", "int32", …                  a scalar, or "any"
//	{"enum": […]}                         one of these strings
//	{"items": T, "keys": {…}, "set": …}   a list; the keys of its elements with their defaults
//	{"values": T}                         a map
//	{"fields": {…}, "required": […]}      an object
//	{"ref": NAME}                         a type of this or another file
type definitionFile struct {
	// Imports are the other files that types of this one refer to.
	Imports []string       `json:"imports"`
	Types   map[string]any `json:"types"`
}

type listType struct {
	Items any            `json:"items"`
	Keys  map[string]any `json:"keys,omitempty"`
	Set   bool           `json:"set,omitempty"`
}

type objectType struct {
	Fields   map[string]any `json:"fields"`
	Required []string       `json:"required,omitempty"`
}

// scalars are definitions that stand for one value, by what the Go types accept in JSON.
var scalars = map[string]string{
	"io.k8s.apimachinery.pkg.api.resource.Quantity":   "quantity",
	"io.k8s.apimachinery.pkg.util.intstr.IntOrString": "int-or-string",
	"io.k8s.apimachinery.pkg.apis.meta.v1.Time":       "time",
	"io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime":  "micro-time",
	"io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1":   "any",
	"io.k8s.apimachinery.pkg.runtime.RawExtension":    "any",
}

type checks struct {
	api   *api
	files map[string]*definitionFile
}

// writeChecks writes the definitions that the kinds of the index reach, one file for each Go package.
func writeChecks(folder string, served *api, kinds *index) error {
	result := &checks{api: served, files: map[string]*definitionFile{}}
	for _, group := range kinds.Served {
		for _, kind := range group {
			file, _ := splitName(kind.Type)
			result.define(file, longName(kind.Type))
		}
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for name, file := range result.files {
		slices.Sort(file.Imports)
		if err := writeGzip(filepath.Join(folder, name+".json.gz"), file); err != nil {
			return err
		}
	}
	return nil
}

// define adds a definition and returns the type of what refers to it from a file.
func (c *checks) define(from, name string) any {
	if scalar, ok := scalars[name]; ok {
		return scalar
	}
	definition := c.api.definitions[name]
	if definition.Type != "object" || definition.AdditionalProperties != nil {
		return c.typeOf(from, definition)
	}
	fileName, typeName := splitName(shortName(name))
	file := c.file(fileName)
	if _, known := file.Types[typeName]; !known {
		file.Types[typeName] = nil // for definitions that contain themselves
		object := objectType{Fields: map[string]any{}}
		for _, field := range definition.Required {
			if !loose[shortName(name)+"."+field] {
				object.Required = append(object.Required, field)
			}
		}
		for field, property := range definition.Properties {
			if loose[shortName(name)+"."+field] {
				property = property.withoutEnum()
			}
			object.Fields[field] = c.typeOf(fileName, property)
		}
		file.Types[typeName] = object
	}
	if from != fileName && !slices.Contains(c.file(from).Imports, fileName) {
		c.file(from).Imports = append(c.file(from).Imports, fileName)
	}
	return map[string]any{"ref": shortName(name)}
}

func (c *checks) file(name string) *definitionFile {
	if c.files[name] == nil {
		c.files[name] = &definitionFile{Imports: []string{}, Types: map[string]any{}}
	}
	return c.files[name]
}

func (c *checks) typeOf(file string, s *schema) any {
	if name := s.reference(); name != "" {
		return c.define(file, name)
	}
	s = s.target()
	switch {
	case len(s.Enum) > 0:
		return map[string]any{"enum": s.Enum}
	case s.Type == "array":
		list := listType{Items: c.typeOf(file, s.Items), Set: s.ListType == "set"}
		if s.ListType == "map" {
			list.Keys = c.keysOf(s)
		}
		return list
	case s.AdditionalProperties != nil:
		return map[string]any{"values": c.typeOf(file, &s.AdditionalProperties.schema)}
	case s.Format == "byte":
		return "bytes"
	case s.Format == "date-time":
		return "time"
	case s.Format == "int32", s.Format == "int64":
		return s.Format
	case s.Type == "", s.Type == "object":
		return "any"
	default:
		return s.Type
	}
}

// keysOf are the keys of a list's elements with the defaults that the server fills in.
func (c *checks) keysOf(list *schema) map[string]any {
	keys := map[string]any{}
	element := c.api.definitions[list.Items.reference()]
	for _, key := range list.ListMapKeys {
		keys[key] = nil
		if element != nil && !slices.Contains(element.Required, key) && element.Properties[key] != nil {
			keys[key] = element.Properties[key].Default
		}
	}
	return keys
}

const namePrefix = "io.k8s."

func shortName(name string) string { return strings.TrimPrefix(name, namePrefix) }

func longName(name string) string { return namePrefix + name }

// splitName cuts "api.apps.v1.Deployment" into "api.apps.v1" and "Deployment".
func splitName(name string) (file, typeName string) {
	dot := strings.LastIndexByte(name, '.')
	return name[:dot], name[dot+1:]
}

func writeGzip(path string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	packed, err := gzip.NewWriterLevel(file, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := packed.Write(text); err != nil {
		return err
	}
	return packed.Close()
}

func writeJSON(path string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

func sortedKeys[Value any](values map[string]Value) []string {
	return slices.Sorted(maps.Keys(values))
}
