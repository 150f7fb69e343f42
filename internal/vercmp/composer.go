// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package vercmp

import (
	"cmp"
	"strings"
)

// composerVersion is a version as Composer normalises it: up to four numbers, a
// stability with its number, and "dev" for what is on the way to it.
type composerVersion struct {
	numbers   []string
	stability int
	number    string
	dev       bool
}

// composerStabilities in order. A release without a word is stable, and patches
// come after it.
var composerStabilities = map[string]int{
	"dev": -4, "alpha": -3, "a": -3, "beta": -2, "b": -2, "rc": -1, "stable": 0, "patch": 1, "pl": 1, "p": 1,
}

func parseComposer(s string) (v composerVersion, ok bool) {
	s = strings.TrimPrefix(strings.ToLower(s), "v")
	s, _, _ = strings.Cut(s, "+")
	for {
		n := span(s, isDigit)
		if n == 0 {
			break
		}
		v.numbers = append(v.numbers, s[:n])
		s = s[n:]
		if len(s) < 2 || s[0] != '.' || !isDigit(s[1]) {
			break
		}
		s = s[1:]
	}
	if len(v.numbers) == 0 {
		return v, false
	}
	for i := 0; s != ""; i++ {
		s = strings.TrimLeft(s, ".-_")
		n := span(s, isLetter)
		stability, known := composerStabilities[s[:n]]
		if !known || i > 1 || i == 1 && s[:n] != "dev" {
			return v, false
		}
		if i == 1 || stability == composerStabilities["dev"] && s[n:] == "" {
			v.dev = true
		} else {
			v.stability = stability
		}
		s = s[n:]
		if rest := strings.TrimLeft(s, ".-"); rest != "" && isDigit(rest[0]) {
			n = span(rest, isDigit)
			v.number, s = rest[:n], rest[n:]
		}
	}
	return v, true
}

func (v composerVersion) compare(w composerVersion) int {
	for i := range max(len(v.numbers), len(w.numbers)) {
		if c := compareDigits(at(v.numbers, i), at(w.numbers, i)); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(v.stage(), w.stage()), compareDigits(v.number, w.number), boolOrder(w.dev, v.dev))
}

// stage orders what is on the way to a release before everything of it.
func (v composerVersion) stage() int {
	if v.dev && v.stability == 0 {
		return composerStabilities["dev"]
	}
	return v.stability
}
