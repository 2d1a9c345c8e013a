package main

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/parser"
	cuejson "cuelang.org/go/encoding/json"
	cueyaml "cuelang.org/go/encoding/yaml"
)

// mergeInto merges users' values over a field of a file of the source and lays the result over that
// file. Later overlays win; lists merge by index; null takes the place of anything.
func mergeInto(ctx *cue.Context, src *source, overlay fileSet, eval *evaluation, body *reader, resp *response) (*origins, error) {
	merge := eval.Merge
	target := fsPath(merge.Path)
	origin := &origins{merged: target}
	layer, diagnostics, err := ownLayer(ctx, src, overlay, eval, origin)
	if err != nil {
		return nil, err
	}
	if len(merge.Overlays) == 0 {
		if len(diagnostics) == 0 {
			length := resp.text(fmt.Append(nil, layer.named))
			resp.Merged = &length
		}
		return nil, nil
	}
	if len(diagnostics) > 0 {
		resp.Diagnostics = diagnostics
		return nil, nil
	}
	layers := []valueLayer{layer}
	base, err := layer.plain(ctx, merge.Field)
	if err != nil {
		return nil, err
	}
	for _, header := range merge.Overlays {
		content, err := body.take(header.Size)
		if err != nil {
			return nil, err
		}
		layer, diagnostics := layerOf(ctx, header, content, merge.Field, origin)
		if len(diagnostics) > 0 {
			resp.Diagnostics = diagnostics
			return nil, nil
		}
		layers = append(layers, layer)
		plain, err := layer.plain(ctx, merge.Field)
		if err != nil {
			return nil, err
		}
		base = mergeValues(ctx, plain, base)
		if err := base.Err(); err != nil {
			resp.Diagnostics = diagnose(mergeError(ctx, layers, err), cue.Value{}, nil)
			return nil, nil
		}
	}
	text, err := printField(ctx, merge.Field, base)
	if err != nil {
		return nil, err
	}
	origin.text = append([]byte("package "+eval.Package+"\n\n"), text...)
	overlay[target] = origin.text
	length := resp.text(fmt.Append(nil, base))
	resp.Merged = &length
	return origin, nil
}

// valueLayer is the field of one values file.
type valueLayer struct {
	named cue.Value
	file  *ast.File
	// text is the file where it is CUE as it stands.
	text []byte
}

// plain is the field compiled without a name of its file. CUE sorts the fields of what is unified by
// the names of the files that they come from; users of the format expect the order of values that come
// from none. Errors need the names.
func (l valueLayer) plain(ctx *cue.Context, field string) (cue.Value, error) {
	text := l.text
	if text == nil {
		var err error
		if text, err = format.Node(l.file); err != nil {
			return cue.Value{}, err
		}
	}
	return ctx.CompileBytes(text).LookupPath(cue.ParsePath(field)), nil
}

// ownLayer is the field of the source's own values file.
func ownLayer(ctx *cue.Context, src *source, overlay fileSet, eval *evaluation, origin *origins) (valueLayer, []diagnostic, error) {
	target := fsPath(eval.Merge.Path)
	content := overlay[target]
	if content == nil {
		content = src.files[target]
	}
	if content == nil {
		return valueLayer{}, nil, fmt.Errorf("the source has no file %s", eval.Merge.Path)
	}
	layer, diagnostics := layerOf(ctx, valueSource{Name: target, Kind: "cue"}, content, eval.Merge.Field, origin)
	return layer, diagnostics, nil
}

// layerOf compiles a values file alone and takes the field from it.
func layerOf(ctx *cue.Context, header valueSource, content []byte, field string, origin *origins) (valueLayer, []diagnostic) {
	file, err := parseValues(header, content)
	if err != nil {
		return valueLayer{}, placeInFile(diagnose(err, cue.Value{}, nil), header.Name)
	}
	origin.add(file)
	named, diagnostics := fieldOf(ctx.BuildFile(file), header, field)
	if len(diagnostics) > 0 {
		return valueLayer{}, diagnostics
	}
	layer := valueLayer{named: named, file: file}
	if header.Kind == "cue" {
		layer.text = content
	}
	return layer, nil
}

// fieldOf takes a field that has to be there from a values file.
func fieldOf(root cue.Value, header valueSource, field string) (cue.Value, []diagnostic) {
	value := root.LookupPath(cue.ParsePath(field))
	if value.Exists() {
		if err := value.Err(); err != nil {
			return cue.Value{}, diagnose(err, cue.Value{}, nil)
		}
		return value, nil
	}
	if err := root.Err(); err != nil {
		return cue.Value{}, diagnose(err, cue.Value{}, nil)
	}
	missing := diagnostic{
		Text:      fmt.Sprintf("the file has no top-level field %q", field),
		Path:      field,
		Positions: []position{{File: fsPath(header.Name), Line: 1, Column: 1}},
	}
	if fields, err := root.Fields(); err == nil {
		for fields.Next() {
			missing.Alternatives = append(missing.Alternatives, fields.Selector().Unquoted())
		}
	}
	return cue.Value{}, []diagnostic{missing}
}

// mergeError merges again with names, for an error that knows its places.
func mergeError(ctx *cue.Context, layers []valueLayer, plain error) error {
	base := layers[0].named
	for _, layer := range layers[1:] {
		base = mergeValues(ctx, layer.named, base)
		if err := base.Err(); err != nil {
			return err
		}
	}
	return plain
}

// placeInFile takes the file out of messages about JSON, and the position out of those of the YAML
// parser: `FILE:LINE: TEXT`, and `FILE: TEXT` for the first line.
func placeInFile(diagnostics []diagnostic, name string) []diagnostic {
	for i, entry := range diagnostics {
		if text, found := strings.CutPrefix(entry.Text, fmt.Sprintf("invalid JSON for file %q: ", name)); found {
			diagnostics[i].Text = text
			continue
		}
		rest, found := strings.CutPrefix(entry.Text, name+":")
		if !found {
			continue
		}
		number, text, separated := strings.Cut(rest, ": ")
		line, err := strconv.Atoi(number)
		if !separated || err != nil {
			line, text = 1, strings.TrimSpace(rest)
		}
		diagnostics[i].Text = text
		diagnostics[i].Positions = []position{{File: fsPath(name), Line: line, Column: 1}}
	}
	return diagnostics
}

func parseValues(header valueSource, content []byte) (*ast.File, error) {
	switch header.Kind {
	case "json":
		expr, err := cuejson.Extract(header.Name, content)
		if err != nil {
			return nil, err
		}
		return fileOf(header.Name, expr), nil
	case "yaml":
		return cueyaml.Extract(header.Name, content)
	}
	return parser.ParseFile(header.Name, content)
}

func fileOf(name string, expr ast.Expr) *ast.File {
	if object, ok := expr.(*ast.StructLit); ok {
		return &ast.File{Filename: name, Decls: object.Elts}
	}
	return &ast.File{Filename: name, Decls: []ast.Decl{&ast.EmbedDecl{Expr: expr}}}
}

// mergeValues lays over onto base. The operations are those that make CUE sort the fields as users
// of the format expect, which shows in everything that hashes or iterates values.
func mergeValues(ctx *cue.Context, over, base cue.Value) cue.Value {
	if over.IsNull() {
		return over
	}
	switch base.IncompleteKind() {
	case cue.StructKind:
		return mergeStructs(ctx, over, base)
	case cue.ListKind:
		return mergeLists(ctx, over, base)
	}
	return over
}

func mergeStructs(ctx *cue.Context, over, base cue.Value) cue.Value {
	out := over
	fields, err := base.Fields(cue.All())
	if err != nil {
		return over
	}
	for fields.Next() {
		path := cue.MakePath(fields.Selector())
		value := fields.Value()
		if own := over.LookupPath(path); own.Exists() {
			value = mergeValues(ctx, own, value)
		}
		out = out.FillPath(path, value)
	}
	return out
}

func mergeLists(ctx *cue.Context, over, base cue.Value) cue.Value {
	overItems, err := over.List()
	if err != nil {
		return over.Unify(base)
	}
	baseItems, err := base.List()
	if err != nil {
		return over
	}
	longer := false
	items := []cue.Value{}
	for overItems.Next() {
		item := overItems.Value()
		if baseItems.Next() {
			item = mergeValues(ctx, item, baseItems.Value())
		} else {
			longer = true
		}
		items = append(items, item)
	}
	merged := ctx.NewList(items...)
	if longer {
		return merged
	}
	return merged.Unify(over)
}

// printField prints `field: value` with the imports that the value's constraints need.
func printField(ctx *cue.Context, field string, value cue.Value) ([]byte, error) {
	plain := fmt.Appendf(nil, "%s: %v\n", field, value)
	if ctx.CompileBytes(plain).Err() == nil {
		return plain, nil
	}
	node := ctx.CompileString("{}").FillPath(cue.ParsePath(field), value).Syntax(cue.Raw())
	if object, ok := node.(*ast.StructLit); ok {
		node = &ast.File{Decls: object.Elts}
	}
	text, err := format.Node(node)
	return bytes.TrimSpace(text), err
}
