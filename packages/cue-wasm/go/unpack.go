package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"cuelang.org/go/mod/modfile"
	"cuelang.org/go/mod/module"
	"cuelang.org/go/mod/modzip"
)

// maxUnpackedSize is the most that the files of a module may have together.
const maxUnpackedSize = 100 << 20

// unpackRequest is what op "unpack" takes beside one file, the archive of a module.
type unpackRequest struct {
	// Path is without the major version.
	Path    string `json:"path,omitempty"`
	Version string `json:"version,omitempty"`
}

// unpackModule gives the files of a module's archive, which must be as CUE wants it: no links, no
// paths that lead out, no names that differ in case alone.
func unpackModule(req *request, body *reader, resp *response) error {
	if len(req.Files) != 1 {
		return errors.New("one file is expected")
	}
	content, err := body.take(req.Files[0].Size)
	if err != nil {
		return err
	}
	files, err := unpack(req.Path, req.Version, content)
	if err != nil {
		resp.Diagnostics = []diagnostic{{Text: err.Error()}}
		return nil
	}
	for _, file := range files {
		resp.Files = append(resp.Files, fileHeader{Path: file.path, Size: resp.text(file.text)})
	}
	return nil
}

func unpack(path, version string, content []byte) ([]sourceFile, error) {
	mv, err := module.ParseVersion(path + "@" + version)
	if err != nil {
		return nil, err
	}
	archive, head, _, err := modzip.CheckZip(mv, bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	var size uint64
	for _, entry := range archive.File {
		if size += entry.UncompressedSize64; entry.UncompressedSize64 > maxUnpackedSize || size > maxUnpackedSize {
			return nil, fmt.Errorf("its files are larger than %d MiB together", maxUnpackedSize>>20)
		}
	}
	if err := checkModuleName(mv, head); err != nil {
		return nil, err
	}
	var files []sourceFile
	for _, entry := range archive.File {
		if strings.HasSuffix(entry.Name, "/") {
			continue
		}
		if !entry.Mode().IsRegular() {
			return nil, fmt.Errorf("%s: it is no regular file", entry.Name)
		}
		text, err := readEntry(entry)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", entry.Name, err)
		}
		files = append(files, sourceFile{path: entry.Name, text: text})
	}
	return files, nil
}

func checkModuleName(mv module.Version, entry *zip.File) error {
	content, err := readEntry(entry)
	if err != nil {
		return fmt.Errorf("%s: %w", entry.Name, err)
	}
	file, err := modfile.ParseNonStrict(content, entry.Name)
	if err != nil {
		return err
	}
	if name := file.QualifiedModule(); name != mv.Path() {
		return fmt.Errorf("it says that it is module %s", name)
	}
	return nil
}

// readEntry reads a file that may say less than it holds.
func readEntry(entry *zip.File) ([]byte, error) {
	content, err := entry.Open()
	if err != nil {
		return nil, err
	}
	defer content.Close()
	text, err := io.ReadAll(io.LimitReader(content, int64(entry.UncompressedSize64)+1))
	if err == nil && uint64(len(text)) > entry.UncompressedSize64 {
		return nil, errors.New("it is larger than the archive says")
	}
	return text, err
}
