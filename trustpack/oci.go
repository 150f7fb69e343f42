// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"github.com/HailBytes/evidence/internal/jsonstrict"

	"github.com/HailBytes/evidence"
)

// describedBy returns the digests that an image manifest or index gives of the
// image: of its configuration, and of the manifests that it lists (OCI image
// specification v1.1, manifest.md and image-index.md). Of a file that can not be
// read it returns none: who asks is told by the check of that file.
func describedBy(oci []byte, l evidence.Limits) []string {
	d := jsonstrict.NewBytes(oci, jsonstrict.Options{Limits: l})
	var list []string
	descriptor := func() {
		for d.Object(); d.Next(); {
			if string(d.Key()) == "digest" {
				list = append(list, d.String())
			}
		}
	}
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "config":
			descriptor()
		case "manifests":
			for d.Array(); d.Next(); {
				descriptor()
			}
		}
	}
	if d.End() != nil {
		return nil
	}
	return list
}
