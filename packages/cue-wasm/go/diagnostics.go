package main

import (
	"fmt"
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/token"
)

type diagnostic struct {
	Text      string     `json:"text"`
	Path      string     `json:"path,omitempty"`
	Positions []position `json:"positions,omitempty"`
	// Alternatives are the names that would have been allowed where a field was not.
	Alternatives []string `json:"alternatives,omitempty"`
}

type position struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// diagnose turns a CUE error into diagnostics with every position. `root` helps to name
// alternatives and may be the zero value; `origins` maps positions of merged files to the files
// that a user wrote.
func diagnose(err error, root cue.Value, origins *origins) []diagnostic {
	var found []diagnostic
	for _, e := range errors.Errors(errors.Sanitize(errors.Promote(err, ""))) {
		entry := diagnostic{Text: messageOf(e), Path: strings.Join(e.Path(), ".")}
		for _, pos := range errors.Positions(e) {
			if at, ok := toPosition(pos); ok {
				entry.Positions = appendNew(entry.Positions, origins.locate(at))
			}
		}
		if strings.Contains(entry.Text, "field not allowed") && root.Exists() {
			entry.Alternatives = alternatives(root, e.Path())
		}
		found = append(found, entry)
	}
	return found
}

// messageOf is the text of an error and its causes, without path and position.
func messageOf(e errors.Error) string {
	format, args := e.Msg()
	text := fmt.Sprintf(format, args...)
	cause := errors.Unwrap(e)
	for cause != nil {
		inner, ok := cause.(errors.Error)
		if !ok {
			text = join(text, cause.Error())
			break
		}
		format, args := inner.Msg()
		text = join(text, fmt.Sprintf(format, args...))
		cause = errors.Unwrap(inner)
	}
	if text == "" {
		return e.Error()
	}
	return text
}

func join(text, cause string) string {
	if text == "" || cause == "" {
		return text + cause
	}
	if strings.HasSuffix(text, cause) {
		return text
	}
	return text + ": " + cause
}

func appendNew(positions []position, added position) []position {
	if slices.Contains(positions, added) {
		return positions
	}
	return append(positions, added)
}

func toPosition(pos token.Pos) (position, bool) {
	if !pos.IsValid() || pos.Filename() == "" {
		return position{}, false
	}
	at := pos.Position()
	return position{File: fsPath(at.Filename), Line: at.Line, Column: at.Column}, true
}

// alternatives lists the fields that the schema allows beside the one at `path`.
func alternatives(root cue.Value, path []string) []string {
	if len(path) == 0 {
		return nil
	}
	last := path[len(path)-1]
	parent := root
	for _, label := range path[:len(path)-1] {
		next := cue.ParsePath(label)
		if next.Err() != nil {
			return nil
		}
		parent = parent.LookupPath(next)
	}
	fields, err := parent.Fields(cue.Optional(true))
	if err != nil {
		return nil
	}
	var names []string
	for fields.Next() {
		// The elements of a list have no names.
		if selector := fields.Selector(); selector.LabelType() == cue.StringLabel && selector.Unquoted() != last {
			names = append(names, selector.Unquoted())
		}
	}
	return names
}
