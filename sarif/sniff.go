// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"bufio"
	"bytes"
	"io"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
)

// sniffLen is how many bytes of a report [sniff] wants to see; fewer will often do.
const sniffLen = 64 << 10

// sniff tells the format of a report from its first bytes: from the names of its
// outermost members, or those of the first element of an array. The error is of
// class ErrUnsupported for JSON of another kind, of ErrFormat for other text.
func sniff(head []byte) (Format, error) {
	r, _ := jsonstrict.UTF8(bytes.NewReader(head))
	d := jsonstrict.New(r, jsonstrict.Options{AllowNUL: true})
	switch d.Kind() {
	case jsonstrict.Null:
		if d.Null(); d.End() == nil {
			return FormatTrivyJSON, nil // written by old versions that scanned nothing
		}
	case jsonstrict.Object:
		if f := sniffObject(memberNames(d)); f != formatInvalid {
			return f, nil
		}
		return formatInvalid, unknownFormat(evidence.ErrUnsupported, "neither SARIF nor JSON of Trivy or govulncheck")
	case jsonstrict.Array:
		d.Array()
		if !d.Next() && d.Err() == nil {
			return FormatTrivyJSON, nil // as null
		}
		if d.Kind() == jsonstrict.Object {
			if f := sniffElement(memberNames(d)); f != formatInvalid {
				return f, nil
			}
		}
		return formatInvalid, unknownFormat(evidence.ErrUnsupported, "neither SARIF nor JSON of Trivy or govulncheck")
	}
	return formatInvalid, unknownFormat(evidence.ErrFormat, "not a JSON object or array")
}

func unknownFormat(class error, message string) error {
	return &evidence.Problem{Code: "sarif.unknown-format", Severity: evidence.SeverityError, Line: 1, Column: 1, Message: message, Err: class}
}

// memberNames returns the names of the members of the next object, as far as the
// text goes, and "sarif" if that is what its schema is.
func memberNames(d *jsonstrict.Decoder) map[string]bool {
	names := map[string]bool{}
	for d.Object(); d.Next() && len(names) < 1000; {
		name := string(d.Key())
		names[name] = true
		if name == "$schema" && d.Kind() == jsonstrict.String && bytes.Contains(d.Bytes(), []byte("sarif")) {
			names["sarif"] = true
		}
	}
	return names
}

func sniffObject(has map[string]bool) Format {
	switch {
	case has["runs"], has["sarif"]:
		return FormatSARIF
	case has["SchemaVersion"] && (has["ArtifactName"] || has["ArtifactType"] || has["Results"]),
		has["ClusterName"]:
		return FormatTrivyJSON
	case has["config"], has["osv"], has["finding"], has["progress"], has["SBOM"]:
		return FormatGovulncheckJSON
	}
	return formatInvalid
}

func sniffElement(has map[string]bool) Format {
	switch {
	case has["Target"]:
		return FormatTrivyJSON
	case has["config"], has["osv"], has["finding"], has["progress"]:
		return FormatGovulncheckJSON
	}
	return formatInvalid
}

// Read reads a report in whichever format [sniff] tells.
func Read(r io.Reader, o *ReadOptions) (*Log, error) {
	b := bufio.NewReaderSize(r, sniffLen)
	head, err := b.Peek(sniffLen)
	if err != nil && err != io.EOF {
		return nil, err
	}
	f, err := sniff(head)
	if err != nil {
		if len(head) < sniffLen {
			text, _ := jsonstrict.UTF8(bytes.NewReader(head))
			d := jsonstrict.New(text, jsonstrict.Options{Limits: o.orZero().Limits, AllowNUL: true})
			d.Skip()
			if syntax := d.End(); syntax != nil {
				err = syntax // it is no JSON at all: say where
			}
		}
		if p, ok := err.(*evidence.Problem); ok {
			return nil, p.At(o.orZero().Name)
		}
		return nil, err
	}
	switch f {
	case FormatTrivyJSON:
		return readTrivyJSON(b, o)
	case FormatGovulncheckJSON:
		return readGovulncheckJSON(b, o)
	}
	return ReadSARIF(b, o)
}
