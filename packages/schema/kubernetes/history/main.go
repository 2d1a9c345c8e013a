// Command history prints since when the API has the types and fields of this Kubernetes version,
// where that is not the oldest version that Tenon knows: `go run ./history >history.json` in the
// folder above. Its source are the modules of the API's Go types, one of each minor version.
package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	oldest = 31
	newest = 36
)

// modules hold the types; a package k8s.io/api/apps/v1 is api.apps.v1 in the schemas.
var modules = []string{"api", "apiextensions-apiserver", "apimachinery", "kube-aggregator"}

// history says which minor version brought what the oldest one does not have.
type history struct {
	// Oldest is the minor version that has everything else.
	Oldest string `json:"oldest"`
	// Types by name, such as `api.networking.v1.ServiceCIDR`.
	Types map[string]string `json:"types"`
	// Fields by type.
	Fields map[string]map[string]string `json:"fields"`
	// Gone are fields that versions before the newest had, by type.
	Gone map[string][]string `json:"gone"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	result := newHistory()
	var versions []types
	for version := oldest; version <= newest; version++ {
		found, err := typesOf(version)
		if err != nil {
			return err
		}
		versions = append(versions, found)
	}
	result.compare(versions)
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(result)
}

func newHistory() history {
	return history{
		Oldest: minor(oldest),
		Types:  map[string]string{},
		Fields: map[string]map[string]string{},
		Gone:   map[string][]string{},
	}
}

func minor(version int) string { return fmt.Sprintf("1.%d", version) }

// types are the JSON names of the fields of each type.
type types map[string]map[string]bool

// compare sets apart what the versions, the oldest first, brought and what the newest has no more.
func (h history) compare(versions []types) {
	last := versions[len(versions)-1]
	for index, before := range versions[:len(versions)-1] {
		h.addNew(before, versions[index+1], last, minor(oldest+index+1))
		h.addGone(before, last)
	}
	for name := range h.Gone {
		slices.Sort(h.Gone[name])
	}
}

// addNew notes what a version brought and the last one still has.
func (h history) addNew(before, after, last types, version string) {
	for name, fields := range after {
		if last[name] == nil {
			continue
		}
		if before[name] == nil {
			h.Types[name] = version
			continue
		}
		for field := range fields {
			if before[name][field] || !last[name][field] {
				continue
			}
			if h.Fields[name] == nil {
				h.Fields[name] = map[string]string{}
			}
			h.Fields[name][field] = version
		}
	}
}

// addGone notes the fields of a version that the last one does not have.
func (h history) addGone(version, last types) {
	for name, fields := range version {
		for field := range fields {
			if last[name] != nil && !last[name][field] && !slices.Contains(h.Gone[name], field) {
				h.Gone[name] = append(h.Gone[name], field)
			}
		}
	}
}

// stable is a folder of types that servers serve without being told to.
var stable = regexp.MustCompile(`/v\d+$`)

func typesOf(version int) (types, error) {
	found := types{}
	for _, module := range modules {
		root, err := download(fmt.Sprintf("k8s.io/%s@v0.%d.0", module, version))
		if err != nil {
			return nil, err
		}
		err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.IsDir() || !stable.MatchString(path) || strings.Contains(path, "/testapigroup/") {
				return err
			}
			folder, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			name := module + "." + strings.ReplaceAll(filepath.ToSlash(folder), "/", ".")
			return found.addPackage(name, path)
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func download(module string) (string, error) {
	text, err := exec.Command("go", "mod", "download", "-json", module).Output()
	if err != nil {
		return "", fmt.Errorf("cannot download %s: %w", module, err)
	}
	var downloaded struct{ Dir string }
	err = json.Unmarshal(text, &downloaded)
	return downloaded.Dir, err
}

func (t types) addPackage(name, folder string) error {
	files, err := filepath.Glob(filepath.Join(folder, "*types*.go"))
	if err != nil {
		return err
	}
	structs := map[string]*ast.StructType{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			if spec, ok := node.(*ast.TypeSpec); ok {
				if body, ok := spec.Type.(*ast.StructType); ok {
					structs[spec.Name.Name] = body
				}
			}
			return true
		})
	}
	for typeName, body := range structs {
		fields := map[string]bool{}
		addFields(fields, body, structs)
		t[name+"."+typeName] = fields
	}
	return nil
}

func addFields(fields map[string]bool, body *ast.StructType, structs map[string]*ast.StructType) {
	for _, field := range body.Fields.List {
		if field.Tag == nil {
			continue
		}
		tag, err := strconv.Unquote(field.Tag.Value)
		if err != nil {
			continue
		}
		name, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
		if name != "" {
			fields[name] = true
		} else if embedded, ok := field.Type.(*ast.Ident); ok && structs[embedded.Name] != nil {
			addFields(fields, structs[embedded.Name], structs)
		}
	}
}
