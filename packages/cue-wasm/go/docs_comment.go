package main

import (
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
)

// fieldDoc is what comments say about a field.
type fieldDoc struct {
	text   string
	mark   string
	hidden bool
}

// fieldDocOf reads the comments of the module on a field; where there are none, the first sentence of
// vendored ones.
func fieldDocOf(value cue.Value) fieldDoc {
	var doc fieldDoc
	var vendored string
	var texts []string
	for _, group := range value.Doc() {
		if !isOwn(group.Pos()) {
			if vendored == "" {
				vendored = firstSentence(withoutMarkers(group.Text()))
			}
			continue
		}
		part := readComment(group)
		doc.hidden = doc.hidden || part.hidden
		if part.mark != "" {
			doc.mark = part.mark
		}
		if part.text != "" && !slices.Contains(texts, part.text) {
			texts = append(texts, part.text)
		}
	}
	doc.text = strings.Join(texts, "\n")
	if doc.text == "" {
		doc.text = vendored
	}
	return doc
}

// readComment separates the markers of a comment from its text.
func readComment(group *ast.CommentGroup) fieldDoc {
	lines := strings.Split(strings.TrimRight(group.Text(), "\n"), "\n")
	var doc fieldDoc
	if last := len(lines) - 1; strings.TrimSpace(lines[last]) == "+nodoc" {
		doc.hidden = true
		lines = lines[:last]
	}
	for index, line := range lines {
		words := strings.Fields(line)
		if slices.Contains(words, "+required") {
			doc.mark = "!"
		} else if slices.Contains(words, "+optional") {
			doc.mark = "?"
		} else {
			continue
		}
		kept := slices.DeleteFunc(words, func(word string) bool { return word == "+required" || word == "+optional" })
		lines[index] = strings.Join(kept, " ")
	}
	doc.text = strings.TrimSpace(strings.Join(lines, "\n"))
	return doc
}

// withoutMarkers drops the lines that generators of Kubernetes types read.
func withoutMarkers(text string) string {
	lines := strings.Split(text, "\n")
	return strings.Join(slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, "+") }), "\n")
}

func firstSentence(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	for at, char := range text {
		if char == '.' && at+2 < len(text) && text[at+1] == ' ' && strings.ToUpper(text[at+2:at+3]) == text[at+2:at+3] {
			return text[:at+1]
		}
	}
	return text
}
