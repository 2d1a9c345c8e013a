package main

import (
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
)

// traceStep is an expression that contributes to a value.
type traceStep struct {
	Position position `json:"position"`
	// Gives is value where the expression alone is concrete, default where its default is.
	Gives string `json:"gives,omitempty"`
	// Refers is the path that the expression is a reference to.
	Refers string `json:"refers,omitempty"`
	Doc    string `json:"doc,omitempty"`
}

// maxTraceDepth ends the trace of references that go on and on.
const maxTraceDepth = 24

// tracer follows a value through references to all expressions that make it up.
type tracer struct {
	origin *origins
	seen   map[ast.Node]bool
	steps  []traceStep
}

func traceOf(root cue.Value, text string, origin *origins) []traceStep {
	t := &tracer{origin: origin, seen: map[ast.Node]bool{}}
	t.follow(root.LookupPath(cue.ParsePath(text)), 0)
	return t.steps
}

func (t *tracer) follow(value cue.Value, depth int) {
	if !value.Exists() || depth > maxTraceDepth {
		return
	}
	op, operands := value.Expr()
	if op == cue.AndOp {
		for _, operand := range operands {
			t.follow(operand, depth+1)
		}
		return
	}
	from, path := value.ReferencePath()
	refers := len(path.Selectors()) > 0
	if !t.add(value, refers, path) {
		return
	}
	if refers {
		t.follow(from.LookupPath(path), depth+1)
		return
	}
	// What a bound or a validator is made of is no part of the value.
	isValidator := op == cue.CallOp && givesOf(value) == ""
	if op == cue.NoOp || isBound(op) || isValidator {
		return
	}
	for _, operand := range operands {
		t.follow(operand, depth+1)
	}
}

// add reports whether the expression is new.
func (t *tracer) add(value cue.Value, refers bool, path cue.Path) bool {
	node := value.Source()
	if node == nil || t.seen[node] {
		return node == nil
	}
	t.seen[node] = true
	at, ok := toPosition(node.Pos())
	if !ok {
		return true
	}
	step := traceStep{Position: t.origin.locate(at), Gives: givesOf(value), Doc: docOf(value)}
	if refers {
		step.Refers = path.String()
	}
	t.steps = append(t.steps, step)
	return true
}

func givesOf(value cue.Value) string {
	if value.IsConcrete() {
		return "value"
	}
	if chosen, found := value.Default(); found && chosen.IsConcrete() {
		return "default"
	}
	return ""
}

func isBound(op cue.Op) bool {
	switch op {
	case cue.LessThanOp, cue.LessThanEqualOp, cue.GreaterThanOp, cue.GreaterThanEqualOp,
		cue.NotEqualOp, cue.RegexMatchOp, cue.NotRegexMatchOp:
		return true
	}
	return false
}

func docOf(value cue.Value) string {
	var parts []string
	for _, group := range value.Doc() {
		parts = append(parts, strings.TrimSpace(group.Text()))
	}
	return strings.Join(parts, "\n")
}
