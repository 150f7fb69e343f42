// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"slices"
	"strings"

	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/internal/sbomterm"
	"github.com/HailBytes/evidence/internal/vercmp"
	"github.com/HailBytes/evidence/sbom"
	"github.com/HailBytes/evidence/sbom/spdxexpr"
)

// The facts of a component that are compared, by index in view.facts.
const (
	factType = iota
	factGroup
	factName
	factVersion
	factPURL // without version
	factCPE  // without version
	factOther
	factDeclared
	factConcluded
	factHashes
	factSupplier
	factOriginator
	factPublisher
	factAuthors
	factScope
	factCopyright
	factDownload
	factHomepage
	factDescription
	factSummary
	factComment
	factSource
	factFile
	factMIME
	factVerification
	factFound // licences that were found in the files
	factPedigree
	factPURLs      // with version
	factCPEs       // with version
	factReferences // digest of many, see differ.listed
	factProperties // likewise
	factCount
)

var factNames = [factCount]string{
	"type", "group", "name", "version", "purl", "cpe", "identifiers", "licenseDeclared", "licenseConcluded", "hashes",
	"supplier", "originator", "publisher", "authors", "scope", "copyright", "downloadLocation", "homepage",
	"description", "summary", "comment", "sourceInfo", "fileName", "mimeType", "verificationCode", "licenseFound", "pedigree", "purl", "cpe", "externalReferences", "properties",
}

// view is one component as it is compared: its facts in one spelling, and the
// keys by which it may be found again.
type view struct {
	c         *sbom.Component
	kind      string // type, where both formats have the same types
	facts     [factCount]string
	print     string // all facts
	ecosystem string
	purl      purl.Key  // without version; zero if there is none
	cpes      []string  // without version
	digests   []string  // "SHA-256:...", of algorithms that collide for nobody
	places    [2]string // where it was found, and what holds or needs it; empty if not stated
}

// viewer makes views of the components of one document.
type viewer struct {
	references map[string]string // what a LicenseRef of the document stands for
	licenses   map[string]string // normal forms by text: few texts, many components
	formats    bool              // SPDX is compared with CycloneDX, where what is no listed identifier is a name
}

func newViewer(d *sbom.Document, formats bool) *viewer {
	v := &viewer{references: map[string]string{}, licenses: map[string]string{}, formats: formats}
	for i := range d.ExtractedLicenses {
		l := &d.ExtractedLicenses[i]
		if l.Name.Stated() {
			v.references[l.ID] = sbomterm.LicenseRef(l.Name.String())
		}
	}
	for _, p := range d.Properties { // see sbom.Convert
		if id, ok := strings.CutSuffix(strings.TrimPrefix(p.Name, licenseProperty), ":name"); ok {
			v.references[id] = sbomterm.LicenseRef(p.Value)
		}
	}
	return v
}

func (v *viewer) all(d *sbom.Document) []view {
	list := make([]view, len(d.Components))
	for i := range d.Components {
		list[i] = v.view(&d.Components[i])
	}
	return list
}

func (v *viewer) view(c *sbom.Component) view {
	w := view{c: c}
	f := &w.facts
	f[factType] = string(c.Type)
	if purpose, ok := c.Property(purposeProperty); ok {
		f[factType] = strings.ToLower(purpose)
	}
	if !v.formats {
		w.kind = f[factType]
	}
	f[factGroup] = said(c.Group)
	f[factName] = said(c.Name)
	f[factVersion] = said(c.Version)
	w.identify(c)
	f[factDeclared] = v.license(c, sbom.LicenseDeclared, sbom.LicenseUnspecified)
	f[factConcluded] = v.license(c, sbom.LicenseConcluded)
	w.hash(c)
	f[factSupplier] = partyFact(c.Supplier)
	f[factOriginator] = partyFact(c.Originator)
	f[factPublisher] = said(c.Publisher)
	authors := []string{said(c.Author)}
	for i := range c.Authors {
		authors = append(authors, partyFact(&c.Authors[i]))
	}
	f[factAuthors] = join(authors)
	f[factScope] = c.Scope
	f[factCopyright] = said(c.Copyright)
	f[factDownload] = said(c.DownloadLocation)
	f[factHomepage] = said(c.Homepage)
	f[factDescription] = c.Description
	f[factSummary] = c.Summary
	f[factComment] = c.Comment
	f[factSource] = c.SourceInfo
	f[factFile] = c.FileName
	f[factMIME] = c.MIMEType
	if c.VerificationCode != nil {
		f[factVerification] = strings.ToLower(c.VerificationCode.Value)
	}
	f[factFound] = v.found(c)
	f[factPedigree] = pedigreeFact(c.Pedigree)
	for i := factSupplier; i <= factSource; i++ { // names and versions identify: they stay as they are
		f[i] = plain(f[i])
	}
	f[factReferences] = entriesDigest(referenceEntries(c.ExternalReferences))
	f[factProperties] = entriesDigest(propertyEntries(c.Properties))
	w.print = strings.Join(f[:], "\x00")
	return w
}

// identify sets what is said by package URLs, CPEs and other identifiers.
func (w *view) identify(c *sbom.Component) {
	var purls, fullPURLs, fullCPEs, other []string
	for kind, value := range identifiers(c) {
		switch kind {
		case sbom.IdentifierPURL:
			p, err := purl.Parse(value)
			if err != nil {
				purls = append(purls, value)
				continue
			}
			fullPURLs = append(fullPURLs, p.String())
			if w.purl == (purl.Key{}) {
				w.ecosystem = p.Type
				w.purl = purl.KeyOf(p).WithoutVersion()
				if w.facts[factVersion] == "" {
					w.facts[factVersion] = p.Version
				}
			}
			purls = append(purls, versionless(p).String())
		case sbom.IdentifierCPE22, sbom.IdentifierCPE23:
			w.cpes = append(w.cpes, cpeProduct(value))
			fullCPEs = append(fullCPEs, value)
		default:
			other = append(other, kind.String()+":"+value)
		}
	}
	slices.Sort(w.cpes)
	w.cpes = slices.Compact(w.cpes)
	w.facts[factPURL] = join(purls)
	w.facts[factCPE] = strings.Join(w.cpes, " ")
	w.facts[factOther] = join(other)
	w.facts[factPURLs] = join(fullPURLs)
	w.facts[factCPEs] = join(fullCPEs)
}

// versionless is p without what belongs to one version. The tag of an image is
// its version, and so is the release in the name of a distribution, which every
// package repeats.
func versionless(p purl.PURL) purl.PURL {
	p = p.WithoutVersion()
	if p.Type == "oci" || p.Type == "docker" {
		p = p.Without("tag")
	}
	return p
}

// cpeProduct returns part, vendor and product of a CPE, in lower case.
func cpeProduct(cpe string) string {
	s := strings.ToLower(cpe)
	if rest, ok := strings.CutPrefix(s, "cpe:2.3:"); ok {
		s = rest
	} else {
		s = strings.TrimPrefix(s, "cpe:/")
	}
	end, colons := len(s), 0
	for i := 0; i < len(s) && colons < 3; i++ {
		switch s[i] {
		case '\\':
			i++
		case ':':
			if colons++; colons == 3 {
				end = i
			}
		}
	}
	return s[:end]
}

func (w *view) hash(c *sbom.Component) {
	var all []string
	for _, h := range c.Hashes {
		value := strings.ToLower(h.Value)
		if value == "" || strings.Trim(value, "0") == "" {
			continue // stands for no digest
		}
		text := string(h.Algorithm) + ":" + value
		all = append(all, text)
		if n := h.Algorithm.HexLength(); n >= sbom.SHA256.HexLength() && len(value) == n && value != emptySHA256 {
			w.digests = append(w.digests, text)
		}
	}
	w.facts[factHashes] = join(all)
}

// emptySHA256 is the digest of nothing, which tells no component from another.
const emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// license returns the statements of these kinds as one expression in normal
// form. Several statements all hold. What says nothing is left out.
func (v *viewer) license(c *sbom.Component, kinds ...sbom.LicenseKind) string {
	var texts []string
	for i := range c.Licenses {
		l := &c.Licenses[i]
		if !slices.Contains(kinds, l.Kind) {
			continue
		}
		text := said(l.Expression)
		if text == "" && l.Name != "" {
			text = sbomterm.LicenseRef(l.Name)
		}
		if text != "" {
			texts = append(texts, text)
		}
	}
	if text, ok := c.Property(concludedProperty); ok && kinds[0] == sbom.LicenseConcluded {
		texts = append(texts, text)
	}
	return v.normal(texts)
}

// normal returns the conjunction of licences in normal form; the texts
// themselves, sorted, where they are none.
func (v *viewer) normal(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	key := strings.Join(texts, "\x00")
	if s, ok := v.licenses[key]; ok {
		return s
	}
	resolved := make([]string, len(texts))
	for i, t := range texts {
		resolved[i] = v.resolve(t)
	}
	s := resolved[0]
	if len(texts) > 1 {
		s = "(" + strings.Join(resolved, ") AND (") + ")"
	}
	if e, err := spdxexpr.Parse(s, &spdxexpr.Options{UnsafeUnknown: true}); err == nil {
		s = e.Normal().String()
	} else {
		s = join(resolved)
	}
	v.licenses[key] = s
	return s
}

// resolve replaces the references of an expression that the document gives a
// name, for their identifiers are its own, and often no more than a number.
func (v *viewer) resolve(expression string) string {
	if !v.formats && (len(v.references) == 0 || !strings.Contains(expression, "LicenseRef-")) {
		return expression
	}
	var b strings.Builder
	last := ""
	for len(expression) > 0 {
		n := strings.IndexAny(expression, " ()")
		if n == 0 {
			b.WriteByte(expression[0])
			expression = expression[1:]
			continue
		}
		if n < 0 {
			n = len(expression)
		}
		word := expression[:n]
		if last == "WITH" { // an exception, whose identifier CycloneDX has no name for
			b.WriteString(word)
		} else {
			b.WriteString(v.word(word))
		}
		last, expression = word, expression[n:]
	}
	return b.String()
}

func (v *viewer) word(word string) string {
	if name, ok := v.references[word]; ok {
		word = name
	}
	switch word {
	case "AND", "OR", "WITH", spdxexpr.None, spdxexpr.NoAssertion:
		return word
	}
	if !v.formats || strings.Contains(word, ":") {
		return word
	}
	name := strings.TrimPrefix(word, "LicenseRef-")
	if info, ok := spdxexpr.Lookup(name); ok {
		return info.ID
	}
	if _, ok := spdxexpr.Lookup(strings.TrimSuffix(name, "+")); ok {
		return word
	}
	return sbomterm.LicenseRef(name)
}

// said returns what t says: the value, NONE, a word for a withheld value, or
// nothing. Absent, empty and NOASSERTION all leave the reader without an answer.
func said(t sbom.Text) string {
	switch t.State() {
	case sbom.StateStated:
		return t.String()
	case sbom.StateNone:
		return spdxexpr.None
	case sbom.StateRedacted:
		return "[redacted]"
	}
	return ""
}

func partyFact(p *sbom.Party) string {
	if p == nil {
		return ""
	}
	if !p.Stated() {
		return said(p.Name)
	}
	if email := contactEmail(p); email != "" {
		return p.Name.String() + " (" + email + ")"
	}
	return p.String()
}

// plain returns s with one space in place of any run of white space inside it, and none around it:
// line ends and indentation differ between systems.
func plain(s string) string {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == ' ' && (i == 0 || i == len(s)-1 || s[i+1] == ' ') {
			return strings.Join(strings.Fields(s), " ")
		}
	}
	return s
}

// found returns the licences that were found in the files of a component, each
// in normal form.
func (v *viewer) found(c *sbom.Component) string {
	var list []string
	for _, l := range c.Licenses {
		if l.Kind == sbom.LicenseFound {
			list = append(list, said(l.Expression))
		}
	}
	if c.Evidence != nil {
		for i := range c.Evidence.Licenses {
			if l := &c.Evidence.Licenses[i]; l.Name != "" {
				list = append(list, sbomterm.LicenseRef(l.Name))
			} else {
				list = append(list, said(l.Expression))
			}
		}
	}
	return v.normal(slices.DeleteFunc(list, func(s string) bool { return s == "" || s == spdxexpr.None }))
}

// pedigreeFact says where a component comes from.
func pedigreeFact(p *sbom.Pedigree) string {
	if p == nil {
		return ""
	}
	var list []string
	for _, kin := range []struct {
		word string
		list []sbom.Component
	}{{"ancestor", p.Ancestors}, {"descendant", p.Descendants}, {"variant", p.Variants}} {
		for i := range kin.list {
			c := &kin.list[i]
			list = append(list, plain(kin.word+" "+said(c.Group)+" "+said(c.Name)+" "+said(c.Version)+" "+c.PURL()))
		}
	}
	for _, c := range p.Commits {
		list = append(list, plain("commit "+c.UID+" "+c.URL))
	}
	if raw := p.Extras.Get("patches"); raw != nil {
		list = append(list, "patches "+textDigest(string(raw)))
	}
	if p.Notes != "" {
		list = append(list, "notes "+plain(p.Notes))
	}
	return join(list)
}

// join sorts texts and puts them on one line, each once, the empty ones left out.
func join(texts []string) string {
	texts = slices.DeleteFunc(texts, func(s string) bool { return s == "" })
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), ", ")
}

// order compares the versions of two components that are one.
func (w *view) order(to *view) (order int, ok bool) {
	ecosystem := w.ecosystem
	switch {
	case ecosystem == "":
		ecosystem = to.ecosystem
	case to.ecosystem != "" && to.ecosystem != ecosystem:
		ecosystem = "" // recognised by digest alone
	}
	return compareVersions(ecosystem, w.facts[factVersion], to.facts[factVersion])
}

// compareVersions orders versions by their ecosystem, by Semantic Versioning if
// it has no rules of its own.
func compareVersions(ecosystem, a, b string) (order int, ok bool) {
	if !vercmp.Known(ecosystem) {
		ecosystem = "generic"
	}
	return vercmp.Compare(ecosystem, a, b)
}
