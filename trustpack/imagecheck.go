// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/sbom"
)

// The checks of an image. A check about a file has the file's path as its subject,
// one about the image its name.
const (
	checkPresent      = "attest.present"      // the image has an attestation or signature that holds
	checkReadable     = "attest.readable"     // a file is an attestation
	checkTransparency = "attest.transparency" // it was logged, and signed within the validity of its certificate
	checkSignature    = "attest.signature"    // the signature and the chain of the certificate verify
	checkIdentity     = "attest.identity"     // by whom the caller expects
	checkSubject      = "attest.subject"      // it is about this image
	checkPredicate    = "attest.predicate"    // the signed SBOM is the SBOM file
	checkProvenance   = "attest.provenance"   // provenance, certificate and release agree
	checkSBOM         = "attest.sbom"         // an SBOM file of the image was attested
)

// evidenceFile is a file of the pack. The error of data makes the check that needs it
// an error, never a pass.
type evidenceFile struct {
	path    string
	data    func() ([]byte, error)
	bundles []*attest.Bundle // the attestations in it, where they were parsed

	// byAnother is set for signatures by a key of which nobody says that it is for images:
	// one that does not hold is a warning.
	byAnother bool
}

// imageEvidence is a container image with the evidence that a pack holds about it.
type imageEvidence struct {
	name     string
	digest   evidence.Digest  // of its manifest or index
	platform string           // "linux/amd64"; empty where it is not known
	release  manifest.Release // tag, commit and repository that a provenance must agree with

	// oci is the image's manifest or index, as a registry has it; nil if it is not at
	// hand. With an index, attestations may also be about the manifests that it lists
	// for the platform.
	oci []byte

	attestations []evidenceFile // signatures and attestations: bundles, envelopes, cosign layers
	sboms        []evidenceFile // SBOM files of the image

	// gaps are what is declared absent for the image and what the profile allows to be:
	// image-signing, attestation, signature, slsa-provenance.
	gaps []manifest.Gap
}

// checkImage verifies every attestation of one image against the signers whom the
// caller expects, of whom one is enough, and binds the SBOMs. The signers must come from
// the caller: nothing that a pack holds says whom to trust. The checks are in the order
// of the files, those about the image last.
func checkImage(ctx context.Context, img *imageEvidence, signers []attest.Verifier, l evidence.Limits) evidence.Checks {
	c := &imageCheck{imageEvidence: img, signers: signers, limits: l, held: map[string]bool{}, heldKeys: map[string]bool{}}
	var err error
	if c.subject, err = c.subjects(); err != nil {
		return evidence.Checks{c.failed(checkSubject, img.name, err)}
	}
	for _, e := range img.attestations {
		if ctx.Err() != nil {
			c.add(checkReadable, evidence.StatusError, e.path, ctx.Err().Error())
			break
		}
		c.file(ctx, e)
	}
	c.lowerOthers(ctx)
	c.present()
	return c.checks
}

// imageCheck is one call of checkImage.
type imageCheck struct {
	*imageEvidence
	signers []attest.Verifier
	limits  evidence.Limits
	subject attest.Subject
	checks  evidence.Checks

	platforms  map[evidence.Digest]string // of an index: of the manifests that it lists
	attested   map[string]bool            // platforms that attestations which hold are about; "" for all
	held       map[string]bool            // what attestations that hold and do not say FAILED are about; see saidAbout
	heldKeys   map[string]bool            // the key ids that they state
	refusals   []refusal                  // attestations that do not hold
	bound      bool                       // an SBOM was
	boundTried bool                       // an SBOM attestation held, with or without a file to bind it to
	provenance bool
}

func (c *imageCheck) add(id string, status evidence.Status, subject, message string) {
	c.checks = append(c.checks, evidence.Check{ID: id, Status: status, Subject: subject, Message: message})
}

// failed is the check that an error belongs to: a failure if the input was judged,
// an error if it could not be.
func (c *imageCheck) failed(id, subject string, err error) evidence.Check {
	status := evidence.StatusError
	if evidence.IsVerdict(err) {
		status = evidence.StatusFail
	}
	problem := &evidence.Problem{Code: id, Severity: evidence.SeverityError, Path: subject, Message: err.Error(), Err: err}
	return evidence.Check{ID: id, Status: status, Subject: subject, Message: err.Error(), Problems: evidence.Problems{problem}}
}

// subjects returns the digests that an attestation of the image may be about.
func (c *imageCheck) subjects() (attest.Subject, error) {
	own := attest.DigestSubject(c.digest)
	if c.oci == nil {
		return own, nil
	}
	h := c.digest.Algorithm().New()
	h.Write(c.oci)
	if got, err := evidence.NewDigest(c.digest.Algorithm(), h.Sum(nil)); err != nil || got != c.digest {
		return attest.Subject{}, &attest.Error{Stage: "subject", Kind: evidence.ErrMismatch, Message: "digest of the image's manifest", Got: got.String(), Want: c.digest.String()}
	}
	m, err := readOCI(c.oci, c.limits)
	if err != nil {
		return attest.Subject{}, &attest.Error{Stage: "subject", Kind: evidence.ErrFormat, Message: "manifest of the image", Errs: []error{err}}
	}
	all := []attest.Subject{own}
	c.platforms = map[evidence.Digest]string{}
	stated := slices.ContainsFunc(m.manifests, func(desc ociManifest) bool { return desc.platform != "" })
	for _, desc := range m.manifests {
		if !stated || desc.runsOn(c.platform) {
			c.platforms[desc.digest] = desc.platform
			all = append(all, attest.DigestSubject(desc.digest))
		}
	}
	return attest.OneOf(all...), nil
}

// file verifies all attestations in one file.
func (c *imageCheck) file(ctx context.Context, e evidenceFile) {
	bundles := e.bundles
	if bundles == nil {
		data, err := e.data()
		if err == nil {
			bundles, err = attest.ParseBundles(data, &attest.ParseOptions{Limits: c.limits})
		}
		if err != nil {
			c.checks = append(c.checks, c.failed(checkReadable, e.path, err))
			return
		}
	}
	for _, b := range bundles {
		v, err := attest.Verify(ctx, b, c.subject, attest.AtLeast(1, c.signers...))
		switch {
		case errors.Is(err, attest.ErrSignature) && e.byAnother:
			c.add(checkSignature, evidence.StatusWarn, e.path, "is signed by another key than those that are expected")
		case err != nil:
			c.refused(e.path, err)
			c.refusals = append(c.refusals, refusal{len(c.checks) - 1, b})
		default:
			if st := v.Statement(); st == nil || st.Result() != "FAILED" {
				c.hold(b, v)
			}
			c.accepted(e.path, v)
		}
	}
}

// stageChecks says which check a stage belongs to, in the order in which they are made.
var stageChecks = []struct {
	check  string
	stages []attest.Stage
}{
	{checkReadable, []attest.Stage{"bundle", "limits"}},
	{checkTransparency, []attest.Stage{"tlog", "time", "sct"}},
	{checkSignature, []attest.Stage{"certificate", "signature", "policy"}},
	{checkIdentity, []attest.Stage{"identity", "identity.extension"}},
	{checkSubject, []attest.Stage{"statement", "subject"}},
	{checkPredicate, []attest.Stage{"predicateType", "predicate"}},
}

// refused adds the check at which an attestation stopped. Of the checks before, those
// hold that come before in every verification: nothing is claimed of the others.
func (c *imageCheck) refused(path string, err error) {
	var e *attest.Error
	if errors.As(err, &e) {
		for _, s := range stageChecks {
			if slices.Contains(s.stages, e.Stage) {
				c.checks = append(c.checks, c.failed(s.check, path, err))
				return
			}
		}
	}
	c.checks = append(c.checks, c.failed(checkSignature, path, err))
}

// accepted adds the checks of an attestation that holds.
func (c *imageCheck) accepted(path string, v *attest.Verified) {
	signer := v.Signers()[0]
	c.add(checkSignature, evidence.StatusPass, path, "signed"+signedWhen(v.Times()))
	who := "by key " + signer.KeyID
	if signer.Certificate != nil {
		who = "by " + signer.Certificate.Identity + " (" + signer.Certificate.Issuer + ")"
	}
	c.add(checkIdentity, evidence.StatusPass, path, who)
	switch weakened := v.Weakened(); {
	case len(weakened) > 0:
		c.add(checkTransparency, evidence.StatusWarn, path, "weakened: "+strings.Join(weakened, "; "))
	case len(signer.Logged) == 0:
		c.add(checkTransparency, evidence.StatusSkip, path, "a plain key: no log entry and no time was asked for")
	default:
		c.add(checkTransparency, evidence.StatusPass, path, fmt.Sprintf("log entry %d of %s", signer.Logged[0].Index, signer.Logged[0].Authority))
	}
	_, matched := v.Subject()
	platform, listed := c.platforms[matched[0]]
	if c.attested == nil {
		c.attested = map[string]bool{}
	}
	what := "the image"
	switch {
	case len(c.platforms) == 0:
		c.attested[""] = true
	case !listed:
		what, c.attested[""] = "the image's index", true
	case platform == "":
		what = "a manifest in the image's index"
	default:
		what, c.attested[platform] = "the image's manifest for one platform, "+platform, true
	}
	c.add(checkSubject, evidence.StatusPass, path, "about "+what+", "+matched[0].String())
	st, warnings := v.Statement(), v.Warnings()
	if st == nil {
		return
	}
	if st.IsType(attest.SPDX) || st.IsType(attest.CycloneDX) {
		if c.bind(path, v) {
			warnings = nil
		}
	}
	if st.IsType(attest.ProvenanceV1) || st.IsType(attest.ProvenanceV02) {
		c.checkProvenance(path, v)
	}
	for _, w := range warnings {
		c.add(checkPredicate, evidence.StatusWarn, path, w)
	}
}

func signedWhen(times []attest.Time) string {
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

// bind holds a signed SBOM against the SBOM files of its format. It returns whether it
// said that the predicate itself does not hold.
func (c *imageCheck) bind(path string, v *attest.Verified) (refused bool) {
	c.boundTried = true
	var first error
	var firstPath string
	for _, e := range c.sboms {
		data, err := e.data()
		if err != nil {
			c.add(checkPredicate, evidence.StatusError, path, e.path+": "+err.Error())
			return false
		}
		if !sameFormat(v.Statement(), data) {
			continue
		}
		how, err := v.Bind(data)
		if err == nil {
			c.bound = true
			c.add(checkPredicate, evidence.StatusPass, path, how+" to "+e.path)
			return false
		}
		if first == nil {
			first, firstPath = err, e.path
		}
	}
	switch err := v.Statement().CheckPredicate(); {
	case err != nil:
		c.checks = append(c.checks, c.failed(checkPredicate, path, err))
		return true
	case first == nil:
		c.add(checkPredicate, evidence.StatusSkip, path, "no SBOM file of this format and image to hold the signed SBOM against")
	default:
		ck := c.failed(checkPredicate, path, first)
		ck.Message = firstPath + ": " + ck.Message
		c.checks = append(c.checks, ck)
	}
	return false
}

// sameFormat reports whether a file is an SBOM of the format of the statement's predicate type.
func sameFormat(s *attest.Statement, data []byte) bool {
	f, err := sbom.Sniff(data[:min(len(data), 64<<10)])
	return err == nil && (s.IsType(attest.SPDX) && f.SPDX() || s.IsType(attest.CycloneDX) && f.CycloneDX())
}

func (c *imageCheck) checkProvenance(path string, v *attest.Verified) {
	f, err := v.Provenance()
	if err != nil {
		c.checks = append(c.checks, c.failed(checkProvenance, path, err))
		return
	}
	c.provenance = true
	if errs := append(slices.Clone(f.Contradictions), compareProvenance(f, c.release)...); len(errs) > 0 {
		c.checks = append(c.checks, c.failed(checkProvenance, path, errors.Join(errs...)))
		return
	}
	c.add(checkProvenance, evidence.StatusPass, path, f.String())
}

// compareProvenance holds the facts of a provenance against what the
// manifest says of the release: each error is one fact that differs, or that the
// provenance does not state although the release does.
func compareProvenance(f *attest.Provenance, rel manifest.Release) []error {
	var errs []error
	for _, c := range []struct{ what, got, want string }{
		{"repository", sourceOf(f.Repository), sourceOf(rel.Repository)},
		{"ref", f.Ref, "refs/tags/" + rel.Tag},
		{"commit", f.Commit, rel.Commit},
	} {
		if c.want != "" && c.want != "refs/tags/" && c.got != c.want {
			errs = append(errs, &attest.Error{Stage: "provenance", Kind: evidence.ErrMismatch, Message: c.what + " of the provenance is not that of the release", Got: c.got, Want: c.want})
		}
	}
	return errs
}

// present says what the image has, what it lacks, and what is declared to be absent.
func (c *imageCheck) present() {
	gap := func(kinds ...manifest.Kind) (string, bool) {
		for _, g := range c.gaps {
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
			c.add(id, evidence.StatusPass, c.name, "present")
		case declared && len(c.attestations) == 0, declared && id != checkPresent:
			c.add(id, evidence.StatusSkip, c.name, "declared absent: "+reason)
		case id == checkPresent, id == checkSBOM:
			ck := c.failed(id, c.name, &attest.Error{Stage: "subject", Kind: attest.ErrNoAttestation, Message: lacking})
			c.checks = append(c.checks, ck)
		default:
			c.add(id, evidence.StatusWarn, c.name, lacking)
		}
	}
	lacking := "no attestation or signature"
	if len(c.attestations) > 0 {
		lacking = fmt.Sprintf("none of the attestations in %d files holds", len(c.attestations))
	}
	if len(c.held) > 0 {
		c.checkPlatforms()
	}
	state(checkPresent, lacking, len(c.held) > 0, manifest.KindImageSigning, manifest.KindAttestation, manifest.KindSignature)
	if len(c.held) == 0 {
		return
	}
	if len(c.sboms) > 0 || c.boundTried {
		state(checkSBOM, "no attestation binds an SBOM file to the image", c.bound, manifest.KindAttestation, manifest.KindImageSigning)
	}
	if !c.provenance {
		state(checkProvenance, "no provenance", false, manifest.KindSLSAProvenance)
	}
}

// checkPlatforms warns of an index of which some platforms are attested and others not.
func (c *imageCheck) checkPlatforms() {
	var missing []string
	for _, platform := range c.platforms {
		if platform != "" && !c.attested[platform] {
			missing = append(missing, platform)
		}
	}
	if len(missing) == 0 || c.attested[""] || c.platform != "" && len(c.attested) > 0 {
		return
	}
	slices.Sort(missing)
	c.add(checkSubject, evidence.StatusWarn, c.name, "no attestation that holds is about the index or its manifest for "+strings.Join(missing, ", "))
}
