package main

import (
	"maps"
	"slices"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/token"
)

// maxSliceSize keeps slices small enough to be stored beside what they are about.
const maxSliceSize = 64 << 10

// slicer finds the declarations that one value of a package is made of, so that the value can be
// evaluated again, with more filled in, where the rest of the module is not at hand. Names are taken
// for references wherever they stand: a slice may hold too much and still means the same. What it
// refers to outside of itself becomes a constant where it is concrete. The exporter of CUE could
// inline references, but it loses those in let clauses, and parentheses (cuelang.org/go v0.17.1).
type slicer struct {
	root     cue.Value
	instance *build.Instance
	// scopes are the lists of declarations that lead to the value: those of the files of the root
	// package, and those of the structs on the way.
	scopes []*scope
	opened map[ast.Node]*scope
	// onTheWay are the fields that lead to the value, with what is still to be followed.
	onTheWay map[*ast.Field][]string
	kept     map[ast.Node]bool
	// reduced are comprehensions of which some fields lead to the value.
	reduced map[*ast.Comprehension]*ast.StructLit
	// packages are the imported ones, in the order in which they were met.
	packages []*sliced
	imports  map[*ast.ImportSpec]bool
	failed   bool
	// embedded tells that something is embedded in the package as a whole.
	embedded bool
	// pending are the nodes whose references are still to be followed. That waits until all scopes are
	// known.
	pending []pendingNode
	// values is the file that users' values are merged into.
	values string
	// given are the texts of constants and values.
	given map[string]bool
}

// scope is a list of declarations of which some lead to the value.
type scope struct {
	path  []string
	file  place
	decls []ast.Decl
	// constants are what takes the place of declarations of a name.
	constants map[string]*constant
}

// place is a file of a package.
type place struct {
	instance *build.Instance
	file     *ast.File
}

// pendingNode is a node of a file.
type pendingNode struct {
	at   place
	node ast.Node
}

// sliced is an imported package.
type sliced struct {
	instance *build.Instance
	names    map[string]bool
}

// sliceOf returns the files of a slice, and the texts in them that are not the module's own; nothing
// when the value depends on too much.
func sliceOf(instance *build.Instance, root cue.Value, eval *evaluation) (files []sourceFile, given []string) {
	if !lookup(root, eval.Slice).Exists() {
		return nil, nil
	}
	s := &slicer{
		root:     root,
		instance: instance,
		opened:   map[ast.Node]*scope{},
		onTheWay: map[*ast.Field][]string{},
		kept:     map[ast.Node]bool{},
		reduced:  map[*ast.Comprehension]*ast.StructLit{},
		imports:  map[*ast.ImportSpec]bool{},
		given:    map[string]bool{},
	}
	if eval.Merge != nil {
		s.values = fsPath(eval.Merge.Path)
	}
	for _, file := range instance.Files {
		s.open(file, &scope{file: place{instance, file}, decls: file.Decls}, eval.Slice)
	}
	for len(s.pending) > 0 && !s.failed {
		next := s.pending[0]
		s.pending = s.pending[1:]
		s.scan(next.at, next.node)
	}
	if s.failed {
		return nil, nil
	}
	return s.print(), slices.Sorted(maps.Keys(s.given))
}

// open looks at declarations for those that lead on to the value.
func (s *slicer) open(node ast.Node, sc *scope, rest []string) {
	sc.constants = map[string]*constant{}
	s.opened[node] = sc
	s.scopes = append(s.scopes, sc)
	for _, decl := range sc.decls {
		switch decl := decl.(type) {
		case *ast.Field:
			s.followField(sc, decl, rest)
		case *ast.EmbedDecl:
			s.embedded = s.embedded || len(sc.path) == 0
			s.follow(decl.Expr, sc.path, rest, sc.file)
		case *ast.Comprehension:
			s.followComprehension(sc, decl, rest)
		case *ast.Ellipsis:
			s.keep(sc.file, decl)
		}
	}
}

func (s *slicer) followField(sc *scope, field *ast.Field, rest []string) {
	name, plain := labelOf(field)
	switch {
	case plain && name != rest[0]:
	case !plain || len(rest) == 1:
		s.keep(sc.file, field)
	default:
		s.onTheWay[field] = rest[1:]
		s.follow(field.Value, append(slices.Clone(sc.path), name), rest[1:], sc.file)
	}
}

// followComprehension looks at the fields that a comprehension adds.
func (s *slicer) followComprehension(sc *scope, comprehension *ast.Comprehension, rest []string) {
	value, ok := comprehension.Value.(*ast.StructLit)
	if !ok || comprehension.Fallback != nil {
		s.keep(sc.file, comprehension)
		return
	}
	s.open(value, &scope{path: sc.path, file: sc.file, decls: value.Elts}, rest)
	if !slices.ContainsFunc(value.Elts, s.leads) {
		return
	}
	s.reduced[comprehension] = value
	for _, clause := range comprehension.Clauses {
		s.pending = append(s.pending, pendingNode{sc.file, clause})
	}
}

// leads tells whether there is something of the value in a declaration.
func (s *slicer) leads(decl ast.Decl) bool {
	switch decl := decl.(type) {
	case *ast.Field:
		return s.kept[decl] || s.onTheWay[decl] != nil
	case *ast.Comprehension:
		return s.kept[decl] || s.reduced[decl] != nil
	case *ast.EmbedDecl:
		literal, ok := decl.Expr.(*ast.StructLit)
		return !ok || slices.ContainsFunc(literal.Elts, s.leads)
	}
	return s.kept[decl]
}

// follow looks into the expression of a field on the way to the value.
func (s *slicer) follow(expr ast.Expr, path, rest []string, file place) {
	switch expr := expr.(type) {
	case *ast.StructLit:
		s.open(expr, &scope{path: path, file: file, decls: expr.Elts}, rest)
		return
	case *ast.ParenExpr:
		s.follow(expr.X, path, rest, file)
		return
	case *ast.BinaryExpr:
		if expr.Op == token.AND {
			s.follow(expr.X, path, rest, file)
			s.follow(expr.Y, path, rest, file)
			return
		}
	}
	s.keep(file, expr)
}

func (s *slicer) keep(at place, node ast.Node) {
	if !s.kept[node] {
		s.kept[node] = true
		s.pending = append(s.pending, pendingNode{at, node})
	}
}

// refer takes a name with the fields selected of it for a reference to whatever has this name. What
// is unified with a struct on the way sees the fields of that struct, so that each selected field may
// be one of them too.
func (s *slicer) refer(at place, name string, selected []string) {
	s.referToImport(at, name, selected)
	local := at.instance == s.instance
	if !local {
		s.want(s.packageOf(at.instance), name)
	}
	for _, sc := range s.scopes {
		if local || s.isUnified(sc) {
			s.referInScope(sc, name, selected)
		}
		if !s.isUnified(sc) {
			continue
		}
		for i, field := range selected {
			s.referInScope(sc, field, selected[i+1:])
		}
	}
}

// isUnified tells whether declarations from elsewhere may see those of a scope.
func (s *slicer) isUnified(sc *scope) bool {
	return len(sc.path) > 0 || s.embedded
}

func (s *slicer) referInScope(sc *scope, name string, selected []string) {
	for _, decl := range sc.decls {
		if slices.Contains(namesOf(decl), name) {
			s.referToDeclaration(sc, decl, name, selected)
		}
	}
}

func (s *slicer) referToDeclaration(sc *scope, decl ast.Decl, name string, selected []string) {
	field, ok := decl.(*ast.Field)
	if !ok || s.kept[decl] {
		s.keep(sc.file, decl)
		return
	}
	if rest, leads := s.onTheWay[field]; leads {
		inside := len(selected) >= len(rest) && slices.Equal(selected[:len(rest)], rest)
		s.failed = s.failed || !inside && !s.asConstant(sc, name, selected)
		return
	}
	if label, plain := labelOf(field); !plain || label != name || !s.asConstant(sc, name, selected) {
		s.keep(sc.file, decl)
	}
}

// labelOf returns the name of a field; plain is false for labels that are expressions or patterns.
func labelOf(field *ast.Field) (name string, plain bool) {
	name, _, err := ast.LabelName(field.Label)
	return name, err == nil
}

// namesOf lists the names that refer to a declaration, aliases included.
func namesOf(decl ast.Decl) []string {
	var names []string
	switch decl := decl.(type) {
	case *ast.LetClause:
		names = append(names, decl.Ident.Name)
	case *ast.Field:
		if name, plain := labelOf(decl); plain {
			names = append(names, name)
		}
		if alias, ok := decl.Label.(*ast.Alias); ok {
			names = append(names, alias.Ident.Name)
		}
		if alias, ok := decl.Value.(*ast.Alias); ok {
			names = append(names, alias.Ident.Name)
		}
		if decl.Alias != nil {
			names = append(names, decl.Alias.Field.Name)
		}
	}
	return names
}
