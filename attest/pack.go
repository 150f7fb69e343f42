// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"context"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
)

// PackPredicate is the predicate of type [PackV1]: which release a Trust Pack is of.
type PackPredicate struct {
	Product       string          `json:"product"`          // required
	Version       string          `json:"version"`          // required
	Commit        string          `json:"commit,omitempty"` // optional
	ContentDigest evidence.Digest `json:"contentDigest"`    // required: of MANIFEST.json in the pack
}

func decodePack(s *Statement) (any, []string, error) {
	r, p := newPredicateReader(s), &PackPredicate{}
	var digest string
	r.object(map[string]func(){
		"product":       r.text(&p.Product),
		"version":       r.text(&p.Version),
		"commit":        r.text(&p.Commit),
		"contentDigest": r.text(&digest),
	})
	r.need(p.Product != "", "/product")
	r.need(p.Version != "", "/version")
	if digest != "" {
		var err error
		if p.ContentDigest, err = evidence.ParseDigest(digest); err != nil {
			return nil, nil, err
		}
	}
	r.need(!p.ContentDigest.IsZero(), "/contentDigest")
	return r.done(p)
}

// Pack is a Trust Pack that the caller holds: what its manifest says, and digests
// that the caller computed.
type Pack struct {
	PackPredicate
	FileName string          // of the ZIP, for a reader of the statement; it proves nothing
	SHA256   evidence.Digest // of the ZIP; zero if it is not at hand
}

// Statement returns the in-toto Statement that vouches for the pack: subjects are the
// ZIP and MANIFEST.json, the predicate is p.PackPredicate. [Sign] signs it. Every
// field is required but Commit.
func (p *Pack) Statement() ([]byte, error) {
	if p.FileName == "" || p.SHA256.Algorithm() != evidence.SHA256 || p.ContentDigest.Algorithm() != evidence.SHA256 {
		return nil, refuse(StageSubject, nil, "a pack is signed with its file name, SHA-256 and content digest")
	}
	return newStatement([]ResourceDescriptor{
		{Name: p.FileName, Digest: DigestSet{"sha256": p.SHA256.Hex()}},
		{Name: manifest.Name, Digest: DigestSet{"sha256": p.ContentDigest.Hex()}},
	}, PackV1, p.PackPredicate)
}

// VerifiedPack is a Trust Pack whose statement was verified.
type VerifiedPack struct {
	*Verified
	Predicate PackPredicate
	// Repacked says that the content is what was signed, in another ZIP than the one
	// that was signed. It is false when the ZIP's digest was not given.
	Repacked bool
}

// VerifyPack verifies that the pack was published by those whom the policy expects.
//
// The statement must be of type [PackV1]: no other statement about the same digests
// counts, be it a verification summary that says FAILED. MANIFEST.json must be a
// subject, by its digest, and the predicate must agree with the pack in product,
// version and content digest, and in the commit where both state one.
func VerifyPack(ctx context.Context, b *Bundle, p Pack, pol Policy) (*VerifiedPack, error) {
	v, err := Verify(ctx, b, DigestSubject(p.ContentDigest), All(pol, PredicateType(PackV1)))
	if err != nil {
		return nil, err
	}
	decoded, err := v.statement.Decode()
	if err != nil {
		return nil, err
	}
	said := decoded.(*PackPredicate)
	for _, c := range []struct{ what, got, want string }{
		{"content digest", said.ContentDigest.String(), p.ContentDigest.String()},
		{"product", said.Product, p.Product},
		{"version", said.Version, p.Version},
		{"commit", said.Commit, p.Commit},
	} {
		if c.got != c.want && (c.what != "commit" || c.got != "" && c.want != "") {
			return nil, &Error{Stage: StagePredicate, Kind: ErrPredicate, Message: "statement of another pack: " + c.what, Got: c.got, Want: c.want}
		}
	}
	r := &VerifiedPack{Verified: v, Predicate: *said}
	if !p.SHA256.IsZero() {
		_, _, err := DigestSubject(p.SHA256).match(v.statement)
		r.Repacked = err != nil
	}
	return r, nil
}

// Statement returns an in-toto Statement of type [VSAV1] about the subject, for the
// verifier of an artifact to sign and hand to policy engines. VerifierID,
// ResourceURI, Policy, Result and VerifiedLevels are required, TimeVerified should
// be there.
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
	return newStatement(subject, VSAV1, struct {
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
