package main

import (
	"encoding/json"
	"slices"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/token"
)

// maxDocDepth ends the walk through schemas that hold themselves.
const maxDocDepth = 32

// docLabel is a label on the way to a field; the mark is "?", "!" or nothing.
type docLabel struct {
	Name string `json:"name"`
	Mark string `json:"mark,omitempty"`
}

// docField describes a field for people who set it.
type docField struct {
	Path []docLabel `json:"path"`
	Type string     `json:"type"`
	// Default is CUE text; nothing where there is none.
	Default string `json:"default,omitempty"`
	Doc     string `json:"doc,omitempty"`
	// Hidden fields ask not to be listed; what is below them may be.
	Hidden bool `json:"hidden,omitempty"`
	// Group tells that the field does no more than hold others.
	Group bool `json:"group,omitempty"`
}

// encodeDocs lists the fields of a struct and what is known of each: in full of those that the
// module declares, and of vendored ones as far as they have a default.
func encodeDocs(value cue.Value, instance *build.Instance) ([]byte, error) {
	walk := docWalk{fields: []docField{}, labels: ownLabels(instance)}
	walk.members(value, nil, nil)
	return json.Marshal(walk.fields)
}

type docWalk struct {
	fields []docField
	// labels are those of all fields that files of the module declare. To look for the declarations of
	// a field is dear; most vendored ones are told by their names.
	labels map[string]bool
}

// members lists the fields of a struct. `around` holds where the fields on the way were declared.
func (w *docWalk) members(value cue.Value, path []docLabel, around []token.Pos) {
	if len(path) >= maxDocDepth {
		return
	}
	fields, err := value.Fields(cue.Optional(true))
	if err != nil {
		return
	}
	for fields.Next() {
		selector := fields.Selector()
		label := docLabel{Name: selector.Unquoted()}
		switch selector.ConstraintType() {
		case cue.OptionalConstraint:
			label.Mark = "?"
		case cue.RequiredConstraint:
			label.Mark = "!"
		}
		w.field(fields.Value(), append(slices.Clone(path), label), around)
	}
}

func (w *docWalk) field(value cue.Value, path []docLabel, around []token.Pos) {
	var own []cue.Value
	if w.labels[path[len(path)-1].Name] {
		own = ownConjuncts(value)
	}
	label := &path[len(path)-1]
	isStruct := value.IncompleteKind() == cue.StructKind
	initial := defaultOf(value, own, label.Mark == "?")
	if len(own) == 0 && (label.Mark == "?" || initial == "" && !isStruct) {
		return
	}
	doc := fieldDocOf(value)
	if label.Mark == "" && initial == "" && !isConcrete(value) {
		label.Mark = doc.mark
	}
	at := len(w.fields)
	if len(own) > 0 || initial != "" {
		described := docField{Path: path, Type: typeOf(value, own), Default: initial, Doc: doc.text, Hidden: doc.hidden}
		w.fields = append(w.fields, described)
	}
	if isStruct && initial == "" {
		w.below(value, path, own, around)
	}
	if len(w.fields) > at+1 && len(own) > 0 {
		w.fields[at].Group = w.fields[at].Type == anyStruct
	}
}

// below lists the fields of a struct, unless it was declared where a struct around it was.
func (w *docWalk) below(value cue.Value, path []docLabel, own []cue.Value, around []token.Pos) {
	places := slices.Clone(around)
	for _, part := range own {
		if slices.Contains(around, part.Pos()) {
			return
		}
		places = append(places, part.Pos())
	}
	w.members(value, path, places)
}

// isConcrete tells of a scalar that is given.
func isConcrete(value cue.Value) bool {
	kind := value.IncompleteKind()
	return kind != cue.BottomKind && kind&(cue.StructKind|cue.ListKind) == 0 && value.IsConcrete()
}
