// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest_test

import (
	"crypto/elliptic"
	"strings"
	"testing"

	"github.com/HailBytes/evidence/attest"
)

// TestProvenanceFacts: what both versions show.
func TestProvenanceFacts(t *testing.T) {
	const commit = "678c4d5240bab55a8a31af48cf83375da4255ea3"
	predicates := map[string]string{
		attest.ProvenanceV1: `{"buildDefinition":{"buildType":"https://actions.github.io/buildtypes/workflow/v1","externalParameters":{"workflow":{"ref":"refs/tags/v1.482","repository":"https://github.com/HailBytes/hailbytes-asm","path":".github/workflows/build.yml"}},` +
			`"resolvedDependencies":[{"uri":"git+https://github.com/other/base@refs/tags/v9","digest":{"gitCommit":"` + strings.Repeat("1", 40) + `"}},{"uri":"git+https://github.com/HailBytes/hailbytes-asm@refs/tags/v1.482","digest":{"gitCommit":"` + commit + `"}}]},` +
			`"runDetails":{"builder":{"id":"https://github.com/HailBytes/hailbytes-asm/.github/workflows/build.yml@refs/tags/v1.482"},"metadata":{"invocationId":"https://github.com/HailBytes/hailbytes-asm/actions/runs/1/attempts/1"}}}`,
		attest.ProvenanceV02: `{"builder":{"id":"https://github.com/slsa-framework/x@refs/tags/v1"},"buildType":"b","invocation":{"configSource":{"uri":"git+https://github.com/HailBytes/hailbytes-asm@refs/tags/v1.482","digest":{"sha1":"` + commit + `"}}}}`,
	}
	s := newSigner(t, elliptic.P256())
	for predicateType, predicate := range predicates {
		text := strings.Replace(strings.Replace(artifactStatement(), "https://example.com/p", predicateType, 1), `"predicate":{}`, `"predicate":`+predicate, 1)
		v, err := attest.Verify(t.Context(), parse(t, envelope(t, attest.PayloadType, text, s)), attest.BytesSubject(artifact), attest.AtLeast(1, s.Key()))
		if err != nil {
			t.Fatal(err)
		}
		f, err := v.Provenance()
		if err != nil {
			t.Fatal(err)
		}
		if f.Repository != "https://github.com/HailBytes/hailbytes-asm" || f.Ref != "refs/tags/v1.482" || f.Commit != commit || f.BuilderID == "" {
			t.Errorf("%s: %+v", predicateType, f)
		}
		// A plain key shows nothing about where the build ran.
		if f.Level != 1 || len(f.Contradictions) > 0 || !strings.Contains(f.String(), "consistent with SLSA Build level 1") {
			t.Errorf("%s: %s, %v", predicateType, f, f.Contradictions)
		}
	}
}
