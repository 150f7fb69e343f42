// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/internal/vercmp"
)

// complete makes findings of results, now that the whole run is read.
func (r *runReader) complete() {
	r.resolveBases()
	r.configure()
	d := &r.driver
	r.run.Tool = Tool{Name: d.name, Version: d.version, URI: d.uri, Rules: len(d.rules)}
	for i := range r.others {
		r.run.Tool.Rules += len(r.others[i].rules)
	}
	if d.name == "" {
		r.note("sarif.tool", evidence.SeverityWarning, "run %d does not name its tool", r.index)
	}
	dialect := dialectOf(d)
	r.target(dialect)
	r.checkRules()
	if dialect == dialectGovulncheck {
		r.run.ScanLevel, r.run.ScanMode = d.props.get("scan_level"), d.props.get("scan_mode")
		r.run.Tool.Database, r.run.Tool.DatabaseAge = d.props.get("db"), d.props.get("db_last_modified")
		r.run.Tool.GoVersion = d.props.get("go_version")
		if order, ok := vercmp.Compare("golang", d.version, "1.1.4"); r.run.results == resultsAbsent && ok && order < 0 {
			r.run.absentBug = true
			r.note("govulncheck-results-absent", evidence.SeverityWarning, "run has no results member; govulncheck before v1.1.4 leaves it out when it finds nothing")
		}
	}
	r.nameBugs(dialect)
	found := r.run.Findings
	if dialect == dialectGovulncheck {
		r.run.Findings = make([]*Finding, 0, len(found))
	}
	for i := range r.pending {
		p := &r.pending[i]
		u := r.ruleOf(p)
		r.common(p, u, dialect)
		switch dialect {
		case dialectOwn:
			r.own(p)
			continue
		case dialectGovulncheck:
			parts := r.govulncheck(p, u)
			for _, f := range parts {
				f.Package.settle("")
			}
			r.run.Findings = append(r.run.Findings, parts...)
			continue
		case dialectTrivy:
			r.trivy(p, u)
		case dialectGrype:
			r.grype(p, u)
		case dialectOSVScanner:
			r.osvScanner(p, u)
		case dialectSnyk:
			r.snyk(p, u)
		default:
			r.other(p, u, dialect)
		}
		p.finding.Package.settle("")
		p.finding.grade()
		p.finding.ensureID()
	}
	if dialect == dialectGovulncheck {
		r.govulncheckTarget()
	}
}

// dialect is a way of writing findings that several fields follow.
type dialect uint8

const (
	dialectOther            dialect = iota
	dialectTrivy            dialect = iota
	dialectGrype            dialect = iota
	dialectGovulncheck      dialect = iota
	dialectOSVScanner       dialect = iota
	dialectSnyk             dialect = iota
	dialectWiz              dialect = iota
	dialectOwn              dialect = iota // of WriteSARIF
	dialectSecrets          dialect = iota // tools that look for credentials only
	dialectMisconfiguration dialect = iota // tools that look at infrastructure files only
)

// dialects are told by the driver's name, in lower case; the longest prefix counts.
var dialects = []struct {
	prefix string
	d      dialect
}{
	{"trivy", dialectTrivy}, {"grype", dialectGrype}, {"govulncheck", dialectGovulncheck},
	{"osv-scanner", dialectOSVScanner}, {"snyk open source", dialectSnyk}, {"snyk container", dialectSnyk}, {"wiz", dialectWiz},
	{"gitleaks", dialectSecrets}, {"trufflehog", dialectSecrets}, {"detect-secrets", dialectSecrets}, {"ggshield", dialectSecrets},
	{"snyk iac", dialectMisconfiguration}, {"checkov", dialectMisconfiguration}, {"kics", dialectMisconfiguration},
	{"tfsec", dialectMisconfiguration}, {"terrascan", dialectMisconfiguration}, {"dockle", dialectMisconfiguration},
	{"hadolint", dialectMisconfiguration}, {"kubescape", dialectMisconfiguration}, {"kube-linter", dialectMisconfiguration},
	{"cfn-lint", dialectMisconfiguration}, {"zizmor", dialectMisconfiguration},
}

func dialectOf(d *component) dialect {
	if d.name == writerName {
		return dialectOwn
	}
	name := strings.ToLower(d.name)
	for _, c := range dialects {
		if strings.HasPrefix(name, c.prefix) {
			return c.d
		}
	}
	if strings.HasPrefix(strings.ToLower(d.fullName), "trivy") {
		return dialectTrivy
	}
	return dialectOther
}

// nameBugs gives what was noticed the name of a producer's known bug.
func (r *runReader) nameBugs(d dialect) {
	if d != dialectGovulncheck {
		return
	}
	for code, bug := range map[string]string{
		"sarif.region-empty":    "govulncheck-empty-region",
		"sarif.stack-duplicate": "govulncheck-duplicate-stacks",
		"sarif.tag-duplicate":   "govulncheck-duplicate-tags",
	} {
		if n := r.notes[code]; n != nil && r.notes[bug] == nil {
			n.problem.Code = bug
			r.notes[bug] = n
			delete(r.notes, code)
		}
	}
}

// checkRules looks for rules with equal ids.
func (r *runReader) checkRules() {
	code := "sarif.rule-duplicate"
	if dialectOf(&r.driver) == dialectTrivy {
		code = "trivy-duplicate-rule"
	}
	seen := make(map[string]bool, len(r.driver.rules))
	for i := range r.driver.rules {
		id := r.driver.rules[i].id
		if seen[id] {
			r.note(code, evidence.SeverityWarning, "several rules have the id %s", textfmt.Quote(id))
		}
		seen[id] = true
	}
}

// target sets what the run scanned, as far as the run itself says.
func (r *runReader) target(d dialect) {
	p := &r.props
	if p.imageName == "" && p.imageID == "" && len(p.repoDigests) == 0 {
		if r.run.Source.Repository != "" && d != dialectTrivy {
			r.run.Target = &Target{Kind: "repository", Name: r.run.Source.Repository, Repository: strings.TrimSuffix(r.run.Source.Repository, ".git")}
		}
		return
	}
	r.run.Target = trivyImage(p.imageName, p.imageID, p.repoTags, p.repoDigests)
}

// ruleOf returns the rule of a result (sections 3.27.5 to 3.27.7), nil if the
// report does not hold it.
func (r *runReader) ruleOf(p *pending) *rule {
	f, c := p.finding, &r.driver
	named := p.extra != nil && p.extra.rule != nil
	if named {
		c = r.componentOf(&p.extra.rule.component)
		if u := c.findGUID(p.extra.rule.guid); u != nil && (f.RuleID == "" || u.has(f.RuleID)) {
			if f.RuleID == "" {
				f.RuleID = u.id
			}
			return u
		}
	}
	if c != nil && p.ruleIndex >= 0 {
		if p.ruleIndex < len(c.rules) {
			u := c.rules[p.ruleIndex]
			if f.RuleID == "" {
				f.RuleID = u.id
			}
			if u.has(f.RuleID) {
				return u
			}
			r.note("sarif.rule-mismatch", evidence.SeverityWarning, "result %d has rule %s, but its ruleIndex is that of %s",
				f.Source.Result, textfmt.Quote(f.RuleID), textfmt.Quote(u.id))
		} else {
			r.note("sarif.rule-index", evidence.SeverityWarning, "result %d has ruleIndex %d of %d rules", f.Source.Result, p.ruleIndex, len(c.rules))
		}
	}
	if f.RuleID == "" {
		return nil
	}
	if u := c.find(f.RuleID); u != nil {
		return u
	}
	if named && p.extra.rule.component != (componentRef{index: -1}) {
		return nil // an equal id in another component is another rule
	}
	return r.extensions().find(f.RuleID)
}

// has reports whether an id is the rule's, or below it in a hierarchy (section 3.27.5).
func (u *rule) has(id string) bool { return id == u.id || strings.HasPrefix(id, u.id+"/") }

// extensions returns a component that has the rules of all extensions.
func (r *runReader) extensions() *component {
	if r.all == nil {
		r.all = &component{}
		for i := range r.others {
			r.all.rules = append(r.all.rules, r.others[i].rules...)
		}
	}
	return r.all
}

// configure finds the rules that the overrides of all invocations are about. What
// an override names must agree: one by id, index and GUID of different rules is
// about none. Of several for one rule, the gravest level counts.
func (r *runReader) configure() {
	if len(r.overrides) == 0 {
		return
	}
	r.levels = map[configured]Level{}
	for _, o := range r.overrides {
		k, ok := r.configured(o)
		if !ok {
			r.note("sarif.override", evidence.SeverityWarning, "an override of invocation %d names no rule of the report, or several; it is not applied", o.invocation)
			continue
		}
		r.levels[k] = max(r.levels[k], o.level)
	}
}

func (r *runReader) configured(o override) (k configured, ok bool) {
	ref := o.rule
	c := r.componentOf(&ref.component)
	k.invocation = o.invocation
	agree := func(u *rule) bool {
		ok := u != nil && (k.rule == nil || k.rule == u)
		k.rule = u
		return ok
	}
	switch {
	case c == nil:
		return k, false
	case ref.guid != "" && !agree(c.findGUID(ref.guid)):
		return k, false
	case ref.index >= 0 && (ref.index >= len(c.rules) || !agree(c.rules[ref.index])):
		return k, false
	case ref.id == "":
		return k, k.rule != nil
	case k.rule != nil && !k.rule.has(ref.id):
		return k, false
	}
	c.index()
	if k.rule = c.byID[ref.id]; k.rule == nil { // below a rule, or one that the report does not describe
		k.component, k.id = c, ref.id
	}
	return k, true
}

// componentOf resolves a toolComponentReference; without any hint it is the driver.
func (r *runReader) componentOf(ref *componentRef) *component {
	switch {
	case ref.index >= 0:
		if ref.index < len(r.others) {
			return &r.others[ref.index]
		}
		r.note("sarif.component-index", evidence.SeverityWarning, "toolComponent index %d of %d extensions", ref.index, len(r.others))
		return nil
	case ref.guid != "" || ref.name != "":
		if r.named == nil {
			r.named = map[componentRef]*component{}
			for i := range slices.Backward(r.others) { // the first of equal names counts
				r.name(&r.others[i])
			}
			r.name(&r.driver)
		}
		if ref.guid != "" {
			return r.named[componentRef{guid: strings.ToLower(ref.guid)}]
		}
		return r.named[componentRef{name: ref.name}]
	}
	return &r.driver
}

func (r *runReader) name(c *component) {
	r.named[componentRef{name: c.name}] = c
	if c.guid != "" {
		r.named[componentRef{guid: strings.ToLower(c.guid)}] = c
	}
}

// find returns the rule with an id, or with the first elements of a hierarchical
// one (section 3.27.5).
func (c *component) find(id string) *rule {
	if c == nil {
		return nil
	}
	c.index()
	for range 8 { // real hierarchies have two levels
		if u, ok := c.byID[id]; ok {
			return u
		}
		cut := strings.LastIndexByte(id, '/')
		if cut < 0 {
			return nil
		}
		id = id[:cut]
	}
	return nil
}

// findGUID returns the rule with a GUID.
func (c *component) findGUID(guid string) *rule {
	if c == nil || guid == "" {
		return nil
	}
	c.index()
	return c.byGUID[strings.ToLower(guid)]
}

// index makes the tables of rules; the first of equal ids counts.
func (c *component) index() {
	if c.byID != nil {
		return
	}
	c.byID, c.byGUID = make(map[string]*rule, len(c.rules)), map[string]*rule{}
	for _, u := range slices.Backward(c.rules) {
		c.byID[u.id] = u
		if u.guid != "" {
			c.byGUID[strings.ToLower(u.guid)] = u
		}
	}
}

// common fills what every tool writes alike.
func (r *runReader) common(p *pending, u *rule, d dialect) {
	f := p.finding
	f.Class = ClassCode
	f.ID = f.RuleID
	f.Target = r.run.Target
	f.Source.Tool, f.Source.Version = r.run.Tool.Name, r.run.Tool.Version
	if u == nil {
		u = &noRule
	}
	f.RuleName, f.Title = u.name, u.short
	if u.full != u.short {
		f.Description = u.full
	}
	if u.helpURI != "" {
		f.References = []string{u.helpURI}
	}
	if x := p.extra; x != nil {
		r.resolveMessage(f, x, u)
		for _, i := range x.indexed {
			if i.artifact < len(r.artifacts) {
				a := r.artifacts[i.artifact]
				f.Locations[i.location].URI, f.Locations[i.location].Base = a.uri, a.base
			} else {
				r.note("sarif.artifact-index", evidence.SeverityWarning, "result %d has artifact index %d of %d artifacts", f.Source.Result, i.artifact, len(r.artifacts))
			}
		}
	}
	for i := range f.Locations {
		f.Locations[i].Root = r.run.Bases[f.Locations[i].Base]
	}
	r.level(p, u)
	if !u.known {
		u.known = true
		u.numbers = cwesOf(u)
		u.ratings = appendScores(nil, u.props)
		if d == dialectTrivy || d == dialectWiz {
			bandScores(u.ratings)
		}
	}
	f.CWEs = u.numbers
	if p.extra != nil {
		f.CWEs = withCWEs(f.CWEs, p.extra)
	}
	f.Ratings = r.ratings(p, u, d)
}

var noRule rule

// own takes back a finding that WriteSARIF wrote. What SARIF itself says of kind,
// baseline and place in the report stays.
func (r *runReader) own(p *pending) {
	f := p.finding
	if p.extra == nil || p.extra.own == nil {
		f.grade()
		f.ensureID()
		return
	}
	var g Finding
	if err := json.Unmarshal(p.extra.own, &g); err != nil || g.Class == classInvalid || g.ID == "" || g.Severity == SeverityInvalid || g.Level == levelInvalid {
		r.note("sarif.own-property", evidence.SeverityWarning, "result %d: property %q is not a finding as this package writes it", f.Source.Result, ownProperty)
		f.grade()
		f.ensureID()
		return
	}
	g.Kind, g.Baseline, g.Source = f.Kind, f.Baseline, f.Source
	*f = g
}

// ensureID gives a finding without rule and vulnerability what it says as its
// identifier: something must tell it from others.
func (f *Finding) ensureID() {
	if f.ID == "" {
		text, _, _ := strings.Cut(strings.TrimSpace(f.Message), "\n")
		f.ID = textfmt.Clip(text, 100)
	}
	if f.ID == "" {
		f.ID = "unnamed"
	}
}

// resolveMessage fills in a message by id and the placeholders (section 3.11.5).
func (r *runReader) resolveMessage(f *Finding, x *extra, u *rule) {
	if f.Message == "" && x.messageID != "" {
		text, ok := u.messages[x.messageID]
		if !ok {
			text, ok = r.driver.messages[x.messageID]
		}
		if !ok {
			r.note("sarif.message-id", evidence.SeverityWarning, "result %d has message id %s, which neither its rule nor the tool defines",
				f.Source.Result, textfmt.Quote(x.messageID))
			text = x.messageID
		}
		f.Message = text
	}
	if len(x.arguments) > 0 {
		f.Message = fillPlaceholders(f.Message, x.arguments)
	}
}

// fillPlaceholders replaces {0}, {1}, ... and unescapes {{ and }} (section 3.11.5).
func fillPlaceholders(text string, arguments []string) string {
	if !strings.ContainsAny(text, "{}") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		c := text[i]
		if c != '{' && c != '}' {
			j := strings.IndexAny(text[i:], "{}")
			if j < 0 {
				j = len(text) - i
			}
			b.WriteString(text[i : i+j])
			i += j
			continue
		}
		if i+1 < len(text) && text[i+1] == c {
			b.WriteByte(c)
			i += 2
			continue
		}
		if n := digits(text[i+1:]); c == '{' && n > 0 && i+1+n < len(text) && text[i+1+n] == '}' {
			if k, err := strconv.Atoi(text[i+1 : i+1+n]); err == nil && k < len(arguments) && b.Len() < maxMessage {
				b.WriteString(arguments[k])
				i += n + 2
				continue
			}
		}
		b.WriteByte(c)
		i++
	}
	return b.String()
}

// maxMessage bounds a message: one argument may stand in it many times.
const maxMessage = 1 << 20

// level applies section 3.27.10: the result's own, none for other kinds than
// fail, the configuration that the run used, the rule's default, "warning".
func (r *runReader) level(p *pending, u *rule) {
	f := p.finding
	switch {
	case p.level:
	case f.Kind != KindFail:
		f.Level = LevelNone
	default:
		f.Level = LevelWarning
		if u.level != levelInvalid {
			f.Level = u.level
		}
		component := &r.driver
		if p.extra != nil && p.extra.rule != nil {
			component = r.componentOf(&p.extra.rule.component)
		}
		if l, ok := r.levels[configured{invocation: p.invocation, component: component, id: f.RuleID}]; ok {
			f.Level = l
		} else if l, ok := r.levels[configured{invocation: p.invocation, rule: u}]; ok {
			f.Level = l
		}
	}
}

// ratings reads the grades that stand in properties and in the level.
func (r *runReader) ratings(p *pending, u *rule, d dialect) []Rating {
	list := make([]Rating, 0, len(u.ratings)+2) // the tool's word and the level come with nearly every result
	if p.extra != nil {
		if g, ok := rateText(p.extra.properties.first("severity", "securityRisk", "issue_severity", "security_severity"), ""); ok {
			list = append(list, g)
		}
		list = appendScores(list, p.extra.properties)
	}
	list = append(list, u.ratings...)
	// A level that is the same for everything grades nothing: OSV-Scanner's, and
	// govulncheck's, which is about reachability.
	if (p.level || u.level != levelInvalid) && d != dialectOSVScanner && d != dialectGovulncheck && p.finding.Kind == KindFail {
		list = append(list, rateLevel(p.finding.Level))
	}
	return list
}

// appendScores adds CVSS vectors and numbers from a property bag.
func appendScores(list []Rating, props properties) []Rating {
	if len(props) == 0 {
		return list
	}
	for _, v := range [...]struct{ vector, score string }{
		{"cvssv40_vector", "cvssv40_baseScore"}, {"cvssv3_vector", "cvssv3_baseScore"}, {"cvssv2_vector", "cvssv2_baseScore"},
		{"cvssV4_vector", "cvssV4_score"}, {"cvssV3_vector", "cvssV3_score"}, {"cvss", "cvssScore"},
	} {
		if g, ok := rateVector(props.get(v.vector), ""); ok {
			list = append(list, g)
		} else if g, ok := rateScore(props.get(v.score), ""); ok {
			list = append(list, g)
		}
	}
	if g, ok := rateScore(props.get("security-severity"), ""); ok {
		list = append(list, g)
	} else if g, ok := rateText(props.get("security-severity"), ""); ok {
		list = append(list, g)
	}
	return list
}

// bandScores marks the numbers that Trivy (pkg/report/sarif.go, severityToScore)
// and Wiz write for words.
func bandScores(list []Rating) {
	for i := range list {
		g := &list[i]
		if g.Basis != BasisScore {
			continue
		}
		switch g.Word {
		case "9.5", "8.0", "5.5", "2.0":
			g.Basis = BasisBand
		case "0.0":
			g.Basis, g.Severity = BasisBand, SeverityUnknown
		}
	}
}

// cwesOf collects the CWE numbers of a rule from its relationships, tags and properties.
func cwesOf(u *rule) []string {
	var list []string
	add := func(text string) {
		if id := cweID(text); id != "" {
			list = addString(list, id)
		}
	}
	for _, id := range u.cwes {
		add(id)
	}
	for _, tag := range u.tags {
		if len(tag) > 4 && (strings.HasPrefix(tag, "CWE") || strings.HasPrefix(tag, "cwe") || strings.Contains(tag, "/cwe")) {
			add(tag)
		}
	}
	add(u.props.first("cwe", "CWE", "cwes"))
	return list
}

// withCWEs adds the numbers that a result itself gives.
func withCWEs(list []string, x *extra) []string {
	list = slices.Clip(list)
	for _, id := range append(x.taxa, x.properties.first("cwe", "CWE", "cwes")) {
		if id = cweID(id); id != "" {
			list = addString(list, id)
		}
	}
	return list
}

// cweID returns "CWE-79" for "79", "CWE-79", "CWE-79: Cross-site Scripting" and
// "external/cwe/cwe-079".
func cweID(text string) string {
	text = strings.ToLower(text)
	if i := strings.LastIndex(text, "cwe-"); i >= 0 {
		text = text[i+4:]
	}
	n := digits(text)
	if n == 0 || n > 6 {
		return ""
	}
	return "CWE-" + strings.TrimLeft(text[:n], "0")
}
