// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat

import (
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Accessibility is one file of axe-core results.
type Accessibility struct {
	Pages    []*Page           // in document order
	Problems evidence.Problems // what is missing in the file; never a reason to refuse
}

// Page is what axe-core found on one page.
type Page struct {
	URL       string    // empty in the raw reporter's form, which does not tell
	Time      time.Time // zero when not stated
	Engine    string    // "axe-core"; empty when not stated
	Version   string    // of the engine
	UserAgent string
	Width     int      // of the window, in CSS pixels; 0 when not stated
	Height    int      // likewise
	RunOnly   []string // tags or rule ids that the run was narrowed to; empty for all rules
	Disabled  []string // ids of rules that the run was told to leave out
	Rules     []*Rule  // sorted by id
	Suspect   []string // signs that this is not a page of the application, as texts for a person
	Doubts    []string // weaker signs of that, which an honest page can have too

	firstPasses bool // of each rule that passes, only the first element is listed (axe-core's option resultTypes)
}

// Rule is what one rule said of one page. A rule may hold for some elements,
// fail for others and need a person for more.
type Rule struct {
	ID          string
	Help        string // what the rule asks for
	Description string
	HelpURL     string
	Impact      string   // "minor", "moderate", "serious", "critical"; empty where nothing failed
	Tags        []string // as the engine has them
	Violations  []Node   // elements that fail
	Incomplete  []Node   // elements that a person must look at
	Passes      int      // how many elements pass
}

// Node is one element of a page.
type Node struct {
	Target  string // selectors, joined with ", "; a frame's before those of what is in it
	HTML    string // as the engine quotes it
	Impact  string
	Summary string // what to fix
}

// InScope reports whether the rule belongs to WCAG 2.1 level A or AA: tags
// wcag2a, wcag2aa, wcag21a and wcag21aa. Best practices do not.
func (r *Rule) InScope() bool { return slices.ContainsFunc(r.Tags, isAA) }

func isAA(tag string) bool {
	return tag == "wcag2a" || tag == "wcag2aa" || tag == "wcag21a" || tag == "wcag21aa"
}

// inapplicable reports whether the rule found nothing on the page to test.
func (r *Rule) inapplicable() bool { return len(r.Violations)+len(r.Incomplete)+r.Passes == 0 }

// bestPractice reports whether the rule is none of WCAG's but good advice.
func (r *Rule) bestPractice() bool { return slices.Contains(r.Tags, "best-practice") }

var criterionTag = regexp.MustCompile(`^wcag([1-9])([0-9])([0-9]{1,2})$`)

// Criteria returns the ids of the success criteria that the rule is about, such as "1.4.3".
func (r *Rule) Criteria() []string {
	var ids []string
	for _, tag := range r.Tags {
		if m := criterionTag.FindStringSubmatch(tag); m != nil {
			ids = append(ids, m[1]+"."+m[2]+"."+m[3])
		}
	}
	return ids
}

// ReadAxe reads axe-core results in any of their shapes: an object (reporters v1
// and v2), an array of such objects (axe-cli) or the array of rules that the raw
// reporter gives. The error is a *Problem with JSON pointer, line and column, or
// that of r. Results without any page are refused: nothing was looked at.
//
// A rule that is listed as violated, or for review, without naming an element
// counts for one.
func ReadAxe(r io.Reader, o *ReadOptions) (*Accessibility, error) {
	opts := o.orDefault()
	text, _ := jsonstrict.UTF8(r)
	a := &axe{d: jsonstrict.New(text, jsonstrict.Options{Limits: opts.Limits, AllowNUL: true}), keep: keeper{opts: opts}, out: &Accessibility{}}
	a.document()
	if err := a.d.End(); err != nil {
		return nil, err
	}
	a.out.Problems = a.keep.problems
	return a.out, nil
}

// axe is the state of reading one file.
type axe struct {
	d     *jsonstrict.Decoder
	keep  keeper
	out   *Accessibility
	signs signs // of the page that is being read
}

func (a *axe) warn(code string, format string, args ...any) {
	a.keep.note(a.d.Problem(code, evidence.SeverityWarning, evidence.ErrUnsupported, format, args...))
}

func (a *axe) document() {
	raw := &Page{}
	rules := 0
	switch a.d.Kind() {
	case jsonstrict.Array:
		for a.d.Array(); a.d.Next(); {
			page, rule := a.element()
			switch {
			case page != nil && rules == 0:
				a.add(page)
			case rule != nil && len(a.out.Pages) == 0:
				rules++
				raw.Rules = append(raw.Rules, rule)
			default:
				a.refuse("an element is neither the results of a page nor a rule, or they are mixed")
			}
		}
		if rules > 0 {
			a.keep.note(&evidence.Problem{
				Code: "axe.page", Severity: evidence.SeverityWarning, Line: 1, Column: 1, Err: evidence.ErrUnsupported,
				Message: "raw results do not say which page they are of, when they were made and by which version",
			})
			a.add(raw)
		}
	default:
		page, _ := a.element()
		if page == nil {
			a.refuse("not axe-core results: violations, passes and testEngine or url are not there")
			return
		}
		a.add(page)
	}
	if len(a.out.Pages) == 0 {
		a.refuse("results of no page")
	}
}

func (a *axe) refuse(why string) {
	p := a.d.Problem("axe.root", evidence.SeverityError, evidence.ErrFormat, "%s", why)
	a.d.Fail(p)
}

func (a *axe) add(p *Page) {
	if !a.take() {
		return
	}
	slices.SortFunc(p.Rules, func(x, y *Rule) int { return strings.Compare(x.ID, y.ID) })
	several := func(r *Rule) bool { return r.Passes > 1 }
	p.firstPasses = p.firstPasses && !slices.ContainsFunc(p.Rules, several)
	p.judge(&a.signs)
	a.signs = signs{}
	a.out.Pages = append(a.out.Pages, p)
}

func (a *axe) take() bool {
	why := a.keep.take()
	if why != "" {
		a.d.Fail(a.d.Problem("axe.nodes", evidence.SeverityError, evidence.ErrLimit, "pages, rules and elements: %s", why))
	}
	return why == ""
}

func (a *axe) text(most int) string {
	if a.d.Kind() != jsonstrict.String {
		a.d.Skip()
		return ""
	}
	s := a.d.Bytes()
	kept := textfmt.Clip(string(s[:min(len(s), most+utfMax)]), min(most, a.keep.opts.TextBytes))
	a.keep.bytes += int64(len(kept))
	return kept
}

const (
	utfMax    = 4
	shortText = 1 << 10 // names, selectors, quoted elements
)

// element reads one object: the results of a page, or one rule of the raw
// reporter. Both have members violations and passes; a rule has an id. The
// rawEnv reporter has the rules as raw, and what is said of the page as env.
func (a *axe) element() (*Page, *Rule) {
	p := &Page{}
	merged := map[string]*Rule{}
	rule := &Rule{}
	var isRule, hasRaw, hasViolations, hasPasses bool
	for a.d.Object(); a.d.Next(); {
		switch key := string(a.d.Key()); key {
		case "violations", "incomplete", "passes", "inapplicable":
			hasViolations = hasViolations || key == "violations"
			hasPasses = hasPasses || key == "passes"
			a.list(key, p, merged, rule)
		case "raw":
			hasRaw = true
			for a.d.Array(); a.d.Next(); {
				_, r := a.element()
				if r == nil {
					a.refuse("an element of raw is no rule")
					break
				}
				p.Rules = append(p.Rules, r)
			}
		case "env":
			for a.d.Object(); a.d.Next(); {
				a.about(string(a.d.Key()), p)
			}
		default:
			if !a.about(key, p) && a.member(key, rule) && key == "id" {
				isRule = true
			}
		}
	}
	switch {
	case a.d.Err() != nil:
		return nil, nil
	case isRule && hasViolations:
		a.take()
		return nil, rule
	case hasViolations && !rule.inapplicable():
		a.refuse("an element of violations, incomplete or passes is no rule")
	case hasRaw != hasViolations && (p.Engine != "" || p.URL != "" || hasPasses):
		if p.Version == "" {
			a.warn("axe.version", "results do not say which version of axe-core made them")
		}
		a.signs.noPasses = !hasPasses && !hasRaw
		return p, nil
	}
	return nil, nil
}

// about reads a member that says what page was tested, and how, and reports
// whether it is one.
func (a *axe) about(key string, p *Page) bool {
	switch key {
	case "testEngine":
		a.engine(p)
	case "testEnvironment":
		a.environment(p)
	case "toolOptions":
		a.options(p)
	case "timestamp":
		s := a.text(shortText)
		t, ok := parseTime(s)
		if !ok {
			a.keep.note(a.d.Problem("axe.timestamp", evidence.SeverityWarning, evidence.ErrFormat, "timestamp %s is not ISO 8601", textfmt.Quote(s)))
		}
		p.Time = t
	case "url":
		p.URL = a.text(8 << 10)
	default:
		return false
	}
	return true
}

// list reads one of the four lists. Its elements are rules with nodes; in the
// raw reporter's form the list belongs to a rule and its elements are nodes.
func (a *axe) list(key string, p *Page, merged map[string]*Rule, own *Rule) {
	for a.d.Array(); a.d.Next(); {
		found, node := a.entry(key)
		switch {
		case found != nil:
			a.merge(found, p, merged)
		case key == "passes":
			own.Passes++
		case key != "inapplicable":
			a.keepNode(own, key, node)
		}
	}
}

// entry reads one element of a list: a rule, or a node when the rule is nil.
func (a *axe) entry(key string) (*Rule, Node) {
	found := &Rule{}
	var node Node
	nodes, isRule := 0, false
	for a.d.Object(); a.d.Next(); {
		switch member := string(a.d.Key()); member {
		case "nodes":
			isRule = true
			for a.d.Array(); a.d.Next(); {
				nodes++
				n := a.node()
				a.signs.element(n.HTML)
				if key == "violations" || key == "incomplete" {
					a.keepNode(found, key, n)
				}
			}
		case "impact":
			found.Impact = a.text(shortText)
			node.Impact = found.Impact
		default:
			if a.member(member, found) {
				isRule = true
			} else {
				a.nodeMember(member, &node)
			}
		}
	}
	switch {
	case !isRule:
		a.signs.element(node.HTML)
		return nil, node
	case key == "passes":
		found.Passes = nodes
	case nodes == 0 && key != "inapplicable":
		a.warn("axe.elements", "rule %s is in %s without an element; counted as one", textfmt.Quote(found.ID), key)
		a.keepNode(found, key, Node{})
	}
	return found, node
}

// merge adds what one list says of a rule to what another said.
func (a *axe) merge(found *Rule, p *Page, merged map[string]*Rule) {
	old := merged[found.ID]
	if old == nil {
		if a.take() {
			merged[found.ID] = found
			p.Rules = append(p.Rules, found)
		}
		return
	}
	old.Violations = append(old.Violations, found.Violations...)
	old.Incomplete = append(old.Incomplete, found.Incomplete...)
	old.Passes += found.Passes
	if old.Impact == "" {
		old.Impact = found.Impact
	}
}

func (a *axe) keepNode(r *Rule, key string, n Node) {
	if !a.take() {
		return
	}
	if key == "violations" {
		r.Violations = append(r.Violations, n)
	} else {
		r.Incomplete = append(r.Incomplete, n)
	}
}

// member reads a member of a rule and reports whether it is one.
func (a *axe) member(key string, r *Rule) bool {
	switch key {
	case "id":
		r.ID = a.text(shortText)
	case "help":
		r.Help = a.text(shortText)
	case "description":
		r.Description = a.text(shortText)
	case "helpUrl":
		r.HelpURL = a.text(shortText)
	case "impact":
		r.Impact = a.text(shortText)
	case "tags":
		for a.d.Array(); a.d.Next(); {
			if a.take() {
				r.Tags = append(r.Tags, a.text(shortText))
			}
		}
	default:
		return false
	}
	return true
}

func (a *axe) node() Node {
	var n Node
	for a.d.Object(); a.d.Next(); {
		a.nodeMember(string(a.d.Key()), &n)
	}
	return n
}

func (a *axe) nodeMember(key string, n *Node) {
	switch key {
	case "html", "source":
		n.HTML = a.text(shortText)
	case "target", "selector":
		n.Target = a.target()
	case "failureSummary":
		n.Summary = a.text(shortText)
	case "impact":
		n.Impact = a.text(shortText)
	case "node": // the raw reporter's
		for a.d.Object(); a.d.Next(); {
			a.nodeMember(string(a.d.Key()), n)
		}
	}
}

// target joins selectors; one in a frame or a shadow tree is a list by itself.
func (a *axe) target() string {
	if a.d.Kind() != jsonstrict.Array {
		return a.text(shortText)
	}
	var b strings.Builder
	for a.d.Array(); a.d.Next(); {
		s := a.target()
		if b.Len() > shortText {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(s)
	}
	return b.String()
}

func (a *axe) engine(p *Page) {
	for a.d.Object(); a.d.Next(); {
		switch string(a.d.Key()) {
		case "name":
			p.Engine = a.text(shortText)
		case "version":
			p.Version = a.text(shortText)
		}
	}
}

func (a *axe) environment(p *Page) {
	for a.d.Object(); a.d.Next(); {
		switch string(a.d.Key()) {
		case "userAgent":
			p.UserAgent = a.text(shortText)
		case "windowWidth":
			p.Width = a.pixels()
		case "windowHeight":
			p.Height = a.pixels()
		}
	}
}

func (a *axe) pixels() int {
	if a.d.Kind() != jsonstrict.Number {
		a.d.Skip()
		return 0
	}
	n, err := strconv.Atoi(string(a.d.Number()))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// options reads what the run was narrowed to: runOnly is {type, values}, or a
// list or a word; rules is {id: {enabled}}.
func (a *axe) options(p *Page) {
	for a.d.Object(); a.d.Next(); {
		switch key := string(a.d.Key()); {
		case key == "runOnly" && a.d.Kind() == jsonstrict.Object:
			for a.d.Object(); a.d.Next(); {
				if key := string(a.d.Key()); key == "values" || key == "value" {
					a.words(&p.RunOnly)
				}
			}
		case key == "runOnly":
			a.words(&p.RunOnly)
		case key == "resultTypes":
			var types []string
			a.words(&types)
			p.firstPasses = len(types) > 0 && !slices.Contains(types, "passes")
		case key == "rules" && a.d.Kind() == jsonstrict.Object:
			for a.d.Object(); a.d.Next(); {
				if id := textfmt.Clip(string(a.d.Key()), shortText); a.disabled() && a.take() {
					p.Disabled = append(p.Disabled, id)
				}
			}
		}
	}
}

// disabled reads {enabled} and reports whether it is false.
func (a *axe) disabled() bool {
	if a.d.Kind() != jsonstrict.Object {
		return false
	}
	off := false
	for a.d.Object(); a.d.Next(); {
		if string(a.d.Key()) == "enabled" && a.d.Kind() == jsonstrict.False {
			off = true
		}
	}
	return off
}

func (a *axe) words(to *[]string) {
	switch a.d.Kind() {
	case jsonstrict.String:
		*to = append(*to, a.text(shortText))
	case jsonstrict.Array:
		for a.d.Array(); a.d.Next(); {
			if a.take() {
				*to = append(*to, a.text(shortText))
			}
		}
	}
}
