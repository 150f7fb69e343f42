// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/HailBytes/evidence/internal/textfmt"
)

// check is the visit of the second pass: the rules by type of object.
func (s *semantics) check(n *node) {
	switch n.typ.name {
	case "sarifLog":
		s.checkLog(n)
	case "run":
		s.checkRun(n)
	case "toolComponent":
		s.checkComponent(n)
	case "toolComponentReference":
		s.checkIndex(n, "index", len(s.runFacts().extensions), "tool.extensions")
	case "reportingDescriptor":
		s.checkDescriptor(n)
	case "multiformatMessageString":
		s.checkMessageString(n)
	case "result":
		s.checkResult(n)
	case "artifactLocation":
		s.checkArtifactLocation(n)
	case "artifact":
		s.checkIndex(n, "parentIndex", s.length("artifacts"), "artifacts")
	case "physicalLocation":
		s.checkPhysicalLocation(n)
	case "region":
		s.checkRegion(n)
	case "invocation":
		s.checkInvocation(n)
	case "address":
		s.checkIndex(n, "index", s.length("addresses"), "addresses")
		s.checkIndex(n, "parentIndex", s.length("addresses"), "addresses")
	case "logicalLocation":
		s.checkIndex(n, "index", s.length("logicalLocations"), "logicalLocations")
		s.checkIndex(n, "parentIndex", s.length("logicalLocations"), "logicalLocations")
	case "threadFlowLocation":
		s.checkIndex(n, "index", s.length("threadFlowLocations"), "threadFlowLocations")
	case "webRequest":
		s.checkIndex(n, "index", s.length("webRequests"), "webRequests")
	case "webResponse":
		s.checkIndex(n, "index", s.length("webResponses"), "webResponses")
	case "resultProvenance":
		s.checkIndex(n, "invocationIndex", s.length("invocations"), "invocations")
	case "graphTraversal":
		s.checkIndex(n, "runGraphIndex", s.length("graphs"), "graphs")
		if i := n.index("resultGraphIndex"); i >= 0 {
			s.graphs = append(s.graphs, graphIndex{s.pointer(), i})
		}
	case "versionControlDetails":
		if n.object("mappedTo").text("uriBaseId") == "" && len(s.runFacts().bases)+len(s.runFacts().mapped) > 0 {
			s.warn("sarif2007.mapped-to", s.pointer(), "the repository is not mapped to a uriBaseId")
		}
	}
	for name, i := range n.numbers {
		if i == -1 && (name == "index" || name == "ruleIndex" || name == "parentIndex") {
			s.warn("sarif2004.sentinel", s.pointer(name), "%s of -1 is the default, and may be left out", name)
		}
	}
}

func (s *semantics) length(array string) int { return s.runFacts().counts[array] }

// checkIndex: an index is within its array.
func (s *semantics) checkIndex(n *node, name string, length int, array string) {
	if i := n.index(name); i >= length {
		s.wrong("sarif1009.index", s.pointer(), "%s is %d, but %s has %d elements", name, i, array, length)
	}
}

func (s *semantics) checkLog(n *node) {
	schema, ok := n.texts["$schema"]
	switch {
	case !ok:
		s.warn("sarif2008.schema", "", "the log does not name its $schema")
	case !finalSchema(schema):
		s.wrong("sarif1011.schema", "/$schema", "%s is not the schema of the final SARIF 2.1.0", textfmt.Quote(schema))
	}
}

// finalSchema tells addresses of the schema from those of drafts: "-rtm.4" and before.
func finalSchema(uri string) bool {
	if !strings.Contains(uri, "2.1.0") {
		return false
	}
	if _, rest, ok := strings.Cut(uri, "2.1.0-rtm."); ok {
		n, err := strconv.Atoi(rest[:digits(rest)])
		return err == nil && n >= 5
	}
	return !strings.Contains(uri, "2.1.0-beta") && !strings.Contains(uri, "2.1.0-csd")
}

func (s *semantics) checkRun(n *node) {
	f := s.runFacts()
	at := s.pointer()
	if n.counts["versionControlProvenance"] == 0 {
		s.advise("sarif2003.provenance", at, "the run does not say which revision of which repository was scanned")
	}
	if count := n.counts["artifacts"]; count > 0 {
		if !f.contents {
			s.advise("sarif2013.contents", at, "no artifact has its contents")
		}
		if f.bare == count && !f.indexed {
			s.warn("sarif2004.artifacts", at+"/artifacts", "the artifacts say nothing but their locations")
		}
	}
	if rules := f.driver.rules; len(rules) > 0 && !slices.ContainsFunc(rules, func(r ruleFacts) bool { return !r.idOnly }) {
		s.warn("sarif2004.rules", at+"/tool/driver/rules", "the rules say nothing but their ids")
	}
}

func (s *semantics) checkComponent(n *node) {
	if !s.in("tool", "driver") {
		return
	}
	if !n.has("version") && !n.has("semanticVersion") && !n.has("dottedQuadFileVersion") {
		s.warn("sarif2005.version", s.pointer(), "the tool does not say its version")
	}
	if !n.has("informationUri") {
		s.warn("sarif2005.information-uri", s.pointer(), "the tool has no informationUri")
	}
	if n.counts["rules"] == 0 && !slices.ContainsFunc(s.runFacts().extensions, func(c componentFacts) bool { return len(c.rules) > 0 }) {
		s.advise("sarif2012.rules", s.pointer(), "the tool describes no rules")
	}
}

func (s *semantics) checkDescriptor(n *node) {
	id, name := n.text("id"), n.text("name")
	if id != "" && strings.EqualFold(id, name) {
		s.warn("sarif1001.id-is-name", s.pointer(), "id and name are both %s", textfmt.Quote(id))
	}
	if !s.in("rules", "*") {
		return
	}
	switch {
	case strings.Contains(id, "/"):
		s.advise("sarif2009.hierarchical", s.pointer("id"), "%s: a hierarchical id is of a result, not of a rule", textfmt.Quote(id))
	case kindOfID(id) == idNone && !conventionalID(id):
		s.advise("sarif2009.id", s.pointer("id"), "%s is not letters and digits, like CA1000", textfmt.Quote(id))
	}
	if n.text("helpUri") == "" {
		s.advise("sarif2012.help-uri", s.pointer(), "rule %s has no helpUri", textfmt.Quote(id))
	}
	if name == "" {
		s.advise("sarif2012.name", s.pointer(), "rule %s has no name", textfmt.Quote(id))
	} else if !pascalCase(name) {
		s.advise("sarif2012.name-form", s.pointer("name"), "%s is not in Pascal case", textfmt.Quote(name))
	}
}

// conventionalID: letters, then digits.
func conventionalID(id string) bool {
	letters := 0
	for letters < len(id) && id[letters] >= 'A' && id[letters] <= 'Z' {
		letters++
	}
	return letters > 0 && isDigits(id[letters:])
}

func pascalCase(name string) bool {
	return name != "" && name[0] >= 'A' && name[0] <= 'Z' && isAlphanumeric(name)
}

func (s *semantics) checkMessageString(n *node) {
	if !s.in("messageStrings", "*") {
		return
	}
	text, ok := n.texts["text"]
	if !ok {
		return
	}
	at := s.pointer("text")
	if !strings.HasSuffix(strings.TrimSpace(text), ".") {
		s.warn("sarif2001.period", at, "the message does not end with a period")
	}
	if placeholders(text) == 0 {
		s.advise("sarif2014.static", at, "the message has no placeholder")
	} else if !quotedPlaceholders(text) {
		s.advise("sarif2015.quotes", at, "a placeholder is not in single quotes")
	}
}

// quotedPlaceholders reports whether each {n} stands in quotes or in a link.
func quotedPlaceholders(text string) bool {
	for i := range len(text) {
		if text[i] != '{' {
			continue
		}
		n := digits(text[i+1:])
		end := i + 1 + n
		if n == 0 || end >= len(text) || text[end] != '}' {
			continue
		}
		before := i > 0 && strings.IndexByte("'[(", text[i-1]) >= 0
		after := end+1 < len(text) && strings.IndexByte("'])", text[end+1]) >= 0
		if !before || !after {
			return false
		}
	}
	return true
}

func (s *semantics) checkResult(n *node) {
	f, at := s.runFacts(), s.pointer()
	ref := n.object("rule")
	ruleID, hasID := n.texts["ruleId"]
	refID, hasRef := ref.texts["id"]
	switch {
	case !hasID && !hasRef && n.index("ruleIndex") < 0 && ref.index("index") < 0 && ref.text("guid") == "":
		s.wrong("sarif1010.missing", at, "the result names no rule")
	case hasID && hasRef && ruleID != refID:
		s.wrong("sarif1010.differ", at, "ruleId is %s, rule.id is %s", textfmt.Quote(ruleID), textfmt.Quote(refID))
	}
	if i, length := n.index("ruleIndex"), s.rulesOf(f, ref); i >= length {
		s.wrong("sarif1009.index", at, "ruleIndex is %d, but there are %d rules", i, length)
	}
	if n.has("rule") {
		component := ref.object("toolComponent")
		switch isDriver := component.names == nil || f.driver.guid != "" && strings.EqualFold(component.text("guid"), f.driver.guid); {
		case isDriver:
			s.warn("sarif2004.rule", at, "rule refers to the driver: ruleId and ruleIndex say the same in less")
		case hasID || n.index("ruleIndex") >= 0:
			s.warn("sarif2004.rule-twice", at, "ruleId or ruleIndex repeat what rule says")
		}
	}
	for _, g := range s.graphs {
		if length := n.counts["graphs"]; g.index >= length {
			s.wrong("sarif1009.index", g.at, "resultGraphIndex is %d, but the result has %d graphs", g.index, length)
		}
	}
	s.graphs = nil
	if target := n.object("analysisTarget"); target.text("uri") != "" && slices.Contains(s.places, base{target.text("uri"), target.text("uriBaseId")}) {
		s.warn("sarif2004.target", at+"/analysisTarget", "analysisTarget is one of the locations")
	}
	s.places = s.places[:0]
	s.checkMessage(f, n)
	if n.object("message").text("id") == "" {
		s.advise("sarif2002.arguments", at+"/message", "the message is a text, not an id with arguments")
	}
	if len(f.driver.rules) > 0 && f.resolveRule(n) == nil && len(f.extensions) == 0 {
		id := ruleID + refID
		if key := strconv.Itoa(s.run()) + "/" + id; id != "" && !s.metadata[key] && len(s.metadata) < 10_000 {
			s.metadata[key] = true
			s.advise("sarif2012.metadata", "/runs/"+s.path[1]+"/tool/driver/rules", "no rule describes %s", textfmt.Quote(id))
		}
	}
}

// rulesOf returns how many rules the component has that a result's rule is of.
func (s *semantics) rulesOf(f *runFacts, ref *node) int {
	component := ref.object("toolComponent")
	if i := component.index("index"); i >= 0 && i < len(f.extensions) {
		return len(f.extensions[i].rules)
	}
	if component.names != nil {
		return 1 << 30 // told by name or GUID only
	}
	return len(f.driver.rules)
}

// checkMessage: a message id is defined, and has an argument for each placeholder.
func (s *semantics) checkMessage(f *runFacts, n *node) {
	message := n.object("message")
	id := message.text("id")
	if id == "" {
		return
	}
	count, ok := 0, false
	if rule := f.resolveRule(n); rule != nil {
		count, ok = rule.messages[id], hasKey(rule.messages, id)
	}
	if !ok {
		count, ok = f.driver.global[id], hasKey(f.driver.global, id)
	}
	switch at := s.pointer("message"); {
	case !ok && message.text("text") == "":
		s.wrong("sarif1012.message", at, "neither the rule nor the tool defines the message %s", textfmt.Quote(id))
	case ok && message.counts["arguments"] < count:
		s.wrong("sarif1012.arguments", at, "message %s has placeholders for %d arguments, got %d", textfmt.Quote(id), count, message.counts["arguments"])
	}
}

func hasKey(m map[string]int, key string) bool { _, ok := m[key]; return ok }

func (s *semantics) checkInvocation(n *node) {
	start, err := time.Parse(time.RFC3339, n.text("startTimeUtc"))
	if err != nil {
		return
	}
	if end, err := time.Parse(time.RFC3339, n.text("endTimeUtc")); err == nil && end.Before(start) {
		s.wrong("sarif1006.times", s.pointer("endTimeUtc"), "the invocation ends before it starts")
	}
}

func (s *semantics) checkRegion(n *node) {
	startLine, endLine := n.index("startLine"), n.index("endLine")
	startColumn, endColumn := n.index("startColumn"), n.index("endColumn")
	switch {
	case startLine < 0 && n.index("charOffset") < 0 && n.index("byteOffset") < 0:
		if s.in("region") {
			s.wrong("sarif1007.start", s.pointer(), "the region has no start")
		}
	case endLine >= 0 && startLine > endLine:
		s.wrong("sarif1007.lines", s.pointer("endLine"), "endLine %d is before startLine %d", endLine, startLine)
	case startLine >= 0 && (endLine < 0 || endLine == startLine) && endColumn >= 0 && startColumn > endColumn:
		s.wrong("sarif1007.columns", s.pointer("endColumn"), "endColumn %d is before startColumn %d", endColumn, startColumn)
	}
}

func (s *semantics) checkPhysicalLocation(n *node) {
	at := s.pointer()
	region, context := n.object("region"), n.object("contextRegion")
	if n.has("contextRegion") {
		switch {
		case !n.has("region"):
			s.wrong("sarif1008.no-region", at+"/contextRegion", "contextRegion without region")
		case !around(context, region):
			s.wrong("sarif1008.not-around", at+"/contextRegion", "contextRegion is not around the region")
		}
	}
	if !s.in("results", "*", "locations", "*", "physicalLocation") {
		return
	}
	switch {
	case !n.has("region"):
		s.warn("sarif2017.region", at, "the location has no region")
	case region.index("startLine") < 0 && region.index("charOffset") < 0 && region.index("byteOffset") < 0:
		s.warn("sarif2017.start", at+"/region", "the region has no start")
	default:
		if !region.has("snippet") {
			s.advise("sarif2010.snippet", at+"/region", "the region has no snippet")
		}
		if !n.has("contextRegion") {
			s.advise("sarif2011.context", at, "the location has no contextRegion")
		}
	}
}

// around reports whether a context holds the lines of a region and more, as far
// as both are told by lines.
func around(context, region *node) bool {
	cs, rs := context.index("startLine"), region.index("startLine")
	if cs < 0 || rs < 0 {
		return true
	}
	ce, re := max(context.index("endLine"), cs), max(region.index("endLine"), rs)
	if cs > rs || ce < re {
		return false
	}
	if cs < rs || ce > re {
		return true
	}
	sameStart := context.index("startColumn") == region.index("startColumn")
	sameEnd := context.index("endColumn") == region.index("endColumn")
	return !sameStart || !sameEnd
}

func (s *semantics) checkArtifactLocation(n *node) {
	at := s.pointer()
	uri, hasURI := n.texts["uri"]
	absolute := scheme(uri) != ""
	baseID := n.text("uriBaseId")
	s.checkIndex(n, "index", s.length("artifacts"), "artifacts")
	if baseID != "" && absolute {
		s.wrong("sarif1004.absolute", at, "uri %s is absolute, and has a uriBaseId", textfmt.Quote(uri))
	}
	if strings.HasPrefix(uri, "/") && !strings.HasPrefix(uri, "//") {
		s.wrong("sarif1004.slash", at+"/uri", "relative reference %s begins with a slash", textfmt.Quote(uri))
	}
	if target, ok := strings.CutPrefix(uri, "sarif:"); ok && len(s.sarifURI) < 10_000 {
		s.sarifURI = append(s.sarifURI, reference{at, target})
	}
	if s.in("originalUriBaseIds", "*") {
		if hasURI {
			s.checkBase(at, uri, baseID)
		}
		return
	}
	if !s.in("results", "*", "locations", "*", "physicalLocation", "artifactLocation") {
		return
	}
	if len(s.places) < shared {
		s.places = append(s.places, base{uri, baseID})
	}
	if scheme(uri) == "file" {
		s.advise("sarif2016.file", at+"/uri", "file URI %s is of one machine only", textfmt.Quote(uri))
	}
	if f := s.runFacts(); len(f.mapped) > 0 && !f.isMapped(baseID) {
		s.warn("sarif2007.location", at, "the location is not relative to a repository that the run names")
	}
}

// isMapped reports whether a uriBaseId, or one that it is based on, is that of a
// repository.
func (f *runFacts) isMapped(id string) bool {
	for range maxBaseSteps {
		if f.mapped[id] {
			return true
		}
		b, ok := f.bases[id]
		if !ok {
			return false
		}
		id = b.base
	}
	return false
}

// checkBase checks a value of originalUriBaseIds (section 3.14.14).
func (s *semantics) checkBase(at, uri, parent string) {
	path, _, hasFragment := strings.Cut(uri, "#")
	path, _, hasQuery := strings.Cut(path, "?")
	if parent == "" && scheme(uri) == "" {
		s.wrong("sarif1004.base-relative", at, "%s has no base of its own, and is not absolute", textfmt.Quote(uri))
	}
	if !strings.HasSuffix(uri, "/") {
		s.wrong("sarif1004.base-slash", at, "%s does not end with a slash", textfmt.Quote(uri))
	}
	if hasDotDot(path) {
		s.wrong("sarif1004.base-dots", at, "%s has a \"..\" segment", textfmt.Quote(uri))
	}
	if hasFragment || hasQuery {
		s.wrong("sarif1004.base-query", at, "%s has a query or fragment", textfmt.Quote(uri))
	}
}

func hasDotDot(path string) bool {
	return path == ".." || strings.HasPrefix(path, "../") || strings.HasSuffix(path, "/..") || strings.Contains(path, "/../")
}

// checkText checks a text by its format.
func (s *semantics) checkText(format, value string) {
	if format != "uri" && format != "uri-reference" {
		return
	}
	at := s.pointer()
	switch {
	case !wellFormedURI(value):
		s.wrong("sarif1002.uri", at, "%s is not a URI (RFC 3986)", textfmt.Quote(value))
	case scheme(value) == "file" && hasDotDot(value):
		s.wrong("sarif1002.dots", at, "file URI %s has \"..\" segments", textfmt.Quote(value))
	case format == "uri" && scheme(value) == "":
		s.wrong("sarif1005.relative", at, "%s must be an absolute URI", textfmt.Quote(value))
	}
}

// scheme returns the scheme of a URI in lower case, "" for a relative reference.
func scheme(uri string) string {
	for i := range len(uri) {
		c := uri[i]
		switch {
		case c == ':' && i > 0:
			return strings.ToLower(uri[:i])
		case isAlphanumeric(uri[i : i+1]), i > 0 && (c == '+' || c == '-' || c == '.'):
		default:
			return ""
		}
		if i == 0 && isDigits(uri[:1]) {
			return ""
		}
	}
	return ""
}

// wellFormedURI checks characters, percent-encoding and the first segment of a
// URI reference (RFC 3986 appendix A).
func wellFormedURI(uri string) bool {
	for i := 0; i < len(uri); i++ {
		c := uri[i]
		switch {
		case isAlphanumeric(uri[i : i+1]), strings.IndexByte("-._~:/?#[]@!$&'()*+,;=", c) >= 0:
		case c == '%' && i+2 < len(uri) && isHex(uri[i+1]) && isHex(uri[i+2]):
			i += 2
		default:
			return false
		}
	}
	if scheme(uri) != "" {
		return true
	}
	first := uri
	if i := strings.IndexAny(uri, "/?#"); i >= 0 {
		first = uri[:i]
	}
	return !strings.Contains(first, ":")
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}
