// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"cmp"
	"fmt"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/imageref"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// local is one image or container as docker inspect prints it.
type local struct {
	container   bool
	name        string
	id          evidence.Digest // of the image
	descriptor  evidence.Digest // of its manifest or index, where the store keeps it
	tags        []string
	repoDigests []string
}

// Local holds what is in the store of a container engine, or runs, against the release:
// the output of "docker image inspect" or "docker inspect" of containers. The engine is
// believed what it says of its own store. Name is the file's name.
//
// The checks are gate.local, one for each image or container.
func (g *Gate) Local(name string, data []byte) evidence.Checks {
	list, err := readLocal(data)
	if err != nil {
		return evidence.Checks{fail("gate.local", name, CodeLocal, "%v", err)}
	}
	if len(list) == 0 {
		return evidence.Checks{fail("gate.local", name, CodeEmpty, "no image and no container is listed")}
	}
	checks := make(evidence.Checks, len(list))
	for i := range list {
		checks[i] = g.local(&list[i])
	}
	return checks
}

func (g *Gate) local(l *local) evidence.Check {
	const id = "gate.local"
	what := "image"
	if l.container {
		what = "container"
	}
	subject := cmp.Or(l.name, l.id.String())
	img := g.byConfig[l.id]
	for _, d := range []evidence.Digest{l.id, l.descriptor} { // the containerd store has manifests as ids
		if img == nil && !d.IsZero() {
			img = g.byDigest[d]
		}
	}
	var pulled []imageref.Ref
	for _, text := range l.repoDigests {
		if ref, ok := parse(text); ok {
			pulled = append(pulled, ref)
		}
	}
	if img == nil {
		for _, ref := range pulled {
			own := g.byDigest[ref.Digest]
			switch {
			case own == nil:
			case len(own.Platforms) > 0 && len(own.Manifests) == 0:
				return fail(id, subject, CodeDigest, "%s has id %s, image %s of %s has %s", what, l.id, own.Name, g.release, own.Platforms[0].Config)
			default:
				img = own
			}
		}
	}
	if img != nil {
		for _, tag := range l.tags {
			if why := g.loadedAs(img, tag); why != "" {
				return fail(id, subject, CodeOtherImage, "%s", why)
			}
		}
		return pass(id, subject, "%s is image %s of %s", what, img.Name, g.release)
	}
	for _, t := range g.third {
		d := t.ref.Digest
		for _, ref := range pulled {
			if !d.IsZero() && ref.Digest == d && ref.Repository() == t.ref.Repository() {
				return pass(id, subject, "%s is %s, named by the policy", what, t.ref.Familiar())
			}
		}
		if !d.IsZero() && (d == l.id || d == l.descriptor) {
			return pass(id, subject, "%s is %s, named by the policy", what, t.ref.Familiar())
		}
		for _, tag := range l.tags {
			if ref, ok := parse(tag); ok && d.IsZero() && ref.Repository() == t.ref.Repository() && ref.Tag == t.ref.Tag {
				return pass(id, subject, "%s is named %s, as the policy allows", what, t.ref.Familiar())
			}
		}
	}
	return fail(id, subject, CodeUnknown, "%s with id %s is neither of %s nor named by the policy", what, l.id, g.release)
}

func parse(text string) (imageref.Ref, bool) {
	ref, err := imageref.Parse(text)
	return ref, err == nil
}

// readLocal reads a list of images, or of containers: these have "Image", the id of theirs.
func readLocal(data []byte) ([]local, error) {
	var list []local
	d := jsonstrict.NewBytes(data, jsonstrict.Options{})
	digest := func() evidence.Digest {
		text := d.String()
		out, err := evidence.ParseDigest(text)
		if err != nil && d.Err() == nil {
			d.Fail(d.Problem(CodeLocal, evidence.SeverityError, evidence.ErrFormat, "%v", err))
		}
		return out
	}
	texts := func() (out []string) {
		if d.Kind() == jsonstrict.Null {
			d.Null()
			return nil
		}
		for d.Array(); d.Next(); {
			out = append(out, d.String())
		}
		return out
	}
	for d.Array(); d.Next(); {
		var l local
		var own string // Id: of the image itself, or of the container
		for d.Object(); d.Next(); {
			switch string(d.Key()) {
			case "Id":
				own = d.String()
			case "Image":
				l.container, l.id = true, digest()
			case "Name":
				l.name = d.String()
			case "RepoTags":
				l.tags = texts()
			case "RepoDigests":
				l.repoDigests = texts()
			case "Descriptor", "ImageManifestDescriptor":
				if d.Kind() == jsonstrict.Null {
					d.Null()
					break
				}
				for d.Object(); d.Next(); {
					if string(d.Key()) == "digest" {
						l.descriptor = digest()
					} else {
						d.Skip()
					}
				}
			default:
				d.Skip()
			}
		}
		if d.Err() != nil {
			break
		}
		if !l.container {
			var err error
			if l.id, err = evidence.ParseDigest(own); err != nil {
				return nil, fmt.Errorf("entry %d is neither an image nor a container: its Id is %s", len(list)+1, textfmt.Quote(own))
			}
			if len(l.tags) > 0 {
				l.name = l.tags[0]
			}
		}
		list = append(list, l)
	}
	return list, d.End()
}
