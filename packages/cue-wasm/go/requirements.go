package main

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/mod/modconfig"
	"cuelang.org/go/mod/modfile"
	"cuelang.org/go/mod/module"
)

// requirementsRequest is what op "requirements" takes beside a module file and, for the module that
// is built, the local module file that says more.
type requirementsRequest struct {
	// Registry is in the form of CUE_REGISTRY; one that names a file cannot be read here.
	Registry string `json:"registry,omitempty"`
}

// requirement is a module that a module file names.
type requirement struct {
	// Path is without the major version.
	Path    string   `json:"path"`
	Version string   `json:"version"`
	At      position `json:"at"`
	// Location is missing where no registry is meant to have the module.
	Location *location `json:"location,omitempty"`
}

type location struct {
	Host       string `json:"host"`
	Insecure   bool   `json:"insecure,omitempty"`
	Repository string `json:"repository"`
	Tag        string `json:"tag"`
}

// readRequirements lists what a module file requires, and where that is. A file that is wrong gives
// nothing: an evaluation tells what is wrong with it.
func readRequirements(req *request, body *reader, resp *response) error {
	files, err := readFiles(req.Files, body)
	if err != nil {
		return err
	}
	content, ok := files[moduleFile]
	if !ok {
		return errors.New("no module file")
	}
	resolver, err := modconfig.NewResolver(&modconfig.Config{CUERegistry: req.Registry, Env: []string{}})
	if err != nil {
		resp.Diagnostics = []diagnostic{{Text: strings.TrimPrefix(err.Error(), "bad value for registry: ")}}
		return nil
	}
	name := moduleFile
	file, err := modfile.FixLegacy(content, name)
	if err != nil {
		return nil
	}
	if local, ok := files[localModuleFile]; ok {
		content, name = local, localModuleFile
		if file, err = modfile.ParseLocal(content, name, file); err != nil {
			return nil
		}
	}
	resp.Module = file.QualifiedModule()
	for _, key := range slices.Sorted(maps.Keys(file.Deps)) {
		mv, found := requiredVersion(key, file.Deps[key])
		if !found {
			continue
		}
		wanted := requirement{Path: mv.BasePath(), Version: mv.Version(), At: positionOfDependency(name, content, key)}
		if at, ok := resolver.ResolveToLocation(mv.BasePath(), mv.Version()); ok {
			wanted.Location = &location{Host: at.Host, Insecure: at.Insecure, Repository: at.Repository, Tag: at.Tag}
		}
		resp.Requirements = append(resp.Requirements, wanted)
	}
	return nil
}

// requiredVersion is the module that takes the place of a dependency; nothing for a folder.
func requiredVersion(key string, dep *modfile.Dep) (module.Version, bool) {
	if dep.ReplaceWith == "" {
		mv, err := module.NewVersion(key, dep.Version)
		return mv, err == nil
	}
	if isFolder(dep.ReplaceWith) {
		return module.Version{}, false
	}
	mv, err := module.ParseVersion(dep.ReplaceWith)
	return mv, err == nil
}

func isFolder(replacement string) bool {
	return strings.HasPrefix(replacement, ".") || path.IsAbs(replacement)
}

// replacementProblem finds a dependency that a local module file replaces by a folder outside of the
// module: the loader would look for it in the file system of the host.
func replacementProblem(files fileSet) (diagnostic, bool) {
	content, ok := files[localModuleFile]
	if !ok {
		return diagnostic{}, false
	}
	base, err := modfile.FixLegacy(files[moduleFile], moduleFile)
	if err != nil {
		return diagnostic{}, false
	}
	file, err := modfile.ParseLocal(content, localModuleFile, base)
	if err != nil {
		return diagnostic{}, false
	}
	for _, key := range slices.Sorted(maps.Keys(file.Deps)) {
		folder := file.Deps[key].ReplaceWith
		if !isFolder(folder) || !path.IsAbs(folder) && !strings.HasPrefix(path.Clean(folder)+"/", "../") {
			continue
		}
		return diagnostic{
			Text:      fmt.Sprintf("the folder %s that replaces %s is outside of the module", folder, key),
			Positions: []position{positionOfDependency(localModuleFile, content, key)},
		}, true
	}
	return diagnostic{}, false
}

// positionOfDependency is where a module file names a dependency, or the file's begin.
func positionOfDependency(name string, content []byte, key string) position {
	found := position{File: name, Line: 1, Column: 1}
	file, err := parser.ParseFile(name, content)
	if err != nil {
		return found
	}
	ast.Walk(file, func(node ast.Node) bool {
		field, ok := node.(*ast.Field)
		if !ok {
			return true
		}
		if label, plain := labelOf(field); plain && label == key {
			if at, ok := toPosition(field.Label.Pos()); ok {
				found = at
			}
		}
		return true
	}, nil)
	return found
}
