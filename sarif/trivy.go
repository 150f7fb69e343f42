// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
)

// trivy reads what Trivy writes into messages (pkg/report/sarif.go): one line
// "Name: value" per datum. The rule is only asked where it cannot be that of
// another package: its help is overwritten by the last package that it met.
func (r *runReader) trivy(p *pending, u *rule) {
	f := p.finding
	text := f.Message
	switch {
	case strings.HasPrefix(text, "Package: "):
		r.trivyVulnerability(f, u, text)
	case strings.HasPrefix(text, "Artifact: "):
		r.trivyArtifact(f, text)
	default:
		f.Class = classOfTags(u)
		if f.Class == ClassVulnerability {
			f.setIDs(f.RuleID)
		}
	}
}

// line returns the value of the first line "name: value" and the text after it.
func line(text, name string) (value, rest string) {
	for text != "" {
		l, after, _ := strings.Cut(text, "\n")
		if v, ok := strings.CutPrefix(strings.TrimLeft(l, " "), name); ok {
			return strings.TrimSpace(v), after
		}
		text = after
	}
	return "", ""
}

func (r *runReader) trivyVulnerability(f *Finding, u *rule, text string) {
	f.Class = ClassVulnerability
	p := &Package{}
	f.Package = p
	p.Name, text = line(text, "Package: ")
	version, after := line(text, "Installed Version: ")
	if version != "" {
		p.Versions = []string{version}
	}
	id, after := line(after, "Vulnerability ")
	severity, after := line(after, "Severity: ")
	fixed, after := line(after, "Fixed Version: ")
	link, _ := line(after, "Link: ")
	if id == "" {
		id = f.RuleID
	}
	f.setIDs(id, f.RuleID)
	if g, ok := rateText(severity, ""); ok {
		f.Ratings = slices.Insert(f.Ratings, 0, g)
	}
	setFixed(p, fixed)
	if _, url, ok := strings.Cut(link, "]("); ok {
		if url = strings.TrimSuffix(url, ")"); url != "" {
			f.References = addString(f.References, url)
		}
	}
	if len(f.Locations) == 0 {
		return
	}
	// The location's message is "path: package@version"; for packages of the
	// operating system the path is the image's repository.
	l := &f.Locations[0]
	place, _, _ := strings.Cut(l.Message, ": ")
	if isOSPackage(u, l) {
		if f.Target == nil {
			f.Target = r.sharedTarget(place, l.URI)
		}
		f.Locations = nil // the image itself, not a place in it
		return
	}
	p.Path = l.URI
	p.Ecosystem = ecosystemOfFile(l.URI)
}

// isOSPackage tells packages of the distribution by the rule's name; before
// Trivy 0.17 that was the title of the vulnerability.
func isOSPackage(u *rule, l *Location) bool {
	switch {
	case u == nil:
	case u.name == "OsPackageVulnerability":
		return true
	case u.name == "LanguageSpecificPackageVulnerability":
		return false
	}
	return strings.Contains(l.URI, "/") && l.Message == "" && ecosystemOfFile(l.URI) == ""
}

// sharedTarget returns the target of a run that names its image only in locations.
func (r *runReader) sharedTarget(place, uri string) *Target {
	name := place
	if name == "" || strings.ContainsAny(name, " ()") {
		name = uri
	}
	if name == "" {
		return nil
	}
	if t := r.run.Target; t != nil && t.Name == name {
		return t
	}
	t := imageTarget(name)
	if r.run.Target == nil {
		r.run.Target = t
	}
	return t
}

// trivyArtifact reads misconfigurations, secrets and licences.
func (r *runReader) trivyArtifact(f *Finding, text string) {
	artifact, rest := line(text, "Artifact: ")
	if severity, _ := line(rest, "Severity: "); severity != "" {
		if g, ok := rateText(severity, ""); ok {
			f.Ratings = slices.Insert(f.Ratings, 0, g)
		}
	}
	head, _, _ := strings.Cut(rest, "\n")
	switch {
	case strings.HasPrefix(head, "License "):
		r.trivyLicense(f, artifact, rest)
	case strings.Contains(rest, "\nSecret "):
		f.Class = ClassSecret
		f.ID, _ = line(rest, "Secret ")
		if f.RuleID != "" {
			f.ID = f.RuleID
		}
	default:
		f.Class = ClassMisconfiguration
	}
	if len(f.Locations) == 0 && artifact != "" {
		f.Locations = []Location{{URI: artifact}}
	}
}

// licenseCategories are Trivy's classifications, which tell a value from a package name.
var licenseCategories = map[string]bool{
	"forbidden": true, "restricted": true, "reciprocal": true, "notice": true,
	"permissive": true, "unencumbered": true, "unknown": true,
}

// trivyLicense reads "License ID", "PkgName", "Classification" and "Path".
// Trivy fills the middle two the wrong way round (seen up to 0.66).
func (r *runReader) trivyLicense(f *Finding, artifact, text string) {
	f.Class = ClassLicense
	license, rest := line(text, "License ")
	name, rest := line(rest, "PkgName: ")
	category, rest := line(rest, "Classification: ")
	path, _ := line(rest, "Path: ")
	if licenseCategories[strings.ToLower(name)] && !licenseCategories[strings.ToLower(category)] {
		r.note("trivy-license-swapped", evidence.SeverityWarning, "Trivy writes classification and package name of licences the wrong way round; they are read swapped")
		name, category = category, name
	}
	f.setLicense(license, category)
	if name != "" {
		f.Package = &Package{Name: name, Path: path}
	}
	if path == "" {
		path = artifact
	}
	f.Locations = []Location{{URI: path}}
}

// setLicense makes f a finding about a licence; its rule ids name the package, too.
func (f *Finding) setLicense(license, category string) {
	f.Class, f.ID = ClassLicense, license
	f.Title = license
	if category != "" {
		f.Title += " (" + strings.ToLower(category) + ")"
	}
}

// classOfTags tells a result by the tags that Trivy and others give its rule.
func classOfTags(u *rule) Class {
	if u == nil {
		return ClassCode
	}
	for _, tag := range u.tags {
		switch strings.ToLower(tag) {
		case "vulnerability":
			return ClassVulnerability
		case "misconfiguration":
			return ClassMisconfiguration
		case "secret", "secrets":
			return ClassSecret
		case "license":
			return ClassLicense
		}
	}
	return ClassCode
}

// trivyImage makes a target of what Trivy knows of an image. A scanned folder
// has a name without any of the rest.
func trivyImage(name, id string, tags, digests []string) *Target {
	t := &Target{Kind: TargetImage, Name: name, ImageID: id}
	for _, ref := range digests {
		t.addReference(ref)
	}
	for _, ref := range tags {
		t.addReference(ref)
	}
	t.addReference(name)
	return t
}

// setFixed reads a list of versions.
func setFixed(p *Package, list string) {
	for v := range strings.SplitSeq(list, ",") {
		if v = strings.TrimSpace(v); v != "" {
			p.Fixed = addString(p.Fixed, v)
		}
	}
	if len(p.Fixed) > 0 {
		p.Fix = fixAvailable
	}
}
