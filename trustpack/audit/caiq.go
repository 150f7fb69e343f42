// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"regexp"
	"strings"
	"time"

	"github.com/HailBytes/evidence/trustpack/controls"
)

// caiqID is the form of id that caiq-lite takes. The domains A&A and I&S of CSA CCM do not
// have it, and are left out.
var caiqID = regexp.MustCompile(`^[A-Z]{2,3}-[0-9]{2}$`)

type caiqControl struct {
	ID       string `json:"id"`
	Domain   string `json:"domain"`
	Title    string `json:"title"`
	Answer   string `json:"answer"` // "Yes", "No" or "Planned": we never say that a control does not apply
	Comment  string `json:"comment"`
	Evidence string `json:"evidence,omitempty"`
}

type caiqDocument struct {
	Version     string        `json:"version"` // of CSA CCM
	Vendor      string        `json:"vendor"`
	Product     string        `json:"product"`
	CompletedAt string        `json:"completedAt"`
	Controls    []caiqControl `json:"controls"`
}

// caiqLite writes an answer for each control of CSA CCM that the evidence decides. The
// others are left out: what the pack does not say is for the vendor to answer.
func (r *Release) caiqLite() ([]byte, error) {
	doc := caiqDocument{Version: "4.1", Vendor: "HailBytes", Product: line(r.m.Product + " " + r.m.Version), CompletedAt: r.now.Format(time.DateOnly), Controls: []caiqControl{}}
	for i := range r.results {
		c := &r.results[i]
		if c.Framework != "CSA CCM" || c.Edition != doc.Version || !caiqID.MatchString(c.ID) {
			continue
		}
		if answer := r.caiqAnswer(c); answer != "" {
			domain, _, _ := strings.Cut(c.ID, "-")
			doc.Controls = append(doc.Controls, caiqControl{
				ID: c.ID, Domain: domain, Title: line(c.About()), Answer: answer, Comment: line(c.Reason), Evidence: strings.Join(r.places(c.Sources()), "\n"),
			})
		}
	}
	return encode(doc)
}

// caiqAnswer is the answer that the evidence gives; empty where it gives none.
func (r *Release) caiqAnswer(c *controls.Result) string {
	switch {
	case c.Status == controls.StatusSatisfied:
		return "Yes"
	case c.Status == controls.StatusGap && c.Target() != "":
		return "Planned"
	case c.Status == controls.StatusGap, c.Status == controls.StatusNotSatisfied:
		return "No"
	}
	return ""
}
