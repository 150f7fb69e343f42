// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// xmlForms says how the elements of CycloneDX XML and the members of its JSON
// correspond (the XSDs and JSON schemas of CycloneDX 1.0 to 1.7). A line is a
// type and its members in the order of the XSD, which is that of every version:
//
//	name?:          a type whose members may stand in any order
//	name&           an element or type that takes any attribute beside its own (anyAttribute ##any)
//	name%           one that takes attributes of other namespaces (anyAttribute ##other)
//	name            an element with text
//	@name           an attribute
//	.name           the element's own text
//	name:type       an element with members of its own
//	name[a:t|b]     an element around a list of these elements
//	name*           an element that repeats; an array in JSON
//	name^:type      an element whose members stand in the parent in JSON
//	name~[a:t|b]    an element around exactly one of these; in JSON that one stands in its place
//	e@attr          an element that says no more than one attribute
//	+a              within a list: {"a": ...} in JSON; without the +, just the value
//	[a:t|b:u]       within a list: the last that has members is the usual one
//	[...]/type      an object of that type instead, where an element of it is there
//	!n !i !b !t     a decimal number, an integer, a boolean, text whose white space matters
//	!1              an array in JSON from 1.6 on, an object before
//	>name           the member's name in JSON
const xmlForms = `
bom&: @serialNumber @version!i metadata:metadata components&[component:component] services&[service:service] externalReferences[reference:reference] dependencies[dependency:dependency] compositions&[composition:composition] properties&[property:property] vulnerabilities&[vulnerability:vulnerability] annotations&[annotation:annotation] formulation&[formula:formula] declarations:declarations definitions:definitions citations[citation:citation]
metadata%: timestamp lifecycles[lifecycle:lifecycle] tools[tool:tool]/toolset authors[author:contact] component:component manufacturer:organization manufacture:organization supplier:organization licenses[+license:license|expression-detailed:detailed|expression:expression] properties&[property:property] distributionConstraints:constraints
constraints: tlp
lifecycle: phase name description!t
toolset: components[component:component] services[service:service]
organization%: @bom-ref name address:address url* contact*:contact
address: @bom-ref country region locality postOfficeBoxNumber postalCode streetAddress
contact%: @bom-ref name email phone
tool%: vendor name version hashes[hash:hash] externalReferences[reference:reference]
component&: @type @mime-type @isExternal!b @bom-ref supplier:organization manufacturer:organization authors[author:contact] author publisher group name version versionRange description!t scope hashes[hash:hash] licenses[+license:license|expression-detailed:detailed|expression:expression] copyright!t patentAssertions[patentAssertion:patentAssertion] cpe purl omniborId* swhid* swid:swid modified!b pedigree:pedigree externalReferences[reference:reference] properties&[property:property] components&[component:component] evidence:evidence releaseNotes:releaseNotes modelCard:modelCard data*:data cryptoProperties:crypto tags[tag]
license: @bom-ref @acknowledgement id name text:attachment url licensing:licensing properties&[property:property]
expression: .expression @bom-ref @acknowledgement
detailed: @expression @bom-ref @acknowledgement details*:detail>expressionDetails licensing:licensing properties&[property:property]
detail: @license-identifier>licenseIdentifier @bom-ref text:attachment url
licensing: altIds[altId] licensor:someone licensee:someone purchaser:someone purchaseOrder licenseTypes[licenseType] lastRenewal expiration
someone: organization:organization individual:contact
attachment: .content!t @content-type>contentType @encoding
hash: .content @alg
property: .value!t @name
reference&: @type url comment!t hashes[hash:hash] properties&[property:property]
swid: @tagId @name @version @tagVersion!i @patch!b text:attachment url
pedigree: ancestors&[component:component] descendants&[component:component] variants&[component:component] commits[commit:commit] patches[patch:patch] notes!t
commit: uid url author:action committer:action message!t
action: timestamp name email
patch: @type diff:diff resolves[issue:issue]
diff: text:attachment url
issue: @type id name description!t source:origin references[url]
origin: name url
source?: name url
dependency%?: @ref dependency%*@ref>dependsOn provides*@ref
service&: @bom-ref provider:organization group name version description!t endpoints[endpoint] authenticated!b x-trust-boundary!b trustZone data[dataflow:dataflow|classification:classification] licenses[+license:license|expression-detailed:detailed|expression:expression] patentAssertions[patentAssertion:patentAssertion] externalReferences[reference:reference] properties&[property:property] services&[service:service] releaseNotes:releaseNotes tags[tag]
classification: .classification @flow
dataflow&: @name @description classification^:classification governance:governance source[url] destination[url]
governance: custodians[custodian:custodian] stewards[steward:custodian] owners[owner:custodian]
custodian: organization:organization individual:contact>contact contact:contact
evidence&: identity*:identity!1 occurrences[occurrence:occurrence] callstack:callstack licenses[+license:license|expression-detailed:detailed|expression:expression] copyright[+text!t]
identity: field confidence!n concludedValue methods[method:method] tools[tool%@ref]
method: technique confidence!n value
occurrence: @bom-ref location line!i offset!i symbol additionalContext!t
callstack: frames[frame:frame]
frame: package module function parameters[parameter] line!i column!i fullFilename
composition: @bom-ref aggregate assemblies[assembly%@ref] dependencies[dependency%@ref] vulnerabilities[vulnerability%@ref]
vulnerability: @bom-ref id source:source references[reference:alias] ratings[rating:rating] cwes[cwe!i] description!t detail!t recommendation!t workaround!t proofOfConcept:proof advisories[advisory:advisory] created published updated rejected credits:credits tools[tool:tool]/toolset analysis:analysis affects[target:target] properties&[property:property]
alias: id source:source
rating: source:source score!n severity method vector justification!t
proof: reproductionSteps!t environment!t supportingMaterial[attachment:attachment]
advisory: title url
credits: organizations[organization:organization] individuals[individual:contact]
analysis: state justification responses[response]>response detail!t firstIssued lastUpdated
target: ref versions[version:version]
version: version range status
annotation&: @bom-ref subjects[subject%@ref] annotator:annotator timestamp text!t
annotator: organization:organization individual:contact component:component service:service
releaseNotes&: type title featuredImage socialImage description!t timestamp aliases[alias] tags[tag] resolves[issue:issue] notes[note:note] properties&[property:property]
note: locale text:attachment
formula&: @bom-ref components&[component:component] services&[service:service] workflows&[workflow:workflow] properties&[property:property]
workflow&: @bom-ref uid name description!t resourceReferences&[resourceReference:resource] tasks&[task:workflow] taskDependencies[dependency:dependency] taskTypes[taskType] trigger:trigger steps[step:step] inputs[input:input] outputs[output:input] timeStart timeEnd workspaces&[workspace:workspace] runtimeTopology[dependency:dependency] properties&[property:property]
resource&: ref externalReference:reference
step&: name description!t commands[command:command] properties&[property:property]
command: executed!t properties&[property:property]
workspace&: @bom-ref uid name aliases[alias] description!t resourceReferences&[resourceReference:resource] accessMode mountPath managedDataType volumeRequest volume:volume properties&[property:property]
volume: uid name mode path sizeAllocated persistent!b remote!b properties&[property:property]
trigger&: @bom-ref uid name description!t resourceReferences&[resourceReference:resource] type event:event conditions[condition:condition] timeActivated inputs[input:input] outputs[output:input] properties&[property:property]
event&: uid description!t timeReceived data:attachment source:resource target:resource properties&[property:property]
condition: description!t expression!t properties&[property:property]
input&: resource:resource parameters[parameter:parameter] environmentVars[environmentVar:property|value] data:attachment type source:resource target:resource properties&[property:property]
parameter&: name value!t dataType
modelCard: @bom-ref modelParameters:modelParameters quantitativeAnalysis:quantitative considerations:considerations properties&[property:property]
modelParameters: approach:approach task architectureFamily modelArchitecture datasets[+ref|dataset:data] inputs[input:format] outputs[output:format]
approach: type
format: format
quantitative: performanceMetrics[performanceMetric:metric] graphics:graphics
metric: type value slice confidenceInterval:interval
interval: lowerBound upperBound
considerations: users[user!t] useCases[useCase!t] technicalLimitations[technicalLimitation!t] performanceTradeoffs[performanceTradeoff!t] ethicalConsiderations[ethicalConsideration:risk] environmentalConsiderations:environmental fairnessAssessments[fairnessAssessment:fairness]
risk: name mitigationStrategy!t
fairness: groupAtRisk benefits!t harms!t mitigationStrategy!t
environmental: energyConsumptions&[energyConsumption:energy] properties&[property:property]
energy: activity energyProviders*:energyProvider activityEnergyCost:measure co2CostEquivalent:measure co2CostOffset:measure properties&[property:property]
energyProvider: @bom-ref description!t organization:organization energySource energyProvided:measure externalReferences[reference:reference]
measure: value!n unit
data: @bom-ref type name contents:contents classification sensitiveData* graphics:graphics description!t governance:governance
contents: attachment:attachment url properties&[property:property]
graphics: description!t collection[graphic:graphic]
graphic: name image:attachment
crypto: assetType algorithmProperties:algorithm certificateProperties:certificate relatedCryptoMaterialProperties:material protocolProperties:protocol oid
algorithm: primitive algorithmFamily parameterSetIdentifier curve ellipticCurve executionEnvironment implementationPlatform certificationLevel* mode padding cryptoFunctions[cryptoFunction] classicalSecurityLevel!i nistQuantumSecurityLevel!i
certificate: serialNumber subjectName issuerName notValidBefore notValidAfter signatureAlgorithmRef subjectPublicKeyRef certificateFormat certificateExtension certificateFileExtension fingerprint:hash certificateState*:certificateState creationDate activationDate deactivationDate revocationDate destructionDate certificateExtensions[certificateExtension:extension] relatedCryptographicAssets[relatedCryptographicAsset:asset]
certificateState: state name description!t reason!t
extension: commonExtensionName commonExtensionValue customExtensionName customExtensionValue
asset: type ref
material: type id state algorithmRef creationDate activationDate updateDate expirationDate value size!i format securedBy:securedBy fingerprint:hash relatedCryptographicAssets[relatedCryptographicAsset:asset]
securedBy: mechanism algorithmRef
protocol: type version cipherSuites[cipherSuite:cipherSuite] ikev2TransformTypes:ikev2 cryptoRef*>cryptoRefArray relatedCryptographicAssets[relatedCryptographicAsset:asset]
cipherSuite: name algorithms[algorithm] identifiers[identifier] tlsGroups[group] tlsSignatureSchemes[signatureScheme]
ikev2: encr*:ikev2Transform prf*:ikev2Transform integ*:ikev2Transform ke*:ikev2Transform esn!b auth*:ikev2Transform
ikev2Transform: name group!i keyLength!i algorithm
declarations: assessors[assessor:assessor] attestations[attestation:attestation] claims[claim:claim] evidence[evidence:proofOfClaim] targets:targets affirmation:affirmation
assessor%: @bom-ref thirdParty!b organization:organization
attestation: summary!t assessor map*:map
map: requirement claims[claim] counterClaims[counterClaim] conformance:conformance confidence:conformance
conformance: score!n rationale!t mitigationStrategies[mitigationStrategy]
claim%: @bom-ref target predicate!t mitigationStrategies[mitigationStrategy] reasoning!t evidence* counterEvidence* externalReferences[reference:reference]
proofOfClaim%: @bom-ref propertyName description!t data*:claimData created expires author:contact reviewer:contact
claimData: name contents:contents classification sensitiveData* governance:governance
targets: organizations[organization:organization] components[component:component] services[service:service]
affirmation: statement!t signatories[signatory:signatory]
signatory: name role organization:organization externalReference:reference
definitions: standards&[standard:standard] patents[patentFamily:patentFamily|patent:patent]
standard%: @bom-ref name version description!t owner requirements[requirement:requirement] levels[level:level] externalReferences[reference:reference]
requirement%: @bom-ref identifier title text!t descriptions[description!t] openCre* parent properties&[property:property] externalReferences[reference:reference]
level%: @bom-ref identifier title description!t requirements[requirement]
patentFamily%: @bom-ref familyId priorityApplication:application members[ref] externalReferences[reference:reference]
patent%: @bom-ref patentNumber applicationNumber jurisdiction priorityApplication:application publicationNumber title abstract!t filingDate grantDate patentExpirationDate patentLegalStatus patentAssignee*~[organization:organization|individual:contact] externalReferences[reference:reference]
application: applicationNumber jurisdiction filingDate
patentAssertion%: @bom-ref assertionType patentRefs[bom-ref] asserter~[organization:organization|contact:contact|ref] notes!t
citation%: @bom-ref pointers[pointer] expressions[expression] timestamp attributedTo process note!t
`

// xmlShape is how an element's values are arranged.
type xmlShape uint8

const (
	xmlSingle    xmlShape = iota
	xmlAttribute          // not an element
	xmlText               // the element's own text
	xmlList               // an element around others
	xmlRepeat             // the element itself, again and again
	xmlInline             // members of the element stand in the parent
	xmlUnwrap             // the one element inside stands in its place
)

// xmlScalar is what the text of an element or attribute means.
type xmlScalar uint8

const (
	xmlToken    xmlScalar = iota // white space around it says nothing
	xmlVerbatim                  // it does
	xmlNumber
	xmlInteger
	xmlBoolean
)

// xmlAttrs says which attributes an element takes beside its own.
type xmlAttrs uint8

const (
	attrsNone  xmlAttrs = iota // those of XML Schema instances, which stand everywhere
	attrsOther                 // those of other namespaces
	attrsAny
)

// cutAttrs cuts the mark for the attributes off the end of a name in xmlForms.
func cutAttrs(s string) (string, xmlAttrs) {
	switch {
	case strings.HasSuffix(s, "&"):
		return s[:len(s)-1], attrsAny
	case strings.HasSuffix(s, "%"):
		return s[:len(s)-1], attrsOther
	}
	return s, attrsNone
}

// xmlValue is one kind of element in a member's place.
type xmlValue struct {
	element string
	typ     *xmlType // nil for text
	attr    string   // the attribute that holds the text
	scalar  xmlScalar
	named   bool // {"element": ...} in JSON
	attrs   xmlAttrs
}

// xmlMember is a member of a type.
type xmlMember struct {
	element string // element or attribute
	json    string
	shape   xmlShape
	repeats bool   // an xmlUnwrap that repeats
	oneForm bool   // one value is an object before CycloneDX 1.6
	second  bool   // a member before has the same JSON name
	bit     uint64 // one for each JSON name of a type
	place   int    // among the members of the type
	synonym string // element of a later member with the same JSON name
	object  *xmlType
	attrs   xmlAttrs   // of the element around a list
	values  []xmlValue // one, but for lists and xmlUnwrap
}

// xmlType is a line of xmlForms.
type xmlType struct {
	name      string
	members   []*xmlMember
	byElement map[string]*xmlMember
	byAttr    map[string]*xmlMember
	text      *xmlMember // member for the element's own text
	anyOrder  bool
	attrs     xmlAttrs
}

// bomForm returns the type of the outermost element.
var bomForm = sync.OnceValue(func() *xmlType { return parseXMLForms(xmlForms)["bom"] })

// parseXMLForms parses the table. It panics on a mistake in it.
func parseXMLForms(table string) map[string]*xmlType {
	types := map[string]*xmlType{}
	lines := strings.Split(strings.TrimSpace(table), "\n")
	for _, line := range lines {
		name, _, _ := strings.Cut(line, ":")
		name, anyOrder := strings.CutSuffix(name, "?")
		name, attrs := cutAttrs(name)
		types[name] = &xmlType{name: name, anyOrder: anyOrder, attrs: attrs, byElement: map[string]*xmlMember{}, byAttr: map[string]*xmlMember{}}
	}
	typ := func(name string) *xmlType {
		if types[name] == nil {
			panic("sbom: no XML form " + name)
		}
		return types[name]
	}
	for _, line := range lines {
		name, rest, _ := strings.Cut(line, ": ")
		name, _ = cutAttrs(strings.TrimSuffix(name, "?"))
		t := types[name]
		for _, field := range strings.Fields(rest) {
			m := parseXMLMember(field, typ)
			m.place = len(t.members)
			if i := slices.IndexFunc(t.members, func(o *xmlMember) bool { return o.json == m.json }); i >= 0 {
				m.second, t.members[i].synonym, m.bit = true, m.element, t.members[i].bit
			} else if m.bit = 1 << len(t.members); m.bit == 0 {
				panic("sbom: too many members in XML form " + name)
			}
			t.members = append(t.members, m)
			switch m.shape {
			case xmlAttribute:
				t.byAttr[m.element] = m
			case xmlText:
				t.text = m
			default:
				t.byElement[m.element] = m
			}
		}
	}
	return types
}

func parseXMLMember(s string, typ func(string) *xmlType) *xmlMember {
	m := &xmlMember{}
	s, m.json, _ = strings.Cut(s, ">")
	if before, ok := strings.CutSuffix(s, "!1"); ok {
		s, m.oneForm = before, true
	}
	switch s[0] {
	case '@':
		m.shape, s = xmlAttribute, s[1:]
	case '.':
		m.shape, s = xmlText, s[1:]
	}
	if before, inside, ok := strings.Cut(s, "["); ok {
		inside, object, _ := strings.Cut(inside, "]")
		m.shape = xmlList
		if object != "" {
			m.object = typ(strings.TrimPrefix(object, "/"))
		}
		if b, ok := strings.CutSuffix(before, "~"); ok {
			before, m.shape = b, xmlUnwrap
		}
		if b, ok := strings.CutSuffix(before, "*"); ok {
			before, m.repeats = b, true
		}
		m.element, m.attrs = cutAttrs(before)
		for alt := range strings.SplitSeq(inside, "|") {
			m.values = append(m.values, parseXMLValue(alt, typ))
		}
	} else {
		v := parseXMLValue(strings.NewReplacer("*", "", "^", "").Replace(s), typ)
		switch {
		case strings.Contains(s, "*"):
			m.shape = xmlRepeat
		case strings.Contains(s, "^"):
			m.shape = xmlInline
		}
		m.element = v.element
		m.values = []xmlValue{v}
	}
	if m.json == "" {
		m.json = m.element
	}
	return m
}

func parseXMLValue(s string, typ func(string) *xmlType) (v xmlValue) {
	s, v.named = strings.TrimPrefix(s, "+"), strings.HasPrefix(s, "+")
	s, kind, _ := strings.Cut(s, "!")
	switch kind {
	case "":
	case "n":
		v.scalar = xmlNumber
	case "i":
		v.scalar = xmlInteger
	case "b":
		v.scalar = xmlBoolean
	case "t":
		v.scalar = xmlVerbatim
	default:
		panic(fmt.Sprintf("sbom: XML kind %q", kind))
	}
	s, v.attr, _ = strings.Cut(s, "@")
	name, t, ok := strings.Cut(s, ":")
	if ok {
		v.typ = typ(t)
	}
	v.element, v.attrs = cutAttrs(name)
	return v
}

// valueFor returns the kind of value that an element holds in m's place, nil for none.
func (m *xmlMember) valueFor(element string) *xmlValue {
	for i := range m.values {
		if m.values[i].element == element {
			return &m.values[i]
		}
	}
	return nil
}

// usual returns the kind of value that an object is unless it says otherwise.
func (m *xmlMember) usual() *xmlValue {
	for i := len(m.values) - 1; i >= 0; i-- {
		if v := &m.values[i]; v.typ != nil && !v.named {
			return v
		}
	}
	return nil
}

// repeating reports whether the element may stand in its parent more than once.
func (m *xmlMember) repeating() bool { return m.shape == xmlRepeat || m.repeats }

// restName names the member for what JSON has no place for in value k of m.
func (m *xmlMember) restName(k int, array bool) string {
	if array {
		return "<" + m.json + "." + itoa(k)
	}
	return "<" + m.json
}
