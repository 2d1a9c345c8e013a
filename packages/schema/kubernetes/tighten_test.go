package main

import (
	"strings"
	"testing"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/parser"
)

const generated = `package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Thing is a thing.
// +genclient
#Thing: {
	metav1.#TypeMeta

	// +optional
	mode?: #Mode @go(Mode)
	modes?: [...#Mode] @go(Modes,[]Mode)
	level: string @go(Level)
}

// Mode is a mode.
// +enum
#Mode: string // #enumMode

#enumMode:
	#Fast |
	#Slow |
	#Other

#Fast:  #Mode & "Fast"
#Slow:  #Mode & "Slow"
#Other: #Mode & "Other"
`

const tightened = `package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Thing is a thing.
#Thing: {
	metav1.#TypeMeta
	apiVersion?: "apps/v1"
	kind?:       "Thing"
	mode?:       #Mode
	modes?: [...#Mode]
	level: "High" | "Low"
}

// Mode is a mode.
#Mode: "Fast" | "Slow"

#enumMode:
	#Fast |
	#Slow |
	#Other

#Fast:  #Mode & "Fast"
#Slow:  #Mode & "Slow"
#Other: "Other"
`

func thing(mode, modes, level *schema) *api {
	properties := map[string]*schema{"mode": mode, "modes": {Type: "array", Items: modes}, "level": level}
	return &api{definitions: map[string]*schema{"io.k8s.api.apps.v1.Thing": {
		Type:       "object",
		Properties: properties,
		Kinds:      []groupVersionKind{{Group: "apps", Version: "v1", Kind: "Thing"}},
	}}}
}

func enum(values ...string) *schema { return &schema{Type: "string", Enum: values} }

func tree(t *testing.T) cueTree {
	file, err := parser.ParseFile("types.cue", generated, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return cueTree{"k8s.io/api/apps/v1/types.cue": file}
}

func text(t *testing.T, file *ast.File) string {
	source, err := format.Node(file, format.Simplify())
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

func TestTighten(t *testing.T) {
	files := tree(t)
	modes := enum("Fast", "Slow")
	if err := files.tighten(thing(modes, modes, enum("High", "Low"))); err != nil {
		t.Fatal(err)
	}
	if got := text(t, files["k8s.io/api/apps/v1/types.cue"]); got != tightened {
		t.Errorf("got:\n%s\nwant:\n%s", got, tightened)
	}
}

func TestTightenFindsContradictions(t *testing.T) {
	err := tree(t).tighten(thing(enum("Fast", "Slow"), enum("Fast"), enum("High")))
	if err == nil || !strings.Contains(err.Error(), "different enums") {
		t.Errorf("got error %v", err)
	}
}
