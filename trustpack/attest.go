// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/manifest"
)

// StatementName returns the name of the file beside a pack that holds the signed
// statement about it.
func StatementName(pack string) string { return pack + ".sigstore.json" }

// checkStatement judges the pack's own statement: whether someone whom the
// caller expects says that this is the pack of this release.
func (v *verification) checkStatement() error {
	const id = "attest.statement"
	subject, m := v.pol.FileName, v.p.m
	switch {
	case v.pol.Statement == nil:
		v.report.add(evidence.Check{ID: id, Status: evidence.StatusSkip, Subject: subject, Message: "no statement given"})
		return nil
	case len(v.pol.Publisher) == 0:
		v.report.add(evidence.Check{ID: id, Status: evidence.StatusSkip, Subject: subject, Message: "no expected identity"})
		return nil
	}
	want := newPackStatement(m, v.p.digest, v.zip, subject)
	verified, repacked, err := want.verify(v.ctx, v.pol.Statement, attest.AtLeast(1, v.pol.Publisher...))
	switch {
	case v.ctx.Err() != nil:
		return v.ctx.Err()
	case err != nil && !evidence.IsVerdict(err):
		v.report.add(evidence.Check{ID: id, Status: evidence.StatusError, Subject: subject, Message: err.Error()})
		return nil
	}
	var problems evidence.Problems
	switch {
	case err != nil:
		problems = evidence.Problems{{Code: id, Severity: evidence.SeverityError, Path: subject, Message: err.Error(), Err: err}}
	case repacked:
		problems = evidence.Problems{{
			Code: "attest.repacked", Severity: evidence.SeverityWarning, Path: subject, Err: evidence.ErrMismatch,
			Message: "repacked: the content is the signed one, in another ZIP than the one that was published",
		}}
	}
	ok := ""
	if err == nil {
		ok = "the pack is " + signedBy(verified)
	}
	v.report.judge(id, subject, problems, ok)
	return nil
}

// signedBy tells a person who signed, and when that is shown.
func signedBy(verified *attest.Verified) string {
	var who []string
	for _, s := range verified.Signers() {
		if s.Certificate != nil {
			who = append(who, s.Certificate.Identity)
		} else {
			who = append(who, "key "+s.KeyID)
		}
	}
	text := "signed by " + strings.Join(who, ", ")
	if times := verified.Times(); len(times) > 0 {
		text += " at " + times[0].Time.UTC().Format(time.RFC3339)
	}
	if weakened := verified.Weakened(); len(weakened) > 0 {
		text += "; weakened: " + strings.Join(weakened, ", ")
	}
	return text
}

// judgeSigned judges the signatures and attestations about an image against the
// signers whom the caller expects, while its documents are in memory.
func (v *verification) judgeSigned(s *Subject) {
	switch {
	case len(v.pol.ImageSigners) == 0:
		return
	case s.Image == nil:
		v.judgeOthers(s)
		return
	}
	img := &imageEvidence{name: "image " + s.Name, digest: s.Image.Digest, platform: s.Image.Platform, release: v.p.m.Release}
	profile := v.profile()
	for _, g := range v.p.m.Gaps {
		// What a pack declares absent is its own word: the profile, which is the caller's,
		// says which gaps waive what the caller expects.
		if (g.Image == "" || g.Image == s.Name) && profile != nil && slices.Contains(profile.Gaps, g.Kind) {
			img.gaps = append(img.gaps, g)
		}
	}
	for _, d := range s.Documents {
		if d.data == nil {
			continue // the checks of the file say why
		}
		found := evidenceFile{path: d.File.Path, data: func() ([]byte, error) { return d.data, nil }, bundles: d.Attestations}
		switch {
		case d.File.Kind == manifest.KindSBOM:
			img.sboms = append(img.sboms, found)
		case d.File.Format == manifest.FormatOCIManifest || d.File.Format == manifest.FormatOCIIndex:
			if d.File.SHA256 == s.Image.Digest {
				img.oci = d.data
			}
		case isAttestation(d.File.Format):
			if reason := v.whyNotJudged(d.Attestations); reason != "" {
				s.attested = append(s.attested, evidence.Check{ID: checkSignature, Status: evidence.StatusSkip, Subject: d.File.Path, Message: reason})
				continue
			}
			found.byAnother = v.keysOfStatement() && !slices.ContainsFunc(d.Attestations, (*attest.Bundle).HasCertificate)
			img.attestations = append(img.attestations, found)
		}
	}
	s.attested = append(s.attested, checkImage(v.ctx, img, v.pol.ImageSigners, v.p.limits)...)
}

// keysOfStatement reports whether keys are expected beside identities, for the statement
// about the pack if not for images: nobody says which.
func (v *verification) keysOfStatement() bool {
	return v.pol.Statement != nil && slices.ContainsFunc(v.pol.ImageSigners, func(s attest.Verifier) bool { return !isKey(s) })
}

// judgeOthers names the attestations that belong to no image of the pack. One that holds
// about an image, another artifact or a file of the release passes; of any other nothing
// is known.
func (v *verification) judgeOthers(s *Subject) {
	var about []attest.Subject
	add := func(d evidence.Digest) {
		if !d.IsZero() {
			about = append(about, attest.DigestSubject(d))
		}
	}
	for i := range v.p.m.Images {
		add(v.p.m.Images[i].Digest)
	}
	for i := range v.p.m.Artifacts {
		add(v.p.m.Artifacts[i].SHA256)
	}
	for i := range v.p.m.Files {
		add(v.p.m.Files[i].SHA256)
	}
	for _, d := range s.Documents {
		if d.data == nil || !isAttestation(d.File.Format) {
			continue
		}
		if len(d.Attestations) == 0 {
			s.attested = append(s.attested, evidence.Check{ID: checkReadable, Status: evidence.StatusWarn, Subject: d.File.Path, Message: "belongs to no image of the pack, and cannot be read"})
		}
		for _, b := range d.Attestations {
			c := evidence.Check{ID: checkSubject, Status: evidence.StatusWarn, Subject: d.File.Path}
			if _, payload := b.UnverifiedPayload(); payload == nil {
				c.Message = "is the signature of an artifact, and of none that the pack names"
				s.attested = append(s.attested, c)
				continue
			}
			verified, err := attest.Verify(v.ctx, b, attest.OneOf(about...), attest.AtLeast(1, v.pol.ImageSigners...))
			if err != nil {
				c.Message = "belongs to no image of the pack, and does not hold: " + err.Error()
			} else {
				_, matched := verified.Subject()
				c.Status, c.Message = evidence.StatusPass, "about "+matched[0].String()+", "+signedBy(verified)
			}
			s.attested = append(s.attested, c)
		}
	}
}

func isAttestation(f manifest.Format) bool {
	return f == manifest.FormatSigstoreBundle || f == manifest.FormatDSSE || f == manifest.FormatCosignSignature
}

// checkImages adds what was found out about the signatures and attestations of images.
func (v *verification) checkImages(r *Release) {
	if len(v.pol.ImageSigners) == 0 && len(v.p.m.Images) > 0 {
		v.report.add(evidence.Check{ID: "attest.images", Status: evidence.StatusSkip, Message: "no expected identity"})
	}
	for _, s := range r.Subjects {
		v.report.add(s.attested...)
	}
}

func isKey(s attest.Verifier) bool { _, ok := s.(*attest.Key); return ok }

// whyNotJudged returns why none of the expected signers can say anything about
// signatures: plain ones where certificates are expected, or the reverse.
func (v *verification) whyNotJudged(bundles []*attest.Bundle) string {
	certified := slices.ContainsFunc(bundles, (*attest.Bundle).HasCertificate)
	plain := slices.ContainsFunc(bundles, func(b *attest.Bundle) bool { return !b.HasCertificate() })
	keys := slices.ContainsFunc(v.pol.ImageSigners, isKey)
	others := slices.ContainsFunc(v.pol.ImageSigners, func(s attest.Verifier) bool { return !isKey(s) })
	switch {
	case plain && !certified && !keys:
		return "is signed by a key, and no key is expected"
	case certified && !plain && !others:
		return "is signed with a certificate, and only keys are expected"
	}
	return ""
}

// Statement returns the in-toto Statement about a pack that was built, for a tool that
// signs it: its subjects are the ZIP, by the name fileName, and MANIFEST.json.
func (b *Built) Statement(fileName string) ([]byte, error) {
	return newPackStatement(b.Manifest, b.ContentDigest, b.SHA256, fileName).statement()
}

// Sign makes the signed statement about a pack that was built, to be published as
// StatementName beside it. fileName is the name of the ZIP. The signer holds a key
// (attest.ParsePrivateKey), or wraps a keyless tool.
func (b *Built) Sign(ctx context.Context, fileName string, s attest.PayloadSigner) ([]byte, error) {
	statement, err := b.Statement(fileName)
	if err != nil {
		return nil, err
	}
	return attest.Sign(ctx, s, statement)
}
