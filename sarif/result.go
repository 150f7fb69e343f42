// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// results reads the array of results (section 3.27).
func (r *runReader) results() {
	switch r.d.Kind() {
	case jsonstrict.Null:
		r.run.results = resultsNull
		r.d.Skip()
		return
	case jsonstrict.Array:
		r.run.results = resultsPresent
	default:
		r.note("sarif.results", evidence.SeverityError, "results is an array, got %s", r.d.Kind())
		r.run.results = resultsNull
		r.d.Skip()
		return
	}
	n := 0
	for list := r.list(); list.next(); n++ {
		r.result(n)
	}
}

// result reads one result object. Kinds and states that are no findings are counted.
func (r *runReader) result(n int) {
	s := r.reader
	f := s.newFinding()
	p := pending{finding: f, ruleIndex: -1, invocation: -1}
	f.Kind = KindFail
	pos := s.d.Pos()
	f.Source = Source{File: s.o.Name, Run: r.index, Result: n, Pointer: pointer(r.index, n), Line: pos.Line}
	kind, baseline, rule := "", "", false
	if s.d.Kind() != jsonstrict.Object {
		s.note("sarif.result", evidence.SeverityError, "a result is an object, got %s", s.d.Kind())
	}
	for m := s.object(); m.next(); {
		switch string(s.d.Key()) {
		case "ruleId":
			f.RuleID = s.word()
		case "ruleIndex":
			if i := s.integer(-1); i >= 0 {
				p.ruleIndex = i
			}
		case "rule": // section 3.27.7
			ref := s.descriptorRef()
			if f.RuleID == "" {
				f.RuleID = ref.id
			}
			if ref.index >= 0 {
				p.ruleIndex = ref.index
			}
			p.more().rule = &ref
			rule = true
		case "kind":
			kind = s.word()
		case "level":
			f.Level = parseLevel(s.word())
			p.level = f.Level != levelInvalid
		case "message":
			r.message(&p)
		case "locations":
			r.locations(&p)
		case "stacks":
			r.stacks(f)
		case "codeFlows":
			for list := s.list(); list.next(); {
				p.hasFlows = true
			}
		case "suppressions":
			r.suppressions(f)
		case "baselineState":
			baseline = s.word()
		case "fingerprints":
			r.fingerprints(f, false)
		case "partialFingerprints":
			r.fingerprints(f, true)
		case "taxa":
			for list := s.list(); list.next(); {
				if ref := s.descriptorRef(); ref.component.name == "CWE" {
					p.more().taxa = append(p.more().taxa, ref.id)
				}
			}
		case "fixes":
			for list := s.list(); list.next(); {
				for fix := s.object(); fix.next(); {
					if string(s.d.Key()) == "description" {
						p.more().fixes = append(p.more().fixes, s.messageText())
					}
				}
			}
		case "provenance":
			for prov := s.object(); prov.next(); {
				if string(s.d.Key()) == "invocationIndex" {
					p.invocation = s.integer(-1)
				}
			}
		case "properties":
			r.resultProperties(&p)
		}
	}
	if s.d.Err() != nil {
		return
	}
	switch kind {
	case "pass":
		r.run.passed++
		return
	case "notApplicable":
		r.run.notApplicable++
		return
	case "":
	default:
		if f.Kind = Kind(kindNames.Parse(kind)); f.Kind == kindInvalid {
			s.note("sarif.kind", evidence.SeverityError, "result of unknown kind %s is read as fail", textfmt.Quote(kind))
			f.Kind = KindFail
		}
	}
	if baseline == "absent" {
		r.run.absent++
		return
	}
	f.Baseline = Baseline(baselineNames.Parse(baseline))
	if f.RuleID == "" && p.ruleIndex < 0 && !rule && !p.hasMessage {
		s.note("sarif.result-empty", evidence.SeverityError, "result names no rule and has no message")
		r.run.unreadable++
		return
	}
	if !p.hasMessage {
		s.note("sarif.message-missing", evidence.SeverityWarning, "result %d has no message", n)
	}
	f.Suppressed = suppressed(f.Suppressions)
	r.run.Findings = append(r.run.Findings, f)
	r.pending = append(r.pending, p)
}

// resultProperties reads the property bag of a result.
func (r *runReader) resultProperties(p *pending) {
	s := r.reader
	for m := s.object(); m.next(); {
		name := s.intern(s.d.Key())
		switch s.d.Kind() {
		case jsonstrict.String, jsonstrict.Number, jsonstrict.True, jsonstrict.False:
			if usedProperties[name] {
				p.more().properties = append(p.more().properties, property{name, s.scalar()})
			}
		case jsonstrict.Object:
			if name == ownProperty {
				p.more().own = bytes.Clone(s.d.Raw())
			}
		}
	}
}

// message reads the message of a result (section 3.11).
func (r *runReader) message(p *pending) {
	s := r.reader
	for m := s.object(); m.next(); {
		switch string(s.d.Key()) {
		case "text":
			p.finding.Message = s.str()
			p.hasMessage = true
		case "markdown":
			if p.finding.Message == "" {
				p.finding.Message = s.str()
				p.hasMessage = p.finding.Message != ""
			}
		case "id":
			p.more().messageID = s.word()
			p.hasMessage = true
		case "arguments":
			if args := s.words(); args != nil {
				p.more().arguments = args
			}
		}
	}
}

// locations reads the locations of a result (section 3.28).
func (r *runReader) locations(p *pending) {
	s, f := r.reader, p.finding
	for list := s.list(); list.next(); {
		var l Location
		index := -1
		var more []string // further logical locations
		for m := s.object(); m.next(); {
			switch string(s.d.Key()) {
			case "physicalLocation":
				index = r.physicalLocation(&l)
			case "logicalLocations":
				for names := s.list(); names.next(); {
					if name := r.logicalLocation(); l.Logical == "" {
						l.Logical = name
					} else if name != "" {
						more = append(more, name)
					}
				}
			case "message":
				l.Message = s.messageText()
			}
		}
		if s.d.Err() != nil {
			return
		}
		f.Locations = append(f.Locations, l)
		if index >= 0 && l.URI == "" {
			p.more().indexed = append(p.more().indexed, indexed{len(f.Locations) - 1, index})
		}
		for _, name := range more {
			f.Locations = append(f.Locations, Location{Logical: name})
		}
	}
}

// physicalLocation reads a physicalLocation object (section 3.29) and returns
// the index of its artifact, -1 for none.
func (r *runReader) physicalLocation(l *Location) (index int) {
	s := r.reader
	index = -1
	for m := s.object(); m.next(); {
		switch string(s.d.Key()) {
		case "artifactLocation":
			l.URI, l.Base, index = s.artifactLocation()
		case "region":
			r.region(l)
		case "contextRegion":
		}
	}
	return index
}

// region reads a region object (section 3.30).
func (r *runReader) region(l *Location) {
	s, members := r.reader, 0
	for m := s.object(); m.next(); members++ {
		switch string(s.d.Key()) {
		case "startLine":
			l.StartLine = s.integer(0)
		case "startColumn":
			l.StartColumn = s.integer(0)
		case "charOffset", "byteOffset":
			l.Offset = s.integer(-1) + 1
		case "endLine":
			l.EndLine = s.integer(0)
		case "endColumn":
			l.EndColumn = s.integer(0)
		case "snippet":
			l.Snippet = s.messageText()
		}
	}
	if l.StartLine > 0 {
		l.Offset = 0
	}
	if members == 0 {
		s.note("sarif.region-empty", evidence.SeverityWarning, "region without any member")
	}
}

// stacks reads the call stacks of a result (section 3.44).
func (r *runReader) stacks(f *Finding) {
	s := r.reader
	seen := map[string]bool{}
	for list := s.list(); list.next(); {
		var st Stack
		for m := s.object(); m.next(); {
			switch string(s.d.Key()) {
			case "message":
				st.Message = s.messageText()
			case "frames":
				for frames := s.list(); frames.next(); {
					st.Frames = append(st.Frames, r.frame())
				}
			}
		}
		key := stackKey(&st)
		if seen[key] {
			s.note("sarif.stack-duplicate", evidence.SeverityWarning, "result holds equal call stacks; they are read once")
			continue
		}
		seen[key] = true
		f.Stacks = append(f.Stacks, st)
	}
}

func stackKey(st *Stack) string {
	var b strings.Builder
	for _, f := range st.Frames {
		b.WriteString(f.Symbol)
		b.WriteByte(0)
		b.WriteString(f.Module)
		b.WriteByte(0)
		b.WriteString(f.URI)
		b.WriteByte(0)
		b.WriteString(strconv.Itoa(f.Line))
		b.WriteByte(':')
		b.WriteString(strconv.Itoa(f.Column))
		b.WriteByte(1)
	}
	b.WriteString(st.Message)
	return b.String()
}

// frame reads a stackFrame object (section 3.45).
func (r *runReader) frame() Frame {
	s := r.reader
	var f Frame
	var l Location
	for m := s.object(); m.next(); {
		switch string(s.d.Key()) {
		case "module":
			f.Module = s.word()
		case "location":
			for loc := s.object(); loc.next(); {
				switch string(s.d.Key()) {
				case "physicalLocation":
					r.physicalLocation(&l)
				case "message":
					f.Symbol = s.messageText()
				case "logicalLocations":
					for names := s.list(); names.next(); {
						if name := r.logicalLocation(); l.Logical == "" {
							l.Logical = name
						}
					}
				}
			}
		}
	}
	if f.Symbol == "" {
		f.Symbol = l.Logical
	}
	f.URI, f.Base, f.Line, f.Column = l.URI, l.Base, l.StartLine, l.StartColumn
	return f
}

// suppressions reads the suppressions of a result (section 3.35).
func (r *runReader) suppressions(f *Finding) {
	s := r.reader
	for list := s.list(); list.next(); {
		var p Suppression
		for m := s.object(); m.next(); {
			switch string(s.d.Key()) {
			case "kind":
				p.Kind = s.word()
			case "status":
				p.Status = s.word()
			case "state": // a draft's name of status
				if p.Status == "" {
					p.Status = s.word()
				}
			case "justification":
				p.Justification = s.str()
			case "location":
				var l Location
				for loc := s.object(); loc.next(); {
					if string(s.d.Key()) == "physicalLocation" {
						r.physicalLocation(&l)
					}
				}
				p.Source = l.URI
			}
		}
		f.Suppressions = append(f.Suppressions, p)
	}
}

// fingerprints reads the fingerprints of a result. A value that is not a string,
// as Black Duck writes, is skipped.
func (r *runReader) fingerprints(f *Finding, partial bool) {
	s := r.reader
	for m := s.object(); m.next(); {
		name := s.intern(s.d.Key())
		if s.d.Kind() != jsonstrict.String {
			s.note("sarif.fingerprint", evidence.SeverityWarning, "fingerprint is a string, got %s", s.d.Kind())
			s.d.Skip()
			continue
		}
		f.Fingerprints = append(f.Fingerprints, Fingerprint{Name: name, Value: s.d.String(), Partial: partial})
	}
}
