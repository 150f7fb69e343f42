// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
)

// readTrivyJSON reads a report that Trivy wrote with -format json: schema version
// 2, the bare array of results that came before it, and the reports of "trivy
// k8s". A report of the literal null, which old versions wrote when nothing was
// scanned, is read and is not clean ([Log.Health]).
//
// It returns the same findings as [ReadSARIF] does from the SARIF report of the same
// scan, with what SARIF leaves out: package URLs, layers, fix states. Errors are
// those of Read.
func readTrivyJSON(r io.Reader, o *ReadOptions) (*Log, error) {
	text, encoding := jsonstrict.UTF8(r)
	opts := o.orZero()
	s := newReader(jsonstrict.New(text, jsonstrict.Options{Limits: opts.Limits, AllowNUL: true}), opts, FormatTrivyJSON)
	if encoding != "UTF-8" {
		s.note("sarif.encoding", evidence.SeverityWarning, "document is %s, RFC 8259 asks for UTF-8", encoding)
	}
	t := &trivyReader{reader: s}
	t.run.Tool = Tool{Name: "Trivy"}
	t.document()
	if s.d.Err() == nil {
		t.complete()
	}
	s.log.Runs = []Run{t.run}
	return s.finish()
}

// trivyReader reads one Trivy report (pkg/types/report.go).
type trivyReader struct {
	*reader
	run      Run
	artifact string
	kind     string
	meta     trivyMetadata
	results  int // results met so far
	pending  []trivyPending
}

// trivyMetadata is the Metadata object of a report or resource.
type trivyMetadata struct {
	family, osName, imageID, repoURL, arch string
	tags, digests                          []string
	config                                 ImageConfig
}

// trivyPending is a package whose distribution may be told later in the report.
type trivyPending struct {
	finding *Finding
	class   string
	typ     string
	target  *Target // of a cluster's resource; nil for the report's own
}

func (t *trivyReader) document() {
	d := t.d
	switch d.Kind() {
	case jsonstrict.Null:
		d.Null()
		t.run.results = resultsNull
		t.note("trivy-null-report", evidence.SeverityWarning, "the report is null: old versions of Trivy write it when they scanned nothing")
	case jsonstrict.Array:
		t.log.Version = "1"
		t.run.results = resultsPresent
		for list := t.list(); list.next(); {
			t.legacyResult()
		}
	case jsonstrict.Object:
		t.report()
	default:
		d.Object()
	}
}

// legacyResult reads an element of the array that was the whole report before
// schema version 2, and makes sure that it is one.
func (t *trivyReader) legacyResult() {
	if !t.result() && t.d.Err() == nil {
		t.fail("trivy.format", evidence.ErrFormat, "an element of a Trivy report is a result with a Target")
	}
}

func (t *trivyReader) report() {
	d := t.d
	version, cluster := 0, false
	for open := t.object(); open.next(); {
		switch key := string(d.Key()); key {
		case "SchemaVersion":
			version = t.integer(0)
			t.log.Version = strconv.Itoa(version)
			if version != 2 && d.Err() == nil {
				t.fail("trivy.version", evidence.ErrUnsupported, "Trivy report of schema version %d, want 2", version)
			}
		case "CreatedAt":
			t.run.Created = t.str()
		case "ArtifactName":
			t.artifact = t.str()
		case "ArtifactType":
			t.kind = t.str()
		case "Metadata":
			t.meta = t.metadata()
		case "Trivy":
			for m := t.object(); m.next(); {
				if string(d.Key()) == "Version" {
					t.run.Tool.Version = strings.TrimPrefix(t.str(), "v")
				}
			}
		case "Results":
			t.resultList()
		case "ClusterName":
			cluster = true
			t.artifact = t.str()
		case "Resources", "Vulnerabilities", "Misconfigurations", "Findings":
			if d.Kind() != jsonstrict.Array {
				continue
			}
			for list := t.list(); list.next(); {
				if t.clusterResource() {
					cluster = true
				}
			}
		}
	}
	if d.Err() != nil {
		return
	}
	if version == 0 && !cluster {
		t.fail("trivy.format", evidence.ErrFormat, "the object has no SchemaVersion, as every Trivy report has")
	}
	if cluster {
		t.log.Version = "k8s"
		t.kind = "cluster"
	}
}

func (t *trivyReader) metadata() (m trivyMetadata) {
	for open := t.object(); open.next(); {
		switch string(t.d.Key()) {
		case "OS":
			for os := t.object(); os.next(); {
				switch string(t.d.Key()) {
				case "Family":
					m.family = t.str()
				case "Name":
					m.osName = t.scalar()
				}
			}
		case "ImageID":
			m.imageID = t.str()
		case "RepoURL":
			m.repoURL = t.str()
		case "ImageConfig":
			t.imageConfig(&m)
		case "DiffIDs":
			m.config.Layers = t.words()
		case "Layers":
			for list := t.list(); list.next(); {
				for l := t.object(); l.next(); {
					if string(t.d.Key()) == "Digest" {
						m.config.Blobs = append(m.config.Blobs, t.word())
					}
				}
			}
		case "RepoTags":
			m.tags = t.words()
		case "RepoDigests":
			m.digests = t.words()
		}
	}
	return m
}

// imageConfig reads what Trivy copies of the image's configuration (OCI image
// specification, config.md).
func (t *trivyReader) imageConfig(m *trivyMetadata) {
	for config := t.object(); config.next(); {
		switch string(t.d.Key()) {
		case "architecture":
			m.arch = t.str()
		case "created":
			m.config.Created = t.str()
		case "rootfs":
			for fs := t.object(); fs.next(); {
				if string(t.d.Key()) == "diff_ids" {
					m.config.ConfigLayers = t.words()
				}
			}
		case "config":
			for c := t.object(); c.next(); {
				if string(t.d.Key()) != "Labels" || t.d.Kind() != jsonstrict.Object {
					continue
				}
				m.config.Labels = map[string]string{}
				for labels := t.object(); labels.next(); {
					m.config.Labels[string(t.d.Key())] = t.str()
				}
			}
		}
	}
}

// clusterResource reads one object of a cluster and reports whether it is one.
func (t *trivyReader) clusterResource() bool {
	var namespace, kind, name, failure string
	var meta trivyMetadata
	first, seen := len(t.pending), len(t.run.Findings)
	isResource := false
	for m := t.object(); m.next(); {
		switch string(t.d.Key()) {
		case "Namespace":
			namespace = t.str()
		case "Kind":
			kind, isResource = t.str(), true
		case "Name":
			name = t.str()
		case "Metadata":
			if t.d.Kind() == jsonstrict.Array { // one per container image since Trivy 0.49
				for list := t.list(); list.next(); {
					if got := t.metadata(); meta.imageID == "" {
						meta = got
					}
				}
			} else {
				meta = t.metadata()
			}
		case "Results":
			t.resultList()
		case "Error":
			failure = t.str()
		}
	}
	target := &Target{Kind: "cluster", Name: strings.Trim(namespace+"/"+kind+"/"+name, "/"), ImageID: meta.imageID, OS: osOf(&meta)}
	for _, ref := range slices.Concat(meta.digests, meta.tags) {
		target.addReference(ref)
	}
	for i := range t.pending[first:] {
		t.pending[first+i].target = target
	}
	for _, f := range t.run.Findings[seen:] {
		f.Target = target
	}
	if failure != "" {
		t.run.notifications = append(t.run.notifications, notification{Level: LevelError, Message: target.Name + ": " + failure})
	}
	return isResource
}

func (t *trivyReader) resultList() {
	if t.d.Kind() == jsonstrict.Null {
		t.d.Skip()
		if t.run.results == resultsAbsent {
			t.run.results = resultsNull
		}
		return
	}
	t.run.results = resultsPresent
	for list := t.list(); list.next(); {
		t.result()
	}
}

// result reads one result: what was found in one target of one class. It reports
// whether the object looks like one.
func (t *trivyReader) result() bool {
	d := t.d
	first := len(t.run.Findings)
	firstPending := len(t.pending)
	target, class, typ := "", "", ""
	is := false
	for m := t.object(); m.next(); {
		switch string(d.Key()) {
		case "Target":
			target, is = t.str(), true
		case "Class":
			class = t.word()
		case "Type":
			typ = t.word()
		case "Vulnerabilities":
			for list := t.list(); list.next(); {
				t.vulnerability()
			}
		case "Misconfigurations":
			for list := t.list(); list.next(); {
				t.misconfiguration()
			}
		case "Secrets":
			for list := t.list(); list.next(); {
				t.secret()
			}
		case "Licenses":
			for list := t.list(); list.next(); {
				t.license()
			}
		case "MisconfSummary":
			for s := t.object(); s.next(); {
				if string(d.Key()) == "Successes" {
					t.run.passed += t.integer(0)
				}
			}
		case "ExperimentalModifiedFindings":
			for list := t.list(); list.next(); {
				t.modified()
			}
		}
	}
	for i := range t.pending[firstPending:] {
		p := &t.pending[firstPending+i]
		p.class, p.typ = class, typ
	}
	osPackages := class == "os-pkgs" || class == "" && distributions[strings.ToLower(typ)]
	for _, f := range t.run.Findings[first:] {
		place(f, target, osPackages)
	}
	t.results++
	return is
}

// distributions are the result types of operating systems, which reports without
// classes are told by.
var distributions = map[string]bool{
	"debian": true, "ubuntu": true, "alpine": true, "wolfi": true, "chainguard": true, "redhat": true, "centos": true,
	"rocky": true, "alma": true, "oracle": true, "amazon": true, "fedora": true, "opensuse": true, "opensuse.leap": true,
	"opensuse.tumbleweed": true, "opensuse-leap": true, "opensuse-tumbleweed": true, "suse linux enterprise server": true,
	"photon": true, "cbl-mariner": true, "azurelinux": true, "bottlerocket": true,
}

// place completes the place of a finding with the target of its result.
func place(f *Finding, target string, osPackages bool) {
	if f.Package != nil && osPackages {
		f.Locations = nil // the image itself, not a place in it
		return
	}
	if f.Package != nil && f.Package.Path == "" {
		f.Package.Path = target
	}
	switch {
	case len(f.Locations) == 0:
		f.Locations = []Location{{URI: target}}
	case f.Locations[0].URI == "":
		f.Locations[0].URI = target
	}
}

// begin starts a finding at the object that comes next.
func (t *trivyReader) begin(class Class) *Finding {
	f := t.newFinding()
	f.Class, f.Kind = class, KindFail
	pos := t.d.Pos()
	f.Source = Source{File: t.o.Name, Result: len(t.run.Findings), Pointer: t.d.Pointer(), Line: pos.Line, Tool: t.run.Tool.Name}
	return f
}

// keep adds a complete finding.
func (t *trivyReader) keep(f *Finding) {
	if t.d.Err() != nil {
		return
	}
	f.References = unique(f.References)
	f.grade()
	f.Level = levelOf(f.Severity)
	f.Suppressed = suppressed(f.Suppressions)
	f.ensureID()
	t.run.Findings = append(t.run.Findings, f)
}

// levelOf returns the level that Trivy writes for a severity.
func levelOf(s Severity) Level {
	switch s {
	case SeverityCritical, SeverityHigh:
		return LevelError
	case SeverityMedium:
		return LevelWarning
	}
	return LevelNote
}

func (t *trivyReader) vulnerability() *Finding {
	f := t.begin(ClassVulnerability)
	p := &Package{}
	f.Package = p
	d := t.d
	var ids []string
	var severity, source, fixed, layer string
	for m := t.object(); m.next(); {
		switch string(d.Key()) {
		case "VulnerabilityID":
			f.RuleID = t.word()
		case "VendorIDs":
			ids = t.words()
		case "PkgName":
			p.Name = t.word()
		case "PkgPath":
			p.Path = t.word()
		case "PkgIdentifier":
			for id := t.object(); id.next(); {
				if string(d.Key()) == "PURL" {
					p.PURL = t.word()
				}
			}
		case "InstalledVersion":
			if v := t.word(); v != "" {
				p.Versions = []string{v}
			}
		case "FixedVersion":
			fixed = t.word()
		case "Status":
			p.Fix = FixState(max(slices.Index(fixNames, t.word()), 0))
		case "Layer":
			layer = t.layer()
		case "SeveritySource":
			source = t.word()
		case "PrimaryURL":
			f.References = append([]string{t.str()}, f.References...)
		case "Title":
			f.Title = t.str()
		case "Description":
			f.Description = t.str()
		case "Severity":
			severity = t.word()
		case "VendorSeverity":
			for v := t.object(); v.next(); {
				vendor := t.intern(d.Key())
				if n := t.integer(-1); n >= 0 && n < len(trivySeverities) {
					f.Ratings = append(f.Ratings, Rating{Basis: BasisText, Severity: trivySeverities[n], Source: vendor})
				}
			}
		case "CVSS":
			for v := t.object(); v.next(); {
				t.cvss(f, t.intern(d.Key()))
			}
		case "CweIDs":
			f.CWEs = t.words()
		case "References":
			f.References = append(f.References, t.words()...)
		}
	}
	f.setIDs(append([]string{f.RuleID}, ids...)...)
	setFixed(p, fixed)
	if g, ok := rateText(severity, source); ok {
		f.Ratings = append([]Rating{g}, f.Ratings...)
	}
	if layer != "" || p.Path != "" {
		f.Locations = []Location{{URI: p.Path, Layer: layer}}
	}
	t.keep(f)
	if d.Err() == nil {
		t.pending = append(t.pending, trivyPending{finding: f})
	}
	return f
}

// trivySeverities are the numbers of VendorSeverity.
var trivySeverities = [...]Severity{SeverityUnknown, SeverityLow, SeverityMedium, SeverityHigh, SeverityCritical}

func (t *trivyReader) layer() string {
	digest, diff := "", ""
	for m := t.object(); m.next(); {
		switch string(t.d.Key()) {
		case "Digest":
			digest = t.word()
		case "DiffID":
			diff = t.word()
		}
	}
	if digest == "" {
		return diff
	}
	return digest
}

func (t *trivyReader) cvss(f *Finding, source string) {
	scores := map[string]string{}
	vectors := map[string]string{}
	for m := t.object(); m.next(); {
		key := string(t.d.Key())
		if version, ok := strings.CutSuffix(key, "Vector"); ok {
			vectors[version] = t.word()
		} else if version, ok := strings.CutSuffix(key, "Score"); ok {
			scores[version] = t.scalar()
		}
	}
	for _, version := range []string{"V40", "V3", "V2"} {
		if g, ok := rateVector(vectors[version], source); ok {
			f.Ratings = append(f.Ratings, g)
		} else if g, ok := rateScore(scores[version], source); ok && version != "V2" {
			f.Ratings = append(f.Ratings, g)
		}
	}
}

func (t *trivyReader) misconfiguration() {
	f := t.begin(ClassMisconfiguration)
	d := t.d
	var l Location
	status, resource := "", ""
	for m := t.object(); m.next(); {
		switch string(d.Key()) {
		case "ID":
			f.RuleID = t.word()
		case "Title":
			f.Title = t.str()
		case "Description":
			f.Description = t.str()
		case "Message":
			f.Message = t.str()
		case "Severity":
			if g, ok := rateText(t.word(), ""); ok {
				f.Ratings = append(f.Ratings, g)
			}
		case "PrimaryURL":
			f.References = append([]string{t.str()}, f.References...)
		case "References":
			f.References = append(f.References, t.words()...)
		case "Status":
			status = t.word()
		case "CauseMetadata":
			for c := t.object(); c.next(); {
				switch string(d.Key()) {
				case "StartLine":
					l.StartLine = t.integer(0)
				case "EndLine":
					l.EndLine = t.integer(0)
				case "Resource":
					resource = t.str()
				}
			}
		case "Layer":
			l.Layer = t.layer()
		}
	}
	f.ID = f.RuleID
	l.Logical = resource
	f.Locations = []Location{l}
	switch status {
	case "PASS":
		t.run.passed++
		return
	case "EXCEPTION":
		f.Suppressions = []Suppression{{Kind: "ignore", Justification: "exception of Trivy's own policy"}}
	}
	t.keep(f)
}

func (t *trivyReader) secret() {
	f := t.begin(ClassSecret)
	var l Location
	for m := t.object(); m.next(); {
		switch string(t.d.Key()) {
		case "RuleID":
			f.RuleID = t.word()
		case "Title":
			f.Title = t.str()
		case "Severity":
			if g, ok := rateText(t.word(), ""); ok {
				f.Ratings = append(f.Ratings, g)
			}
		case "StartLine":
			l.StartLine = t.integer(0)
		case "EndLine":
			l.EndLine = t.integer(0)
		case "Layer":
			l.Layer = t.layer()
		}
	}
	f.ID = f.RuleID
	f.Locations = []Location{l}
	t.keep(f)
}

func (t *trivyReader) license() {
	f := t.begin(ClassLicense)
	name, category, pkg, path := "", "", "", ""
	for m := t.object(); m.next(); {
		switch string(t.d.Key()) {
		case "Name":
			name = t.word()
		case "Category":
			category = t.word()
		case "PkgName":
			pkg = t.word()
		case "FilePath":
			path = t.word()
		case "Severity":
			if g, ok := rateText(t.word(), ""); ok {
				f.Ratings = append(f.Ratings, g)
			}
		case "Link":
			if link := t.str(); link != "" {
				f.References = []string{link}
			}
		}
	}
	f.setLicense(name, category)
	f.RuleID = name
	if pkg != "" {
		f.Package = &Package{Name: pkg, Path: path}
	}
	f.Locations = []Location{{URI: path}}
	t.keep(f)
}

// modified reads a finding that Trivy itself left out, by an ignore file or VEX.
func (t *trivyReader) modified() {
	var s Suppression
	status := ""
	var found *Finding
	for m := t.object(); m.next(); {
		switch string(t.d.Key()) {
		case "Status":
			status = t.word()
		case "Statement":
			s.Justification = t.str()
		case "Source":
			s.Source = t.str()
		case "Finding":
			found = t.vulnerability()
		}
	}
	if found == nil || t.d.Err() != nil {
		return
	}
	s.Kind = "vex"
	if status == "ignored" {
		s.Kind = "ignore"
	} else if s.Justification == "" {
		s.Justification = status
	}
	found.Suppressions = []Suppression{s}
	found.Suppressed = true
}

// complete sets what was scanned, and the package URLs that need the distribution.
func (t *trivyReader) complete() {
	if t.kind != "cluster" || t.artifact != "" {
		t.run.Target = t.reportTarget()
	}
	for _, f := range t.run.Findings {
		if f.Target == nil {
			f.Target = t.run.Target
		}
		f.Source.Version = t.run.Tool.Version
	}
	for i := range t.pending {
		p := &t.pending[i]
		pkg := p.finding.Package
		pkg.Ecosystem = ecosystemOfWord(p.typ)
		family := ""
		if p.class == "os-pkgs" || distributions[strings.ToLower(p.typ)] {
			family = strings.ToLower(p.typ)
		}
		pkg.settle(family)
	}
}

func osOf(m *trivyMetadata) string { return strings.TrimSpace(m.family + " " + m.osName) }

func (t *trivyReader) reportTarget() *Target {
	if t.artifact == "" && t.meta.imageID == "" {
		return nil
	}
	var target *Target
	switch t.kind {
	case "container_image":
		target = trivyImage(t.artifact, t.meta.imageID, t.meta.tags, t.meta.digests)
		target.Arch = t.meta.arch
		target.Config = &t.meta.config
	case "repository":
		target = &Target{Kind: "repository", Name: t.artifact, Repository: strings.TrimSuffix(t.meta.repoURL, ".git")}
	case "filesystem":
		target = &Target{Kind: TargetFilesystem, Name: t.artifact}
	case "vm":
		target = &Target{Kind: "vm", Name: t.artifact}
	case "cyclonedx", "spdx":
		target = &Target{Kind: "sbom", Name: t.artifact}
	case "cluster":
		target = &Target{Kind: "cluster", Name: t.artifact}
	default:
		target = &Target{Kind: "other", Name: t.artifact}
		if t.meta.imageID != "" || len(t.meta.digests) > 0 {
			target = trivyImage(t.artifact, t.meta.imageID, t.meta.tags, t.meta.digests)
		}
	}
	target.OS, target.Config = osOf(&t.meta), &t.meta.config
	return target
}
