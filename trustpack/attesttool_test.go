// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
)

// TestTool: a cosign with known flaws is a warning that names them, never a failure.
func TestTool(t *testing.T) {
	const signature = `{"Base64Signature":"AA==","Payload":"e30="}`
	for _, tt := range []struct {
		name string
		tool manifest.Tool
		want evidence.Status
		says string
	}{
		{"flawed", manifest.Tool{Name: "cosign", Version: "2.6.1"}, evidence.StatusWarn, "CVE-2026-22703"},
		{"flawed, with a v", manifest.Tool{Name: "cosign", Version: "v2.6.4"}, evidence.StatusWarn, "GHSA-fx35-mq7g-6g98"},
		{"fixed", manifest.Tool{Name: "cosign", Version: "2.6.5"}, evidence.StatusPass, "no flaw"},
		{"unknown version", manifest.Tool{Name: "cosign", Version: "devel"}, evidence.StatusSkip, "not a version 2"},
		{"another major version", manifest.Tool{Name: "cosign", Version: "3.0.2"}, evidence.StatusSkip, "not a version 2"},
		{"no version", manifest.Tool{Name: "cosign"}, evidence.StatusSkip, "which version of cosign"},
		{"another tool", manifest.Tool{Name: "gh", Version: "2.6.1"}, evidence.StatusSkip, "which version of cosign"},
	} {
		report := madeWith(t, tt.tool, signature)
		c := report.Check("attest.tool")
		if c == nil || c.Status != tt.want || !strings.Contains(c.Message, tt.says) {
			t.Errorf("%s: %+v", tt.name, c)
		}
		if report.Verdicts.Consistent != evidence.StatusPass {
			t.Errorf("%s: consistent %v", tt.name, report.Verdicts.Consistent)
		}
	}
	zip, _ := build(t, smallRelease, smallEvidence(), nil)
	if c := verify(t, open(t, zip), Policy{UnsafeNoProfile: true}).Check("attest.tool"); c != nil {
		t.Errorf("nothing is signed: %+v", c)
	}
}

// madeWith verifies the small pack with a signature that a tool made.
func madeWith(t *testing.T, tool manifest.Tool, signature string) *Report {
	t.Helper()
	files := smallEvidence()
	files["signatures/web.signature.json"] = &fstest.MapFile{Data: []byte(signature)}
	src, err := Sources(files)
	if err != nil {
		t.Fatal(err)
	}
	for i := range src {
		if src[i].Path == "signatures/web.signature.json" {
			src[i].Tool = tool
		}
	}
	var zip bytes.Buffer
	if _, err := Build(t.Context(), &zip, smallRelease, src, nil); err != nil {
		t.Fatal(err)
	}
	return verify(t, open(t, zip.Bytes()), Policy{UnsafeNoProfile: true})
}
