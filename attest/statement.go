// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/signed"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// The types of Statement that are read.
const (
	StatementV01 = "https://in-toto.io/Statement/v0.1" // what cosign writes
	StatementV1  = "https://in-toto.io/Statement/v1"
)

// Statement is an in-toto Statement, v0.1 or v1: it says something (Predicate)
// about artifacts (Subject). A Statement from [Verified.Statement] was signed;
// one from [ParseStatement] or [Bundle.UnverifiedStatement] is a claim.
type Statement struct {
	Type          string               `json:"_type"`         // StatementV01 or StatementV1
	Subject       []ResourceDescriptor `json:"subject"`       // at least one, each with a digest
	PredicateType string               `json:"predicateType"` // URI
	// Predicate is the JSON text exactly as it was signed; nil where the statement
	// has none, or null. It must not be changed.
	Predicate json.RawMessage `json:"predicate,omitempty"`

	header sbomHeader // of an SBOM predicate
}

// ResourceDescriptor names an artifact (in-toto attestation v1,
// resource_descriptor.md). Every field may be empty; a subject has a digest.
type ResourceDescriptor struct {
	Name             string    `json:"name,omitempty"`
	URI              string    `json:"uri,omitempty"`
	Digest           DigestSet `json:"digest,omitempty"`
	DownloadLocation string    `json:"downloadLocation,omitempty"`
	MediaType        string    `json:"mediaType,omitempty"`
}

// DigestSet maps the name of an algorithm to the value, in the spelling of
// in-toto: "sha256" to lower-case hexadecimal digits, "gitCommit", ...
type DigestSet map[string]string

// digestLengths are the hexadecimal digits of the algorithms that in-toto
// attestation v1, digest_set.md, defines with a fixed length. Others may hold
// anything that is not empty: "gce_image_id" is a decimal number.
var digestLengths = map[string][]int{
	"sha256": {64}, "sha224": {56}, "sha384": {96}, "sha512": {128}, "sha512_224": {56}, "sha512_256": {64},
	"sha3_224": {56}, "sha3_256": {64}, "sha3_384": {96}, "sha3_512": {128},
	"sha1": {40}, "md5": {32},
	"gitCommit": {40, 64}, "gitTree": {40, 64}, "gitBlob": {40, 64}, "gitTag": {40, 64},
}

// ParseStatement reads an in-toto Statement and holds its predicate against what
// the predicate type needs. It says nothing about who made the statement. It
// keeps payload, which must not change afterwards.
//
// Refused beside malformed JSON: a _type that is not known, no subject, a subject
// without a digest, a digest that is not of its algorithm's form, a member whose
// name is a known one but for case, and a predicate that lacks what its type requires. The error is an [*Error] of stage statement, predicate
// or limits.
func ParseStatement(payload []byte, o *ParseOptions) (*Statement, error) {
	s, err := readStatement(payload, o.limits())
	if err == nil {
		err = s.CheckPredicate()
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// parsePayload reads the Statement in an envelope, without its predicate's rules.
func parsePayload(c *signed.Content, l evidence.Limits) (*Statement, error) {
	switch {
	case c.IsMessage:
		return nil, refuse(signed.StageStatement, evidence.ErrUnsupported, "a message signature has no statement")
	case c.PayloadType != PayloadType:
		return nil, &Error{Stage: signed.StageStatement, Kind: evidence.ErrUnsupported, Message: "payload type", Got: c.PayloadType, Want: PayloadType}
	}
	return readStatement(c.Payload, l)
}

// Members of a Statement and of a descriptor, for names that differ in case alone.
var (
	statementMembers  = []string{"_type", "subject", "predicateType", "predicate"}
	descriptorMembers = []string{"name", "uri", "digest", "downloadLocation", "mediaType", "content", "annotations"}
)

func readStatement(payload []byte, l evidence.Limits) (*Statement, error) {
	r := newReader(payload, l)
	s := &Statement{}
	for r.Object(); r.Next(); {
		switch name := string(r.Key()); name {
		case "_type":
			s.Type = r.String()
			if r.Err() == nil && s.Type != StatementV01 && s.Type != StatementV1 {
				r.fail("statement", evidence.ErrUnsupported, "statement of type %s, want %q or %q", textfmt.Quote(s.Type), StatementV01, StatementV1)
			}
		case "subject":
			s.Subject = r.descriptors(r.limits.Subjects, "subjects", true)
		case "predicateType":
			s.PredicateType = r.String()
		case "predicate":
			if !r.absent() { // which means the same as an empty one, or one that is not there
				s.Predicate = r.Raw()
			}
		default:
			r.other(name, statementMembers)
		}
	}
	switch {
	case r.Err() != nil:
	case s.Type == "":
		r.fail("statement", evidence.ErrFormat, "statement without _type")
	case len(s.Subject) == 0:
		r.fail("statement", evidence.ErrFormat, "statement without a subject")
	case s.PredicateType == "":
		r.fail("statement", evidence.ErrFormat, "statement without predicateType")
	}
	if err := r.End(); err != nil {
		return nil, malformed(signed.StageStatement, "", err)
	}
	s.header = s.sbom()
	return s, nil
}

// other skips a member that is not known: minor versions may add some. A name
// that differs from a known one only in case is refused, for readers that ignore
// case would see another statement.
func (r *reader) other(name string, known []string) {
	for _, k := range known {
		if strings.EqualFold(name, k) {
			r.fail("case", evidence.ErrFormat, "member %s, want %q", textfmt.Quote(name), k)
			return
		}
	}
	r.Skip()
}

// descriptors reads a list of ResourceDescriptors.
func (r *reader) descriptors(most int, what string, digests bool) []ResourceDescriptor {
	var list []ResourceDescriptor
	for r.Array(); r.Next(); {
		if !r.bounded(len(list)+1, most, what) {
			return nil
		}
		d := r.descriptor()
		if r.Err() == nil && digests && len(d.Digest) == 0 {
			r.fail("digest", evidence.ErrFormat, "subject without a digest")
		}
		list = append(list, d)
	}
	return list
}

func (r *reader) descriptor() ResourceDescriptor {
	var d ResourceDescriptor
	for r.Object(); r.Next(); {
		name := string(r.Key())
		if r.absent() {
			continue
		}
		switch name {
		case "name":
			d.Name = r.String()
		case "uri":
			d.URI = r.String()
		case "downloadLocation":
			d.DownloadLocation = r.String()
		case "mediaType":
			d.MediaType = r.String()
		case "content", "annotations":
			r.Skip()
		case "digest":
			d.Digest = r.digestSet()
		default:
			r.other(name, descriptorMembers)
		}
	}
	return d
}

func (r *reader) digestSet() DigestSet {
	set := DigestSet{}
	for r.Object(); r.Next(); {
		alg := string(r.Key())
		if !r.bounded(len(set)+1, r.limits.Digests, "digests of one subject") {
			return nil
		}
		value := r.String()
		if r.Err() != nil {
			return nil
		}
		if why := digestForm(alg, value); why != "" && !r.anyDigest {
			r.fail("digest", evidence.ErrFormat, "%s digest %s", textfmt.Quote(alg), why)
			return nil
		}
		set[alg] = value
	}
	return set
}

// digestForm returns what is wrong with a digest, empty if nothing is.
func digestForm(alg, value string) string {
	lengths, known := digestLengths[alg]
	switch {
	case value == "":
		return "is empty"
	case !known:
		for k := range digestLengths {
			if strings.EqualFold(k, alg) || strings.EqualFold(strings.ReplaceAll(alg, "-", ""), k) {
				return fmt.Sprintf("is of an algorithm that is spelled %q", k)
			}
		}
		return ""
	case !slices.Contains(lengths, len(value)):
		return fmt.Sprintf("has %d digits, want %d", len(value), lengths[0])
	case strings.Trim(value, "0123456789abcdef") != "":
		return fmt.Sprintf("%s is not lower-case hexadecimal", textfmt.Quote(value))
	}
	return ""
}
