// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package vercmp

import (
	"cmp"
	"strings"
)

// cutEpoch splits "epoch:rest"; a missing epoch is 0.
func cutEpoch(v string) (epoch, rest string, ok bool) {
	e, r, found := strings.Cut(v, ":")
	if !found {
		return "0", v, v != ""
	}
	return e, r, allDigits(e) && r != ""
}

// compareDeb implements Debian Policy 5.6.12.
func compareDeb(a, b string) (int, bool) {
	ea, a, okA := cutEpoch(a)
	eb, b, okB := cutEpoch(b)
	if !okA || !okB || !isDeb(a) || !isDeb(b) {
		return 0, false
	}
	ua, ra := cutLast(a)
	ub, rb := cutLast(b)
	return cmp.Or(compareDigits(ea, eb), compareDebPart(ua, ub), compareDebPart(ra, rb)), true
}

func isDeb(s string) bool {
	return span(s, func(c byte) bool { return isDigit(c) || isLetter(c) || strings.IndexByte(".+-~:_", c) >= 0 }) == len(s)
}

// cutLast splits upstream version and revision at the last hyphen.
func cutLast(v string) (upstream, revision string) {
	if i := strings.LastIndexByte(v, '-'); i >= 0 {
		return v[:i], v[i+1:]
	}
	return v, ""
}

func compareDebPart(a, b string) int {
	for a != "" || b != "" {
		notDigit := func(c byte) bool { return !isDigit(c) }
		na, nb := span(a, notDigit), span(b, notDigit)
		for i := range max(na, nb) {
			if c := cmp.Compare(debOrder(a[:na], i), debOrder(b[:nb], i)); c != 0 {
				return c
			}
		}
		a, b = a[na:], b[nb:]
		na, nb = span(a, isDigit), span(b, isDigit)
		if c := compareDigits(a[:na], b[:nb]); c != 0 {
			return c
		}
		a, b = a[na:], b[nb:]
	}
	return 0
}

// debOrder: a tilde goes before the end, the end before letters, letters before
// everything else.
func debOrder(s string, i int) int {
	switch {
	case i >= len(s):
		return 0
	case s[i] == '~':
		return -1
	case isLetter(s[i]):
		return int(s[i])
	}
	return int(s[i]) + 256
}

// compareEVR compares epoch, version and release, the latter two by part.
func compareEVR(a, b string, part func(a, b string) int) (int, bool) {
	ea, a, okA := cutEpoch(a)
	eb, b, okB := cutEpoch(b)
	if !okA || !okB {
		return 0, false
	}
	va, ra := cutLast(a)
	vb, rb := cutLast(b)
	c := cmp.Or(compareDigits(ea, eb), part(va, vb))
	if c == 0 && ra != "" && rb != "" { // a version without release is any release
		c = part(ra, rb)
	}
	return c, true
}

// rpmvercmp compares segments of digits and of letters; separators only divide.
func rpmvercmp(a, b string) int {
	separator := func(c byte) bool { return !isDigit(c) && !isLetter(c) && c != '~' && c != '^' }
	for {
		a, b = a[span(a, separator):], b[span(b, separator):]
		if startsWith(a, '~') || startsWith(b, '~') { // before anything, even the end
			if c := boolOrder(startsWith(b, '~'), startsWith(a, '~')); c != 0 {
				return c
			}
			a, b = a[1:], b[1:]
			continue
		}
		if startsWith(a, '^') || startsWith(b, '^') { // after the end, before anything else
			switch {
			case a == "":
				return -1
			case b == "":
				return 1
			case !startsWith(a, '^'):
				return 1
			case !startsWith(b, '^'):
				return -1
			}
			a, b = a[1:], b[1:]
			continue
		}
		if a == "" || b == "" {
			return cmp.Compare(min(len(a), 1), min(len(b), 1))
		}
		in := isLetter
		if isDigit(a[0]) {
			in = isDigit
		}
		na, nb := span(a, in), span(b, in)
		if nb == 0 { // numbers are newer than letters
			return boolOrder(isDigit(a[0]), !isDigit(a[0]))
		}
		c := cmp.Compare(a[:na], b[:nb])
		if isDigit(a[0]) {
			c = compareDigits(a[:na], b[:nb])
		}
		if c != 0 {
			return c
		}
		a, b = a[na:], b[nb:]
	}
}

// alpmvercmp is pacman's order. It differs from rpm's where one text ends: letters
// that follow at once are before the end, so 1.0rc is before 1.0 and 1.0 before
// 1.0.a. "~" and "^" are separators like any other.
func alpmvercmp(a, b string) int {
	separator := func(c byte) bool { return !isDigit(c) && !isLetter(c) }
	for a != "" && b != "" {
		na, nb := span(a, separator), span(b, separator)
		a, b = a[na:], b[nb:]
		if a == "" || b == "" {
			break
		}
		if na != nb {
			return cmp.Compare(na, nb)
		}
		in := isLetter
		if isDigit(a[0]) {
			in = isDigit
		}
		na, nb = span(a, in), span(b, in)
		if nb == 0 { // numbers are newer than letters
			return boolOrder(isDigit(a[0]), !isDigit(a[0]))
		}
		c := cmp.Compare(a[:na], b[:nb])
		if isDigit(a[0]) {
			c = compareDigits(a[:na], b[:nb])
		}
		if c != 0 {
			return c
		}
		a, b = a[na:], b[nb:]
	}
	switch {
	case a == "" && b == "":
		return 0
	case a == "":
		return boolOrder(isLetter(b[0]), !isLetter(b[0]))
	}
	return boolOrder(!isLetter(a[0]), isLetter(a[0]))
}

func startsWith(s string, c byte) bool { return s != "" && s[0] == c }

// boolOrder orders false before true; with equal values 0.
func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// apkVersion is a version of Alpine's apk-tools: digits[.digits...][letter]{_suffix[digits]}[-rdigits].
type apkVersion struct {
	numbers  []string
	letter   byte
	suffixes []apkSuffix
	revision string
}

type apkSuffix struct {
	kind   int
	number string
}

// Suffixes in order; those of a release candidate go before no suffix at all.
var apkSuffixes = map[string]int{"alpha": -4, "beta": -3, "pre": -2, "rc": -1, "cvs": 1, "svn": 2, "git": 3, "hg": 4, "p": 5}

func parseAPK(s string) (v apkVersion, ok bool) {
	if i := strings.LastIndex(s, "-r"); i > 0 && allDigits(s[i+2:]) {
		s, v.revision = s[:i], s[i+2:]
	}
	s, _, _ = strings.Cut(s, "~") // a commit
	head, rest, _ := strings.Cut(s, "_")
	for part := range strings.SplitSeq(head, ".") {
		n := span(part, isDigit)
		if n == 0 || len(part) > n+1 || v.letter != 0 {
			return v, false
		}
		v.numbers = append(v.numbers, part[:n])
		if len(part) > n {
			if v.letter = part[n]; v.letter < 'a' || v.letter > 'z' {
				return v, false
			}
		}
	}
	if rest == "" {
		return v, !strings.HasSuffix(s, "_")
	}
	for part := range strings.SplitSeq(rest, "_") {
		n := span(part, isLetter)
		kind, known := apkSuffixes[part[:n]]
		if !known || part[n:] != "" && !allDigits(part[n:]) {
			return v, false
		}
		v.suffixes = append(v.suffixes, apkSuffix{kind, part[n:]})
	}
	return v, true
}

func (v apkVersion) compare(w apkVersion) int {
	for i := range min(len(v.numbers), len(w.numbers)) {
		a, b := v.numbers[i], w.numbers[i]
		c := compareDigits(a, b)
		if i > 0 && (a[0] == '0' || b[0] == '0') && a != "0" && b != "0" { // a fraction
			c = cmp.Compare(a, b)
		}
		if c != 0 {
			return c
		}
	}
	if c := cmp.Or(cmp.Compare(len(v.numbers), len(w.numbers)), cmp.Compare(v.letter, w.letter)); c != 0 {
		return c
	}
	for i := range max(len(v.suffixes), len(w.suffixes)) {
		var a, b apkSuffix
		if i < len(v.suffixes) {
			a = v.suffixes[i]
		}
		if i < len(w.suffixes) {
			b = w.suffixes[i]
		}
		if c := cmp.Or(cmp.Compare(a.kind, b.kind), compareDigits(a.number, b.number)); c != 0 {
			return c
		}
	}
	return compareDigits(v.revision, w.revision)
}
