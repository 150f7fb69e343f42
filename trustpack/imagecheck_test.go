// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/manifest"
)

// signedAbout returns a file with a statement about a digest.
func signedAbout(t *testing.T, s attest.PayloadSigner, d evidence.Digest, predicateType string, predicate any) evidenceFile {
	t.Helper()
	statement, err := attest.NewStatement([]attest.ResourceDescriptor{{Digest: attest.DigestSet{string(d.Algorithm()): d.Hex()}}}, predicateType, predicate)
	if err != nil {
		t.Fatal(err)
	}
	data, err := attest.Sign(t.Context(), s, statement)
	if err != nil {
		t.Fatal(err)
	}
	return evidenceFile{path: "a.json", data: func() ([]byte, error) { return data, nil }}
}

func TestCheckImage(t *testing.T) {
	s, stranger := newSigner(t), newSigner(t)
	amd64, arm64, provenance := evidence.Sum256([]byte("amd64")), evidence.Sum256([]byte("arm64")), evidence.Sum256([]byte("provenance"))
	listed := func(d evidence.Digest, system, architecture string) string {
		return `{"digest":"` + d.String() + `","platform":{"os":"` + system + `","architecture":"` + architecture + `"}}`
	}
	index := []byte(`{"manifests":[` + listed(amd64, "linux", "amd64") + "," + listed(arm64, "linux", "arm64") + "," + listed(provenance, "unknown", "unknown") + `]}`)
	plain := []byte(`{"manifests":[{"digest":"` + amd64.String() + `"}]}`)
	sum := func(a evidence.Algorithm, data []byte) evidence.Digest {
		h := a.New()
		h.Write(data)
		d, err := evidence.NewDigest(a, h.Sum(nil))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	about := func(d evidence.Digest) evidenceFile {
		return signedAbout(t, s, d, "https://example.com/p", struct{}{})
	}
	tests := []struct {
		name   string
		change func(*imageEvidence)
		id     string
		status evidence.Status
		says   string
	}{
		{"platform", func(i *imageEvidence) { i.attestations = []evidenceFile{about(amd64)} }, checkSubject, evidence.StatusPass, "for one platform, linux/amd64"},
		{"one of two platforms", func(i *imageEvidence) { i.attestations = []evidenceFile{about(amd64)} }, checkSubject, evidence.StatusWarn, "for linux/arm64"},
		{"one of two platforms is present", func(i *imageEvidence) { i.attestations = []evidenceFile{about(amd64)} }, checkPresent, evidence.StatusPass, "present"},
		{"both platforms", func(i *imageEvidence) { i.attestations = []evidenceFile{about(amd64), about(arm64)} }, checkSubject, 0, "no attestation that holds"},
		{"stated platform", func(i *imageEvidence) { i.platform, i.attestations = "linux/arm64/v8", []evidenceFile{about(arm64)} }, checkPresent, evidence.StatusPass, "present"},
		{"stated platform alone", func(i *imageEvidence) { i.platform, i.attestations = "linux/arm64/v8", []evidenceFile{about(arm64)} }, checkSubject, 0, "no attestation that holds"},
		{"another platform", func(i *imageEvidence) { i.platform, i.attestations = "linux/arm64", []evidenceFile{about(amd64)} }, checkPresent, evidence.StatusFail, "none of the attestations"},
		{"beside the images", func(i *imageEvidence) { i.platform, i.attestations = "linux/arm64", []evidenceFile{about(provenance)} }, checkPresent, evidence.StatusFail, "none of the attestations"},
		{"index that states no platform", func(i *imageEvidence) {
			i.digest, i.oci, i.platform, i.attestations = evidence.Sum256(plain), plain, "linux/arm64", []evidenceFile{about(amd64)}
		}, checkPresent, evidence.StatusPass, "present"},
		{"index", func(i *imageEvidence) { i.attestations = []evidenceFile{about(i.digest)} }, checkSubject, evidence.StatusPass, "the image's index"},
		{"index alone", func(i *imageEvidence) { i.attestations = []evidenceFile{about(i.digest)} }, checkSubject, 0, "no attestation that holds"},
		{"index by SHA-512", func(i *imageEvidence) {
			i.digest, i.attestations = sum(evidence.SHA512, index), []evidenceFile{about(amd64)}
		}, checkPresent, evidence.StatusPass, "present"},
		{"index by SHA-384", func(i *imageEvidence) {
			i.digest = sum(evidence.SHA384, index)
			i.attestations = []evidenceFile{about(i.digest)}
		}, checkPresent, evidence.StatusPass, "present"},
		{"another index by SHA-512", func(i *imageEvidence) {
			i.digest, i.attestations = sum(evidence.SHA512, plain), []evidenceFile{about(amd64)}
		}, checkSubject, evidence.StatusFail, "digest of the image's manifest"},
		{"another image", func(i *imageEvidence) { i.attestations = []evidenceFile{about(evidence.Sum256(nil))} }, checkSubject, evidence.StatusFail, "no subject"},
		{"absent", func(i *imageEvidence) {}, checkPresent, evidence.StatusFail, "no attestation"},
		{"declared", func(i *imageEvidence) {
			i.gaps = []manifest.Gap{{Kind: manifest.KindImageSigning, Reason: "planned"}}
		}, checkPresent, evidence.StatusSkip, "declared absent: planned"},
		{"unreadable", func(i *imageEvidence) {
			i.attestations = []evidenceFile{{path: "a.json", data: func() ([]byte, error) { return nil, errors.New("any error") }}}
		}, checkReadable, evidence.StatusError, "any error"},
		{"wrong manifest", func(i *imageEvidence) { i.oci = []byte(`{}`) }, checkSubject, evidence.StatusFail, "digest of the image's manifest"},
		{"failed test", func(i *imageEvidence) {
			i.attestations = []evidenceFile{signedAbout(t, s, i.digest, attest.TestResultV01, map[string]any{"result": "FAILED", "configuration": []any{}})}
		}, checkPresent, evidence.StatusFail, "none of the attestations"},
		{"passed test", func(i *imageEvidence) {
			i.attestations = []evidenceFile{signedAbout(t, s, i.digest, attest.TestResultV01, map[string]any{"result": "PASSED", "configuration": []any{}})}
		}, checkPresent, evidence.StatusPass, "present"},
		{"stranger", func(i *imageEvidence) {
			i.attestations = []evidenceFile{signedAbout(t, stranger, i.digest, "https://example.com/p", struct{}{})}
		}, checkSignature, evidence.StatusFail, "not by key"},
		{"another key beside", func(i *imageEvidence) {
			by := signedAbout(t, stranger, i.digest, "https://example.com/p", struct{}{})
			by.byAnother = true
			i.attestations = []evidenceFile{by, about(i.digest)}
		}, checkSignature, evidence.StatusWarn, "by another key"},
		{"another key alone", func(i *imageEvidence) {
			by := signedAbout(t, stranger, i.digest, "https://example.com/p", struct{}{})
			by.byAnother = true
			i.attestations = []evidenceFile{by}
		}, checkPresent, evidence.StatusFail, "none of the attestations"},
		{"forty in one file", func(i *imageEvidence) {
			line, err := about(i.digest).data()
			if err != nil {
				t.Fatal(err)
			}
			i.attestations = []evidenceFile{{path: "a.json", data: func() ([]byte, error) { return bytes.Repeat(line, 40), nil }}}
		}, checkPresent, evidence.StatusPass, "present"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			img := &imageEvidence{name: "web", digest: evidence.Sum256(index), oci: index}
			tt.change(img)
			checks := checkImage(t.Context(), img, []attest.Verifier{s.Key()}, evidence.Limits{}.OrDefault())
			found := slices.IndexFunc(checks, func(c evidence.Check) bool {
				return c.ID == tt.id && (tt.status == 0 || c.Status == tt.status) && strings.Contains(c.Message, tt.says)
			})
			if (found >= 0) != (tt.status != 0) {
				t.Errorf("want %s %v %q in %+v", tt.id, tt.status, tt.says, checks)
			}
		})
	}
}

// TestCompareProvenance: each fact of the release that differs is one error.
func TestCompareProvenance(t *testing.T) {
	commit := strings.Repeat("6", 40)
	release := manifest.Release{Tag: "v1.482", Commit: commit, Repository: "https://github.com/HailBytes/hailbytes-asm"}
	f := &attest.Provenance{Repository: release.Repository, Ref: "refs/tags/v1.482", Commit: commit}
	if errs := compareProvenance(f, release); len(errs) > 0 {
		t.Error(errs)
	}
	for what, change := range map[string]func(*manifest.Release){
		"commit":     func(r *manifest.Release) { r.Commit = strings.Repeat("0", 40) },
		"ref":        func(r *manifest.Release) { r.Tag = "v1.481" },
		"repository": func(r *manifest.Release) { r.Repository = "https://github.com/HailBytes/hailbytes-sat" },
	} {
		other := release
		change(&other)
		errs := compareProvenance(f, other)
		if len(errs) != 1 || !strings.Contains(errs[0].Error(), what+" of the provenance is not that of the release") || !errors.Is(errs[0], evidence.ErrMismatch) {
			t.Errorf("another %s: %v", what, errs)
		}
	}
	// What the release does not state cannot differ.
	if errs := compareProvenance(f, manifest.Release{}); len(errs) > 0 {
		t.Errorf("nothing stated: %v", errs)
	}
}
