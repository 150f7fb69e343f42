// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/sarif"
	"github.com/HailBytes/evidence/sbom"
	"github.com/HailBytes/evidence/sbom/spdxexpr"
	"github.com/HailBytes/evidence/trustpack/license"
	"github.com/HailBytes/evidence/trustpack/page"
	"github.com/HailBytes/evidence/trustpack/uat"
)

// What a page holds of long lists; the evidence itself has all of them.
const (
	mostThumbnails    = 24
	thumbnailBytes    = 600_000 // of all thumbnails
	mostReferences    = 3       // of a finding
	mostTargets       = 5       // elements of a page, for each rule
	mostMessage       = 2000    // bytes of a test's message
	mostTitle         = 200     // bytes
	mostLicenceSource = 200     // modules of a licence that only reports name
)

// pageData fills the data of the page subject by subject, while their documents
// are at hand. It takes from the evidence only, nothing that depends on a caller.
type pageData struct {
	page.Data
	licenses map[string]*page.License // by identifier
	known    map[string]bool          // "name@version" of packages
	manifest *manifest.Manifest
	facts    *controlFacts
}

// newPageData starts with what the manifest states. An entry for the page itself is left
// out, so that the page can be made before, and compared after, it is listed.
func newPageData(m *manifest.Manifest) *pageData {
	d := &pageData{manifest: m, facts: newControlFacts(m, false), licenses: map[string]*page.License{}, known: map[string]bool{}, Data: page.Data{
		Rules: page.Rules, Product: m.Product, Version: m.Version, Tag: m.Release.Tag, Commit: m.Release.Commit,
		Repository: m.Release.Repository, Created: timeText(m.Release.Created), Commands: packCommands(m),
	}}
	for i := range m.Images {
		img := &m.Images[i]
		shown := page.Image{
			Name: img.Name, Reference: img.Reference, Digest: img.Digest.String(), Platform: img.Platform,
			Signed: img.Signing.Status == manifest.Signed, Identity: img.Signing.CertificateIdentity, Issuer: img.Signing.CertificateOIDCIssuer,
			Commands: verifyCommands(m, img),
		}
		d.Images = append(d.Images, shown)
	}
	for _, a := range m.Artifacts {
		d.Artifacts = append(d.Artifacts, page.Artifact{Name: a.Name, Kind: string(a.Kind), ID: a.ID, SHA256: a.SHA256.Hex()})
	}
	for _, g := range m.Gaps {
		d.Gaps = append(d.Gaps, page.Gap{Kind: string(g.Kind), Image: g.Image, Reason: g.Reason, Target: g.Target.String()})
	}
	for i := range m.Files {
		if f := &m.Files[i]; f.Path != IndexName {
			d.Files = append(d.Files, page.File{
				Path: f.Path, Kind: string(f.Kind), Format: string(f.Format), Image: f.Image, Size: f.Size, SHA256: f.SHA256.Hex(),
				Tool: strings.TrimSpace(f.Tool.Name + " " + f.Tool.Version),
			})
		}
	}
	return d
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// add takes one subject.
func (d *pageData) add(s *Subject) {
	at := make(map[*Component]int, len(s.Components)) // index in Packages
	d.Packages = slices.Grow(d.Packages, len(s.Components))
	for _, c := range s.Components {
		at[c] = len(d.Packages)
		d.Packages = append(d.Packages, d.component(s, c))
	}
	d.ways(s, at)
	for _, f := range s.Findings {
		d.Findings = append(d.Findings, findingOnPage(s, f, at))
	}
	for _, doc := range s.Documents {
		d.read(s, doc)
		if doc.Scan != nil {
			d.Scans = append(d.Scans, scanOnPage(doc))
		}
		for _, c := range doc.Checks {
			// Verify judges more of a document than Build, and some of it less severely.
			if c.ID == readable(doc.File.Kind) && c.Status != evidence.StatusPass {
				d.Notes = append(d.Notes, doc.File.Path+": "+c.Message)
			}
		}
	}
	for a := range s.Attestations() {
		d.Attestations = append(d.Attestations, attestationOnPage(s, a))
	}
}

func (d *pageData) component(s *Subject, c *Component) page.Package {
	p := page.Package{
		Name: c.Name, Version: c.Version, Type: purlType(c.PURL), PURL: c.PURL, Image: s.Name,
		License: c.License(), Direct: c.Relation() == RelationDirect, Sources: places(c.Sources()),
	}
	if p.License != "" {
		p.Category = license.Unknown.String()
		if e, err := spdxexpr.Parse(p.License, nil); err == nil {
			p.Category = license.CategoryOfExpression(e).String()
		}
	}
	l := d.license(p.License, p.Category)
	l.Packages++
	p.License = l.ID
	d.known[nameVersion(p.Name, p.Version)] = true
	return p
}

func (d *pageData) license(id, category string) *page.License {
	l := d.licenses[id]
	if l == nil {
		id = strings.Clone(id)
		l = &page.License{ID: id, Category: cmp.Or(category, license.Unknown.String())}
		d.licenses[id] = l
	}
	return l
}

// places writes sources as "path#pointer".
func places(list []evidence.Source) []string {
	var out []string
	for _, s := range list {
		text := s.Path
		if s.Pointer != "" {
			text += "#" + s.Pointer
		}
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// ways says of each package of a subject by which other one it came in: a breadth-first
// search of each SBOM, from the components that are direct. It is linear in the documents.
func (d *pageData) ways(s *Subject, at map[*Component]int) {
	type place struct {
		doc *Document
		id  string
	}
	packages := map[place]int{}
	var docs []*Document
	for _, c := range s.Components {
		for _, e := range c.entries {
			packages[place{e.doc, e.c.ID}] = at[c]
			if !slices.Contains(docs, e.doc) {
				docs = append(docs, e.doc)
			}
		}
	}
	for _, doc := range docs {
		g := doc.dependencies()
		if !g.known {
			continue
		}
		next := map[string][]string{}
		for i := range doc.SBOM.Relationships {
			if r := &doc.SBOM.Relationships[i]; r.To != "" && sbom.FollowDependencies(r) {
				next[r.From] = append(next[r.From], r.To)
			}
		}
		via := map[string]int{} // the package that an element came in by; -1 for none
		var queue []string
		for i := range doc.SBOM.Components {
			if id := doc.SBOM.Components[i].ID; !g.roots[id] && direct(g, id) {
				via[id] = -1
				queue = append(queue, id)
			}
		}
		for len(queue) > 0 {
			id := queue[0]
			queue = queue[1:]
			by, isPackage := packages[place{doc, id}]
			if !isPackage {
				by = via[id]
			} else if p := &d.Packages[by]; via[id] >= 0 && via[id] != by && p.Via == nil && !p.Direct {
				at := via[id]
				p.Via = &at
			}
			for _, to := range next[id] {
				if _, seen := via[to]; !seen && !g.roots[to] {
					via[to] = by
					queue = append(queue, to)
				}
			}
		}
	}
}

func findingOnPage(s *Subject, f *Finding, at map[*Component]int) page.Finding {
	out := page.Finding{
		ID: f.ID, Aliases: f.Aliases, Severity: f.Severity.String(), Score: f.Score, Image: s.Name,
		Title: clipped(cmp.Or(f.Title, f.Message), mostTitle), Sources: places(f.Sources()), References: f.References[:min(len(f.References), mostReferences)],
	}
	if f.Package != nil {
		out.Package, out.Installed, out.Fixed = f.Package.Name, strings.Join(f.Package.Versions, ", "), f.Package.Fixed
	}
	if f.Component != nil {
		i := at[f.Component]
		out.Component = &i
	}
	if f.Reachability != 0 {
		out.Reachable = f.Reachability.String()
	}
	out.Ratings = ratingsOnPage(f.Ratings)
	for _, w := range f.Waivers {
		if w.Kind == WaiverSuppression { // the others depend on the caller
			out.Waivers = append(out.Waivers, page.Waiver{Kind: string(w.Kind), Text: cmp.Or(w.Reason, "no reason given"), Source: w.Source.Path})
		}
	}
	return out
}

// ratingsOnPage leaves out what another rating of the same tool says with more detail.
func ratingsOnPage(list []sarif.Rating) (out []page.Rating) {
	for _, r := range list {
		by := r.Tool
		if r.Source != "" {
			by = strings.TrimPrefix(by+", "+r.Source, ", ")
		}
		rating := page.Rating{By: by, Severity: r.Severity.String(), Score: r.Score}
		at := slices.IndexFunc(out, func(o page.Rating) bool {
			return o.By == rating.By && o.Severity == rating.Severity && (o.Score == rating.Score || o.Score == 0 || rating.Score == 0)
		})
		if at < 0 {
			out = append(out, rating)
		} else if rating.Score != 0 {
			out[at] = rating
		}
	}
	return out
}

// clipped cuts a long text at a character.
func clipped(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

func scanOnPage(doc *Document) page.Scan {
	sum := summarizeScan(doc)
	out := page.Scan{Image: doc.File.Image, Tool: sum.Tool, Complete: sum.Complete, File: doc.File.Path}
	for i := range doc.Scan.Runs {
		r := &doc.Scan.Runs[i]
		out.Database, out.Time = cmp.Or(out.Database, r.Tool.DatabaseAge), cmp.Or(out.Time, r.Created)
		for _, inv := range r.Invocations {
			out.Time = cmp.Or(out.Time, inv.EndTime, inv.StartTime)
		}
	}
	return out
}

func attestationOnPage(s *Subject, a *Attestation) page.Attestation {
	out := page.Attestation{Image: s.Name, Type: "signature", File: a.Source.Path}
	if st, err := a.UnverifiedStatement(); err == nil {
		out.Type = st.PredicateType
		if len(st.Subject) > 0 {
			for _, algorithm := range slices.Sorted(maps.Keys(st.Subject[0].Digest)) {
				out.Subject = algorithm + ":" + st.Subject[0].Digest[algorithm]
			}
			out.About = st.Subject[0].Name
		}
	}
	if s.Image == nil {
		return out
	}
	if out.Subject == s.Image.Digest.String() {
		out.About = "image " + s.Name
	}
	if a.HasCertificate() {
		out.Identity, out.Issuer = s.Image.Signing.CertificateIdentity, s.Image.Signing.CertificateOIDCIssuer
	}
	return out
}

// finish adds what stands for the release as a whole.
func (d *pageData) finish(s *summarizer) *page.Data {
	// Findings of all images, the worst first; of equals in the order of the images.
	slices.SortStableFunc(d.Findings, func(a, b page.Finding) int {
		return cmp.Or(severityRank(b.Severity)-severityRank(a.Severity), cmp.Compare(b.Score, a.Score))
	})
	if reported, _ := s.inventory(); reported != nil {
		for _, m := range reported.Modules {
			if d.known[nameVersion(m.Name, m.Version)] || m.FirstParty {
				continue
			}
			id := m.License.String()
			if id == spdxexpr.NoAssertion || id == spdxexpr.None {
				id = ""
			}
			if l := d.license(id, m.Category.String()); len(l.Modules) < mostLicenceSource {
				l.Modules = append(l.Modules, nameVersion(m.Name, m.Version))
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(d.licenses)) {
		d.Licenses = append(d.Licenses, *d.licenses[id])
	}
	slices.SortStableFunc(d.Licenses, func(a, b page.License) int {
		return cmp.Compare(b.Packages+len(b.Modules), a.Packages+len(a.Modules))
	})
	d.tests(s)
	d.accessibility(s)
	d.controls(s)
	return &d.Data
}

func severityRank(text string) int {
	var s sarif.Severity
	if s.UnmarshalText([]byte(text)) != nil {
		return 0
	}
	return int(s)
}

// tests adds the pictures and the tests that attached them.
func (d *pageData) tests(s *summarizer) {
	pictures := map[uat.TestID][]int{}
	bytes := 0
	for i := range s.Screenshots {
		shot := &s.Screenshots[i]
		p := page.Picture{File: shot.Path, Width: shot.Width, Height: shot.Height}
		if bytes+len(shot.thumbnail) <= thumbnailBytes && i < mostThumbnails {
			p.Thumbnail = shot.thumbnail
			bytes += len(shot.thumbnail)
		}
		if shot.Test != nil {
			pictures[*shot.Test] = append(pictures[*shot.Test], len(d.Pictures))
		}
		d.Pictures = append(d.Pictures, p)
	}
	path := map[*uat.Report]string{}
	for _, doc := range s.tests {
		path[doc.Tests] = doc.File.Path
	}
	for _, t := range uat.Tests(each(s.tests, func(doc *Document) *uat.Report { return doc.Tests })...) {
		out := page.Test{
			Name: t.TestID.Name, Suite: strings.Join(slices.DeleteFunc([]string{t.TestID.Class, t.TestID.Project}, func(s string) bool { return s == "" }), ", "),
			Outcome: t.Outcome.String(), Seconds: t.Duration.Seconds(), Pictures: pictures[t.TestID], Sources: []string{path[t.Report]},
		}
		for _, r := range t.Results {
			if out.Message == "" {
				out.Message = clipped(cmp.Or(r.Message, r.Text), mostMessage)
			}
		}
		d.Tests = append(d.Tests, out)
	}
	slices.SortStableFunc(d.Tests, func(a, b page.Test) int { return outcomeRank(b.Outcome) - outcomeRank(a.Outcome) })
}

func outcomeRank(text string) int {
	var o uat.Outcome
	if o.UnmarshalText([]byte(text)) != nil {
		return 0
	}
	return int(o)
}

// accessibility adds the pages that were tested.
func (d *pageData) accessibility(s *summarizer) {
	if s.Summary.Accessibility == nil {
		return
	}
	sums := s.Summary.Accessibility.Pages
	for _, doc := range s.axe {
		for _, p := range doc.Accessibility.Pages {
			out := page.WebPage{URL: p.URL, Engine: strings.TrimSpace(p.Engine + " " + p.Version), Time: timeText(p.Time), Notes: p.Suspect, Sources: []string{doc.File.Path}}
			if len(sums) > 0 {
				if sums[0].Partial {
					out.Notes = append(slices.Clone(out.Notes), "only a part of WCAG 2.1 A and AA was tested")
				}
				sums = sums[1:]
			}
			for _, r := range p.Rules {
				out.Rules = append(out.Rules, rulesOnPage(r)...)
			}
			d.Pages = append(d.Pages, out)
		}
	}
	for _, c := range s.Summary.Accessibility.Criteria {
		if c.Level != "AAA" {
			d.Criteria = append(d.Criteria, page.Criterion{ID: c.ID, Name: c.Name, Level: c.Level, Status: string(c.Status), Elements: c.Violations + c.NeedsReview})
		}
	}
}

func rulesOnPage(r *uat.Rule) (list []page.Rule) {
	add := func(outcome string, nodes []uat.Node) {
		if len(nodes) == 0 {
			return
		}
		out := page.Rule{ID: r.ID, Help: clipped(r.Help, mostTitle), Outcome: outcome, Impact: r.Impact, Criteria: r.Criteria(), Elements: len(nodes)}
		for _, n := range nodes[:min(len(nodes), mostTargets)] {
			out.Targets = append(out.Targets, clipped(n.Target, mostTitle))
		}
		list = append(list, out)
	}
	if r.InScope() {
		add("violation", r.Violations)
		add("review", r.Incomplete)
	} else {
		add("advice", r.Violations)
	}
	return list
}

// packCommands are the command lines that verify the pack of a release, the safest first.
func packCommands(m *manifest.Manifest) []page.Command {
	name := shellQuote(FileName(m.Product, m.Version))
	release := shellQuote(m.Product + "@" + m.Version)
	return []page.Command{
		{Label: "Signed by the workflow that you expect, with the statement that is published beside the pack:",
			Line: "trustpack-verify -expect " + release + " -require authentic -bundle " + shellQuote(StatementName(FileName(m.Product, m.Version))) +
				" -trusted-root trusted_root.json -certificate-identity IDENTITY -certificate-oidc-issuer " + shellQuote(githubIssuer) + " " + name},
		{Label: "The very pack that was published (take the digest from the release, not from here):",
			Line: "trustpack-verify -expect " + release + " -sha256 DIGEST " + name},
		{Label: "Without this project's tools, the digest of the ZIP alone:", Line: "sha256sum " + name},
	}
}
