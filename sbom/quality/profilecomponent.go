// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package quality

import (
	"slices"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence/internal/cpe"
	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/internal/sbomterm"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sbom"
)

// componentChecks decide elements about every component.
var componentChecks = map[string]func(*survey, *sbom.Component) finding{
	"component.name":                  func(_ *survey, c *sbom.Component) finding { return textFinding(c.Name) },
	"component.version":               func(_ *survey, c *sbom.Component) finding { return version(c) },
	"component.purl":                  func(_ *survey, c *sbom.Component) finding { return packageURL(c) },
	"component.identifier":            func(_ *survey, c *sbom.Component) finding { return identifier(c) },
	"component.supplier":              func(_ *survey, c *sbom.Component) finding { return supplier(c) },
	"component.producer":              (*survey).producer,
	"component.creator-contact":       (*survey).componentContact,
	"component.dependencies":          (*survey).linkedByDependency,
	"component.relationship":          (*survey).related,
	"component.descent":               func(_ *survey, c *sbom.Component) finding { return descent(c) },
	"component.dependencies-complete": (*survey).dependenciesComplete,
	"component.hash":                  func(_ *survey, c *sbom.Component) finding { return hashValue(c.Hashes) },
	"component.hash-algorithm":        func(_ *survey, c *sbom.Component) finding { return hashAlgorithms(c.Hashes) },
	"component.hash-deployable":       (*survey).hashDeployable,
	"component.hash-source":           (*survey).hashSource,
	"component.license":               func(_ *survey, c *sbom.Component) finding { return license(c) },
	"component.license-concluded":     func(_ *survey, c *sbom.Component) finding { return licenseOf(c, sbom.LicenseConcluded) },
	"component.license-declared":      func(_ *survey, c *sbom.Component) finding { return licenseOf(c, sbom.LicenseDeclared) },
	"component.filename":              (*survey).filename,
	"component.source-uri":            (*survey).sourceURI,
	"component.deployable-uri":        (*survey).deployableURI,
	"component.security-txt":          func(_ *survey, c *sbom.Component) finding { return referenceURL(c, "rfc-9116", "securityOther") },
	"component.bsi-executable":        (*survey).bsiExecutable,
	"component.bsi-archive":           (*survey).bsiArchive,
	"component.bsi-structured":        (*survey).bsiStructured,
	"component.bsi-effective-license": (*survey).bsiEffectiveLicense,
}

func version(c *sbom.Component) finding {
	f := textFinding(c.Version)
	if f.reason == reasonAbsent && c.Detail != nil && c.Detail.VersionRange != "" {
		return stated(c.Detail.VersionRange)
	}
	return f
}

func packageURL(c *sbom.Component) finding {
	s := c.PURL()
	if s == "" {
		return absent("no package URL")
	}
	if _, err := purl.Canonical(s); err != nil {
		return because(reasonMalformed, "malformed "+textfmt.Quote(s))
	}
	return stated(s)
}

// identifier wants one name by which a database finds the component. An SPDXID
// or bom-ref is none.
func identifier(c *sbom.Component) finding {
	f := packageURL(c)
	for i := range c.Identifiers {
		id := &c.Identifiers[i]
		switch id.Kind {
		case sbom.IdentifierPURL, sbom.IdentifierOther:
		case sbom.IdentifierCPE22, sbom.IdentifierCPE23:
			if cpe.Valid(id.Value) {
				return stated(id.Value)
			}
			f = better(f, because(reasonMalformed, "malformed "+textfmt.Quote(id.Value)))
		default:
			if id.Value != "" {
				return stated(id.Value)
			}
		}
	}
	if c.SWID != nil && c.SWID.TagID != "" {
		return stated(c.SWID.TagID)
	}
	if f.reason == reasonAbsent {
		f.message = "no package URL, CPE, SWID, SWHID or gitoid"
	}
	return f
}

// supplier takes whoever is named as supplier, maker or publisher (NTIA 2021 p8-9).
func supplier(c *sbom.Component) finding {
	f := better(partyFinding(c.Supplier), partyFinding(c.Originator))
	f = better(f, textFinding(c.Publisher))
	f = better(f, textFinding(c.Author))
	for i := range c.Authors {
		f = better(f, partyFinding(&c.Authors[i]))
	}
	if f.reason == reasonAbsent {
		f.message = "no supplier, maker or publisher"
	}
	return f
}

// producer wants who made the component. A supplier may be a distributor, so
// it alone is no evidence (CISA 2026 p10-11).
func (s *survey) producer(c *sbom.Component) finding {
	f := partyFinding(c.Originator)
	for i := range c.Authors {
		f = better(f, partyFinding(&c.Authors[i]))
	}
	f = better(f, textFinding(c.Author))
	if f.reason != reasonAbsent {
		return f
	}
	f.message = "no originator, manufacturer or author"
	if c.Supplier.Stated() {
		f.message += "; the supplier may be another"
	} else if c.Publisher.Stated() {
		f.message += "; the publisher may be another"
	}
	return f
}

func (s *survey) componentContact(c *sbom.Component) finding {
	var parties []sbom.Party
	if c.Originator != nil {
		parties = append(parties, *c.Originator)
	}
	parties = append(parties, c.Authors...)
	if c.Supplier != nil && !(s.doc.Format.CycloneDX() && s.bsiFormat().reason == reasonStated) {
		parties = append(parties, *c.Supplier) // formats without a maker have no other place
	}
	return contact(parties...)
}

// linkedByDependency wants an edge of dependency or containment, or a word that there is none.
func (s *survey) linkedByDependency(c *sbom.Component) finding {
	if s.linked[c.ID] || s.dependencies[c.ID] == sbom.StateNone {
		return stated("")
	}
	if s.dependencies[c.ID] == sbom.StateNoAssertion {
		return because(reasonUnknown, "dependencies are NOASSERTION")
	}
	switch s.completeness[c.ID] {
	case sbom.CompletenessUnknown, sbom.CompletenessNotSpecified:
		return because(reasonUnknown, "dependencies are said to be unknown")
	case sbom.CompletenessComplete:
		return stated("said to have no dependencies")
	}
	return absent("in no relationship of dependency or containment, and nothing is said of it")
}

// related is linkedByDependency, with what the document describes as one relationship more.
func (s *survey) related(c *sbom.Component) finding {
	if s.roots[c.ID] {
		return stated("")
	}
	return s.linkedByDependency(c)
}

func descent(c *sbom.Component) finding {
	if c.Pedigree != nil {
		return stated("pedigree")
	}
	return absent("no pedigree")
}

// dependenciesComplete wants it said whether what is listed is all (BSI TR-03183-2 sec 5.2.2).
func (s *survey) dependenciesComplete(c *sbom.Component) finding {
	switch how := s.completeness[c.ID]; how {
	case sbom.CompletenessUnspecified:
	case sbom.CompletenessUnknown, sbom.CompletenessNotSpecified:
		return because(reasonUnknown, "completeness is said to be "+string(how))
	default:
		return stated(string(how))
	}
	switch s.dependencies[c.ID] {
	case sbom.StateNone:
		return stated("said to have none")
	case sbom.StateNoAssertion:
		return because(reasonUnknown, "dependencies are NOASSERTION")
	}
	if s.linked[c.ID] {
		return absent("dependencies are listed, and not whether they are all")
	}
	return absent("no dependencies are listed, and not whether there are any")
}

// hashOf judges one digest.
func hashOf(h *sbom.Hash) finding {
	want := h.Algorithm.HexLength()
	switch {
	case h.Value == "":
		return because(reasonPlaceholder, "empty digest")
	case want > 0 && !sbomterm.IsHex(h.Value, want), want == 0 && !sbomterm.IsHex(h.Value, len(h.Value)):
		return because(reasonMalformed, "malformed "+string(h.Algorithm)+" digest")
	case sbomterm.IsPlaceholderDigest(h.Value):
		return because(reasonPlaceholder, "digest of nothing")
	}
	return stated(string(h.Algorithm))
}

func hashValue(hashes []sbom.Hash) finding {
	f := absent("no digest")
	for i := range hashes {
		f = better(f, hashOf(&hashes[i]))
	}
	return f
}

// approvedHashes are algorithms of FIPS 180-4 and FIPS 202.
var approvedHashes = map[sbom.HashAlgorithm]bool{
	sbom.SHA1: true, sbom.SHA224: true, sbom.SHA256: true, sbom.SHA384: true, sbom.SHA512: true,
	sbom.SHA3_224: true, sbom.SHA3_256: true, sbom.SHA3_384: true, sbom.SHA3_512: true,
}

func hashAlgorithms(hashes []sbom.Hash) finding {
	f := absent("no digest")
	for i := range hashes {
		g := hashOf(&hashes[i])
		if g.reason == reasonStated && !approvedHashes[hashes[i].Algorithm] {
			g = because(reasonMalformed, string(hashes[i].Algorithm)+" is not approved by NIST")
		}
		f = better(f, g)
	}
	return f
}

// hashDeployable wants the SHA-512 of the deployable file. In CycloneDX that is a
// hash of the reference to the distribution, not of the component; in SPDX 3 one of
// the file that is its distribution artifact (BSI TR-03183-2 sec 8.2).
func (s *survey) hashDeployable(c *sbom.Component) finding {
	var hashes []sbom.Hash
	switch {
	case s.spdx2():
		hashes = c.Hashes
	case s.doc.Format == sbom.FormatSPDX3JSON:
		for _, f := range s.distributed[c.ID] {
			hashes = append(hashes, f.Hashes...)
		}
	default:
		for i := range c.ExternalReferences {
			if r := &c.ExternalReferences[i]; r.Type == "distribution" {
				hashes = append(hashes, r.Hashes...)
			}
		}
	}
	f := absent("no SHA-512 of the deployable file")
	for i := range hashes {
		if hashes[i].Algorithm == sbom.SHA512 {
			f = better(f, hashOf(&hashes[i]))
		}
	}
	if f.reason == reasonAbsent && len(hashes) > 0 {
		return because(reasonMalformed, string(hashes[0].Algorithm)+" in place of SHA-512")
	}
	return f
}

func (s *survey) hashSource(c *sbom.Component) finding {
	f := absent("no digest of the source")
	for i := range c.ExternalReferences {
		if r := &c.ExternalReferences[i]; r.Type == "source-distribution" || r.Type == "vcs" {
			for j := range r.Hashes {
				f = better(f, hashOf(&r.Hashes[j]))
			}
		}
	}
	for _, h := range s.sources[c.ID] {
		f = better(f, hashOf(&h))
	}
	if s.spdx2() && c.VerificationCode != nil && sbomterm.IsHex(c.VerificationCode.Value, 40) {
		return stated("package verification code")
	}
	return f
}

// license wants one licence, of whatever kind. NONE is an answer, NOASSERTION is none.
func license(c *sbom.Component) finding {
	f := absent("no licence")
	for i := range c.Licenses {
		if c.Licenses[i].Kind != sbom.LicenseFound {
			f = better(f, licenseFinding(&c.Licenses[i]))
		}
	}
	return f
}

func licenseFinding(l *sbom.License) finding {
	switch {
	case l.Expression.State() == sbom.StateNone:
		return stated("NONE")
	case l.Name != "" || l.Detail != nil && (l.Detail.URL != "" || l.Detail.Text != nil):
		return stated(l.Name)
	}
	return textFinding(l.Expression)
}

// licenseOf wants an expression of one kind.
func licenseOf(c *sbom.Component, kind sbom.LicenseKind) finding {
	f := absent("no licence that is said to be " + kind.String())
	for i := range c.Licenses {
		l := &c.Licenses[i]
		if l.Kind != kind {
			continue
		}
		g := licenseFinding(l)
		if g.reason == reasonStated && l.Expression.Stated() && !parsedLicense(l.Expression.String()) {
			g = because(reasonMalformed, textfmt.Quote(l.Expression.String())+" is not an expression of known licences")
		}
		f = better(f, g)
	}
	return f
}

// filename wants the name of a file, not a path (BSI TR-03183-2 sec 5.2.2).
func (s *survey) filename(c *sbom.Component) finding {
	name, ok := c.Property("bsi:component:filename")
	if !ok && s.spdx2() {
		name, ok = c.FileName, c.FileName != ""
	}
	if files := s.distributed[c.ID]; !ok && len(files) > 0 {
		name, ok = files[0].Name, true
	}
	switch {
	case !ok:
		return absent("no file name")
	case name == "":
		return because(reasonPlaceholder, "empty file name")
	case strings.ContainsAny(strings.TrimPrefix(name, "./"), `/\`):
		return because(reasonMalformed, textfmt.Quote(name)+" is a path")
	}
	return stated(name)
}

// referenceURL wants an external reference of one of the types, with a URL.
func referenceURL(c *sbom.Component, types ...string) finding {
	f := absent("no reference of type " + types[0])
	for i := range c.ExternalReferences {
		r := &c.ExternalReferences[i]
		for _, t := range types {
			if r.Type != t {
				continue
			}
			if !validURL(r.Locator) {
				g := because(reasonMalformed, textfmt.Quote(r.Locator)+" is not a URL")
				g.member = "/externalReferences/" + strconv.Itoa(i)
				f = better(f, g)
				continue
			}
			return stated(r.Locator)
		}
	}
	return f
}

func (s *survey) sourceURI(c *sbom.Component) finding {
	f := referenceURL(c, "source-distribution", "vcs", "sourceArtifact")
	// SPDX 2.3 §7.12 is free text, in which Syft names the database that it read.
	if f.reason == reasonAbsent && s.doc.Format.SPDX() && slices.ContainsFunc(strings.Fields(c.SourceInfo), func(word string) bool {
		return strings.Contains(word, "://") && validURL(word)
	}) {
		return stated(c.SourceInfo)
	}
	return f
}

func (s *survey) deployableURI(c *sbom.Component) finding {
	if s.doc.Format.SPDX() {
		f := textFinding(c.DownloadLocation)
		if f.reason == reasonStated && !validURL(c.DownloadLocation.String()) {
			return because(reasonMalformed, textfmt.Quote(c.DownloadLocation.String())+" is not a URL")
		}
		return f
	}
	return referenceURL(c, "distribution")
}

// The three properties of BSI TR-03183-2 sec 5.2.2. In SPDX 3 they are purposes, of
// which the absence of one is the answer no; SPDX 2 has no place for them.

func (s *survey) bsiExecutable(c *sbom.Component) finding {
	return s.bsiProperty(c, "executable", "executable", "non-executable")
}

func (s *survey) bsiArchive(c *sbom.Component) finding {
	return s.bsiProperty(c, "archive", "archive", "no archive")
}

func (s *survey) bsiStructured(c *sbom.Component) finding {
	return s.bsiProperty(c, "structured", "structured", "unstructured")
}

func (s *survey) bsiProperty(c *sbom.Component, name string, values ...string) finding {
	if s.spdx2() {
		return because(reasonNotExpressible, "SPDX 2 has no place for it")
	}
	if s.doc.Format == sbom.FormatSPDX3JSON {
		purposes := s.purposes(c)
		switch {
		case len(purposes) == 0:
			return absent("no purpose is told")
		case name != "structured" || slices.Contains(purposes, "container") || slices.Contains(purposes, "firmware"):
			return stated(strings.Join(purposes, ", "))
		}
		return absent("neither of the purposes container and firmware")
	}
	v, ok := c.Property("bsi:component:" + name)
	if !ok {
		return absent("no property bsi:component:" + name)
	}
	for _, want := range values {
		if v == want {
			return stated(v)
		}
	}
	return because(reasonMalformed, textfmt.Quote(v)+" is neither "+strings.Join(values, " nor "))
}

// purposes are those of a component of SPDX 3 and of the files that it is distributed as.
func (s *survey) purposes(c *sbom.Component) []string {
	var all []string
	for _, t := range append([]sbom.ComponentType{c.Type}, c.Types...) {
		if t != "" {
			all = append(all, string(t))
		}
	}
	for _, f := range s.distributed[c.ID] {
		all = append(all, f.Types...)
	}
	return all
}

// bsiEffectiveLicense takes both spellings, that of the guideline and that of its
// taxonomy; in SPDX 3 it is a relationship.
func (s *survey) bsiEffectiveLicense(c *sbom.Component) finding {
	if s.effective[c.ID] {
		return stated("hasEffectiveLicense")
	}
	for _, name := range []string{"bsi:component:effectiveLicense", "bsi:component:effectiveLicence"} {
		if v, ok := c.Property(name); ok {
			f := textFinding(sbom.NewText(v))
			if f.reason == reasonStated && !parsedLicense(v) {
				return because(reasonMalformed, textfmt.Quote(v)+" is not an expression of known licences")
			}
			return f
		}
	}
	return absent("no property bsi:component:effectiveLicense")
}
