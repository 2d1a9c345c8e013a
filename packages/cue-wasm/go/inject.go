package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/ast/astutil"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"
)

// injector gives fields with an attribute `@timoni(runtime:TYPE:NAME)` the value of that name.
type injector struct {
	values   map[string]string
	problems []diagnostic
	// given are the texts that came in.
	given []string
}

func (in *injector) inject(file *ast.File) {
	changed := false
	ast.Walk(file, func(node ast.Node) bool {
		if field, ok := node.(*ast.Field); ok {
			changed = in.injectField(field) || changed
		}
		return true
	}, nil)
	if changed {
		resolveAgain(file)
	}
}

// resolveAgain makes references lead to what fields hold now.
func resolveAgain(file *ast.File) {
	ast.Walk(file, func(node ast.Node) bool {
		if name, ok := node.(*ast.Ident); ok {
			name.Node, name.Scope = nil, nil
		}
		return true
	}, nil)
	// What names nothing was told by the parser already.
	astutil.Resolve(file, func(token.Pos, string, ...any) {})
}

func (in *injector) injectField(field *ast.Field) bool {
	attribute := runtimeAttribute(field)
	if attribute == nil {
		return false
	}
	_, body := attribute.Split()
	parts := strings.Split(body, ":")
	if len(parts) != 3 {
		in.reject(attribute, "expected @timoni(runtime:TYPE:NAME)")
		return false
	}
	value, found := in.values[parts[2]]
	if !found {
		return false
	}
	expr, problem := valueOf(parts[1], value)
	if problem != "" {
		in.reject(attribute, problem)
		return false
	}
	if parts[1] == "string" {
		in.given = append(in.given, value)
	}
	field.Value = constrained(expr, field.Value)
	return true
}

func (in *injector) reject(attribute *ast.Attribute, problem string) {
	entry := diagnostic{Text: fmt.Sprintf("%s: %s", attribute.Text, problem)}
	if at, ok := toPosition(attribute.Pos()); ok {
		entry.Positions = []position{at}
	}
	in.problems = append(in.problems, entry)
}

// runtimeAttribute is the first @timoni attribute of a field, if it is about runtime values.
func runtimeAttribute(field *ast.Field) *ast.Attribute {
	for _, attribute := range field.Attrs {
		key, body := attribute.Split()
		if key != "timoni" {
			continue
		}
		if strings.HasPrefix(body, "runtime:") {
			return attribute
		}
		return nil
	}
	return nil
}

func valueOf(kind, text string) (expr ast.Expr, problem string) {
	switch kind {
	case "string":
		return ast.NewString(text), ""
	case "number":
		if number, ok := numberOf(text); ok {
			return number, ""
		}
		return nil, "the value has to be a number"
	case "bool":
		if text == "true" || text == "false" {
			return ast.NewBool(text == "true"), ""
		}
		return nil, "the value has to be true or false"
	}
	return nil, "the type has to be string, number or bool"
}

// numberOf accepts what CUE reads as a number, with a sign.
func numberOf(text string) (ast.Expr, bool) {
	digits := strings.TrimLeft(text, "+-")
	var number literal.NumInfo
	if len(text)-len(digits) > 1 || literal.ParseNum(digits, &number) != nil {
		return nil, false
	}
	expr, err := parser.ParseExpr("", text)
	return expr, err == nil
}

// constrained keeps what the field demands of its value. What is a value by itself is replaced: it
// was there for want of another.
func constrained(value, demanded ast.Expr) ast.Expr {
	ast.SetPos(value, demanded.Pos())
	if isValue(demanded) {
		return value
	}
	both := ast.NewBinExpr(token.AND, value, &ast.ParenExpr{X: demanded})
	ast.SetPos(both, demanded.Pos())
	return both
}

func isValue(expr ast.Expr) bool {
	switch node := expr.(type) {
	case *ast.BasicLit, *ast.Interpolation, *ast.IndexExpr:
		return true
	case *ast.ParenExpr:
		return isValue(node.X)
	case *ast.UnaryExpr:
		return (node.Op == token.ADD || node.Op == token.SUB) && isValue(node.X)
	case *ast.SelectorExpr:
		name, _, err := ast.LabelName(node.Sel)
		return err == nil && !isDefinition(name)
	case *ast.Ident:
		return !isDefinition(node.Name) && !predeclared[node.Name]
	}
	return false
}

func isDefinition(name string) bool {
	return strings.HasPrefix(name, "#") || strings.HasPrefix(name, "_#")
}

// predeclared are the names that stand for sets of values.
var predeclared = map[string]bool{
	"_": true, "string": true, "bytes": true, "bool": true, "number": true, "int": true, "float": true,
	"uint": true, "uint8": true, "int8": true, "uint16": true, "int16": true, "uint32": true, "int32": true,
	"uint64": true, "int64": true, "uint128": true, "int128": true, "float32": true, "float64": true, "rune": true,
}

// mask hides the texts that came in: they may be secrets.
func (in *injector) mask(diagnostics []diagnostic) []diagnostic {
	// A text may be part of another one.
	slices.SortFunc(in.given, func(a, b string) int { return len(b) - len(a) })
	for i, entry := range diagnostics {
		for _, text := range in.given {
			entry.Text = strings.ReplaceAll(entry.Text, strconv.Quote(text), `"***"`)
			if len(text) >= minPartSize {
				entry.Text = strings.ReplaceAll(entry.Text, text, "***")
			}
		}
		diagnostics[i].Text = entry.Text
	}
	return diagnostics
}
