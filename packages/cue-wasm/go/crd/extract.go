// Package crd turns Kubernetes' CustomResourceDefinitions into CUE packages.
package crd

import (
	"slices"

	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/errors"
)

// Selection says which definitions are wanted: those of the names or groups, or all without any.
type Selection struct{ Names, Groups []string }

// Package is the CUE package of one version of a definition.
type Package struct {
	// Name is that of the definition: `certificates.cert-manager.io`.
	Name, Group, Kind, Version string
	// Path is the import path: group, singular name, version.
	Path string
	// Line is where the definition begins.
	Line int
	Text []byte
}

// Extract translates the definitions in a YAML or JSON text. `names` are those of all that there
// are, wanted or not. The error holds everything that is wrong.
func Extract(file string, content []byte, selection Selection) (packages []Package, names []string, problems errors.Error) {
	definitions, problems := crdsOf(file, content, selection.includes)
	ctx := cuecontext.New()
	for _, definition := range definitions {
		names = append(names, definition.name)
		if problems != nil || !selection.includes(definition) {
			continue
		}
		for _, version := range definition.versions {
			text, err := translate(ctx, definition, version)
			if err != nil {
				problems = errors.Append(problems, err)
				continue
			}
			packages = append(packages, Package{
				Name: definition.name, Group: definition.group, Kind: definition.kind, Version: version.name,
				Path: definition.group + "/" + definition.singular + "/" + version.name,
				Line: definition.pos.Line(),
				Text: text,
			})
		}
	}
	return packages, names, problems
}

func (s Selection) includes(definition *crd) bool {
	if len(s.Names) == 0 && len(s.Groups) == 0 {
		return true
	}
	return slices.Contains(s.Names, definition.name) || slices.Contains(s.Groups, definition.group)
}
