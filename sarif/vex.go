// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// VEX is a document of the Vulnerability Exploitability eXchange: what a supplier
// says of vulnerabilities in its products.
type VEX struct {
	Name       string // ReadOptions.Name
	Format     string // "openvex" or "cyclonedx"
	ID         string
	Author     string
	Time       time.Time // of the document; zero when not told
	Statements []*Statement

	// Problems is what reading noticed: statements that can not be honoured among
	// them, as a "not affected" without a justification.
	Problems evidence.Problems
}

// VEXStatus is what a statement says.
type VEXStatus uint8

// The statuses. CycloneDX's states are read as the nearest of them.
const (
	VEXInvalid            VEXStatus = iota
	VEXNotAffected                  // OpenVEX not_affected; CycloneDX not_affected, false_positive
	VEXAffected                     // affected; exploitable
	VEXFixed                        // fixed; resolved, resolved_with_pedigree
	VEXUnderInvestigation           // under_investigation; in_triage
)

var vexNames = names{"invalid", "not_affected", "affected", "fixed", "under_investigation"}

// String returns the status in the words of OpenVEX.
func (s VEXStatus) String() string { return vexNames.name(uint8(s)) }

// MarshalText implements encoding.TextMarshaler; VEXInvalid is an error.
func (s VEXStatus) MarshalText() ([]byte, error) { return vexNames.marshal("VEX status", uint8(s)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *VEXStatus) UnmarshalText(text []byte) error {
	i, err := vexNames.unmarshal("VEX status", text)
	*s = VEXStatus(i)
	return err
}

// Statement is one word of a supplier about one vulnerability.
type Statement struct {
	Vulnerability string
	Aliases       []string
	Status        VEXStatus
	Justification string // why not affected, in the format's fixed words
	Impact        string // why not affected, in free text
	Action        string // what to do
	Products      []Product
	Time          time.Time // when it was made; of the document when not told

	File    string
	Pointer string
	Line    int // from 1
}

// Product is what a statement is about: a product as a whole, or parts of it.
type Product struct {
	ID            string   // as told: a package URL, an image reference, a name
	Identifiers   []string // further package URLs
	Digests       []string // "sha256:<hex>"
	Subcomponents []string // package URLs of the parts; empty means the product itself
}

// ReadVEX reads an OpenVEX document (JSON, up to version 0.2.0) or the
// vulnerabilities of a CycloneDX document (JSON).
//
// A statement "not affected" without a justification of the format's own list is
// told as a problem and left out: OpenVEX would let a free text stand for it, but
// then nothing is said that a rule can weigh. Errors are those of [Read].
func ReadVEX(r io.Reader, o *ReadOptions) (*VEX, error) {
	opts := o.orZero()
	text, _ := jsonstrict.UTF8(r)
	limits := opts.Limits.OrDefault()
	data, err := io.ReadAll(io.LimitReader(text, limits.DocumentBytes+1))
	if err != nil {
		return nil, err
	}
	s := newReader(jsonstrict.NewBytes(data, jsonstrict.Options{Limits: opts.Limits}), opts, FormatInvalid)
	v := &vexReader{reader: s, doc: &VEX{Name: opts.Name}}
	switch kind := sniffVEX(data); kind {
	case "openvex":
		v.openVEX()
	case "cyclonedx":
		v.cycloneDX()
	default:
		s.d.Skip()
		if s.d.End() == nil {
			s.fail("vex.format", evidence.ErrUnsupported, "neither OpenVEX nor CycloneDX")
		}
	}
	log, err := s.finish()
	if err != nil {
		return nil, err
	}
	v.doc.Problems = log.Problems
	return v.doc, nil
}

func sniffVEX(data []byte) string {
	d := jsonstrict.NewBytes(data, jsonstrict.Options{})
	if d.Kind() != jsonstrict.Object {
		return ""
	}
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "@context":
			if d.Kind() == jsonstrict.String && bytes.HasPrefix(d.Bytes(), []byte("https://openvex.dev/ns")) {
				return "openvex"
			}
		case "bomFormat":
			if d.Kind() == jsonstrict.String && string(d.Bytes()) == "CycloneDX" {
				return "cyclonedx"
			}
		}
	}
	return ""
}

type vexReader struct {
	*reader
	doc *VEX
}

// keep adds a statement that can be honoured, and notes why another can not.
func (v *vexReader) keep(s *Statement, justifications []string) {
	if v.d.Err() != nil {
		return
	}
	switch {
	case s.Vulnerability == "":
		v.drop(s, "vex.vulnerability", "statement names no vulnerability")
	case s.Status == VEXInvalid:
		v.drop(s, "vex.status", "statement about %s has no known status", textfmt.Quote(s.Vulnerability))
	case s.Status == VEXNotAffected && s.Justification == "":
		v.drop(s, "vex.justification", "statement that %s does not affect has no justification", textfmt.Quote(s.Vulnerability))
	case s.Status == VEXNotAffected && !slices.Contains(justifications, s.Justification):
		v.drop(s, "vex.justification", "justification %s is not one of the format's", textfmt.Quote(s.Justification))
	case len(s.Products) == 0:
		v.drop(s, "vex.product", "statement about %s names no product", textfmt.Quote(s.Vulnerability))
	default:
		s.File = v.o.Name
		v.doc.Statements = append(v.doc.Statements, s)
	}
}

// drop tells a statement that is not honoured. Each is told, at its own place.
func (v *vexReader) drop(s *Statement, code, format string, args ...any) {
	p := &evidence.Problem{Code: code, Severity: evidence.SeverityWarning, Pointer: s.Pointer, Line: s.Line,
		Message: fmt.Sprintf(format, args...) + "; it is not honoured", Err: evidence.ErrFormat}
	v.order = append(v.order, &note{p, 1})
}

func (v *vexReader) when(text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		v.note("vex.time", evidence.SeverityWarning, "%s is not an RFC 3339 time", textfmt.Quote(text))
	}
	return t
}

// complete gives statements without a time that of the document.
func (v *vexReader) complete() {
	for _, s := range v.doc.Statements {
		if s.Time.IsZero() {
			s.Time = v.doc.Time
		}
	}
}

// matches reports whether a statement is about a finding: about its
// vulnerability, in a product that is the finding's target with the finding's
// package among the parts named, or none named; or, without parts named, about
// the package itself. With anyProduct, only the vulnerability and the parts count.
func (s *Statement) matches(f *Finding, anyProduct bool) bool {
	if !f.Is(s.Vulnerability) && !slices.ContainsFunc(s.Aliases, f.Is) {
		return false
	}
	for i := range s.Products {
		p := &s.Products[i]
		parts := len(p.Subcomponents) == 0 || slices.ContainsFunc(p.Subcomponents, func(id string) bool { return packageHasID(f.Package, id) })
		if parts && (anyProduct || p.isTarget(f.Target)) {
			return true
		}
		if len(p.Subcomponents) == 0 {
			if packageHasID(f.Package, p.ID) || slices.ContainsFunc(p.Identifiers, func(id string) bool { return packageHasID(f.Package, id) }) {
				return true
			}
		}
	}
	return false
}

// packageHasID reports whether a package URL names the package of a finding. One
// with a version names that version only.
func packageHasID(p *Package, id string) bool {
	if p == nil || !strings.HasPrefix(id, "pkg:") {
		return false
	}
	u, err := purl.Parse(id)
	if err != nil {
		return false
	}
	want := &Package{PURL: u.String(), Ecosystem: u.Type}
	if v := purlVersion(want.PURL); v != "" {
		want.Versions = []string{v}
	}
	return samePackage(want, p)
}

// isTarget reports whether a product is what was scanned.
func (p *Product) isTarget(t *Target) bool {
	if t == nil {
		return false
	}
	for _, d := range p.Digests {
		if slices.Contains(t.Digests, d) || d == t.ImageID {
			return true
		}
	}
	return productNames(p.ID, t) || slices.ContainsFunc(p.Identifiers, func(id string) bool { return productNames(id, t) })
}

// productNames reports whether an identifier names a target: an image by OCI or
// Docker package URL or by reference, a Go module by package URL or path.
func productNames(id string, t *Target) bool {
	if id == "" {
		return false
	}
	u, err := purl.Parse(id)
	if err != nil {
		if id == t.Name {
			return true
		}
		want := imageTarget(id)
		return t.Kind == TargetImage && want.Repository != "" && targetMatches(want, t)
	}
	switch u.Type {
	case "oci", "docker":
		want := &Target{Kind: TargetImage}
		switch {
		case isDigest(u.Version):
			want.Digests = []string{u.Version}
		case u.Version != "":
			want.Tags = []string{u.Version}
		}
		if tag := u.Qualifier("tag"); tag != "" {
			want.Tags = []string{tag}
		}
		want.Repository = u.Qualifier("repository_url")
		if want.Repository == "" && u.Type == "docker" {
			want.Repository = strings.TrimPrefix(u.Namespace+"/"+u.Name, "/")
		}
		want.Repository = fullRepository(want.Repository)
		if want.Repository == "" && len(want.Digests) == 0 {
			return false // a bare name is anybody's
		}
		want.Name = want.Repository
		return targetMatches(want, t)
	case "golang":
		return t.Kind == TargetModule && purlName(u) == t.Name
	case "github":
		return t.Kind == TargetRepository && strings.EqualFold(t.Repository, "https://github.com/"+purlName(u))
	}
	return false
}
