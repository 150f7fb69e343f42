// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package purl

import (
	"net/url"
	"strings"
)

// Canonical returns the canonical text of a package URL. For one that is
// canonical as written, as nearly all in an SBOM are, it returns s itself and
// allocates nothing. The error is that of [Parse].
func Canonical(s string) (string, error) {
	if isCanonical(s) {
		return s, nil
	}
	p, err := Parse(s)
	if err != nil {
		return "", err
	}
	return p.String(), nil
}

// isCanonical reports whether s is surely canonical, looking at each byte once.
// It covers what tools write every day and says false of the rest: types with
// rules of their own, subpaths, dots as segments.
func isCanonical(s string) bool {
	rest, ok := strings.CutPrefix(s, "pkg:")
	if !ok {
		return false
	}
	typ, rest, ok := strings.Cut(rest, "/")
	if !ok {
		return false
	}
	fold, ok := plainTypes[typ]
	if !ok {
		return false
	}
	path, query, hasQuery := strings.Cut(rest, "?")
	path, version, hasVersion := strings.Cut(path, "@")
	if hasVersion && (version == "" || !canonicalText(version, false)) {
		return false
	}
	if hasQuery && !canonicalQuery(query) {
		return false
	}
	segments := 0
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "" || segment == "." || segment == ".." || !canonicalText(segment, fold) {
			return false
		}
		segments++
	}
	return segments > 0
}

// split takes apart what isCanonical is true of.
func split(s string) PURL {
	var p PURL
	rest, query, _ := strings.Cut(s[len("pkg:"):], "?")
	rest, p.Version, _ = strings.Cut(rest, "@")
	p.Type, rest, _ = strings.Cut(rest, "/")
	p.Name = rest
	if slash := strings.LastIndexByte(rest, '/'); slash >= 0 {
		p.Namespace, p.Name = decoded(rest[:slash]), rest[slash+1:]
	}
	p.Name, p.Version = decoded(p.Name), decoded(p.Version)
	if query != "" {
		p.Qualifiers = make([]Qualifier, 0, strings.Count(query, "&")+1)
		for pair := range strings.SplitSeq(query, "&") {
			key, value, _ := strings.Cut(pair, "=")
			p.Qualifiers = append(p.Qualifiers, Qualifier{key, decoded(value)})
		}
	}
	return p
}

// decoded returns canonical text without its percent signs.
func decoded(s string) string {
	text, _ := url.PathUnescape(s) // which isCanonical has checked
	return text
}

// plainTypes have no rule but lower case, where true, for namespace and name.
var plainTypes = map[string]bool{
	"apk": true, "deb": true, "golang": true, "github": true, "composer": true,
	"npm": false, "maven": false, "gem": false, "cargo": false, "nuget": false, "generic": false, "oci": false, "docker": false,
}

// canonicalText reports whether a component is encoded as the canonical form
// encodes it: unreserved characters and ":" bare, all others as %XX with
// upper-case digits. An encoded slash or control character is left to Parse, as
// is everything beyond ASCII.
func canonicalText(s string, lower bool) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' {
			if i+2 >= len(s) {
				return false
			}
			c, ok := unhex(s[i+1], s[i+2])
			if !ok || c <= ' ' || c >= 0x7f || c == '/' || bare(c) {
				return false
			}
			i += 2
			continue
		}
		if !bare(c) || lower && 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
}

func bare(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~' || c == ':'
}

func unhex(hi, lo byte) (byte, bool) {
	digit := func(c byte) int {
		switch {
		case '0' <= c && c <= '9':
			return int(c - '0')
		case 'A' <= c && c <= 'F':
			return int(c-'A') + 10
		}
		return -1
	}
	h, l := digit(hi), digit(lo)
	if h < 0 || l < 0 {
		return 0, false
	}
	return byte(h<<4 | l), true
}

// canonicalQuery wants sorted, valid keys and values that are there.
func canonicalQuery(query string) bool {
	last := ""
	for pair := range strings.SplitSeq(query, "&") {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || value == "" || key <= last || !canonicalKey(key) || !canonicalText(value, false) {
			return false
		}
		last = key
	}
	return true
}

func canonicalKey(key string) bool {
	for i := range len(key) {
		c := key[i]
		if !('a' <= c && c <= 'z' || c == '.' || c == '-' || c == '_' || i > 0 && '0' <= c && c <= '9') {
			return false
		}
	}
	return key != ""
}
