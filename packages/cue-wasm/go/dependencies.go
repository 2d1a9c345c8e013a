package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing/fstest"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/mod/modfile"
	"cuelang.org/go/mod/module"
)

// dependencyRoot holds the modules that a source depends on, each in a folder PATH@VERSION, such as
// example.com/lib@v0.1.0. The client puts them there: the engine opens no sockets.
const dependencyRoot = "cue.mod/dependencies/"

// givenModules answers the loader's questions to a registry from the files of a source.
type givenModules struct{ src *source }

func (g givenModules) ModFile(_ context.Context, mv module.Version) (*modfile.File, error) {
	name := dependencyRoot + mv.String() + "/" + moduleFile
	content, ok := g.src.files[name]
	if !ok {
		return nil, notGiven(mv)
	}
	return modfile.ParseNonStrict(content, name)
}

func (g givenModules) Fetch(_ context.Context, mv module.Version) (module.SourceLoc, error) {
	dependency, ok := g.src.dependencies()[mv.String()]
	if !ok {
		return module.SourceLoc{}, notGiven(mv)
	}
	return module.SourceLoc{FS: dependency, Dir: "."}, nil
}

func (givenModules) ModuleVersions(_ context.Context, path string) ([]string, error) {
	return nil, nil
}

func notGiven(mv module.Version) error {
	return fmt.Errorf("the dependency %s was not fetched", mv)
}

// dependencies are the modules that a source depends on, by PATH@VERSION.
func (s *source) dependencies() map[string]dependency {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.given != nil {
		return s.given
	}
	s.given = map[string]dependency{}
	for name, content := range s.files {
		inner, ok := strings.CutPrefix(name, dependencyRoot)
		if !ok {
			continue
		}
		path, rest, _ := strings.Cut(inner, "@")
		version, file, _ := strings.Cut(rest, "/")
		mv := path + "@" + version
		known, ok := s.given[mv]
		if !ok {
			known = dependency{MapFS: fstest.MapFS{}, root: dependencyRoot + mv, src: s}
			s.given[mv] = known
		}
		known.MapFS[file] = &fstest.MapFile{Data: content, Mode: 0o444}
	}
	return s.given
}

// dependency is the file system of a module that a source depends on. Its root lies in the source,
// where the loader reads the packages that it has found.
type dependency struct {
	fstest.MapFS
	root string
	src  *source
}

var _ interface {
	module.OSRootFS
	module.ReadCUEFS
} = dependency{}

func (d dependency) OSRoot() string { return virtualRoot + "/" + d.root }

func (d dependency) ReadCUEFile(name string, cfg parser.Config) (*ast.File, error) {
	if !strings.HasSuffix(name, ".cue") {
		return nil, nil
	}
	content, err := fs.ReadFile(d.MapFS, name)
	if err != nil {
		return nil, err
	}
	return d.src.parseFile(nil)(d.OSRoot()+"/"+name, content, cfg)
}

func (d dependency) IsDirWithCUEFiles(string) (bool, error) { return false, errors.ErrUnsupported }
