// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"strings"
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
	repo, digest, _ := strings.Cut(ref, "@")
	tag := ""
	if i := strings.LastIndexByte(repo, ':'); i > strings.LastIndexByte(repo, '/') {
		repo, tag = repo[:i], repo[i+1:]
	}
	if isDigest(digest) {
		t.Digests = addString(t.Digests, digest)
	}
	if tag != "" {
		t.Tags = addString(t.Tags, tag)
	}
	if t.Repository == "" {
		t.Repository = fullRepository(repo)
	}
}

// fullRepository gives a repository of Docker Hub the registry and namespace
// that it stands for. One with another registry, or with a namespace whose
// registry the report leaves out, stays as it is.
func fullRepository(repo string) string {
	repo = strings.ToLower(repo)
	first, rest, several := strings.Cut(repo, "/")
	switch {
	case repo == "" || strings.ContainsAny(repo, " \\"):
		return ""
	case !several:
		return "docker.io/library/" + repo
	case first == "index.docker.io" || first == "registry-1.docker.io":
		if !strings.Contains(rest, "/") {
			rest = "library/" + rest
		}
		return "docker.io/" + rest
	case first == "docker.io" && !strings.Contains(rest, "/"):
		return "docker.io/library/" + rest
	case first == "library":
		return "docker.io/" + repo
	}
	return repo
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
