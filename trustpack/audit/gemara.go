// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/trustpack/controls"
)

// The EvaluationLog of Gemara (OpenSSF), schema evaluationlog.cue of its version 1.

type gemaraActor struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Type    string `json:"type"`
	Version string `json:"version,omitempty"`
}

type gemaraReference struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Version     string `json:"version"`
	Description string `json:"description,omitempty"`
}

type gemaraMetadata struct {
	ID          string            `json:"id"`
	Type        string            `json:"type"`
	Gemara      string            `json:"gemara-version"`
	Version     string            `json:"version"`
	Date        string            `json:"date"`
	Description string            `json:"description"`
	Author      gemaraActor       `json:"author"`
	References  []gemaraReference `json:"mapping-references"`
}

type gemaraEntry struct {
	Reference string `json:"reference-id"`
	Entry     string `json:"entry-id"`
	Remarks   string `json:"remarks,omitempty"`
}

type gemaraSource struct {
	Reference  string `json:"reference-id"`
	Coordinate string `json:"coordinate"`
	Digest     string `json:"digest,omitempty"`
}

type gemaraEvidence struct {
	ID          string       `json:"id"`
	Type        string       `json:"type"`
	Collected   string       `json:"collected-at"`
	Source      gemaraSource `json:"source"`
	Description string       `json:"description"`
}

type gemaraAssessment struct {
	Requirement   gemaraEntry      `json:"requirement"`
	Description   string           `json:"description"`
	Result        string           `json:"result"`
	Message       string           `json:"message"`
	Applicability []string         `json:"applicability"`
	Steps         []string         `json:"steps"`
	Start         string           `json:"start,omitempty"`
	Evidence      []gemaraEvidence `json:"evidence,omitempty"`
}

type gemaraEvaluation struct {
	Name        string             `json:"name"`
	Result      string             `json:"result"`
	Message     string             `json:"message"`
	Control     gemaraEntry        `json:"control"`
	Assessments []gemaraAssessment `json:"assessment-logs"`
}

type gemaraTarget struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Type        string `json:"type"`
	Version     string `json:"version"`
	Description string `json:"description"`
}

type gemaraLog struct {
	Metadata    gemaraMetadata     `json:"metadata"`
	Target      gemaraTarget       `json:"target"`
	Result      string             `json:"result"`
	Evaluations []gemaraEvaluation `json:"evaluations"`
}

// gemaraPack is the reference to the pack itself, where the evidence is.
const gemaraPack = "trust-pack"

// gemara writes an evaluation for each control, and an assessment for each kind of
// evidence that speaks to it.
func (r *Release) gemara() ([]byte, error) {
	log := gemaraLog{
		Metadata: gemaraMetadata{
			ID: r.name(), Type: "EvaluationLog", Gemara: "1.4.1", Version: line(r.m.Version), Date: r.now.Format(time.RFC3339),
			Description: "What the evidence in the Trust Pack of " + line(r.m.Product+" "+r.m.Version) + " shows of controls.",
			Author:      gemaraActor{"trustpack-export", line(r.tool.Name), "Software", r.tool.Version},
			References:  []gemaraReference{{gemaraPack, "Trust Pack " + line(r.pack), line(r.m.Version), "content digest " + r.report.ContentDigest}},
		},
		Target: gemaraTarget{r.name(), line(r.m.Product + " " + r.m.Version), "Software", line(r.m.Version), "one release of the product"},
	}
	for _, f := range r.frameworks() {
		reference := gemaraReference{ID: flat(f.name + "-" + f.edition), Title: line(f.name), Version: line(f.edition)}
		before := len(log.Evaluations)
		for _, c := range f.results {
			if len(c.Rows) > 0 {
				log.Evaluations = append(log.Evaluations, r.evaluation(reference.ID, c))
			}
		}
		if len(log.Evaluations) > before {
			log.Metadata.References = append(log.Metadata.References, reference)
		}
	}
	log.Result = worst(log.Evaluations)
	return encode(log)
}

// worst is the result of the whole log: a failure, else what a person must look at.
func worst(list []gemaraEvaluation) string {
	seen := map[string]bool{}
	for i := range list {
		seen[list[i].Result] = true
	}
	for _, result := range []string{"Failed", "Unknown", "Needs Review", "Not Run", "Passed"} {
		if seen[result] {
			return result
		}
	}
	return "Not Run"
}

func (r *Release) evaluation(reference string, c *controls.Result) gemaraEvaluation {
	e := gemaraEvaluation{Name: line(c.ID + ": " + c.About()), Message: line(c.Reason), Control: gemaraEntry{Reference: reference, Entry: line(c.ID)}}
	for i := range c.Rows {
		e.Assessments = append(e.Assessments, r.assessment(reference, c, &c.Rows[i]))
	}
	switch c.Status {
	case controls.StatusSatisfied:
		e.Result = "Passed"
	case controls.StatusNotSatisfied, controls.StatusGap:
		e.Result = "Failed"
	default:
		e.Result = "Not Run"
		for _, a := range e.Assessments {
			if a.Result == "Needs Review" || a.Result == "Passed" || a.Result == "Unknown" {
				e.Result = "Needs Review"
			}
		}
	}
	return e
}

func (r *Release) assessment(reference string, c *controls.Result, o *controls.Observation) gemaraAssessment {
	a := gemaraAssessment{
		Requirement: gemaraEntry{reference, line(c.ID), "evidence that " + o.Strength.String()}, Description: line(o.Evidence), Message: line(o.Reason),
		Applicability: []string{line(r.m.Product + " " + r.m.Version)}, Steps: []string{},
	}
	switch {
	case o.Status == evidence.StatusPass && o.Strength == controls.StrengthSupports:
		a.Result = "Needs Review"
	case o.Status == evidence.StatusPass:
		a.Result = "Passed"
	case o.Status == evidence.StatusFail, len(o.Gaps) > 0:
		a.Result = "Failed"
	case o.Status == evidence.StatusError:
		a.Result = "Unknown"
	default:
		a.Result = "Not Run"
	}
	if a.Result != "Not Run" {
		a.Start = r.now.Format(time.RFC3339)
	}
	seen := map[string]bool{}
	for _, check := range o.Checks {
		if !seen[check.ID] {
			seen[check.ID] = true
			a.Steps = append(a.Steps, check.ID)
		}
	}
	if len(a.Steps) == 0 {
		a.Steps = []string{"look for the evidence in the pack"}
	}
	for _, s := range o.Sources {
		item := gemaraEvidence{
			ID: line(s.String()), Type: "file", Collected: r.now.Format(time.RFC3339), Description: line(r.place(s)),
			Source: gemaraSource{Reference: gemaraPack, Coordinate: line(strings.TrimSuffix(s.Path+"#"+s.Pointer, "#"))},
		}
		if f := r.m.File(s.Path); f != nil {
			item.Type = string(f.Kind)
		}
		if !s.SHA256.IsZero() {
			item.Source.Digest = s.SHA256.String()
		}
		a.Evidence = append(a.Evidence, item)
	}
	return a
}
