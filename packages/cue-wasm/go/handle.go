package main

import (
	"encoding/json"
	"fmt"
)

// engine keeps what several requests share. It serves one request at a time.
type engine struct {
	sources map[string]*source
	// headroom is never touched, so it takes no memory; it keeps the collector from running while
	// the heap is small.
	headroom []byte
}

func newEngine() *engine {
	return &engine{sources: map[string]*source{}, headroom: make([]byte, 32<<20)}
}

func (e *engine) handle(header, body []byte) (resp *response) {
	defer func() {
		if cause := recover(); cause != nil {
			resp = &response{Failure: fmt.Sprintf("the evaluator crashed: %v", cause)}
		}
	}()
	var req request
	if err := json.Unmarshal(header, &req); err != nil {
		return &response{Failure: "malformed request: " + err.Error()}
	}
	if req.Protocol != protocolVersion {
		return &response{Failure: fmt.Sprintf("protocol %d asked of an engine of protocol %d", req.Protocol, protocolVersion)}
	}
	resp = &response{}
	if err := e.dispatch(&req, &reader{rest: body}, resp); err != nil {
		resp.Failure = err.Error()
	}
	return resp
}

func (e *engine) dispatch(req *request, body *reader, resp *response) error {
	switch req.Op {
	case "info":
		resp.CueVersion = cueVersion()
		return nil
	case "add":
		src, err := newSource(req.Files, body)
		if err == nil {
			e.sources[req.Source] = src
		}
		return err
	case "drop":
		delete(e.sources, req.Source)
		return nil
	case "evaluate", "schema":
		src := e.sources[req.Source]
		if src == nil {
			return fmt.Errorf("unknown source %q", req.Source)
		}
		if req.Op == "schema" {
			return writeSchema(src, &req.evaluation, body, resp)
		}
		return evaluate(src, &req.evaluation, body, resp)
	case "mask":
		return maskText(req, body, resp)
	case "format":
		return formatTexts(req, body, resp)
	case "crds":
		return translateCRDs(req, body, resp)
	case "requirements":
		return readRequirements(req, body, resp)
	case "unpack":
		return unpackModule(req, body, resp)
	case "format-cue":
		return formatCue(req, body, resp)
	}
	return fmt.Errorf("unknown operation %q", req.Op)
}
