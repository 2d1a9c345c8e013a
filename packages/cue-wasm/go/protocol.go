// Package main is the engine: the real CUE evaluator behind a small request protocol.
//
// A message is a frame: the length of a JSON header and the length of a body, both as
// little-endian uint32, then the header, then the body. The body of a request holds the contents
// of the files that its header lists, one after another; the body of a response holds texts.
package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
)

const protocolVersion = 1

const (
	frameHead     = 8
	maxHeaderSize = 64 << 20
	maxBodySize   = 1 << 30
)

type request struct {
	Protocol int          `json:"protocol"`
	Op       string       `json:"op"`
	Source   string       `json:"source,omitempty"`
	Files    []fileHeader `json:"files,omitempty"`
	Texts    []int        `json:"texts,omitempty"`
	Format   string       `json:"format,omitempty"`
	// Module tells that the first text is a module file.
	Module bool `json:"module,omitempty"`
	evaluation
	crdRequest
	requirementsRequest
	unpackRequest
}

type fileHeader struct {
	Path string `json:"path"`
	Size int    `json:"size"`
	// Kind is yaml or json for a file that is not CUE.
	Kind string `json:"kind,omitempty"`
}

// evaluation is what the ops "evaluate" and "schema" take.
type evaluation struct {
	Dir     string `json:"dir,omitempty"`
	Package string `json:"package,omitempty"`
	// FileArgs are the files to load in place of a package; their package clauses may differ from Package.
	FileArgs []string     `json:"fileArgs,omitempty"`
	Overlay  []fileHeader `json:"overlay,omitempty"`
	// RuntimeValues are for the attributes @timoni(runtime:TYPE:NAME) in FileArgs.
	RuntimeValues map[string]string `json:"runtimeValues,omitempty"`
	Tags          []string          `json:"tags,omitempty"`
	TagVars       map[string]string `json:"tagVars,omitempty"`
	Merge         *mergeRequest     `json:"merge,omitempty"`
	Outputs       []outputRequest   `json:"outputs,omitempty"`
	Locate        []string          `json:"locate,omitempty"`
	Trace         []string          `json:"trace,omitempty"`
	// Slice is the path of a value whose declarations are wanted by themselves.
	Slice []string `json:"slice,omitempty"`
	// Schema is for op "schema" alone.
	Schema schemaRequest `json:"schema,omitzero"`
}

type schemaRequest struct {
	Title string `json:"title"`
	// Built is the path of the value in which the merged field ends up complete.
	Built string `json:"built"`
}

type mergeRequest struct {
	// Path is the file whose field is the base and that the merged field replaces.
	Path     string        `json:"path"`
	Field    string        `json:"field"`
	Overlays []valueSource `json:"overlays"`
}

type valueSource struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	Size int    `json:"size"`
}

type outputRequest struct {
	Path     string `json:"path"`
	Optional bool   `json:"optional,omitempty"`
	Concrete bool   `json:"concrete,omitempty"`
	// Encoding is none, json, defaults, cue, kind, docs or lists.
	Encoding string `json:"encoding"`
}

type response struct {
	Protocol    int           `json:"protocol"`
	CueVersion  string        `json:"cueVersion,omitempty"`
	Failure     string        `json:"failure,omitempty"`
	Stage       string        `json:"stage,omitempty"`
	Diagnostics []diagnostic  `json:"diagnostics,omitempty"`
	Outputs     []output      `json:"outputs,omitempty"`
	Located     [][]position  `json:"located,omitempty"`
	Traced      [][]traceStep `json:"traced,omitempty"`
	Slice       []fileHeader  `json:"slice,omitempty"`
	// Files are those of an unpacked module.
	Files []fileHeader `json:"files,omitempty"`
	// Module is the name of the module whose requirements were asked for.
	Module       string        `json:"module,omitempty"`
	Requirements []requirement `json:"requirements,omitempty"`
	// SliceTexts are the texts of the slice that came from values.
	SliceTexts []string     `json:"sliceTexts,omitempty"`
	Texts      []int        `json:"texts,omitempty"`
	Formatted  []formatted  `json:"formatted,omitempty"`
	Merged     *int         `json:"merged,omitempty"`
	Packages   []crdPackage `json:"packages,omitempty"`
	// Names are those of all CustomResourceDefinitions in the files.
	Names   []string         `json:"names,omitempty"`
	Timings map[string]int64 `json:"timings,omitempty"`

	body []byte
}

type output struct {
	Path   string `json:"path"`
	Exists bool   `json:"exists"`
	Text   *int   `json:"text,omitempty"`
	Lists  []list `json:"lists,omitempty"`
	// Hidden are the hidden fields beside the lists that hold lists as well.
	Hidden []diagnostic `json:"hidden,omitempty"`
}

type list struct {
	Name string `json:"name"`
	// Items are lengths of JSON texts in the body; -1 stands for null.
	Items []int `json:"items"`
}

// text appends to the body and returns the length for the header.
func (r *response) text(content []byte) int {
	r.body = append(r.body, content...)
	return len(content)
}

func (r *response) frame() []byte {
	r.Protocol = protocolVersion
	header, err := json.Marshal(r)
	if err != nil {
		header, _ = json.Marshal(&response{Protocol: protocolVersion, Failure: err.Error()})
		r.body = nil
	}
	frame := make([]byte, frameHead, frameHead+len(header)+len(r.body))
	binary.LittleEndian.PutUint32(frame, uint32(len(header)))
	binary.LittleEndian.PutUint32(frame[4:], uint32(len(r.body)))
	frame = append(frame, header...)
	return append(frame, r.body...)
}

func frameSizes(head []byte) (header, body int, err error) {
	header = int(binary.LittleEndian.Uint32(head))
	body = int(binary.LittleEndian.Uint32(head[4:]))
	if header > maxHeaderSize || body > maxBodySize {
		return 0, 0, errors.New("request frame is too large")
	}
	return header, body, nil
}

// reader hands out the parts of a request body in order.
type reader struct{ rest []byte }

func (r *reader) take(size int) ([]byte, error) {
	if size < 0 || size > len(r.rest) {
		return nil, errors.New("request body is shorter than its header says")
	}
	part := r.rest[:size:size]
	r.rest = r.rest[size:]
	return part, nil
}
