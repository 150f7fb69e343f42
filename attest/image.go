// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
)

// The checks of [CheckImage]. A check about a file has the file's path as its
// subject, one about the image its name.
const (
	CheckPresent      = "attest.present"      // the image has an attestation or signature that holds
	CheckReadable     = "attest.readable"     // a file is an attestation
	CheckTransparency = "attest.transparency" // it was logged, and signed within the validity of its certificate
	CheckSignature    = "attest.signature"    // the signature and the chain of the certificate verify
	CheckIdentity     = "attest.identity"     // by whom the caller expects
	CheckSubject      = "attest.subject"      // it is about this image
	CheckPredicate    = "attest.predicate"    // the signed SBOM is the SBOM file
	CheckProvenance   = "attest.provenance"   // provenance, certificate and release agree
	CheckSBOM         = "attest.sbom"         // an SBOM file of the image was attested
)

// Evidence is a file of the pack. Data reads it; its error makes the check that
// needs it an error, never a pass.
type Evidence struct {
	Path string
	Data func() ([]byte, error)
}

// Image is a container image with the evidence that a pack holds about it.
type Image struct {
	Name    string
	Digest  evidence.Digest  // of its manifest or index
	Release manifest.Release // tag, commit and repository that a provenance must agree with

	// OCI is the image's manifest or index, as a registry has it; nil if it is not at
	// hand. With an index, attestations may also be about the manifests that it lists.
	OCI []byte

	Attestations []Evidence // signatures and attestations: bundles, envelopes, cosign layers
	SBOMs        []Evidence // SBOM files of the image

	// Gaps are what is declared absent for the image: image-signing, attestation,
	// signature, slsa-provenance.
	Gaps []manifest.Gap
}

// CheckImage verifies every attestation of one image against what the caller
// expects, and binds the SBOMs. The policy must come from the caller: nothing that
// a pack holds says whom to trust. Under the zero Policy the only check is a skip, "no
// expected identity". The checks are in the order of the files, those about the image last.
func CheckImage(ctx context.Context, img *Image, pol Policy, o *ParseOptions) evidence.Checks {
	if pol.rule == nil {
		return evidence.Checks{{ID: CheckSignature, Status: evidence.StatusSkip, Subject: img.Name, Message: "no expected identity"}}
	}
	c := &imageCheck{Image: img, policy: pol, options: o, limits: o.limits()}
	var err error
	if c.subject, err = c.subjects(); err != nil {
		return evidence.Checks{c.failed(CheckSubject, img.Name, err)}
	}
	for _, e := range img.Attestations {
		if ctx.Err() != nil {
			c.add(CheckReadable, evidence.StatusError, e.Path, ctx.Err().Error())
			break
		}
		c.file(ctx, e)
	}
	c.present()
	return c.checks
}

// imageCheck is one call of CheckImage.
type imageCheck struct {
	*Image
	policy  Policy
	options *ParseOptions
	limits  evidence.Limits
	subject Subject
	checks  evidence.Checks

	index      bool // Image.OCI is an index
	held       int  // attestations that hold
	bound      bool // an SBOM was
	boundTried bool // an SBOM attestation held, with or without a file to bind it to
	provenance bool
}

func (c *imageCheck) add(id string, status evidence.Status, subject, message string) {
	c.checks = append(c.checks, evidence.Check{ID: id, Status: status, Subject: subject, Message: message})
}

// failed is the check that an error belongs to: a failure if the input was judged,
// an error if it could not be.
func (c *imageCheck) failed(id, subject string, err error) evidence.Check {
	status := evidence.StatusError
	for _, class := range []error{evidence.ErrFormat, evidence.ErrUnsupported, evidence.ErrLimit, evidence.ErrMismatch, evidence.ErrPolicy} {
		if errors.Is(err, class) {
			status = evidence.StatusFail
		}
	}
	problem := &evidence.Problem{Code: id, Severity: evidence.SeverityError, Path: subject, Message: err.Error(), Err: err}
	return evidence.Check{ID: id, Status: status, Subject: subject, Message: err.Error(), Problems: evidence.Problems{problem}}
}

// subjects returns the digests that an attestation of the image may be about.
func (c *imageCheck) subjects() (Subject, error) {
	own := DigestSubject(c.Digest)
	if c.OCI == nil {
		return own, nil
	}
	if got := evidence.Sum256(c.OCI); c.Digest.Algorithm() == evidence.SHA256 && got != c.Digest {
		return Subject{}, &Error{Stage: StageSubject, Kind: evidence.ErrMismatch, Message: "digest of the image's manifest", Got: got.String(), Want: c.Digest.String()}
	}
	platforms, err := platforms(c.OCI, c.limits)
	if err != nil {
		return Subject{}, malformed(StageSubject, "manifest of the image", err)
	}
	all := []Subject{own}
	for _, d := range platforms {
		c.index = true
		all = append(all, DigestSubject(d))
	}
	return OneOf(all...), nil
}

// platforms returns the digests of the manifests in an OCI image index; none for
// a manifest (OCI image specification v1.1, image-index.md).
func platforms(oci []byte, l evidence.Limits) ([]evidence.Digest, error) {
	r := newReader(oci, l)
	var list []evidence.Digest
	for r.Object(); r.Next(); {
		if string(r.Key()) != "manifests" {
			continue
		}
		for r.Array(); r.Next(); {
			if !r.bounded(len(list)+1, l.Subjects, "manifests") {
				break
			}
			for r.Object(); r.Next(); {
				if string(r.Key()) != "digest" {
					continue
				}
				d, err := evidence.ParseDigest(r.String())
				if r.Err() == nil && err != nil {
					r.fail("digest", evidence.ErrFormat, "%v", err)
				}
				list = append(list, d)
			}
		}
	}
	return list, r.End()
}

// file verifies all attestations in one file.
func (c *imageCheck) file(ctx context.Context, e Evidence) {
	data, err := e.Data()
	if err != nil {
		c.add(CheckReadable, evidence.StatusError, e.Path, err.Error())
		return
	}
	bundles, err := ParseBundles(data, c.options)
	if err != nil {
		c.checks = append(c.checks, c.failed(CheckReadable, e.Path, err))
		return
	}
	for _, b := range bundles {
		v, err := Verify(ctx, b, c.subject, c.policy)
		if err != nil {
			c.refused(e.Path, err)
			continue
		}
		c.held++
		c.accepted(e.Path, v)
	}
}

// stageChecks says which check a stage belongs to, in the order in which they are made.
var stageChecks = []struct {
	check  string
	stages []Stage
}{
	{CheckReadable, []Stage{StageBundle, StageLimits}},
	{CheckTransparency, []Stage{StageLog, StageTime, StageSCT}},
	{CheckSignature, []Stage{StageCertificate, StageSignature, StagePolicy}},
	{CheckIdentity, []Stage{StageIdentity, StageExtension}},
	{CheckSubject, []Stage{StageStatement, StageSubject}},
	{CheckPredicate, []Stage{StagePredicateType, StagePredicate}},
}

// refused adds the check at which an attestation stopped. Of the checks before, those
// hold that come before in every verification: nothing is claimed of the others.
func (c *imageCheck) refused(path string, err error) {
	var e *Error
	if errors.As(err, &e) {
		for _, s := range stageChecks {
			if slices.Contains(s.stages, e.Stage) {
				c.checks = append(c.checks, c.failed(s.check, path, err))
				return
			}
		}
	}
	c.checks = append(c.checks, c.failed(CheckSignature, path, err))
}

// accepted adds the checks of an attestation that holds.
func (c *imageCheck) accepted(path string, v *Verified) {
	signer := v.accepted[0]
	c.add(CheckSignature, evidence.StatusPass, path, "signed"+signedWhen(v.Times()))
	who := "by key " + signer.KeyID
	if signer.Certificate != nil {
		who = "by " + signer.Certificate.Identity + " (" + signer.Certificate.Issuer + ")"
	}
	c.add(CheckIdentity, evidence.StatusPass, path, who)
	switch weakened := v.Weakened(); {
	case len(weakened) > 0:
		c.add(CheckTransparency, evidence.StatusWarn, path, "weakened: "+strings.Join(weakened, "; "))
	case len(signer.Logged) == 0:
		c.add(CheckTransparency, evidence.StatusSkip, path, "a plain key: no log entry and no time was asked for")
	default:
		c.add(CheckTransparency, evidence.StatusPass, path, fmt.Sprintf("log entry %d of %s", signer.Logged[0].Index, signer.Logged[0].Authority))
	}
	what := "the image"
	if _, matched := v.Subject(); c.index {
		what = "the image's index"
		if matched[0] != c.Digest {
			what = "the image's manifest for one platform"
		}
	}
	_, matched := v.Subject()
	c.add(CheckSubject, evidence.StatusPass, path, "about "+what+", "+matched[0].String())
	if v.statement == nil {
		return
	}
	if base, _ := family(v.statement.PredicateType); base == SPDX || base == CycloneDX {
		c.bind(path, v)
	}
	if v.statement.isType(ProvenanceV1) || v.statement.isType(ProvenanceV02) {
		c.checkProvenance(path, v)
	}
	for _, w := range v.warnings {
		c.add(CheckPredicate, evidence.StatusWarn, path, w)
	}
}

func signedWhen(times []Time) string {
	var list []string
	for _, t := range times {
		source := "log"
		if t.Source == "tsa" {
			source = "timestamp authority"
		}
		list = append(list, t.Time.Format("2006-01-02T15:04:05Z")+" ("+source+")")
	}
	if len(list) == 0 {
		return ", at a time that nobody vouches for"
	}
	return " at " + strings.Join(list, ", ")
}

// bind holds a signed SBOM against the SBOM files of its format.
func (c *imageCheck) bind(path string, v *Verified) {
	c.boundTried = true
	var first *Binding
	var firstPath string
	for _, e := range c.SBOMs {
		data, err := e.Data()
		if err != nil {
			c.add(CheckPredicate, evidence.StatusError, path, e.Path+": "+err.Error())
			return
		}
		if !sameFormat(v.statement, data) {
			continue
		}
		b := v.Bind(data)
		if b.Match != Different {
			c.bound = true
			c.add(CheckPredicate, evidence.StatusPass, path, string(b.Match)+" to "+e.Path)
			return
		}
		if first == nil {
			first, firstPath = b, e.Path
		}
	}
	switch err := v.statement.checkFormat(); {
	case err != nil:
		c.checks = append(c.checks, c.failed(CheckPredicate, path, err))
		// It is said here; as a warning it would be said twice.
		v.warnings = nil
	case first == nil:
		c.add(CheckPredicate, evidence.StatusSkip, path, "no SBOM file of this format and image to hold the signed SBOM against")
	default:
		ck := c.failed(CheckPredicate, path, first.Err())
		ck.Message = firstPath + ": " + ck.Message
		c.checks = append(c.checks, ck)
	}
}

// sameFormat reports whether a file is an SBOM of the format of the statement's predicate type.
func sameFormat(s *Statement, data []byte) bool {
	base, _ := family(s.PredicateType)
	h := headerOf(data)
	if h.format == "" {
		h = tagValueHeader(bytes.TrimLeft(data, " \t\r\n"))
	}
	return base == SPDX && h.format == "SPDX" || base == CycloneDX && h.format == "CycloneDX"
}

func (c *imageCheck) checkProvenance(path string, v *Verified) {
	f, err := v.Provenance()
	if err != nil {
		c.checks = append(c.checks, c.failed(CheckProvenance, path, err))
		return
	}
	c.provenance = true
	if errs := append(slices.Clone(f.Contradictions), f.Compare(c.Release)...); len(errs) > 0 {
		c.checks = append(c.checks, c.failed(CheckProvenance, path, errors.Join(errs...)))
		return
	}
	c.add(CheckProvenance, evidence.StatusPass, path, f.String())
}

// present says what the image has, what it lacks, and what is declared to be absent.
func (c *imageCheck) present() {
	gap := func(kinds ...manifest.Kind) (string, bool) {
		for _, g := range c.Gaps {
			if slices.Contains(kinds, g.Kind) {
				return g.Reason, true
			}
		}
		return "", false
	}
	state := func(id, lacking string, ok bool, kinds ...manifest.Kind) {
		reason, declared := gap(kinds...)
		switch {
		case ok:
			c.add(id, evidence.StatusPass, c.Name, "present")
		case declared && len(c.Attestations) == 0, declared && id != CheckPresent:
			c.add(id, evidence.StatusSkip, c.Name, "declared absent: "+reason)
		case id == CheckPresent, id == CheckSBOM:
			ck := c.failed(id, c.Name, &Error{Stage: StageSubject, Kind: ErrNoAttestation, Message: lacking})
			c.checks = append(c.checks, ck)
		default:
			c.add(id, evidence.StatusWarn, c.Name, lacking)
		}
	}
	lacking := "no attestation or signature"
	if len(c.Attestations) > 0 {
		lacking = fmt.Sprintf("none of the attestations in %d files holds", len(c.Attestations))
	}
	state(CheckPresent, lacking, c.held > 0, manifest.KindImageSigning, manifest.KindAttestation, manifest.KindSignature)
	if c.held == 0 {
		return
	}
	if len(c.SBOMs) > 0 || c.boundTried {
		state(CheckSBOM, "no attestation binds an SBOM file to the image", c.bound, manifest.KindAttestation, manifest.KindImageSigning)
	}
	if !c.provenance {
		state(CheckProvenance, "no provenance", false, manifest.KindSLSAProvenance)
	}
}
