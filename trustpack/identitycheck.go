// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/imageref"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
)

// identityID is the check that all files are of this product, version, commit and
// repository.
const identityID = "release.identity"

// identityChecks holds what files state of the release against the manifest, and
// against each other where the manifest is silent.
func identityChecks(r *Release) evidence.Checks {
	c := identityCheck{r: r, m: r.Manifest, own: r.ownPlatforms()}
	c.products()
	c.versions()
	c.sources()
	problems := c.problems
	problems.Sort()
	check := evidence.Judge(identityID, r.Manifest.Product+"@"+r.Manifest.Version, problems, textfmt.Count(c.compared, "statement")+" of product, version, commit and repository agree")
	check.Problems = slices.Clip(check.Problems[:min(len(check.Problems), mostProblems)])
	return evidence.Checks{check}
}

type identityCheck struct {
	r        *Release
	m        *manifest.Manifest
	own      *ownNames
	compared int
	problems evidence.Problems
}

// add adds a problem at the place of a statement.
func (c *identityCheck) add(severity evidence.Severity, at evidence.Source, format string, args ...any) {
	p := pinProblem(identityID, evidence.ErrMismatch, at, format, args...)
	p.Severity = severity
	c.problems = append(c.problems, p)
}

func (c *identityCheck) fail(s stated, format string, args ...any) {
	c.add(evidence.SeverityError, s.at, format, args...)
}

func (c *identityCheck) warn(s stated, format string, args ...any) {
	c.add(evidence.SeverityWarning, s.at, format, args...)
}

// otherProduct returns the product that a name of the company's names, if it is not
// this one: "sat" of "hailbytes-sat".
func (c *identityCheck) otherProduct(name string) string {
	words := nameWords(name)
	if len(words) < 2 || words[0] != "hailbytes" || c.own.isProduct(name) {
		return ""
	}
	return words[1]
}

// products looks for evidence of another product: in the names of images, of source
// repositories, and where a file states a product.
func (c *identityCheck) products() {
	var others []stated
	named := 0
	for i := range c.m.Images {
		ref, err := imageref.Parse(c.m.Images[i].Reference)
		if err != nil {
			continue
		}
		if other := c.otherProduct(ref.Name()); other != "" {
			others = append(others, stated{value: other, what: "image " + c.m.Images[i].Name, at: evidence.Source{Path: manifest.Name}})
		} else if c.own.isProduct(ref.Name()) {
			named++
		}
	}
	for _, o := range others {
		c.compared++
		if named == 0 {
			c.fail(o, "%s is of product %s, the release is of %s", o.what, textfmt.Quote(o.value), c.m.Product)
		} else {
			c.warn(o, "%s is of product %s, other images are of %s: a pack is of one product", o.what, textfmt.Quote(o.value), c.m.Product)
		}
	}
	for _, s := range c.stated(c.r.Subject(""), pinProduct) {
		c.compared++
		if other := c.otherProduct(s.value); other != "" {
			c.fail(s, "%s names product %s, the release is of %s", s.what, textfmt.Quote(other), c.m.Product)
		}
	}
}

// stated returns what the files about a subject state of one kind.
func (c *identityCheck) stated(s *Subject, kind PinKind) []stated {
	if s == nil {
		return nil
	}
	var list []stated
	for _, d := range s.Documents {
		for _, st := range d.states {
			if st.kind == kind {
				list = append(list, st)
			}
		}
	}
	return list
}

// versions compares the version of each image, and what deployment files and tests
// state of the release.
func (c *identityCheck) versions() {
	deployed := c.deployedTags()
	type version struct {
		stated
		own bool // the image names the product
	}
	var older []version // one statement of each image that is wholly of another version
	current := false
	for _, s := range c.r.Subjects {
		if s.Name == "" {
			continue
		}
		list := append(c.stated(s, pinVersion), deployed[s.Image]...)
		own := c.own.isProduct(s.Name)
		if s.Image != nil {
			ref, err := imageref.Parse(s.Image.Reference)
			own = own || err == nil && c.own.isProduct(ref.Name())
			if err == nil && ref.Tag != "" {
				list = append(list, stated{kind: pinVersion, value: ref.Tag, what: "reference", at: evidence.Source{Path: manifest.Name}})
				if loose := looseTag(imageref.Ref{Path: ref.Path, Tag: ref.Tag}); loose != "" {
					c.warn(list[len(list)-1], "the reference of image %s %s", s.Name, loose)
				}
			}
		}
		one, agree := c.imageVersions(s, list)
		switch {
		case one == nil && agree:
			current = true
		case one != nil:
			older = append(older, version{*one, own})
		}
	}
	for _, s := range older {
		if !s.own {
			c.warn(s.stated, "%s is version %s, the release is %s; the image does not name the product", s.what, textfmt.Quote(s.value), c.m.Version)
			continue
		}
		if current {
			c.warn(s.stated, "%s is version %s: the image was carried over from that release to %s", s.what, textfmt.Quote(s.value), c.m.Version)
		} else {
			c.fail(s.stated, "%s is version %s, the release is %s", s.what, textfmt.Quote(s.value), c.m.Version)
		}
	}
	for _, s := range slices.Concat(c.stated(c.r.Subject(""), pinVersion), c.stated(c.r.Subject(""), pinRef)) {
		if same, known := sameReleaseVersion(strings.TrimPrefix(s.value, "refs/tags/"), c.m.Version); known {
			c.compared++
			switch {
			case same:
			case s.of != "" && !c.own.isProduct(s.of):
				c.warn(s, "%s is version %s, the release is %s; %s does not name the product", s.what, textfmt.Quote(s.value), c.m.Version, textfmt.Quote(s.of))
			default:
				c.fail(s, "%s is version %s, the release is %s", s.what, textfmt.Quote(s.value), c.m.Version)
			}
		}
	}
}

// imageVersions compares what is stated of one image. It returns one statement if all
// that are comparable name one other version; agree reports that some named the
// release's.
func (c *identityCheck) imageVersions(s *Subject, list []stated) (one *stated, agree bool) {
	inherited := c.inherited(s, list)
	var other []stated
	for _, st := range list {
		same, known := sameReleaseVersion(st.value, c.m.Version)
		if !known {
			continue
		}
		c.compared++
		switch {
		case same:
			agree = true
		case st.label && inherited:
			c.warn(st, "%s is %s: the image %s may have it from the image that it is built on", st.what, textfmt.Quote(st.value), s.Name)
		default:
			other = append(other, st)
		}
	}
	if len(other) == 0 {
		return nil, agree
	}
	first := other[0]
	first.what += " of image " + s.Name
	if !agree && !slices.ContainsFunc(other, func(st stated) bool {
		same, _ := sameReleaseVersion(st.value, strings.TrimPrefix(first.value, "v"))
		return !same
	}) {
		return &first, false
	}
	for _, st := range other {
		c.fail(st, "%s of image %s is version %s, the release is %s", st.what, s.Name, textfmt.Quote(st.value), c.m.Version)
	}
	return nil, agree
}

// inherited reports whether the labels of an image may be those of the image that it
// is built on: all files state the same labels, and no label of the source names this
// release's repository.
func (c *identityCheck) inherited(s *Subject, versions []stated) bool {
	values := map[string]string{}
	for _, st := range slices.Concat(versions, c.stated(s, pinRepository)) {
		if !st.label {
			continue
		}
		if have, ok := values[st.what]; ok && have != st.value {
			return false
		}
		values[st.what] = st.value
		if same, known := sameSource(st.value, c.repository()); st.kind == pinRepository && (same || !known || c.own.isProduct(st.value)) {
			return false
		}
	}
	return true
}

// deployedTags returns the tags by which deployment files deploy each image of the
// release by its digest.
func (c *identityCheck) deployedTags() map[*manifest.Image][]stated {
	tags := map[*manifest.Image][]stated{}
	for d := range c.r.Documents() {
		for _, p := range d.Pins {
			if p.Kind != pinImage {
				continue
			}
			ref, err := imageref.Parse(p.Value)
			if err != nil || ref.Tag == "" {
				continue
			}
			if img := c.own.image(ref); img != nil {
				tags[img] = append(tags[img], stated{kind: pinVersion, value: ref.Tag, what: "tag that " + textfmt.Quote(p.Name) + " deploys", at: p.Source})
			}
		}
	}
	return tags
}

// repository returns the source repository of the release: of the manifest, else the
// first that is stated.
func (c *identityCheck) repository() string {
	if c.m.Release.Repository != "" {
		return c.m.Release.Repository
	}
	return c.first(pinRepository).value
}

// first returns the first statement of a kind that is not a label, else the first label.
func (c *identityCheck) first(kind PinKind) (found stated) {
	for d := range c.r.Documents() {
		for _, s := range d.states {
			if s.kind == kind && !s.loose && (found.value == "" || found.label && !s.label) {
				found = s
			}
		}
	}
	return found
}

// sources compares commits and repositories.
func (c *identityCheck) sources() {
	commit, from := c.m.Release.Commit, "the release"
	repository, repositoryFrom := c.m.Release.Repository, "the release"
	if commit == "" {
		for d := range c.r.Documents() {
			if d.history == nil || commit != "" {
				continue
			}
			if tagged, err := taggedCommit(d.history, c.m); err == nil {
				commit, from = tagged.commit, "the git bundle"
			}
		}
	}
	if commit == "" {
		first := c.first(pinCommit)
		commit, from = first.value, first.at.Path
	}
	if repository == "" {
		first := c.first(pinRepository)
		repository, repositoryFrom = first.value, first.at.Path
	}
	for _, s := range c.r.Subjects {
		inherited := c.inherited(s, c.stated(s, pinVersion))
		for _, d := range s.Documents {
			for _, st := range d.states {
				var same, known bool
				var want, whose string
				switch st.kind {
				case pinCommit:
					same, known = sameCommit(st.value, commit)
					want, whose = commit, from
				case pinRef:
					if same, known = sameCommit(st.value, commit); len(st.value) < 40 {
						known = false
					}
					want, whose = commit, from
				case pinRepository:
					same, known = sameSource(st.value, repository)
					want, whose = repository, repositoryFrom
				}
				if !known {
					continue
				}
				c.compared++
				switch {
				case same:
				case st.loose:
					c.warn(st, "%s is %s, that of %s is %s", st.what, textfmt.Quote(st.value), whose, textfmt.Quote(want))
				case st.label && inherited:
					c.warn(st, "%s is %s: the image %s may have it from the image that it is built on", st.what, textfmt.Quote(st.value), s.Name)
				default:
					c.fail(st, "%s is %s, that of %s is %s", st.what, textfmt.Quote(st.value), whose, textfmt.Quote(want))
				}
			}
		}
	}
}
