// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
)

// TestWeakened: what lets findings pass is named; a policy without it is not said to be weak.
func TestWeakened(t *testing.T) {
	for policy, want := range map[string]string{
		`{"findings":{"failOn":"critical"}}`:                                                     "",
		`{"findings":{"failOn":"critical","unsafeOnlyFixable":false}}`:                           "",
		`{"findings":{"failOn":"critical","unsafeOnlyFixable":true}}`:                            "unsafeOnlyFixable",
		`{"findings":{"failOn":"critical","unsafeOnlyFixable":true,"unsafePassUnknown":true}}`:   "unsafeOnlyFixable unsafePassUnknown",
		`{"findings":{"failOn":"critical","trustVEX":["vex/*.json"],"trustSuppressions":["T"]}}`: "trustSuppressions trustVEX",
		`{"tests":true}`: "",
	} {
		var got []string
		for _, c := range parseGate(t, policy).weakened() {
			if c.ID != "policy.weakened" || c.Status != evidence.StatusWarn {
				t.Errorf("%s: %s %s", policy, c.ID, c.Status)
			}
			for _, p := range c.Problems {
				name, _, _ := strings.Cut(p.Message, ":")
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", policy, got, want)
		}
	}
}

// TestGateSeesAllEvidence: what one document leaves out and another states is stated.
func TestGateSeesAllEvidence(t *testing.T) {
	manyReadings(t)
	sat, _ := sample(t, "sat-1.205", "sbom", "scans", "licenses", "source")
	asm, _ := sample(t, "asm-1.482", "sbom", "scans", "uat")
	const licences, sbom = "licenses/go-licenses.csv", "sbom/hailbytes-sat.cdx.json"
	without := func(data []byte, word string) []byte {
		var out [][]byte
		for line := range bytes.Lines(data) {
			if !bytes.Contains(line, []byte(word)) {
				out = append(out, line)
			}
		}
		return bytes.Join(out, nil)
	}
	for name, tt := range map[string]struct {
		zip    []byte
		policy string
		id     string
		edit   func(map[string][]byte)
		want   evidence.Status
	}{
		"licences as they are": {sat, `{"licenses":{"categories":{"network-copyleft":"deny","strong-copyleft":"allow","weak-copyleft":"allow","permissive":"allow"}}}`, "policy.licenses", func(map[string][]byte) {}, evidence.StatusWarn}, // licences of the base image to be reviewed
		"another licence in the SBOM": {sat, `{"licenses":{"categories":{"network-copyleft":"deny","strong-copyleft":"allow","weak-copyleft":"allow","permissive":"allow"}}}`, "policy.licenses", func(f map[string][]byte) {
			f[sbom] = bytes.Replace(f[sbom], []byte(`"name":"github.com/gorilla/mux"`), []byte(`"licenses":[{"license":{"id":"AGPL-3.0-only"}}],"name":"github.com/gorilla/mux"`), 1)
		}, evidence.StatusFail},
		"no row, a licence in the SBOM": {sat, `{"licenses":{"categories":{"network-copyleft":"deny","strong-copyleft":"allow","weak-copyleft":"allow","permissive":"allow"}}}`, "policy.licenses", func(f map[string][]byte) {
			f[licences] = without(f[licences], "gorilla/mux")
			f[sbom] = bytes.Replace(f[sbom], []byte(`"name":"github.com/gorilla/mux"`), []byte(`"licenses":[{"license":{"id":"AGPL-3.0-only"}}],"name":"github.com/gorilla/mux"`), 1)
		}, evidence.StatusFail},
		"tests": {asm, `{"tests":true}`, "policy.tests", func(map[string][]byte) {}, evidence.StatusPass},
		"a report in which no test ran": {asm, `{"tests":true}`, "policy.tests", func(f map[string][]byte) {
			for name := range f {
				if strings.HasSuffix(name, ".xml") {
					f[name] = []byte(`<testsuites><testsuite name="s" tests="1" skipped="1"><testcase classname="c" name="n"><skipped/></testcase></testsuite></testsuites>`)
				}
			}
		}, evidence.StatusFail},
	} {
		t.Run(name, func(t *testing.T) {
			edited := edit(t, tt.zip, func(f map[string][]byte) { tt.edit(f); relist(t, f) })
			c := worst(verify(t, open(t, edited), Policy{Gate: parseGate(t, tt.policy), UnsafeNoProfile: true}), tt.id)
			if c.Status != tt.want {
				t.Errorf("%s: %s", c.Status, c.Message)
			}
		})
	}
}
