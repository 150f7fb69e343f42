// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/signed"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// provenance is a SLSA provenance predicate, v0.2 or v1, in one shape. What it
// says is the builder's word; see [Verified.Provenance] for what is shown.
type provenance struct {
	Version      string               // "0.2" or "1"
	BuilderID    string               // required: v1 runDetails.builder.id, v0.2 builder.id
	BuildType    string               // required: v1 buildDefinition.buildType
	Parameters   json.RawMessage      // v1 externalParameters (required), v0.2 invocation.parameters
	Internal     json.RawMessage      // v1 internalParameters, v0.2 invocation.environment
	ConfigSource ResourceDescriptor   // v0.2 invocation.configSource; zero in v1
	Dependencies []ResourceDescriptor // v1 resolvedDependencies, v0.2 materials
	InvocationID string               // v1 metadata.invocationId, v0.2 metadata.buildInvocationId
	StartedOn    time.Time            // zero when not said
	FinishedOn   time.Time            // zero when not said
}

// VSA is a SLSA verification summary, v1: someone verified the subject and says
// with what result. FAILED is a result.
type VSA struct {
	VerifierID        string // required
	TimeVerified      time.Time
	ResourceURI       string             // required: what the artifact was verified to be
	Policy            ResourceDescriptor // required
	InputAttestations []ResourceDescriptor
	Result            string   // required: "PASSED" or "FAILED"
	VerifiedLevels    []string // required: "SLSA_BUILD_LEVEL_3"
	SLSAVersion       string
}

// Statement returns an in-toto Statement of type [VSAV1] about the subject, for the
// verifier of an artifact to sign and hand to policy engines. VerifierID,
// ResourceURI, Policy, Result and VerifiedLevels are required, TimeVerified is
// recommended.
func (v *VSA) Statement(subject []ResourceDescriptor) ([]byte, error) {
	type id struct {
		ID string `json:"id"`
	}
	var verified *time.Time
	if !v.TimeVerified.IsZero() {
		t := v.TimeVerified.UTC().Truncate(time.Second)
		verified = &t
	}
	levels := v.VerifiedLevels
	if levels == nil {
		levels = []string{}
	}
	return NewStatement(subject, VSAV1, struct {
		Verifier          id                   `json:"verifier"`
		TimeVerified      *time.Time           `json:"timeVerified,omitempty"`
		ResourceURI       string               `json:"resourceUri"`
		Policy            ResourceDescriptor   `json:"policy"`
		InputAttestations []ResourceDescriptor `json:"inputAttestations,omitempty"`
		Result            string               `json:"verificationResult"`
		VerifiedLevels    []string             `json:"verifiedLevels"`
		SLSAVersion       string               `json:"slsaVersion,omitempty"`
	}{id{v.VerifierID}, verified, v.ResourceURI, v.Policy, v.InputAttestations, v.Result, levels, v.SLSAVersion})
}

// testResult is an in-toto test result, v0.1.
type testResult struct {
	Result        string               // required: "PASSED", "WARNED" or "FAILED"
	Configuration []ResourceDescriptor // required, may be empty
	URL           string
	PassedTests   []string
	WarnedTests   []string
	FailedTests   []string
}

// vulns is the result of a vulnerability scan: in-toto vulns v0.1 and v0.2, and
// the cosign type that they come from.
type vulns struct {
	ScannerURI      string // required
	ScannerVersion  string
	DatabaseURI     string
	DatabaseVersion string
	Result          json.RawMessage // required: a list, or the scanner's own report
	StartedOn       time.Time       // required
	FinishedOn      time.Time       // required
}

// decode reads a predicate that is known by meaning and no SBOM. Beside an error it
// returns what could be read.
func (s *Statement) decode() (any, error) {
	decode, ok := decoders[s.PredicateType]
	if !ok {
		return nil, nil
	}
	v, r := decode(s)
	if err := r.End(); err != nil {
		return v, malformed(signed.StagePredicate, "predicate of type "+quote(s.PredicateType), err)
	}
	if len(r.missing) > 0 {
		return v, refuse(signed.StagePredicate, ErrPredicate, "predicate of type %s lacks %s", quote(s.PredicateType), strings.Join(r.missing, ", "))
	}
	return v, nil
}

// isEmpty reports whether the type requires a predicate, of which there is nothing at
// all. Cosign 2 writes an empty skeleton for a file that it does not understand, and
// exits 0.
func (s *Statement) isEmpty() bool {
	if s.isSBOM() {
		return s.sbom().format == ""
	}
	decode, ok := decoders[s.PredicateType]
	if !ok {
		return false
	}
	_, r := decode(s)
	return len(r.missing) == r.required
}

// decoders read the predicates that are known by meaning, and note the required members
// that are absent or zero.
var decoders = map[string]func(*Statement) (any, *predicateReader){
	ProvenanceV02: decodeProvenanceV02,
	ProvenanceV1:  decodeProvenanceV1,
	VSAV1:         decodeVSA,
	TestResultV01: decodeTestResult,
	vulnsV01:      decodeVulns,
	vulnsV02:      decodeVulns,
	cosignVulnV1:  decodeVulns,
	ReleaseV02:    decodeRelease,
}

// predicateReader reads one predicate and collects what it lacks.
type predicateReader struct {
	*reader
	required int      // members
	missing  []string // of these, as JSON pointers
}

func newPredicateReader(s *Statement) *predicateReader {
	text := []byte(s.Predicate)
	if text == nil {
		text = []byte("{}") // in-toto Statement v1, predicate: unset is set but empty
	}
	r := newReader(text, evidence.Limits{}.OrDefault())
	r.anyDigest = true
	return &predicateReader{reader: r}
}

// object reads an object, each member by a function; a null member is absent, and
// one that is not known is skipped, as the specification demands.
func (r *predicateReader) object(members map[string]func()) {
	for r.Object(); r.Next(); {
		name := string(r.Key())
		if r.absent() {
			continue
		}
		if read, ok := members[name]; ok {
			read()
			continue
		}
		r.other(name, nil)
	}
}

func (r *predicateReader) text(to *string) func() { return func() { *to = r.String() } }

func (r *predicateReader) raw(to *json.RawMessage) func() {
	return func() { *to = json.RawMessage(r.Raw()) }
}

func (r *predicateReader) texts(to *[]string) func() {
	return func() {
		*to = []string{}
		for r.Array(); r.Next(); {
			*to = append(*to, r.String())
		}
	}
}

func (r *predicateReader) resources(to *[]ResourceDescriptor) func() {
	return func() {
		*to = []ResourceDescriptor{}
		for r.Array(); r.Next(); {
			*to = append(*to, r.descriptor())
		}
	}
}

func (r *predicateReader) resource(to *ResourceDescriptor) func() {
	return func() { *to = r.descriptor() }
}

// time reads an RFC 3339 timestamp; Go's zero time, which cosign writes for one
// that it does not have, stays zero.
func (r *predicateReader) time(to *time.Time) func() {
	return func() {
		text := r.String()
		t, err := time.Parse(time.RFC3339, text)
		if r.Err() == nil && err != nil {
			r.fail("time", evidence.ErrFormat, "%s is not an RFC 3339 time", textfmt.Quote(text))
		}
		*to = t.UTC()
	}
}

// need notes a required member that is absent or zero.
func (r *predicateReader) need(ok bool, pointer string) {
	if r.required++; !ok {
		r.missing = append(r.missing, pointer)
	}
}

func decodeProvenanceV1(s *Statement) (any, *predicateReader) {
	r, p := newPredicateReader(s), &provenance{Version: "1"}
	r.object(map[string]func(){
		"buildDefinition": func() {
			r.object(map[string]func(){
				"buildType":            r.text(&p.BuildType),
				"externalParameters":   r.raw(&p.Parameters),
				"internalParameters":   r.raw(&p.Internal),
				"resolvedDependencies": r.resources(&p.Dependencies),
			})
		},
		"runDetails": func() {
			r.object(map[string]func(){
				"builder": func() { r.object(map[string]func(){"id": r.text(&p.BuilderID)}) },
				"metadata": func() {
					r.object(map[string]func(){
						"invocationId": r.text(&p.InvocationID),
						"startedOn":    r.time(&p.StartedOn),
						"finishedOn":   r.time(&p.FinishedOn),
					})
				},
			})
		},
	})
	r.need(p.BuildType != "", "/buildDefinition/buildType")
	r.need(p.Parameters != nil, "/buildDefinition/externalParameters")
	r.need(p.BuilderID != "", "/runDetails/builder/id")
	return p, r
}

func decodeProvenanceV02(s *Statement) (any, *predicateReader) {
	r, p := newPredicateReader(s), &provenance{Version: "0.2"}
	r.object(map[string]func(){
		"builder":   func() { r.object(map[string]func(){"id": r.text(&p.BuilderID)}) },
		"buildType": r.text(&p.BuildType),
		"invocation": func() {
			r.object(map[string]func(){
				"configSource": r.resource(&p.ConfigSource),
				"parameters":   r.raw(&p.Parameters),
				"environment":  r.raw(&p.Internal),
			})
		},
		"metadata": func() {
			r.object(map[string]func(){
				"buildInvocationId": r.text(&p.InvocationID),
				"buildStartedOn":    r.time(&p.StartedOn),
				"buildFinishedOn":   r.time(&p.FinishedOn),
			})
		},
		"materials": r.resources(&p.Dependencies),
	})
	r.need(p.BuilderID != "", "/builder/id")
	r.need(p.BuildType != "", "/buildType")
	return p, r
}

func decodeVSA(s *Statement) (any, *predicateReader) {
	r, p := newPredicateReader(s), &VSA{}
	r.object(map[string]func(){
		"verifier":           func() { r.object(map[string]func(){"id": r.text(&p.VerifierID)}) },
		"timeVerified":       r.time(&p.TimeVerified),
		"resourceUri":        r.text(&p.ResourceURI),
		"policy":             r.resource(&p.Policy),
		"inputAttestations":  r.resources(&p.InputAttestations),
		"verificationResult": r.text(&p.Result),
		"verifiedLevels":     r.texts(&p.VerifiedLevels),
		"slsaVersion":        r.text(&p.SLSAVersion),
	})
	r.need(p.VerifierID != "", "/verifier/id")
	r.need(p.ResourceURI != "", "/resourceUri")
	r.need(p.Policy.URI != "" || len(p.Policy.Digest) > 0, "/policy")
	r.need(p.Result == "PASSED" || p.Result == "FAILED", "/verificationResult (PASSED or FAILED)")
	r.need(p.VerifiedLevels != nil, "/verifiedLevels")
	return p, r
}

func decodeTestResult(s *Statement) (any, *predicateReader) {
	r, p := newPredicateReader(s), &testResult{}
	r.object(map[string]func(){
		"result":        r.text(&p.Result),
		"configuration": r.resources(&p.Configuration),
		"url":           r.text(&p.URL),
		"passedTests":   r.texts(&p.PassedTests),
		"warnedTests":   r.texts(&p.WarnedTests),
		"failedTests":   r.texts(&p.FailedTests),
	})
	r.need(p.Result == "PASSED" || p.Result == "WARNED" || p.Result == "FAILED", "/result (PASSED, WARNED or FAILED)")
	r.need(p.Configuration != nil, "/configuration")
	return p, r
}

func decodeVulns(s *Statement) (any, *predicateReader) {
	r, p := newPredicateReader(s), &vulns{}
	r.object(map[string]func(){
		"scanner": func() {
			r.object(map[string]func(){
				"uri":     r.text(&p.ScannerURI),
				"version": r.text(&p.ScannerVersion),
				"result":  r.raw(&p.Result),
				"db": func() {
					r.object(map[string]func(){"uri": r.text(&p.DatabaseURI), "version": r.text(&p.DatabaseVersion)})
				},
			})
		},
		"metadata": func() {
			r.object(map[string]func(){
				"scanStartedOn":  r.time(&p.StartedOn),
				"scanFinishedOn": r.time(&p.FinishedOn),
			})
		},
	})
	r.need(p.ScannerURI != "", "/scanner/uri")
	r.need(p.Result != nil, "/scanner/result")
	r.need(!p.StartedOn.IsZero(), "/metadata/scanStartedOn")
	r.need(!p.FinishedOn.IsZero(), "/metadata/scanFinishedOn")
	return p, r
}
