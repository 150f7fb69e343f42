// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"fmt"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/trustpack/license"
)

// licenseChecks says whether the licence of every module is known, and whether
// the SBOM says the same.
func licenseChecks(r *Release) evidence.Checks {
	reported, held := r.sum.inventory()
	if reported == nil {
		return nil
	}
	subject := strings.Join(each(r.sum.licenses, func(d *Document) string { return d.File.Path }), ", ")
	sum := license.Summarize(reported)
	var unknown evidence.Problems
	for _, name := range sum.Unknown {
		unknown = append(unknown, warning("license.complete", subject, "the licence of %s is not known", name))
	}
	for _, p := range sum.Problems {
		unknown = append(unknown, p.At(subject))
	}
	checks := evidence.Checks{evidence.Judge("license.complete", subject, unknown, fmt.Sprintf("the licence of each of %s is known", textfmt.Count(sum.Modules, "module")))}
	if held == nil {
		return append(checks, evidence.Check{ID: "license.sbom", Status: evidence.StatusSkip, Subject: subject, Message: "there is no SBOM to compare with"})
	}
	c := license.Compare(reported, held)
	var problems evidence.Problems
	for _, m := range c.OnlyFirst {
		if !m.FirstParty {
			problems = append(problems, warning("license.sbom", subject, "the SBOM does not hold %s", m))
		}
	}
	for _, ch := range c.Licenses {
		problems = append(problems, warning("license.sbom", subject, "%s has licence %s, in the SBOM %s", ch.Name, ch.Before.License, ch.After.License))
	}
	for _, ch := range c.Versions {
		problems = append(problems, warning("license.sbom", subject, "%s has version %s, in the SBOM %s", ch.Name, ch.Before.Version, ch.After.Version))
	}
	return append(checks, evidence.Judge("license.sbom", subject, problems, fmt.Sprintf("the SBOM holds every module, and contradicts no licence; %s agree", textfmt.Count(c.Agree, "module"))))
}
