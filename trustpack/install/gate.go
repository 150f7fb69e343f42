// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"fmt"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/imageref"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/trustpack"
	"github.com/HailBytes/evidence/trustpack/policy"
)

// Gate holds what is to be started against the images of one verified release. Make one
// with [New]. It is not safe for concurrent use.
type Gate struct {
	rules   policy.Install
	release string // "asm@1.482"
	version string
	pin     bool

	images   []trustpack.ImageDigests
	byRepo   map[string]*trustpack.ImageDigests
	byDigest map[evidence.Digest]*trustpack.ImageDigests // of manifests and indexes
	byConfig map[evidence.Digest]*trustpack.ImageDigests
	third    []thirdParty
	mirrors  map[string]string
	pinned   []pin
}

type thirdParty struct {
	ref  imageref.Ref
	text string
}

// Options are what New is given beside the release. Nil and the zero value are the
// strictest: no other images than those of the release.
type Options struct {
	Rules policy.Install

	// Pin accepts services whose image is named by the release's own tag without a digest,
	// for the caller then deploys with the file that [Gate.Lock] makes.
	Pin bool
}

// New returns the gate of the release that a report is about. The report must hold: a
// pack that does not vouches for nothing.
func New(r *trustpack.Report, o *Options) (*Gate, error) {
	if err := r.Err(); err != nil {
		return nil, fmt.Errorf("install: the pack does not hold: %w", err)
	}
	if o == nil {
		o = &Options{}
	}
	g := &Gate{
		rules: o.Rules, pin: o.Pin, release: r.Product + "@" + r.Version, version: r.Version, images: r.Images,
		mirrors: map[string]string{},
		byRepo:  map[string]*trustpack.ImageDigests{}, byDigest: map[evidence.Digest]*trustpack.ImageDigests{}, byConfig: map[evidence.Digest]*trustpack.ImageDigests{},
	}
	for i := range g.images {
		img := &g.images[i]
		if repo := imageref.Repository(img.Reference); repo != "" {
			g.byRepo[repo] = img
		}
		for _, d := range append([]evidence.Digest{img.Digest}, img.Manifests...) {
			g.byDigest[d] = img
		}
		for _, p := range img.Platforms {
			g.byConfig[p.Config] = img
		}
	}
	for from, of := range o.Rules.Mirrors {
		g.mirrors[prefix(from)] = prefix(of)
	}
	for _, text := range slices.Concat(o.Rules.ThirdParty, o.Rules.UnsafeThirdPartyTags) {
		ref, err := imageref.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("install: third-party image: %w", err)
		}
		if ref.Digest.IsZero() && ref.Tag == "" {
			return nil, fmt.Errorf("install: third-party image %s has neither digest nor tag", textfmt.Quote(text))
		}
		g.third = append(g.third, thirdParty{ref, text})
	}
	return g, nil
}

// prefix returns a repository, or the beginning of one, as references have it. A registry
// alone is a beginning, too.
func prefix(text string) string {
	if !strings.Contains(text, "/") && strings.ContainsAny(text, ".:") {
		return strings.ToLower(text)
	}
	return imageref.Repository(text)
}

// The codes of the reasons for which something is not to be started.
const (
	CodeReference  = "gate.reference"   // not an image reference
	CodeVariable   = "gate.variable"    // a variable without a value decides which image it is
	CodeFloating   = "gate.floating"    // an image of the release without a digest
	CodeDigest     = "gate.digest"      // an image of the release with another digest than the release has
	CodeOtherImage = "gate.other-image" // ... with the digest of another image of the release
	CodeTag        = "gate.tag"         // ... with a tag beside the digest that is not of the release
	CodeRepository = "gate.repository"  // an image of the release under a repository that is neither its own nor a mirror
	CodeThirdParty = "gate.third-party" // an image that the policy names, with another digest or tag
	CodeUnknown    = "gate.unknown"     // neither an image of the release nor one that the policy names
	CodeBuild      = "gate.build"       // built where it is deployed
	CodeProvider   = "gate.provider"    // provided by an external program
	CodeWatch      = "gate.watch"       // its files are replaced while it runs
	CodeRemote     = "gate.remote"      // a part of the deployment is fetched from elsewhere
	CodeCompose    = "gate.compose"     // not a compose file
	CodeEmpty      = "gate.empty"       // nothing is named
	CodeArchive    = "gate.archive"     // an archive that contradicts itself, or is none
	CodeLocal      = "gate.local"       // not what docker inspect prints
)

// References holds image references against the release: one check gate.image for each.
// Subject names where they come from.
func (g *Gate) References(subject string, refs []string) evidence.Checks {
	if len(refs) == 0 {
		return evidence.Checks{fail("gate.image", subject, CodeEmpty, "no image is named")}
	}
	checks := make(evidence.Checks, len(refs))
	for i, text := range refs {
		checks[i] = g.reference(subject, text)
	}
	return checks
}

// reference judges one reference.
func (g *Gate) reference(subject, text string) evidence.Check {
	const id = "gate.image"
	ref, err := imageref.Parse(text)
	if err != nil {
		return fail(id, subject, CodeReference, "%v", err)
	}
	img := g.own(ref)
	if img == nil {
		return g.foreign(subject, ref)
	}
	switch is := g.byDigest[ref.Digest]; {
	case ref.Digest.IsZero():
		return fail(id, subject, CodeFloating, "%s is image %s of %s without a digest: want %s@%s", ref.Familiar(), img.Name, g.release, ref.Repository(), img.Digest)
	case is == nil:
		return fail(id, subject, CodeDigest, "%s is not in %s: its image %s has digest %s", ref.Familiar(), g.release, img.Name, img.Digest)
	case is != img:
		return fail(id, subject, CodeOtherImage, "%s names image %s, with the digest of image %s", ref.Familiar(), img.Name, is.Name)
	case ref.Tag != "" && !g.ownTag(img, ref.Tag):
		return fail(id, subject, CodeTag, "%s has the digest of %s, but a tag that is not of this release", ref.Familiar(), g.release)
	case ref.Digest != img.Digest:
		return pass(id, subject, "%s: image %s of %s, one platform of it", ref.Familiar(), img.Name, g.release)
	}
	return pass(id, subject, "%s: image %s of %s", ref.Familiar(), img.Name, g.release)
}

// own returns the image of the release that a reference names by its repository, or by
// that of a mirror; nil for none.
func (g *Gate) own(ref imageref.Ref) *trustpack.ImageDigests {
	repo := ref.Repository()
	if img := g.byRepo[repo]; img != nil {
		return img
	}
	for prefix := repo; prefix != ""; prefix = prefix[:max(strings.LastIndexByte(prefix, '/'), 0)] {
		if of, ok := g.mirrors[prefix]; ok { // the longest that fits
			return g.byRepo[of+repo[len(prefix):]]
		}
	}
	return nil
}

// ownTag reports whether a tag is that of the image in this release.
func (g *Gate) ownTag(img *trustpack.ImageDigests, tag string) bool {
	ref, err := imageref.Parse(img.Reference)
	return err == nil && ref.Tag == tag || tag == g.version || tag == "v"+g.version
}

// foreign judges a reference to an image that is not of the release.
func (g *Gate) foreign(subject string, ref imageref.Ref) evidence.Check {
	const id = "gate.image"
	if img := g.byDigest[ref.Digest]; img != nil && !ref.Digest.IsZero() {
		return fail(id, subject, CodeRepository, "%s has the digest of image %s of %s, whose repository is %s: the policy names no such mirror",
			ref.Familiar(), img.Name, g.release, imageref.Repository(img.Reference))
	}
	var wants []string
	for _, t := range g.third {
		if t.ref.Repository() != ref.Repository() {
			continue
		}
		if t.allows(ref) {
			return pass(id, subject, "%s: named by the policy", ref.Familiar())
		}
		wants = append(wants, t.text)
	}
	if wants != nil {
		return fail(id, subject, CodeThirdParty, "%s is not what the policy names: %s", ref.Familiar(), textfmt.Clip(strings.Join(wants, ", "), 400))
	}
	return fail(id, subject, CodeUnknown, "%s is neither an image of %s nor named by the policy under install", ref.Familiar(), g.release)
}

// allows reports whether a reference to the same repository is what the rule names.
func (t *thirdParty) allows(ref imageref.Ref) bool {
	if t.ref.Digest.IsZero() {
		return ref.Tag == t.ref.Tag
	}
	return ref.Digest == t.ref.Digest && (ref.Tag == "" || t.ref.Tag == "" || ref.Tag == t.ref.Tag)
}

func pass(id, subject, format string, args ...any) evidence.Check {
	return evidence.Check{ID: id, Subject: subject, Status: evidence.StatusPass, Message: fmt.Sprintf(format, args...)}
}

func fail(id, subject, code, format string, args ...any) evidence.Check {
	class := evidence.ErrPolicy
	switch code {
	case CodeReference, CodeCompose, CodeArchive, CodeLocal:
		class = evidence.ErrFormat
	case CodeDigest, CodeOtherImage:
		class = evidence.ErrMismatch
	}
	return evidence.Judge(id, subject, evidence.Problems{{
		Code: code, Severity: evidence.SeverityError, Err: class, Message: fmt.Sprintf(format, args...),
	}}, "")
}
