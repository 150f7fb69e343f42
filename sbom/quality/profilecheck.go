// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package quality

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/internal/sbomterm"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sbom"
	"github.com/HailBytes/evidence/sbom/spdxexpr"
)

// Checks without a function of their own.
const (
	checkNotAssessed = "not-assessed" // a practice that no document shows
	checkUnknowns    = "unknowns"     // what is not provided is said to be unknown or withheld
)

// checkNames returns the names of the checks that a ProfileElement may use, sorted.
func checkNames() []string {
	names := []string{checkNotAssessed, checkUnknowns}
	names = slices.AppendSeq(names, maps.Keys(documentChecks))
	names = slices.AppendSeq(names, maps.Keys(componentChecks))
	slices.Sort(names)
	return names
}

// documentChecks decide elements about the document.
var documentChecks = map[string]func(*survey) finding{
	"author":             (*survey).author,
	"creator":            (*survey).creator,
	"creator-contact":    (*survey).creatorContact,
	"signature":          (*survey).signature,
	"format":             func(s *survey) finding { return stated(s.doc.Format.String()) },
	"format-version":     (*survey).formatVersion,
	"bsi-format":         (*survey).bsiFormat,
	"generation-context": (*survey).generationContext,
	"timestamp":          (*survey).timestamp,
	"tool-name":          (*survey).toolName,
	"tool-version":       (*survey).toolVersion,
	"revision":           (*survey).revision,
	"uri":                (*survey).uri,
	"root":               (*survey).root,
	"no-vulnerabilities": (*survey).noVulnerabilities,
	"distribution":       (*survey).distribution,
	"image-digest":       (*survey).imageDigest,
}

func (s *survey) spdx2() bool {
	return s.doc.Format.SPDX() && s.doc.Format != sbom.FormatSPDX3JSON
}

// generatorAuthors are the authors that tools write of themselves for every
// user: that an author is named so says nothing of who ran the tool.
var generatorAuthors = []struct{ tool, author string }{
	{"syft", "Anchore, Inc"},
	{"trivy", "aquasecurity"},
	{"cdxgen", "OWASP Foundation"},
}

func (s *survey) generatorDefault(author string) bool {
	for _, g := range generatorAuthors {
		if strings.EqualFold(author, g.author) && slices.ContainsFunc(s.doc.Tools, func(t sbom.Tool) bool {
			return strings.Contains(strings.ToLower(t.Name), g.tool)
		}) {
			return true
		}
	}
	return false
}

// author wants the entity that ran the tool, which is not the tool.
func (s *survey) author() finding {
	var authors []sbom.Party
	authors = append(authors, s.doc.Authors...)
	if s.doc.Manufacturer != nil {
		authors = append(authors, *s.doc.Manufacturer)
	}
	best := absent("no person or organization is named as the author")
	for i := range authors {
		p := &authors[i]
		if p.Kind == sbom.PartyTool {
			continue
		}
		name := p.Name.String()
		switch f := textFinding(p.Name); {
		case f.reason == reasonStated && s.generatorDefault(name):
			best = because(reasonPlaceholder, name+" is what the tool writes for every user")
		case f.reason == reasonStated:
			return stated(name)
		case f.reason == reasonUnknown:
			best = because(reasonPlaceholder, "the author is "+textfmt.Quote(p.Name.Written()))
		}
	}
	return best
}

// creator wants anybody, be it a tool (NTIA 2021 p10).
func (s *survey) creator() finding {
	if f := s.author(); f.reason == reasonStated {
		return f
	}
	for _, p := range s.doc.Authors {
		if p.Name.Stated() {
			return stated(p.Name.String())
		}
	}
	for _, p := range []*sbom.Party{s.doc.Manufacture, s.doc.Supplier} {
		if p.Stated() {
			return stated(p.Name.String())
		}
	}
	for _, t := range s.doc.Tools {
		if t.Name != "" {
			return stated("tool " + t.Name)
		}
	}
	return absent("no creator is named")
}

func (s *survey) creatorContact() finding {
	var all []sbom.Party
	all = append(all, s.doc.Authors...)
	if s.doc.Manufacturer != nil {
		all = append(all, *s.doc.Manufacturer)
	}
	return contact(all...)
}

// contact wants an email address or, without one, a URL, of a party or of a
// person in it (BSI TR-03183-2 sec 5.2.1, 5.2.2).
func contact(parties ...sbom.Party) finding {
	best := absent("no email address and no URL")
	for i := range parties {
		p := &parties[i]
		for _, q := range append([]sbom.Party{*p}, p.Contacts...) {
			if q.Email == "" {
				continue
			}
			if validEmail(q.Email) {
				return stated(q.Email)
			}
			best = because(reasonMalformed, textfmt.Quote(q.Email)+" is not an email address")
		}
	}
	if best.reason != reasonAbsent {
		return best
	}
	for i := range parties {
		for _, u := range parties[i].URLs {
			if validURL(u) {
				return stated(u)
			}
			if u != "" {
				best = because(reasonMalformed, textfmt.Quote(u)+" is not a URL")
			}
		}
	}
	return best
}

func validEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && strings.Contains(strings.Trim(domain, "."), ".") && !strings.ContainsAny(s, " \t<>()[],;\"") && !strings.Contains(domain, "@")
}

func validURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.IsAbs() && (u.Host != "" || u.Opaque != "") && !strings.ContainsAny(s, " \t")
}

// signature cannot be seen to hold: whether one verifies is for the caller to say.
func (s *survey) signature() finding {
	switch {
	case s.o.Signed:
		return stated("verified by the caller")
	case s.doc.Extras.Get("signature") != nil:
		return because(reasonNotAssessed, "a signature is there, and was not verified")
	case s.doc.Format.CycloneDX():
		return absent("the document has no signature, and none beside it was verified")
	}
	return because(reasonNotExpressible, "the format has no place for a signature, and none beside the document was verified")
}

func (s *survey) formatVersion() finding {
	if s.doc.SpecVersion == "" {
		return absent("no version of the format is declared")
	}
	return stated(s.doc.SpecVersion)
}

// bsiFormat wants CycloneDX 1.6 or SPDX 3.0.1, or later (BSI TR-03183-2 sec 4).
func (s *survey) bsiFormat() finding {
	major, minor, patch := 0, 0, 0
	fmt.Sscanf(s.doc.SpecVersion, "%d.%d.%d", &major, &minor, &patch)
	name := s.doc.Format.String() + " " + s.doc.SpecVersion
	switch {
	case s.doc.Format.CycloneDX() && (major > 1 || major == 1 && minor >= 6):
		return stated(name)
	case s.doc.Format == sbom.FormatSPDX3JSON && (major > 3 || minor > 0 || patch >= 1):
		return stated(name)
	}
	return because(reasonMalformed, name+" is not accepted: CycloneDX 1.6 or later, or SPDX 3.0.1 or later")
}

// contextWords are the lifecycle phases that SPDX 2 puts in the creator comment.
var contextWords = []string{"design", "source", "build", "analyzed", "deployed", "runtime"}

func (s *survey) generationContext() finding {
	for _, l := range s.doc.Lifecycles {
		if l.Phase != "" || l.Name != "" {
			return stated(l.Phase + l.Name)
		}
	}
	if s.spdx2() {
		words := strings.FieldsFunc(strings.ToLower(s.doc.CreatorComment), func(r rune) bool { return r < 'a' || r > 'z' })
		for _, w := range words {
			if slices.Contains(contextWords, w) {
				return stated("approximate: the creator comment says " + w)
			}
		}
	}
	return absent("no lifecycle phase is named")
}

func (s *survey) timestamp() finding {
	t := s.doc.Created
	switch {
	case t.IsZero() && (s.doc.MetadataExtras.Get("created") != nil || s.doc.MetadataExtras.Get("timestamp") != nil):
		return because(reasonMalformed, "the time is not one of RFC 3339")
	case t.IsZero():
		return absent("no time is told")
	case t.Year() < 2009: // before SPDX: the zero time of a tool
		return because(reasonPlaceholder, t.Format("2006-01-02")+" is older than the format")
	}
	return stated(t.Format("2006-01-02T15:04:05Z"))
}

func (s *survey) toolName() finding {
	for _, t := range s.doc.Tools {
		if f := textFinding(sbom.NewText(t.Name)); f.reason == reasonStated {
			return stated(t.Name)
		}
	}
	return absent("no tool is named")
}

func (s *survey) toolVersion() finding {
	best := absent("no version of the tool is told")
	for _, t := range s.doc.Tools {
		f := textFinding(sbom.NewText(t.Version))
		switch {
		case t.Version == "":
		case f.reason == reasonStated:
			return stated(t.Name + " " + t.Version)
		default:
			best = f
		}
	}
	return best
}

// revision wants an identifier of this revision of the document.
func (s *survey) revision() finding {
	doc := s.doc
	switch {
	case doc.Format.CycloneDX() && doc.Namespace != "" && doc.Revision > 0:
		return stated(fmt.Sprintf("%s/%d", doc.Namespace, doc.Revision))
	case doc.Format.CycloneDX():
		return absent("serialNumber and version are not both there")
	case doc.Format == sbom.FormatSPDX3JSON && doc.ID != "" && !strings.HasPrefix(doc.ID, "#"):
		return stated(doc.ID)
	case doc.Namespace != "":
		return stated("approximate: " + doc.Namespace)
	}
	return absent("documentNamespace is missing")
}

func (s *survey) uri() finding {
	id := s.doc.Namespace
	if s.doc.Format == sbom.FormatSPDX3JSON {
		id = s.doc.ID
	}
	switch {
	case id == "" || strings.HasPrefix(id, "#"):
		return absent("no URI of the document")
	case !validURL(id):
		return because(reasonMalformed, textfmt.Quote(id)+" is not a URI")
	}
	return stated(id)
}

func (s *survey) root() finding {
	roots := s.doc.Roots()
	if len(roots) == 0 {
		return absent("the document does not say what it describes")
	}
	g := s.doc.Graph()
	for _, id := range roots {
		if k := g.Lookup(id).Kind(); k == sbom.ElementComponent || k == sbom.ElementFile {
			return stated(id)
		}
	}
	return because(reasonMalformed, "what the document describes is not in it")
}

func (s *survey) noVulnerabilities() finding {
	if n := len(s.doc.Vulnerabilities); n > 0 {
		return because(reasonMalformed, fmt.Sprintf("the document holds %d vulnerabilities", n))
	}
	for i := range s.doc.Components {
		for _, r := range s.doc.Components[i].ExternalReferences {
			if r.Category == "SECURITY" && r.Type == "advisory" {
				return because(reasonMalformed, "package "+textfmt.Quote(s.doc.Components[i].Name.String())+" refers to an advisory")
			}
		}
	}
	for _, word := range s.doc.ElementTypes() {
		if strings.HasPrefix(word, "security_") {
			return because(reasonMalformed, "the document holds a "+word)
		}
	}
	return stated("no vulnerability information")
}

// osPackageTypes are the types of package URLs of operating systems' packages.
var osPackageTypes = map[string]bool{"deb": true, "rpm": true, "apk": true, "alpm": true}

// distribution wants to know what packages of an operating system belong to.
func (s *survey) distribution() finding {
	packages := 0
	for i := range s.doc.Components {
		c := &s.doc.Components[i]
		if c.Type == sbom.TypeOperatingSystem && c.Name.Stated() && c.Version.Stated() {
			return stated(c.Name.String() + " " + c.Version.String())
		}
		p, err := purl.Parse(c.PURL())
		if err != nil || !osPackageTypes[p.Type] {
			continue
		}
		packages++
		if distro := p.Qualifier("distro"); distro != "" {
			return stated(distro)
		}
	}
	if packages == 0 {
		return because(reasonNotAsked, "the document lists no package of an operating system")
	}
	return absent("neither an operating system nor a distro qualifier is there")
}

// imageDigest wants the digest of the image that the document describes. Syft
// writes it as a checksum and as the version of a package URL in SPDX; in CycloneDX it
// has no place but the version, which is the tag when there is one.
func (s *survey) imageDigest() finding {
	result := because(reasonNotAsked, "the document does not describe an image")
	for i := range s.doc.Components {
		c := &s.doc.Components[i]
		p, err := purl.Parse(c.PURL())
		oci := err == nil && (p.Type == "oci" || p.Type == "docker")
		if !s.roots[c.ID] || c.Type != sbom.TypeContainer && !oci {
			continue
		}
		for _, h := range c.Hashes {
			if h.Algorithm == sbom.SHA256 && sbomterm.IsHex(h.Value, 64) && !sbomterm.IsPlaceholderDigest(h.Value) {
				return stated("sha256:" + h.Value)
			}
		}
		for _, v := range []string{p.Version, c.Version.String()} {
			if hex, ok := strings.CutPrefix(v, "sha256:"); ok && sbomterm.IsHex(hex, 64) {
				return stated(v)
			}
		}
		if s.doc.Format.CycloneDX() {
			result = because(reasonNotExpressible, "the root has a tag as its version, and CycloneDX no other place in which Syft writes the digest")
			continue
		}
		return absent("the root " + textfmt.Quote(c.Name.String()) + " has no SHA-256 digest")
	}
	return result
}

// textFinding says how a text states its value.
func textFinding(t sbom.Text) finding {
	switch t.State() {
	case sbom.StateAbsent:
		return absent("not there")
	case sbom.StateEmpty:
		return because(reasonPlaceholder, "empty")
	case sbom.StateNone, sbom.StateNoAssertion:
		return because(reasonUnknown, "said to be "+cmp.Or(t.Written(), "unknown"))
	case sbom.StateRedacted:
		return because(reasonWithheld, "said to be withheld")
	}
	switch strings.ToLower(strings.TrimSpace(t.String())) {
	case "unknown", "noassertion", "none":
		return because(reasonUnknown, "said to be "+textfmt.Quote(t.String()))
	case "", "unspecified", "managed", "n/a", "-", "?", "tbd", "todo":
		return because(reasonPlaceholder, textfmt.Quote(t.String())+" stands for nothing")
	}
	return stated(t.String())
}

// partyFinding says how a party is stated.
func partyFinding(p *sbom.Party) finding {
	if p == nil {
		return absent("not there")
	}
	return textFinding(p.Name)
}

// better is the finding that says more: one that states, then one that declares.
func better(a, b finding) finding {
	rank := func(f finding) int {
		switch f.reason.outcome() {
		case OutcomePass:
			return 0
		case OutcomeUnknown:
			return 1
		case OutcomeFail:
			if f.reason != reasonAbsent {
				return 2
			}
			return 3
		}
		return 4
	}
	if rank(b) < rank(a) {
		return b
	}
	return a
}

// parsedLicense reports whether text is a licence expression of known licences.
func parsedLicense(text string) bool {
	_, err := spdxexpr.Parse(text, nil)
	return err == nil
}
