// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package license

import (
	"net/url"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// otherVersion reports whether a licence's URL names a version, and not the one
// that the module has. A commit says nothing of a version that is no
// pseudo-version: which commit a tag is, is not known here.
func otherVersion(raw, name, version string) bool {
	ref, ok := urlVersion(raw, name)
	if !ok || !semver.IsValid("v"+plainVersion(version)) || sameVersion(ref, version) {
		return false
	}
	return !isCommit(ref) || module.IsPseudoVersion("v"+plainVersion(version))
}

// sameVersion reports whether a ref of a repository is a module's version: its
// tag, or the commit of a pseudo-version.
func sameVersion(ref, version string) bool {
	ref, version = plainVersion(ref), strings.TrimSuffix(plainVersion(version), "+incompatible")
	if ref == version {
		return true
	}
	commit, err := module.PseudoVersionRev("v" + version)
	return err == nil && isCommit(ref) && (strings.HasPrefix(ref, commit) || strings.HasPrefix(commit, ref))
}

// urlVersion returns the version or commit that the address of a file names, as
// the sites that serve repositories write it. Where the address has a branch, or
// is of a form that is not known, ok is false. Tags of a module in a folder of its
// repository begin with the folder's name (Go Modules Reference, "Mapping versions
// to commits"), so name, the module's path, tells where such a tag ends.
func urlVersion(raw, name string) (ref string, ok bool) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", false
	}
	path := strings.Trim(u.Path, "/")
	switch host := strings.ToLower(u.Hostname()); {
	case host == "cs.opensource.google", strings.HasSuffix(host, ".googlesource.com"):
		// /go/x/net/+/v0.10.0:LICENSE, /text/+/refs/tags/v0.3.5/LICENSE
		_, rest, _ := strings.Cut(path, "/+/")
		rest, _, _ = strings.Cut(rest, ":")
		return refVersion(strings.TrimPrefix(rest, "refs/tags/"), name)
	case host == "pkg.go.dev":
		// /golang.org/x/net@v0.10.0, with the package before or after the version
		_, rest, _ := strings.Cut(path, "@")
		return refVersion(rest, name)
	case host == "raw.githubusercontent.com":
		return refVersion(strings.TrimPrefix(after(path, 2), "refs/tags/"), name)
	}
	for _, mark := range []string{
		"/-/blob/", "/-/raw/", "/-/tree/", // GitLab
		"/src/tag/", "/src/commit/", "/raw/tag/", "/raw/commit/", // Gitea, Forgejo
		"/src/branch/", "/raw/branch/",
		"/blob/", "/raw/", "/tree/", // GitHub, and GitLab of old
		"/src/", // Bitbucket
	} {
		if _, rest, found := strings.Cut(path, mark); found {
			if strings.HasSuffix(mark, "/branch/") {
				return "", false
			}
			return refVersion(strings.TrimPrefix(rest, "refs/tags/"), name)
		}
	}
	return "", false
}

// refVersion takes the version from "REF/path/in/the/repository".
func refVersion(text, name string) (string, bool) {
	elements := strings.Split(text, "/")
	if isVersion(elements[0]) || isCommit(elements[0]) {
		return elements[0], true
	}
	folder := lower(strings.TrimSuffix(name, "/"+majorOf(name)))
	at := len(elements[0])
	for _, e := range elements[1:] {
		if isVersion(e) {
			return e, strings.HasSuffix(folder, "/"+lower(text[:at]))
		}
		at += 1 + len(e)
	}
	return "", false
}

// majorOf returns the last element of a module's path if it is a major version.
func majorOf(name string) string {
	_, major, ok := module.SplitPathVersion(name)
	if !ok || !strings.HasPrefix(major, "/") {
		return "/" // no path has it
	}
	return major[1:]
}

// after returns what stands in path after n elements.
func after(path string, n int) string {
	for range n {
		_, path, _ = strings.Cut(path, "/")
	}
	return path
}

// isVersion reports whether a ref is a version in full, with "v" or without;
// "v3" alone is as well a branch or a folder.
func isVersion(ref string) bool {
	v := "v" + plainVersion(ref)
	return semver.IsValid(v) && strings.Count(v, ".") >= 2
}

// isCommit reports whether a ref is a commit's hash, whole or cut short.
func isCommit(ref string) bool {
	return len(ref) >= 7 && len(ref) <= 64 && strings.Trim(ref, "0123456789abcdef") == ""
}

// plainVersion returns v without its leading "v".
func plainVersion(v string) string {
	if len(v) > 1 && v[0] == 'v' && v[1] >= '0' && v[1] <= '9' {
		return v[1:]
	}
	return v
}
