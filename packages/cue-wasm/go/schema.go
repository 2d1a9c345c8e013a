package main

import (
	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/interpreter/embed"
	"cuelang.org/go/cue/parser"
)

const schemaDialect = "https://json-schema.org/draft/2020-12/schema"

// writeSchema writes the JSON Schema of a values file: of the field that values are merged into, as
// mergeInto takes them. It accepts every file that an evaluation accepts.
func writeSchema(src *source, eval *evaluation, body *reader, resp *response) error {
	clock := newClock(resp)
	overlay, err := readFiles(eval.Overlay, body)
	if err != nil {
		return err
	}
	target := fsPath(eval.Merge.Path)
	ctx := cuecontext.New(cuecontext.Interpreter(embed.New()))
	layer, diagnostics, err := ownLayer(ctx, src, overlay, eval, &origins{merged: target})
	if err != nil {
		return err
	}
	if len(diagnostics) > 0 {
		resp.Stage, resp.Diagnostics = "merge", diagnostics
		return nil
	}
	overlay[target] = []byte("package " + eval.Package + "\n")
	if problem, found := moduleProblem(src); found {
		resp.Stage, resp.Diagnostics = "load", []diagnostic{problem}
		return nil
	}
	instance := loadInstance(src, overlay, eval, parseWidened)
	if instance.Err != nil {
		resp.Stage, resp.Diagnostics = "load", diagnose(instance.Err, cue.Value{}, nil)
		return nil
	}
	clock.lap("load")
	root := ctx.BuildInstance(instance)
	value := root.LookupPath(cue.ParsePath(eval.Merge.Field))
	if err := value.Err(); err != nil {
		resp.Stage, resp.Diagnostics = "build", diagnose(err, root, nil)
		return nil
	}
	clock.lap("build")
	text, err := plainJSON(fileSchema(root, value, layer.named, eval))
	if err != nil {
		return err
	}
	length := resp.text(text)
	resp.Outputs = []output{{Path: eval.Merge.Field, Exists: true, Text: &length}}
	clock.lap("encode")
	return nil
}

// parseWidened parses for the loader.
func parseWidened(name string, content any, cfg parser.Config) (*ast.File, error) {
	file, err := parser.ParseFile(name, content, cfg)
	if err == nil && cfg.Mode&parser.ImportsOnly == 0 {
		file = widen(file)
	}
	return file, err
}

// fileSchema puts the field into a file. Other fields of the file are not looked at.
func fileSchema(root, value, given cue.Value, eval *evaluation) *jsonSchema {
	walker := &schemaWalker{named: map[string]string{}}
	field := walker.field(schemaPlace{
		value: value,
		built: root.LookupPath(cue.ParsePath(eval.Schema.Built)),
		given: given,
	}, true)
	return &jsonSchema{
		Dialect:    schemaDialect,
		Title:      eval.Schema.Title,
		Type:       "object",
		Properties: properties{{eval.Merge.Field, field}},
		Required:   []string{eval.Merge.Field},
		Defs:       walker.defs,
	}
}
