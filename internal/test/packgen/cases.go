// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package packgen

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

// Case is one archive and what a reader must say of it.
type Case struct {
	Name        string // lower case, words joined by "-"; unique
	Description string // what is done, for a person
	Code        string // the rule that refuses it; empty if it is accepted
	Class       string // of the code: format, unsupported, limit, unsafe or mismatch
	Canonical   bool   // accepted, and just as the module's own writer makes it
	Data        []byte
}

// Cases returns every case, grouped by the part of the archive that is bad.
// All archives hold a MANIFEST.json that is right about the entries meant to
// be there, so that nothing but the archive is wrong.
func Cases() []Case {
	groups := [][]Case{
		endCases(), zip64Cases(), directoryCases(), tilingCases(), mismatchCases(), featureCases(), descriptorCases(),
		extraCases(), typeCases(), nameCases(), collisionCases(), limitCases(), contentCases(), goodCases(),
	}
	return slices.Concat(groups...)
}

// classes is the class of each code.
var classes = map[string]string{
	"archive.end": "format", "archive.comment": "unsafe", "archive.disks": "unsupported", "archive.zip64": "mismatch",
	"archive.directory": "format", "archive.count": "mismatch", "archive.prefix": "unsafe", "archive.gap": "unsafe",
	"archive.overlap": "unsafe", "archive.local": "format", "archive.descriptor": "mismatch",
	"archive.name-mismatch": "mismatch", "archive.method-mismatch": "mismatch", "archive.flags-mismatch": "mismatch",
	"archive.crc-mismatch": "mismatch", "archive.size-mismatch": "mismatch", "archive.time-mismatch": "mismatch",
	"archive.version-mismatch": "mismatch", "archive.encrypted": "unsupported", "archive.patch": "unsupported",
	"archive.flags": "unsupported", "archive.method": "unsupported", "archive.version": "unsupported",
	"archive.extra": "unsafe", "archive.creator": "unsupported", "archive.attributes": "unsupported",
	"archive.type": "unsafe", "archive.mode": "unsafe", "archive.folder": "unsafe",
	"archive.entries": "limit", "archive.entry-size": "limit", "archive.total-size": "limit", "archive.ratio": "limit",
	"archive.name-encoding": "unsafe", "archive.name-length": "limit", "archive.name-component": "limit",
	"archive.name-depth": "limit", "archive.deflate": "format", "archive.trailing": "unsafe",
	"archive.length": "mismatch", "archive.checksum": "mismatch",
}

func refused(name, code, description string, z *Zip) Case {
	class, ok := classes[code]
	if !ok && strings.HasPrefix(code, "archive.name-") {
		class = "unsafe"
	}
	return Case{Name: name, Description: description, Code: code, Class: class, Data: z.Bytes()}
}

func accepted(name, description string, z *Zip) Case {
	return Case{Name: name, Description: description, Data: z.Bytes()}
}

// Entries of base: the manifest, one deflated and one stored file.
const (
	first = iota
	packed
	plain
)

const (
	packedText = "evidence evidence evidence evidence evidence\n"
	plainText  = "as it is\n"
)

// base returns a small pack.
func base(more ...*Entry) *Zip {
	return Pack(append([]*Entry{Deflated("notes/a.txt", packedText), Stored("notes/b.txt", plainText)}, more...)...)
}

// lie returns base after f made it untrue.
func lie(name, code, description string, f func(z *Zip)) Case {
	z := base()
	f(z)
	return refused(name, code, description, z)
}

// shape returns base after f changed what it consists of, laid out again.
func shape(name, code, description string, f func(z *Zip)) Case {
	return lie(name, code, description, func(z *Zip) {
		f(z)
		z.Layout()
	})
}

// Pack returns an archive of a manifest and these entries, in this order.
func Pack(entries ...*Entry) *Zip {
	m := Deflated("MANIFEST.json", Manifest(entries...))
	return New(append([]*Entry{m}, entries...)...)
}

// Manifest returns the text of a MANIFEST.json that lists the files among entries.
func Manifest(entries ...*Entry) string {
	var files []string
	sorted := slices.Clone(entries)
	slices.SortFunc(sorted, func(a, b *Entry) int { return strings.Compare(a.Central.Name, b.Central.Name) })
	for _, e := range sorted {
		if strings.HasSuffix(e.Central.Name, "/") {
			continue
		}
		files = append(files, fmt.Sprintf(manifestFile, jsonString(e.Central.Name), sha256.Sum256([]byte(e.Content)), len(e.Content)))
	}
	list := "[]"
	if len(files) > 0 {
		list = "[\n" + strings.Join(files, ",\n") + "\n  ]"
	}
	return fmt.Sprintf(manifestText, list)
}

const manifestFile = `    {
      "kind": "other",
      "mediaType": "application/octet-stream",
      "path": %s,
      "sha256": "%x",
      "size": %d
    }`

const manifestText = `{
  "artifacts": [],
  "files": %s,
  "gaps": [],
  "images": [],
  "product": "sample",
  "release": {
    "created": "2026-11-22T21:30:06Z",
    "tag": "v1.1"
  },
  "schema": "https://hailbytes.com/schemas/trust-pack/manifest/v1",
  "version": "1.1"
}
`
