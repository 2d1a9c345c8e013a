package main

import (
	"errors"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/mod/modfile"
)

// formatted is a CUE text in the standard format, or why it cannot be.
type formatted struct {
	Text        *int         `json:"text,omitempty"`
	Diagnostics []diagnostic `json:"diagnostics,omitempty"`
}

// formatCue writes CUE texts in the standard format of their module's language version. With
// `module` set, the first text is the module file.
func formatCue(req *request, body *reader, resp *response) error {
	sizes := req.Texts
	options := []parser.Option{parser.ParseComments}
	if req.Module {
		if len(sizes) == 0 {
			return errors.New("no module file")
		}
		module, err := body.take(sizes[0])
		if err != nil {
			return err
		}
		if version := languageVersion(module); version != "" {
			options = append(options, parser.Version(version))
		}
		sizes = sizes[1:]
	}
	for _, size := range sizes {
		text, err := body.take(size)
		if err != nil {
			return err
		}
		resp.Formatted = append(resp.Formatted, formatOne(text, options, resp))
	}
	return nil
}

func formatOne(text []byte, options []parser.Option, resp *response) formatted {
	file, err := parser.ParseFile("text", text, options...)
	if err != nil {
		return formatted{Diagnostics: diagnose(err, cue.Value{}, nil)}
	}
	printed, err := format.Node(file)
	if err != nil {
		return formatted{Diagnostics: diagnose(err, cue.Value{}, nil)}
	}
	length := resp.text(printed)
	return formatted{Text: &length}
}

// languageVersion is the version in a module file, or nothing where it cannot be read.
func languageVersion(module []byte) string {
	file, err := modfile.ParseNonStrict(module, moduleFile)
	if err != nil || file.Language == nil {
		return ""
	}
	return file.Language.Version
}
