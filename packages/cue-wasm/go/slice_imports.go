package main

import (
	"slices"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
)

func (s *slicer) referToImport(at place, name string, selected []string) {
	for spec := range at.file.ImportSpecs() {
		imported := at.instance.LookupImport(importPath(spec))
		if nameOfImport(spec, imported) != name {
			continue
		}
		s.imports[spec] = true
		if imported == nil {
			continue
		}
		if len(selected) == 0 {
			s.failed = true
			continue
		}
		s.want(s.packageOf(imported), selected[0])
	}
}

func (s *slicer) packageOf(instance *build.Instance) *sliced {
	for _, known := range s.packages {
		if known.instance == instance {
			return known
		}
	}
	found := &sliced{instance: instance, names: map[string]bool{}}
	s.packages = append(s.packages, found)
	for _, file := range instance.Files {
		for _, decl := range file.Decls {
			if isAlwaysThere(decl) {
				s.keep(place{instance, file}, decl)
			}
		}
	}
	return found
}

// isAlwaysThere tells whether a declaration adds to a package without a name to ask for it by.
func isAlwaysThere(decl ast.Decl) bool {
	switch decl := decl.(type) {
	case *ast.Field:
		_, plain := labelOf(decl)
		return !plain
	case *ast.EmbedDecl, *ast.Comprehension:
		return true
	}
	return false
}

// want keeps the declarations of a name of an imported package.
func (s *slicer) want(pkg *sliced, name string) {
	if pkg.names[name] {
		return
	}
	pkg.names[name] = true
	for _, file := range pkg.instance.Files {
		for _, decl := range file.Decls {
			if slices.Contains(namesOf(decl), name) {
				s.keep(place{pkg.instance, file}, decl)
			}
		}
	}
}

func importPath(spec *ast.ImportSpec) string {
	return strings.Trim(spec.Path.Value, `"`)
}

func nameOfImport(spec *ast.ImportSpec, imported *build.Instance) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	if imported != nil {
		return imported.PkgName
	}
	path := importPath(spec)
	return path[strings.LastIndexAny(path, "/:")+1:]
}
