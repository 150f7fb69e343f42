// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package spdxexpr

import (
	"fmt"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// The codes of the problems that are about the list, not about the grammar: of class
// evidence.ErrUnsupported. The package comment lists all.
const (
	CodeUnknownLicense   = "spdxexpr.unknown-license"   // not on the list
	CodeUnknownException = "spdxexpr.unknown-exception" // not on the list
)

const (
	codeEmpty        = "spdxexpr.empty"
	codeCharacter    = "spdxexpr.character"
	codeSyntax       = "spdxexpr.syntax"
	codeOperatorCase = "spdxexpr.operator-case"
	codeReference    = "spdxexpr.reference"
	codeSpecial      = "spdxexpr.special"
	codeSize         = "spdxexpr.size"
)

// MaxBytes is the longest expression that is read: 1 MiB, some fifty thousand
// licences, where the longest seen in real documents have a few hundred.
const MaxBytes = 1 << 20

// Options changes what Parse accepts. Nil and the zero value accept only what
// the specification and the list have.
type Options struct {
	// UnsafeUnknown accepts licences and exceptions that are not on the list, as
	// real documents hold them ("GPLv2 OR BAR"). [License.Listed] tells them apart.
	UnsafeUnknown bool
}

const (
	documentPrefix = "DocumentRef-"
	licensePrefix  = "LicenseRef-"
	additionPrefix = "AdditionRef-"
)

// Parse reads one expression, with white space around it allowed. The error is
// a [*Problem].
func Parse(s string, o *Options) (Expression, error) {
	if len(s) > MaxBytes {
		return Expression{}, problem(0, codeSize, evidence.ErrLimit, "expression of %d bytes, at most %d are read", len(s), MaxBytes)
	}
	p := parser{text: s, t: new(tree)}
	if o != nil {
		p.o = *o
	}
	if err := p.parse(); err != nil {
		return Expression{}, err
	}
	return Expression{p.t}, nil
}

func problem(offset int, code string, class error, format string, args ...any) *evidence.Problem {
	return &evidence.Problem{
		Code: code, Severity: evidence.SeverityError, Err: class,
		Line: 1, Column: offset + 1, Offset: int64(offset),
		Message: fmt.Sprintf(format, args...),
	}
}

type parser struct {
	text string
	o    Options
	t    *tree
	open []group // one for the whole expression and for each open parenthesis
	tok  token
	next int // offset behind tok

	termAt int // offset of the newest term
}

// group counts the operands that stand finished at the end of the nodes.
type group struct {
	or, and int32
	special int // 1 plus the offset of a NONE or NOASSERTION that is an operand of or
	at      int // offset of the parenthesis
}

type token struct {
	kind tokenKind
	at   int
	text string
}

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenOpen
	tokenClose
	tokenAnd
	tokenOr
	tokenWith
	tokenWord
)

// parse reads operand, operator, operand, ... with a stack of open groups.
func (p *parser) parse() error {
	if strings.Trim(p.text, " \t\r\n") == "" {
		return problem(0, codeEmpty, evidence.ErrFormat, "empty licence expression")
	}
	p.open = append(p.open, group{})
	if err := p.scan(); err != nil {
		return err
	}
	for {
		for p.tok.kind == tokenOpen {
			p.open = append(p.open, group{at: p.tok.at})
			if err := p.scan(); err != nil {
				return err
			}
		}
		if err := p.term(); err != nil {
			return err
		}
		for p.tok.kind == tokenClose {
			if len(p.open) == 1 {
				return problem(p.tok.at, codeSyntax, evidence.ErrFormat, "unexpected )")
			}
			if err := p.endOr(); err != nil {
				return err
			}
			p.open = p.open[:len(p.open)-1]
			if err := p.scan(); err != nil {
				return err
			}
		}
		switch p.tok.kind {
		case tokenAnd:
			p.operand(opAnd)
		case tokenOr:
			p.endAnd()
		case tokenEnd:
			if len(p.open) > 1 {
				return problem(p.open[len(p.open)-1].at, codeSyntax, evidence.ErrFormat, "( is not closed")
			}
			return p.endOr()
		default:
			return problem(p.tok.at, codeSyntax, evidence.ErrFormat, "got %s, want AND, OR, ) or the end", textfmt.Quote(p.tok.text))
		}
		if err := p.scan(); err != nil {
			return err
		}
	}
}

// operand counts the subtree that ends the nodes as an operand of o. A subtree
// of the same kind, which only parentheses can give, is dissolved: its operands
// already stand in place.
func (p *parser) operand(o op) {
	n := int32(1)
	if last := p.t.nodes[len(p.t.nodes)-1]; last.op == o {
		p.t.nodes = p.t.nodes[:len(p.t.nodes)-1]
		n = last.n
	}
	g := &p.open[len(p.open)-1]
	if o == opAnd {
		g.and += n
	} else {
		g.or += n
	}
}

// endAnd finishes an and-group, which becomes an operand of the or-group.
func (p *parser) endAnd() {
	if p.open[len(p.open)-1].and > 0 {
		p.operand(opAnd)
		g := &p.open[len(p.open)-1]
		p.t.nodes = append(p.t.nodes, node{opAnd, g.and})
		g.and = 0
	}
	if last := p.t.nodes[len(p.t.nodes)-1]; last.op == opTerm && p.t.terms[last.n].IsSpecial() {
		p.open[len(p.open)-1].special = p.termAt + 1
	}
	p.operand(opOr)
}

// endOr finishes a whole expression or one in parentheses.
func (p *parser) endOr() error {
	p.endAnd()
	if g := p.open[len(p.open)-1]; g.or > 1 {
		if g.special > 0 {
			return problem(g.special-1, codeSpecial, evidence.ErrFormat, "NONE and NOASSERTION are no choice beside OR")
		}
		p.t.nodes = append(p.t.nodes, node{opOr, g.or})
	}
	return nil
}

// term reads a licence, with its exception if there is one, or a special value.
func (p *parser) term() error {
	if p.tok.kind != tokenWord {
		return problem(p.tok.at, codeSyntax, evidence.ErrFormat, "got %s, want a licence", p.tok.describe())
	}
	word := p.tok
	p.termAt = word.at
	l, err := p.licence(word)
	if err != nil {
		return err
	}
	if err := p.scan(); err != nil {
		return err
	}
	if p.tok.kind == tokenWith {
		if l.IsSpecial() {
			return problem(word.at, codeSpecial, evidence.ErrFormat, "%s cannot stand before WITH", l.ID)
		}
		if err := p.scan(); err != nil {
			return err
		}
		if l.With, err = p.addition(); err != nil {
			return err
		}
		if err := p.scan(); err != nil {
			return err
		}
	}
	p.t.nodes = append(p.t.nodes, node{opTerm, int32(len(p.t.terms))})
	p.t.terms = append(p.t.terms, l)
	return nil
}

func (p *parser) licence(word token) (License, error) {
	text := word.text
	if text == None || text == NoAssertion {
		return License{ID: text}, nil
	}
	if strings.HasPrefix(text, licensePrefix) || strings.HasPrefix(text, documentPrefix) {
		document, id, err := reference(word, licensePrefix)
		return License{DocumentRef: document, ID: id}, err
	}
	id, later := strings.CutSuffix(text, "+")
	if at := strings.IndexAny(id, "+:"); at >= 0 {
		return License{}, problem(word.at+at, codeCharacter, evidence.ErrFormat, "%q inside %s", id[at], textfmt.Quote(text))
	}
	if id == "" {
		return License{}, problem(word.at, codeSyntax, evidence.ErrFormat, "+ follows no licence")
	}
	if later && (id == None || id == NoAssertion) {
		return License{}, problem(word.at, codeSpecial, evidence.ErrFormat, "%s takes no +", id)
	}
	switch info, ok := Lookup(id); {
	case ok && !info.Exception:
		id = info.ID
	case ok:
		return License{}, problem(word.at, CodeUnknownLicense, evidence.ErrUnsupported, "%s is an exception, which stands only after WITH", info.ID)
	case !p.o.UnsafeUnknown:
		return License{}, problem(word.at, CodeUnknownLicense, evidence.ErrUnsupported, "%s is no licence of SPDX License List %s", textfmt.Quote(id), ListVersion)
	}
	return License{ID: id, OrLater: later}, nil
}

func (p *parser) addition() (Addition, error) {
	word := p.tok
	if word.kind != tokenWord {
		return Addition{}, problem(word.at, codeSyntax, evidence.ErrFormat, "got %s, want an exception", word.describe())
	}
	text := word.text
	if strings.HasPrefix(text, additionPrefix) || strings.HasPrefix(text, documentPrefix) {
		document, id, err := reference(word, additionPrefix)
		return Addition{DocumentRef: document, ID: id}, err
	}
	if at := strings.IndexAny(text, "+:"); at >= 0 {
		return Addition{}, problem(word.at+at, codeCharacter, evidence.ErrFormat, "%q inside %s", text[at], textfmt.Quote(text))
	}
	switch info, ok := Lookup(text); {
	case ok && info.Exception:
		return Addition{ID: info.ID}, nil
	case ok:
		return Addition{}, problem(word.at, CodeUnknownException, evidence.ErrUnsupported, "%s is a licence, not an exception", info.ID)
	case !p.o.UnsafeUnknown:
		return Addition{}, problem(word.at, CodeUnknownException, evidence.ErrUnsupported, "%s is no exception of SPDX License List %s", textfmt.Quote(text), ListVersion)
	}
	return Addition{ID: text}, nil
}

// reference splits [DocumentRef-x:]PREFIXy.
func reference(word token, prefix string) (document, id string, err error) {
	id = word.text
	if strings.HasPrefix(id, documentPrefix) {
		var ok bool
		if document, id, ok = strings.Cut(id, ":"); !ok || document == documentPrefix {
			return "", "", problem(word.at, codeReference, evidence.ErrFormat, "%s is not DocumentRef-[id]:%s[id]", textfmt.Quote(word.text), prefix)
		}
	}
	name, ok := strings.CutPrefix(id, prefix)
	if !ok || name == "" || strings.ContainsAny(name, "+:") || strings.Contains(document, "+") {
		return "", "", problem(word.at, codeReference, evidence.ErrFormat, "%s is not %s[id] of letters, digits, - and .", textfmt.Quote(word.text), prefix)
	}
	return document, id, nil
}

// scan reads the next token. Every byte is looked at once.
func (p *parser) scan() error {
	s, i := p.text, p.next
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	p.tok = token{kind: tokenEnd, at: i}
	p.next = i
	if i == len(s) {
		return nil
	}
	switch s[i] {
	case '(':
		p.tok.kind, p.tok.text = tokenOpen, "("
		p.next++
		return nil
	case ')':
		p.tok.kind, p.tok.text = tokenClose, ")"
		p.next++
		return nil
	}
	for i < len(s) && isWord(s[i]) {
		i++
	}
	if i < len(s) && !isSpace(s[i]) && s[i] != '(' && s[i] != ')' {
		return problem(i, codeCharacter, evidence.ErrFormat, "character %s in a licence expression", textfmt.Quote(firstRune(s[i:])))
	}
	p.tok.text, p.next = s[p.next:i], i
	return p.tok.classify()
}

// classify tells operators from identifiers.
func (t *token) classify() error {
	t.kind = tokenWord
	switch t.text {
	case "AND", "and":
		t.kind = tokenAnd
	case "OR", "or":
		t.kind = tokenOr
	case "WITH", "with":
		t.kind = tokenWith
	default:
		if len(t.text) > len("WITH") {
			return nil
		}
		switch upper := strings.ToUpper(t.text); upper {
		case "AND", "OR", "WITH":
			return problem(t.at, codeOperatorCase, evidence.ErrFormat, "%s must be %s or %s", t.text, upper, strings.ToLower(upper))
		}
	}
	return nil
}

func (t token) describe() string {
	if t.kind == tokenEnd {
		return "the end"
	}
	return textfmt.Quote(t.text)
}

func firstRune(s string) string {
	for i := range s {
		if i > 0 {
			return s[:i]
		}
	}
	return s
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '+' || c == ':'
}
