// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack/page"
)

// renderIndex returns index.html.
func renderIndex(d *page.Data) ([]byte, error) {
	var out bytes.Buffer
	err := page.Render(&out, d)
	return out.Bytes(), err
}

// indexFile is the manifest's entry for the page.
func indexFile(page []byte) manifest.File {
	return manifest.File{
		Path: IndexName, SHA256: evidence.Sum256(page), Size: int64(len(page)),
		MediaType: manifest.FormatHTML.MediaType(), Kind: manifest.KindIndex, Format: manifest.FormatHTML,
	}
}
