// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"cmp"
	"slices"
	"strings"

	"github.com/HailBytes/evidence/internal/claim"
	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/internal/vercmp"
)

// scope is what one claim is about. An exception has one; a VEX statement has one
// for each product or part of it.
type scope struct {
	doc, place int // the VEX document, and the place among all claims of a gate
	exception  *Exception
	statement  *Statement

	packages []claim.Package // each must fit; none is any package
	targets  []targetClaim   // likewise
	broken   string          // what of the claim cannot be compared with anything
}

// compare decides whether the claim is about a unit, whose vulnerability it names.
func (s *scope) compare(u *unit) claim.Result {
	if s.broken != "" {
		return claim.Result{Answer: claim.Unknown, What: "product", Want: s.broken}
	}
	r := claim.Fit
	for i := range s.packages {
		r = r.And(s.packages[i].Compare(u.fact))
	}
	for i := range s.targets {
		if r.Answer == claim.Differs {
			break
		}
		r = r.And(s.targets[i].compare(u.target))
	}
	return r
}

// targetClaim is what a claim names of what was scanned: the fields that are not
// empty.
type targetClaim struct {
	name       string // any target, as its report names it
	kind       TargetKind
	repository string   // of an image
	digests    []string // of an image, of which any fits
	tag        string
	arch       string
	releases   []string // versions and ranges, of which any fits
	other      []purl.Qualifier
}

// compare decides whether the claim is about a target.
func (c *targetClaim) compare(t *Target) claim.Result {
	if t == nil {
		return claim.Result{Answer: claim.Unknown, What: "target", Want: c.text()}
	}
	r := claim.Fit
	switch {
	case c.isName(t):
	case c.kind == TargetImage && t.Kind == TargetImage:
		r = c.compareImage(t)
	default:
		return claim.Result{Answer: claim.Differs, What: "target", Want: c.text(), Got: describeTarget(t)}
	}
	if len(c.releases) > 0 {
		r = r.And(c.compareReleases(t))
	}
	for _, q := range c.other {
		r = r.And(claim.Compare(q.Key, q.Value, ""))
	}
	return r
}

// isName reports whether the claim names the target as its report does. What may
// be the reference of an image may as well be the name of another target.
func (c *targetClaim) isName(t *Target) bool {
	if c.name == "" || c.kind != TargetImage && c.kind != t.Kind {
		return false
	}
	return strings.EqualFold(c.name, t.Name) || c.kind == "repository" && strings.EqualFold(c.name, strings.TrimSuffix(t.Repository, ".git"))
}

func (c *targetClaim) text() string {
	text := cmp.Or(c.name, c.repository)
	if text == "" && len(c.digests) > 0 {
		text = c.digests[0]
	}
	return text
}

func (c *targetClaim) compareImage(t *Target) claim.Result {
	r := claim.Fit
	if c.repository != "" {
		r = compareRepository(c.repository, t.Repository)
	}
	if len(c.digests) > 0 {
		d := claim.Result{Answer: claim.Unknown, What: "digest", Want: c.digests[0]}
		algorithm, _, _ := strings.Cut(c.digests[0], ":")
		if len(t.Digests) > 0 && strings.HasPrefix(t.Digests[0], algorithm+":") {
			d.Answer, d.Got = claim.Differs, t.Digests[0]
		}
		if slices.ContainsFunc(c.digests, func(want string) bool { return slices.Contains(t.Digests, want) || want == t.ImageID }) {
			d = claim.Fit
		}
		r = r.And(d)
	}
	if c.tag != "" {
		r = r.And(oneOf("tag", c.tag, t.Tags))
	}
	if c.arch != "" {
		r = r.And(claim.Compare("arch", c.arch, t.Arch))
	}
	return r
}

// oneOf is the result for a dimension of which several values are known.
func oneOf(what, want string, got []string) claim.Result {
	if slices.Contains(got, want) {
		return claim.Fit
	}
	if len(got) == 0 {
		return claim.Compare(what, want, "")
	}
	return claim.Compare(what, want, got[0])
}

// compareRepository compares repositories of images. One that the claim names
// without a registry is in any; one that the report names without is in Docker
// Hub, or its registry is not known.
func compareRepository(want, got string) claim.Result {
	if got == "" || want == got {
		return claim.Compare("image", want, got)
	}
	if !hasRegistry(want) {
		if _, path, ok := strings.Cut(got, "/"); ok && hasRegistry(got) {
			got = path
		}
		return claim.Compare("image", want, got)
	}
	if registry, path, _ := strings.Cut(want, "/"); path == got && !hasRegistry(got) {
		if registry == "docker.io" {
			return claim.Fit
		}
		return claim.Result{Answer: claim.Unknown, What: "image", Want: want, Got: got}
	}
	return claim.Compare("image", want, got)
}

// compareReleases compares versions of a product with the tags of its image.
func (c *targetClaim) compareReleases(t *Target) claim.Result {
	r := claim.Result{Answer: claim.Unknown, What: "release", Want: c.releases[0]}
	if len(t.Tags) > 0 {
		r.Answer, r.Got = claim.Differs, t.Tags[0]
	}
	for _, text := range c.releases {
		if slices.Contains(t.Tags, text) || isDigest(text) && (slices.Contains(t.Digests, text) || text == t.ImageID) {
			return claim.Fit
		}
		if !strings.HasPrefix(text, "vers:") {
			continue
		}
		rng, err := vercmp.ParseRange(text)
		if err != nil {
			continue
		}
		for _, tag := range t.Tags {
			ecosystem := "generic"
			if strings.HasPrefix(text, "vers:semver/") {
				ecosystem = "semver"
			}
			switch in, ok := rng.Contains(ecosystem, tag); {
			case in:
				return claim.Fit
			case !ok:
				r.Answer = claim.Unknown
			}
		}
	}
	return r
}

// imageClaim reads the member "image" of an exception: the name of a target, or an
// image by repository, with tag or digest if it names one.
func imageClaim(text string) targetClaim {
	c := targetClaim{name: text, kind: TargetImage}
	if isDigest(text) {
		c.digests = []string{text}
		return c
	}
	t := imageTarget(text)
	c.repository, c.digests = t.Repository, t.Digests
	if len(t.Tags) > 0 {
		c.tag = t.Tags[0]
	}
	return c
}

// claimOfURL reads a package URL of a product that scanners have as their target:
// an image, a Go module or a repository.
func claimOfURL(u purl.PURL) (c targetClaim) {
	switch u.Type {
	case "oci", "docker":
		c = targetClaim{kind: TargetImage}
		registry := strings.TrimPrefix(u.Qualifier("repository_url"), "https://")
		if u.Type == "docker" {
			c.repository = fullRepository(strings.TrimPrefix(cmp.Or(registry, "docker.io")+"/"+strings.TrimPrefix(u.Namespace+"/"+u.Name, "/"), "/"))
		} else if registry != "" {
			c.repository = fullRepository(registry)
		}
		switch {
		case isDigest(u.Version):
			c.digests = []string{u.Version}
		case u.Version != "":
			c.tag = u.Version
		}
		for _, q := range u.Qualifiers {
			switch {
			case q.Key == "repository_url":
			case q.Key == "arch":
				c.arch = q.Value
			case q.Key == "tag" && (c.tag == "" || c.tag == q.Value):
				c.tag = q.Value
			default:
				c.other = append(c.other, q)
			}
		}
		if c.repository == "" && c.digests == nil { // a bare name is anybody's
			c.other = append(c.other, purl.Qualifier{Key: "image without its repository", Value: u.Name})
		}
		if u.Subpath != "" {
			c.other = append(c.other, purl.Qualifier{Key: "subpath", Value: u.Subpath})
		}
		return c
	case "golang":
		c = targetClaim{kind: TargetModule, name: purlName(u)}
	case "github":
		c = targetClaim{kind: "repository", name: "https://github.com/" + purlName(u)}
	}
	c.other = u.Qualifiers
	if u.Version != "" {
		c.releases = []string{u.Version}
	}
	return c
}

// scope returns what a product names: as a package, if it is one, and as the
// target of a scan, if it may be one.
func (p *Product) scope() (asPackage, asTarget *scope) {
	asPackage, asTarget = &scope{}, &scope{}
	for _, id := range append([]string{p.ID}, p.Identifiers...) {
		if id == "" {
			continue
		}
		if !strings.HasPrefix(id, "pkg:") {
			if isReference(id) || len(p.Identifiers) == 0 && len(p.Digests) == 0 {
				asTarget.targets = append(asTarget.targets, imageClaim(id))
				asPackage.broken = id
			}
			continue
		}
		c, err := claim.ParsePackage(id, "")
		if err != nil {
			asPackage.broken, asTarget.broken = id, id
			continue
		}
		asPackage.packages = append(asPackage.packages, c)
		if u, _ := purl.Parse(id); u.Type == "oci" || u.Type == "docker" || u.Type == "golang" || u.Type == "github" {
			asTarget.targets = append(asTarget.targets, claimOfURL(u))
		} else {
			asTarget.broken = id
		}
	}
	if len(p.Digests) > 0 {
		asTarget.targets = append(asTarget.targets, targetClaim{kind: TargetImage, digests: p.Digests})
		asPackage.broken = p.Digests[0]
	}
	if len(asPackage.packages) == 0 {
		asPackage.broken = cmp.Or(asPackage.broken, p.ID, "without an identifier")
	}
	if len(p.Versions) > 0 {
		asPackage.broken = p.Versions[0]
		for i := range asTarget.targets {
			asTarget.targets[i].releases = append(asTarget.targets[i].releases[:0:0], p.Versions...)
		}
	}
	if len(asTarget.targets) == 0 {
		asTarget.broken = cmp.Or(asTarget.broken, p.ID, "without an identifier")
	}
	return asPackage, asTarget
}

// isReference reports whether a text is an image reference beyond doubt, and not
// just some name or address.
func isReference(id string) bool {
	return !strings.Contains(id, "://") && (hasRegistry(id) || strings.Contains(id, "@sha256:"))
}

// scopes returns what a statement is about. With anyProduct the products do not
// count, only the parts.
func (s *Statement) scopes(anyProduct bool) (list []*scope) {
	for i := range s.Products {
		p := &s.Products[i]
		asPackage, asTarget := p.scope()
		if anyProduct {
			asTarget = &scope{}
		}
		if len(p.Subcomponents) == 0 {
			list = append(list, asTarget)
			if !anyProduct && asPackage.broken == "" {
				list = append(list, asPackage)
			}
		}
		for j := range p.Subcomponents {
			part, _ := p.Subcomponents[j].scope()
			part.targets, part.broken = asTarget.targets, cmp.Or(part.broken, asTarget.broken)
			list = append(list, part)
		}
	}
	for _, c := range list {
		c.statement = s
		if len(s.subjects) > 0 {
			c.targets = append(slices.Clip(c.targets), targetClaim{kind: TargetImage, digests: s.subjects})
		}
	}
	return list
}
