package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apischema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/client-go/kubernetes/scheme"
)

// index says which kinds an API server of this Kubernetes version takes, and which it took once.
type index struct {
	Kubernetes string `json:"kubernetes"`
	// Served are the kinds by group version.
	Served map[string]map[string]servedKind `json:"served"`
	// Removed are kinds of group versions that this Kubernetes version serves no more.
	Removed map[string]map[string]removedKind `json:"removed"`
	// Disabled are group versions that a server serves only when told to.
	Disabled []string `json:"disabled"`
	// History says since when there are the types and fields that older versions do not have.
	History json.RawMessage `json:"history"`
}

// historyFile is what `go run ./history` prints.
//
//go:embed history.json
var historyFile []byte

type servedKind struct {
	// Type is the name of the definition: `api.apps.v1.Deployment` is Deployment in openapi/api.apps.v1.json.gz.
	Type       string `json:"type"`
	Namespaced bool   `json:"namespaced"`
}

type removedKind struct {
	// Since is the Kubernetes version that removed the kind.
	Since string `json:"since"`
	// Replacement is the group version to use instead.
	Replacement string `json:"replacement,omitempty"`
}

func newIndex(served *api) *index {
	result := &index{
		Kubernetes: served.version,
		Served:     map[string]map[string]servedKind{},
		Removed:    map[string]map[string]removedKind{},
		Disabled:   []string{},
		History:    historyFile,
	}
	for groupVersion, document := range served.documents {
		if kinds := document.kinds(groupVersion); len(kinds) > 0 {
			result.Served[groupVersion] = kinds
		}
	}
	result.addUnserved(version.MustParseSemantic(served.version))
	return result
}

var (
	clusterCollection    = regexp.MustCompile(`^/apis?/[^{}]*?v[0-9a-z]+/[a-z]+$`)
	namespacedCollection = regexp.MustCompile(`^/apis?/[^{}]*?v[0-9a-z]+/namespaces/\{namespace\}/[a-z]+$`)
)

// kinds are those that can be created in this group version.
func (d *document) kinds(groupVersion string) map[string]servedKind {
	types := map[string]string{}
	for name, definition := range d.Components.Schemas {
		for _, kind := range definition.Kinds {
			if kind.groupVersion() == groupVersion {
				types[kind.Kind] = shortName(name)
			}
		}
	}
	found := map[string]servedKind{}
	for path, item := range d.Paths {
		namespaced := namespacedCollection.MatchString(path)
		if !namespaced && !clusterCollection.MatchString(path) || item["post"] == nil {
			continue
		}
		var operation struct {
			Kind groupVersionKind `json:"x-kubernetes-group-version-kind"`
		}
		if err := json.Unmarshal(item["post"], &operation); err == nil && types[operation.Kind.Kind] != "" {
			name := operation.Kind.Kind
			found[name] = servedKind{Type: types[name], Namespaced: namespaced}
		}
	}
	return found
}

type removable interface {
	APILifecycleRemoved() (major, minor int)
}

type replaceable interface {
	APILifecycleReplacement() apischema.GroupVersionKind
}

// addUnserved sorts the kinds that have a Go type and are not served into removed and disabled ones.
func (i *index) addUnserved(current *version.Version) {
	disabled := map[string]bool{}
	for kind, goType := range scheme.Scheme.AllKnownTypes() {
		groupVersion := kind.GroupVersion().String()
		if !isObject(goType) || i.Served[groupVersion][kind.Kind].Type != "" {
			continue
		}
		value := reflect.New(goType).Interface()
		removal, ok := value.(removable)
		if !ok {
			disabled[groupVersion] = i.Served[groupVersion] == nil
			continue
		}
		major, minor := removal.APILifecycleRemoved()
		since := fmt.Sprintf("%d.%d", major, minor)
		if current.LessThan(version.MustParseGeneric(since)) {
			disabled[groupVersion] = i.Served[groupVersion] == nil
			continue
		}
		removed := removedKind{Since: since}
		if replacement, ok := value.(replaceable); ok {
			removed.Replacement = replacement.APILifecycleReplacement().GroupVersion().String()
		}
		if i.Removed[groupVersion] == nil {
			i.Removed[groupVersion] = map[string]removedKind{}
		}
		i.Removed[groupVersion][kind.Kind] = removed
	}
	for _, groupVersion := range sortedKeys(disabled) {
		if disabled[groupVersion] && !strings.HasSuffix(groupVersion, "__internal") {
			i.Disabled = append(i.Disabled, groupVersion)
		}
	}
}

func isObject(goType reflect.Type) bool {
	field, ok := goType.FieldByName("ObjectMeta")
	return ok && field.Type == reflect.TypeFor[metav1.ObjectMeta]()
}
