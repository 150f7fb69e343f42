// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/trustpack"
	"github.com/HailBytes/evidence/trustpack/controls"
)

// The part of OSCAL 1.2.2 that we write. Its schema wants no empty list, no empty text and
// no space at the ends of a title.

const oscalVersion = "1.2.2"

type oscalMetadata struct {
	Title        string      `json:"title"`
	LastModified string      `json:"last-modified"`
	Version      string      `json:"version"`
	OSCALVersion string      `json:"oscal-version"`
	Props        []oscalProp `json:"props,omitempty"`
}

type oscalProp struct {
	Name  string `json:"name"`
	NS    string `json:"ns"`
	Value string `json:"value"`
}

type oscalStatus struct {
	State string `json:"state"`
}

type oscalComponent struct {
	UUID        uuid        `json:"uuid"`
	Type        string      `json:"type"`
	Title       string      `json:"title"`
	Description string      `json:"description"`
	Props       []oscalProp `json:"props,omitempty"`
	Status      oscalStatus `json:"status"`
}

type oscalPlatform struct {
	UUID  uuid   `json:"uuid"`
	Title string `json:"title"`
}

type oscalAssets struct {
	Components []oscalComponent `json:"components"`
	Platforms  []oscalPlatform  `json:"assessment-platforms"`
}

type oscalDefinitions struct {
	Components []oscalComponent `json:"components,omitempty"`
	Assets     oscalAssets      `json:"assessment-assets"`
}

type oscalControl struct {
	ID string `json:"control-id"`
}

type oscalSelection struct {
	Description string         `json:"description"`
	Controls    []oscalControl `json:"include-controls"`
}

type oscalReviewed struct {
	Selections []oscalSelection `json:"control-selections"`
}

type oscalActor struct {
	Type string `json:"type"`
	UUID uuid   `json:"actor-uuid"`
}

type oscalOrigin struct {
	Actors []oscalActor `json:"actors"`
}

type oscalSubject struct {
	UUID uuid   `json:"subject-uuid"`
	Type string `json:"type"`
}

type oscalEvidence struct {
	Href        string `json:"href,omitempty"`
	Description string `json:"description"`
}

type oscalObservation struct {
	UUID        uuid            `json:"uuid"`
	Title       string          `json:"title"`
	Description string          `json:"description"`
	Props       []oscalProp     `json:"props,omitempty"`
	Methods     []string        `json:"methods"`
	Types       []string        `json:"types"`
	Origins     []oscalOrigin   `json:"origins"`
	Subjects    []oscalSubject  `json:"subjects,omitempty"`
	Evidence    []oscalEvidence `json:"relevant-evidence,omitempty"`
	Collected   string          `json:"collected"`
}

type oscalTarget struct {
	Type   string            `json:"type"`
	ID     string            `json:"target-id"`
	Status oscalTargetStatus `json:"status"`
}

type oscalTargetStatus struct {
	State  string `json:"state"`
	Reason string `json:"reason"`
}

type oscalObserved struct {
	UUID uuid `json:"observation-uuid"`
}

type oscalRisked struct {
	UUID uuid `json:"risk-uuid"`
}

type oscalFinding struct {
	UUID         uuid            `json:"uuid"`
	Title        string          `json:"title"`
	Description  string          `json:"description"`
	Props        []oscalProp     `json:"props"`
	Target       oscalTarget     `json:"target"`
	Observations []oscalObserved `json:"related-observations,omitempty"`
	Risks        []oscalRisked   `json:"related-risks,omitempty"`
}

type oscalRisk struct {
	UUID        uuid        `json:"uuid"`
	Title       string      `json:"title"`
	Description string      `json:"description"`
	Statement   string      `json:"statement"`
	Props       []oscalProp `json:"props,omitempty"`
	Status      string      `json:"status"`
}

type oscalResult struct {
	UUID         uuid               `json:"uuid"`
	Title        string             `json:"title"`
	Description  string             `json:"description"`
	Start        string             `json:"start"`
	End          string             `json:"end"`
	Props        []oscalProp        `json:"props"`
	Definitions  oscalDefinitions   `json:"local-definitions"`
	Reviewed     oscalReviewed      `json:"reviewed-controls"`
	Observations []oscalObservation `json:"observations,omitempty"`
	Risks        []oscalRisk        `json:"risks,omitempty"`
	Findings     []oscalFinding     `json:"findings,omitempty"`
}

type oscalHash struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"value"`
}

type oscalLink struct {
	Href      string      `json:"href"`
	MediaType string      `json:"media-type,omitempty"`
	Hashes    []oscalHash `json:"hashes,omitempty"`
}

type oscalResource struct {
	UUID        uuid        `json:"uuid"`
	Title       string      `json:"title"`
	Description string      `json:"description,omitempty"`
	Props       []oscalProp `json:"props,omitempty"`
	Links       []oscalLink `json:"rlinks,omitempty"`
}

type oscalBackMatter struct {
	Resources []oscalResource `json:"resources"`
}

type oscalHref struct {
	Href string `json:"href"`
	Rel  string `json:"rel,omitempty"`
}

type oscalResults struct {
	UUID       uuid            `json:"uuid"`
	Metadata   oscalMetadata   `json:"metadata"`
	Plan       oscalHref       `json:"import-ap"`
	Results    []oscalResult   `json:"results"`
	BackMatter oscalBackMatter `json:"back-matter"`
}

type oscalRequirement struct {
	UUID        uuid        `json:"uuid"`
	ControlID   string      `json:"control-id"`
	Description string      `json:"description"`
	Props       []oscalProp `json:"props"`
	Links       []oscalHref `json:"links,omitempty"`
}

type oscalImplementation struct {
	UUID         uuid               `json:"uuid"`
	Source       string             `json:"source"`
	Description  string             `json:"description"`
	Requirements []oscalRequirement `json:"implemented-requirements"`
}

type oscalDefined struct {
	UUID            uuid                  `json:"uuid"`
	Type            string                `json:"type"`
	Title           string                `json:"title"`
	Description     string                `json:"description"`
	Props           []oscalProp           `json:"props,omitempty"`
	Implementations []oscalImplementation `json:"control-implementations,omitempty"`
}

type oscalDefinition struct {
	UUID       uuid            `json:"uuid"`
	Metadata   oscalMetadata   `json:"metadata"`
	Components []oscalDefined  `json:"components"`
	BackMatter oscalBackMatter `json:"back-matter"`
}

// catalogs are the frameworks that NIST publishes as OSCAL catalogs, and the form of
// the ids of their statements.
var catalogs = map[string]struct{ href, before, after string }{
	"NIST SSDF 1.1":     {"https://raw.githubusercontent.com/usnistgov/oscal-content/v1.5.0/nist.gov/SP800-218/ver1/json/NIST_SP800-218_ver1_catalog.json", "statement_", ""},
	"NIST SP 800-53 r5": {"https://raw.githubusercontent.com/usnistgov/oscal-content/v1.5.0/nist.gov/SP800-53/rev5/json/NIST_SP-800-53_rev5_catalog.json", "", "_smt"},
}

// oscal makes the parts that both documents have.
type oscal struct {
	*Release
	space uuid // of this release
}

func (r *Release) oscal() *oscal {
	return &oscal{r, space.of(r.report.ContentDigest)}
}

// markup takes its meaning from what would be a link, an image, HTML, code or an insertion
// in OSCAL's markup.
var markup = strings.NewReplacer(`\`, `\\`, "`", "\\`", `[`, `\[`, `]`, `\]`, `<`, `\<`, `{`, `\{`, `*`, `\*`)

// text is markup of OSCAL that shows s as it is.
func text(s string) string { return markup.Replace(line(s)) }

func prop(name, value string) oscalProp {
	return oscalProp{name, "https://hailbytes.com/ns/evidence", line(value)}
}

func (o *oscal) time() string { return o.now.Format(time.RFC3339) }

func (o *oscal) title() string { return text(o.m.Product + " " + o.m.Version + " release evidence") }

func (o *oscal) metadata() oscalMetadata {
	props := []oscalProp{prop("content-digest", o.report.ContentDigest), prop("pack", o.pack), prop("tool", strings.TrimSpace(o.tool.Name+" "+o.tool.Version))}
	if o.m.Release.Commit != "" {
		props = append(props, prop("commit", o.m.Release.Commit))
	}
	if o.m.Release.Repository != "" {
		props = append(props, prop("repository", o.m.Release.Repository))
	}
	return oscalMetadata{Title: o.title(), LastModified: o.time(), Version: line(o.m.Version), OSCALVersion: oscalVersion, Props: props}
}

// file is the UUID of the resource for a file of the pack.
func (o *oscal) file(path string) uuid { return o.space.of("file", path) }

// href is a reference to a file of the pack.
func (o *oscal) href(path string) string { return "#" + o.file(path).String() }

// resources are the files of the pack, the manifest itself first.
func (o *oscal) resources() []oscalResource {
	digest, _ := evidence.ParseDigest(o.report.ContentDigest)
	list := []oscalResource{o.resource("MANIFEST.json", "application/json", digest, "manifest")}
	for i := range o.m.Files {
		f := &o.m.Files[i]
		list = append(list, o.resource(f.Path, f.MediaType, f.SHA256, string(f.Kind)))
	}
	return list
}

func (o *oscal) resource(path, mediaType string, d evidence.Digest, kind string) oscalResource {
	link := oscalLink{Href: (&url.URL{Path: path}).EscapedPath(), Hashes: []oscalHash{{"SHA-256", d.Hex()}}}
	if link.MediaType = line(mediaType); mediaType == "" {
		link.MediaType = ""
	}
	return oscalResource{UUID: o.file(path), Title: text(path), Props: []oscalProp{prop("kind", kind)}, Links: []oscalLink{link}}
}

// stamp names a document by what it says: another policy gives another document.
func (o *oscal) stamp(kind string, document any) (uuid, error) {
	data, err := encode(document)
	return o.space.of(kind, evidence.Sum256(data).Hex()), err
}

// oscalResults writes what was seen of the release: an observation for each check and for
// each kind of evidence, a finding for each control that is judged.
func (r *Release) oscalResults() ([]byte, error) {
	o := &results{oscal: r.oscal(), byCheck: map[checkKey]uuid{}, byEvidence: map[[2]string]uuid{}, files: map[string]bool{}, images: map[string]uuid{}}
	doc, err := o.document()
	if err != nil {
		return nil, err
	}
	return encode(map[string]any{"assessment-results": doc})
}

type checkKey struct{ id, subject, message string }

// results is the document of assessment results in the making.
type results struct {
	*oscal
	oscalResult
	toolID     uuid
	files      map[string]bool
	images     map[string]uuid    // components, by name
	byCheck    map[checkKey]uuid  // observations
	byEvidence map[[2]string]uuid // observations, by kinds and evidence
}

func (o *results) document() (*oscalResults, error) {
	plan := oscalResource{
		UUID: o.space.of("plan"), Title: "No assessment plan",
		Description: "These results come from the automated verification of one release, not from a planned assessment.",
	}
	for i := range o.m.Files {
		o.files[o.m.Files[i].Path] = true
	}
	o.files["MANIFEST.json"] = true
	o.toolID = o.space.of("tool")
	o.oscalResult = oscalResult{
		UUID: o.space.of("result"), Title: "Verification of the Trust Pack", Start: o.time(), End: o.time(),
		Description: "What the evidence in the pack of one release shows. The times are those of the release: the same pack gives the same document.",
	}
	for _, v := range []trustpack.Verdict{trustpack.VerdictConsistent, trustpack.VerdictPinned, trustpack.VerdictAuthentic} {
		o.Props = append(o.Props, prop("verdict-"+v.String(), o.report.VerdictText(v)))
	}
	o.Props = append(o.Props, prop("outcome", string(o.report.Outcome())))
	o.components()
	o.checks()
	for _, f := range o.frameworks() {
		o.framework(f)
	}
	doc := &oscalResults{
		Metadata: o.metadata(), Plan: oscalHref{Href: "#" + plan.UUID.String()}, Results: []oscalResult{o.oscalResult},
		BackMatter: oscalBackMatter{append([]oscalResource{plan}, o.resources()...)},
	}
	var err error
	doc.UUID, err = o.stamp("assessment-results", doc)
	return doc, err
}

func (o *results) components() {
	for i := range o.m.Images {
		img := &o.m.Images[i]
		id := o.space.of("image", strconv.Itoa(i))
		if _, known := o.images[img.Name]; !known {
			o.images[img.Name] = id
		}
		o.Definitions.Components = append(o.Definitions.Components, oscalComponent{
			UUID: id, Type: "software", Title: text(img.Name), Description: text("container image " + img.Reference),
			Props: []oscalProp{prop("image-digest", img.Digest.String())}, Status: oscalStatus{"operational"},
		})
	}
	o.Definitions.Assets = oscalAssets{
		Components: []oscalComponent{{UUID: o.toolID, Type: "software", Title: text(o.maker()), Description: "verifies the pack and writes this document", Status: oscalStatus{"operational"}}},
		Platforms:  []oscalPlatform{{o.space.of("platform"), text(o.maker())}},
	}
}

func (o *results) maker() string { return strings.TrimSpace(o.tool.Name + " " + o.tool.Version) }

// observe adds an observation.
func (o *results) observe(id uuid, title, description, method string, props []oscalProp, subject string, sources []evidence.Source) {
	ob := oscalObservation{
		UUID: id, Title: text(title), Description: text(description), Props: props, Methods: []string{method}, Types: []string{"control-objective"},
		Origins: []oscalOrigin{{[]oscalActor{{"tool", o.toolID}}}}, Collected: o.time(),
	}
	if image, ok := o.images[strings.TrimPrefix(subject, "image ")]; ok {
		ob.Subjects = []oscalSubject{{image, "component"}}
	}
	for _, s := range sources {
		if o.files[s.Path] {
			ob.Evidence = append(ob.Evidence, oscalEvidence{o.href(s.Path), text(o.place(s))})
		}
	}
	o.Observations = append(o.Observations, ob)
}

// checks adds an observation for each check and for each verdict.
func (o *results) checks() {
	seen := map[checkKey]int{}
	for i := range o.report.Checks {
		c := &o.report.Checks[i]
		key := checkKey{c.ID, c.Subject, c.Message}
		seen[key]++
		id := o.space.of("check", c.ID, c.Subject, c.Message, strconv.Itoa(seen[key]))
		o.byCheck[key] = id
		method := "EXAMINE"
		if strings.HasPrefix(c.ID, "uat.") {
			method = "TEST"
		}
		props := []oscalProp{prop("check", c.ID), prop("status", c.Status.String())}
		if c.Subject != "" {
			props = append(props, prop("subject", c.Subject))
		}
		var sources []evidence.Source
		if f := o.m.File(c.Subject); f != nil {
			sources = []evidence.Source{{Path: f.Path, SHA256: f.SHA256}}
		}
		o.observe(id, c.ID, c.Message, method, props, c.Subject, sources)
	}
	for _, v := range []trustpack.Verdict{trustpack.VerdictConsistent, trustpack.VerdictPinned, trustpack.VerdictAuthentic} {
		o.observe(o.space.of("verdict", v.String()), "verdict "+v.String(), o.report.VerdictText(v), "EXAMINE",
			[]oscalProp{prop("verdict", v.String()), prop("status", o.report.Verdicts.Of(v).String())}, "", nil)
	}
}

// framework adds what is said of the controls of one framework.
func (o *results) framework(f *framework) {
	selection := oscalSelection{Description: text(f.String())}
	for _, c := range f.results {
		if c.OSCALID == "" {
			continue
		}
		selection.Controls = append(selection.Controls, oscalControl{c.OSCALID})
		o.control(f, c)
	}
	if selection.Controls != nil {
		o.Reviewed.Selections = append(o.Reviewed.Selections, selection)
	}
}

// controlProps name a control as its framework does.
func controlProps(c *controls.Result) []oscalProp {
	return []oscalProp{prop("framework", c.Framework), prop("edition", c.Edition), prop("control", c.ID), prop("status", c.Status.String())}
}

// control adds a finding for a control that is judged, and an observation for one that is not.
func (o *results) control(f *framework, c *controls.Result) {
	id := o.space.of("control", c.Framework, c.Edition, c.ID)
	title := c.Framework + " " + c.ID + ": " + c.Status.String()
	if c.Status == controls.StatusNotAssessed {
		o.observe(id, title, c.Reason, "EXAMINE", controlProps(c), "", c.Sources())
		return
	}
	catalog := catalogs[f.String()]
	finding := oscalFinding{
		UUID: id, Title: text(title), Description: text(c.Reason), Props: controlProps(c),
		Target: oscalTarget{"statement-id", catalog.before + c.OSCALID + catalog.after, oscalTargetStatus{"not-satisfied", "fail"}},
	}
	switch c.Status {
	case controls.StatusSatisfied:
		finding.Target.Status = oscalTargetStatus{"satisfied", "pass"}
	case controls.StatusGap:
		finding.Target.Status.Reason = "other"
		finding.Risks = []oscalRisked{{o.gap(c)}}
	}
	listed := map[oscalObserved]bool{}
	for i := range c.Rows {
		for _, ob := range o.related(&c.Rows[i]) {
			if !listed[ob] {
				listed[ob] = true
				finding.Observations = append(finding.Observations, ob)
			}
		}
	}
	o.Findings = append(o.Findings, finding)
}

// related returns the observations of a kind of evidence: its own, and those of its checks.
func (o *results) related(row *controls.Observation) []oscalObserved {
	key := [2]string{row.Kinds, row.Evidence}
	id, known := o.byEvidence[key]
	if !known {
		id = o.space.of("evidence", row.Kinds, row.Evidence)
		o.byEvidence[key] = id
		o.observe(id, "evidence: "+row.Evidence, row.Reason, "EXAMINE", []oscalProp{prop("status", row.Status.String())}, "", row.Sources)
	}
	list := []oscalObserved{{id}}
	for _, c := range row.Checks {
		if id, ok := o.byCheck[checkKey{c.ID, c.Subject, c.Message}]; ok {
			list = append(list, oscalObserved{id})
		}
	}
	return list
}

// gap adds the risk that a declared gap of a control is.
func (o *results) gap(c *controls.Result) uuid {
	risk := oscalRisk{
		UUID: o.space.of("risk", c.Framework, c.Edition, c.ID), Title: text("declared gap: " + c.Framework + " " + c.ID),
		Description: text(c.Reason), Statement: text(c.Reason), Status: "open",
	}
	if t := c.Target(); t != "" {
		risk.Props = []oscalProp{prop("target", t)}
	}
	o.Risks = append(o.Risks, risk)
	return risk.UUID
}

// oscalComponent writes by what the release meets controls: a component with the
// evidence for each control that the pack speaks to.
func (r *Release) oscalComponent() ([]byte, error) {
	o := r.oscal()
	product := oscalDefined{
		UUID: o.space.of("product"), Type: "software", Title: text(r.m.Product + " " + r.m.Version), Description: text("release " + r.m.Version + " of " + r.m.Product),
	}
	for i := range r.m.Images {
		product.Props = append(product.Props, prop("image-digest", r.m.Images[i].Digest.String()))
	}
	resources := o.resources()
	for _, f := range r.frameworks() {
		impl := oscalImplementation{UUID: o.space.of("implementation", f.name, f.edition), Description: text("evidence of the release for " + f.String())}
		for _, c := range f.results {
			if c.OSCALID != "" && speaks(c) {
				impl.Requirements = append(impl.Requirements, o.requirement(c))
			}
		}
		if impl.Requirements == nil {
			continue
		}
		if impl.Source = catalogs[f.String()].href; impl.Source == "" {
			catalog := oscalResource{UUID: o.space.of("catalog", f.name, f.edition), Title: text(f.String()), Description: "A framework of which no OSCAL catalog is published."}
			impl.Source = "#" + catalog.UUID.String()
			resources = append(resources, catalog)
		}
		product.Implementations = append(product.Implementations, impl)
	}
	doc := &oscalDefinition{Metadata: o.metadata(), Components: []oscalDefined{product}, BackMatter: oscalBackMatter{resources}}
	var err error
	if doc.UUID, err = o.stamp("component-definition", doc); err != nil {
		return nil, err
	}
	return encode(map[string]any{"component-definition": doc})
}

func (o *oscal) requirement(c *controls.Result) oscalRequirement {
	r := oscalRequirement{
		UUID: o.space.of("requirement", c.Framework, c.Edition, c.ID), ControlID: c.OSCALID, Description: text(c.About() + ": " + c.Reason), Props: controlProps(c),
	}
	for _, s := range c.Sources() {
		link := oscalHref{o.href(s.Path), "reference"}
		if !slices.Contains(r.Links, link) {
			r.Links = append(r.Links, link)
		}
	}
	return r
}
