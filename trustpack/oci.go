// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
)

// oci is what an image manifest or index says of the image (OCI image specification
// v1.1, manifest.md and image-index.md).
type oci struct {
	config    evidence.Digest // of a manifest; zero for an index
	layers    []evidence.Digest
	manifests []ociManifest // that an index lists
}

// ociManifest is a manifest that an index lists. The platform is "linux/arm64/v8"; empty
// where none is stated, and for what BuildKit lists beside images: "unknown/unknown".
type ociManifest struct {
	digest   evidence.Digest
	platform string
}

// runsOn reports whether a manifest may be the one for a platform. A variant counts where
// both state one.
func (m *ociManifest) runsOn(platform string) bool {
	a, b := strings.Split(m.platform, "/"), strings.Split(platform, "/")
	n := min(len(a), len(b))
	return platform == "" || n >= 2 && slices.Equal(a[:n], b[:n])
}

func readOCI(data []byte, l evidence.Limits) (*oci, error) {
	l = l.OrDefault()
	d := jsonstrict.NewBytes(data, jsonstrict.Options{Limits: l})
	m := &oci{}
	platform := func() string {
		var system, architecture, variant string
		for d.Object(); d.Next(); {
			switch string(d.Key()) {
			case "os":
				system = d.String()
			case "architecture":
				architecture = d.String()
			case "variant":
				variant = d.String()
			}
		}
		text := system + "/" + architecture
		switch {
		case text == "/" || text == "unknown/unknown":
			return ""
		case variant != "":
			text += "/" + variant
		}
		return text
	}
	descriptor := func() (desc ociManifest) {
		for d.Object(); d.Next(); {
			switch string(d.Key()) {
			case "digest":
				var err error
				if desc.digest, err = evidence.ParseDigest(d.String()); err != nil {
					d.Fail(d.Problem("oci.digest", evidence.SeverityError, evidence.ErrFormat, "%v", err))
				}
			case "platform":
				desc.platform = platform()
			}
		}
		return desc
	}
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "config":
			m.config = descriptor().digest
		case "layers":
			for d.Array(); d.Next(); {
				if len(m.layers) == l.Subjects {
					d.Fail(d.Problem("oci.limit", evidence.SeverityError, evidence.ErrLimit, "more than %d layers", l.Subjects))
					break
				}
				m.layers = append(m.layers, descriptor().digest)
			}
		case "manifests":
			for d.Array(); d.Next(); {
				if len(m.manifests) == l.Subjects {
					d.Fail(d.Problem("oci.limit", evidence.SeverityError, evidence.ErrLimit, "more than %d manifests", l.Subjects))
					break
				}
				if desc := descriptor(); !desc.digest.IsZero() {
					m.manifests = append(m.manifests, desc)
				}
			}
		}
	}
	if err := d.End(); err != nil {
		return nil, err
	}
	return m, nil
}

// describedBy returns the digests that an image manifest or index gives of the
// image: of its configuration, and of the manifests that it lists. Of a file that
// cannot be read it returns none: the check of that file reports it.
func describedBy(data []byte, l evidence.Limits) []string {
	m, err := readOCI(data, l)
	if err != nil {
		return nil
	}
	var list []string
	for _, desc := range m.manifests {
		list = append(list, desc.digest.String())
	}
	if !m.config.IsZero() {
		list = append(list, m.config.String())
	}
	return list
}
