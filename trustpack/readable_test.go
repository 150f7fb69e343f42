// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"context"
	"testing"
	"testing/fstest"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
)

// TestVerifyReadable: what cannot be read and what is not listed fails, a sound pack does
// not, and neither is a pass of what was not compared.
func TestVerifyReadable(t *testing.T) {
	const sarif = `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"Trivy"}},"results":[]}]}`
	for _, test := range []struct {
		name, product, text string
		readable            evidence.Status
		consistent          evidence.Status
	}{
		{"sound", "demo", sarif, evidence.StatusPass, evidence.StatusSkip},
		{"not readable, no profile asks", "demo", sarif[:40], evidence.StatusWarn, evidence.StatusSkip},
		{"not readable, a profile asks", "asm", sarif[:40], evidence.StatusFail, evidence.StatusFail},
	} {
		t.Run(test.name, func(t *testing.T) {
			var zip bytes.Buffer
			config := manifest.Config{Product: test.product, Version: "1.7", Release: manifest.Release{Created: time.Unix(1_764_000_000, 0)}, Files: []manifest.FileRule{
				{Glob: "scans/web.sarif", Kind: manifest.KindScan, Format: manifest.FormatSARIF},
			}}
			files := fstest.MapFS{"scans/web.sarif": {Data: []byte(test.text)}}
			if _, err := BuildFS(context.Background(), &zip, config, files, nil); err != nil {
				t.Fatal(err)
			}
			p, err := Open(bytes.NewReader(zip.Bytes()), int64(zip.Len()), nil)
			if err != nil {
				t.Fatal(err)
			}
			r, err := VerifyReadable(context.Background(), p, "")
			if err != nil {
				t.Fatal(err)
			}
			if c := r.Check("scan.readable"); c == nil || c.Status != test.readable {
				t.Errorf("scan.readable: %+v, want %s", c, test.readable)
			}
			if r.Verdicts.Consistent != test.consistent || r.Release == nil || r.SHA256 != evidence.Sum256(zip.Bytes()).Hex() {
				t.Errorf("%+v, %s", r.Verdicts, r.SHA256)
			}
			if c := r.Check("archive.canonical"); c == nil || c.Status != evidence.StatusSkip {
				t.Errorf("archive.canonical: %+v", c)
			}
		})
	}
}
