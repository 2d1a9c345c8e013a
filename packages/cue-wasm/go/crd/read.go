package crd

import (
	"fmt"
	"regexp"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/token"
	cueyaml "cuelang.org/go/encoding/yaml"
)

// crd is a CustomResourceDefinition, as far as it matters to those who write resources of its kind.
type crd struct {
	name, group, kind, singular string
	namespaced                  bool
	versions                    []crdVersion
	pos                         token.Pos
}

type crdVersion struct {
	name   string
	schema *ast.StructLit
}

// The names become folders and identifiers, so they are held to the rules of the API server.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
var (
	groupName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
	kindName  = regexp.MustCompile(`^[A-Za-z]([-A-Za-z0-9]*[A-Za-z0-9])?$`)
	labelName = regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)
)

// crdsOf finds the definitions among the documents of a YAML or JSON text, lists included. Of those
// that `wanted` refuses it reads the name alone.
func crdsOf(file string, content []byte, wanted func(*crd) bool) ([]*crd, errors.Error) {
	parsed, err := cueyaml.Extract(file, content)
	if err != nil {
		return nil, errors.Promote(err, "")
	}
	var found []*crd
	var problems errors.Error
	for _, document := range documentsOf(parsed) {
		definition := &crd{pos: document.Pos()}
		readNames(definition, document)
		if wanted(definition) {
			problems = errors.Append(problems, readCRD(definition, document))
		}
		found = append(found, definition)
	}
	return found, problems
}

func documentsOf(file *ast.File) []ast.Expr {
	if len(file.Decls) == 1 {
		if embedded, ok := file.Decls[0].(*ast.EmbedDecl); ok {
			var found []ast.Expr
			for _, document := range items(embedded.Expr) {
				found = append(found, definitionsIn(document, false)...)
			}
			return found
		}
	}
	return definitionsIn(&ast.StructLit{Elts: file.Decls}, false)
}

// definitionsIn expands lists. The items of an API server's CustomResourceDefinitionList do not say
// their kind.
func definitionsIn(document ast.Expr, known bool) []ast.Expr {
	kind := textOf(member(document, "kind"))
	if kind == "CustomResourceDefinition" || known && kind == "" {
		return []ast.Expr{document}
	}
	if !strings.HasSuffix(kind, "List") {
		return nil
	}
	var found []ast.Expr
	for _, item := range items(member(document, "items")) {
		found = append(found, definitionsIn(item, kind == "CustomResourceDefinitionList")...)
	}
	return found
}

func readNames(into *crd, document ast.Expr) {
	spec := member(document, "spec")
	names := member(spec, "names")
	into.group = textOf(member(spec, "group"))
	into.kind = textOf(member(names, "kind"))
	into.singular = textOf(member(names, "singular"))
	if into.singular == "" {
		into.singular = strings.ToLower(into.kind)
	}
	into.namespaced = textOf(member(spec, "scope")) == "Namespaced"
	into.name = textOf(member(member(document, "metadata"), "name"))
	if into.name == "" {
		into.name = textOf(member(names, "plural")) + "." + into.group
	}
}

func readCRD(into *crd, document ast.Expr) (problems errors.Error) {
	spec := member(document, "spec")
	names := member(spec, "names")
	check := func(path, text string, rule *regexp.Regexp, nodes ...ast.Expr) {
		if !rule.MatchString(text) {
			problems = errors.Append(problems, errors.Newf(posOfFirst(nodes), "%s cannot be %q", path, text))
		}
	}
	check("spec.group", into.group, groupName, member(spec, "group"), spec, document)
	check("spec.names.kind", into.kind, kindName, member(names, "kind"), names, spec, document)
	if problems == nil {
		check("spec.names.singular", into.singular, labelName, member(names, "singular"), names)
	}
	versions := items(member(spec, "versions"))
	if len(versions) == 0 {
		return errors.Append(problems, errors.Newf(posOfFirst([]ast.Expr{spec, document}),
			"spec.versions is missing: only definitions of apiextensions.k8s.io/v1 are understood"))
	}
	for i, node := range versions {
		path := fmt.Sprintf("spec.versions[%d]", i)
		version := crdVersion{name: textOf(member(node, "name"))}
		check(path+".name", version.name, labelName, member(node, "name"), node)
		schema := member(member(node, "schema"), "openAPIV3Schema")
		var ok bool
		if version.schema, ok = schema.(*ast.StructLit); !ok {
			problems = errors.Append(problems, errors.Newf(posOfFirst([]ast.Expr{schema, node}),
				"%s.schema.openAPIV3Schema must be an object", path))
		}
		into.versions = append(into.versions, version)
	}
	return problems
}

// posOfFirst is the position of the first node that is there.
func posOfFirst(nodes []ast.Expr) token.Pos {
	for _, node := range nodes {
		if node != nil && node.Pos().IsValid() {
			return node.Pos()
		}
	}
	return token.NoPos
}
