// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/manifest"
)

// The entries of verifiedLevels that a summary about a pack may hold beside those of
// SLSA: each verdict that is a pass.
const (
	LevelConsistent = "HAILBYTES_TRUST_PACK_CONSISTENT"
	LevelPinned     = "HAILBYTES_TRUST_PACK_PINNED"
	LevelAuthentic  = "HAILBYTES_TRUST_PACK_AUTHENTIC"
)

// VerificationSummary returns an in-toto Statement with the verifier's verdict, for
// [attest.Sign] and then for policy engines: a SLSA verification summary v1 (slsa.dev,
// "Verification Summary Attestation"). Its subjects are the ZIP, under fileName, and
// MANIFEST.json, as far as the report has their digests.
//
// VerifierID, ResourceURI, Policy and TimeVerified of by are required, InputAttestations
// are optional. The result comes from the report alone: PASSED with the levels above,
// or FAILED with the level FAILED. Of SLSA's levels it is only said that none was
// evaluated: a pack holds provenance of images, not of itself.
//
// A check that could not be made is no verdict, so the error is then not nil; nor is a
// report without any digest.
func (r *Report) VerificationSummary(by attest.VSA, fileName string) ([]byte, error) {
	switch {
	case len(r.Checks) == 0:
		return nil, errors.New("trustpack: nothing was checked: no verdict to sum up")
	case by.Result != "" || by.VerifiedLevels != nil:
		return nil, errors.New("trustpack: the result of a summary comes from the report")
	case by.TimeVerified.IsZero():
		return nil, errors.New("trustpack: a summary needs the time of the verification")
	}
	failed := slices.ContainsFunc(r.Checks, func(c evidence.Check) bool { return c.Status == evidence.StatusFail })
	if !failed && !r.OK() {
		return nil, errors.New("trustpack: something could not be checked: no verdict to sum up")
	}
	by.Result, by.VerifiedLevels = "FAILED", []string{"FAILED"}
	if !failed {
		by.Result, by.VerifiedLevels = "PASSED", r.levels()
	}
	subject, err := r.digests(fileName)
	if err != nil {
		return nil, err
	}
	by.SLSAVersion = "1.0"
	return by.Statement(subject)
}

func (r *Report) levels() []string {
	levels := []string{"SLSA_BUILD_LEVEL_UNEVALUATED"}
	for _, l := range []struct {
		verdict evidence.Status
		level   string
	}{{r.Verdicts.Consistent, LevelConsistent}, {r.Verdicts.Pinned, LevelPinned}, {r.Verdicts.Authentic, LevelAuthentic}} {
		if l.verdict == evidence.StatusPass {
			levels = append(levels, l.level)
		}
	}
	return levels
}

// digests returns ZIP and manifest as subjects of a statement.
func (r *Report) digests(fileName string) ([]attest.ResourceDescriptor, error) {
	var subject []attest.ResourceDescriptor
	for _, d := range []struct{ name, hex string }{{fileName, r.SHA256}, {manifest.Name, strings.TrimPrefix(r.ContentDigest, "sha256:")}} {
		if d.hex == "" {
			continue
		}
		if _, err := evidence.ParseSHA256(d.hex); err != nil {
			return nil, fmt.Errorf("trustpack: digest of %s: %w", d.name, err)
		}
		subject = append(subject, attest.ResourceDescriptor{Name: d.name, Digest: attest.DigestSet{"sha256": d.hex}})
	}
	if len(subject) == 0 {
		return nil, errors.New("trustpack: the report has no digest of the pack")
	}
	return subject, nil
}
