// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
)

// gapsID is the check that declared gaps are gaps, and say why. Whether a gap is allowed
// is for the profile to say.
const gapsID = "release.gaps.claims"

// noteEvidence notes, while the documents are in memory, which kinds of evidence the
// subject has that a gap can declare absent.
func (s *Subject) noteEvidence() {
	s.holds = map[manifest.Kind]string{}
	for _, d := range s.Documents {
		if d.refused != "" {
			continue
		}
		s.holds[d.File.Kind] = d.File.Path
		if d.File.Kind == manifest.KindSignature && len(d.Attestations) > 0 {
			s.holds[manifest.KindImageSigning] = d.File.Path
		}
		for _, b := range d.Attestations {
			if st, err := b.UnverifiedStatement(); err == nil && st != nil && (st.IsType(attest.ProvenanceV1) || st.IsType(attest.ProvenanceV02)) {
				s.holds[manifest.KindSLSAProvenance] = d.File.Path
			}
		}
	}
}

// gapChecks holds declared gaps against the evidence.
func gapChecks(r *Release) evidence.Checks {
	if len(r.Manifest.Gaps) == 0 {
		return nil
	}
	var problems evidence.Problems
	first := map[manifest.Kind]*Subject{} // the first subject that holds evidence of a kind
	byName := map[string]*Subject{}
	for _, s := range r.Subjects {
		byName[s.Name] = s
		for kind := range s.holds {
			if first[kind] == nil {
				first[kind] = s
			}
		}
	}
	for i := range r.Manifest.Gaps {
		g := &r.Manifest.Gaps[i]
		s := first[g.Kind]
		if g.Image != "" {
			s = byName[g.Image]
		}
		add := func(format string, args ...any) {
			p := warning(gapsID, manifest.Name, format, args...)
			p.Pointer = fmt.Sprintf("/gaps/%d", i)
			problems = append(problems, p)
		}
		if s != nil && s.holds[g.Kind] != "" {
			add("%s%s is declared absent, and is there: %s", g.Kind, about(g.Image), s.holds[g.Kind])
		}
		if !strings.ContainsFunc(g.Reason, unicode.IsLetter) {
			add("the gap %s%s gives no reason: %s", g.Kind, about(g.Image), textfmt.Quote(g.Reason))
		}
	}
	check := evidence.Judge(gapsID, "", problems, textfmt.Count(len(r.Manifest.Gaps), "gap")+" declared, each with a reason, and none contradicted by the evidence")
	check.Problems = check.Problems[:min(len(check.Problems), mostProblems)]
	return evidence.Checks{check}
}
