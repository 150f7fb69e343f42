// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// anchored compiles a pattern for whole strings. The pattern must be one by
// itself, so that a parenthesis in it cannot close ours.
func anchored(pattern string) (*regexp.Regexp, *syntax.Regexp, error) {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, nil, fmt.Errorf("sigstore: pattern: %w", err)
	}
	re, err := regexp.Compile("^(?:" + pattern + ")$")
	return re, tree.Simplify(), err
}

// checkOwner refuses a pattern for names that strangers can have. All that it matches
// must begin with the scheme, the host and the owner that stand in it ("spiffe" has no
// owner but the host), each up to its slash, or end with "@" and the domain of a mail
// address. An owner that goes on after what is written is another owner.
func checkOwner(pattern string, tree *syntax.Regexp) error {
	heads, ok := literals(tree, false)
	tails, okTails := literals(tree, true)
	if !ok || !okTails {
		return fmt.Errorf("sigstore: pattern %q: more than %d alternatives", pattern, maxAlternatives)
	}
	for _, head := range heads {
		if head.whole || ownerURL.MatchString(head.text) {
			continue
		}
		if !slices.ContainsFunc(tails, func(tail literal) bool { return !tail.whole && !mailDomain.MatchString(tail.text) }) {
			continue
		}
		return fmt.Errorf("sigstore: pattern %q accepts strangers: what it matches begins with %q, want a literal https://HOST/OWNER/, or @DOMAIN at the end", pattern, strings.ReplaceAll(head.text, anyChar, "."))
	}
	return nil
}

var (
	// People write "github.com" without escaping the dot. In a host that is no matter, for
	// the issuer decides about the host; "mail.example.com" matches a domain of strangers.
	ownerURL   = regexp.MustCompile(`^(?i:spiffe://[^/]+/|[a-z]+://[^/]+/[^/\x00]+/)`)
	mailDomain = regexp.MustCompile(`@[^@/?#\s\x00]+[.\x00][^@/?#\s\x00.]+$`)
)

// matchesPull reports whether a pattern for refs may match one of a pull request.
func matchesPull(tree *syntax.Regexp) bool {
	heads, ok := literals(tree, false)
	return !ok || slices.ContainsFunc(heads, func(head literal) bool {
		n := min(len(head.text), len(pullRef))
		return strings.EqualFold(head.text[:n], pullRef[:n]) && (n == len(pullRef) || !head.whole)
	})
}

// pullRef is what the ref of a pull request on GitHub begins with.
const pullRef = "refs/pull/"

// maxAlternatives bounds the literals of one pattern.
const maxAlternatives = 256

// literal is text that what a pattern matches begins or ends with; whole if it is all of it.
type literal struct {
	text  string
	whole bool
}

// anyChar stands for a dot that is not escaped, in the text of a literal.
const anyChar = "\x00"

// literals returns the text that what re matches begins with, or ends with, one for each
// alternative. ok is false if there are too many.
func literals(re *syntax.Regexp, atEnd bool) (list []literal, ok bool) {
	open := []literal{{"", false}}
	switch re.Op {
	case syntax.OpLiteral:
		return []literal{{string(re.Rune), true}}, true
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return []literal{{anyChar, true}}, true
	case syntax.OpEmptyMatch, syntax.OpBeginText, syntax.OpEndText, syntax.OpBeginLine, syntax.OpEndLine:
		return []literal{{"", true}}, true
	case syntax.OpCapture:
		return literals(re.Sub[0], atEnd)
	case syntax.OpQuest:
		list, ok = literals(re.Sub[0], atEnd)
		return append(list, literal{"", true}), ok
	case syntax.OpPlus:
		list, ok = literals(re.Sub[0], atEnd)
		if re.Sub[0].Op == syntax.OpAnyChar || re.Sub[0].Op == syntax.OpAnyCharNotNL {
			return open, ok
		}
		for i := range list {
			list[i].whole = false
		}
		return list, ok
	case syntax.OpCharClass:
		n := 0
		for i := 0; i < len(re.Rune); i += 2 {
			n += int(re.Rune[i+1]-re.Rune[i]) + 1
		}
		if n > 8 {
			return open, true
		}
		for i := 0; i < len(re.Rune); i += 2 {
			for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
				list = append(list, literal{string(r), true})
			}
		}
		return list, true
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			more, ok := literals(sub, atEnd)
			if list = append(list, more...); !ok || len(list) > maxAlternatives {
				return nil, false
			}
		}
		return list, true
	case syntax.OpConcat:
		list = []literal{{"", true}}
		subs := slices.Clone(re.Sub)
		if atEnd {
			slices.Reverse(subs)
		}
		for _, sub := range subs {
			more, ok := literals(sub, atEnd)
			if list = join(list, more, atEnd); !ok || len(list) > maxAlternatives {
				return nil, false
			}
		}
		return list, true
	}
	return open, true
}

// join puts each of next behind each of list that goes on.
func join(list, next []literal, atEnd bool) (all []literal) {
	for _, a := range list {
		if !a.whole {
			all = append(all, a)
			continue
		}
		for _, b := range next {
			text := a.text + b.text
			if atEnd {
				text = b.text + a.text
			}
			all = append(all, literal{text, b.whole})
		}
	}
	return all
}
