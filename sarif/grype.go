// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"slices"
	"strings"
)

// grype reads Grype's results: the rule's id is the vulnerability's and the
// package's joined, the message names package and version, and the help of the
// rule, which is of this package alone, has the rest.
func (r *runReader) grype(p *pending, u *rule) {
	f := p.finding
	f.Class = ClassVulnerability
	pkg := &Package{}
	f.Package = pkg
	if u == nil {
		u = &noRule
	}
	h := &u.help
	m := grypeMessage(f.Message)
	pkg.Name = m.name
	if pkg.Name == "" {
		_, pkg.Name, _ = strings.Cut(f.RuleID, "-")
	}
	if m.version != "" {
		pkg.Versions = []string{m.version}
	}
	id := h.id
	if id == "" {
		id = strings.TrimSuffix(f.RuleID, "-"+pkg.Name)
	}
	f.setIDs(id)
	word := h.severity
	if word == "" {
		word = m.severity
	}
	if g, ok := rateText(word, namespaceSource(h.namespace)); ok {
		f.Ratings = slices.Insert(f.Ratings, 0, g)
	}
	setFixed(pkg, h.fixed)
	if pkg.Ecosystem = ecosystemOfWord(h.packageType); pkg.Ecosystem == "" {
		pkg.Ecosystem = ecosystemOfWord(m.packageType)
	}
	pkg.PURL = grypePURL(u.purls, pkg.Version())
	r.grypeLocations(f, m.image)
	for i := range f.Locations {
		if l := &f.Locations[i]; l.Logical != "" {
			pkg.Path = l.Logical
			break
		}
	}
}

// namespaceSource returns who rated, of a namespace as "debian:distro:debian:12".
func namespaceSource(namespace string) string {
	source, _, _ := strings.Cut(namespace, ":")
	return source
}

type grypeText struct{ severity, packageType, name, version, image string }

// grypeMessage reads Grype's sentences. Since 0.65:
//
//	A medium vulnerability in apk package: ada-libs, version 2.9.2-r1 was found in image NAME at: /lib/apk/db/installed
//
// before:
//
//	The path /usr/share/doc/tar/copyright reports tar at version 1.34+dfsg-1.2  which is a vulnerable (deb) package installed in the container
func grypeMessage(text string) (m grypeText) {
	if rest, ok := strings.CutPrefix(text, "A "); ok {
		m.severity, rest, _ = strings.Cut(rest, " ")
		_, rest, _ = strings.Cut(rest, "vulnerability in ")
		m.packageType, rest, _ = strings.Cut(rest, " package: ")
		m.name, rest, _ = strings.Cut(rest, ", version ")
		m.version, rest, _ = strings.Cut(rest, " was found in ")
		if image, ok := strings.CutPrefix(rest, "image "); ok {
			m.image, _, _ = strings.Cut(image, " at: ")
		}
		return m
	}
	if rest, ok := strings.CutPrefix(text, "The path "); ok {
		i := strings.LastIndex(rest, " at version ")
		if i < 0 {
			return m
		}
		before, after := rest[:i], rest[i+len(" at version "):]
		if j := strings.LastIndex(before, " reports "); j >= 0 {
			m.name = before[j+len(" reports "):]
		}
		m.version, after, _ = strings.Cut(after, " ")
		if _, t, ok := strings.Cut(after, "vulnerable ("); ok {
			m.packageType, _, _ = strings.Cut(t, ")")
		}
	}
	return m
}

// grypePURL returns the package URL of the installed version. The rule lists
// those of its first match only; one of another version is not this package's.
func grypePURL(purls []string, version string) string {
	for _, p := range purls {
		if purlVersion(p) == version {
			return p
		}
	}
	return ""
}

// grypeLocations splits "IMAGE@sha256:LAYER:/path" into image, layer and path.
func (r *runReader) grypeLocations(f *Finding, image string) {
	for i := range f.Locations {
		l := &f.Locations[i]
		at := strings.LastIndex(l.Logical, "@sha256:")
		if at < 0 {
			continue
		}
		layer, path, ok := strings.Cut(l.Logical[at+len("@sha256:"):], ":")
		if !ok || !isDigest("sha256:"+layer) {
			continue
		}
		if image == "" {
			image = l.Logical[:at]
		}
		l.Layer, l.Logical = "sha256:"+layer, path
	}
	if image == "" || f.Target != nil {
		return
	}
	if r.run.Target == nil || r.run.Target.Name != image {
		r.run.Target = imageTarget(image)
	}
	f.Target = r.run.Target
}
