package trustpack

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

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
	subject := v.pol.FileName
	switch {
	case v.pol.Statement == nil:
		v.report.add(CheckResult{ID: id, Status: StatusSkip, Subject: subject, Message: "no statement given"})
		return nil
	case len(v.pol.Signers) == 0:
		v.report.add(CheckResult{ID: id, Status: StatusSkip, Subject: subject, Message: "no expected identity"})
		return nil
	}
	policy := attest.All(attest.AtLeast(1, v.pol.Signers...), attest.PredicateType(attest.PackV1))
	verified, err := attest.Verify(v.ctx, v.pol.Statement, attest.DigestSubject(v.p.digest), policy)
	if err != nil {
		return v.refused(id, subject, err)
	}
	decoded, err := verified.Statement().Decode()
	if err != nil {
		return v.refused(id, subject, err)
	}
	says, ok := decoded.(*attest.PackPredicate)
	if !ok {
		return fmt.Errorf("statement of type %s decodes to %T", verified.Statement().PredicateType, decoded)
	}
	problems := v.comparePredicate(says)
	if len(problems) == 0 {
		zip, err := v.p.SHA256(v.ctx)
		if err != nil {
			return err
		}
		v.report.SHA256 = zip.Hex()
		named := func(s attest.ResourceDescriptor) bool { return s.Digest["sha256"] == zip.Hex() }
		if !slices.ContainsFunc(verified.Statement().Subject, named) {
			problems = append(problems, &Problem{
				Code: "attest.repacked", Severity: SeverityWarning, Path: subject, Err: ErrMismatch,
				Message: "repacked: the content is the signed one, in another ZIP than the one that was published",
			})
		}
	}
	v.report.addProblems(id, subject, problems, "the pack is "+signedBy(verified))
	return nil
}

// comparePredicate holds what was signed of the release against the manifest.
func (v *verification) comparePredicate(says *attest.PackPredicate) (problems Problems) {
	m := v.p.m
	for _, c := range []struct{ what, got, want string }{
		{"product", says.Product, m.Product},
		{"version", says.Version, m.Version},
		{"commit", says.Commit, m.Release.Commit},
		{"contentDigest", says.ContentDigest.String(), v.p.digest.String()},
	} {
		if c.got != c.want && (c.what != "commit" || c.got != "" && c.want != "") {
			problems = append(problems, &Problem{
				Code: "attest.statement", Severity: SeverityError, Path: v.pol.FileName, Pointer: "/predicate/" + c.what, Err: ErrMismatch,
				Message: fmt.Sprintf("the signed %s is %q, the pack says %q", c.what, c.got, c.want),
			})
		}
	}
	return problems
}

// refused adds the check that err decides: a failure if it judges the
// attestation, an error of the check if it does not. It returns what ends the run.
func (v *verification) refused(id, subject string, err error) error {
	if v.ctx.Err() != nil {
		return v.ctx.Err()
	}
	if !isVerdict(err) {
		v.report.add(CheckResult{ID: id, Status: StatusError, Subject: subject, Message: err.Error()})
		return nil
	}
	v.report.add(checkOf(id, subject, Problems{attestProblem(id, subject, err)}, ""))
	return nil
}

func attestProblem(code, path string, err error) *Problem {
	return &Problem{Code: code, Severity: SeverityError, Path: path, Message: err.Error(), Err: err}
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

// evidenceOf is what the attestations about one image are about.
type evidenceOf string

const (
	ofImage      evidenceOf = "attest.signature"
	ofSBOM       evidenceOf = "attest.sbom"
	ofProvenance evidenceOf = "attest.provenance"
	ofOther      evidenceOf = "attest.other"
)

// family tells what a statement that nobody vouches for yet claims to be about.
func familyOf(b *attest.Bundle, kind manifest.Kind) evidenceOf {
	s, err := b.UnverifiedStatement()
	switch {
	case err != nil && kind == manifest.KindSignature, err == nil && s.IsType(attest.CosignSignV1):
		return ofImage
	case err != nil:
		return ofOther
	case s.IsType(attest.SPDX), s.IsType(attest.CycloneDX):
		return ofSBOM
	case s.IsType(attest.ProvenanceV1), s.IsType(attest.ProvenanceV02):
		return ofProvenance
	}
	return ofOther
}

// checkImages judges, for every image, the signatures and attestations in the
// pack against the signers whom the caller expects.
func (v *verification) checkImages() error {
	m := v.p.m
	if len(v.pol.Signers) == 0 {
		if len(m.Images) > 0 {
			v.report.add(CheckResult{ID: "attest.images", Status: StatusSkip, Message: "no expected identity"})
		}
		return nil
	}
	for i := range m.Images {
		img := &m.Images[i]
		found := map[evidenceOf]*judged{}
		for f := range m.FilesAbout(img.Name) {
			if err := v.judgeFile(img, f, found); err != nil {
				return err
			}
		}
		for _, family := range []evidenceOf{ofImage, ofSBOM, ofProvenance, ofOther} {
			v.addImage(img, family, found[family])
		}
	}
	return nil
}

// judged is what became of the attestations of one family about one image.
type judged struct {
	good     []string // who signed, by file
	skipped  []string
	problems Problems
	err      error // one of them could not be judged
}

// judgeFile verifies one file of the pack, if it is an attestation.
func (v *verification) judgeFile(img *manifest.Image, f *manifest.File, found map[evidenceOf]*judged) error {
	if f.Format != manifest.FormatSigstoreBundle && f.Format != manifest.FormatDSSE {
		return nil
	}
	e := v.p.archive.Entry(f.Path)
	if e == nil {
		return nil // the inventory says so
	}
	data, err := e.Bytes(v.ctx, Limits{}.OrDefault().BundleBytes)
	if err == nil && manifest.Sum256(data) != f.SHA256 {
		return nil // the digest says so
	}
	var b *attest.Bundle
	if err == nil {
		b, err = attest.ParseBundle(data, nil)
	}
	family := ofOther
	if f.Kind == manifest.KindSignature {
		family = ofImage
	}
	if b != nil {
		family = familyOf(b, f.Kind)
	}
	j := found[family]
	if j == nil {
		j = &judged{}
		found[family] = j
	}
	if err == nil {
		if reason := v.unanswerable(b); reason != "" {
			j.skipped = append(j.skipped, f.Path+" "+reason)
			return nil
		}
		var verified *attest.Verified
		if verified, err = attest.Verify(v.ctx, b, attest.DigestSubject(img.Digest), attest.AtLeast(1, v.pol.Signers...)); err == nil {
			if err = v.bind(img, family, verified); err == nil {
				j.good = append(j.good, f.Path+" "+signedBy(verified))
			}
		}
	}
	switch {
	case err == nil:
	case v.ctx.Err() != nil:
		return v.ctx.Err()
	case isVerdict(err):
		j.problems = append(j.problems, attestProblem(string(family), f.Path, err))
	default:
		j.err = fmt.Errorf("%s: %w", f.Path, err)
	}
	return nil
}

// unanswerable returns why none of the expected signers can say anything about a
// bundle: a plain signature where certificates are expected, or the reverse.
func (v *verification) unanswerable(b *attest.Bundle) string {
	isKey := func(s attest.Verifier) bool { _, ok := s.(*attest.Key); return ok }
	switch {
	case !b.HasCertificate() && !slices.ContainsFunc(v.pol.Signers, isKey):
		return "is signed by a key, and no key is expected"
	case b.HasCertificate() && !slices.ContainsFunc(v.pol.Signers, func(s attest.Verifier) bool { return !isKey(s) }):
		return "is signed with a certificate, and only keys are expected"
	}
	return ""
}

// bind holds what was attested against the rest of the pack.
func (v *verification) bind(img *manifest.Image, family evidenceOf, verified *attest.Verified) error {
	switch family {
	case ofSBOM:
		return v.bindSBOM(img, verified)
	case ofProvenance:
		return v.bindProvenance(verified)
	}
	return nil
}

// bindSBOM asks for an SBOM about the image in the pack that is the signed one.
func (v *verification) bindSBOM(img *manifest.Image, verified *attest.Verified) error {
	want := manifest.FormatSPDXJSON
	if verified.Statement().IsType(attest.CycloneDX) {
		want = manifest.FormatCycloneDXJSON
	}
	var differs error
	for f := range v.p.m.FilesAbout(img.Name) {
		e := v.p.archive.Entry(f.Path)
		if f.Kind != manifest.KindSBOM || f.Format != want || e == nil {
			continue
		}
		data, err := e.Bytes(v.ctx, Limits{}.OrDefault().DocumentBytes)
		if err != nil {
			return err
		}
		binding := verified.Bind(data)
		if err = binding.Err(); err == nil {
			return nil
		}
		differs = errors.Join(differs, fmt.Errorf("%s: %w", f.Path, err))
	}
	if differs == nil {
		return &Problem{Code: string(ofSBOM), Severity: SeverityError, Err: ErrMismatch,
			Message: fmt.Sprintf("the pack has no %s SBOM about image %s to compare with what was signed", want, img.Name)}
	}
	return differs
}

// bindProvenance holds the commit that the build says it used against the
// certificate of the signer and the release in the manifest.
func (v *verification) bindProvenance(verified *attest.Verified) error {
	decoded, err := verified.Statement().Decode()
	if err != nil {
		return err
	}
	says, ok := decoded.(*attest.Provenance)
	if !ok {
		return fmt.Errorf("statement of type %s decodes to %T", verified.Statement().PredicateType, decoded)
	}
	wants := map[string]string{"the manifest": v.p.m.Release.Commit}
	for _, s := range verified.Signers() {
		if s.Certificate != nil {
			wants["the signer's certificate"] = s.Certificate.SourceRepositoryDigest
			if ref, tag := s.Certificate.SourceRepositoryRef, v.p.m.Release.Tag; ref != "" && tag != "" && ref != "refs/tags/"+tag {
				return &Problem{Code: string(ofProvenance), Severity: SeverityError, Err: ErrMismatch,
					Message: fmt.Sprintf("was built from %s, the release is refs/tags/%s", ref, tag)}
			}
		}
	}
	for _, d := range append(says.Dependencies, says.ConfigSource) {
		commit := d.Digest["gitCommit"]
		if commit == "" && strings.HasPrefix(d.URI, "git+") {
			commit = d.Digest["sha1"]
		}
		for where, want := range wants {
			if commit != "" && want != "" && commit != want {
				return &Problem{Code: string(ofProvenance), Severity: SeverityError, Err: ErrMismatch,
					Message: fmt.Sprintf("says that commit %s was built, %s says %s", commit, where, want)}
			}
		}
	}
	return nil
}

// addImage adds the check of one family for one image: present and good, wrong,
// absent, or declared absent.
func (v *verification) addImage(img *manifest.Image, family evidenceOf, j *judged) {
	id, subject := string(family), "image "+img.Name
	if j != nil && j.err != nil {
		v.report.add(CheckResult{ID: id, Status: StatusError, Subject: subject, Message: j.err.Error()})
		return
	}
	if j != nil && len(j.problems) > 0 {
		j.problems.Sort()
		v.report.addProblems(id, subject, j.problems, "")
		return
	}
	if j != nil && len(j.good) > 0 {
		v.report.add(CheckResult{ID: id, Status: StatusPass, Subject: subject, Message: strings.Join(j.good, "; ")})
		return
	}
	status, message := StatusSkip, "no such attestation about this image"
	if family == ofImage || family == ofSBOM {
		status = StatusFail
		message = "nothing that an expected signer made"
		kinds := []manifest.Kind{manifest.KindImageSigning, manifest.KindSignature}
		if family == ofSBOM {
			kinds = []manifest.Kind{manifest.KindAttestation, manifest.KindImageSigning}
		}
		for _, kind := range kinds {
			if gap := v.p.m.Gap(kind, img.Name); gap != nil {
				status, message = StatusSkip, fmt.Sprintf("declared gap %s: %s", kind, gap.Reason)
				break
			}
		}
	}
	if j != nil && len(j.skipped) > 0 {
		message += ": " + strings.Join(j.skipped, "; ")
	}
	if status == StatusFail {
		p := &Problem{Code: id, Severity: SeverityError, Path: subject, Message: message, Err: attest.ErrNoAttestation}
		v.report.add(checkOf(id, subject, Problems{p}, ""))
		return
	}
	if family != ofOther || j != nil {
		v.report.add(CheckResult{ID: id, Status: status, Subject: subject, Message: message})
	}
}
