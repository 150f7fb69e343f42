// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package quality

import (
	"fmt"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/sbomterm"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sbom"
)

// Outcome is what became of one element of a profile.
type Outcome string

// The outcomes.
const (
	OutcomePass          Outcome = "pass"             // the document states it, for every component asked
	OutcomeFail          Outcome = "fail"             // not stated, or stated in a way that says nothing
	OutcomeUnknown       Outcome = "declared-unknown" // the author says that it is not known, or that it is withheld
	OutcomeNotApplicable Outcome = "not-applicable"   // nothing to ask it of, or nothing that a document can show
)

// Reason says why an outcome is what it is:
//
//	"stated"           pass
//	"absent"           fail: the document does not have it
//	"placeholder"      fail: a word or digest that stands for nothing, or a generator's default
//	"malformed"        fail: there, and not what it should be
//	"unknown"          declared-unknown
//	"withheld"         declared-unknown: the author has it and does not tell
//	"no-components"    not-applicable
//	"not-expressible"  not-applicable: the format has no place for it
//	"not-asked"        not-applicable: of another kind than the element is about
//	"not-assessed"     not-applicable: a document cannot show it
type Reason string

const (
	reasonStated         Reason = "stated"
	reasonAbsent         Reason = "absent"
	reasonPlaceholder    Reason = "placeholder"
	reasonMalformed      Reason = "malformed"
	reasonUnknown        Reason = "unknown"
	reasonWithheld       Reason = "withheld"
	reasonNoComponents   Reason = "no-components"
	reasonNotExpressible Reason = "not-expressible"
	reasonNotAsked       Reason = "not-asked"
	reasonNotAssessed    Reason = "not-assessed"
)

func (r Reason) outcome() Outcome {
	switch r {
	case reasonStated:
		return OutcomePass
	case reasonAbsent, reasonPlaceholder, reasonMalformed:
		return OutcomeFail
	case reasonUnknown, reasonWithheld:
		return OutcomeUnknown
	}
	return OutcomeNotApplicable
}

// finding is what a check says of the document or of one component.
type finding struct {
	reason  Reason
	message string // may be empty
	member  string // JSON Pointer below the component, where there is one
}

func stated(message string) finding                 { return finding{reason: reasonStated, message: message} }
func absent(message string) finding                 { return finding{reason: reasonAbsent, message: message} }
func because(reason Reason, message string) finding { return finding{reason: reason, message: message} }

// Concern is a component for which an element does not pass.
type Concern struct {
	Component string        `json:"component"` // its ID
	Name      string        `json:"name,omitempty"`
	Outcome   Outcome       `json:"outcome"`
	Reason    Reason        `json:"reason"`
	Message   string        `json:"message"`
	Position  sbom.Position `json:"-"`
}

// maxConcerns is how many components one element names.
const maxConcerns = 1000

// ElementResult is what became of one element.
type ElementResult struct {
	Element ProfileElement `json:"element"`
	Outcome Outcome        `json:"outcome"`
	Reason  Reason         `json:"reason"`
	Message string         `json:"message"`

	// Of an element about components:
	Components int       `json:"components,omitempty"` // asked
	Passed     int       `json:"passed,omitempty"`
	Failed     int       `json:"failed,omitempty"`
	Unknown    int       `json:"unknown,omitempty"`
	Concerns   []Concern `json:"concerns,omitempty"` // those that failed or are declared unknown, in document order, at most maxConcerns
}

// Assessment is a document held against a profile.
type Assessment struct {
	Profile    string          `json:"profile"`
	Title      string          `json:"title"`
	Components int             `json:"components"` // that the profile is about
	Results    []ElementResult `json:"results"`
}

// AssessOptions tells Assess what no document can say of itself. Nil tells nothing.
type AssessOptions struct {
	// Signed says that the caller verified a signature of the SBOM's author over
	// the document, in the document or beside it.
	Signed bool
}

// Assess holds a document against a profile.
//
// An element passes only if at least one component was asked and every one
// passes; it fails if one fails; else it is declared unknown if one is. Elements
// about practices, and what the format has no place for, are not applicable.
func (p *Profile) Assess(doc *sbom.Document, o *AssessOptions) *Assessment {
	if o == nil {
		o = &AssessOptions{}
	}
	s := newSurvey(doc, *o)
	a := &Assessment{Profile: p.Name, Title: p.Title}
	for i := range doc.Components {
		if !s.excepted(&doc.Components[i], p.Except) {
			a.Components++
		}
	}
	for _, e := range p.Elements {
		a.Results = append(a.Results, p.assess(s, e))
	}
	// What depends on the other elements comes last.
	for i := range a.Results {
		if r := &a.Results[i]; r.Element.Check == checkUnknowns {
			r.set(unknownsDeclared(a.Results))
		}
	}
	return a
}

func (p *Profile) assess(s *survey, e ProfileElement) ElementResult {
	r := ElementResult{Element: e}
	if check := documentChecks[e.Check]; check != nil {
		r.set(s.declared(e, s.doc.MetadataProperties, check(s)))
		return r
	}
	check := componentChecks[e.Check]
	if check == nil { // not-assessed and unknowns
		r.set(because(reasonNotAssessed, "not visible in a document"))
		return r
	}
	var asked finding // of one that the element is not about, should there be no other
	for i := range s.doc.Components {
		c := &s.doc.Components[i]
		if s.excepted(c, p.Except) || s.excepted(c, e.Except) {
			continue
		}
		f := s.declared(e, c.Properties, check(s, c))
		if f.reason.outcome() == OutcomeNotApplicable {
			asked = f
			continue
		}
		r.count(c, f)
	}
	r.settle(asked)
	return r
}

func (r *ElementResult) set(f finding) {
	r.Outcome, r.Reason, r.Message = f.reason.outcome(), f.reason, f.message
	if r.Message == "" {
		r.Message = string(f.reason)
	}
}

func (r *ElementResult) count(c *sbom.Component, f finding) {
	r.Components++
	outcome := f.reason.outcome()
	switch outcome {
	case OutcomePass:
		r.Passed++
		return
	case OutcomeFail:
		r.Failed++
	case OutcomeUnknown:
		r.Unknown++
	}
	if len(r.Concerns) == maxConcerns {
		return
	}
	at := c.Position()
	at.Pointer += f.member
	message := f.message
	if message == "" {
		message = string(f.reason)
	}
	r.Concerns = append(r.Concerns, Concern{
		Component: c.ID, Name: c.Name.String(), Outcome: outcome, Reason: f.reason, Message: message, Position: at,
	})
}

// settle draws the outcome from the counts.
func (r *ElementResult) settle(otherwise finding) {
	switch {
	case r.Components == 0 && otherwise.reason != "":
		r.set(otherwise)
		return
	case r.Components == 0:
		r.set(because(reasonNoComponents, "the document lists no component that this is asked of"))
		return
	case r.Failed > 0:
		r.Outcome = OutcomeFail
	case r.Unknown > 0:
		r.Outcome = OutcomeUnknown
	default:
		r.Outcome, r.Reason = OutcomePass, reasonStated
	}
	for _, c := range r.Concerns {
		if c.Outcome == r.Outcome {
			r.Reason = c.Reason
			break
		}
	}
	r.Message = fmt.Sprintf("%d of %d components", r.Passed, r.Components)
	if r.Unknown > 0 {
		r.Message += fmt.Sprintf(", %d declared unknown", r.Unknown)
	}
}

// unknownsDeclared says whether every required element that is not provided is
// at least said to be unknown or withheld.
func unknownsDeclared(results []ElementResult) finding {
	var silent []string
	for _, r := range results {
		if r.Element.Level == "required" && r.Outcome == OutcomeFail && r.Reason == reasonAbsent {
			silent = append(silent, r.Element.Title)
		}
	}
	if len(silent) == 0 {
		return stated("what is not provided is said to be unknown or withheld")
	}
	return absent("not provided, and not said to be unknown or withheld: " + strings.Join(silent, ", "))
}

// OK reports whether no required element fails and at least one component was assessed.
func (a *Assessment) OK() bool { return a.Checks().OK() }

// Checks returns the assessment as checks: "sbom.profile.NAME" for the whole, then
// "sbom.profile.NAME.ELEMENT" for each element. A required element that fails is
// StatusFail, another one or one declared unknown is StatusWarn, what is not
// applicable is StatusSkip. The whole fails if an element does, and if the
// profile asks for something of components and there was none to ask.
func (a *Assessment) Checks() evidence.Checks {
	id := "sbom.profile." + a.Profile
	whole := evidence.Check{ID: id, Status: evidence.StatusPass}
	checks := evidence.Checks{whole}
	counts := map[Outcome]int{}
	required, asks := 0, false
	for i := range a.Results {
		r := &a.Results[i]
		counts[r.Outcome]++
		asks = asks || strings.HasPrefix(r.Element.Check, "component.")
		c := r.check(id)
		checks = append(checks, c)
		switch {
		case c.Status == evidence.StatusFail:
			whole.Status = evidence.StatusFail
			required++
		case c.Status == evidence.StatusWarn && whole.Status == evidence.StatusPass:
			whole.Status = evidence.StatusWarn
		}
	}
	whole.Message = fmt.Sprintf("%s: %d pass, %d fail (%d of them required), %d declared unknown, %d not applicable", a.Title,
		counts[OutcomePass], counts[OutcomeFail], required, counts[OutcomeUnknown], counts[OutcomeNotApplicable])
	if len(a.Results) == 0 || asks && a.Components == 0 {
		whole.Status = evidence.StatusFail
		whole.Message = a.Title + ": the document lists no component, so nothing was shown"
	}
	checks[0] = whole
	return checks
}

// mostTold is how many components the problems of one check name.
const mostTold = 100

func (r *ElementResult) check(id string) evidence.Check {
	e := &r.Element
	c := evidence.Check{ID: id + "." + e.ID, Message: fmt.Sprintf("%s (%s): %s", e.Title, e.Clause, r.Message)}
	severity := evidence.SeverityWarning
	switch r.Outcome {
	case OutcomePass:
		c.Status = evidence.StatusPass
	case OutcomeUnknown:
		c.Status = evidence.StatusWarn
	case OutcomeNotApplicable:
		c.Status = evidence.StatusSkip
	default:
		c.Status = evidence.StatusWarn
		if e.Level == "required" {
			c.Status, severity = evidence.StatusFail, evidence.SeverityError
		}
	}
	for i, concern := range r.Concerns {
		if i == mostTold {
			c.Problems = append(c.Problems, &evidence.Problem{
				Code: "sbom.profile", Severity: evidence.SeverityInfo, Err: evidence.ErrPolicy,
				Message: fmt.Sprintf("%d more components are not listed", r.Failed+r.Unknown-mostTold),
			})
			break
		}
		s := severity
		if concern.Outcome == OutcomeUnknown {
			s = evidence.SeverityWarning
		}
		c.Problems = append(c.Problems, concern.Position.Problem("sbom.profile", s, evidence.ErrPolicy, "",
			fmt.Sprintf("%s: %s: %s", textfmt.Quote(concern.Name), e.Title, concern.Message)))
	}
	return c
}

// survey is a document and what the checks need to know of it as a whole.
type survey struct {
	doc   *sbom.Document
	o     AssessOptions
	roots map[string]bool

	linked       map[string]bool              // components in an edge of dependency or containment
	dependencies map[string]sbom.State        // NONE or NOASSERTION said of what a component depends on
	completeness map[string]sbom.Completeness // said of a component

	elements *sbom.Graph // made when first needed

	// Of SPDX 3, by component:
	distributed map[string][]*sbom.File // what it is distributed as
	sources     map[string][]sbom.Hash  // of what it was generated from
	effective   map[string]bool         // has a relationship to its effective licence
}

func newSurvey(doc *sbom.Document, o AssessOptions) *survey {
	s := &survey{
		doc: doc, o: o, roots: map[string]bool{}, linked: map[string]bool{},
		dependencies: map[string]sbom.State{}, completeness: map[string]sbom.Completeness{},
		distributed: map[string][]*sbom.File{}, sources: map[string][]sbom.Hash{}, effective: map[string]bool{},
	}
	for _, id := range doc.Roots() {
		s.roots[id] = true
	}
	for i := range doc.Relationships {
		r := &doc.Relationships[i]
		if !sbom.FollowDependencies(r) && !sbom.FollowContained(r) {
			s.artifact(r)
			continue
		}
		if r.ToState == sbom.StateStated {
			s.linked[r.From], s.linked[r.To] = true, true
		} else {
			s.dependencies[r.From] = r.ToState
		}
		if r.Completeness() != sbom.CompletenessUnspecified {
			s.completeness[r.From] = r.Completeness()
		}
	}
	for i := range doc.Compositions {
		c := &doc.Compositions[i]
		for _, id := range c.Dependencies {
			s.completeness[id] = c.Aggregate
		}
		for _, id := range c.Assemblies {
			if _, ok := s.completeness[id]; !ok {
				s.completeness[id] = c.Aggregate
			}
		}
	}
	return s
}

// artifact notes what SPDX 3 says of a component by way of a relationship.
func (s *survey) artifact(r *sbom.Relationship) {
	if s.doc.Format != sbom.FormatSPDX3JSON || r.ToState != sbom.StateStated {
		return
	}
	if s.elements == nil {
		s.elements = s.doc.Graph()
	}
	switch r.Type {
	case sbom.HasDistributionArtifact:
		if e := s.elements.Lookup(r.To); e.Kind() == sbom.ElementFile {
			s.distributed[r.From] = append(s.distributed[r.From], &s.doc.Files[e.Index()])
		}
	case sbom.Generates:
		switch e := s.elements.Lookup(r.From); e.Kind() {
		case sbom.ElementFile:
			s.sources[r.To] = append(s.sources[r.To], s.doc.Files[e.Index()].Hashes...)
		case sbom.ElementComponent:
			s.sources[r.To] = append(s.sources[r.To], s.doc.Components[e.Index()].Hashes...)
		}
	case sbom.Other:
		if strings.Contains(r.Comment, "hasEffectiveLicense") {
			s.effective[r.From] = true
		}
	}
}

// excepted reports whether c is one of the named kinds. A root counts as what
// it is the root of, so a type does not except it.
func (s *survey) excepted(c *sbom.Component, kinds []string) bool {
	if len(kinds) == 0 {
		return false
	}
	if s.roots[c.ID] {
		return slices.Contains(kinds, "root")
	}
	return c.Type != "" && slices.Contains(kinds, string(c.Type))
}

// declared replaces an absence by what a property says of it: CycloneDX has no
// other place to say that a value is unknown or withheld.
func (s *survey) declared(e ProfileElement, properties []sbom.Property, f finding) finding {
	if f.reason != reasonAbsent {
		return f
	}
	for _, p := range properties {
		if p.Name != sbomterm.CISAUnknown && p.Name != sbomterm.CISAWithheld || !namesElement(p.Value, e) {
			continue
		}
		if p.Name == sbomterm.CISAWithheld {
			return because(reasonWithheld, "said to be withheld")
		}
		return because(reasonUnknown, "said to be unknown")
	}
	return f
}

// namesElement reports whether the value of such a property means the element:
// its title or ID, in any case, with or without the word component or SBOM.
func namesElement(value string, e ProfileElement) bool {
	fold := func(s string) string {
		s = strings.ToLower(strings.NewReplacer(" ", "", "-", "", "_", "").Replace(s))
		s = strings.ReplaceAll(s, "licence", "license")
		return strings.TrimPrefix(strings.TrimPrefix(s, "component"), "sbom")
	}
	v := fold(value)
	return v != "" && (v == fold(e.Title) || v == fold(e.ID))
}
