// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
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
	zip, err := v.p.SHA256(v.ctx)
	if err != nil {
		return err
	}
	v.report.SHA256 = zip.Hex()
	want := newPackStatement(m, v.p.digest, zip, subject)
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

// checkImages judges, for every image, the signatures and attestations in the
// pack against the signers whom the caller expects.
func (v *verification) checkImages() error {
	m := v.p.m
	if len(v.pol.ImageSigners) == 0 {
		if len(m.Images) > 0 {
			v.report.add(evidence.Check{ID: "attest.images", Status: evidence.StatusSkip, Message: "no expected identity"})
		}
		return nil
	}
	for i := range m.Images {
		img, err := v.imageEvidence(&m.Images[i])
		if err != nil {
			return err
		}
		v.report.add(checkImage(v.ctx, img, attest.AtLeast(1, v.pol.ImageSigners...), v.p.limits)...)
		if err := v.ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// imageEvidence collects what the pack holds about an image for checkImage.
func (v *verification) imageEvidence(img *manifest.Image) (*imageEvidence, error) {
	out := &imageEvidence{name: "image " + img.Name, digest: img.Digest, release: v.p.m.Release}
	for _, g := range v.p.m.Gaps {
		if g.Image == "" || g.Image == img.Name {
			out.gaps = append(out.gaps, g)
		}
	}
	for f := range v.p.m.FilesAbout(img.Name) {
		if v.p.archive.Entry(f.Path) == nil {
			continue // the inventory says so
		}
		found := evidenceFile{path: f.Path, data: func() ([]byte, error) { return v.p.fileBytes(v.ctx, f) }}
		switch {
		case f.Kind == manifest.KindSBOM:
			out.sboms = append(out.sboms, found)
		case f.Format == manifest.FormatOCIManifest || f.Format == manifest.FormatOCIIndex:
			if data, err := v.p.fileBytes(v.ctx, f); err == nil && f.SHA256 == img.Digest {
				out.oci = data
			}
		case f.Format == manifest.FormatSigstoreBundle || f.Format == manifest.FormatDSSE || f.Format == manifest.FormatCosignSignature:
			reason, err := v.unanswerable(f)
			if err != nil {
				return nil, err
			}
			if reason != "" {
				v.report.add(evidence.Check{ID: checkSignature, Status: evidence.StatusSkip, Subject: f.Path, Message: reason})
				continue
			}
			out.attestations = append(out.attestations, found)
		}
	}
	return out, nil
}

func isKey(s attest.Verifier) bool { _, ok := s.(*attest.Key); return ok }

func (v *verification) onlyKeys() bool {
	return !slices.ContainsFunc(v.pol.ImageSigners, func(s attest.Verifier) bool { return !isKey(s) })
}

// unanswerable returns why none of the expected signers can say anything about a
// file: a plain signature where certificates are expected, or the reverse. What
// can not be read is left to the checks.
func (v *verification) unanswerable(f *manifest.File) (string, error) {
	data, err := v.p.fileBytes(v.ctx, f)
	if err != nil {
		return "", v.ctx.Err()
	}
	bundles, err := attest.ParseBundles(bytes.TrimSpace(data), nil)
	if err != nil {
		return "", nil
	}
	certified := slices.ContainsFunc(bundles, (*attest.Bundle).HasCertificate)
	plain := slices.ContainsFunc(bundles, func(b *attest.Bundle) bool { return !b.HasCertificate() })
	switch {
	case plain && !certified && !slices.ContainsFunc(v.pol.ImageSigners, isKey):
		return "is signed by a key, and no key is expected", nil
	case certified && !plain && v.onlyKeys():
		return "is signed with a certificate, and only keys are expected", nil
	}
	return "", nil
}

// Sign makes the signed statement about a pack that was built, to be published as
// StatementName beside it. fileName is the name of the ZIP. The signer holds a key
// (attest.ParsePrivateKey), or wraps a keyless tool.
func (b *Built) Sign(ctx context.Context, fileName string, s attest.PayloadSigner) ([]byte, error) {
	statement, err := newPackStatement(b.Manifest, b.ContentDigest, b.SHA256, fileName).statement()
	if err != nil {
		return nil, err
	}
	return attest.Sign(ctx, s, statement)
}
