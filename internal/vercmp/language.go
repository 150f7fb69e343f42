// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package vercmp

import (
	"cmp"
	"slices"
	"strings"
)

// bareGo takes a Go version to Semantic Versioning: "v1.2.3" and "go1.22rc1".
func bareGo(v string) string {
	for _, prefix := range []string{"v", "go"} {
		if rest, ok := strings.CutPrefix(v, prefix); ok && rest != "" && isDigit(rest[0]) {
			v = rest
			break
		}
	}
	for _, word := range []string{"rc", "beta"} { // of the toolchain
		if head, n, ok := strings.Cut(v, word); ok && allDigits(n) && head != "" && isDigit(head[len(head)-1]) {
			return head + "-" + word + "." + n
		}
	}
	return v
}

// semVersion is a version of Semantic Versioning 2.0.0, with any number of parts.
type semVersion struct {
	numbers []string
	pre     []string // nil for a release
}

func parseSemVer(s string) (v semVersion, ok bool) {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "v"), "V")
	s, _, _ = strings.Cut(s, "+")
	core, pre, hasPre := strings.Cut(s, "-")
	for part := range strings.SplitSeq(core, ".") {
		if !allDigits(part) {
			return v, false
		}
		v.numbers = append(v.numbers, part)
	}
	if hasPre {
		if pre == "" {
			return v, false
		}
		v.pre = strings.Split(pre, ".")
	}
	return v, true
}

func (v semVersion) compare(w semVersion) int {
	for i := range max(len(v.numbers), len(w.numbers)) {
		if c := compareDigits(at(v.numbers, i), at(w.numbers, i)); c != 0 {
			return c
		}
	}
	if len(v.pre) == 0 || len(w.pre) == 0 {
		return boolOrder(len(v.pre) == 0, len(w.pre) == 0)
	}
	return slices.CompareFunc(v.pre, w.pre, compareLabels)
}

// compareLabels compares the parts of a pre-release: numbers by value, and before
// all else.
func compareLabels(a, b string) int {
	da, db := allDigits(a), allDigits(b)
	switch {
	case da && db:
		return compareDigits(a, b)
	case da != db:
		return boolOrder(db, da)
	}
	return cmp.Compare(a, b)
}

// at returns an element, "" beyond the end, which compares as 0.
func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// pypiVersion is a version of PEP 440.
type pypiVersion struct {
	epoch     string
	release   []string
	pre       int // a -3, b -2, rc -1, none 0
	preNumber string
	post      string // "" for none
	dev       string
	hasPost   bool
	hasDev    bool
	local     []string
}

func parsePyPI(s string) (v pypiVersion, ok bool) {
	s = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), "v")
	s, local, hasLocal := strings.Cut(s, "+")
	if hasLocal {
		v.local = strings.FieldsFunc(local, func(r rune) bool { return r == '.' || r == '-' || r == '_' })
	}
	if e, rest, found := strings.Cut(s, "!"); found {
		if !allDigits(e) {
			return v, false
		}
		v.epoch, s = e, rest
	}
	for {
		n := span(s, isDigit)
		if n == 0 {
			break
		}
		v.release = append(v.release, s[:n])
		s = s[n:]
		if len(s) < 2 || s[0] != '.' || !isDigit(s[1]) {
			break
		}
		s = s[1:]
	}
	if len(v.release) == 0 {
		return v, false
	}
	for s != "" {
		s = strings.TrimLeft(s, ".-_")
		n := span(s, isLetter)
		word := s[:n]
		s = strings.TrimLeft(s[n:], ".-_")
		n = span(s, isDigit)
		number := s[:n]
		s = s[n:]
		switch word {
		case "a", "alpha":
			v.pre, v.preNumber = -3, number
		case "b", "beta":
			v.pre, v.preNumber = -2, number
		case "rc", "c", "pre", "preview":
			v.pre, v.preNumber = -1, number
		case "post", "rev", "r", "": // "1.0-1" is a post-release
			if word == "" && number == "" {
				return v, false
			}
			v.post, v.hasPost = number, true
		case "dev":
			v.dev, v.hasDev = number, true
		default:
			return v, false
		}
	}
	return v, true
}

func (v pypiVersion) compare(w pypiVersion) int {
	if c := compareDigits(v.epoch, w.epoch); c != 0 {
		return c
	}
	for i := range max(len(v.release), len(w.release)) {
		if c := compareDigits(at(v.release, i), at(w.release, i)); c != 0 {
			return c
		}
	}
	if c := cmp.Or(cmp.Compare(v.stage(), w.stage()), compareDigits(v.preNumber, w.preNumber),
		boolOrder(v.hasPost, w.hasPost), compareDigits(v.post, w.post),
		boolOrder(w.hasDev, v.hasDev), compareDigits(v.dev, w.dev)); c != 0 {
		return c
	}
	return slices.CompareFunc(v.local, w.local, func(a, b string) int {
		da, db := allDigits(a), allDigits(b)
		switch {
		case da && db:
			return compareDigits(a, b)
		case da != db:
			return boolOrder(da, db)
		}
		return cmp.Compare(a, b)
	})
}

// stage orders dev-releases of a release before its pre-releases.
func (v pypiVersion) stage() int {
	if v.pre == 0 && v.hasDev && !v.hasPost {
		return -4
	}
	return v.pre
}

// compareGem compares segments of digits and of letters; letters are pre-releases.
func compareGem(a, b string) (int, bool) {
	x, okA := gemSegments(a)
	y, okB := gemSegments(b)
	if !okA || !okB {
		return 0, false
	}
	for i := range max(len(x), len(y)) {
		s, t := "0", "0"
		if i < len(x) {
			s = x[i]
		}
		if i < len(y) {
			t = y[i]
		}
		ds, dt := allDigits(s), allDigits(t)
		c := 0
		switch {
		case ds && dt:
			c = compareDigits(s, t)
		case ds != dt:
			c = boolOrder(ds, dt)
		default:
			c = cmp.Compare(s, t)
		}
		if c != 0 {
			return c, true
		}
	}
	return 0, true
}

func gemSegments(s string) ([]string, bool) {
	s = strings.ReplaceAll(strings.TrimSpace(s), "-", ".pre.")
	if s == "" || !isDigit(s[0]) {
		return nil, false
	}
	var out []string
	letters := false
	for s != "" {
		n := span(s, isDigit)
		if n == 0 {
			n = span(s, isLetter)
		}
		if n == 0 {
			if s[0] != '.' {
				return nil, false
			}
			s = s[1:]
			continue
		}
		if isLetter(s[0]) && !letters {
			// Zeros before the first letters do not count: 1.0.rc1 is 1.rc1.
			letters = true
			for len(out) > 0 && strings.Trim(out[len(out)-1], "0") == "" {
				out = out[:len(out)-1]
			}
		}
		out = append(out, s[:n])
		s = s[n:]
	}
	return out, true
}

// compareMaven follows org.apache.maven.artifact.versioning.ComparableVersion:
// parts between ".", "-" and changes from digits to letters; a hyphen begins a
// list of its own, which trailing nulls of the part before do not count for.
func compareMaven(a, b string) (int, bool) {
	if a == "" || b == "" {
		return 0, false
	}
	return compareMavenParts(mavenParts(a), mavenParts(b)), true
}

// mavenPart is a number or a qualifier, and how it is divided from the part before.
type mavenPart struct {
	text   string
	number bool
	hyphen bool
}

func mavenParts(s string) []mavenPart {
	s = strings.ToLower(s)
	var parts []mavenPart
	hyphen := false
	for s != "" {
		switch s[0] {
		case '.', '-', '_':
			hyphen = s[0] != '.'
			s = s[1:]
			continue
		}
		n, number := span(s, isDigit), true
		if n == 0 {
			number = false
			n = span(s, func(c byte) bool { return !isDigit(c) && c != '.' && c != '-' && c != '_' })
		}
		text := s[:n]
		if !number && n < len(s) && isDigit(s[n]) { // a1, b2, m3
			switch text {
			case "a":
				text = "alpha"
			case "b":
				text = "beta"
			case "m":
				text = "milestone"
			}
		}
		if len(parts) > 0 && parts[len(parts)-1].number != number && !hyphen {
			hyphen = true // a change of kind divides like a hyphen
		}
		parts = append(parts, mavenPart{text, number, hyphen})
		hyphen = false
		s = s[n:]
	}
	return trimMaven(parts)
}

// trimMaven drops parts that say nothing before a hyphen and at the end.
func trimMaven(parts []mavenPart) []mavenPart {
	var out []mavenPart
	for i, p := range parts {
		out = append(out, p)
		if i+1 == len(parts) || parts[i+1].hyphen {
			for len(out) > 0 && out[len(out)-1].null() && !(out[len(out)-1].hyphen && i+1 < len(parts)) {
				out = out[:len(out)-1]
			}
		}
	}
	return out
}

func (p mavenPart) null() bool {
	if p.number {
		return strings.Trim(p.text, "0") == ""
	}
	return p.text == "" || p.text == "ga" || p.text == "final" || p.text == "release"
}

// mavenQualifiers in order; unknown ones follow "sp" by their text.
var mavenQualifiers = []string{"alpha", "beta", "milestone", "rc", "snapshot", "", "sp"}

func (p mavenPart) rank() int {
	text := p.text
	switch text {
	case "ga", "final", "release":
		text = ""
	case "cr":
		text = "rc"
	}
	if i := slices.Index(mavenQualifiers, text); i >= 0 {
		return i
	}
	return len(mavenQualifiers)
}

func compareMavenParts(a, b []mavenPart) int {
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a):
			if c := b[i].againstNothing(); c != 0 {
				return -c
			}
		case i >= len(b):
			if c := a[i].againstNothing(); c != 0 {
				return c
			}
		default:
			if c := a[i].compare(b[i]); c != 0 {
				return c
			}
		}
	}
	return 0
}

func (p mavenPart) againstNothing() int {
	if p.number {
		return boolOrder(!p.null(), false)
	}
	return cmp.Compare(p.rank(), slices.Index(mavenQualifiers, ""))
}

// compare: 1.1 is after 1-1, which is after 1-sp.
func (p mavenPart) compare(q mavenPart) int {
	if p.number != q.number {
		return boolOrder(p.number, q.number)
	}
	if p.number {
		return cmp.Or(boolOrder(!p.hyphen, !q.hyphen), compareDigits(p.text, q.text))
	}
	if p.rank() == len(mavenQualifiers) && q.rank() == len(mavenQualifiers) {
		return cmp.Compare(p.text, q.text)
	}
	return cmp.Compare(p.rank(), q.rank())
}
