// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"path"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/imageref"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
)

// checkAbout is the check that signatures, attestations, references and image manifests
// name what the pack says that they are about. It compares facts, and trusts nobody.
const checkAbout = "attest.about"

// signedFacts makes the checks about signatures that need no expected signer.
func signedFacts(r *Release, s *Subject) evidence.Checks {
	var checks evidence.Checks
	others := map[string]bool{}
	for _, digest := range s.otherDigests {
		others[digest] = true
	}
	for _, d := range s.Documents {
		if !isSigned(d.File.Kind) || d.data == nil {
			continue
		}
		c := aboutCheck{own: r.own(), s: s, d: d, others: others}
		if c.compare(); c.compared {
			checks = append(checks, evidence.Judge(checkAbout, d.File.Path, c.problems, "names what the pack says that it is about"))
		}
	}
	return append(checks, certificateChecks(s)...)
}

// aboutCheck compares one file with the image that the manifest gives it to.
type aboutCheck struct {
	own      *ownNames
	s        *Subject
	d        *Document
	others   map[string]bool // digests that the image's own manifest gives it
	compared bool
	problems evidence.Problems
}

// known reports whether a signature or attestation may be about a digest: that of the
// image, of a manifest that its own index lists, of a file or artifact of the release.
// Evidence that is given to no image may be about any.
func (c *aboutCheck) known(digest string) bool {
	switch {
	case c.own.parts[digest], c.others[digest]:
		return true
	case c.s.Image == nil:
		return c.own.digests[digest] != nil
	}
	return digest == c.s.Image.Digest.String()
}

func (c *aboutCheck) warn(format string, args ...any) {
	c.problems = append(c.problems, warning(checkAbout, c.d.File.Path, format, args...))
}

// contradicts is a failure for evidence of an image. Evidence that is given to none is
// only named where it is about nothing in the pack.
func (c *aboutCheck) contradicts(format string, args ...any) {
	c.warn(format, args...)
	if p := c.problems[len(c.problems)-1]; c.s.Image != nil {
		p.Severity, p.Err = evidence.SeverityError, evidence.ErrMismatch
	}
}

func (c *aboutCheck) compare() {
	switch c.d.File.Format {
	case manifest.FormatCosignVerify:
		c.cosignVerify()
	case manifest.FormatImageReference:
		c.reference()
	case manifest.FormatOCIManifest, manifest.FormatOCIIndex:
		c.manifest()
	}
	for _, b := range c.d.Attestations {
		c.attestation(b)
	}
	if named := c.own.imageNamed(c.d.File.Path); c.s.Image != nil && named != nil && named != c.s.Image {
		c.compared = true
		c.warn("is named for image %s, and is about %s", named.Name, c.s.Name)
	}
}

// subject compares a digest that the file names.
func (c *aboutCheck) subject(what, digest string) {
	c.compared = true
	text := textfmt.Quote(digest)
	if d, err := evidence.ParseDigest(digest); err == nil {
		text = d.String()
	}
	switch {
	case c.known(digest):
	case c.s.Image != nil:
		c.contradicts("%s is about %s, image %s has digest %s", what, text, c.s.Name, c.s.Image.Digest)
	default:
		c.contradicts("%s is about %s, which nothing in the pack has", what, text)
	}
}

// repository compares the repository that the file names. An image may be read from a
// mirror, where it keeps its name.
func (c *aboutCheck) repository(what, reference string) {
	if c.s.Image == nil || reference == "" {
		return
	}
	ref, err := imageref.Parse(reference)
	if err != nil {
		c.warn("%s names %s, which is no reference of an image", what, textfmt.Quote(reference))
		return
	}
	want, err := imageref.Parse(c.s.Image.Reference)
	if err == nil && ref.Name() != want.Name() {
		c.warn("%s names repository %s, the image is in %s", what, textfmt.Quote(ref.Repository()), want.Repository())
	}
}

// attestation compares what a signature or attestation states that it is about. The
// signature of an artifact does not say.
func (c *aboutCheck) attestation(b *attest.Bundle) {
	if _, payload := b.UnverifiedPayload(); payload == nil {
		return
	}
	if st, err := b.UnverifiedStatement(); err == nil && st != nil {
		if err := st.CheckPredicate(); err != nil {
			c.compared = true
			c.contradicts("%v", err)
		}
		var first string
		for _, subject := range st.Subject {
			for algorithm, value := range subject.Digest {
				if digest := algorithm + ":" + value; c.known(digest) {
					c.compared = true
					return
				} else if first == "" || algorithm == "sha256" && !strings.HasPrefix(first, "sha256:") {
					first = digest
				}
			}
		}
		if first != "" {
			c.subject("the attestation", first)
		}
		return
	}
	_, payload := b.UnverifiedPayload()
	if signature, err := attest.ParseImageSignature(payload, nil); err == nil {
		c.subject("the signature", signature.Digest.String())
		c.repository("the signature", signature.Reference)
	}
}

// cosignVerify compares what cosign wrote when it verified an image: a list of the
// payloads of signatures.
func (c *aboutCheck) cosignVerify() {
	d := jsonstrict.NewBytes(c.d.data, jsonstrict.Options{})
	for d.Array(); d.Next(); {
		payload := d.Raw()
		if d.Err() != nil || len(c.problems) == mostProblems {
			break
		}
		signature, err := attest.ParseImageSignature(payload, nil)
		if err != nil {
			c.compared = true
			c.warn("is not what cosign writes: %v", err)
			continue
		}
		c.subject("what cosign verified", signature.Digest.String())
		c.repository("what cosign verified", signature.Reference)
	}
	if err := d.End(); err != nil {
		c.compared = true
		c.warn("cannot be read: %v", err)
	}
}

func (c *aboutCheck) reference() {
	ref, err := imageref.Parse(strings.TrimSpace(string(c.d.data)))
	if err != nil {
		return
	}
	c.compared = true
	if ref.Digest.IsZero() {
		c.warn("names the image by tag %s and no digest: a tag can move", textfmt.Quote(ref.Tag))
	} else {
		c.subject("the reference", ref.Digest.String())
	}
	c.repository("the reference", ref.Repository())
}

// manifest compares the digest of an image manifest, which is that of its bytes.
func (c *aboutCheck) manifest() {
	if c.s.Image == nil {
		return
	}
	c.compared = true
	h := c.s.Image.Digest.Algorithm().New()
	h.Write(c.d.data)
	got, err := evidence.NewDigest(c.s.Image.Digest.Algorithm(), h.Sum(nil))
	if err == nil && got != c.s.Image.Digest && !c.others[got.String()] {
		c.contradicts("the manifest has digest %s, image %s has %s", got, c.s.Name, c.s.Image.Digest)
	}
}

// imageNamed returns the image with the longest name that begins a file's name.
func (o *ownNames) imageNamed(file string) *manifest.Image {
	for name := path.Base(file); ; {
		if img := o.images[name]; img != nil {
			return img
		}
		i := strings.LastIndexByte(name, '.')
		if i < 0 {
			return nil
		}
		name = name[:i]
	}
}
