// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Elements counts rules and the elements that they name.
type Elements struct {
	Rules    int `json:"rules"`
	Elements int `json:"elements"`
}

func (e *Elements) add(n int) {
	if n > 0 {
		e.Rules++
		e.Elements += n
	}
}

// PageSummary is one page of an [AccessibilitySummary].
type PageSummary struct {
	URL          string    `json:"url"`
	Time         time.Time `json:"time,omitzero"`
	Engine       string    `json:"engine"`       // name and version of the engine
	Violations   Elements  `json:"violations"`   // of WCAG 2.1 A and AA
	NeedsReview  Elements  `json:"needsReview"`  // of WCAG 2.1 A and AA
	Passes       Elements  `json:"passes"`       // of WCAG 2.1 A and AA
	BestPractice Elements  `json:"bestPractice"` // elements that fail good advice; no part of WCAG
	Other        Elements  `json:"other"`        // elements that fail other rules: AAA, WCAG 2.2, national ones
	Inapplicable int       `json:"inapplicable"` // rules of WCAG 2.1 A and AA that found nothing to test
	Partial      bool      `json:"partial"`      // the run left out rules of WCAG 2.1 A or AA
	Suspect      []string  `json:"suspect,omitempty"`
}

// AccessibilitySummary is what the axe-core results of one release come to.
type AccessibilitySummary struct {
	Pages       []PageSummary     `json:"pages"`              // in the order of the results
	Violations  Elements          `json:"violations"`         // of WCAG 2.1 A and AA; a rule counts once for each page
	NeedsReview Elements          `json:"needsReview"`        // likewise
	Criteria    []CriterionResult `json:"criteria"`           // all 78 of WCAG 2.1, in order
	Problems    evidence.Problems `json:"problems,omitempty"` // of the results, and doubts about their pages as warnings
}

// OK reports whether a machine found nothing wrong: there is at least one page,
// each was tested by all rules of WCAG 2.1 A and AA and has passing elements, none
// has a violation and none looks like another page. What needs review, and the
// criteria that no machine can test, still need a person. The zero value is not OK.
func (s *AccessibilitySummary) OK() bool {
	for i := range s.Pages {
		p := &s.Pages[i]
		if p.Violations.Elements > 0 || len(p.Suspect) > 0 || p.Partial || p.Passes.Elements == 0 {
			return false
		}
	}
	return len(s.Pages) > 0
}

// CriterionStatus is what a machine can say of one success criterion.
type CriterionStatus string

// The statuses, from worst to best.
const (
	Violated     CriterionStatus = "violated"     // an element fails
	NeedsReview  CriterionStatus = "needs-review" // no element fails, and one must be looked at
	NoFailure    CriterionStatus = "no-failure"   // rules ran and elements passed; rules rarely cover all of a criterion
	Inapplicable CriterionStatus = "inapplicable" // rules ran and found nothing to test
	NotRun       CriterionStatus = "not-run"      // axe-core has a rule, and it was not run
	Manual       CriterionStatus = "manual"       // axe-core has no rule: a person must test it
)

// CriterionResult is what the pages say of one success criterion.
type CriterionResult struct {
	Criterion
	Status      CriterionStatus `json:"status"`
	Violations  int             `json:"violations"`  // elements, over all pages
	NeedsReview int             `json:"needsReview"` // likewise
	Passes      int             `json:"passes"`      // likewise
	Rules       []string        `json:"rules"`       // ids of the rules that ran, sorted
}

// Criteria returns the table of all success criteria of WCAG 2.1, in order, with
// what results say of each.
func Criteria(results ...*Accessibility) []CriterionResult {
	table := make([]CriterionResult, len(criteria))
	at := map[string]int{}
	for i, c := range criteria {
		table[i] = CriterionResult{Criterion: c, Status: Manual, Rules: []string{}}
		if c.Testable {
			table[i].Status = NotRun
		}
		at[c.ID] = i
	}
	for _, res := range results {
		for _, p := range res.Pages {
			for _, r := range p.Rules {
				for _, id := range r.Criteria() {
					if i, ok := at[id]; ok {
						table[i].take(r)
					}
				}
			}
		}
	}
	for i := range table {
		slices.Sort(table[i].Rules)
		table[i].Rules = slices.Compact(table[i].Rules)
	}
	return table
}

func (c *CriterionResult) take(r *Rule) {
	c.Rules = append(c.Rules, r.ID)
	c.Violations += len(r.Violations)
	c.NeedsReview += len(r.Incomplete)
	c.Passes += r.Passes
	switch {
	case c.Violations > 0:
		c.Status = Violated
	case c.NeedsReview > 0:
		c.Status = NeedsReview
	case c.Passes > 0:
		c.Status = NoFailure
	default:
		c.Status = Inapplicable
	}
}

// SummarizeAccessibility counts the results of one release, and holds its pages
// against each other: see the package's comment on pages that are not the
// application.
func SummarizeAccessibility(results ...*Accessibility) *AccessibilitySummary {
	sum := &AccessibilitySummary{Pages: []PageSummary{}, Criteria: Criteria(results...)}
	beside := besides(results)
	ran := rulesRun(results)
	for _, res := range results {
		sum.Problems = append(sum.Problems, res.Problems...)
		for _, p := range res.Pages {
			page := p.summary()
			if id := ran.missing(p); id != "" {
				page.Partial = true
				sum.Problems = append(sum.Problems, &evidence.Problem{
					Code: "uat.rules", Severity: evidence.SeverityWarning, Err: evidence.ErrMismatch,
					Message: "page " + textfmt.Quote(p.URL) + " lists nothing of rule " + textfmt.Quote(id) + ", which another page of the same engine and settings lists",
				})
			}
			suspect, doubts := beside.judge(p)
			page.Suspect = append(page.Suspect, suspect...)
			for _, d := range append(doubts, p.Doubts...) {
				sum.Problems = append(sum.Problems, &evidence.Problem{
					Code: "uat.page", Severity: evidence.SeverityWarning, Err: evidence.ErrMismatch,
					Message: "page " + textfmt.Quote(p.URL) + " may not be what it was meant to be: " + d,
				})
			}
			sum.Violations.Rules += page.Violations.Rules
			sum.Violations.Elements += page.Violations.Elements
			sum.NeedsReview.Rules += page.NeedsReview.Rules
			sum.NeedsReview.Elements += page.NeedsReview.Elements
			sum.Pages = append(sum.Pages, page)
		}
	}
	return sum
}

func (p *Page) summary() PageSummary {
	s := PageSummary{URL: p.URL, Time: p.Time, Engine: strings.TrimSpace(p.Engine + " " + p.Version), Partial: p.partial(), Suspect: slices.Clone(p.Suspect)}
	for _, r := range p.Rules {
		switch {
		case r.InScope():
			s.Violations.add(len(r.Violations))
			s.NeedsReview.add(len(r.Incomplete))
			s.Passes.add(r.Passes)
			if r.inapplicable() {
				s.Inapplicable++
			}
		case r.bestPractice():
			s.BestPractice.add(len(r.Violations))
		default:
			s.Other.add(len(r.Violations))
		}
	}
	return s
}

// partial reports whether the run was narrowed to less than WCAG 2.1 A and AA:
// to tags that leave one of the four out, or to rules by name, or without a rule
// that is not known to be another one.
func (p *Page) partial() bool {
	for _, id := range p.Disabled {
		if !otherRules[id] {
			return true
		}
	}
	if len(p.RunOnly) == 0 {
		return false
	}
	for _, tag := range []string{"wcag2a", "wcag2aa", "wcag21a", "wcag21aa"} {
		if !slices.Contains(p.RunOnly, tag) {
			return true
		}
	}
	return false
}

// RuleChange is one rule on one page whose failing elements changed in number.
type RuleChange struct {
	URL    string `json:"url"`
	Rule   string `json:"rule"`
	Before int    `json:"before"` // elements that failed
	After  int    `json:"after"`
}

// AccessibilityChanges is what happened to the violations of WCAG 2.1 A and AA
// between two releases. Lists are sorted by address and rule.
type AccessibilityChanges struct {
	New       []RuleChange `json:"new"`       // more elements fail than before, or the rule is new
	Fixed     []RuleChange `json:"fixed"`     // fewer fail, or none
	Removed   []string     `json:"removed"`   // pages that were tested before and no longer are
	Added     []string     `json:"added"`     // pages that were not tested before
	Collapsed []string     `json:"collapsed"` // pages that look like another page now, see [Page.Collapsed]: what is fixed on them may not be
	Unchanged int          `json:"unchanged"` // how many rules fail for as many elements as before
}

// Empty reports whether nothing changed.
func (c *AccessibilityChanges) Empty() bool {
	return len(c.New)+len(c.Fixed)+len(c.Removed)+len(c.Added)+len(c.Collapsed) == 0
}

// DiffAccessibility compares the results of two releases by page address and rule.
func DiffAccessibility(before, after []*Accessibility) *AccessibilityChanges {
	ch := &AccessibilityChanges{New: []RuleChange{}, Fixed: []RuleChange{}, Removed: []string{}, Added: []string{}, Collapsed: []string{}}
	old, now := pages(before), pages(after)
	for url, was := range old {
		is := now[url]
		if is == nil {
			ch.Removed = append(ch.Removed, url)
			continue
		}
		if is.collapsed(was) {
			ch.Collapsed = append(ch.Collapsed, url)
		}
		ch.rules(url, was.failing(), is.failing())
	}
	for url, is := range now {
		if old[url] == nil {
			ch.Added = append(ch.Added, url)
			ch.rules(url, nil, is.failing())
		}
	}
	for _, list := range []*[]string{&ch.Removed, &ch.Added, &ch.Collapsed} {
		slices.Sort(*list)
	}
	for _, list := range []*[]RuleChange{&ch.New, &ch.Fixed} {
		slices.SortFunc(*list, func(a, b RuleChange) int { return cmp.Or(cmp.Compare(a.URL, b.URL), cmp.Compare(a.Rule, b.Rule)) })
	}
	return ch
}

func (c *AccessibilityChanges) rules(url string, was, is map[string]int) {
	for rule, n := range is {
		switch {
		case n > was[rule]:
			c.New = append(c.New, RuleChange{url, rule, was[rule], n})
		case n == was[rule]:
			c.Unchanged++
		}
	}
	for rule, n := range was {
		if is[rule] < n {
			c.Fixed = append(c.Fixed, RuleChange{url, rule, n, is[rule]})
		}
	}
}

// failing counts the elements that fail by rule of WCAG 2.1 A and AA.
func (p *Page) failing() map[string]int {
	n := map[string]int{}
	for _, r := range p.Rules {
		if r.InScope() && len(r.Violations) > 0 {
			n[r.ID] = len(r.Violations)
		}
	}
	return n
}

// pages returns the pages of a release by address; a second scan of one address
// gets a number.
func pages(results []*Accessibility) map[string]*Page {
	all := map[string]*Page{}
	again := map[string]int{}
	for _, res := range results {
		for _, p := range res.Pages {
			key := p.address()
			if again[key]++; again[key] > 1 {
				key = fmt.Sprintf("%s (%d)", key, again[key])
			}
			all[key] = p
		}
	}
	return all
}

// address is the page's address without the fragment, unless the fragment is the
// route of a single-page application: "#/users", "#!users".
func (p *Page) address() string {
	url, fragment, _ := strings.Cut(p.URL, "#")
	if strings.HasPrefix(fragment, "/") || strings.HasPrefix(fragment, "!") {
		return p.URL
	}
	return url
}

// ruleSets is which rules of WCAG 2.1 A and AA ran, by engine and settings. Axe-core
// lists every rule that it ran on every page, if only as inapplicable; pages of a tool
// that leaves those out are not held against each other.
type ruleSets map[string]map[string]bool

func rulesRun(results []*Accessibility) ruleSets {
	sets := ruleSets{}
	for _, res := range results {
		for _, p := range res.Pages {
			if !p.listsAll() {
				continue
			}
			set := sets[p.settings()]
			if set == nil {
				set = map[string]bool{}
				sets[p.settings()] = set
			}
			for _, r := range p.Rules {
				if r.InScope() {
					set[r.ID] = true
				}
			}
		}
	}
	return sets
}

// missing returns the first rule that ran on another page of the same engine and
// settings, and of which this one says nothing; empty if there is none.
func (s ruleSets) missing(p *Page) string {
	if !p.listsAll() {
		return ""
	}
	listed := map[string]bool{}
	for _, r := range p.Rules {
		listed[r.ID] = true
	}
	first := ""
	for id := range s[p.settings()] {
		if !listed[id] && (first == "" || id < first) {
			first = id
		}
	}
	return first
}

// settings is the engine, its version and what the run was narrowed to.
func (p *Page) settings() string {
	runOnly, disabled := slices.Sorted(slices.Values(p.RunOnly)), slices.Sorted(slices.Values(p.Disabled))
	return strings.Join([]string{p.Engine, p.Version, strings.Join(runOnly, ","), strings.Join(disabled, ",")}, "\x00")
}

func (p *Page) listsAll() bool { return slices.ContainsFunc(p.Rules, (*Rule).inapplicable) }
