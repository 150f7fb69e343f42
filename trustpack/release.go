// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"context"
	"crypto/x509"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/sarif"
	"github.com/HailBytes/evidence/trustpack/uat"
)

// Release is the evidence of one release as one model: what several files say of
// the same thing stands in one place, with its sources. Checks, gate, summary and
// page read it. [Verify] fills it once, while it checks the pack.
//
// It states what the evidence says. Whether that is sound is for the checks to say,
// and what it means for a user is for his policy.
type Release struct {
	// Manifest is what the pack says of itself: product, version, tag, commit,
	// repository, images, gaps, and each file with its digest.
	Manifest *manifest.Manifest

	// Subjects are what the evidence is about: each image in the order of the
	// manifest, then images that it does not list, and last the release as a whole.
	Subjects []*Subject

	// Summary counts all of it.
	Summary *Summary

	now  time.Time // of the verification; zero for a release that is not judged
	sum  *summarizer
	gate *gate // nil if the caller asks for none

	mu     sync.Mutex
	byName map[string]*Subject // made when it is first needed

	ownOnce sync.Once
	names   *ownNames // see own
}

// Subject is what evidence is about: one image, or the release as a whole.
type Subject struct {
	Name  string          // of the image; empty for the release as a whole
	Image *manifest.Image // nil for the release, and for an image that the manifest does not list

	// Documents are the files about it, in the order of the manifest.
	Documents []*Document

	// Components are the packages that its SBOMs list, each once, in the order of
	// the documents. What an SBOM describes, files and operating systems are left out.
	Components []*Component

	// Findings are those of all scans, each once however many tools and files report
	// it, the worst first.
	Findings []*Finding

	otherDigests []string                 // that the image's own manifest gives it
	issued       []signerCertificate      // one of each authority that signatures have certificates of
	roots        []*x509.Certificate      // of trust roots in the pack
	holds        map[manifest.Kind]string // kinds of evidence that it has, each with a file
	checks       evidence.Checks
	attested     evidence.Checks
}

// Release reads the evidence of the pack as one model without judging it: to compare
// it, or to look something up. All of it is in memory at once. A file whose bytes are
// not those that the manifest lists is not read.
//
// It returns an error only if reading the pack failed or ctx ended.
func (p *Pack) Release(ctx context.Context) (*Release, error) {
	return readRelease(ctx, p.reader())
}

func (p *Pack) reader() *evidenceReader {
	return &evidenceReader{m: p.m, open: p.fileBytes, limits: p.limits}
}

// readRelease is Release of a pack, or of what one is being made of.
func readRelease(ctx context.Context, reader *evidenceReader) (*Release, error) {
	r := &Release{Manifest: reader.m, sum: newSummarizer()}
	err := reader.subjects(ctx, (*Subject).join, func(s *Subject) {
		s.count()
		r.Subjects = append(r.Subjects, s)
		r.sum.add(s)
	})
	if err != nil {
		return nil, err
	}
	r.Summary = r.sum.summary()
	return r, nil
}

// Attestation is one signature, or signed statement, as a file of the pack holds it.
// That it is there says nothing: only what the checks attest.* say of its file counts.
type Attestation struct {
	*attest.Bundle
	Subject *Subject
	Source  evidence.Source
}

// Test is one test of a test report.
type Test struct {
	*uat.Case
	Source evidence.Source
}

// Subject returns the image of that name, or the release as a whole for the empty
// name; nil if there is no evidence about such an image.
func (r *Release) Subject(name string) *Subject {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.byName) != len(r.Subjects) {
		r.byName = make(map[string]*Subject, len(r.Subjects))
		for _, s := range r.Subjects {
			r.byName[s.Name] = s
		}
	}
	return r.byName[name]
}

// Documents yields the files of all subjects.
func (r *Release) Documents() iter.Seq[*Document] {
	return flatten(r.Subjects, func(s *Subject) iter.Seq[*Document] { return slices.Values(s.Documents) })
}

// Components yields the packages of all subjects. One that is in two images comes twice.
func (r *Release) Components() iter.Seq[*Component] {
	return flatten(r.Subjects, func(s *Subject) iter.Seq[*Component] { return slices.Values(s.Components) })
}

// Findings yields the findings about all subjects.
func (r *Release) Findings() iter.Seq[*Finding] {
	return flatten(r.Subjects, func(s *Subject) iter.Seq[*Finding] { return slices.Values(s.Findings) })
}

// Attestations yields the signatures and attestations about all subjects.
func (r *Release) Attestations() iter.Seq[*Attestation] {
	return flatten(r.Subjects, (*Subject).Attestations)
}

// Tests yields the tests of all reports.
func (r *Release) Tests() iter.Seq[*Test] { return flatten(r.Subjects, (*Subject).Tests) }

// flatten yields what each element of a list yields.
func flatten[S, T any](list []S, of func(S) iter.Seq[T]) iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, s := range list {
			for t := range of(s) {
				if !yield(t) {
					return
				}
			}
		}
	}
}

// Attestations yields the signatures and attestations about the subject.
func (s *Subject) Attestations() iter.Seq[*Attestation] {
	return func(yield func(*Attestation) bool) {
		for _, d := range s.Documents {
			for _, b := range d.Attestations {
				if !yield(&Attestation{b, s, d.Source()}) {
					return
				}
			}
		}
	}
}

// Tests yields the tests of the reports about the subject.
func (s *Subject) Tests() iter.Seq[*Test] {
	return func(yield func(*Test) bool) {
		for _, d := range s.Documents {
			if d.Tests == nil {
				continue
			}
			for _, c := range d.Tests.All {
				if !yield(&Test{c, d.Source()}) {
					return
				}
			}
		}
	}
}

// join fills components and findings from the documents.
func (s *Subject) join() {
	var logs []*sarif.Log
	j := newJoiner(s)
	for _, d := range s.Documents {
		switch {
		case d.SBOM != nil:
			j.add(d)
		case d.Scan != nil:
			logs = append(logs, d.Scan)
		}
	}
	if len(logs) == 0 {
		return
	}
	for _, f := range sarif.Merge(logs...) {
		s.Findings = append(s.Findings, j.finding(f))
	}
}

// release lets the documents go of which nothing more is asked. One string of an SBOM
// keeps the whole text of it in memory, so what is kept of one is a copy.
func (s *Subject) release() {
	s.Components, s.Findings = nil, nil
	for _, d := range s.Documents {
		d.SBOM, d.Scan, d.VEX, d.Attestations, d.data, d.graph = nil, nil, nil, nil, nil, nil
		d.licensed, d.labels, d.serial = nil, nil, strings.Clone(d.serial)
		for i := range d.states {
			st := &d.states[i]
			st.value, st.what, st.of = strings.Clone(st.value), strings.Clone(st.what), strings.Clone(st.of)
		}
		if d.golang != nil {
			d.golang = d.golang.clone()
		}
	}
}
