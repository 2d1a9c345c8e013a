package main

import (
	"errors"
	"slices"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"
)

// minPartSize is the length from which a text that is part of a secret counts as one.
const minPartSize = 4

// maskText hides the string literals of a CUE text that are, or are part of, one of the words.
func maskText(req *request, body *reader, resp *response) error {
	if len(req.Texts) == 0 {
		return errors.New("no text to mask")
	}
	text, err := body.take(req.Texts[0])
	if err != nil {
		return err
	}
	var words []string
	for _, size := range req.Texts[1:] {
		word, err := body.take(size)
		if err != nil {
			return err
		}
		words = append(words, string(word))
	}
	file, err := parser.ParseFile("values.cue", text, parser.ParseComments)
	if err != nil {
		return err
	}
	ast.Walk(file, func(node ast.Node) bool {
		if field, ok := node.(*ast.Field); ok {
			maskValue(field.Value, words)
			return true
		}
		if list, ok := node.(*ast.ListLit); ok {
			for _, item := range list.Elts {
				maskValue(item, words)
			}
		}
		return true
	}, nil)
	masked, err := format.Node(file)
	resp.Texts = append(resp.Texts, resp.text(masked))
	return err
}

func maskValue(value ast.Expr, words []string) {
	switch node := value.(type) {
	case *ast.BasicLit:
		if node.Kind == token.STRING && isSecret(node.Value, words) {
			node.Value = `"***"`
		}
	case *ast.UnaryExpr:
		maskValue(node.X, words)
	case *ast.BinaryExpr:
		maskValue(node.X, words)
		maskValue(node.Y, words)
	}
}

func isSecret(quoted string, words []string) bool {
	text, err := literal.Unquote(quoted)
	if err != nil || text == "" {
		return false
	}
	return slices.ContainsFunc(words, func(word string) bool {
		return word == text || len(text) >= minPartSize && strings.Contains(word, text)
	})
}
