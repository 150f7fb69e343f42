// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"slices"

	"github.com/HailBytes/evidence"
)

// ImageDigests is one image of a release by every digest under which it can be met:
// in a deployment, in an archive, or in the store of a container engine. All but Digest
// come from the image manifests and indexes in the pack, along a chain of digests that
// begins with Digest.
type ImageDigests struct {
	Name      string // that the manifest of the pack gives it
	Reference string
	Digest    evidence.Digest   // of its manifest or index
	Manifests []evidence.Digest // that its index lists
	Platforms []PlatformDigests // of which the pack has the manifest
}

// PlatformDigests is what the manifest of an image for one platform names.
type PlatformDigests struct {
	Config evidence.Digest   // of its configuration: the image id
	Layers []evidence.Digest // as the registry has them, mostly compressed
}

// images returns the images that the manifest lists.
func (r *Release) images() []ImageDigests {
	list := make([]ImageDigests, len(r.Manifest.Images))
	for i := range r.Manifest.Images {
		img := &r.Manifest.Images[i]
		list[i] = ImageDigests{Name: img.Name, Reference: img.Reference, Digest: img.Digest}
		if s := r.Subject(img.Name); s != nil {
			list[i].follow(s.Documents)
		}
	}
	return list
}

// follow takes what the image's own manifest or index says, and then the manifests that
// the index lists.
func (d *ImageDigests) follow(docs []*Document) {
	described := func(digest evidence.Digest) *oci {
		i := slices.IndexFunc(docs, func(doc *Document) bool { return doc.image != nil && doc.File.SHA256 == digest })
		if i < 0 {
			return nil
		}
		return docs[i].image
	}
	take := func(m *oci) {
		if !m.config.IsZero() {
			d.Platforms = append(d.Platforms, PlatformDigests{m.config, m.layers})
		}
	}
	own := described(d.Digest)
	if own == nil {
		return
	}
	take(own)
	for _, m := range own.manifests {
		d.Manifests = append(d.Manifests, m.digest)
		if platform := described(m.digest); platform != nil {
			take(platform)
		}
	}
}
