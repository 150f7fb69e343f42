// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// readGovulncheckJSON reads the stream of messages that govulncheck -format json
// writes, and the same messages wrapped in one array. Advisories that govulncheck
// looked at ("osv") are not findings; those that concern the code ("finding")
// are, one per advisory and module, with the closest reachability and all call
// stacks.
//
// The format has no end mark: a stream that was cut between two messages reads
// like a whole one. Errors are those of [ReadSARIF].
func readGovulncheckJSON(r io.Reader, o *ReadOptions) (*Log, error) {
	text, encoding := jsonstrict.UTF8(r)
	opts := o.orZero()
	s := newReader(jsonstrict.New(text, jsonstrict.Options{Limits: opts.Limits, AllowNUL: true}), opts, FormatGovulncheckJSON)
	if encoding != "UTF-8" {
		s.note("sarif.encoding", evidence.SeverityWarning, "document is %s, RFC 8259 asks for UTF-8", encoding)
	}
	g := &vulncheckReader{reader: s, osvs: map[string]*osvEntry{}, found: map[vulnModule]*vulnFound{}}
	if s.d.Kind() == jsonstrict.Array {
		for list := s.list(); list.next(); {
			g.message()
		}
	} else {
		for s.d.More() && s.d.Err() == nil {
			g.message()
		}
	}
	if s.d.Err() == nil && !g.configured {
		s.fail("govulncheck.format", evidence.ErrFormat, "no config message, with which every govulncheck stream begins")
	}
	if s.d.Err() == nil {
		g.complete()
	}
	s.log.Runs = []Run{g.run}
	return s.finish()
}

// vulncheckReader reads the messages of protocol version 1 (x/vuln
// internal/govulncheck).
type vulncheckReader struct {
	*reader
	run        Run
	configured bool
	main       string // path of the main module
	osvs       map[string]*osvEntry
	found      map[vulnModule]*vulnFound
	messages   int // findings met so far
}

type vulnModule struct{ osv, module string }

// vulnFound is what the finding messages say of one advisory and module.
type vulnFound struct {
	vulnModule
	version, fixed string
	depth          int // 1 module, 2 package, 3 symbol
	stacks         []Stack
	source         Source
	positions      bool
}

// osvEntry is what findings take from an advisory.
type osvEntry struct {
	aliases, references   []string
	summary, details, url string
	vectors               []string
}

func (g *vulncheckReader) message() {
	if g.d.Kind() != jsonstrict.Object {
		g.d.Object()
		return
	}
	for m := g.object(); m.next(); {
		switch string(g.d.Key()) {
		case "config":
			g.config()
		case "SBOM":
			g.sbom()
		case "osv":
			g.osv()
		case "finding":
			g.finding()
		}
	}
}

func (g *vulncheckReader) config() {
	t := &g.run.Tool
	t.Name = "govulncheck"
	for m := g.object(); m.next(); {
		switch string(g.d.Key()) {
		case "protocol_version":
			g.configured = true
			g.log.Version = g.str()
			if !strings.HasPrefix(g.log.Version, "v1.") && !strings.HasPrefix(g.log.Version, "v0.") {
				g.fail("govulncheck.version", evidence.ErrUnsupported, "govulncheck protocol %s, want v1", textfmt.Quote(g.log.Version))
			}
		case "scanner_name":
			if name := g.str(); name != "" {
				t.Name = name
			}
		case "scanner_version":
			t.Version = strings.TrimPrefix(g.str(), "v")
		case "db":
			t.Database = g.str()
		case "db_last_modified":
			t.DatabaseAge = g.str()
		case "go_version":
			t.GoVersion = g.str()
		case "scan_level":
			g.run.ScanLevel = g.str()
		case "scan_mode":
			g.run.ScanMode = g.str()
		}
	}
}

// sbom reads what was scanned: the first module is the main one.
func (g *vulncheckReader) sbom() {
	for m := g.object(); m.next(); {
		if string(g.d.Key()) != "modules" {
			continue
		}
		for list := g.list(); list.next(); {
			var m Module
			for mod := g.object(); mod.next(); {
				switch string(g.d.Key()) {
				case "path":
					m.Path = g.word()
				case "version":
					m.Version = g.word()
				}
			}
			if g.main == "" && m.Path != "stdlib" {
				g.main = m.Path
			}
			if g.countRule() {
				g.run.Modules = append(g.run.Modules, m)
			}
		}
	}
}

// osv reads an advisory (OSV schema 1.3).
func (g *vulncheckReader) osv() {
	if !g.countRule() {
		return
	}
	e := &osvEntry{}
	id := ""
	for m := g.object(); m.next(); {
		switch string(g.d.Key()) {
		case "id":
			id = g.word()
		case "aliases":
			e.aliases = g.words()
		case "summary":
			e.summary = g.str()
		case "details":
			e.details = g.str()
		case "references":
			for list := g.list(); list.next(); {
				for ref := g.object(); ref.next(); {
					if string(g.d.Key()) == "url" {
						e.references = append(e.references, g.str())
					}
				}
			}
		case "severity":
			for list := g.list(); list.next(); {
				for sev := g.object(); sev.next(); {
					if string(g.d.Key()) == "score" {
						e.vectors = append(e.vectors, g.str())
					}
				}
			}
		case "database_specific":
			for db := g.object(); db.next(); {
				if string(g.d.Key()) == "url" {
					e.url = g.str()
				}
			}
		}
	}
	g.osvs[id] = e
}

func (g *vulncheckReader) finding() {
	if !g.countResult() {
		return
	}
	n := g.messages
	g.messages++
	pos, pointer := g.d.Pos(), g.d.Pointer()
	osv, fixed := "", ""
	var trace []vulnFrame
	for m := g.object(); m.next(); {
		switch string(g.d.Key()) {
		case "osv":
			osv = g.word()
		case "fixed_version":
			fixed = g.word()
		case "trace":
			for list := g.list(); list.next(); {
				trace = append(trace, g.frame())
			}
		}
	}
	if g.d.Err() != nil {
		return
	}
	if osv == "" || len(trace) == 0 {
		g.note("govulncheck.finding", evidence.SeverityError, "a finding names no advisory or no module")
		g.run.unreadable++
		return
	}
	top := trace[0]
	key := vulnModule{osv, top.module}
	v := g.found[key]
	if v == nil {
		v = &vulnFound{vulnModule: key, source: Source{File: g.o.Name, Result: n, Pointer: pointer, Line: pos.Line}}
		g.found[key] = v
	}
	v.version, v.fixed = cmp.Or(v.version, top.version), cmp.Or(v.fixed, fixed)
	depth := 1
	if top.pkg != "" {
		depth = 2
	}
	if top.function != "" {
		depth = 3
	}
	if depth > v.depth {
		v.depth = depth
		v.source.Result, v.source.Pointer, v.source.Line = n, pointer, pos.Line
	}
	if depth == 3 {
		st := g.stack(trace)
		v.stacks = append(v.stacks, st)
		for _, f := range st.Frames {
			v.positions = v.positions || f.Line > 0
		}
	}
}

type vulnFrame struct {
	module, version, pkg, function, receiver, file string
	line, column                                   int
}

func (g *vulncheckReader) frame() (f vulnFrame) {
	for m := g.object(); m.next(); {
		switch string(g.d.Key()) {
		case "module":
			f.module = g.word()
		case "version":
			f.version = g.word()
		case "package":
			f.pkg = g.word()
		case "function":
			f.function = g.word()
		case "receiver":
			f.receiver = g.word()
		case "position":
			for p := g.object(); p.next(); {
				switch string(g.d.Key()) {
				case "filename":
					f.file = g.word()
				case "line":
					f.line = g.integer(0)
				case "column":
					f.column = g.integer(0)
				}
			}
		}
	}
	return f
}

// stack turns a trace, which begins at the vulnerable symbol, round, and names
// files as govulncheck's SARIF does.
func (g *vulncheckReader) stack(trace []vulnFrame) Stack {
	outermost := trace[len(trace)-1].module
	st := Stack{Frames: make([]Frame, 0, len(trace))}
	for _, t := range slices.Backward(trace) {
		symbol, _, _ := strings.Cut(t.function, "$") // closures are named for their function
		if t.receiver != "" {
			symbol = t.receiver + "." + symbol
		}
		if t.pkg != "" {
			symbol = t.pkg + "." + symbol
		}
		f := Frame{Symbol: symbol, Module: t.module + "@" + t.version, Line: t.line, Column: t.column}
		if t.file != "" {
			switch t.module {
			case outermost:
				f.URI, f.Base = t.file, "%SRCROOT%"
			case "stdlib":
				f.URI, f.Base = t.file, "%GOROOT%"
			default:
				f.URI, f.Base = f.Module+"/"+t.file, "%GOMODCACHE%"
			}
		}
		st.Frames = append(st.Frames, f)
	}
	st.Message = "A call stack for vulnerable function " + st.Frames[len(st.Frames)-1].Symbol
	return st
}

func (g *vulncheckReader) complete() {
	g.run.results = resultsPresent
	g.run.Tool.Rules = len(g.osvs)
	if g.main != "" {
		g.run.Target = &Target{Kind: TargetModule, Name: g.main}
	}
	binary := g.run.ScanMode == "binary"
	if g.run.ScanMode == "" { // before v1.1: only source code has places
		binary = true
		for _, v := range g.found {
			binary = binary && !v.positions
		}
	}
	all := make([]*vulnFound, 0, len(g.found))
	for _, v := range g.found {
		all = append(all, v)
	}
	slices.SortFunc(all, func(a, b *vulnFound) int {
		return cmp.Or(compareNatural(a.osv, b.osv), cmp.Compare(a.module, b.module))
	})
	for _, v := range all {
		g.run.Findings = append(g.run.Findings, g.findingOf(v, binary))
	}
}

func (g *vulncheckReader) findingOf(v *vulnFound, binary bool) *Finding {
	f := &Finding{Class: ClassVulnerability, Kind: KindFail, RuleID: v.osv, Target: g.run.Target, Source: v.source}
	f.Source.Tool, f.Source.Version = g.run.Tool.Name, g.run.Tool.Version
	e := g.osvs[v.osv]
	if e == nil {
		e = &osvEntry{}
	}
	f.setIDs(append([]string{v.osv}, e.aliases...)...)
	f.Title, f.Description, f.References = e.summary, e.details, e.references
	if f.Title == "" {
		f.Title, _, _ = strings.Cut(e.details, "\n")
	}
	if e.url != "" {
		f.References = unique(append([]string{e.url}, e.references...))
	}
	for _, vector := range e.vectors {
		if r, ok := rateVector(vector, ""); ok {
			f.Ratings = append(f.Ratings, r)
		}
	}
	f.Package = goPackage(v.module, v.version)
	setFixed(f.Package, v.fixed)
	f.Package.settle("")
	f.Stacks = uniqueStacks(v.stacks)
	f.Level = LevelNote
	switch {
	case v.depth == 3 && binary:
		f.Reachability, f.Level = ReachSymbol, LevelError
	case v.depth == 3:
		f.Reachability, f.Level = ReachCalled, LevelError
	case v.depth == 2:
		f.Reachability, f.Level = ReachImported, LevelWarning
	default:
		f.Reachability = ReachRequired
	}
	f.grade()
	return f
}

func uniqueStacks(list []Stack) []Stack {
	seen := make(map[string]bool, len(list))
	return slices.DeleteFunc(list, func(st Stack) bool {
		key := stackKey(&st)
		if seen[key] {
			return true
		}
		seen[key] = true
		return false
	})
}
