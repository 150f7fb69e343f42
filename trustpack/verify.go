// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/recognize"
	"github.com/HailBytes/evidence/internal/regular"
	"github.com/HailBytes/evidence/internal/safezip"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack/page"
	"github.com/HailBytes/evidence/version"
)

// Policy is what the caller of Verify expects of a pack. The zero Policy is the
// strictest that needs no knowledge: the profile of the pack's own product
// applies, and nothing is pinned or authentic.
//
// Whatever a pack says of itself is a claim. Only what stands here decides.
type Policy struct {
	Product string // expected product; empty accepts any
	Version string // expected version; empty accepts any

	SHA256        evidence.Digest // expected digest of the ZIP; zero for none
	ContentDigest evidence.Digest // expected digest of MANIFEST.json; zero for none

	// Statement is the signed statement about the pack, from beside the ZIP; nil
	// for none.
	Statement *attest.Bundle

	// Release is what GitHub signed of the release that the pack is an asset of; nil for
	// nothing. Beside the Statement both must hold.
	Release *ReleaseAttestation

	// Publisher are those whose signature on the Statement counts, and ImageSigners
	// those whose signatures on images and attestations in the pack do; one of them
	// is enough. Without any, what is signed is not judged. Make them with
	// attest.ParseKey or package attest/sigstore.
	Publisher    []attest.Verifier
	ImageSigners []attest.Verifier

	// TrustFiles are the files that Publisher and ImageSigners were read from. One that
	// the pack holds too proves nothing by itself, and the report says so.
	TrustFiles []TrustFile

	// Require names verdicts that must be a pass.
	Require []Verdict

	// Profile says which evidence a release must hold. Nil means the built-in
	// profile of the pack's product, if there is one.
	Profile *Profile

	// UnsafeNoProfile leaves completeness out.
	UnsafeNoProfile bool

	// Gate says what of the product is not acceptable; nil accepts whatever the
	// evidence says of it.
	Gate *Gate

	// Repository is a folder with the product's git repository, to check the
	// version, tag and commit against; empty leaves that out.
	Repository string

	// Previous is the pack of an older release, to compare what the page says of
	// changes since; nil leaves that out.
	Previous *Pack

	// FileName is the name of the pack as it was found; empty leaves its check out.
	FileName string

	// Now is the time by which dates in the pack, and exceptions of the Gate, have
	// passed. Zero leaves dates in the pack out; exceptions for findings are then an
	// error, and none for licences holds.
	Now time.Time

	// KeepRelease asks for Report.Release: the evidence as one model, all of which
	// stays in memory.
	KeepRelease bool

	Workers int // files read at once; 0 means one for each CPU

	// Progress, if not nil, is called with the bytes of content checked so far
	// and in all. It is called by one goroutine at a time.
	Progress func(done, total int64)
}

// Check reports everything that is wrong with the structure and the manifest of
// the pack in the first size bytes of r, where Open stops at the first. It does
// not read the evidence: a report that holds says nothing about content.
//
// The error is for a pack that could not be read, not for one that is wrong.
func Check(r io.ReaderAt, size int64, o *OpenOptions) (*Report, error) {
	if o == nil {
		o = &OpenOptions{}
	}
	report := &Report{}
	archive, problems, err := safezip.Check(r, size, &safezip.Options{Limits: o.Limits})
	if err != nil {
		return nil, err
	}
	report.addArchive(problems, "", false, false)
	if archive != nil {
		p := &Pack{r: r, size: size, limits: o.Limits.OrDefault(), archive: archive}
		err := p.readManifest()
		if err != nil && !evidence.IsVerdict(err) {
			return nil, err
		}
		report.addManifest(p, err)
	}
	report.settle()
	return report, nil
}

// VerifyFile opens the pack in a file and verifies it. Where Open refuses the
// pack, the report is that of Check, so that everything wrong with it is told.
func VerifyFile(ctx context.Context, name string, pol Policy, o *OpenOptions) (*Report, error) {
	p, err := OpenFile(name, o)
	if err == nil {
		defer p.Close()
		return Verify(ctx, p, pol)
	}
	if !evidence.IsVerdict(err) {
		return nil, err
	}
	f, err := regular.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size, err := fileSize(f)
	if err != nil {
		return nil, err
	}
	report, err := Check(f, size, o)
	if err != nil {
		return nil, err
	}
	// A pack that cannot be opened has no content digest to name it by.
	sum := evidence.SHA256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(f, 0, size)); err != nil {
		return nil, err
	}
	report.SHA256 = hex.EncodeToString(sum.Sum(nil))
	report.skipTrust(pol)
	if report.Err() == nil {
		return nil, fmt.Errorf("%s: changed while it was read", name)
	}
	return report, nil
}

// Verify checks the whole pack: every entry against the archive's headers and
// the manifest, the manifest against the content, the page against the manifest,
// and all of it against what the caller expects.
//
// It returns an error only if the check could not be carried out: reading
// failed, or ctx ended. A pack that does not hold gives a Report whose Err says so.
func Verify(ctx context.Context, p *Pack, pol Policy) (*Report, error) {
	v := verification{ctx: ctx, p: p, pol: pol, report: &Report{}}
	if !pol.SHA256.IsZero() || pol.Statement != nil || pol.Release != nil {
		if err := v.fix(); err != nil {
			return nil, err
		}
	}
	if err := v.run(); err != nil {
		return nil, err
	}
	return v.report, nil
}

// VerifyStructure checks archive, manifest and digests, and reads no evidence: for
// who has just built the pack, or cannot wait. It says nothing about completeness,
// trust or what documents say. Apart from that it is Verify with the FileName given.
func VerifyStructure(ctx context.Context, p *Pack, fileName string) (*Report, error) {
	v := verification{ctx: ctx, p: p, pol: Policy{FileName: fileName}, report: &Report{}}
	v.start()
	if err := v.structure(); err != nil {
		return nil, err
	}
	v.report.settle()
	return v.report, nil
}

// verification is one run of Verify.
type verification struct {
	ctx       context.Context
	p         *Pack
	pol       Policy
	report    *Report
	skim      bool            // see VerifyReadable
	zip       evidence.Digest // of the whole file, if it is asked for
	content   *safezip.Verification
	tagObject string        // what the tag names in Policy.Repository, where that was read
	shown     *pageData     // what the page must show
	changes   *page.Changes // since the previous release, if the caller gives its pack

	mu       sync.Mutex // guards what follows, filled by many workers
	sizes    evidence.Problems
	digests  evidence.Problems
	kinds    evidence.Problems
	verified int
	done     int64 // bytes read
}

// fix takes the digest of the ZIP, and sees to it that it is that of the bytes which
// are checked.
func (v *verification) fix() error {
	f, err := fix(v.ctx, v.p.r, v.p.size)
	if err != nil {
		return err
	}
	if v.p, err = Open(f, v.p.size, &OpenOptions{Limits: v.p.limits}); err != nil {
		return fmt.Errorf("the pack was changed after it was opened: %v", err)
	}
	v.zip = f.digest
	v.report.SHA256 = f.digest.Hex()
	return nil
}

// start begins the one pass over the archive: each entry is inflated, hashed and
// compared with the manifest once, whoever reads it.
func (v *verification) start() {
	var total int64
	for i := range v.p.archive.Entries() {
		total += v.p.archive.Entries()[i].Size
	}
	v.content = v.p.archive.StartVerify(&safezip.VerifyOptions{
		Workers: v.pol.Workers,
		Head:    headBytes,

		UnsafeAnyStream: v.skim,
		Each: func(e *safezip.Entry, c safezip.Content, problem *evidence.Problem) error {
			if problem == nil && !e.IsDir() {
				if err := v.file(e, c); err != nil {
					return err
				}
			}
			if v.pol.Progress != nil {
				v.mu.Lock()
				defer v.mu.Unlock()
				v.done += e.Size
				v.pol.Progress(v.done, total)
			}
			return nil
		},
	})
}

// bytes reads a file into memory, if it is what the manifest lists.
func (v *verification) bytes(ctx context.Context, f *manifest.File) ([]byte, error) {
	e := v.p.archive.Entry(f.Path)
	if e == nil {
		return nil, missing(f.Path)
	}
	data, c, err := v.content.Bytes(ctx, e, v.p.limits.DocumentBytes)
	if err != nil {
		return nil, err
	}
	got, err := evidence.NewDigest(evidence.SHA256, c.SHA256[:])
	if err == nil && got != f.SHA256 {
		err = wrongDigest(f.Path, got, f.SHA256)
	}
	return data, err
}

// structure reads what is left of the archive, and adds what does not depend on what
// files say.
func (v *verification) structure() error {
	r, m := v.report, v.p.m
	r.Manifest, r.Product, r.Version, r.ContentDigest = m, m.Product, m.Version, v.p.digest.String()
	archive, err := v.content.Finish(v.ctx)
	if err != nil {
		return err
	}
	r.addArchive(archive, v.pol.FileName, true, v.skim)
	r.addManifest(v.p, nil)
	v.checkFiles()
	v.checkRelease()
	return nil
}

func (v *verification) run() error {
	v.start()
	index, err := v.index()
	if err != nil {
		return err
	}
	release, err := v.evidence()
	if err != nil {
		return err
	}
	if err := v.structure(); err != nil {
		return err
	}
	r := v.report
	v.checkProfile(release)
	if err := v.checkEvidence(release); err != nil {
		return err
	}
	if v.pol.Previous != nil {
		if v.changes, err = changesSince(v.ctx, v.pol.Previous, v.p.reader()); err != nil {
			return err
		}
	}
	r.add(v.checkIndex(index, v.shown.finish(release.sum)))
	v.checkPins()
	v.checkTools()
	if err := v.checkStatement(); err != nil {
		return err
	}
	if err := v.checkReleaseAttestation(release); err != nil {
		return err
	}
	v.checkImages(release)
	v.checkTrustFiles()
	r.settle()
	if err := v.checkRules(); err != nil {
		return err
	}
	r.require(v.pol)
	return nil
}

// keepRelease reports whether all of the evidence stays in memory to the end.
func (v *verification) keepRelease() bool {
	return v.pol.KeepRelease || v.pol.Gate != nil && len(v.pol.Gate.Rules) > 0
}

// checkRules adds what the caller's own rules say of all that was found out.
func (v *verification) checkRules() error {
	if v.pol.Gate == nil {
		return nil
	}
	var checks evidence.Checks
	for _, rule := range v.pol.Gate.Rules {
		checks = append(checks, rule.Judge(v.ctx, v.report)...)
		if err := v.ctx.Err(); err != nil {
			return err
		}
	}
	v.report.add(checks...)
	if !v.pol.KeepRelease {
		v.report.Release = nil
	}
	return nil
}

// index returns index.html, nil if it is not there as the manifest lists it.
func (v *verification) index() ([]byte, error) {
	f := v.p.m.File(IndexName)
	if f == nil {
		return nil, nil
	}
	text, err := v.bytes(v.ctx, f)
	if err != nil && (v.ctx.Err() != nil || !evidence.IsVerdict(err)) {
		return nil, err
	}
	if err != nil {
		return nil, nil
	}
	return text, nil
}

// evidence reads the documents, those of a few subjects at a time, judges each subject
// while they are at hand, and returns what is kept of them.
func (v *verification) evidence() (*Release, error) {
	r := &Release{Manifest: v.p.m, now: v.pol.Now, sum: newSummarizer()}
	v.shown = newPageData(v.p.m)
	var err error
	if v.pol.Gate != nil {
		if r.gate, err = newGate(v.pol.Gate, v.pol.Now); err != nil {
			return nil, err
		}
	}
	noProfile := v.profile() == nil
	reader := v.reader()
	reader.judge, reader.keep = true, len(v.pol.ImageSigners) > 0
	err = reader.subjects(v.ctx, func(s *Subject) {
		s.join()
		if noProfile {
			for _, d := range s.Documents {
				d.downgradeUnreadable()
			}
		}
		r.judge(s)
		v.judgeSigned(s)
	}, func(s *Subject) {
		r.Subjects = append(r.Subjects, s)
		r.sum.add(s)
		v.shown.add(s)
		if r.gate != nil {
			r.gate.add(s)
		}
		if !v.keepRelease() {
			s.release()
		}
	})
	if err != nil {
		return nil, err
	}
	r.Summary = r.sum.summary()
	return r, nil
}

// reader reads the evidence in the one pass over the archive.
func (v *verification) reader() *evidenceReader {
	return &evidenceReader{
		m: v.p.m, open: v.bytes, limits: v.p.limits, workers: v.pol.Workers,
		size: func(f *manifest.File) int64 {
			if e := v.p.archive.Entry(f.Path); e != nil {
				return e.Size
			}
			return 0
		},
	}
}

// checkEvidence adds what the evidence was found to be.
func (v *verification) checkEvidence(r *Release) error {
	for _, s := range r.Subjects {
		v.report.add(s.checks...)
	}
	for _, check := range releaseChecks {
		v.report.add(check(r)...)
	}
	if r.gate != nil {
		v.report.add(r.gate.checks(r)...)
	}
	v.report.Summary, v.report.Images = r.Summary, r.images()
	if v.keepRelease() {
		v.report.Release = r
	}
	return nil
}

// downgradeUnreadable makes a warning of a file that cannot be read: nothing asks for
// the file where no profile does.
func (d *Document) downgradeUnreadable() {
	for i := range d.Checks {
		if c := &d.Checks[i]; c.ID == readable(d.File.Kind) && c.Status == evidence.StatusFail {
			c.Status = evidence.StatusWarn
		}
	}
}

// headBytes is how much of a file decides whether it is of the declared kind.
const headBytes = 16 << 10

// file compares the content of one sound entry with the manifest.
func (v *verification) file(e *safezip.Entry, c safezip.Content) error {
	listed := v.p.m.File(e.Name)
	if listed == nil {
		return nil // the inventory says so
	}
	got, err := evidence.NewDigest(evidence.SHA256, c.SHA256[:])
	if err != nil {
		return err
	}
	var size, digest, kind *evidence.Problem
	if listed.Size != manifest.SizeUnknown && listed.Size != c.Size {
		size = &evidence.Problem{
			Code: "manifest.size", Severity: evidence.SeverityError, Path: e.Name, Err: evidence.ErrMismatch,
			Message: fmt.Sprintf("got %d bytes, the manifest says %d", c.Size, listed.Size),
		}
	}
	if got != listed.SHA256 {
		digest = wrongDigest(e.Name, got, listed.SHA256)
	} else if kind, err = v.kind(listed, c.Head); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.verified++
	v.sizes, v.digests, v.kinds = appendProblem(v.sizes, size), appendProblem(v.digests, digest), appendProblem(v.kinds, kind)
	return nil
}

func appendProblem(list evidence.Problems, p *evidence.Problem) evidence.Problems {
	if p != nil {
		list = append(list, p)
	}
	return list
}

// kind compares what the first bytes show with what the manifest declares. A
// file may be more special than its head shows, so only a contradiction counts.
func (v *verification) kind(f *manifest.File, head []byte) (*evidence.Problem, error) {
	if f.Kind == manifest.KindOther || f.Kind == manifest.KindIndex || f.Kind == "" {
		return nil, nil
	}
	res, err := recognize.File(f.Path, bytes.NewReader(head), evidence.Limits{})
	if err != nil {
		return nil, err
	}
	if res.ByPath || res.Format == "" {
		return nil, nil
	}
	p := &evidence.Problem{Code: "manifest.kind", Severity: evidence.SeverityWarning, Path: f.Path, Err: evidence.ErrMismatch}
	switch kinds := res.Format.Kinds(); {
	case f.Format != "" && f.Format.Known() && f.Format != res.Format:
		p.Message = fmt.Sprintf("is declared as %s, but its content is %s", f.Format, res.Format)
	case len(kinds) > 0 && !slices.Contains(kinds, f.Kind):
		p.Message = fmt.Sprintf("is declared as %s, but its content is %s (%s)", f.Kind, kinds[0], res.Format)
	default:
		return nil, nil
	}
	if v.profile() != nil {
		p.Severity = evidence.SeverityError
	}
	return p, nil
}

func wrongDigest(name string, got, want evidence.Digest) *evidence.Problem {
	return &evidence.Problem{
		Code: "manifest.digest", Severity: evidence.SeverityError, Path: name, Err: evidence.ErrMismatch,
		Message: fmt.Sprintf("got %s, the manifest says %s", got, want),
	}
}

func missing(name string) *evidence.Problem {
	return &evidence.Problem{
		Code: "manifest.inventory", Severity: evidence.SeverityError, Path: name, Err: evidence.ErrMismatch,
		Message: "is listed in " + manifest.Name + ", but not in the archive",
	}
}

func unlisted(name string) *evidence.Problem {
	return &evidence.Problem{
		Code: "manifest.inventory", Severity: evidence.SeverityError, Path: name, Err: evidence.ErrMismatch,
		Message: "is in the archive, but not listed in " + manifest.Name,
	}
}

// checkFiles adds what reading every file gave.
func (v *verification) checkFiles() {
	r, m := v.report, v.p.m
	var inventory evidence.Problems
	for i := range m.Files {
		if f := &m.Files[i]; v.p.archive.Entry(f.Path) == nil {
			inventory = append(inventory, missing(f.Path))
		}
	}
	for i := range v.p.archive.Entries() {
		if e := &v.p.archive.Entries()[i]; !e.IsDir() && e.Name != manifest.Name && m.File(e.Name) == nil {
			inventory = append(inventory, unlisted(e.Name))
		}
	}
	if !slices.ContainsFunc(m.Files, func(f manifest.File) bool { return f.Path != IndexName }) {
		inventory = append(inventory, &evidence.Problem{
			Code: "manifest.inventory", Severity: evidence.SeverityError, Path: manifest.Name, Err: evidence.ErrPolicy,
			Message: "lists no file of evidence: the pack shows nothing",
		})
	}
	for _, ps := range []evidence.Problems{inventory, v.sizes, v.digests, v.kinds} {
		ps.Sort()
	}
	subject := v.pol.FileName
	r.judge("manifest.inventory", subject, inventory, fmt.Sprintf("the archive holds the %s that the manifest lists", textfmt.Count(len(m.Files), "file")))
	r.judge("manifest.size", subject, v.sizes, "every file has the listed size")
	r.judge("manifest.digest", subject, v.digests, "every file has the listed SHA-256")
	r.judge("manifest.kind", subject, v.kinds, "no content contradicts its declared kind")
	if v.verified < len(m.Files) && len(inventory) == 0 && len(v.digests) == 0 {
		// A file whose entry is unsound was never compared.
		r.Check("manifest.digest").Status = evidence.StatusError
		r.Check("manifest.digest").Message = fmt.Sprintf("%d of %d files could be compared", v.verified, len(m.Files))
	}
	if v.pol.FileName != "" {
		var problems evidence.Problems
		if want := FileName(m.Product, m.Version); v.pol.FileName != want {
			problems = evidence.Problems{{
				Code: "manifest.filename", Severity: evidence.SeverityWarning, Path: v.pol.FileName, Err: evidence.ErrMismatch,
				Message: "a pack of this release is named " + want,
			}}
		}
		r.judge("manifest.filename", v.pol.FileName, problems, "the file is named for its release")
	}
}

// checkRelease adds what can be said of the version.
func (v *verification) checkRelease() {
	r, m := v.report, v.p.m
	subject := m.Product + "@" + m.Version
	if v.pol.Product != "" || v.pol.Version != "" {
		want := v.pol.Product + "@" + v.pol.Version
		var problems evidence.Problems
		if v.pol.Product != "" && v.pol.Product != m.Product || v.pol.Version != "" && v.pol.Version != m.Version {
			problems = evidence.Problems{{Code: "release.expected", Severity: evidence.SeverityError, Path: subject, Err: evidence.ErrPolicy, Message: "expected " + want}}
		}
		r.judge("release.expected", subject, problems, "is the expected release")
	}
	r.add(versionChecks(m)...)
	if v.pol.Repository != "" {
		parsed, _ := version.Parse(m.Version)
		r.add(v.checkRepository(subject, parsed))
	}
}

// versionChecks say whether version and tag are of the form that releases have.
func versionChecks(m *manifest.Manifest) evidence.Checks {
	subject := m.Product + "@" + m.Version
	parsed, err := version.Parse(m.Version)
	var rule, tag evidence.Problems
	if err != nil {
		rule = evidence.Problems{{Code: "release.version", Severity: evidence.SeverityWarning, Path: subject, Err: evidence.ErrFormat, Message: err.Error()}}
	} else if m.Release.Tag != "" && m.Release.Tag != parsed.Tag() {
		tag = evidence.Problems{{
			Code: "release.tag", Severity: evidence.SeverityError, Path: subject, Err: evidence.ErrMismatch,
			Message: fmt.Sprintf("the tag of version %s is %s, the manifest says %s", m.Version, parsed.Tag(), m.Release.Tag),
		}}
	}
	checks := evidence.Checks{evidence.Judge("release.version", subject, rule, "the version is of the form 1.<commit count>")}
	if m.Release.Tag == "" {
		return append(checks, evidence.Check{ID: "release.tag", Status: evidence.StatusSkip, Subject: subject, Message: "the manifest names no tag"})
	}
	return append(checks, evidence.Judge("release.tag", subject, tag, "the tag is that of the version"))
}

// checkRepository holds the release against the product's own history.
func (v *verification) checkRepository(subject string, claimed version.Version) evidence.Check {
	const id = "release.repository"
	m := v.p.m
	tag := m.Release.Tag
	if tag == "" {
		tag = claimed.Tag()
	}
	found, err := version.VerifyTag(v.ctx, v.pol.Repository, tag, nil)
	if found != nil {
		v.tagObject = found.Object
	}
	var problems evidence.Problems
	add := func(format string, args ...any) {
		problems = append(problems, &evidence.Problem{Code: id, Severity: evidence.SeverityError, Path: subject, Err: evidence.ErrMismatch, Message: fmt.Sprintf(format, args...)})
	}
	switch {
	case errors.Is(err, evidence.ErrMismatch):
		add("%v", err)
	case errors.Is(err, version.ErrNoTag):
		add("the repository has no tag %s", tag)
	case err != nil:
		return evidence.Check{ID: id, Status: evidence.StatusError, Subject: subject, Message: err.Error()}
	case found.Version != claimed:
		add("tag %s has version %s, the manifest says %s", tag, found.Version, m.Version)
	case m.Release.Commit != "" && m.Release.Commit != found.Commit:
		add("tag %s is commit %s, the manifest says %s", tag, found.Commit, m.Release.Commit)
	}
	return evidence.Judge(id, subject, problems, "version, tag and commit are those of the repository")
}

// profile returns the profile that applies, nil for none.
func (v *verification) profile() *Profile {
	switch {
	case v.pol.UnsafeNoProfile:
		return nil
	case v.pol.Profile != nil:
		return v.pol.Profile
	}
	p, _ := ProfileNamed(v.p.m.Product)
	return p
}

// checkProfile adds whether the release holds the evidence that it must.
func (v *verification) checkProfile(r *Release) {
	p := v.profile()
	if p == nil {
		reason := "there is no profile for product " + v.p.m.Product
		if v.pol.UnsafeNoProfile {
			reason = "no profile asked for"
		}
		v.report.add(evidence.Check{ID: "release.completeness", Status: evidence.StatusSkip, Subject: v.p.m.Product + "@" + v.p.m.Version, Message: reason})
		return
	}
	v.report.add(p.check(v.p.m, v.pol.Now, r.notRead())...)
}

// checkPins adds the comparison with digests that the caller has from elsewhere.
func (v *verification) checkPins() {
	subject := v.pol.FileName
	if want := v.pol.SHA256; !want.IsZero() {
		v.report.add(pinned("archive.sha256", subject, "the ZIP", v.zip, want))
	}
	if want := v.pol.ContentDigest; !want.IsZero() {
		v.report.add(pinned("manifest.content-digest", subject, manifest.Name, v.p.digest, want))
	}
}

func pinned(id, subject, what string, got, want evidence.Digest) evidence.Check {
	var problems evidence.Problems
	if got != want {
		problems = evidence.Problems{{
			Code: id, Severity: evidence.SeverityError, Path: subject, Err: evidence.ErrMismatch,
			Message: fmt.Sprintf("%s is %s, the caller expects %s", what, got, want),
		}}
	}
	return evidence.Judge(id, subject, problems, what+" is the one that the caller expects")
}

// archiveChecks says which check the code of an archive problem belongs to;
// those not listed are archive.structure.
var archiveChecks = map[string]string{
	safezip.CodeCanonical: "archive.canonical",
	"archive.entries":     "archive.limits",
	"archive.entry-size":  "archive.limits",
	"archive.total-size":  "archive.limits",
	"archive.ratio":       "archive.limits",
	"archive.deflate":     "archive.content",
	"archive.trailing":    "archive.content",
	"archive.length":      "archive.content",
	"archive.checksum":    "archive.content",
}

// addArchive sorts the problems of an archive into checks. Where one keeps the
// archive from being followed, or the content was not read, the checks that
// this leaves undecided are skipped; skimmed leaves out how the content is compressed.
func (r *Report) addArchive(problems evidence.Problems, subject string, contentRead, skimmed bool) {
	by := map[string]evidence.Problems{}
	for _, p := range problems {
		id := archiveChecks[p.Code]
		if id == "" {
			id = "archive.structure"
			if strings.HasPrefix(p.Code, "archive.name-") && p.Code != "archive.name-mismatch" {
				id = "archive.names"
			}
		}
		by[id] = append(by[id], p)
	}
	followed := contentRead || problems.Err() == nil
	for _, c := range []struct{ id, ok string }{
		{"archive.structure", "every byte belongs to one record, and every fact stated twice agrees"},
		{"archive.names", "every name is safe, and no two are alike"},
		{"archive.limits", "sizes and counts are within the limits"},
		{"archive.content", "every entry holds what its header says"},
		{"archive.canonical", "written as this module writes"},
	} {
		switch {
		case len(by[c.id]) == 0 && !followed:
			r.add(evidence.Check{ID: c.id, Status: evidence.StatusSkip, Subject: subject, Message: "the archive cannot be followed to its end"})
		case len(by[c.id]) == 0 && c.id == "archive.content" && !contentRead:
			r.add(evidence.Check{ID: c.id, Status: evidence.StatusSkip, Subject: subject, Message: "the content was not read"})
		case len(by[c.id]) == 0 && c.id == "archive.canonical" && skimmed:
			r.add(evidence.Check{ID: c.id, Status: evidence.StatusSkip, Subject: subject, Message: "the content was not compressed to compare"})
		default:
			r.judge(c.id, subject, by[c.id], c.ok)
		}
	}
}

// addManifest adds what reading the manifest gave; err is the reason why it could not be read.
func (r *Report) addManifest(p *Pack, err error) {
	var schema, canonical evidence.Problems
	for _, n := range p.notes {
		if n.Code == "manifest.canonical" {
			canonical = append(canonical, n)
		} else {
			schema = append(schema, n)
		}
	}
	if err != nil {
		schema = append(schema, problemsOf(err)...)
	}
	r.judge("manifest.schema", manifest.Name, schema, "is a manifest of version 1")
	if err == nil {
		r.judge("manifest.canonical", manifest.Name, canonical, "is in canonical form")
	}
}

// problemsOf returns the problems that err holds.
func problemsOf(err error) evidence.Problems {
	if ps, ok := errors.AsType[evidence.Problems](err); ok {
		return ps
	}
	if p, ok := errors.AsType[*evidence.Problem](err); ok {
		return evidence.Problems{p}
	}
	return evidence.Problems{{Code: "manifest.schema", Severity: evidence.SeverityError, Message: err.Error(), Err: err}}
}

// settle computes the verdicts from the checks made.
func (r *Report) settle() {
	pin := func(id string) bool { return id == "archive.sha256" || id == "manifest.content-digest" }
	r.Verdicts = Verdicts{
		Consistent: settle(r.Checks, func(id string) bool {
			switch family(id) {
			case "archive", "manifest", "index", "sbom", "scan":
				return !pin(id)
			}
			return id == "release.tag" || id == "release.version"
		}),
		Pinned:    settle(r.Checks, pin),
		Authentic: settle(r.Checks, func(id string) bool { return id == "attest.statement" || id == releaseAttestationID }),
	}
}

// require turns a missing verdict into a failure.
func (r *Report) require(pol Policy) {
	for _, v := range pol.Require {
		subject, got := v.String(), r.Verdicts.Of(v)
		var problems evidence.Problems
		if got != evidence.StatusPass {
			problems = evidence.Problems{{
				Code: "policy.required", Severity: evidence.SeverityError, Path: subject, Err: evidence.ErrPolicy,
				Message: fmt.Sprintf("required, but the verdict is %s", got),
			}}
		}
		r.judge("policy.required", subject, problems, "the pack is "+subject)
	}
}

// skipTrust completes the report of a pack that could not be opened: nothing
// that was asked about it can hold.
func (r *Report) skipTrust(pol Policy) {
	r.add(evidence.Check{ID: "attest.statement", Status: evidence.StatusSkip, Message: "the pack cannot be opened"})
	r.settle()
	r.require(pol)
}
