// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// ValidateSemantics checks what the JSON Schema cannot say: references that
// resolve, regions and times in order, rules and messages that exist, and what
// makes a log useful. It returns every problem in document order, at most fifty
// of one code; the last of those says how many more there are.
//
// Codes begin with the number that Microsoft's SARIF validator gives the same
// rule. Those from 1001 on are errors, what the specification forbids; those from
// 2001 on are advice, warnings or infos:
//
//	sarif1001  rule id and name are the same
//	sarif1002  URI that is no URI, or a file URI with ".." segments
//	sarif1004  uriBaseIds: absolute where relative is due and the other way, no slash at the end, "..", query or fragment
//	sarif1005  URI that must be absolute, and is not
//	sarif1006  invocation that ends before it starts
//	sarif1007  region that ends before it starts, or has no start
//	sarif1008  contextRegion without region, or not around it
//	sarif1009  index beyond the end of its array
//	sarif1010  result without rule id, or with two that differ
//	sarif1011  $schema is not that of the final SARIF 2.1.0
//	sarif1012  message id that the rule does not define, or too few arguments
//	sarif1013  "sarif:" URI that points at nothing
//	sarif2001  message string does not end with a period
//	sarif2002  result message without id and arguments
//	sarif2003  run without version control provenance
//	sarif2004  information that is there twice, or says nothing
//	sarif2005  tool without version or informationUri
//	sarif2007  paths not relative to the repository
//	sarif2008  log without $schema
//	sarif2009  rule id that is not of the usual form
//	sarif2010  region without snippet
//	sarif2011  region without contextRegion
//	sarif2012  rule without help URI or name, results without rule
//	sarif2013  artifacts without content
//	sarif2014  message string without placeholder
//	sarif2015  placeholder that is not quoted
//	sarif2016  absolute file URI in a result
//	sarif2017  result location without region
//
// Microsoft's 2006 asks whether URIs answer, which needs a network, and is left out.
// The error is for data that is no strict JSON within the limits. Safe for
// concurrent use.
func ValidateSemantics(data []byte, l evidence.Limits) (evidence.Problems, error) {
	data, err := asUTF8(data)
	if err != nil {
		return nil, err
	}
	s := &semantics{limits: l, counts: map[string]int{}, metadata: map[string]bool{}}
	if err := s.walk(data, s.collect, func(string, string) {}); err != nil {
		return nil, err
	}
	if err := s.walk(data, s.check, s.checkText); err != nil {
		return nil, err
	}
	s.references(data)
	return s.located(data), nil
}

// mostOfOne bounds the problems of one code: a producer's habit repeats in every result.
const mostOfOne = 50

type semantics struct {
	*typedWalk
	limits   evidence.Limits
	problems evidence.Problems
	counts   map[string]int // by code
	facts    []*runFacts    // by run
	building *facts
	sarifURI []reference
	graphs   []graphIndex    // of the result that is visited
	places   []base          // artifact locations of its locations
	metadata map[string]bool // rule ids told to be without metadata, with their run
}

// graphIndex is a reference to a graph of the same result, and where it stands.
type graphIndex struct {
	at    string
	index int
}

// reference is a "sarif:" URI and where it stands.
type reference struct{ at, target string }

func (s *semantics) walk(data []byte, visit func(*node), text func(format, value string)) error {
	opts := jsonstrict.Options{Limits: s.limits, AllowNUL: true}
	r := newReader(jsonstrict.NewBytes(data, opts), ReadOptions{Limits: s.limits}, FormatSARIF)
	s.typedWalk = &typedWalk{reader: r, visit: visit, text: text}
	s.building = &facts{}
	s.typed(grammar())
	return r.d.End()
}

// say tells one problem at a pointer.
func (s *semantics) say(severity evidence.Severity, code, pointer, format string, args ...any) {
	s.counts[code]++
	if s.counts[code] > mostOfOne {
		return
	}
	s.problems = append(s.problems, &evidence.Problem{Code: code, Severity: severity, Pointer: pointer,
		Message: fmt.Sprintf(format, args...), Err: evidence.ErrFormat})
}

func (s *semantics) wrong(code, pointer, format string, args ...any) {
	s.say(evidence.SeverityError, code, pointer, format, args...)
}

func (s *semantics) warn(code, pointer, format string, args ...any) {
	s.say(evidence.SeverityWarning, code, pointer, format, args...)
}

func (s *semantics) advise(code, pointer, format string, args ...any) {
	s.say(evidence.SeverityInfo, code, pointer, format, args...)
}

// located fills in positions, and how many problems were not told.
func (s *semantics) located(data []byte) evidence.Problems {
	pointers := make([]string, len(s.problems))
	last := map[string]*evidence.Problem{}
	for i, p := range s.problems {
		pointers[i] = p.Pointer
		last[p.Code] = p
	}
	at := jsonstrict.Locate(data, pointers, jsonstrict.Options{Limits: s.limits, AllowNUL: true})
	for _, p := range s.problems {
		pos := at[p.Pointer]
		p.Offset, p.Line, p.Column = pos.Offset, pos.Line, pos.Column
	}
	for code, p := range last {
		if more := s.counts[code] - mostOfOne; more > 0 {
			p.Message += fmt.Sprintf(" (and %d more of this code)", more)
		}
	}
	slices.SortStableFunc(s.problems, func(a, b *evidence.Problem) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Pointer, b.Pointer))
	})
	return s.problems
}

// facts is what is being put together while the first pass is inside a component.
type facts struct {
	rules    []ruleFacts
	messages map[string]int // of the rule
	global   map[string]int
	contents bool // an artifact has contents
	indexed  bool // a location is told by the index of its artifact alone
	bare     int  // artifacts that are nothing but a location
}

// runFacts is what the first pass learns of a run.
type runFacts struct {
	counts     map[string]int // lengths of the run's arrays
	driver     componentFacts
	extensions []componentFacts
	bases      map[string]base
	mapped     map[string]bool // uriBaseIds that a repository is mapped to
	contents   bool
	indexed    bool
	bare       int
}

type componentFacts struct {
	guid   string
	rules  []ruleFacts
	byID   map[string]int
	global map[string]int
	told   bool // has a rules member
}

// ruleFacts is what results need of a rule: how many placeholders each message has.
type ruleFacts struct {
	id       string
	messages map[string]int
	idOnly   bool
}

func (s *semantics) runFacts() *runFacts {
	i := s.run()
	if i < 0 || i > len(s.facts) {
		return &runFacts{}
	}
	if i == len(s.facts) {
		s.facts = append(s.facts, &runFacts{})
	}
	return s.facts[i]
}

// collect is the visit of the first pass.
func (s *semantics) collect(n *node) {
	b := s.building
	switch n.typ.name {
	case "multiformatMessageString":
		if s.in("messageStrings", "*") {
			put(&b.messages, s.path[len(s.path)-1], placeholders(n.text("text")))
		} else if s.in("globalMessageStrings", "*") {
			put(&b.global, s.path[len(s.path)-1], placeholders(n.text("text")))
		}
	case "reportingDescriptor":
		if s.in("rules", "*") {
			b.rules = append(b.rules, ruleFacts{n.text("id"), b.messages, n.only("id")})
		}
		b.messages = nil
	case "toolComponent":
		c := componentFacts{guid: n.text("guid"), rules: b.rules, global: b.global, byID: map[string]int{}, told: n.has("rules")}
		for i, r := range c.rules {
			if _, ok := c.byID[r.id]; !ok {
				c.byID[r.id] = i
			}
		}
		b.rules, b.global = nil, nil
		if s.in("tool", "driver") {
			s.runFacts().driver = c
		} else if s.in("tool", "extensions", "*") {
			f := s.runFacts()
			f.extensions = append(f.extensions, c)
		}
	case "artifactLocation":
		if s.in("originalUriBaseIds", "*") && len(s.path) == 4 {
			f := s.runFacts()
			if f.bases == nil {
				f.bases = map[string]base{}
			}
			f.bases[s.path[3]] = base{n.text("uri"), n.text("uriBaseId")}
		}
		if n.index("index") >= 0 && !n.has("uri") {
			b.indexed = true
		}
		if s.in("mappedTo") {
			if id := n.text("uriBaseId"); id != "" {
				f := s.runFacts()
				if f.mapped == nil {
					f.mapped = map[string]bool{}
				}
				f.mapped[id] = true
			}
		}
	case "artifact":
		if n.has("contents") {
			b.contents = true
		}
		if n.only("location") {
			b.bare++
		}
	case "run":
		f := s.runFacts()
		f.counts, f.contents, f.indexed, f.bare = n.counts, b.contents, b.indexed, b.bare
		b.contents, b.indexed, b.bare = false, false, 0
	}
}

func put(m *map[string]int, name string, n int) {
	if *m == nil {
		*m = map[string]int{}
	}
	(*m)[name] = n
}

// placeholders returns one more than the largest number n of a "{n}" in a text.
func placeholders(text string) int {
	most := 0
	for i := 0; i < len(text); i++ {
		if text[i] != '{' {
			continue
		}
		if i+1 < len(text) && text[i+1] == '{' {
			i++
			continue
		}
		n := digits(text[i+1:])
		if n == 0 || n > 4 || i+1+n >= len(text) || text[i+1+n] != '}' {
			continue
		}
		k := 0
		for _, c := range text[i+1 : i+1+n] {
			k = 10*k + int(c-'0')
		}
		most = max(most, k+1)
	}
	return most
}

// resolveRule returns the rule that a result refers to, nil if the log does not hold it.
func (f *runFacts) resolveRule(n *node) *ruleFacts {
	ref := n.object("rule")
	c := &f.driver
	if i := ref.object("toolComponent").index("index"); i >= 0 {
		if i >= len(f.extensions) {
			return nil
		}
		c = &f.extensions[i]
	}
	i := n.index("ruleIndex")
	if i < 0 {
		i = ref.index("index")
	}
	if i >= 0 && i < len(c.rules) {
		return &c.rules[i]
	}
	for id := cmp.Or(n.text("ruleId"), ref.text("id")); id != ""; {
		if i, ok := c.byID[id]; ok {
			return &c.rules[i]
		}
		cut := strings.LastIndexByte(id, '/')
		if cut < 0 || len(id) > 1024 {
			break
		}
		id = id[:cut]
	}
	return nil
}

// references looks up where "sarif:" URIs point at.
func (s *semantics) references(data []byte) {
	if len(s.sarifURI) == 0 {
		return
	}
	pointers := make([]string, len(s.sarifURI))
	for i, r := range s.sarifURI {
		pointers[i] = r.target
	}
	there := existing(data, pointers, s.limits)
	for _, r := range s.sarifURI {
		if !there[r.target] {
			s.wrong("sarif1013.reference", r.at, "%s points at nothing in this log", textfmt.Quote("sarif:"+r.target))
		}
	}
}

// existing reports which JSON Pointers name a value.
func existing(data []byte, pointers []string, l evidence.Limits) map[string]bool {
	asked := map[string]bool{}
	inner := map[string]bool{}
	for _, p := range pointers {
		asked[p] = true
		for i := range p {
			if p[i] == '/' {
				inner[p[:i]] = true
			}
		}
	}
	there := map[string]bool{}
	d := jsonstrict.NewBytes(data, jsonstrict.Options{Limits: l, AllowNUL: true})
	var visit func(at string)
	visit = func(at string) {
		there[at] = asked[at]
		kind := d.Kind()
		if !inner[at] || kind != jsonstrict.Object && kind != jsonstrict.Array {
			d.Skip()
			return
		}
		if kind == jsonstrict.Object {
			for d.Object(); d.Next(); {
				visit(at + "/" + jsonstrict.EscapePointer(string(d.Key())))
			}
			return
		}
		i := 0
		for d.Array(); d.Next(); i++ {
			visit(fmt.Sprintf("%s/%d", at, i))
		}
	}
	visit("")
	return there
}
