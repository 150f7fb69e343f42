// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"strconv"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// runReader reads one run object (section 3.14). Its members come in any order,
// so results are completed when the run ends.
type runReader struct {
	*reader
	run       *Run
	index     int // in Log.Runs
	driver    component
	others    []component // tool.extensions
	artifacts []artifact
	logical   []string // fully qualified names of run.logicalLocations
	bases     map[string]base
	overrides []override
	levels    map[configured]Level // of overrides, by what they name
	pending   []pending
	props     runProperties
	modules   map[string]bool             // made when first needed, as the following
	all       *component                  // the rules of all extensions
	named     map[componentRef]*component // by name, and by GUID in lower case
}

// component is a toolComponent (section 3.19).
type component struct {
	name, fullName, version, guid, uri string
	rules                              []*rule
	messages                           map[string]string // globalMessageStrings
	props                              properties
	byID, byGUID                       map[string]*rule // made when first needed; GUIDs in lower case
}

// artifact is what locations take from run.artifacts.
type artifact struct{ uri, base string }

// base is one entry of originalUriBaseIds.
type base struct{ uri, base string }

// override is a ruleConfigurationOverride of an invocation (section 3.20.5).
type override struct {
	invocation int
	rule       descriptorRef
	level      Level
}

// configured is a rule in an invocation: one that the report describes, or the id
// of one in a component that does not.
type configured struct {
	invocation int
	rule       *rule
	component  *component
	id         string
}

// pending is what of a result cannot be decided before the run is read.
type pending struct {
	finding    *Finding
	ruleIndex  int // -1 for none
	invocation int // provenance.invocationIndex, -1 for none
	hasFlows   bool
	hasMessage bool
	level      bool // the result says its level
	extra      *extra
}

// extra is what few results have.
type extra struct {
	rule       *descriptorRef
	messageID  string
	arguments  []string
	properties properties
	indexed    []indexed
	own        []byte   // JSON of the finding that WriteSARIF put into the properties
	fixes      []string // descriptions of fixes
	taxa       []string // CWE numbers
}

// indexed is a location whose URI stands in run.artifacts.
type indexed struct{ location, artifact int }

func (p *pending) more() *extra {
	if p.extra == nil {
		p.extra = &extra{}
	}
	return p.extra
}

// descriptorRef is a reportingDescriptorReference (section 3.52).
type descriptorRef struct {
	id, guid  string
	index     int // -1 for none
	component componentRef
}

// componentRef is a toolComponentReference (section 3.54).
type componentRef struct {
	index      int // -1 for none
	guid, name string
}

// runProperties are what Trivy writes into run.properties.
type runProperties struct {
	imageName, imageID    string
	repoTags, repoDigests []string
}

func (s *reader) run() {
	r := &runReader{reader: s, index: len(s.log.Runs)}
	s.log.Runs = append(s.log.Runs, Run{})
	r.run = &s.log.Runs[r.index]
	if s.d.Kind() != jsonstrict.Object {
		s.note("sarif.run", evidence.SeverityError, "a run is an object, got %s", s.d.Kind())
	}
	d := s.d
	for open := s.object(); open.next(); {
		switch string(d.Key()) {
		case "tool":
			r.tool()
		case "results":
			r.results()
		case "artifacts":
			for list := s.list(); list.next(); {
				r.artifact()
			}
		case "logicalLocations":
			for list := s.list(); list.next(); {
				r.logical = append(r.logical, r.logicalLocation())
			}
		case "originalUriBaseIds":
			for m := s.object(); m.next(); {
				id := string(d.Key())
				if r.bases == nil {
					r.bases = map[string]base{}
				}
				uri, parent, _ := r.artifactLocation()
				r.bases[id] = base{uri, parent}
			}
		case "invocations":
			for list := s.list(); list.next(); {
				r.invocation()
			}
		case "properties":
			r.runProperties()
		case "versionControlProvenance":
			for list := s.list(); list.next(); {
				var v VersionControl
				for m := s.object(); m.next(); {
					switch string(d.Key()) {
					case "repositoryUri":
						v.Repository = s.str()
					case "revisionId":
						v.Revision = s.str()
					}
				}
				if r.run.Source.Repository == "" { // the first: others are of submodules
					r.run.Source = v
				}
			}
		case "externalPropertyFileReferences":
			for m := s.object(); m.next(); {
				kind := string(d.Key())
				if k := d.Kind(); k == jsonstrict.Object || k == jsonstrict.Array {
					r.run.external = append(r.run.external, kind)
				}
			}
		}
	}
	if d.Err() == nil {
		r.complete()
	}
}

// tool reads a tool object (section 3.18).
func (r *runReader) tool() {
	for m := r.object(); m.next(); {
		switch string(r.d.Key()) {
		case "driver":
			r.component(&r.driver)
		case "extensions":
			for list := r.list(); list.next(); {
				var c component
				r.component(&c)
				r.others = append(r.others, c)
			}
		}
	}
}

func (r *runReader) component(c *component) {
	s := r.reader
	semantic := ""
	for m := s.object(); m.next(); {
		switch string(s.d.Key()) {
		case "name":
			c.name = s.str()
		case "fullName":
			c.fullName = s.str()
		case "version":
			c.version = s.str()
		case "semanticVersion":
			semantic = s.str()
		case "guid":
			c.guid = s.str()
		case "informationUri":
			c.uri = s.str()
		case "rules":
			for list := s.list(); list.next(); {
				c.rules = append(c.rules, r.rule())
			}
		case "globalMessageStrings":
			c.messages = s.messageStrings()
		case "properties":
			c.props = s.properties()
		}
	}
	if semantic != "" {
		c.version = semantic
	}
	c.version = strings.TrimPrefix(c.version, "v")
}

// countRule bounds rules like findings: each takes as much.
func (s *reader) countRule() bool { return s.countResult() }

// messageStrings reads an object of multiformatMessageStrings (section 3.12).
func (s *reader) messageStrings() map[string]string {
	var out map[string]string
	for m := s.object(); m.next(); {
		id := string(s.d.Key())
		text := s.messageText()
		if out == nil {
			out = map[string]string{}
		}
		out[id] = text
	}
	return out
}

// messageText returns the text of a message or multiformatMessageString, its
// markdown if it has no text.
func (s *reader) messageText() string {
	text, markdown := "", ""
	for m := s.object(); m.next(); {
		switch string(s.d.Key()) {
		case "text":
			text = s.str()
		case "markdown":
			if text == "" {
				markdown = s.str()
			}
		}
	}
	if text == "" {
		return markdown
	}
	return text
}

// properties reads a property bag.
func (s *reader) properties() (p properties) {
	for m := s.object(); m.next(); {
		name := s.intern(s.d.Key())
		switch s.d.Kind() {
		case jsonstrict.String, jsonstrict.Number, jsonstrict.True, jsonstrict.False:
			if usedProperties[name] {
				p = append(p, property{name, s.scalar()})
			}
		}
	}
	return p
}

// runProperties reads run.properties.
func (r *runReader) runProperties() {
	for m := r.object(); m.next(); {
		switch string(r.d.Key()) {
		case "imageName":
			r.props.imageName = r.str()
		case "imageID":
			r.props.imageID = r.str()
		case "repoTags":
			r.props.repoTags = r.words()
		case "repoDigests":
			r.props.repoDigests = r.words()
		}
	}
}

// artifact reads an artifact object (section 3.24).
func (r *runReader) artifact() {
	if !r.countRule() {
		return
	}
	var a artifact
	for m := r.object(); m.next(); {
		if string(r.d.Key()) == "location" {
			a.uri, a.base, _ = r.artifactLocation()
		}
	}
	r.artifacts = append(r.artifacts, a)
}

// artifactLocation reads an artifactLocation object (section 3.4). An index of -1 is none.
func (s *reader) artifactLocation() (uri, base string, index int) {
	index = -1
	for m := s.object(); m.next(); {
		switch string(s.d.Key()) {
		case "uri":
			uri = s.word()
		case "uriBaseId":
			base = s.word()
		case "index":
			index = s.integer(-1)
		}
	}
	return uri, base, index
}

// invocation reads an invocation object (section 3.20).
func (r *runReader) invocation() {
	s := r.reader
	var inv Invocation
	for m := s.object(); m.next(); {
		switch string(s.d.Key()) {
		case "executionSuccessful":
			inv.Successful, inv.Stated = s.boolean()
		case "commandLine":
			inv.CommandLine = s.str()
		case "startTimeUtc":
			inv.StartTime = s.str()
		case "endTimeUtc":
			inv.EndTime = s.str()
		case "exitCode":
			inv.ExitCode = s.integer(0)
		case "exitCodeDescription", "processStartFailureMessage":
			inv.Description = s.str()
		case "exitSignalName":
			inv.ExitReason = s.str()
		case "toolExecutionNotifications", "toolConfigurationNotifications":
			for list := s.list(); list.next(); {
				s.notification(r.run)
			}
		case "ruleConfigurationOverrides":
			for list := s.list(); list.next(); {
				r.override()
			}
		}
	}
	r.run.Invocations = append(r.run.Invocations, inv)
}

// notification reads a notification object (section 3.58).
func (s *reader) notification(run *Run) {
	if !s.countRule() {
		return
	}
	n := notification{Level: LevelWarning} // the default, section 3.58.6
	for m := s.object(); m.next(); {
		switch string(s.d.Key()) {
		case "level":
			n.Level = parseLevel(s.word())
		case "message":
			n.Message = s.messageText()
		case "descriptor":
			n.ID = s.descriptorRef().id
		}
	}
	run.notifications = append(run.notifications, n)
}

func (r *runReader) override() {
	if !r.countRule() {
		return
	}
	o := override{invocation: len(r.run.Invocations)}
	o.rule.index, o.rule.component.index = -1, -1
	for m := r.object(); m.next(); {
		switch string(r.d.Key()) {
		case "descriptor":
			o.rule = r.descriptorRef()
		case "configuration":
			for c := r.object(); c.next(); {
				if string(r.d.Key()) == "level" {
					o.level = parseLevel(r.word())
				}
			}
		}
	}
	if o.level != levelInvalid {
		r.overrides = append(r.overrides, o)
	}
}

// descriptorRef reads a reportingDescriptorReference (section 3.52).
func (s *reader) descriptorRef() (ref descriptorRef) {
	ref.index, ref.component.index = -1, -1
	for m := s.object(); m.next(); {
		switch string(s.d.Key()) {
		case "id":
			ref.id = s.word()
		case "index":
			ref.index = s.integer(-1)
		case "guid":
			ref.guid = s.word()
		case "toolComponent":
			for t := s.object(); t.next(); {
				switch string(s.d.Key()) {
				case "index":
					ref.component.index = s.integer(-1)
				case "guid":
					ref.component.guid = s.word()
				case "name":
					ref.component.name = s.word()
				}
			}
		}
	}
	return ref
}

// logicalLocation reads a logicalLocation object (section 3.33) and returns its
// fully qualified name, or its name.
func (r *runReader) logicalLocation() string {
	name, full, index := "", "", -1
	for m := r.object(); m.next(); {
		switch string(r.d.Key()) {
		case "name":
			name = r.word()
		case "fullyQualifiedName":
			full = r.word()
		case "index":
			index = r.integer(-1)
		}
	}
	switch {
	case full != "":
		return full
	case name != "":
		return name
	case index >= 0 && index < len(r.logical):
		return r.logical[index]
	}
	return ""
}

// parseLevel returns levelInvalid for a word that is none.
func parseLevel(word string) Level {
	return Level(levelNames.Parse(word))
}

// resolveBases resolves originalUriBaseIds (section 3.14.14) and fails on a circle.
func (r *runReader) resolveBases() {
	if len(r.bases) == 0 {
		return
	}
	r.run.Bases = make(map[string]string, len(r.bases))
	for id := range r.bases {
		r.resolveBase(id, 0)
	}
}

// maxBaseSteps bounds a chain of bases; real ones have one or two steps.
const maxBaseSteps = 64

func (r *runReader) resolveBase(id string, depth int) string {
	if uri, ok := r.run.Bases[id]; ok {
		return uri
	}
	b, ok := r.bases[id]
	if !ok {
		return ""
	}
	if depth > maxBaseSteps {
		p := r.d.Problem("sarif.uri-base-cycle", evidence.SeverityError, evidence.ErrFormat, "base of %s has no end within %d steps", textfmt.Quote(id), maxBaseSteps)
		p.Pointer = "/runs/" + strconv.Itoa(r.index) + "/originalUriBaseIds/" + jsonstrict.EscapePointer(id)
		r.d.Fail(p)
		return ""
	}
	uri := b.uri
	if b.base != "" {
		uri = resolveURI(r.resolveBase(b.base, depth+1), b.uri)
	}
	r.run.Bases[id] = uri
	return uri
}

func pointer(run, result int) string {
	b := make([]byte, 0, 32)
	b = append(b, "/runs/"...)
	b = strconv.AppendInt(b, int64(run), 10)
	b = append(b, "/results/"...)
	b = strconv.AppendInt(b, int64(result), 10)
	return string(b)
}
