// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/markdown"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// WriteOptions says who writes a log.
type WriteOptions struct {
	Version string // of the program that writes; may be empty
	// Category tells analyses of one commit apart at GitHub; empty is one analysis.
	Category string
}

// writerName is the tool that a written log names. A log of this name is read
// back to the same findings.
const writerName = "HailBytes evidence"

const writerURI = "https://github.com/HailBytes/evidence"

// Bounds of GitHub code scanning ("SARIF support for code scanning", "validating
// your SARIF file"), and its texts' lengths.
const (
	resultsPerRun = 25_000
	mostRuns      = 20
	mostTags      = 10
	mostLocations = 100
	ruleText      = 1024
	ruleName      = 255
)

// WriteSARIF writes findings as a SARIF 2.1.0 log that is schema-valid and that
// GitHub code scanning takes: each result has a rule by index, a level, a message,
// a place with a relative URI and a region, and a fingerprint that stays the same
// from release to release; each rule has descriptions, help, tags and, where
// known, a security-severity. More than 25,000 findings are written as several
// runs; what 20 runs do not hold is an error of class ErrLimit.
//
// Baseline is written as baselineState, so that [Changes.Findings] gives a log that
// says what is new and what is gone, and Changes.New one of the new ones only.
// [ReadSARIF] gives the findings back, but for those that are absent.
func WriteSARIF(w io.Writer, findings []*Finding, o *WriteOptions) error {
	if o == nil {
		o = &WriteOptions{}
	}
	if len(findings) > resultsPerRun*mostRuns {
		return &evidence.Problem{Code: "sarif.too-many", Severity: evidence.SeverityError, Err: evidence.ErrLimit,
			Message: fmt.Sprintf("%d findings, one log holds at most %d", len(findings), resultsPerRun*mostRuns)}
	}
	log := outLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []outRun{}}
	for chunk := range slices.Chunk(findings, resultsPerRun) {
		log.Runs = append(log.Runs, makeRun(chunk, o, len(log.Runs)))
	}
	if len(log.Runs) == 0 {
		log.Runs = append(log.Runs, makeRun(nil, o, 0))
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(log)
}

// The shape of a log as it is written.
type (
	outLog struct {
		Schema  string   `json:"$schema"`
		Version string   `json:"version"`
		Runs    []outRun `json:"runs"`
	}
	outRun struct {
		Tool struct {
			Driver outDriver `json:"driver"`
		} `json:"tool"`
		Automation *outAutomation `json:"automationDetails,omitempty"`
		Results    []outResult    `json:"results"`
		ColumnKind string         `json:"columnKind"`
	}
	outAutomation struct {
		ID string `json:"id"`
	}
	outDriver struct {
		Name    string     `json:"name"`
		Version string     `json:"version,omitempty"`
		URI     string     `json:"informationUri"`
		Rules   []*outRule `json:"rules"`
	}
	outRule struct {
		ID            string   `json:"id"`
		Name          string   `json:"name"`
		Short         outText  `json:"shortDescription"`
		Full          outText  `json:"fullDescription"`
		HelpURI       string   `json:"helpUri,omitempty"`
		Help          outHelp  `json:"help"`
		Configuration outLevel `json:"defaultConfiguration"`
		Properties    outBag   `json:"properties"`
		worst         Severity // of the results
		score         float64  // of the results
	}
	outText struct {
		Text string `json:"text"`
	}
	outHelp struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown"`
	}
	outLevel struct {
		Level Level `json:"level"`
	}
	outBag struct {
		Tags             []string `json:"tags"`
		Precision        string   `json:"precision,omitempty"`
		ProblemSeverity  string   `json:"problem.severity,omitempty"`
		SecuritySeverity string   `json:"security-severity,omitempty"`
	}
	outResult struct {
		RuleID       string              `json:"ruleId"`
		RuleIndex    int                 `json:"ruleIndex"`
		Kind         string              `json:"kind,omitempty"`
		Level        Level               `json:"level"`
		Message      outText             `json:"message"`
		Locations    []outLocation       `json:"locations"`
		Stacks       []outStack          `json:"stacks,omitempty"`
		Suppressions []outSuppression    `json:"suppressions,omitempty"`
		Baseline     string              `json:"baselineState,omitempty"`
		Fingerprints map[string]string   `json:"partialFingerprints"`
		Properties   map[string]*Finding `json:"properties"`
	}
	outLocation struct {
		Physical outPhysical  `json:"physicalLocation"`
		Logical  []outLogical `json:"logicalLocations,omitempty"`
		Message  *outText     `json:"message,omitempty"`
	}
	outPhysical struct {
		Artifact outArtifact `json:"artifactLocation"`
		Region   outRegion   `json:"region"`
	}
	outArtifact struct {
		URI string `json:"uri"`
	}
	outRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
	outLogical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind,omitempty"`
	}
	outStack struct {
		Message *outText   `json:"message,omitempty"`
		Frames  []outFrame `json:"frames"`
	}
	outFrame struct {
		Module   string           `json:"module,omitempty"`
		Location outFrameLocation `json:"location"`
	}
	outFrameLocation struct {
		Message  *outText     `json:"message,omitempty"`
		Physical *outPhysical `json:"physicalLocation,omitempty"`
	}
	outSuppression struct {
		Kind          string `json:"kind"`
		Status        string `json:"status,omitempty"`
		Justification string `json:"justification,omitempty"`
	}
)

// ownProperty is the member of result.properties that holds the finding itself.
const ownProperty = "evidence"

func makeRun(findings []*Finding, o *WriteOptions, n int) outRun {
	r := outRun{Results: make([]outResult, 0, len(findings)), ColumnKind: "utf16CodeUnits"}
	r.Tool.Driver = outDriver{Name: writerName, Version: o.Version, URI: writerURI, Rules: []*outRule{}}
	if category := o.Category; category != "" || n > 0 {
		if n > 0 {
			category = path.Join(category, "part-"+strconv.Itoa(n+1))
		}
		r.Automation = &outAutomation{category + "/"}
	}
	index := map[ruleKey]int{}
	taken := map[string]bool{}
	for _, f := range findings {
		key := ruleKey{f.Class, f.ID}
		i, ok := index[key]
		if !ok {
			i = len(r.Tool.Driver.Rules)
			index[key] = i
			id := f.ID
			for taken[id] { // one name of two classes
				id = f.Class.String() + "/" + id
			}
			taken[id] = true
			r.Tool.Driver.Rules = append(r.Tool.Driver.Rules, makeRule(id, f))
		}
		u := r.Tool.Driver.Rules[i]
		u.worst, u.score = max(u.worst, f.Severity), max(u.score, f.Score)
		r.Results = append(r.Results, makeResult(f, u.ID, i))
	}
	for _, u := range r.Tool.Driver.Rules {
		u.grade()
	}
	return r
}

type ruleKey struct {
	class Class
	id    string
}

// Names of rules by class, in Pascal case as the specification suggests.
var classRuleNames = map[Class]string{
	ClassVulnerability: "PackageVulnerability", ClassMisconfiguration: "Misconfiguration", ClassSecret: "Secret",
	ClassLicense: "License", ClassCode: "StaticAnalysis",
}

func makeRule(id string, f *Finding) *outRule {
	title := cmp.Or(f.Title, f.RuleName, f.ID)
	full := cmp.Or(f.Description, title)
	u := &outRule{
		ID: id, Name: textfmt.Clip(classRuleNames[f.Class], ruleName),
		Short: outText{textfmt.Clip(f.ID+": "+markdown.OneLine(title), ruleText)},
		Full:  outText{textfmt.Clip(full, ruleText)},
	}
	for _, ref := range f.References {
		if wellFormedURI(ref) && (scheme(ref) == "https" || scheme(ref) == "http") {
			u.HelpURI = ref
			break
		}
	}
	u.Help.Text = u.Short.Text + "\n" + full
	u.Help.Markdown = "**" + markdown.Text(f.ID) + "**\n\n" + markdown.Text(full)
	if u.HelpURI != "" {
		u.Help.Text += "\n" + u.HelpURI
		u.Help.Markdown += "\n\n<" + u.HelpURI + ">"
	}
	tags := []string{f.Class.String(), "security"}
	for _, cwe := range f.CWEs {
		tags = append(tags, "external/cwe/"+strings.ToLower(cwe))
	}
	u.Properties.Tags = unique(tags)[:min(len(unique(tags)), mostTags)]
	return u
}

// grade sets what GitHub sorts alerts by, from the worst of the rule's results.
func (u *outRule) grade() {
	u.Configuration.Level = levelForGitHub(u.worst)
	u.Properties.ProblemSeverity = map[Level]string{LevelError: "error", LevelWarning: "warning", LevelNote: "recommendation", LevelNone: "recommendation"}[u.Configuration.Level]
	score := u.score
	if severityOfScore(score) != u.worst { // the word decides, as everywhere here
		score = map[Severity]float64{SeverityCritical: 9.5, SeverityHigh: 8, SeverityMedium: 5.5, SeverityLow: 2, SeverityNegligible: 0.1}[u.worst]
	}
	if u.worst > SeverityUnknown {
		u.Properties.SecuritySeverity = strconv.FormatFloat(score, 'f', 1, 64)
	}
}

func levelForGitHub(s Severity) Level {
	switch s {
	case SeverityCritical, SeverityHigh:
		return LevelError
	case SeverityMedium, SeverityUnknown:
		return LevelWarning
	case SeverityNone:
		return LevelNone
	}
	return LevelNote
}

func makeResult(f *Finding, ruleID string, index int) outResult {
	sum := sha256.Sum256([]byte(f.stableIdentity()))
	print := hex.EncodeToString(sum[:])
	r := outResult{
		RuleID: ruleID, RuleIndex: index, Level: levelForGitHub(f.Severity), Message: outText{resultText(f)},
		Locations: outLocations(f), Baseline: f.Baseline.String(),
		Fingerprints: map[string]string{"primaryLocationLineHash": print[:32] + ":1", "evidenceIdentity/v1": print},
		Properties:   map[string]*Finding{ownProperty: f},
	}
	if f.Kind != KindFail { // section 3.27.10: only failures have a level
		r.Kind, r.Level = f.Kind.String(), LevelNone
	}
	for _, s := range f.Suppressions {
		out := outSuppression{Kind: "external", Justification: s.Justification}
		if s.Kind == "inSource" {
			out.Kind = s.Kind
		}
		switch s.Status {
		case "accepted", "underReview", "rejected":
			out.Status = s.Status
		}
		r.Suppressions = append(r.Suppressions, out)
	}
	for _, st := range f.Stacks {
		r.Stacks = append(r.Stacks, makeStack(st))
	}
	return r
}

// stableIdentity is a text that is the same for the same thing in every release.
func (f *Finding) stableIdentity() string {
	id := f.identity
	if id == (identity{}) {
		id = newIndex([]*Finding{f}).identity(f)
	}
	if id.place != "" { // a fingerprint does not depend on the findings around it
		id.place = placeKey(f, commonRoot([]*Finding{f}))
	}
	return strings.Join([]string{id.class.String(), id.id, id.ecosystem, id.name, id.target, id.place}, "\x00")
}

// resultText says in one or two sentences what was found where.
func resultText(f *Finding) string {
	if f.Class != ClassVulnerability || f.Package == nil {
		return cmp.Or(f.Message, f.Title, f.ID)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s", f.Package.Name)
	if len(f.Package.Versions) > 0 {
		fmt.Fprintf(&b, " %s", strings.Join(f.Package.Versions, ", "))
	}
	if t := targetText(f.Target); t != "" {
		fmt.Fprintf(&b, " in %s", t)
	}
	fmt.Fprintf(&b, " is affected by %s (severity %s", f.ID, f.Severity)
	if f.Reachability != ReachUnknown {
		fmt.Fprintf(&b, ", %s", f.Reachability)
	}
	b.WriteString("). ")
	if fixable(f) {
		fmt.Fprintf(&b, "Fixed in %s.", strings.Join(f.Package.Fixed, ", "))
	} else {
		b.WriteString("No fixed version is known.")
	}
	return b.String()
}

// outLocations returns at least one place with a relative URI and a region.
func outLocations(f *Finding) []outLocation {
	var list []outLocation
	for _, l := range f.Locations[:min(len(f.Locations), mostLocations)] {
		out := outLocation{Physical: outPhysical{outArtifact{relativeURI(cmp.Or(l.URI, l.Logical))}, makeRegion(&l)}}
		if l.Logical != "" {
			out.Logical = []outLogical{{Name: l.Logical}}
		}
		list = append(list, out)
	}
	if list == nil {
		uri := ""
		if f.Package != nil {
			uri = f.Package.Path
		}
		if uri == "" && f.Target != nil {
			uri = cmp.Or(f.Target.Repository, f.Target.Name)
		}
		list = []outLocation{{Physical: outPhysical{outArtifact{relativeURI(uri)}, outRegion{StartLine: 1}}}}
	}
	if f.Package != nil {
		name := cmp.Or(f.Package.PURL, f.Package.Name)
		list[0].Logical = append(list[0].Logical, outLogical{name, "package"})
	}
	return list
}

func makeRegion(l *Location) outRegion {
	r := outRegion{StartLine: max(l.StartLine, 1)}
	if l.StartLine < 1 {
		return r
	}
	if l.StartColumn > 0 {
		r.StartColumn = l.StartColumn
	}
	if l.EndLine >= l.StartLine {
		r.EndLine = l.EndLine
	}
	if l.EndColumn > 0 && (r.EndLine > r.StartLine || l.EndColumn >= l.StartColumn) {
		r.EndColumn = l.EndColumn
	}
	return r
}

// relativeURI makes a relative reference of a path, an image reference or a URI:
// without scheme, host, leading slash and ".." segments, percent-encoded. GitHub
// takes nothing else as a place in a repository.
func relativeURI(text string) string {
	if s := scheme(text); s != "" && strings.HasPrefix(text[len(s):], "://") {
		text = text[len(s)+len("://"):]
	}
	if plain, err := url.PathUnescape(text); err == nil {
		text = plain
	}
	text = strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(strings.ToValidUTF8(text, "?"), "\\", "/")), "/")
	if text == "" {
		text = "unknown"
	}
	escaped := (&url.URL{Path: text}).EscapedPath()
	// A colon in the first segment would make a scheme of what is before it.
	end := strings.IndexByte(escaped+"/", '/')
	return strings.ReplaceAll(escaped[:end], ":", "%3A") + escaped[end:]
}

func makeStack(st Stack) outStack {
	out := outStack{Frames: make([]outFrame, 0, len(st.Frames))}
	if st.Message != "" {
		out.Message = &outText{st.Message}
	}
	for _, f := range st.Frames {
		frame := outFrame{Module: f.Module}
		if f.Symbol != "" {
			frame.Location.Message = &outText{f.Symbol}
		}
		if f.URI != "" {
			frame.Location.Physical = &outPhysical{outArtifact{relativeURI(f.URI)}, outRegion{StartLine: max(f.Line, 1)}}
			if f.Column > 0 {
				frame.Location.Physical.Region.StartColumn = f.Column
			}
		}
		out.Frames = append(out.Frames, frame)
	}
	return out
}
