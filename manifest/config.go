// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"cmp"
	"slices"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/glob"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Config is what a release engineer says of a release: the content of release.json,
// which says what files cannot, and what the builder of a pack takes. Every field is optional, and so are the members of
// Release and Images but for names; what is given has the shape, and obeys the
// rules, that it has in a manifest. [ConfigSchema] is its JSON Schema. Whether images and paths are there is for the
// builder to see.
type Config struct {
	Product   string
	Version   string
	Release   Release
	Images    []Image // Signing.Status may be empty: not stated
	Artifacts []Artifact
	Gaps      []Gap
	Files     []FileRule // in order
}

// FileRule says what the files are whose path matches a pattern.
type FileRule struct {
	Glob   string // required: see Match
	Kind   Kind   // optional
	Format Format // optional
	Image  string // optional
	Tool   Tool   // optional

	pattern glob.Pattern
}

// Match reports whether the rule is about the file at path. Patterns are those of
// path.Match, component by component, and "**" for any number of components:
// "uat/**/*.png". A rule that did not come from ParseConfig matches nothing.
func (f *FileRule) Match(path string) bool { return f.pattern.Match(path) }

// Rule returns what all matching rules together say of the file at path, later
// ones over earlier ones, member by member. It reports whether any matched.
func (c *Config) Rule(path string) (rule FileRule, matched bool) {
	for i := range c.Files {
		f := &c.Files[i]
		if !f.Match(path) {
			continue
		}
		matched = true
		rule.Kind = cmp.Or(f.Kind, rule.Kind)
		rule.Format = cmp.Or(f.Format, rule.Format)
		rule.Image = cmp.Or(f.Image, rule.Image)
		if !f.Tool.IsZero() {
			rule.Tool = f.Tool
		}
	}
	return rule, matched
}

// Complete fills what c leaves open from more: flags of a command win over its
// release.json. Images are joined by name, gaps by kind and image; rules for files
// of c come last, as later rules win.
func (c *Config) Complete(more *Config) {
	c.Product, c.Version = cmp.Or(c.Product, more.Product), cmp.Or(c.Version, more.Version)
	r := &c.Release
	r.Tag, r.Commit = cmp.Or(r.Tag, more.Release.Tag), cmp.Or(r.Commit, more.Release.Commit)
	r.Repository = cmp.Or(r.Repository, more.Release.Repository)
	if r.Created.IsZero() {
		r.Created = more.Release.Created
	}
	c.Images = mergeImages(c.Images, more.Images)
	c.Artifacts = slices.Concat(c.Artifacts, more.Artifacts)
	c.Gaps = slices.Clone(c.Gaps)
	for _, g := range more.Gaps {
		same := func(have Gap) bool { return have.Kind == g.Kind && have.Image == g.Image }
		if !slices.ContainsFunc(c.Gaps, same) {
			c.Gaps = append(c.Gaps, g)
		}
	}
	c.Files = slices.Concat(more.Files, c.Files)
}

// mergeImages returns the images of first, and those of second; where both have
// one of a name, what the first leaves open is taken from the second.
func mergeImages(first, second []Image) []Image {
	out := slices.Clone(first)
	at := map[string]int{}
	for i := range first {
		at[first[i].Name] = i
	}
	for _, more := range second {
		i, there := at[more.Name]
		if !there {
			out = append(out, more)
			continue
		}
		img := &out[i]
		img.Reference, img.Platform = cmp.Or(img.Reference, more.Reference), cmp.Or(img.Platform, more.Platform)
		if img.Digest.IsZero() {
			img.Digest = more.Digest
		}
		if img.Signing.Status == "" {
			img.Signing = more.Signing
		}
	}
	return out
}

// ParseConfig reads release.json: strict JSON, of any white space and order. A
// member that is not known is an error, as it would be without effect.
//
// The error is a *Problem where data is not strict JSON, else Problems: all that
// is wrong, each with JSON pointer, line and column.
func ParseConfig(data []byte) (*Config, error) {
	r := &reader{d: jsonstrict.NewBytes(data, jsonstrict.Options{}), data: data, closed: true, failed: map[string]bool{}}
	c := &Config{}
	r.members(configNames, nil, func(name string) {
		switch name {
		case "$schema":
			if got := r.string(); got != SchemaConfig {
				r.problem("manifest.schema", evidence.ErrUnsupported, "$schema is %s, want %s", textfmt.Quote(got), SchemaConfig)
			}
		case "product":
			c.Product = r.string()
		case "version":
			c.Version = r.string()
		case "release":
			r.release(&c.Release)
		case "images":
			c.Images = elements(r, (*reader).image)
		case "artifacts":
			c.Artifacts = elements(r, (*reader).artifact)
		case "gaps":
			c.Gaps = elements(r, (*reader).gap)
		case "files":
			c.Files = elements(r, (*reader).fileRule)
		}
	})
	if err := r.d.End(); err != nil {
		return nil, err
	}
	r.locate(data, c.check())
	if err := r.found.told().Err(); err != nil {
		return nil, err
	}
	return c, nil
}

var (
	configNames   = newNames(nil, "$schema", "artifacts", "files", "gaps", "images", "product", "release", "version")
	fileRuleNames = newNames(nil, "format", "glob", "image", "kind", "tool")
)

func (r *reader) fileRule(f *FileRule) {
	r.members(fileRuleNames, nil, func(name string) {
		switch name {
		case "glob":
			r.glob(f)
		case "kind":
			f.Kind = Kind(r.string())
		case "format":
			f.Format = Format(r.string())
		case "image":
			f.Image = r.string()
		case "tool":
			r.tool(&f.Tool)
		}
	})
}

func (r *reader) glob(f *FileRule) {
	f.Glob = r.string()
	if f.Glob == "" {
		return
	}
	var err error
	if f.pattern, err = glob.Compile(f.Glob); err != nil {
		r.problem("manifest.glob", evidence.ErrFormat, "glob %s: %v", textfmt.Quote(f.Glob), err)
	}
}

// check returns what is wrong with what is given, with pointers only.
func (v *Config) check() evidence.Problems {
	m := &Manifest{Product: v.Product, Version: v.Version, Release: v.Release, Images: v.Images, Artifacts: v.Artifacts, Gaps: v.Gaps}
	c := newChecker(m)
	c.partial = true
	c.all()
	for i := range v.Files {
		c.fileRule(scope{c, "/files", i}, &v.Files[i])
	}
	return c.found.told()
}

func (c *checker) fileRule(s scope, f *FileRule) {
	if f.Glob == "" {
		s.required("glob")
	}
	if f.Kind == "" && f.Format == "" && f.Image == "" && f.Tool.IsZero() {
		s.add("", "manifest.required", evidence.ErrFormat, "the rule says nothing: want kind, format, image or tool")
	}
	if f.Kind != "" {
		c.fileKind(s, f.Kind)
	}
	c.format(s, f.Kind, f.Format)
	c.knownImage(s, f.Image)
	c.tool(s, &f.Tool)
}
