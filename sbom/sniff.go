// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"bytes"
	"fmt"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Sniff tells the format of a document from its beginning; the first 64 KiB
// are enough for every document that names its format early, as all known tools do.
//
// The error matches ErrUnsupported when head is something else than a bill of
// materials, and says what if that is plain, and ErrFormat when it is nothing known.
// A format that is recognised but not read gives no error here: see [Format].
func Sniff(head []byte) (Format, error) {
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return sniffUTF16(head)
	}
	return sniff(bytes.TrimPrefix(head, []byte(byteOrderMark)))
}

const byteOrderMark = "\xef\xbb\xbf"

// sniff is Sniff for UTF-8 text whose byte order mark was dropped.
func sniff(head []byte) (Format, error) {
	if bytes.HasPrefix(head, []byte(byteOrderMark)) {
		return FormatUnknown, notSBOM(evidence.ErrFormat, "document begins with two byte order marks, want at most one")
	}
	body := bytes.TrimLeft(head, " \t\r\n")
	if len(body) == 0 {
		return FormatUnknown, notSBOM(evidence.ErrFormat, "document is empty")
	}
	switch body[0] {
	case '{':
		return sniffJSON(head)
	case '[':
		return FormatUnknown, notSBOM(evidence.ErrUnsupported, "document is a JSON array, not a bill of materials")
	case '<':
		return sniffXML(body)
	}
	return sniffText(body)
}

func notSBOM(class error, format string, args ...any) error {
	return &evidence.Problem{Code: "sbom.format", Severity: evidence.SeverityError, Message: fmt.Sprintf(format, args...), Err: class}
}

func sniffUTF16(head []byte) (Format, error) {
	text, _ := jsonstrict.UTF8(bytes.NewReader(head))
	data := make([]byte, 3*len(head)/2+8)
	n := 0
	for n < len(data) {
		m, err := text.Read(data[n:])
		n += m
		if err != nil {
			break
		}
	}
	return sniff(data[:n])
}

// sniffJSON looks at the members of the outermost object. It does not judge
// the syntax: head may end anywhere, and a reader reports the place.
func sniffJSON(head []byte) (Format, error) {
	return sniffJSONObject(jsonstrict.NewBytes(head, jsonstrict.Options{}))
}

const noBOMFormat = "like CycloneDX, but has no bomFormat"

func sniffJSONObject(d *jsonstrict.Decoder) (Format, error) {
	likely := FormatUnknown
	other := ""
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "bomFormat":
			if d.Kind() == jsonstrict.String {
				if s := d.String(); s != "CycloneDX" {
					return FormatUnknown, notSBOM(evidence.ErrFormat, "bomFormat is %s, want \"CycloneDX\"", textfmt.Quote(s))
				}
			}
			return FormatCycloneDXJSON, nil
		case "spdxVersion", "SPDXID":
			return FormatSPDXJSON, nil
		case "Document", "sbom": // see wrappers
			if d.Kind() == jsonstrict.Object {
				return sniffWrapped(d)
			}
		case "@context":
			if bytes.Contains(d.Raw(), []byte("spdx.org/rdf/")) {
				return FormatSPDX3JSON, nil
			}
			other = "a JSON-LD document of another vocabulary than SPDX 3"
		case "$schema":
			if raw := d.Raw(); bytes.Contains(raw, []byte("cyclonedx.org/")) {
				likely = FormatCycloneDXJSON
			} else if bytes.Contains(raw, []byte("sarif")) {
				other = "a SARIF log"
			}
		case "_type":
			if bytes.Contains(d.Raw(), []byte("in-toto.io/Statement")) {
				other = "an in-toto statement; its predicate may be a bill of materials"
			}
		case "payloadType":
			other = "a DSSE envelope; its payload may hold a bill of materials"
		case "specVersion":
			if likely == FormatUnknown {
				other = noBOMFormat
			}
		case "documentNamespace", "creationInfo":
			likely = FormatSPDXJSON
		}
	}
	if likely == FormatCycloneDXJSON && d.Err() == nil {
		other, likely = noBOMFormat, FormatUnknown
	}
	switch {
	case likely != FormatUnknown:
		return likely, nil
	case other == noBOMFormat:
		return FormatUnknown, notSBOM(evidence.ErrFormat, "document is %s", other)
	case other != "":
		return FormatUnknown, notSBOM(evidence.ErrUnsupported, "document is %s", other)
	case d.Err() != nil:
		return FormatUnknown, d.Err()
	}
	return FormatUnknown, notSBOM(evidence.ErrUnsupported, "document is JSON, but no bill of materials: it has neither bomFormat, spdxVersion nor the @context of SPDX 3")
}

// sniffWrapped looks at a document that stands in a member of another.
func sniffWrapped(d *jsonstrict.Decoder) (Format, error) {
	name := textfmt.Quote(string(d.Key()))
	format, err := sniffJSONObject(d)
	if p, ok := err.(*evidence.Problem); ok && p.Code == "sbom.format" || err == nil && format != FormatSPDXJSON {
		return FormatUnknown, notSBOM(evidence.ErrUnsupported, "document is JSON, and its member %s, which could hold an SPDX document, holds none", name)
	}
	return format, err
}

// sniffXML looks for the outermost element and its namespace.
func sniffXML(body []byte) (Format, error) {
	name, tag := outermost(body)
	_, local, ok := bytes.Cut(name, []byte(":"))
	if !ok {
		local = name
	}
	switch {
	case string(local) == "bom" && (bytes.Contains(tag, []byte("cyclonedx.org/schema/bom")) || !bytes.Contains(tag, []byte("xmlns"))):
		return FormatCycloneDXXML, nil
	case string(local) == "RDF" && bytes.Contains(body, []byte("spdx.org/rdf/")):
		return FormatSPDXRDF, nil
	case string(name) == "Document" && bytes.Contains(body, []byte("<spdxVersion>")):
		return FormatSPDXXML, nil
	case len(name) == 0:
		return FormatUnknown, notSBOM(evidence.ErrFormat, "document begins like XML and has no element")
	}
	return FormatUnknown, notSBOM(evidence.ErrUnsupported, "outermost XML element is %s, not a bill of materials", textfmt.Quote(string(name)))
}

// outermost returns the name and the whole start tag of the first element.
func outermost(body []byte) (name, tag []byte) {
	for {
		i := bytes.IndexByte(body, '<')
		if i < 0 {
			return nil, nil
		}
		body = body[i:]
		end := ""
		switch {
		case bytes.HasPrefix(body, []byte("<!--")):
			end = "-->"
		case bytes.HasPrefix(body, []byte("<?")):
			end = "?>"
		case bytes.HasPrefix(body, []byte("<!")):
			end = ">"
		default:
			tag = body
			if i := bytes.IndexByte(body, '>'); i >= 0 {
				tag = body[:i+1]
			}
			name = tag[1:]
			if i := bytes.IndexAny(name, " \t\r\n/>"); i >= 0 {
				name = name[:i]
			}
			return name, tag
		}
		i = bytes.Index(body, []byte(end))
		if i < 0 {
			return nil, nil
		}
		body = body[i+len(end):]
	}
}

// sniffText looks at the first line that says something.
func sniffText(body []byte) (Format, error) {
	yaml := false
	for line := range bytes.Lines(body) {
		line = bytes.TrimSpace(line)
		switch {
		case len(line) == 0, line[0] == '#':
			continue
		case bytes.HasPrefix(line, []byte("SPDXVersion:")):
			return FormatSPDXTagValue, nil
		case bytes.HasPrefix(line, []byte("spdxVersion:")), bytes.HasPrefix(line, []byte(`"spdxVersion":`)):
			return FormatSPDXYAML, nil
		case bytes.Equal(line, []byte("---")), bytes.Equal(line, []byte("Document:")):
			yaml = true
			continue
		case bytes.HasPrefix(line, []byte("SPDXID:")):
			// A tag of both forms; only YAML quotes the value.
			if yaml || bytes.ContainsAny(line, `"'`) {
				return FormatSPDXYAML, nil
			}
			continue
		case !yaml && tagOfDocument(line):
			continue
		}
		if !yaml {
			break
		}
	}
	return FormatUnknown, notSBOM(evidence.ErrFormat, "document is neither JSON, XML nor tag-value: it begins with %s", textfmt.Quote(string(body[:min(len(body), 32)])))
}

// tagOfDocument reports whether line is one of the tags that may stand before SPDXVersion.
func tagOfDocument(line []byte) bool {
	tag, _, ok := bytes.Cut(line, []byte(":"))
	if !ok {
		return false
	}
	switch string(tag) {
	case "DataLicense", "DocumentName", "DocumentNamespace", "DocumentComment", "ExternalDocumentRef", "LicenseListVersion", "Creator", "Created":
		return true
	}
	return false
}
