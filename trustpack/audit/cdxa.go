// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"cmp"
	"net/url"
	"strings"
	"time"

	"github.com/HailBytes/evidence/trustpack/controls"
)

// The part of CycloneDX 1.6 that attestations take: declarations, and definitions of
// the standards that they are about.

type cdxHash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type cdxProperty struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type cdxComponent struct {
	Type       string        `json:"type"`
	Ref        string        `json:"bom-ref,omitempty"`
	Name       string        `json:"name"`
	Version    string        `json:"version,omitempty"`
	Hashes     []cdxHash     `json:"hashes,omitempty"`
	Properties []cdxProperty `json:"properties,omitempty"`
}

type cdxTools struct {
	Components []cdxComponent `json:"components"`
}

type cdxMetadata struct {
	Timestamp  string        `json:"timestamp"`
	Tools      cdxTools      `json:"tools"`
	Component  cdxComponent  `json:"component"`
	Properties []cdxProperty `json:"properties"`
}

type cdxOrganization struct {
	Name string `json:"name"`
}

type cdxAssessor struct {
	Ref          string          `json:"bom-ref"`
	ThirdParty   bool            `json:"thirdParty"`
	Organization cdxOrganization `json:"organization"`
}

type cdxConformance struct {
	Score     float64 `json:"score"`
	Rationale string  `json:"rationale"`
}

type cdxMap struct {
	Requirement   string         `json:"requirement"`
	Claims        []string       `json:"claims,omitempty"`
	CounterClaims []string       `json:"counterClaims,omitempty"`
	Conformance   cdxConformance `json:"conformance"`
}

type cdxAttestation struct {
	Summary  string   `json:"summary"`
	Assessor string   `json:"assessor"`
	Map      []cdxMap `json:"map"`
}

type cdxClaim struct {
	Ref       string   `json:"bom-ref"`
	Target    string   `json:"target"`
	Predicate string   `json:"predicate"`
	Reasoning string   `json:"reasoning"`
	Evidence  []string `json:"evidence,omitempty"`
}

type cdxContents struct {
	URL string `json:"url"`
}

type cdxData struct {
	Name     string      `json:"name"`
	Contents cdxContents `json:"contents"`
}

type cdxEvidence struct {
	Ref         string    `json:"bom-ref"`
	Description string    `json:"description"`
	Data        []cdxData `json:"data"`
	Created     string    `json:"created"`
}

type cdxTargets struct {
	Components []cdxComponent `json:"components"`
}

type cdxDeclarations struct {
	Assessors    []cdxAssessor    `json:"assessors"`
	Attestations []cdxAttestation `json:"attestations,omitempty"`
	Claims       []cdxClaim       `json:"claims,omitempty"`
	Evidence     []cdxEvidence    `json:"evidence,omitempty"`
	Targets      cdxTargets       `json:"targets"`
}

type cdxRequirement struct {
	Ref        string `json:"bom-ref"`
	Identifier string `json:"identifier"`
	Title      string `json:"title"`
}

type cdxStandard struct {
	Ref          string           `json:"bom-ref"`
	Name         string           `json:"name"`
	Version      string           `json:"version"`
	Requirements []cdxRequirement `json:"requirements"`
}

type cdxDefinitions struct {
	Standards []cdxStandard `json:"standards,omitempty"`
}

type cdxBOM struct {
	Schema       string          `json:"$schema"`
	Format       string          `json:"bomFormat"`
	SpecVersion  string          `json:"specVersion"`
	SerialNumber string          `json:"serialNumber"`
	Version      int             `json:"version"`
	Metadata     cdxMetadata     `json:"metadata"`
	Declarations cdxDeclarations `json:"declarations"`
	Definitions  cdxDefinitions  `json:"definitions"`
}

// cdxa writes what the release claims of the controls that its evidence decides: a claim
// for each that is satisfied, a counter claim for each that is not, or is a declared gap.
// Controls that are not assessed are defined, and not claimed.
func (r *Release) cdxa() ([]byte, error) {
	x := &cdxaWriter{Release: r, evidence: map[string]bool{}}
	created := r.now.Format(time.RFC3339)
	product := cdxComponent{Type: "application", Ref: "product", Name: line(r.m.Product), Version: line(r.m.Version)}
	x.Declarations = cdxDeclarations{
		Assessors: []cdxAssessor{{"assessor", false, cdxOrganization{strings.TrimSpace(line(r.tool.Name) + ", run by whoever passes this document on")}}},
		Targets:   cdxTargets{[]cdxComponent{{Type: "application", Ref: "target", Name: product.Name, Version: product.Version}}},
	}
	for i := range r.m.Images {
		img := &r.m.Images[i]
		x.Declarations.Targets.Components = append(x.Declarations.Targets.Components, cdxComponent{
			Type: "container", Ref: "image:" + line(img.Name), Name: line(img.Reference), Version: img.Digest.String(),
		})
	}
	for _, f := range r.frameworks() {
		x.framework(f)
	}
	x.Schema, x.Format, x.SpecVersion, x.Version = "http://cyclonedx.org/schema/bom-1.6.schema.json", "CycloneDX", "1.6", 1
	x.Metadata = cdxMetadata{
		Timestamp: created, Tools: cdxTools{[]cdxComponent{{Type: "application", Name: line(r.tool.Name), Version: r.tool.Version}}}, Component: product,
		Properties: []cdxProperty{{"hailbytes:content-digest", r.report.ContentDigest}, {"hailbytes:pack", line(r.pack)}, {"hailbytes:outcome", string(r.report.Outcome())}},
	}
	id, err := r.oscal().stamp("cdxa", x.cdxBOM)
	if err != nil {
		return nil, err
	}
	x.SerialNumber = "urn:uuid:" + id.String()
	return encode(x.cdxBOM)
}

type cdxaWriter struct {
	*Release
	cdxBOM
	evidence map[string]bool // bom-refs
}

func (x *cdxaWriter) framework(f *framework) {
	key := line(f.name + "@" + f.edition)
	standard := cdxStandard{Ref: "standard:" + key, Name: line(f.name), Version: line(f.edition)}
	attestation := cdxAttestation{Summary: line(f.String()), Assessor: "assessor"}
	for _, c := range f.results {
		if c.OSCALID == "" { // a note of the table
			continue
		}
		requirement := cdxRequirement{Ref: "requirement:" + key + ":" + line(c.ID), Identifier: line(c.ID), Title: line(c.About())}
		standard.Requirements = append(standard.Requirements, requirement)
		if c.Status == controls.StatusNotAssessed {
			continue
		}
		claim := cdxClaim{
			Ref: "claim:" + key + ":" + line(c.ID), Target: "target", Predicate: line(c.ID + ": " + c.About()), Reasoning: line(c.Status.String() + ": " + c.Reason), Evidence: x.sources(c),
		}
		x.Declarations.Claims = append(x.Declarations.Claims, claim)
		m := cdxMap{Requirement: requirement.Ref, Conformance: cdxConformance{0, claim.Reasoning}}
		if c.Status == controls.StatusSatisfied {
			m.Claims, m.Conformance.Score = []string{claim.Ref}, 1
		} else {
			m.CounterClaims = []string{claim.Ref}
		}
		attestation.Map = append(attestation.Map, m)
	}
	if standard.Requirements != nil {
		x.Definitions.Standards = append(x.Definitions.Standards, standard)
	}
	if attestation.Map != nil {
		x.Declarations.Attestations = append(x.Declarations.Attestations, attestation)
	}
}

// sources returns the references of the evidence of a control, and adds what is new of it.
func (x *cdxaWriter) sources(c *controls.Result) []string {
	var refs []string
	for _, s := range c.Sources() {
		ref := "evidence:" + line(s.String())
		refs = append(refs, ref)
		if x.evidence[ref] {
			continue
		}
		x.evidence[ref] = true
		location := (&url.URL{Path: s.Path, Fragment: s.Pointer}).String()
		x.Declarations.Evidence = append(x.Declarations.Evidence, cdxEvidence{
			Ref: ref, Description: line(x.place(s)), Data: []cdxData{{line(s.Path), cdxContents{cmp.Or(location, "./")}}}, Created: x.now.Format(time.RFC3339),
		})
	}
	return refs
}
