// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sarif"
)

// pairID is the check that two reports of one scan say the same.
const pairID = "scan.pair"

// scanPairs compares the reports that one tool wrote of one scan in two formats:
// they list the same findings, with the same severities.
//
// Two reports are of one scan if their names differ in the extension only
// ("web.trivy.json", "web.trivy.sarif"), or if they are the only ones of their tool and
// format about the subject; and if neither states another version of the tool, time of
// its data, image or mode than the other.
func scanPairs(_ *Release, s *Subject) evidence.Checks {
	type group struct{ sarif, native []*Document }
	var names []string
	byName, byTool := map[string]*group{}, map[string]*group{}
	add := func(groups map[string]*group, name string, d *Document) {
		g := groups[name]
		if g == nil {
			g = &group{}
			groups[name] = g
		}
		if d.Scan.Format == sarif.FormatSARIF {
			g.sarif = append(g.sarif, d)
		} else {
			g.native = append(g.native, d)
		}
	}
	for _, d := range s.Documents {
		if d.Scan == nil || len(d.Scan.Runs) != 1 {
			continue
		}
		run := &d.Scan.Runs[0]
		add(byName, scanStem(d.File.Path), d)
		tool := strings.ToLower(run.Tool.Name) + " " + run.ScanMode
		if byTool[tool] == nil {
			names = append(names, tool)
		}
		add(byTool, tool, d)
	}
	var checks evidence.Checks
	pair := func(g *group) {
		if len(g.sarif) == 1 && len(g.native) == 1 && sameScan(&g.sarif[0].Scan.Runs[0], &g.native[0].Scan.Runs[0]) {
			checks = append(checks, comparePair(g.sarif[0], g.native[0]))
			g.sarif, g.native = nil, nil
		}
	}
	for _, d := range s.Documents {
		if d.Scan != nil && byName[scanStem(d.File.Path)] != nil {
			pair(byName[scanStem(d.File.Path)])
		}
	}
	for _, name := range names {
		if g := byTool[name]; len(g.sarif) == 1 && len(g.native) == 1 && scanStem(g.sarif[0].File.Path) != scanStem(g.native[0].File.Path) {
			pair(g)
		}
	}
	return append(append(checks, sameMoment(s)...), foundNothing(s)...)
}

// sameMoment compares reports of one format that a tool made at one time of one image:
// they are of one scan.
func sameMoment(s *Subject) (checks evidence.Checks) {
	type moment struct{ tool, mode, made, image string }
	first := map[moment]*Document{}
	for _, d := range s.Documents {
		if d.Scan == nil || len(d.Scan.Runs) != 1 || d.Scan.Runs[0].Created == "" {
			continue
		}
		run := &d.Scan.Runs[0]
		m := moment{tool: strings.ToLower(run.Tool.Name), mode: run.ScanMode, made: run.Created}
		if run.Target != nil {
			m.image = run.Target.ImageID // an index has several
		}
		if first[m] == nil {
			first[m] = d
		} else {
			checks = append(checks, comparePair(d, first[m]))
		}
	}
	return checks
}

// foundNothing warns of a report without a finding, where another one of the same tool
// about the same image has some.
func foundNothing(s *Subject) (checks evidence.Checks) {
	most := map[string]*Document{} // by tool: the report with the most findings
	count := func(d *Document) int { return len(d.Scan.Runs[0].Findings) }
	tool := func(d *Document) string {
		return strings.ToLower(d.Scan.Runs[0].Tool.Name) + " " + d.Scan.Runs[0].ScanMode
	}
	one := func(d *Document) bool { return d.Scan != nil && len(d.Scan.Runs) == 1 }
	for _, d := range s.Documents {
		if one(d) && (most[tool(d)] == nil || count(d) > count(most[tool(d)])) {
			most[tool(d)] = d
		}
	}
	for _, d := range s.Documents {
		if one(d) && s.Image != nil && count(d) == 0 && count(most[tool(d)]) > 0 {
			checks = append(checks, evidence.Judge(pairID, d.File.Path, evidence.Problems{
				warning(pairID, d.File.Path, "found nothing, %s of the same tool found %s", most[tool(d)].File.Path, textfmt.Count(count(most[tool(d)]), "vulnerability")),
			}, ""))
		}
	}
	return checks
}

// scanStem is the path of a report without the extensions that name its format.
func scanStem(name string) string {
	for {
		ext := strings.ToLower(path.Ext(name))
		switch ext {
		case ".json", ".sarif":
			name = name[:len(name)-len(ext)]
		default:
			return name
		}
	}
}

// sameScan reports whether two runs may be of one scan.
func sameScan(a, b *sarif.Run) bool {
	differ := func(x, y string) bool { return x != "" && y != "" && x != y }
	return strings.EqualFold(a.Tool.Name, b.Tool.Name) && !differ(a.Tool.Version, b.Tool.Version) &&
		!differ(a.Tool.DatabaseAge, b.Tool.DatabaseAge) && !differ(a.ScanMode, b.ScanMode) && !differ(a.ScanLevel, b.ScanLevel)
}

// reported is what one report says of one finding.
type reported struct {
	severity sarif.Severity
	reach    sarif.Reachability
	level    sarif.Level
	fixed    []string // versions of the package without the flaw, sorted
	text     string
}

// reportedFindings returns the findings of a run by what identifies them in every
// format of the tool. Native formats list what was suppressed besides; SARIF of the
// same scan leaves it out.
func reportedFindings(d *Document) map[string]reported {
	run := &d.Scan.Runs[0]
	govulncheck := strings.EqualFold(run.Tool.Name, "govulncheck")
	out := map[string]reported{}
	for _, f := range run.Findings {
		if f.Suppressed && d.Scan.Format != sarif.FormatSARIF {
			continue
		}
		key, text := cmp.Or(f.ID, f.RuleID), cmp.Or(f.ID, f.RuleID)
		if p := f.Package; p != nil && !govulncheck {
			key += "\x00" + p.Name + "\x00" + strings.Join(p.Versions, ",")
			text += " in " + p.String()
		}
		r := reported{severity: f.Severity, reach: f.Reachability, level: f.Level, text: text}
		if len(f.Ratings) > 0 && f.Ratings[0].Basis == sarif.BasisText {
			r.severity = f.Ratings[0].Severity // the tool's own word
		}
		have := out[key]
		r.severity, r.reach, r.level = max(r.severity, have.severity), max(r.reach, have.reach), max(r.level, have.level)
		if p := f.Package; p != nil && !govulncheck {
			r.fixed = slices.Compact(slices.Sorted(slices.Values(slices.Concat(have.fixed, p.Fixed))))
		}
		out[key] = r
	}
	return out
}

func comparePair(a, b *Document) evidence.Check {
	subject := a.File.Path + ", " + b.File.Path
	var problems evidence.Problems
	fail := func(d *Document, format string, args ...any) {
		p := warning(pairID, d.File.Path, format, args...)
		p.Severity, p.Err = evidence.SeverityError, evidence.ErrMismatch
		problems = append(problems, p)
	}
	if x, y := a.Scan.Runs[0].Target, b.Scan.Runs[0].Target; x != nil && y != nil {
		if x.ImageID != "" && y.ImageID != "" && x.ImageID != y.ImageID {
			fail(a, "is of an image with the ID %s, the other report of one with %s", x.ImageID, y.ImageID)
		}
		if x.Kind == sarif.TargetModule && y.Kind == sarif.TargetModule && x.Name != y.Name {
			fail(a, "is of module %s, the other report of %s", textfmt.Quote(x.Name), textfmt.Quote(y.Name))
		}
	}
	inA, inB := reportedFindings(a), reportedFindings(b)
	for _, side := range []struct {
		d           *Document
		have, other map[string]reported
	}{{a, inA, inB}, {b, inB, inA}} {
		missing := missingFrom(side.have, side.other)
		if len(missing) == 0 {
			continue
		}
		if least, ok := limited(side.have, missing); ok {
			problems = append(problems, warning(pairID, side.d.File.Path, "lacks %s of the other report, all below %s: it was limited to that severity", textfmt.Count(len(missing), "finding"), least))
			continue
		}
		if withoutUnfixed(side.have, missing) {
			problems = append(problems, warning(pairID, side.d.File.Path, "lacks %s of the other report, all without a fix: it was limited to those with one", textfmt.Count(len(missing), "finding")))
			continue
		}
		fail(side.d, "lacks %s that the other report of the scan lists, first %s (%s)", textfmt.Count(len(missing), "finding"), missing[0].text, missing[0].severity)
	}
	for _, key := range sortedKeys(inA) {
		x, y := inA[key], inB[key]
		if y.text == "" {
			continue
		}
		if !slices.Equal(x.fixed, y.fixed) {
			fail(a, "says that %s is fixed in %s, the other report of the scan says %s", x.text, fixedText(x.fixed), fixedText(y.fixed))
		}
		if x.reach != y.reach && x.reach != sarif.ReachUnknown && y.reach != sarif.ReachUnknown {
			fail(a, "says that the code of %s is %s, the other report of the scan says %s", x.text, x.reach, y.reach)
		}
		switch {
		case x.severity != y.severity && x.severity != sarif.SeverityUnknown && y.severity != sarif.SeverityUnknown:
			fail(a, "says %s of %s, the other report of the scan says %s", x.severity, x.text, y.severity)
		case x.level == y.level:
		case x.reach != sarif.ReachUnknown: // of govulncheck, whose level says how the code is reached
			fail(a, "gives %s the level %s, the other report of the scan makes it %s", x.text, x.level, y.level)
		default:
			problems = append(problems, warning(pairID, a.File.Path, "gives %s the level %s, the other report of the scan makes it %s", x.text, x.level, y.level))
		}
	}
	c := evidence.Judge(pairID, subject, problems, "list the same "+textfmt.Count(len(inA), "finding"))
	c.Problems = slices.Clip(c.Problems[:min(len(c.Problems), mostProblems)])
	return c
}

// withoutUnfixed reports whether a report holds only what a version without the flaw is
// known for, and lacks only the rest, as Trivy does with -ignore-unfixed.
func withoutUnfixed(have map[string]reported, missing []reported) bool {
	for _, r := range have {
		if len(r.fixed) == 0 {
			return false
		}
	}
	return len(have) > 0 && !slices.ContainsFunc(missing, func(r reported) bool { return len(r.fixed) > 0 })
}

func fixedText(versions []string) string {
	if len(versions) == 0 {
		return "no version"
	}
	return textfmt.Quote(strings.Join(versions, ", "))
}

// missingFrom returns what other has and have lacks, the worst first.
func missingFrom(have, other map[string]reported) []reported {
	var list []reported
	for _, key := range sortedKeys(other) {
		if _, ok := have[key]; !ok {
			list = append(list, other[key])
		}
	}
	slices.SortStableFunc(list, func(a, b reported) int { return cmp.Compare(b.severity, a.severity) })
	return list
}

// limited reports whether a report holds everything from one severity upward and
// nothing below, and which. An empty report was not limited: it is empty.
func limited(have map[string]reported, missing []reported) (least sarif.Severity, ok bool) {
	if len(have) == 0 {
		return 0, false
	}
	first := true
	for _, r := range have {
		if first || r.severity < least {
			least, first = r.severity, false
		}
	}
	return least, missing[0].severity < least
}
