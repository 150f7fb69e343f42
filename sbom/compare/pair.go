// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sbom"
)

// CheckPair is the ID of the check that an SPDX and a CycloneDX document of one subject agree.
const CheckPair = "sbom.pair"

// pairRule is a difference between SPDX and CycloneDX documents that one tool
// makes of one subject, which is of the encodings and not of what they say.
type pairRule struct {
	ID   string `json:"id"`
	What string `json:"what"`
}

// The rules, by ID.
const (
	ruleRootDigest  = "root-digest"
	ruleSystem      = "operating-system"
	ruleFiles       = "files"
	ruleCopies      = "copies"
	ruleGroup       = "group"
	rulePURL        = "purl-spelling"
	ruleLicenses    = "license-list"
	ruleLicenseKind = "license-kind"
	ruleCPE         = "cpe-place"
	ruleHashes      = "hash-absent"
	ruleEdges       = "edge-kinds"
)

// pairRules returns the rules that Pair knows, in a fixed order.
func pairRules() []pairRule {
	return []pairRule{
		{ruleRootDigest, "the CycloneDX document holds no digest of an image that has a tag, so the subjects cannot be matched by it"},
		{ruleSystem, "the operating system is a component of the CycloneDX document alone"},
		{ruleFiles, "files are elements of their own in SPDX, components or nothing in CycloneDX"},
		{ruleCopies, "a package that is there at several places is listed another number of times"},
		{ruleGroup, "the group is a field of its own in CycloneDX, a part of the name or of the package URL in SPDX"},
		{rulePURL, "the package URL is written differently: a qualifier that one of the two lacks, or how characters are encoded"},
		{ruleLicenses, "several licences are a list in CycloneDX, an expression in SPDX, where those without an identifier are LicenseRefs"},
		{ruleLicenseKind, "CycloneDX does not tell a declared from a concluded licence"},
		{ruleCPE, "CycloneDX has a place for one CPE; the others are properties, or left out"},
		{ruleHashes, "digests of a package are in one document alone"},
		{ruleEdges, "relationships that are no dependencies between packages are in SPDX alone"},
	}
}

// explanation says how often a rule explained a difference.
type explanation struct {
	Rule  string `json:"rule"` // ID of a pairRule
	Count int    `json:"count"`
}

// Difference is one that no rule explains.
type Difference struct {
	Code      string `json:"code"`                // "package", "version", "name", "purl", "license", "cpe", "hash", "dependency", "distribution", "tool", "root-name", "root-version" or "root-digest"
	Name      string `json:"name"`                // of the package, subject or tool, with its version; of a dependency the one that has it
	SPDX      string `json:"spdx,omitempty"`      // what SPDX says; empty if nothing
	CycloneDX string `json:"cyclonedx,omitempty"` // what CycloneDX says; empty if nothing
	// Pointer is the JSON Pointer of the package in the document that has it, the SPDX one if both do.
	Pointer string `json:"pointer,omitempty"`
}

// String says the difference in a sentence.
func (d Difference) String() string {
	told := func(s string) string {
		if s == "" {
			return "nothing"
		}
		return textfmt.Quote(s)
	}
	return fmt.Sprintf("%s of %s: SPDX says %s, CycloneDX %s", d.Code, textfmt.Quote(d.Name), told(d.SPDX), told(d.CycloneDX))
}

// Comparison is what Pair found. The zero Comparison does not agree: nothing was compared.
type Comparison struct {
	SPDX        int          `json:"spdx"`      // packages, but for the subject, files and the operating system
	CycloneDX   int          `json:"cyclonedx"` // components, likewise
	Matched     int          `json:"matched"`   // packages that both have
	Differences []Difference `json:"differences"`
	explained   []explanation

	compared bool
}

// OK reports whether the documents were compared and no difference is left unexplained.
func (c *Comparison) OK() bool { return c.compared && len(c.Differences) == 0 }

// Check returns the comparison as a check: a failure if the documents contradict
// each other, a warning if they are only by two versions of one tool. The caller
// adds the subject.
func (c *Comparison) Check() evidence.Check {
	if !c.compared {
		return evidence.Check{ID: CheckPair, Status: evidence.StatusError, Message: "nothing was compared"}
	}
	var problems evidence.Problems
	for _, d := range c.Differences {
		severity := evidence.SeverityError
		if d.Code == "tool" {
			severity = evidence.SeverityWarning
		}
		problems = append(problems, &evidence.Problem{
			Code: "sbom.pair-" + d.Code, Severity: severity, Pointer: d.Pointer, Message: d.String(), Err: evidence.ErrMismatch,
		})
	}
	check := evidence.Judge(CheckPair, "", problems, fmt.Sprintf("%d packages agree", c.Matched))
	if c.OK() && c.Matched == 0 {
		check.Status, check.Message = evidence.StatusWarn, "no package to compare"
	}
	return check
}

// Pair holds an SPDX document against a CycloneDX document of the same
// subject, such as the two that Syft writes of one image. What the encodings
// themselves make different is counted by rule; everything else is a
// Difference. Times, identifiers, order, suppliers and authors are not compared; of tools the
// version of one that both name.
//
// The error matches ErrUnsupported when the documents are not one of each.
func Pair(spdx, cyclonedx *sbom.Document) (*Comparison, error) {
	if !spdx.Format.SPDX() || !cyclonedx.Format.CycloneDX() {
		return nil, &evidence.Problem{
			Code: "sbom.pair-format", Severity: evidence.SeverityError, Err: evidence.ErrUnsupported,
			Message: fmt.Sprintf("an SPDX and a CycloneDX document are compared, not %s and %s", spdx.Format, cyclonedx.Format),
		}
	}
	c := &comparer{
		result: &Comparison{Differences: []Difference{}, explained: []explanation{}, compared: true},
		spdx:   newSide(spdx, true), cdx: newSide(cyclonedx, true), count: map[string]int{},
	}
	c.tools()
	c.root()
	c.distribution()
	c.packages()
	c.dependencies()
	for _, r := range pairRules() {
		if n := c.count[r.ID]; n > 0 {
			c.result.explained = append(c.result.explained, explanation{r.ID, n})
		}
	}
	return c.result, nil
}

type comparer struct {
	result    *Comparison
	spdx, cdx *side
	count     map[string]int
	names     [2]map[string]string // name of a package by ID, the same in both documents
}

func (c *comparer) differ(code, name, spdx, cdx string, at sbom.Position) {
	c.result.Differences = append(c.result.Differences, Difference{code, name, spdx, cdx, at.Pointer})
}

// tools compares the versions of each tool that both documents name: two versions of a
// tool do not find the same.
func (c *comparer) tools() {
	versions := func(d *sbom.Document) namedFacts {
		n := namedFacts{}
		for i := range d.Tools {
			if t := &d.Tools[i]; t.Version != "" {
				n.add(strings.ToLower(t.Name), "", t.Version)
			}
		}
		return n
	}
	a, b := versions(c.spdx.doc), versions(c.cdx.doc)
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if x, y := join(a[name][""]), join(b[name][""]); y != "" && x != y {
			c.differ("tool", name, x, y, c.spdx.doc.Position())
		}
	}
}

// distribution compares the operating system, which Syft makes a component of CycloneDX
// alone, with the distribution that the package URLs of the SPDX document name.
func (c *comparer) distribution() {
	var told []string
	for i := range c.spdx.views {
		if p, err := purl.Parse(c.spdx.views[i].c.PURL()); err == nil && p.Qualifier("distro") != "" {
			told = append(told, strings.ToLower(p.Qualifier("distro")))
		}
	}
	slices.Sort(told)
	told = slices.Compact(told)
	if len(told) == 0 {
		return
	}
	for i := range c.cdx.views {
		w := &c.cdx.views[i]
		if w.c.Type != sbom.TypeOperatingSystem || w.facts[factName] == "" || w.facts[factVersion] == "" {
			continue
		}
		system := strings.ToLower(w.facts[factName] + "-" + w.facts[factVersion])
		if !slices.ContainsFunc(told, func(distro string) bool { return sameRelease(distro, system) }) {
			c.differ("distribution", w.label(), strings.Join(told, ", "), system, w.c.Position())
		}
	}
}

// sameRelease reports whether two releases of a distribution are one, told as precisely or less: debian-12, debian-12.5.
func sameRelease(a, b string) bool {
	return a == b || strings.HasPrefix(a, b+".") || strings.HasPrefix(b, a+".")
}

func (c *comparer) root() {
	if len(c.spdx.roots) != 1 || len(c.cdx.roots) != 1 {
		return
	}
	a, b := &c.spdx.views[c.spdx.roots[0]], &c.cdx.views[c.cdx.roots[0]]
	if x, y := a.name(), b.name(); x != y && a.facts[factName] != b.facts[factName] {
		c.differ("root-name", x, x, y, a.c.Position())
	}
	digestsA, digestsB := a.c.Digests(), b.c.Digests()
	x, y := said(a.c.Version), said(b.c.Version)
	if x != y && x != "" && y != "" && !slices.Contains(digestsA, y) && !slices.Contains(digestsB, x) {
		c.differ("root-version", a.name(), x, y, a.c.Position())
	}
	switch {
	case len(digestsA) == 0 || len(digestsB) == 0:
		if len(digestsA)+len(digestsB) > 0 {
			c.count[ruleRootDigest]++
		}
	case !slices.ContainsFunc(digestsA, func(d string) bool { return slices.Contains(digestsB, d) }):
		c.differ("root-digest", a.label(), digestsA[0], digestsB[0], a.c.Position())
	}
}

// chosen returns the views that are packages.
func (c *comparer) chosen(s *side, system bool) []view {
	var list []view
	for i := range s.views {
		w := &s.views[i]
		switch {
		case len(s.roots) > 0 && s.roots[0] == i: // CycloneDX describes one thing
		case w.c.Type == sbom.TypeFile && w.purl == (purl.Key{}):
			c.count[ruleFiles]++
		case w.c.Type == sbom.TypeOperatingSystem && !system:
			c.count[ruleSystem]++
		default:
			list = append(list, *w)
		}
	}
	return list
}

func (c *comparer) packages() {
	c.count[ruleFiles] += len(c.spdx.doc.Files)
	isSystem := func(w view) bool { return w.c.Type == sbom.TypeOperatingSystem }
	system := slices.ContainsFunc(c.spdx.views, isSystem) && slices.ContainsFunc(c.cdx.views, isSystem)
	spdx, cdx := c.chosen(c.spdx, system), c.chosen(c.cdx, system)
	c.result.SPDX, c.result.CycloneDX = len(spdx), len(cdx)
	// The types are not of one vocabulary; the name tier must not ask for them.
	for _, list := range [][]view{spdx, cdx} {
		for i := range list {
			list[i].facts[factType] = ""
			if list[i].facts[factGroup] != "" {
				c.count[ruleGroup]++
			}
		}
	}
	pairs := match(spdx, cdx, [2][]int{})
	c.result.Matched = len(pairs)
	c.names = [2]map[string]string{{}, {}}
	taken := [2][]bool{make([]bool, len(spdx)), make([]bool, len(cdx))}
	known := map[string]bool{}
	slices.SortFunc(pairs, func(a, b pair) int { return a.before - b.before })
	for _, p := range pairs {
		a, b := &spdx[p.before], &cdx[p.after]
		taken[0][p.before], taken[1][p.after] = true, true
		c.names[0][a.c.ID], c.names[1][b.c.ID] = a.label(), a.label()
		known[a.label()], known[b.label()] = true, true
		c.pair(a, b)
	}
	for i := range spdx {
		c.alone(&spdx[i], taken[0][i], known, 0)
	}
	for i := range cdx {
		c.alone(&cdx[i], taken[1][i], known, 1)
	}
}

// alone reports a package that only one document has, if it is not a copy of one that both have.
func (c *comparer) alone(w *view, matched bool, known map[string]bool, side int) {
	switch {
	case matched:
	case known[w.label()]:
		c.count[ruleCopies]++
		c.names[side][w.c.ID] = w.label()
	case side == 0:
		c.differ("package", w.label(), w.describe(), "", w.c.Position())
	default:
		c.differ("package", w.label(), "", w.describe(), w.c.Position())
	}
}

func (w *view) describe() string {
	if s := w.c.PURL(); s != "" {
		return s
	}
	return w.label()
}

func (c *comparer) pair(a, b *view) {
	at, label := a.c.Position(), a.label()
	if x, y := a.facts[factVersion], b.facts[factVersion]; x != y {
		c.differ("version", a.name(), x, y, at)
	}
	if x, y := a.facts[factName], b.facts[factName]; x != y && !slices.Contains([]string{b.name(), b.facts[factGroup] + ":" + y}, x) {
		c.differ("name", label, x, y, at)
	}
	c.purls(a, b, label, at)
	c.licenses(a, b, label, at)
	c.cpes(a, b, label, at)
	if a.facts[factHashes] != b.facts[factHashes] {
		if hashesDisagree(a.c.Hashes, b.c.Hashes) {
			c.differ("hash", label, a.facts[factHashes], b.facts[factHashes], at)
		} else {
			c.count[ruleHashes]++
		}
	}
}

func (c *comparer) purls(a, b *view, label string, at sbom.Position) {
	x, y := a.c.PURL(), b.c.PURL()
	if x == y {
		return
	}
	p, errP := purl.Parse(x)
	q, errQ := purl.Parse(y)
	if errP == nil && errQ == nil && purl.KeyOf(p) == purl.KeyOf(q) && qualifiersAgree(p, q) {
		c.count[rulePURL]++
		return
	}
	if errP == nil && errQ == nil && purl.KeyOf(p).WithoutVersion() == purl.KeyOf(q).WithoutVersion() && a.facts[factVersion] != b.facts[factVersion] {
		return // the version was named already
	}
	c.differ("purl", label, x, y, at)
}

// qualifiersAgree reports whether two package URLs say nothing different: of one architecture,
// and of the same release and the rest as far as both tell.
func qualifiersAgree(a, b purl.PURL) bool {
	for _, q := range a.Qualifiers {
		if other := b.Qualifier(q.Key); other != "" && other != q.Value {
			return false
		}
	}
	return a.Qualifier("arch") == b.Qualifier("arch")
}

// licenses compares what licences there are at all: SPDX in two fields, CycloneDX in a list.
func (c *comparer) licenses(a, b *view, label string, at sbom.Position) {
	v := &viewer{licenses: map[string]string{}}
	all := func(w *view) string {
		var texts []string
		for _, s := range []string{w.facts[factDeclared], w.facts[factConcluded]} {
			if s != "" && s != "NONE" {
				texts = append(texts, s)
			}
		}
		return v.normal(texts)
	}
	x, y := all(a), all(b)
	if x == "" && y == "" {
		return
	}
	switch {
	case x == y:
		if len(b.c.Licenses) > 1 || strings.Contains(x, "LicenseRef-") {
			c.count[ruleLicenses]++
		}
	case y != "" && (y == a.facts[factDeclared] || y == a.facts[factConcluded]):
		c.count[ruleLicenseKind]++
	default:
		c.differ("license", label, x, y, at)
	}
}

// cpes compares the CPEs as they are written, with their versions.
func (c *comparer) cpes(a, b *view, label string, at sbom.Position) {
	x, y := slices.Sorted(a.c.CPEs()), slices.Sorted(b.c.CPEs())
	more := false
	for _, p := range b.c.Properties {
		if p.Name == "syft:cpe23" {
			y = append(y, p.Value)
			more = true
		}
	}
	slices.Sort(y)
	x, y = slices.Compact(x), slices.Compact(y)
	switch {
	case slices.Equal(x, y):
		if more {
			c.count[ruleCPE]++
		}
	case !more && len(y) < 2 && !slices.ContainsFunc(y, func(s string) bool { return !slices.Contains(x, s) }):
		c.count[ruleCPE]++ // one place, and one of them in it
	default:
		c.differ("cpe", label, join(x), join(y), at)
	}
}

// dependencies compares the edges between packages that both documents have.
func (c *comparer) dependencies() {
	type link struct{ from, to string }
	collect := func(s *side, names map[string]string) (depends map[link]*sbom.Relationship, other map[link]bool) {
		depends, other = map[link]*sbom.Relationship{}, map[link]bool{}
		for i := range s.doc.Relationships {
			r := &s.doc.Relationships[i]
			from, okFrom := names[r.From]
			to, okTo := names[r.To]
			switch {
			case !okFrom || !okTo:
				if r.Type != sbom.Describes && r.To != "" {
					c.count[ruleEdges]++
				}
			case sbom.FollowDependencies(r):
				depends[link{from, to}] = r
			default:
				other[link{from, to}] = true
			}
		}
		return depends, other
	}
	spdx, loose := collect(c.spdx, c.names[0])
	cdx, _ := collect(c.cdx, c.names[1])
	c.count[ruleEdges] += len(loose)
	var found []Difference
	for l, r := range spdx {
		if cdx[l] == nil {
			found = append(found, Difference{"dependency", l.from, l.to, "", r.Position().Pointer})
		}
	}
	for l, r := range cdx {
		// Trivy writes containment as a dependency in CycloneDX.
		if spdx[l] == nil && !loose[l] {
			found = append(found, Difference{"dependency", l.from, "", l.to, r.Position().Pointer})
		}
	}
	slices.SortFunc(found, func(a, b Difference) int {
		return strings.Compare(a.Name+"\x00"+a.SPDX+"\x00"+a.CycloneDX, b.Name+"\x00"+b.SPDX+"\x00"+b.CycloneDX)
	})
	c.result.Differences = append(c.result.Differences, found...)
}
