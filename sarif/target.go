// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"strings"

	"github.com/HailBytes/evidence/internal/imageref"
)

// imageTarget returns the target that an image reference names: registry,
// path, tag and digest as the OCI distribution specification joins them.
func imageTarget(ref string) *Target {
	t := &Target{Kind: TargetImage, Name: ref}
	t.addReference(ref)
	return t
}

// addReference adds what an image reference says to t.
func (t *Target) addReference(ref string) {
	r, err := imageref.Parse(ref)
	if err != nil {
		return
	}
	if !r.Digest.IsZero() {
		t.Digests = addString(t.Digests, r.Digest.String())
	}
	if r.Tag != "" {
		t.Tags = addString(t.Tags, r.Tag)
	}
	if t.Repository == "" {
		t.Repository = reportedRepository(ref, r)
	}
}

// fullRepository returns the repository that a reference in a report names, ""
// for none.
func fullRepository(ref string) string {
	r, err := imageref.Parse(ref)
	if err != nil {
		return ""
	}
	return reportedRepository(ref, r)
}

// reportedRepository returns the repository of r, which ref was read to. Reports
// leave the registry out, of any registry: one that has a namespace and no
// registry stays without.
func reportedRepository(ref string, r imageref.Ref) string {
	if !hasRegistry(ref) && !strings.HasPrefix(r.Path, "library/") {
		return r.Path
	}
	return r.Repository()
}

// hasRegistry reports whether the first element of a repository is a host.
func hasRegistry(repo string) bool {
	first, _, several := strings.Cut(repo, "/")
	return several && (strings.ContainsAny(first, ".:") || first == "localhost")
}

// isDigest reports whether s is "sha256:" and 64 lower-case hexadecimal digits,
// or the like with sha512.
func isDigest(s string) bool {
	algorithm, hex, ok := strings.Cut(s, ":")
	if !ok || algorithm == "sha256" && len(hex) != 64 || algorithm == "sha512" && len(hex) != 128 {
		return false
	}
	if algorithm != "sha256" && algorithm != "sha512" {
		return false
	}
	return strings.Trim(hex, "0123456789abcdef") == ""
}

// addString adds a text to a list that is short in every real report; in one that
// is not, equal texts are not worth the time to look for them.
func addString(list []string, s string) []string {
	const short = 256
	for _, have := range list[:min(len(list), short)] {
		if have == s {
			return list
		}
	}
	return append(list, s)
}
