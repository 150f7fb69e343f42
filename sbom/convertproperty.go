// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// The names of the properties that hold what CycloneDX has no field for. A
// conversion back to SPDX makes fields of them again.
const (
	documentProperty = "spdx:document:"
	packageProperty  = "spdx:package:"
	fileProperty     = "spdx:file:"
	licenseProperty  = "spdx:license:"
)

// spdxMember is a member of SPDX 2 that CycloneDX has no field for.
type spdxMember[T any] struct {
	name string // in JSON
	get  func(*T) []string
	set  func(*T, []string)
}

// stringMember is a member that is one string of the model.
func stringMember[T any](name string, field func(*T) *string) spdxMember[T] {
	return spdxMember[T]{
		name,
		func(x *T) []string { return []string{*field(x)} },
		func(x *T, values []string) { *field(x) = values[0] },
	}
}

func timeMember(name string, field func(*Detail) *time.Time) spdxMember[Component] {
	return spdxMember[Component]{
		name,
		func(p *Component) []string {
			if p.Detail == nil || field(p.Detail).IsZero() {
				return nil
			}
			return []string{field(p.Detail).Format(time.RFC3339)}
		},
		func(p *Component, values []string) {
			if t, err := time.Parse(time.RFC3339, values[0]); err == nil {
				*field(p.detail()) = t.UTC()
			}
		},
	}
}

// detailOf returns p.Detail, an empty one if there is none.
func detailOf(p *Component) *Detail {
	if p.Detail == nil {
		return &Detail{}
	}
	return p.Detail
}

var documentMembers = []spdxMember[Document]{
	stringMember("namespace", func(d *Document) *string { return &d.Namespace }),
	{"name", func(d *Document) []string { return []string{said(d.Name)} }, func(d *Document, v []string) { d.Name = NewText(v[0]) }},
	stringMember("comment", func(d *Document) *string { return &d.Comment }),
	stringMember("creatorComment", func(d *Document) *string { return &d.CreatorComment }),
	stringMember("licenseListVersion", func(d *Document) *string { return &d.LicenseListVersion }),
}

var packageMembers = []spdxMember[Component]{
	stringMember("summary", func(p *Component) *string { return &p.Summary }),
	stringMember("comment", func(p *Component) *string { return &p.Comment }),
	stringMember("sourceInfo", func(p *Component) *string { return &p.SourceInfo }),
	stringMember("packageFileName", func(p *Component) *string { return &p.FileName }),
	{"licenseComments", func(p *Component) []string { return []string{detailOf(p).LicenseComments} }, func(p *Component, v []string) { p.detail().LicenseComments = v[0] }},
	{"attributionTexts", func(p *Component) []string { return detailOf(p).AttributionTexts }, func(p *Component, v []string) { p.detail().AttributionTexts = v }},
	timeMember("releaseDate", func(d *Detail) *time.Time { return &d.Released }),
	timeMember("builtDate", func(d *Detail) *time.Time { return &d.Built }),
	timeMember("validUntilDate", func(d *Detail) *time.Time { return &d.ValidUntil }),
	{"filesAnalyzed", func(p *Component) []string {
		if p.FilesAnalyzed == nil {
			return nil
		}
		return []string{strconv.FormatBool(*p.FilesAnalyzed)}
	}, func(p *Component, v []string) {
		if v[0] == "true" || v[0] == "false" {
			p.FilesAnalyzed = new(v[0] == "true")
		}
	}},
	{"packageVerificationCode", verificationCode, func(p *Component, v []string) {
		p.VerificationCode = &VerificationCode{Value: v[0], Excluded: v[1:]}
	}},
	{"licenseConcluded", nil, func(p *Component, v []string) { // see cdxStatements
		if !slices.ContainsFunc(p.Licenses, func(l License) bool { return l.Kind == LicenseConcluded }) {
			p.Licenses = append(p.Licenses, License{Kind: LicenseConcluded, Expression: assertable(v[0])})
		}
	}},
	{"primaryPackagePurpose", nil, func(p *Component, v []string) { p.Type = spdxPurposeType(v[0]) }}, // see cdxType
	{"checksums", nil, func(p *Component, v []string) { // see cdxDigests
		for _, s := range v {
			if algorithm, value, ok := strings.Cut(s, ":"); ok {
				p.Hashes = append(p.Hashes, Hash{hashAlgorithm(algorithm), value})
			}
		}
	}},
}

// verificationCode returns the code, and the names of the files that it leaves out.
func verificationCode(p *Component) []string {
	if p.VerificationCode == nil {
		return nil
	}
	return append([]string{p.VerificationCode.Value}, p.VerificationCode.Excluded...)
}

var fileMembers = []spdxMember[File]{
	{"fileTypes", func(f *File) []string { return f.Types }, nil},
	{"comment", func(f *File) []string { return []string{f.Comment} }, nil},
	{"licenseComments", func(f *File) []string { return []string{fileDetailOf(f).LicenseComments} }, nil},
	{"noticeText", func(f *File) []string { return []string{fileDetailOf(f).Notice} }, nil},
	{"fileContributors", func(f *File) []string { return fileDetailOf(f).Contributors }, nil},
	{"attributionTexts", func(f *File) []string { return fileDetailOf(f).AttributionTexts }, nil},
}

func fileDetailOf(f *File) *FileDetail {
	if f.Detail == nil {
		return &FileDetail{}
	}
	return f.Detail
}

// toProperties makes properties of what the members of x hold.
func toProperties[T any](c *converter, dst *[]Property, prefix string, members []spdxMember[T], x *T, pointer string) {
	for _, m := range members {
		if m.get == nil {
			continue
		}
		stated := false
		for _, value := range m.get(x) {
			if value != "" {
				*dst = append(*dst, Property{prefix + m.name, value})
				stated = true
			}
		}
		if stated && pointer != "" {
			c.lose(pointer+"/"+m.name, lossChanged, "kept as the property %q", prefix+m.name)
		}
	}
}

// fromProperties sets the members that properties hold, and returns the other properties.
func fromProperties[T any](prefix string, members []spdxMember[T], x *T, properties []Property) (rest []Property) {
	values := map[string][]string{}
	for _, p := range properties {
		name, ok := strings.CutPrefix(p.Name, prefix)
		if ok && slices.ContainsFunc(members, func(m spdxMember[T]) bool { return m.name == name }) && p.Value != "" {
			values[name] = append(values[name], p.Value)
		} else {
			rest = append(rest, p)
		}
	}
	for _, m := range members {
		if v := values[m.name]; v != nil {
			m.set(x, v)
		}
	}
	return rest
}
