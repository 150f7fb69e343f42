// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/signed"
)

// releaseAttestationID is the check of what GitHub signs of a release.
const releaseAttestationID = "attest.release"

// ReleaseAttestation is what GitHub signs of an immutable release: which assets it has,
// at which tag and commit of which repository. It shows where the ZIP was published.
type ReleaseAttestation struct {
	// Bundles are what was downloaded for the release; those of other types do not count.
	Bundles []*attest.Bundle

	// Signer is GitHub's release service: sigstore.NewGitHubReleaseVerifier.
	Signer attest.Verifier

	// Repository is whose release it must be: "HailBytes/hailbytes-asm".
	Repository string
}

// checkReleaseAttestation judges what GitHub signed of the release.
func (v *verification) checkReleaseAttestation(r *Release) error {
	if v.pol.Release == nil {
		return nil
	}
	subject := v.pol.FileName
	verified, err := v.pol.Release.verify(v)
	var said *attest.Release
	if err == nil {
		said, err = verified.Release()
	}
	if err == nil {
		err = v.holdRelease(said, r)
	}
	switch {
	case v.ctx.Err() != nil:
		return v.ctx.Err()
	case err == nil:
		v.report.judge(releaseAttestationID, subject, nil, "the pack is an asset of release "+said.Tag+" of "+said.Repository+", "+signedBy(verified))
	case !evidence.IsVerdict(err):
		v.report.add(evidence.Check{ID: releaseAttestationID, Status: evidence.StatusError, Subject: subject, Message: err.Error()})
	default:
		v.report.judge(releaseAttestationID, subject, evidence.Problems{{
			Code: releaseAttestationID, Severity: evidence.SeverityError, Path: subject, Message: err.Error(), Err: err,
		}}, "")
	}
	return nil
}

// verify returns the first bundle that GitHub signed about the ZIP.
func (a *ReleaseAttestation) verify(v *verification) (*attest.Verified, error) {
	var err error = &attest.Error{Stage: signed.StageBundle, Kind: attest.ErrNoAttestation, Message: "no attestation of a release"}
	pol := attest.All(attest.AtLeast(1, a.Signer), attest.PredicateType(attest.ReleaseV02))
	for _, b := range a.Bundles {
		if st, e := b.UnverifiedStatement(); e == nil && st != nil && !st.IsType(attest.ReleaseV02) {
			continue // provenance, which is downloaded with it
		}
		verified, failed := attest.Verify(v.ctx, b, attest.DigestSubject(v.zip), pol)
		if failed == nil || !evidence.IsVerdict(failed) {
			return verified, failed
		}
		err = failed
	}
	return nil, err
}

// holdRelease holds what GitHub signed against the caller's repository and against the
// pack's own release. Owners and repositories are one in upper and lower case on GitHub.
func (v *verification) holdRelease(said *attest.Release, r *Release) error {
	m := v.p.m
	differ := func(what, got, want string) error {
		return &attest.Error{Stage: signed.StagePredicate, Kind: attest.ErrPredicate, Message: "attestation of another release: " + what, Got: got, Want: want}
	}
	claimed, isGitHub := strings.CutPrefix(m.Release.Repository, "https://github.com/")
	switch {
	case !strings.EqualFold(said.Repository, v.pol.Release.Repository):
		return differ("repository", said.Repository, v.pol.Release.Repository)
	case isGitHub && !strings.EqualFold(said.Repository, strings.TrimSuffix(claimed, ".git")):
		return differ("repository that the pack names", said.Repository, claimed)
	case said.Tag != releaseTag(m):
		return differ("tag", said.Tag, releaseTag(m))
	case m.Release.Commit != "" && said.Object != m.Release.Commit && !v.names(r, said.Object):
		return differ("commit (or the object of an annotated tag, which -repo or a git bundle in the pack would show)", said.Object, m.Release.Commit)
	}
	return nil
}

// names reports whether an object is that of the release's tag, which names the release's
// commit: in the repository of the caller, or in a git bundle of the pack, whose objects
// are what their names say.
func (v *verification) names(r *Release, object string) bool {
	if c := v.report.Check("release.repository"); object == v.tagObject && c != nil && c.Status == evidence.StatusPass {
		return true
	}
	for d := range r.Documents() {
		if d.history == nil || d.history.Ref("refs/tags/"+releaseTag(v.p.m)) != object {
			continue
		}
		if commit, err := d.history.Peel(object); err == nil && commit == v.p.m.Release.Commit {
			return true
		}
	}
	return false
}
