// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"slices"
	"strings"

	"github.com/HailBytes/evidence/internal/purl"
)

// SubjectDigests returns the SHA-256 digests that the document states of what it
// describes, as "sha256:<hex>" in lower case: hashes of its roots, and versions of
// them or their package URLs that are digests, as Syft writes that of an image.
// It is empty where the document states none, as Syft's CycloneDX of an image
// with a tag. Digests are not checked for their length.
func (d *Document) SubjectDigests() []string {
	roots := map[string]bool{}
	for _, id := range d.Roots() {
		roots[id] = true
	}
	var list []string
	for i := range d.Components {
		if c := &d.Components[i]; roots[c.ID] {
			list = append(list, c.Digests()...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Digests returns the SHA-256 digests that the component states, as
// "sha256:<hex>" in lower case: its hashes, and a version of it or of its package
// URL that is a digest. Digests are not checked for their length.
func (c *Component) Digests() []string {
	var list []string
	add := func(s string) {
		if s = strings.ToLower(s); strings.HasPrefix(s, "sha256:") && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	add(c.Version.String())
	for _, id := range c.Identifiers {
		if id.Kind != IdentifierPURL {
			continue
		}
		if p, err := purl.Parse(id.Value); err == nil {
			add(p.Version)
		}
	}
	for _, h := range c.Hashes {
		if h.Algorithm == SHA256 {
			add("sha256:" + h.Value)
		}
	}
	return list
}
