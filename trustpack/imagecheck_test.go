// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"errors"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/manifest"
)

func TestCheckImage(t *testing.T) {
	s := newSigner(t)
	platform := evidence.Sum256([]byte("platform"))
	index := []byte(`{"schemaVersion":2,"manifests":[{"digest":"` + platform.String() + `"}]}`)
	signed := func(d evidence.Digest) evidenceFile {
		statement, err := attest.NewStatement([]attest.ResourceDescriptor{{Digest: attest.DigestSet{"sha256": d.Hex()}}}, "https://example.com/p", struct{}{})
		if err != nil {
			t.Fatal(err)
		}
		data, err := attest.Sign(t.Context(), s, statement)
		if err != nil {
			t.Fatal(err)
		}
		return evidenceFile{path: "a.json", data: func() ([]byte, error) { return data, nil }}
	}
	img := &imageEvidence{name: "web", digest: evidence.Sum256(index), oci: index}
	tests := []struct {
		name   string
		change func(*imageEvidence)
		policy attest.Policy
		id     string
		status evidence.Status
		says   string
	}{
		{"platform", func(i *imageEvidence) { i.attestations = []evidenceFile{signed(platform)} }, attest.AtLeast(1, s.Key()), checkSubject, evidence.StatusPass, "manifest for one platform"},
		{"index", func(i *imageEvidence) { i.attestations = []evidenceFile{signed(img.digest)} }, attest.AtLeast(1, s.Key()), checkSubject, evidence.StatusPass, "the image's index"},
		{"another image", func(i *imageEvidence) { i.attestations = []evidenceFile{signed(evidence.Sum256(nil))} }, attest.AtLeast(1, s.Key()), checkSubject, evidence.StatusFail, "no subject"},
		{"absent", func(i *imageEvidence) {}, attest.AtLeast(1, s.Key()), checkPresent, evidence.StatusFail, "no attestation"},
		{"declared", func(i *imageEvidence) {
			i.gaps = []manifest.Gap{{Kind: manifest.KindImageSigning, Reason: "planned"}}
		}, attest.AtLeast(1, s.Key()), checkPresent, evidence.StatusSkip, "declared absent: planned"},
		{"unreadable", func(i *imageEvidence) {
			i.attestations = []evidenceFile{{path: "a.json", data: func() ([]byte, error) { return nil, errors.New("any error") }}}
		}, attest.AtLeast(1, s.Key()), checkReadable, evidence.StatusError, "any error"},
		{"wrong manifest", func(i *imageEvidence) { i.oci = []byte(`{}`) }, attest.AtLeast(1, s.Key()), checkSubject, evidence.StatusFail, "digest of the image's manifest"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			i := *img
			tt.change(&i)
			checks := checkImage(t.Context(), &i, tt.policy, evidence.Limits{}.OrDefault())
			for _, c := range checks {
				if c.ID == tt.id {
					if c.Status != tt.status || !strings.Contains(c.Message, tt.says) {
						t.Errorf("got %v %q", c.Status, c.Message)
					}
					return
				}
			}
			t.Errorf("no check %s in %+v", tt.id, checks)
		})
	}
}

// TestCompareProvenance: each fact of the release that differs is one error.
func TestCompareProvenance(t *testing.T) {
	commit := strings.Repeat("6", 40)
	release := manifest.Release{Tag: "v1.482", Commit: commit, Repository: "https://github.com/HailBytes/hailbytes-asm"}
	f := &attest.ProvenanceFacts{Repository: release.Repository, Ref: "refs/tags/v1.482", Commit: commit}
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
