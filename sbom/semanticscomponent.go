// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/cpe"
	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/internal/sbomterm"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// component checks one component or package.
func (s *semantics) component(c *Component) {
	at := c.Position()
	if s.spdx2() && c.Ref != "" && !idString(c.Ref, "SPDXRef-") {
		s.report(at, "sbom.spdx-id", evidence.SeverityError, "/SPDXID", "%s is not SPDXRef-[id] (SPDX 2.3 §7.2)", textfmt.Quote(c.Ref))
	}
	if c.Name.State() == StateEmpty {
		s.report(at, "sbom.name", evidence.SeverityError, "/name", "name is empty")
	}
	for i := range c.Identifiers {
		s.identifier(c, i, at)
	}
	for i := range c.Hashes {
		s.hash(&c.Hashes[i], at, func() string { return s.hashMember(i) })
	}
	for i := range c.Licenses {
		s.license(c.Licenses[i].Expression, at, s.licenseMember(c.Licenses, i))
	}
	if c.Evidence != nil {
		for i := range c.Evidence.Licenses {
			s.license(c.Evidence.Licenses[i].Expression, at, "/evidence"+s.licenseMember(c.Evidence.Licenses, i))
		}
	}
	if c.Pedigree != nil {
		for _, list := range [][]Component{c.Pedigree.Ancestors, c.Pedigree.Descendants, c.Pedigree.Variants} {
			for i := range list {
				s.component(&list[i])
			}
		}
	}
	for i := range c.ExternalReferences {
		if seq := c.ExternalReferences[i].seq; s.spdx2() && seq > 0 {
			s.locator(c.ExternalReferences[i].Locator, seq, at)
		}
		for j := range c.ExternalReferences[i].Hashes {
			s.hash(&c.ExternalReferences[i].Hashes[j], at, func() string {
				return "/externalReferences/" + strconv.Itoa(i) + "/hashes/" + strconv.Itoa(j) + "/content"
			})
		}
	}
	if s.spdx2() {
		s.spdxPackage(c, at)
	}
}

// spdxPackage checks what only packages of SPDX 2 have.
func (s *semantics) spdxPackage(c *Component, at Position) {
	for _, p := range []struct {
		party  *Party
		member string
	}{{c.Supplier, "/supplier"}, {c.Originator, "/originator"}} {
		if p.party.Stated() && p.party.Kind != PartyPerson && p.party.Kind != PartyOrganization {
			s.report(at, "sbom.party", evidence.SeverityError, p.member, "%s is neither Person:, Organization: nor NOASSERTION (SPDX 2.3 §7.5)", textfmt.Quote(p.party.Name.String()))
		}
	}
	analyzed := c.FilesAnalyzed == nil || *c.FilesAnalyzed
	switch {
	case analyzed && c.VerificationCode == nil:
		s.report(at, "sbom.verification-code", evidence.SeverityWarning, "", "packageVerificationCode is missing although filesAnalyzed is true or not told (SPDX 2.3 §7.9)")
	case !analyzed && c.VerificationCode != nil:
		s.report(at, "sbom.verification-code", evidence.SeverityWarning, "/packageVerificationCode", "packageVerificationCode although filesAnalyzed is false (SPDX 2.3 §7.9)")
	case c.VerificationCode != nil && !sbomterm.IsHex(c.VerificationCode.Value, 40):
		s.report(at, "sbom.verification-code", evidence.SeverityError, "/packageVerificationCode/packageVerificationCodeValue",
			"%s is not a SHA-1 in hexadecimal (SPDX 2.3 §7.9)", textfmt.Quote(c.VerificationCode.Value))
	}
}

// hashMember returns where in its element the value of hash i stands.
func (s *semantics) hashMember(i int) string {
	n := strconv.Itoa(i)
	switch {
	case s.spdx2():
		return "/checksums/" + n + "/checksumValue"
	case s.doc.Format == FormatSPDX3JSON:
		return "/verifiedUsing/" + n + "/hashValue"
	}
	return "/hashes/" + n + "/content"
}

func (s *semantics) licenseMember(list []License, i int) string {
	l := &list[i]
	switch {
	case s.doc.Format == FormatSPDX3JSON:
		return "" // a relationship of its own
	case !s.spdx2():
		n := "/licenses/" + strconv.Itoa(i)
		switch l.form {
		case formID:
			return n + "/license/id"
		case formExpression:
			return n + "/expression"
		}
		return n
	case l.Kind == LicenseDeclared:
		return "/licenseDeclared"
	case l.Kind == LicenseConcluded:
		return "/licenseConcluded"
	}
	n := 0
	for j := range i {
		if list[j].Kind == LicenseFound {
			n++
		}
	}
	return "/licenseInfoFromFiles/" + strconv.Itoa(n)
}

// hash checks that a digest is one of its algorithm.
func (s *semantics) hash(h *Hash, at Position, member func() string) {
	want := h.Algorithm.HexLength()
	switch {
	case want == 0 && sbomterm.IsHex(h.Value, len(h.Value)) && h.Value != "":
	case want == 0:
		s.report(at, "sbom.hash", evidence.SeverityError, member(), "%s digest %s is not hexadecimal", h.Algorithm, textfmt.Quote(h.Value))
	case len(h.Value) != want:
		s.report(at, "sbom.hash-length", evidence.SeverityError, member(), "%s digest has %d characters, want %d", h.Algorithm, len(h.Value), want)
	case !sbomterm.IsHex(h.Value, want):
		s.report(at, "sbom.hash", evidence.SeverityError, member(), "%s digest %s is not hexadecimal", h.Algorithm, textfmt.Quote(h.Value))
	case sbomterm.IsPlaceholderDigest(h.Value):
		s.report(at, "sbom.hash-placeholder", evidence.SeverityInfo, member(), "%s digest is that of nothing: it stands for a file that was not read or is empty", h.Algorithm)
	}
}

func (s *semantics) identifier(c *Component, i int, at Position) {
	id := &c.Identifiers[i]
	switch id.Kind {
	case IdentifierPURL:
		s.purl(c, id, at, s.identifierMember(id, "/purl", "/software_packageUrl"))
	case IdentifierCPE22:
		if !cpe.ValidURI(id.Value) {
			s.report(at, "sbom.cpe", evidence.SeverityError, s.identifierMember(id, "/cpe", ""), "%s is not a CPE 2.2 URI, as cpe:/a:VENDOR:PRODUCT:VERSION (NISTIR 7695 §6.1)", textfmt.Quote(id.Value))
		}
	case IdentifierCPE23:
		if !cpe.ValidFormatted(id.Value) {
			s.report(at, "sbom.cpe", evidence.SeverityError, s.identifierMember(id, "/cpe", ""),
				"%s is not a CPE 2.3 formatted string: 11 components, in which all but letters, digits, \"-\", \".\" and \"_\" have a backslash (NISTIR 7695 §6.2)", textfmt.Quote(id.Value))
		}
	}
	if s.spdx2() && id.seq > 0 {
		s.locator(id.Value, id.seq, at)
	}
}

// locator checks that the locator of an external reference has no white space in it.
func (s *semantics) locator(locator string, seq int32, at Position) {
	if strings.ContainsFunc(locator, unicode.IsSpace) {
		s.report(at, "sbom.locator", evidence.SeverityError, "/externalRefs/"+strconv.Itoa(int(seq-1))+"/referenceLocator",
			"locator %s has white space in it (SPDX 2.3 §7.21)", textfmt.Quote(locator))
	}
}

func (s *semantics) identifierMember(id *Identifier, cyclonedx, spdx3 string) string {
	switch {
	case s.spdx2() && id.seq > 0:
		return "/externalRefs/" + strconv.Itoa(int(id.seq-1)) + "/referenceLocator"
	case s.doc.Format.CycloneDX():
		return cyclonedx
	case s.doc.Format == FormatSPDX3JSON:
		return spdx3
	}
	return ""
}

// purl checks that a package URL is one, and that it means the component that it stands in.
func (s *semantics) purl(c *Component, id *Identifier, at Position, member string) {
	p, err := purl.Parse(id.Value)
	if err != nil {
		message := err.Error()
		if problem, ok := err.(*evidence.Problem); ok {
			message = problem.Message
		}
		s.report(at, "sbom.purl", evidence.SeverityError, member, "%s", message)
		return
	}
	if !namesComponent(p, c) {
		s.report(at, "sbom.purl-name", evidence.SeverityWarning, member, "package URL names %s, the component is %s", textfmt.Quote(p.Name), textfmt.Quote(c.Name.String()))
	}
	if !versionAgrees(p, c.Version) {
		s.report(at, "sbom.purl-version", evidence.SeverityError, member, "package URL has version %s, the component %s", textfmt.Quote(p.Version), textfmt.Quote(c.Version.String()))
	}
}

// namesComponent reports whether one name is part of the other once case and
// separators are folded. Tools put group, scope and module path before a name,
// or leave them out.
func namesComponent(p purl.PURL, c *Component) bool {
	if !c.Name.Stated() || p.Type == "oci" { // an image may be named by its digest
		return true
	}
	in, component := foldName(p.Name), foldName(c.Name.String())
	return strings.Contains(component, in) || strings.Contains(foldName(p.Namespace+"/"+p.Name+"/"+p.Subpath), component)
}

func foldName(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '_', '.', ' ', ':', '/':
			return '-'
		}
		return r
	}, strings.ToLower(s))
}

// versionAgrees compares without epoch, without the release of a package of an
// operating system, and without the "v" or "go" that tools write or leave out. An
// image has a digest in its package URL and a tag as its version.
func versionAgrees(p purl.PURL, version Text) bool {
	if p.Version == "" || !version.Stated() || p.Type == "oci" || p.Type == "docker" {
		return true
	}
	a, b := foldVersion(p.Version), foldVersion(version.String())
	return a == b || (p.Type == "rpm" || p.Type == "deb") && strings.HasPrefix(a, b+"-")
}

func foldVersion(s string) string {
	s = strings.ToLower(s)
	if epoch, rest, ok := strings.Cut(s, ":"); ok && allDigits(epoch) {
		s = rest
	}
	return strings.TrimPrefix(strings.TrimPrefix(s, "go"), "v")
}
