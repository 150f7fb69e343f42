// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/imageref"
	"github.com/HailBytes/evidence/internal/recognize"
	"github.com/HailBytes/evidence/manifest"
)

// examined is one source with what its content says.
type examined struct {
	src   Source           // its Open is all that is used of it later
	path  string           // src.Path
	says  recognize.Result // with what the source overrides
	about string           // name of the image, empty for none
	sum   evidence.Digest  // of the content
	size  int64
	hint  string // why a person might have expected more of the file than nothing; empty for none
	key   string // which kind of private key is in it, empty for none
}

// statesImages reports whether a file of this format can add an image to the
// release. Signatures and attestations speak about images that something else
// names: one of them that names another digest is for the verifier to judge.
func (e *examined) statesImages() bool {
	switch e.says.Format {
	case manifest.FormatSPDXJSON, manifest.FormatCycloneDXJSON, manifest.FormatSARIF, manifest.FormatTrivyJSON,
		manifest.FormatImageReference, manifest.FormatCosignVerify, manifest.FormatCosignSignature:
		return true
	}
	return false
}

// resolver finds the images of a release and the image of each file.
type resolver struct {
	images   []manifest.Image
	said     map[string]string   // by image name: which source gave the digest
	lists    map[string][]string // by digest of an image's manifest or index: what the file lists
	problems evidence.Problems
	warnings evidence.Problems
}

// resolveImages starts from the images that the caller gave, in whole or by name
// only, and completes and adds what the evidence names by reference and digest.
// Two sources that give one repository different digests are a problem, unless the
// image's own manifest or index lists the other digest.
func resolveImages(given []manifest.Image, files []examined) (*resolver, error) {
	r := &resolver{images: slices.Clone(given), said: map[string]string{}, lists: map[string][]string{}}
	indexes := map[string]bool{}
	for i := range files {
		if f := &files[i]; f.isOCI() {
			r.lists[f.sum.String()] = f.says.Lists
			indexes[f.sum.String()] = f.says.Format == manifest.FormatOCIIndex
		}
	}
	for _, img := range r.images {
		r.said[img.Name] = "the caller"
	}
	for _, index := range []bool{true, false} { // an index is the image, not one of the manifests that it lists
		for i := range files {
			f := &files[i]
			if !f.statesImages() {
				continue
			}
			for _, claim := range f.says.Images {
				if claim.Reference != "" && claim.Digest != "" && indexes[claim.Digest] == index {
					r.claim(claim, f.path)
				}
			}
		}
	}
	slices.SortFunc(r.images, func(a, b manifest.Image) int { return strings.Compare(a.Name, b.Name) })
	for i := range r.images {
		if img := &r.images[i]; img.Digest.IsZero() || img.Reference == "" {
			r.problems = append(r.problems, &evidence.Problem{
				Code: "build.image-incomplete", Severity: evidence.SeverityError, Path: img.Name, Err: evidence.ErrFormat,
				Message: "neither the caller nor the evidence gives reference and digest of this image",
			})
		}
	}
	for i := range files {
		r.attribute(&files[i])
	}
	for i := range files {
		r.compareManifest(&files[i])
	}
	r.problems.Sort()
	return r, r.problems.Err()
}

// claim takes what the file at path says of one image.
func (r *resolver) claim(c recognize.Image, path string) {
	digest, err := evidence.ParseDigest(c.Digest)
	repo := imageref.Repository(c.Reference)
	if err != nil || repo == "" {
		return
	}
	same := func(img *manifest.Image) bool { return imageref.Repository(img.Reference) == repo }
	if r.find(func(img *manifest.Image) bool { return same(img) && r.has(img, digest) }) != nil {
		return
	}
	name := lastComponent(repo)
	if mirrored := r.byDigest(c.Digest); mirrored != nil && lastComponent(imageref.Repository(mirrored.Reference)) == name {
		return
	}
	open := r.find(func(img *manifest.Image) bool {
		return img.Digest.IsZero() && (same(img) || img.Reference == "" && img.Name == name)
	})
	if open != nil {
		open.Reference, open.Digest = cmp.Or(open.Reference, c.Reference), digest
		r.said[open.Name] = path
		return
	}
	if have := r.find(same); have != nil {
		r.disagree(have, path, digest)
		return
	}
	img := manifest.Image{Name: r.nameFor(repo), Reference: c.Reference, Digest: digest}
	r.images = append(r.images, img)
	r.said[img.Name] = path
}

func (r *resolver) disagree(img *manifest.Image, path string, digest evidence.Digest) {
	r.problems = append(r.problems, &evidence.Problem{
		Code: "build.image-digest", Severity: evidence.SeverityError, Path: path, Err: evidence.ErrMismatch,
		Message: fmt.Sprintf("image %s has digest %s here and %s in %s", img.Name, digest, img.Digest, r.said[img.Name]),
	})
}

// nameFor returns the last component of the repository, or as many more as
// make it unlike the names that are there.
func (r *resolver) nameFor(repo string) string {
	parts := strings.Split(repo, "/")
	for n := 1; n <= len(parts); n++ {
		if name := imageName(parts[len(parts)-n:]); r.byName(name) == nil {
			return name
		}
	}
	return imageName(parts)
}

// imageName joins components of a repository to a name that may stand in a file's name.
func imageName(parts []string) string {
	return strings.NewReplacer(":", "-", "__", "_").Replace(strings.Join(parts, "-"))
}

func lastComponent(repo string) string {
	return imageName([]string{repo[strings.LastIndexByte(repo, '/')+1:]})
}

func (r *resolver) byName(name string) *manifest.Image {
	return r.find(func(img *manifest.Image) bool { return img.Name == name })
}

func (r *resolver) byRepository(reference string) *manifest.Image {
	repo := imageref.Repository(reference)
	return r.find(func(img *manifest.Image) bool { return repo != "" && imageref.Repository(img.Reference) == repo })
}

// byDigest returns the image with this digest, or else the only one whose own
// manifest or index lists it.
func (r *resolver) byDigest(digest string) *manifest.Image {
	if img := r.find(func(img *manifest.Image) bool { return img.Digest.String() == digest }); img != nil {
		return img
	}
	parsed, err := evidence.ParseDigest(digest)
	if err != nil {
		return nil
	}
	lists := func(img *manifest.Image) bool { return r.has(img, parsed) }
	found := r.find(lists)
	if r.find(func(img *manifest.Image) bool { return img != found && lists(img) }) != nil {
		return nil
	}
	return found
}

// has reports whether a digest is that of the image, or one that the image's own
// manifest or index lists.
func (r *resolver) has(img *manifest.Image, digest evidence.Digest) bool {
	return img.Digest == digest || slices.Contains(r.lists[img.Digest.String()], digest.String())
}

// isOCI reports whether the file is the manifest or index of an image.
func (e *examined) isOCI() bool {
	return e.says.Format == manifest.FormatOCIManifest || e.says.Format == manifest.FormatOCIIndex
}

func (r *resolver) find(is func(*manifest.Image) bool) *manifest.Image {
	for i := range r.images {
		if is(&r.images[i]) {
			return &r.images[i]
		}
	}
	return nil
}

// attribute decides which image a file is about: what the content says, then
// what the file's name says.
func (r *resolver) attribute(f *examined) {
	if f.about != "" {
		if r.byName(f.about) == nil {
			r.problems = append(r.problems, &evidence.Problem{
				Code: "build.image-unknown", Severity: evidence.SeverityError, Path: f.path, Err: evidence.ErrFormat,
				Message: fmt.Sprintf("is said to be about image %q, which the release does not have", f.about),
			})
		}
		return
	}
	byContent := r.contentImage(f)
	byName := r.nameImage(f.path)
	switch {
	case byContent != nil:
		f.about = byContent.Name
		if byName != nil && byName != byContent {
			r.warn(f.path, "is named for image %s, but its content is about %s", byName.Name, byContent.Name)
		}
	case byName != nil && aboutImages(f.says.Kind):
		f.about = byName.Name
		for _, claim := range f.says.Images {
			if claim.Digest != "" {
				r.warn(f.path, "is named for image %s, but its content is about %s", byName.Name, claim.Digest)
				break
			}
		}
	}
}

// contentImage returns the only image of the release that the content names, by
// digest before repository; nil where it names none or several.
func (r *resolver) contentImage(f *examined) *manifest.Image {
	one := func(find func(recognize.Image) *manifest.Image) *manifest.Image {
		var found *manifest.Image
		for _, claim := range f.says.Images {
			img := find(claim)
			if img != nil && found != nil && img != found {
				return nil
			}
			if img != nil {
				found = img
			}
		}
		return found
	}
	if img := one(func(c recognize.Image) *manifest.Image { return r.byDigest(c.Digest) }); img != nil {
		return img
	}
	if f.isOCI() {
		return r.byDigest(f.sum.String())
	}
	return one(func(c recognize.Image) *manifest.Image { return r.byRepository(c.Reference) })
}

// nameImage returns the image with the longest name that begins the file's name.
func (r *resolver) nameImage(file string) *manifest.Image {
	var found *manifest.Image
	base := path.Base(file)
	for i := range r.images {
		img := &r.images[i]
		if (base == img.Name || strings.HasPrefix(base, img.Name+".")) && (found == nil || len(img.Name) > len(found.Name)) {
			found = img
		}
	}
	return found
}

// aboutImages reports whether evidence of this kind is about one image, so that a file name may say which.
func aboutImages(k manifest.Kind) bool {
	switch k {
	case manifest.KindSBOM, manifest.KindScan, manifest.KindVEX, manifest.KindLicenseReport, manifest.KindSignature,
		manifest.KindCertificate, manifest.KindAttestation, manifest.KindImageManifest:
		return true
	}
	return false
}

// compareManifest holds an image manifest, whose digest is that of its bytes,
// against the image that its name says.
func (r *resolver) compareManifest(f *examined) {
	if !f.isOCI() {
		return
	}
	if img := r.byName(f.about); img != nil && !r.has(img, f.sum) {
		r.disagree(img, f.path, f.sum)
	}
}

func (r *resolver) warn(path, format string, args ...any) {
	r.warnings = append(r.warnings, &evidence.Problem{
		Code: "build.image", Severity: evidence.SeverityWarning, Path: path, Message: fmt.Sprintf(format, args...), Err: evidence.ErrMismatch,
	})
}

// sign fills in, from the files about it, whether an image is signed and what
// its signature claims. What the caller said is left alone.
func (r *resolver) sign(files []examined) {
	for i := range r.images {
		img := &r.images[i]
		if img.Signing.Status != "" {
			continue
		}
		s := manifest.Signing{Status: manifest.Unsigned}
		for j := range files {
			f := &files[j]
			if f.about != img.Name {
				continue
			}
			switch {
			case f.says.Kind == manifest.KindSignature && f.says.Format == manifest.FormatSigstoreBundle:
				if r.byDigest(digestOf(f)) == img && (s.Bundle == "" || f.says.Signer.Identity != "" && s.CertificateIdentity == "") {
					s.Bundle = f.path
					s.CertificateIdentity, s.CertificateOIDCIssuer = f.says.Signer.Identity, f.says.Signer.Issuer
				}
			case f.says.Kind == manifest.KindSignature && f.says.Format == manifest.FormatCosignSignature && s.Bundle == "":
				s.Bundle = f.path
			case f.says.Kind == manifest.KindCertificate && s.Certificate == "":
				s.Certificate = f.path
			}
		}
		if s.Bundle != "" {
			s.Status = manifest.Signed
			if cert := s.Certificate; cert != "" && s.CertificateIdentity == "" {
				k := slices.IndexFunc(files, func(f examined) bool { return f.path == cert })
				s.CertificateIdentity, s.CertificateOIDCIssuer = files[k].says.Signer.Identity, files[k].says.Signer.Issuer
			}
		} else {
			s = manifest.Signing{Status: manifest.Unsigned}
		}
		img.Signing = s
	}
}

// digestOf returns the one digest that a signature is about.
func digestOf(f *examined) string {
	for _, claim := range f.says.Images {
		if claim.Digest != "" {
			return claim.Digest
		}
	}
	return ""
}
