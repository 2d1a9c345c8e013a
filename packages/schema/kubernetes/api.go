package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"k8s.io/client-go/discovery"
	"k8s.io/client-go/tools/clientcmd"
)

// api is what one API server serves.
type api struct {
	// version is the server's Kubernetes version, without a leading v.
	version string
	// documents are the OpenAPI documents by group version, such as "apps/v1" and "v1".
	documents map[string]*document
	// definitions are the schemas of all documents by name.
	definitions map[string]*schema
}

// document is the part of an OpenAPI v3 document that matters here.
type document struct {
	Paths      map[string]map[string]json.RawMessage `json:"paths"`
	Components struct {
		Schemas map[string]*schema `json:"schemas"`
	} `json:"components"`
}

type schema struct {
	Ref                  string             `json:"$ref"`
	Type                 string             `json:"type"`
	Format               string             `json:"format"`
	Enum                 []string           `json:"enum"`
	Default              any                `json:"default"`
	Properties           map[string]*schema `json:"properties"`
	Required             []string           `json:"required"`
	Items                *schema            `json:"items"`
	AdditionalProperties *schemaOrTrue      `json:"additionalProperties"`
	AllOf                []*schema          `json:"allOf"`
	ListType             string             `json:"x-kubernetes-list-type"`
	ListMapKeys          []string           `json:"x-kubernetes-list-map-keys"`
	Kinds                []groupVersionKind `json:"x-kubernetes-group-version-kind"`
}

type groupVersionKind struct {
	Group   string `json:"group"`
	Version string `json:"version"`
	Kind    string `json:"kind"`
}

func (k groupVersionKind) groupVersion() string {
	if k.Group == "" {
		return k.Version
	}
	return k.Group + "/" + k.Version
}

// schemaOrTrue is the value of additionalProperties; a boolean reads as the schema that takes everything.
type schemaOrTrue struct{ schema }

func (s *schemaOrTrue) UnmarshalJSON(data []byte) error {
	if string(data) == "true" {
		return nil
	}
	return json.Unmarshal(data, &s.schema)
}

// target follows what wraps a reference: properties with a default or a description
// hold theirs in a one-element allOf.
func (s *schema) target() *schema {
	if len(s.AllOf) == 1 {
		return s.AllOf[0]
	}
	return s
}

// reference is the name of the definition that a schema stands for, empty when it is written out.
func (s *schema) reference() string {
	return strings.TrimPrefix(s.target().Ref, "#/components/schemas/")
}

// withoutEnum is a copy that takes every string.
func (s *schema) withoutEnum() *schema {
	copied := *s
	copied.Enum = nil
	if s.Items != nil {
		copied.Items = s.Items.withoutEnum()
	}
	return &copied
}

var groupVersionPath = regexp.MustCompile(`^(?:api|apis/([^/]+))/([^/]+)$`)

// fetchAPI reads every OpenAPI v3 document of the API server.
func fetchAPI(kubeconfig string) (*api, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	version, err := client.ServerVersion()
	if err != nil {
		return nil, err
	}
	paths, err := client.OpenAPIV3().Paths()
	if err != nil {
		return nil, err
	}
	served := &api{
		version:     strings.TrimPrefix(version.GitVersion, "v"),
		documents:   map[string]*document{},
		definitions: map[string]*schema{},
	}
	for path, item := range paths {
		match := groupVersionPath.FindStringSubmatch(path)
		if match == nil {
			continue
		}
		text, err := item.Schema("application/json")
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if err := served.add(groupVersionKind{Group: match[1], Version: match[2]}.groupVersion(), text); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return served, nil
}

func (a *api) add(groupVersion string, text []byte) error {
	var parsed document
	if err := json.Unmarshal(text, &parsed); err != nil {
		return err
	}
	a.documents[groupVersion] = &parsed
	for name, definition := range parsed.Components.Schemas {
		a.definitions[name] = definition
	}
	return nil
}
