package main

import (
	"path"
	"strings"
	"time"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/interpreter/embed"
	"cuelang.org/go/cue/load"
	"cuelang.org/go/mod/modfile"
)

const (
	moduleFile      = "cue.mod/module.cue"
	localModuleFile = "cue.mod/local-module.cue"
)

// evaluate loads a package with the real loader, builds it in a fresh context (one context kept
// for many instances grows and is slower) and encodes the outputs that were asked for.
func evaluate(src *source, eval *evaluation, body *reader, resp *response) error {
	clock := newClock(resp)
	overlay, err := readFiles(eval.Overlay, body)
	if err != nil {
		return err
	}
	files := newUserFiles(eval, overlay)
	defer func() { resp.Diagnostics = files.injector.mask(resp.Diagnostics) }()
	ctx := cuecontext.New(cuecontext.Interpreter(embed.New()))
	var origin *origins
	if eval.Merge != nil {
		origin, err = mergeInto(ctx, src, overlay, eval, body, resp)
		if err != nil || len(resp.Diagnostics) > 0 {
			resp.Stage = "merge"
			return err
		}
		clock.lap("merge")
	}
	if problem, found := moduleProblem(src); found {
		resp.Stage = "load"
		resp.Diagnostics = []diagnostic{problem}
		return nil
	}
	instance := loadInstance(src, overlay, eval, files.parseFile(src.parseFile(overlay)))
	clock.lap("load")
	if len(files.problems()) > 0 {
		resp.Stage = "load"
		resp.Diagnostics = files.problems()
		return nil
	}
	if instance.Err != nil {
		resp.Stage = "load"
		resp.Diagnostics = diagnose(instance.Err, cue.Value{}, origin)
		return nil
	}
	root := ctx.BuildInstance(instance)
	clock.lap("build")
	if err := root.Err(); err != nil {
		resp.Stage = "build"
		// The error of the root is the first one only.
		if all := root.Validate(); all != nil {
			err = all
		}
		resp.Diagnostics = diagnose(err, root, origin)
		return nil
	}
	for _, want := range eval.Outputs {
		if !encodeOutput(root, want, origin, resp) {
			resp.Stage = "output"
			resp.Outputs = nil
			return nil
		}
	}
	for _, at := range eval.Locate {
		resp.Located = append(resp.Located, locate(root, at, origin))
	}
	for _, at := range eval.Trace {
		resp.Traced = append(resp.Traced, traceOf(root, at, origin))
	}
	if len(eval.Slice) > 0 {
		files, given := sliceOf(instance, root, eval)
		for _, file := range files {
			resp.Slice = append(resp.Slice, fileHeader{Path: file.path, Size: resp.text(file.text)})
		}
		resp.SliceTexts = given
	}
	clock.lap("encode")
	return nil
}

func loadInstance(src *source, overlay fileSet, eval *evaluation, parse parseFunc) *build.Instance {
	vars := map[string]load.TagVar{}
	for name, value := range eval.TagVars {
		vars[name] = load.TagVar{Func: func() (ast.Expr, error) { return ast.NewString(value), nil }}
	}
	instances := load.Instances(eval.FileArgs, &load.Config{
		ModuleRoot:          virtualRoot,
		Dir:                 path.Join(virtualRoot, fsPath(eval.Dir)),
		Package:             eval.Package,
		DataFiles:           true,
		AcceptLegacyModules: true,
		Tags:                eval.Tags,
		TagVars:             vars,
		Overlay:             src.with(overlay).overlay(),
		ParseFile:           parse,
		Registry:            givenModules{src},
	})
	return instances[0]
}

// moduleProblem finds what is wrong with the module as such.
func moduleProblem(src *source) (diagnostic, bool) {
	if problem, found := languageProblem(src); found {
		return problem, true
	}
	return replacementProblem(src.files)
}

// languageProblem finds a language version that this CUE does not know. The loader looks at it only
// when a package imports another one of its module.
func languageProblem(src *source) (diagnostic, bool) {
	content, ok := src.files[moduleFile]
	if !ok {
		return diagnostic{}, false
	}
	_, err := modfile.ParseNonStrict(content, moduleFile)
	if err == nil || !strings.Contains(err.Error(), "is too new") {
		return diagnostic{}, false
	}
	at := position{File: moduleFile, Line: 1, Column: 1}
	if before, _, found := strings.Cut(string(content), "version:"); found {
		at.Line = strings.Count(before, "\n") + 1
		at.Column = len(before) - strings.LastIndex(before, "\n")
	}
	return diagnostic{Text: err.Error(), Path: "language.version", Positions: []position{at}}, true
}

// locate lists the positions of the expressions that make up the value at a path.
func locate(root cue.Value, text string, origin *origins) []position {
	value := root.LookupPath(cue.ParsePath(text))
	var found []position
	add := func(v cue.Value) {
		if at, ok := toPosition(v.Pos()); ok {
			found = appendNew(found, origin.locate(at))
		}
	}
	if !value.Exists() {
		return nil
	}
	add(value)
	_, operands := value.Expr()
	for _, operand := range operands {
		add(operand)
	}
	return found
}

type clock struct {
	timings map[string]int64
	last    time.Time
}

func newClock(resp *response) *clock {
	resp.Timings = map[string]int64{}
	return &clock{timings: resp.Timings, last: time.Now()}
}

// lap books the microseconds since the last lap.
func (c *clock) lap(name string) {
	now := time.Now()
	c.timings[name] = now.Sub(c.last).Microseconds()
	c.last = now
}
