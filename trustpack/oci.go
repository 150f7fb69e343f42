// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
)

// oci is what an image manifest or index says of the image (OCI image specification
// v1.1, manifest.md and image-index.md).
type oci struct {
	config    evidence.Digest   // of a manifest; zero for an index
	manifests []evidence.Digest // that an index lists
}

func readOCI(data []byte, l evidence.Limits) (*oci, error) {
	l = l.OrDefault()
	d := jsonstrict.NewBytes(data, jsonstrict.Options{Limits: l})
	m := &oci{}
	descriptor := func() (digest evidence.Digest) {
		for d.Object(); d.Next(); {
			if string(d.Key()) != "digest" {
				continue
			}
			var err error
			if digest, err = evidence.ParseDigest(d.String()); err != nil {
				d.Fail(d.Problem("oci.digest", evidence.SeverityError, evidence.ErrFormat, "%v", err))
			}
		}
		return digest
	}
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "config":
			m.config = descriptor()
		case "manifests":
			for d.Array(); d.Next(); {
				if len(m.manifests) == l.Subjects {
					d.Fail(d.Problem("oci.limit", evidence.SeverityError, evidence.ErrLimit, "more than %d manifests", l.Subjects))
					break
				}
				m.manifests = append(m.manifests, descriptor())
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
	for _, d := range append(m.manifests, m.config) {
		if !d.IsZero() {
			list = append(list, d.String())
		}
	}
	return list
}
