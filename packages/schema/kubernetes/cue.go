package main

import (
	"context"
	_ "embed"
	"os"
	"path"
	"path/filepath"
	"strings"

	"cuelang.org/go/cmd/cue/cmd"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/parser"
)

var (
	//go:embed go.mod
	goMod []byte
	//go:embed go.sum
	goSum []byte
	//go:embed packages.go
	packagesGo []byte
)

// goPackages are the Go packages that become CUE; what they import follows by itself.
var goPackages = []string{
	"k8s.io/api/...",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1",
	"k8s.io/kube-aggregator/pkg/apis/apiregistration/v1",
}

// cueTree holds parsed CUE files by their path below cue.mod/gen.
type cueTree map[string]*ast.File

// cueFromGo runs `cue get go` in a scratch module that requires what this one does.
func cueFromGo(ctx context.Context) (cueTree, error) {
	scratch, err := os.MkdirTemp("", "kubernetes-schemas-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	files := map[string][]byte{
		"go.mod":             goMod,
		"go.sum":             goSum,
		"packages.go":        packagesGo,
		"cue.mod/module.cue": []byte("module: \"tenon.dev/kubernetes-schemas\"\nlanguage: version: \"v0.9.0\"\n"),
	}
	if err := os.Mkdir(filepath.Join(scratch, "cue.mod"), 0o755); err != nil {
		return nil, err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(scratch, name), content, 0o644); err != nil {
			return nil, err
		}
	}
	command, err := cmd.New(append([]string{"--chdir", scratch, "get", "go"}, goPackages...))
	if err != nil {
		return nil, err
	}
	if err := command.Run(ctx); err != nil {
		return nil, err
	}
	return readTree(filepath.Join(scratch, "cue.mod/gen"))
}

func readTree(root string) (cueTree, error) {
	tree := cueTree{}
	err := filepath.WalkDir(root, func(file string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(file, ".cue") {
			return err
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		tree[filepath.ToSlash(name)], err = parser.ParseFile(file, nil, parser.ParseComments)
		return err
	})
	return tree, err
}

func (t cueTree) write(root string) error {
	for name, file := range t {
		text, err := format.Node(file, format.Simplify())
		if err != nil {
			return err
		}
		target := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// definitionName is the OpenAPI name of a CUE definition in the package of this file.
func definitionName(file, name string) string {
	folder := path.Dir(file)
	return namePrefix + strings.ReplaceAll(strings.TrimPrefix(folder, "k8s.io/"), "/", ".") + "." + strings.TrimPrefix(name, "#")
}
