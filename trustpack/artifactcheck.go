// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"path"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
)

// artifactsID is the check of what the release shipped besides images.
const artifactsID = "release.artifacts"

// artifactChecks holds what the manifest says of artifacts against files of the same name,
// against the release that their names state, and against each other.
func artifactChecks(r *Release) evidence.Checks {
	list := r.Manifest.Artifacts
	if len(list) == 0 {
		return nil
	}
	files := map[string]*manifest.File{} // by the last part of the path
	for i := range r.Manifest.Files {
		f := &r.Manifest.Files[i]
		files[path.Base(f.Path)] = f
	}
	var problems evidence.Problems
	add := func(contradiction bool, format string, args ...any) {
		p := warning(artifactsID, manifest.Name, format, args...)
		if contradiction {
			p.Severity, p.Err = evidence.SeverityError, evidence.ErrMismatch
		}
		if len(problems) < mostProblems {
			problems = append(problems, p)
		}
	}
	type identity struct {
		kind manifest.ArtifactKind
		id   string
	}
	ids := map[identity]string{}
	for i := range list {
		a := &list[i]
		if f := files[a.Name]; f != nil && !a.SHA256.IsZero() && f.SHA256 != a.SHA256 {
			add(true, "artifact %s has SHA-256 %s, the file %s has %s", textfmt.Quote(a.Name), a.SHA256.Hex(), f.Path, f.SHA256.Hex())
		}
		if have, known := ids[identity{a.Kind, a.ID}]; known && a.ID != "" && have != a.Name {
			add(false, "artifacts %s and %s have one id, %s", textfmt.Quote(have), textfmt.Quote(a.Name), textfmt.Quote(a.ID))
		}
		ids[identity{a.Kind, a.ID}] = a.Name
		if v := versionInName(a.Name, r.Manifest.Product); v != "" && !sameNameVersion(v, r.Manifest.Version) {
			add(true, "artifact %s is named for version %s, the release is %s", textfmt.Quote(a.Name), v, r.Manifest.Version)
		}
		if words := nameWords(a.Name); len(words) > 1 && words[0] == "hailbytes" && !r.own().isProduct(a.Name) {
			add(false, "artifact %s is named for product %s, the release is of %s", textfmt.Quote(a.Name), textfmt.Quote(words[1]), r.Manifest.Product)
		}
	}
	return evidence.Checks{evidence.Judge(artifactsID, "", problems, textfmt.Count(len(list), "artifact")+" of the release, none contradicted")}
}

// versionInName returns the version that stands behind the product in a name,
// "1.482" of "hailbytes-asm-1-482-amd64"; "" where none does. Two numbers that are no
// version, such as those of a day, have another first number than the release.
func versionInName(name, product string) string {
	words, own := nameWords(name), nameWords(product)
	for i := range words {
		if rest, ok := cutWords(words[i:], own); ok && len(own) > 0 && len(rest) > 1 {
			major, minor := strings.TrimPrefix(rest[0], "v"), rest[1]
			if isNumber(major) && isNumber(minor) {
				return major + "." + minor
			}
		}
	}
	return ""
}

// sameNameVersion compares a version out of a name. One of another major number is taken
// for something else.
func sameNameVersion(got, release string) bool {
	major, _, _ := strings.Cut(got, ".")
	own, _, _ := strings.Cut(release, ".")
	same, known := sameReleaseVersion(got, release)
	return major != own || same || !known
}

func cutWords(words, prefix []string) (rest []string, ok bool) {
	if len(words) < len(prefix) {
		return nil, false
	}
	for i := range prefix {
		if words[i] != prefix[i] {
			return nil, false
		}
	}
	return words[len(prefix):], true
}

func isNumber(s string) bool { return s != "" && len(s) < 10 && strings.Trim(s, "0123456789") == "" }
