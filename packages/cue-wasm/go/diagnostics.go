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
	// Given is the text that was refused where Alternatives are for it and not for the last label of Path.
	Given string `json:"given,omitempty"`
	// Alternatives are the names that would have been allowed.
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
	mistakes := mistakesIn(placedValue{value: root}, err)
	for _, one := range mistakes {
		entry := diagnostic{Text: one.text, Path: strings.Join(one.path, "."), Given: one.given, Alternatives: one.names}
		for _, pos := range one.positions {
			if at, ok := toPosition(pos); ok {
				entry.Positions = appendNew(entry.Positions, origins.locate(at))
			}
		}
		if strings.Contains(one.text, notAllowed) && len(one.path) > 0 {
			if one.names == nil && root.Exists() {
				entry.Alternatives = fieldNames(lookUp(root, one.path[:len(one.path)-1]))
			}
			entry.Alternatives = withoutRefused(entry.Alternatives, one.path, mistakes)
		}
		found = append(found, entry)
	}
	return found
}

// withoutRefused leaves out names that are not allowed themselves.
func withoutRefused(names, path []string, mistakes []mistake) []string {
	around := path[:len(path)-1]
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return slices.ContainsFunc(mistakes, func(other mistake) bool {
			return strings.Contains(other.text, notAllowed) && slices.Equal(other.path, append(slices.Clone(around), name))
		})
	})
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

// fieldNames lists the fields that a struct has or may have.
func fieldNames(value cue.Value) []string {
	fields, err := value.Fields(cue.Optional(true))
	if err != nil {
		return nil
	}
	var names []string
	for fields.Next() {
		// The elements of a list have no names.
		if selector := fields.Selector(); selector.LabelType() == cue.StringLabel {
			names = append(names, selector.Unquoted())
		}
	}
	return names
}
