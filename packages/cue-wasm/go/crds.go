package main

import (
	"errors"

	"cuelang.org/go/cue"

	"tenon.dev/engine/crd"
)

// crdRequest is what op "crds" takes beside one file.
type crdRequest struct {
	Names  []string `json:"names,omitempty"`
	Groups []string `json:"groups,omitempty"`
}

// crdPackage is the CUE package of a version of a CustomResourceDefinition; its text is in the body.
type crdPackage struct {
	Name    string `json:"name"`
	Group   string `json:"group"`
	Kind    string `json:"kind"`
	Version string `json:"version"`
	Path    string `json:"path"`
	Line    int    `json:"line"`
	Size    int    `json:"size"`
}

// translateCRDs turns the CustomResourceDefinitions of a file into CUE packages.
func translateCRDs(req *request, body *reader, resp *response) error {
	if len(req.Files) != 1 {
		return errors.New("one file is expected")
	}
	file := req.Files[0]
	content, err := body.take(file.Size)
	if err != nil {
		return err
	}
	packages, names, problems := crd.Extract(file.Path, content, crd.Selection{Names: req.Names, Groups: req.Groups})
	resp.Names = names
	if problems != nil {
		resp.Diagnostics = placeInFile(diagnose(problems, cue.Value{}, nil), file.Path)
		return nil
	}
	for _, p := range packages {
		size := resp.text(p.Text)
		resp.Packages = append(resp.Packages, crdPackage{p.Name, p.Group, p.Kind, p.Version, p.Path, p.Line, size})
	}
	return nil
}
