package main

import (
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/ast/astutil"
)

// slim drops what only Go's code generators read: attributes and marker comments.
func slim(file *ast.File) {
	astutil.Apply(file, func(cursor astutil.Cursor) bool {
		node := cursor.Node()
		switch typed := node.(type) {
		case *ast.Attribute:
			cursor.Delete()
			return false
		case *ast.Field:
			typed.Attrs = nil
		}
		if groups := ast.Comments(node); len(groups) > 0 {
			ast.SetComments(node, slimComments(groups))
		}
		return true
	}, nil)
}

func slimComments(groups []*ast.CommentGroup) []*ast.CommentGroup {
	var kept []*ast.CommentGroup
	for _, group := range groups {
		lines := group.List[:0]
		for _, line := range group.List {
			if !isMarker(line.Text) {
				lines = append(lines, line)
			}
		}
		for len(lines) > 0 && isBlank(lines[len(lines)-1]) {
			lines = lines[:len(lines)-1]
		}
		for len(lines) > 0 && isBlank(lines[0]) {
			lines = lines[1:]
		}
		group.List = lines
		if len(lines) > 0 {
			kept = append(kept, group)
		}
	}
	return kept
}

func isMarker(line string) bool {
	text := strings.TrimSpace(strings.TrimPrefix(line, "//"))
	return strings.HasPrefix(text, "+") || strings.HasPrefix(text, "#enum")
}

func isBlank(comment *ast.Comment) bool { return strings.TrimSpace(comment.Text) == "//" }
