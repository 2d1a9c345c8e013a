package crd

import (
	"slices"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"
)

// The schema of a definition is JSON Schema with extensions of its own. What CUE's decoder does not
// know is said here in words that it knows.
// https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/#JSONSchemaProps

const openAPIRef = "#/components/schemas/"

// componentsOf makes an OpenAPI document of a version's schema. It has two components: the resource,
// named after its kind, and its spec, which users want to refer to by itself.
func componentsOf(definition *crd, version crdVersion) *ast.StructLit {
	resource := version.schema
	setMember(resource, "type", ast.NewString("object"))
	properties := memberObject(resource, "properties")
	dropMember(properties, "status")
	dropText(resource, "required", "status")
	setConstant(properties, "apiVersion", definition.group+"/"+version.name)
	setConstant(properties, "kind", definition.kind)
	setMetadata(definition, properties)
	addText(resource, "required", "metadata")
	prepare(resource, false)

	schemas := ast.NewStruct()
	name := identifier(definition.kind)
	if field := memberField(properties, "spec"); field != nil {
		setMember(schemas, name+"Spec", field.Value)
		reference := ast.NewStruct()
		setMember(reference, "$ref", ast.NewString(openAPIRef+name+"Spec"))
		if given := member(field.Value, "default"); given != nil {
			setMember(reference, "default", given)
		}
		field.Value = reference
		addText(resource, "required", "spec")
	}
	setMember(schemas, name, resource)
	document, components := ast.NewStruct(), ast.NewStruct()
	setMember(components, "schemas", schemas)
	setMember(document, "components", components)
	return document
}

// setConstant makes a property have one value, which nobody has to write.
func setConstant(properties *ast.StructLit, name, value string) {
	property := memberObject(properties, name)
	setMember(property, "type", ast.NewString("string"))
	setMember(property, "enum", ast.NewList(ast.NewString(value)))
	setMember(property, "default", ast.NewString(value))
}

// setMetadata describes the metadata that people write. A definition may bound the name and no more.
func setMetadata(definition *crd, properties *ast.StructLit) {
	metadata := memberObject(properties, "metadata")
	bounds := memberObject(memberObject(metadata, "properties"), "name")
	setMember(metadata, "type", ast.NewString("object"))
	dropMember(metadata, "properties")
	fields := memberObject(metadata, "properties")
	setMember(fields, "annotations", mapOfTexts())
	setMember(fields, "finalizers", listOfTexts())
	setMember(fields, "labels", mapOfTexts())
	name := boundedText("253")
	for _, field := range members(bounds) {
		setMember(name, labelOf(field), field.Value)
	}
	setMember(fields, "name", name)
	setMember(fields, "namespace", boundedText("63"))
	addText(metadata, "required", "name")
	if definition.namespaced {
		addText(metadata, "required", "namespace")
	}
}

func boundedText(most string) *ast.StructLit {
	text := typed("string")
	setMember(text, "minLength", ast.NewLit(token.INT, "1"))
	setMember(text, "maxLength", ast.NewLit(token.INT, most))
	return text
}

func mapOfTexts() *ast.StructLit {
	object := typed("object")
	setMember(object, "additionalProperties", typed("string"))
	return object
}

func listOfTexts() *ast.StructLit {
	list := typed("array")
	setMember(list, "items", typed("string"))
	return list
}

func typed(name string) *ast.StructLit {
	schema := ast.NewStruct()
	setMember(schema, "type", ast.NewString(name))
	return schema
}

// prepare rewrites a schema. `conditional` says that a condition stands on it or on one around it:
// a call of matchN opens the definition that it is in, so all objects there are closed one by one.
func prepare(node ast.Expr, conditional bool) {
	schema, ok := node.(*ast.StructLit)
	if !ok {
		return
	}
	conditional = conditional || hasAny(schema, conditionLists...) || hasAny(schema, "not")
	if isTrue(member(schema, "x-kubernetes-embedded-resource")) {
		embedResource(schema)
	}
	if isTrue(member(schema, "x-kubernetes-int-or-string")) {
		dropMember(schema, "type")
		if !hasAny(schema, conditionLists...) {
			setMember(schema, "anyOf", ast.NewList(typed("integer"), typed("string")))
		}
	}
	// An API server takes paths for URIs as well.
	if textOf(member(schema, "format")) == "uri" {
		dropMember(schema, "format")
	}
	for _, key := range conditionLists {
		if only := items(member(schema, key)); len(only) == 1 {
			openCondition(only[0])
		}
	}
	if textOf(member(schema, "type")) == "object" && member(schema, "additionalProperties") == nil {
		isOpen := isTrue(member(schema, "x-kubernetes-preserve-unknown-fields"))
		if isOpen || conditional {
			setMember(schema, "additionalProperties", ast.NewBool(isOpen))
		}
	}
	if properties, ok := member(schema, "properties").(*ast.StructLit); ok {
		sortMembers(properties)
		for _, field := range members(properties) {
			prepare(field.Value, conditional)
		}
	}
	prepare(member(schema, "additionalProperties"), conditional)
	prepare(member(schema, "items"), conditional)
}

var conditionLists = []string{"allOf", "anyOf", "oneOf"}

// openCondition keeps a condition from closing what it is about: CUE's decoder unifies an only
// condition with the object, while it has matchN try several.
func openCondition(node ast.Expr) {
	condition, ok := node.(*ast.StructLit)
	if !ok {
		return
	}
	if hasAny(condition, "properties", "required") && !hasAny(condition, "additionalProperties") {
		setMember(condition, "additionalProperties", ast.NewBool(true))
	}
	for _, field := range members(member(condition, "properties")) {
		openCondition(field.Value)
	}
	openCondition(member(condition, "items"))
	for _, key := range conditionLists {
		for _, item := range items(member(condition, key)) {
			openCondition(item)
		}
	}
}

func hasAny(schema ast.Expr, keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return member(schema, key) != nil })
}

// embedResource adds the fields that every resource has.
func embedResource(schema *ast.StructLit) {
	properties := memberObject(schema, "properties")
	for _, name := range []string{"apiVersion", "kind"} {
		if member(properties, name) == nil {
			setMember(properties, name, typed("string"))
		}
		addText(schema, "required", name)
	}
	if member(properties, "metadata") == nil {
		metadata := typed("object")
		setMember(metadata, "additionalProperties", ast.NewBool(true))
		setMember(properties, "metadata", metadata)
	}
}

func sortMembers(object *ast.StructLit) {
	sorted := members(object)
	object.Elts = object.Elts[:0]
	for _, field := range sorted {
		object.Elts = append(object.Elts, field)
	}
}
