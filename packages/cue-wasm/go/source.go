package main

import (
	"io/fs"
	"maps"
	"path"
	"strings"
	"sync"
	"testing/fstest"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/parser"
)

// source is a module's files, kept for as many evaluations as the client wants.
type source struct {
	files fstest.MapFS

	mu     sync.Mutex
	parsed map[parseKey]*ast.File
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

func readFiles(headers []fileHeader, body *reader) (fstest.MapFS, error) {
	files := fstest.MapFS{}
	for _, header := range headers {
		content, err := body.take(header.Size)
		if err != nil {
			return nil, err
		}
		files[fsPath(header.Path)] = &fstest.MapFile{Data: content, Mode: 0o444}
	}
	return files, nil
}

// with returns the files of the source with others laid over them.
func (s *source) with(overlay fstest.MapFS) fstest.MapFS {
	files := maps.Clone(s.files)
	maps.Copy(files, overlay)
	return files
}

// parseFile parses for the loader. Vendored files are parsed once; others carry tags, which the
// loader replaces in the syntax tree.
func (s *source) parseFile(overlay fstest.MapFS) func(string, any, parser.Config) (*ast.File, error) {
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

func fsPath(name string) string {
	return strings.TrimPrefix(path.Clean("/"+name), "/")
}

var _ fs.FS = fstest.MapFS{}
