package main

import (
	"maps"
	"path"
	"slices"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/parser"
)

// userFiles are the files of an evaluation that are loaded in place of a package. They may be written
// in YAML or JSON, and fields in them may take values of a runtime.
type userFiles struct {
	contents fileSet
	kinds    map[string]string
	injector injector
	// rejected are those that are neither YAML nor JSON: the loader would tell it without a place.
	rejected map[string][]diagnostic
}

func newUserFiles(eval *evaluation, overlay fileSet) *userFiles {
	files := &userFiles{contents: overlay, kinds: map[string]string{}, rejected: map[string][]diagnostic{}, injector: injector{values: eval.RuntimeValues}}
	for _, name := range eval.FileArgs {
		files.kinds[fsPath(path.Join(eval.Dir, name))] = "cue"
	}
	for _, header := range eval.Overlay {
		if header.Kind != "" {
			files.kinds[fsPath(header.Path)] = header.Kind
		}
	}
	return files
}

// problems are those that the loader does not know of.
func (f *userFiles) problems() []diagnostic {
	var all []diagnostic
	for _, name := range slices.Sorted(maps.Keys(f.rejected)) {
		all = append(all, f.rejected[name]...)
	}
	return append(all, f.injector.problems...)
}

type parseFunc func(string, any, parser.Config) (*ast.File, error)

// parseFile parses files of the user; others are left to the next function.
func (f *userFiles) parseFile(next parseFunc) parseFunc {
	return func(name string, src any, cfg parser.Config) (*ast.File, error) {
		inner := fsPath(name)
		kind, own := f.kinds[inner]
		if !own {
			return next(name, src, cfg)
		}
		if f.rejected[inner] != nil {
			return &ast.File{Filename: name}, nil
		}
		file, err := f.parse(valueSource{Name: name, Kind: kind}, src, cfg)
		switch {
		case err != nil && kind != "cue":
			f.rejected[inner] = placeInFile(diagnose(err, cue.Value{}, nil), name)
			return &ast.File{Filename: name}, nil
		case err == nil && cfg.Mode&parser.ImportsOnly == 0:
			// The loader reads each file twice: for its imports first, and then whole.
			f.injector.inject(file)
		}
		return file, err
	}
}

func (f *userFiles) parse(header valueSource, src any, cfg parser.Config) (*ast.File, error) {
	if header.Kind == "cue" {
		return parser.ParseFile(header.Name, src, cfg)
	}
	return parseValues(header, f.contents[fsPath(header.Name)])
}
