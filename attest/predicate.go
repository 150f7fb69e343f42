// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"bytes"
	"strings"

	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/signed"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Predicate types that are known by meaning, beside the reports of vulnerability
// scanners: in-toto vulns v0.1 and v0.2, and cosign's own. Any other type is kept as it is.
const (
	SPDX          = "https://spdx.dev/Document" // and with a version: ".../v2.3"
	CycloneDX     = "https://cyclonedx.org/bom" // and with a version: ".../v1.5"
	ProvenanceV02 = "https://slsa.dev/provenance/v0.2"
	ProvenanceV1  = "https://slsa.dev/provenance/v1"
	VSAV1         = "https://slsa.dev/verification_summary/v1"
	TestResultV01 = "https://in-toto.io/attestation/test-result/v0.1"
	ReleaseV02    = "https://in-toto.io/attestation/release/v0.2" // what GitHub signs of an immutable release

	vulnsV01     = "https://in-toto.io/attestation/vulns/v0.1"
	vulnsV02     = "https://in-toto.io/attestation/vulns/v0.2"
	cosignVulnV1 = "https://cosign.sigstore.dev/attestation/vuln/v1"
)

// family splits a predicate type that may carry the document's version.
func family(t string) (base, version string) {
	for _, base := range []string{SPDX, CycloneDX} {
		if t == base {
			return base, ""
		}
		if version, ok := strings.CutPrefix(t, base+"/v"); ok && version != "" {
			return base, version
		}
	}
	return t, ""
}

// isType reports whether the statement's predicate is of type want.
func (s *Statement) isType(want string) bool {
	if s.PredicateType == want {
		return true
	}
	base, version := family(want)
	gotBase, gotVersion := family(s.PredicateType)
	switch {
	case base != gotBase || base != SPDX && base != CycloneDX:
		return false
	case version == "":
		return true
	case gotVersion == "":
		return s.sbom().version == version
	}
	return false
}

// IsType reports whether the statement's predicate is of type want, as
// [PredicateType] counts it: SPDX and CycloneDX are families.
func (s *Statement) IsType(want string) bool { return s.isType(want) }

// CheckPredicate holds the predicate against what its type requires: the members of its
// specification, which must not be zero values, and an SBOM of the very format.
//
// The error is an [*Error] of stage predicate. A type that is not known by meaning
// requires nothing.
func (s *Statement) CheckPredicate() error {
	if s.isSBOM() {
		return s.checkFormat()
	}
	_, err := s.decode()
	return err
}

func (s *Statement) isSBOM() bool { return s.isType(SPDX) || s.isType(CycloneDX) }

// Result returns what a verification summary ("PASSED", "FAILED") or a test result (these
// and "WARNED") says, whatever else of it is missing or malformed; "" for any other type.
func (s *Statement) Result() string {
	switch p, _ := s.decode(); p := p.(type) {
	case *VSA:
		return p.Result
	case *testResult:
		return p.Result
	}
	return ""
}

// checkFormat refuses an SBOM that is of another format than its type says.
func (s *Statement) checkFormat() error {
	base, version := family(s.PredicateType)
	h := s.sbom()
	want := map[string]string{SPDX: "SPDX", CycloneDX: "CycloneDX"}[base]
	switch {
	case want == "":
		return nil
	case h.format != want:
		got := "no SBOM"
		if h.format != "" {
			got = strings.TrimSpace(h.format + " " + h.version)
		}
		return &Error{Stage: signed.StagePredicate, Kind: ErrPredicate, Message: "the predicate is no " + want + " document", Got: got, Want: strings.TrimSpace(want + " " + version)}
	case version != "" && h.version != version:
		return &Error{Stage: signed.StagePredicate, Kind: ErrPredicate, Message: "version of the document", Got: h.version, Want: version}
	}
	return nil
}

// sbomHeader is what an SBOM says of its own format.
type sbomHeader struct {
	read    bool
	format  string // "SPDX", "CycloneDX"; empty for neither
	version string // "2.3", "1.5"
}

// sbom reads the head of an SBOM predicate, once.
func (s *Statement) sbom() sbomHeader {
	if base, _ := family(s.PredicateType); base != SPDX && base != CycloneDX {
		return sbomHeader{}
	}
	if s.header.read {
		return s.header
	}
	return headerOf(s.Predicate)
}

// headerOf finds the format of an SBOM: a JSON object, or, as "cosign attest
// --type spdx" writes it, a string that holds a document in any of its formats.
func headerOf(predicate []byte) sbomHeader {
	d := jsonstrict.NewBytes(predicate, jsonstrict.Options{AllowNUL: true})
	switch d.Kind() {
	case jsonstrict.Object:
		return jsonHeader(d)
	case jsonstrict.String:
		text := d.Bytes()
		switch trimmed := bytes.TrimLeft(text, " \t\r\n"); {
		case len(trimmed) == 0:
		case trimmed[0] == '{':
			return jsonHeader(jsonstrict.NewBytes(trimmed, jsonstrict.Options{}))
		case trimmed[0] == '<':
			if _, rest, ok := bytes.Cut(trimmed, []byte("cyclonedx.org/schema/bom/")); ok {
				return sbomHeader{true, "CycloneDX", leadingVersion(rest)}
			}
		default:
			return tagValueHeader(trimmed)
		}
	}
	return sbomHeader{read: true}
}

func jsonHeader(d *jsonstrict.Decoder) sbomHeader {
	var spdx, bomFormat, specVersion, context string
	text := func() string {
		if d.Kind() == jsonstrict.String {
			return d.String()
		}
		d.Skip()
		return ""
	}
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "spdxVersion":
			spdx = text()
		case "bomFormat":
			bomFormat = text()
		case "specVersion":
			specVersion = text()
		case "@context":
			context = text()
		}
	}
	h := sbomHeader{read: true}
	switch v3, isV3 := strings.CutPrefix(context, "https://spdx.org/rdf/"); {
	case d.End() != nil:
	case strings.HasPrefix(spdx, "SPDX-"):
		h.format, h.version = "SPDX", spdx[len("SPDX-"):]
	case bomFormat == "CycloneDX" && specVersion != "":
		h.format, h.version = bomFormat, specVersion
	case isV3:
		h.format, h.version = "SPDX", leadingVersion([]byte(v3))
	}
	return h
}

// tagValueHeader reads "SPDXVersion: SPDX-2.3", which SPDX 2.3 §6.1 puts first;
// comments may stand before it.
func tagValueHeader(text []byte) sbomHeader {
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		if rest, ok := bytes.CutPrefix(line, []byte("SPDXVersion:")); ok {
			if v, ok := strings.CutPrefix(string(bytes.TrimSpace(rest)), "SPDX-"); ok {
				return sbomHeader{true, "SPDX", textfmt.Clip(v, 16)}
			}
		}
		break
	}
	return sbomHeader{read: true}
}

// leadingVersion returns the digits and dots that b begins with.
func leadingVersion(b []byte) string {
	n := 0
	for n < len(b) && n < 16 && (b[n] == '.' || '0' <= b[n] && b[n] <= '9') {
		n++
	}
	return strings.TrimRight(string(b[:n]), ".")
}
