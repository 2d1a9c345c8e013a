package main

import (
	"maps"
	"path"
	"strings"
	"sync"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/load"
	"cuelang.org/go/cue/parser"
)

// virtualRoot is where the loader believes a module to be. It is laid over the file system of the
// host, where nothing of this name exists: the loader's other way, Config.FS, does not find packages
// under cue.mod/gen and cue.mod/pkg (cuelang.org/go v0.17.1).
const virtualRoot = "/tenon.invalid/module"

// fileSet holds contents by path relative to the module's root.
type fileSet map[string][]byte

// source is a module's files, kept for as many evaluations as the client wants.
type source struct {
	files fileSet

	mu     sync.Mutex
	parsed map[parseKey]*ast.File
	given  map[string]dependency
}

// parseKey holds the parser's mode because the loader reads each file twice: for its imports only,
// and whole.
type parseKey struct {
	name string
	mode parser.Mode
}

func newSource(headers []fileHeader, body *reader) (*source, error) {
	files, err := readFiles(headers, body)
	if err != nil {
		return nil, err
	}
	return &source{files: files, parsed: map[parseKey]*ast.File{}}, nil
}

func readFiles(headers []fileHeader, body *reader) (fileSet, error) {
	files := fileSet{}
	for _, header := range headers {
		content, err := body.take(header.Size)
		if err != nil {
			return nil, err
		}
		files[fsPath(header.Path)] = content
	}
	return files, nil
}

// with returns the files of the source with others laid over them.
func (s *source) with(overlay fileSet) fileSet {
	files := maps.Clone(s.files)
	maps.Copy(files, overlay)
	return files
}

// parseFile parses for the loader. Vendored files are parsed once; others carry tags, which the
// loader replaces in the syntax tree.
func (s *source) parseFile(overlay fileSet) func(string, any, parser.Config) (*ast.File, error) {
	return func(name string, src any, cfg parser.Config) (*ast.File, error) {
		inner := fsPath(name)
		if !strings.HasPrefix(inner, "cue.mod/") || overlay[inner] != nil {
			return parser.ParseFile(name, src, cfg)
		}
		key := parseKey{name: inner, mode: cfg.Mode}
		s.mu.Lock()
		defer s.mu.Unlock()
		if file := s.parsed[key]; file != nil {
			return file, nil
		}
		file, err := parser.ParseFile(name, src, cfg)
		if err == nil {
			s.parsed[key] = file
		}
		return file, err
	}
}

func (files fileSet) overlay() map[string]load.Source {
	overlay := make(map[string]load.Source, len(files))
	for name, content := range files {
		overlay[virtualRoot+"/"+name] = load.FromBytes(content)
	}
	return overlay
}

// fsPath is the path of a file relative to the module's root.
func fsPath(name string) string {
	if inner, ok := strings.CutPrefix(name, virtualRoot+"/"); ok {
		name = inner
	}
	return strings.TrimPrefix(path.Clean("/"+name), "/")
}
