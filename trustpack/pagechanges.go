// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/sbom/compare"
	"github.com/HailBytes/evidence/trustpack/page"
	"github.com/HailBytes/evidence/trustpack/uat"
)

// changesSince compares a release with the pack of a previous one, for its page. A pack
// of another product is an error of class ErrMismatch.
func changesSince(ctx context.Context, previous *Pack, now *evidenceReader) (*page.Changes, error) {
	if a, b := previous.m.Product, now.m.Product; a != b {
		return nil, &evidence.Problem{Code: "diff.product", Severity: evidence.SeverityError, Err: evidence.ErrMismatch, Message: fmt.Sprintf("the packs are of two products, %s and %s", a, b)}
	}
	before, err := previous.Release(ctx)
	if err != nil {
		return nil, err
	}
	after, err := readRelease(ctx, now)
	if err != nil {
		return nil, err
	}
	c := Diff(before, after)
	sum, err := previous.SHA256(ctx)
	if err != nil {
		return nil, err
	}
	out := &page.Changes{
		Version: previous.m.Version, Commit: previous.m.Release.Commit,
		SHA256: sum.Hex(), ContentDigest: previous.digest.String(),
	}
	for _, n := range c.NotCompared {
		out.NotCompared = append(out.NotCompared, n.Message)
	}
	r := changeRows{}
	r.images(c)
	for _, f := range c.Findings {
		r.findings(f)
	}
	for _, p := range c.Packages {
		r.packages(p.Image, p.Changes)
	}
	r.licenses(c)
	r.tests(c)
	r.accessibility(c)
	for _, x := range c.Signatures {
		r.add("attestation", page.Change{Image: x.Image, Name: string(x.Fact), Before: x.Before, After: x.After})
	}
	for _, x := range c.Tools {
		r.add("tool", page.Change{Name: x.Name, Before: x.Before, After: x.After})
	}
	for _, p := range c.Pins {
		r.add("pin", page.Change{Name: strings.TrimSpace(fmt.Sprintf("%s %s %s", p.Path, p.Kind, p.Name)), Before: p.Before, After: p.After})
	}
	for _, g := range c.Gaps {
		row := page.Change{Image: g.Image, Name: string(g.Kind), Before: g.Reason}
		if g.Opened {
			row.Before, row.After = "", g.Reason
		}
		r.add("gap", row)
	}
	out.Rows = r
	return out, nil
}

type changeRows []page.Change

// add completes a row: what has no Before was added, what has no After was removed.
func (r *changeRows) add(kind string, row page.Change) {
	row.Kind, row.What = kind, "changed"
	switch {
	case row.Before == "":
		row.What = "added"
	case row.After == "":
		row.What = "removed"
	}
	*r = append(*r, row)
}

func (r *changeRows) images(c *Changes) {
	for _, i := range c.Images {
		r.add("image", page.Change{Image: i.Name, Name: i.Name, Before: i.Before, After: i.After})
	}
}

func (r *changeRows) findings(c FindingChanges) {
	row := func(f FindingChange, before, after string) {
		r.add("finding", page.Change{Image: c.Image, Name: f.ID, Severity: f.Severity.String(), Before: before, After: after})
	}
	const present = "present"
	for _, f := range c.New {
		row(f, "", orText(f.Package, present))
	}
	for _, f := range c.Fixed {
		row(f, orText(f.Package, present), "")
	}
	for _, f := range c.Changed {
		row(f, orText(f.Package, present), orText(f.Package, present)+": another "+strings.Join(f.What, ", "))
	}
}

func orText(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func (r *changeRows) packages(image string, c *compare.Changes) {
	const present = "present"
	for _, p := range c.Added {
		r.add("package", page.Change{Image: image, Name: p.Name, After: orText(p.Version, present)})
	}
	for _, p := range c.Removed {
		r.add("package", page.Change{Image: image, Name: p.Name, Before: orText(p.Version, present)})
	}
	for _, list := range [][]compare.ComponentChange{c.Upgraded, c.Downgraded, c.VersionChanged} {
		for _, p := range list {
			r.add("package", page.Change{Image: image, Name: p.Name, Before: orText(p.From, "no version"), After: orText(p.To, "no version")})
		}
	}
}

func (r *changeRows) licenses(c *Changes) {
	if c.Licenses == nil {
		return
	}
	for _, l := range c.worse {
		if l.Before == nil {
			r.add("licence", page.Change{Name: l.Name, After: l.After.License.String()})
		}
	}
	for _, l := range c.Licenses.Relicensed {
		r.add("licence", page.Change{Name: l.Name, Before: l.Before.License.String(), After: l.After.License.String()})
	}
}

func (r *changeRows) tests(c *Changes) {
	if c.Tests == nil {
		return
	}
	outcome := func(o uat.Outcome) string {
		if o == uat.NoOutcome {
			return ""
		}
		return o.String()
	}
	for _, list := range [][]uat.TestChange{c.Tests.Broke, c.Tests.Fixed, c.Tests.Flaky, c.Tests.Steady, c.Tests.Skipped, c.Tests.Unskipped, c.Tests.Removed, c.Tests.Added} {
		for _, t := range list {
			r.add("test", page.Change{Name: t.Name, Before: outcome(t.Before), After: outcome(t.After)})
		}
	}
}

func (r *changeRows) accessibility(c *Changes) {
	if c.Accessibility == nil {
		return
	}
	elements := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n) + " failing"
	}
	for _, rule := range append(c.Accessibility.New, c.Accessibility.Fixed...) {
		r.add("accessibility", page.Change{Name: fmt.Sprintf("%s on %s", rule.Rule, rule.URL), Before: elements(rule.Before), After: elements(rule.After)})
	}
	for _, url := range c.Accessibility.Removed {
		r.add("accessibility", page.Change{Name: url, Before: "tested"})
	}
	for _, url := range c.Accessibility.Added {
		r.add("accessibility", page.Change{Name: url, After: "tested"})
	}
}

// setChanges adds what changed since a previous release, and marks the findings
// that are new by it.
func setChanges(d *page.Data, c *page.Changes) {
	d.Changes = c
	type finding struct{ image, id string }
	added := map[finding][]string{} // "name@version" of the package, or the name alone
	for _, row := range c.Rows {
		if row.Kind == "finding" && row.What == "added" {
			key := finding{row.Image, row.Name}
			added[key] = append(added[key], row.After)
		}
	}
	for i := range d.Findings {
		f := &d.Findings[i]
		for _, about := range added[finding{f.Image, f.ID}] {
			f.New = f.New || f.Package == "" || about == f.Package || strings.HasPrefix(about, f.Package+"@")
		}
	}
}
