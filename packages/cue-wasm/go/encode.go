package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"unicode/utf8"

	"cuelang.org/go/cue"
	cueyaml "cuelang.org/go/encoding/yaml"
	"sigs.k8s.io/yaml"
)

// encodeOutput adds one output to the response; it reports false when the value is in error, with
// the diagnostics added.
func encodeOutput(root cue.Value, want outputRequest, origin *origins, resp *response) bool {
	fail := func(err error) bool {
		resp.Diagnostics = append(resp.Diagnostics, diagnose(err, root, origin)...)
		return false
	}
	out := output{Path: want.Path}
	value := root
	if want.Path != "" {
		value = root.LookupPath(cue.ParsePath(want.Path))
	}
	if want.Encoding == "kind" {
		value = lookupSchema(root, want.Path)
	}
	if !value.Exists() {
		if !want.Optional {
			resp.Diagnostics = append(resp.Diagnostics, diagnostic{Text: "field not found", Path: want.Path})
			return false
		}
		resp.Outputs = append(resp.Outputs, out)
		return true
	}
	out.Exists = true
	if want.Concrete {
		if err := value.Validate(cue.Concrete(true), cue.Final()); err != nil {
			return fail(err)
		}
	}
	switch want.Encoding {
	case "json":
		text, err := value.MarshalJSON()
		if err != nil {
			return fail(err)
		}
		length := resp.text(text)
		out.Text = &length
	case "defaults":
		text, _ := encodeDefaults(value)
		length := resp.text(text)
		out.Text = &length
	case "cue":
		length := resp.text(fmt.Append(nil, value))
		out.Text = &length
	case "kind":
		length := resp.text([]byte(value.IncompleteKind().String()))
		out.Text = &length
	case "docs":
		text, err := encodeDocs(value, root.BuildInstance())
		if err != nil {
			return fail(err)
		}
		length := resp.text(text)
		out.Text = &length
	case "lists":
		lists, diagnostics, err := encodeLists(value, want.Path, resp)
		if err != nil {
			return fail(err)
		}
		if len(diagnostics) > 0 {
			resp.Diagnostics = append(resp.Diagnostics, diagnostics...)
			return false
		}
		out.Lists = lists
		out.Hidden = hiddenLists(value, want.Path)
	}
	resp.Outputs = append(resp.Outputs, out)
	return true
}

// lookupSchema finds what a path may hold, also where it is optional or allowed by a pattern.
func lookupSchema(root cue.Value, text string) cue.Value {
	value := root
	for _, selector := range cue.ParsePath(text).Selectors() {
		next := value.LookupPath(cue.MakePath(selector))
		if !next.Exists() && selector.IsString() {
			next = value.LookupPath(cue.MakePath(selector.Optional()))
		}
		value = next
	}
	return value
}

// encodeDefaults writes what is concrete of a value as JSON, defaults included, and leaves out the rest.
func encodeDefaults(value cue.Value) ([]byte, bool) {
	if value.IncompleteKind() != cue.StructKind {
		if value.Validate(cue.Concrete(true), cue.Final()) != nil {
			return nil, false
		}
		text, err := value.MarshalJSON()
		return text, err == nil
	}
	fields, err := value.Fields()
	if err != nil {
		return nil, false
	}
	text := []byte("{")
	for fields.Next() {
		member, ok := encodeDefaults(fields.Value())
		if !ok {
			continue
		}
		if len(text) > 1 {
			text = append(text, ',')
		}
		name, _ := json.Marshal(fields.Selector().Unquoted())
		text = append(append(append(text, name...), ':'), member...)
	}
	return append(text, '}'), true
}

// encodeLists encodes a struct of lists, each element a text of its own.
func encodeLists(value cue.Value, path string, resp *response) ([]list, []diagnostic, error) {
	fields, err := value.Fields()
	if err != nil {
		return nil, nil, err
	}
	lists := []list{}
	var problems []diagnostic
	for fields.Next() {
		name := fields.Selector().Unquoted()
		at := fmt.Sprintf("%s.%s", path, fields.Selector())
		items, err := fields.Value().List()
		if err != nil {
			problems = append(problems, listProblem(at, fields.Value()))
			continue
		}
		encoded := list{Name: name, Items: []int{}}
		for items.Next() {
			if items.Value().IsNull() {
				encoded.Items = append(encoded.Items, -1)
				continue
			}
			text, err := itemJSON(items.Value())
			if err != nil {
				return nil, nil, err
			}
			encoded.Items = append(encoded.Items, resp.text(text))
		}
		lists = append(lists, encoded)
	}
	return lists, problems, nil
}

// hiddenLists tells of the lists of a struct that encodeLists leaves out because they are hidden.
func hiddenLists(value cue.Value, path string) []diagnostic {
	fields, err := value.Fields(cue.Hidden(true))
	if err != nil {
		return nil
	}
	var hidden []diagnostic
	for fields.Next() {
		selector := fields.Selector()
		if selector.LabelType() != cue.HiddenLabel || fields.Value().IncompleteKind() != cue.ListKind {
			continue
		}
		found := diagnostic{Text: "is hidden", Path: fmt.Sprintf("%s.%s", path, selector)}
		if at, ok := toPosition(fields.Value().Pos()); ok {
			found.Positions = []position{at}
		}
		hidden = append(hidden, found)
	}
	return hidden
}

func listProblem(path string, value cue.Value) diagnostic {
	problem := diagnostic{Text: fmt.Sprintf("must be a list of objects, is %s", value.IncompleteKind()), Path: path}
	if at, ok := toPosition(value.Pos()); ok {
		problem.Positions = []position{at}
	}
	return problem
}

// itemJSON writes a value as JSON in CUE's field order. JSON has no bytes and no difference between
// 1 and 1.0, so a value that holds bytes or floats goes through YAML as Kubernetes tools read it:
// bytes become text and integral floats become integers.
func itemJSON(value cue.Value) ([]byte, error) {
	if !holdsBytesOrFloats(value) {
		return value.MarshalJSON()
	}
	text, err := cueyaml.Encode(value)
	if err != nil {
		return nil, err
	}
	return yaml.YAMLToJSON(text)
}

func holdsBytesOrFloats(value cue.Value) bool {
	found := false
	value.Walk(func(v cue.Value) bool {
		kind := v.Kind()
		found = found || kind == cue.BytesKind || kind == cue.FloatKind
		return !found
	}, nil)
	return found
}

// formatTexts prints JSON texts the way Kubernetes tools do: `yaml` gives a document for each,
// `json` one array of them with sorted keys and an indent of four.
func formatTexts(req *request, body *reader, resp *response) error {
	var values []any
	for _, size := range req.Texts {
		text, err := body.take(size)
		if err != nil {
			return err
		}
		switch req.Format {
		case "yaml":
			printed, err := yaml.JSONToYAML(escapeUnreadable(text))
			if err != nil {
				return err
			}
			resp.Texts = append(resp.Texts, resp.text(printed))
		case "json":
			decoder := json.NewDecoder(bytes.NewReader(text))
			decoder.UseNumber()
			var value any
			if err := decoder.Decode(&value); err != nil {
				return err
			}
			values = append(values, value)
		default:
			return fmt.Errorf("unknown format %q", req.Format)
		}
	}
	if req.Format == "yaml" {
		return nil
	}
	printed, err := json.MarshalIndent(values, "", "    ")
	resp.Texts = append(resp.Texts, resp.text(printed))
	return err
}

// escapeUnreadable escapes the characters that JSON may hold as they are, in texts alone, and that the
// YAML parser refuses to read.
func escapeUnreadable(text []byte) []byte {
	if !bytes.ContainsFunc(text, isUnreadable) {
		return text
	}
	escaped := make([]byte, 0, len(text)+16)
	for _, char := range string(text) {
		if isUnreadable(char) {
			escaped = fmt.Appendf(escaped, `\u%04x`, char)
		} else {
			escaped = utf8.AppendRune(escaped, char)
		}
	}
	return escaped
}

func isUnreadable(char rune) bool {
	return char >= 0x7f && char <= 0x9f || char == 0xfeff || char == 0xfffe || char == 0xffff
}

func cueVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if dep.Path == "cuelang.org/go" {
				return dep.Version
			}
		}
	}
	return "unknown"
}
