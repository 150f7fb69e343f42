// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
)

// TestCompletenessCountsEvidence: a file that is only declared to be the evidence which a
// profile asks for does not count, and the message names it; its nearest honest neighbour
// counts.
func TestCompletenessCountsEvidence(t *testing.T) {
	zip, _ := sample(t, "sat-1.205")
	const scan, licences, sbom = "scans/hailbytes-sat.trivy.sarif", "licenses/go-licenses.csv", "sbom/hailbytes-sat.cdx.json"
	for name, tt := range map[string]struct {
		edit func(map[string][]byte)
		want string // part of the message; empty where the release stays complete
	}{
		"as it is":             {func(map[string][]byte) {}, ""},
		"a text for a scan":    {func(f map[string][]byte) { f[scan] = []byte("no findings\n") }, scan + " does not count: it was not read as a scan"},
		"a scan without a run": {func(f map[string][]byte) { f[scan] = []byte(`{"version":"2.1.0","runs":[]}`) }, scan + " does not count: it reports no run"},
		"a scan of another tool": {func(f map[string][]byte) {
			f[scan] = bytes.ReplaceAll(f[scan], []byte(`"name": "Trivy"`), []byte(`"name": "Other"`))
		}, "of \"Other\""},
		"an empty licence report": {func(f map[string][]byte) { f[licences] = nil }, "was not read as a licence report"},
		"the licence of the product": {func(f map[string][]byte) {
			f[licences] = []byte("github.com/HailBytes/hailbytes-sat,https://x.example,MIT\n")
		}, "none of the Go modules"},
		"the licence of one module": {func(f map[string][]byte) {
			f[licences] = []byte("github.com/gorilla/mux,https://x.example,BSD-3-Clause\n")
		}, ""},
		"an SBOM that lists no packages": {func(f map[string][]byte) { f[sbom] = emptied(f[sbom]) }, "lists no package, and the scans name some"},
	} {
		t.Run(name, func(t *testing.T) {
			edited := edit(t, zip, func(f map[string][]byte) { tt.edit(f); relist(t, f) })
			c := verify(t, open(t, edited), Policy{}).Check("release.completeness")
			if (c.Status == evidence.StatusPass) != (tt.want == "") || !strings.Contains(c.Message+c.Problems.Error(), tt.want) {
				t.Errorf("%s: %s: %v", c.Status, c.Message, c.Problems)
			}
		})
	}
}

// emptied returns a CycloneDX document without its components and dependencies.
func emptied(data []byte) []byte {
	at := bytes.Index(data, []byte(`"components":[{"bom-ref":"pkg`))
	return append(bytes.Clone(data[:at]), []byte(`"components":[]}`)...)
}
