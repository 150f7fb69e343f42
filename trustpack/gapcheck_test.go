// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"encoding/json"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/manifest"
)

// TestGapClaims: what is declared absent is not there, and the gap says why.
func TestGapClaims(t *testing.T) {
	signed := func(predicateType string) *Document {
		data, err := json.Marshal(map[string]any{
			"payloadType": attest.PayloadType,
			"payload":     []byte(`{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"` + evidence.Sum256(nil).Hex() + `"}}],"predicateType":"` + predicateType + `","predicate":{}}`),
			"signatures":  []any{map[string]string{"sig": "AA=="}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return signedDocument(t, "web.att.json", manifest.KindAttestation, manifest.FormatDSSE, data)
	}
	const pass, warn = evidence.StatusPass, evidence.StatusWarn
	for _, tt := range []struct {
		name   string
		gap    manifest.Gap
		doc    *Document
		status evidence.Status
		says   string
	}{
		{"provenance is there", manifest.Gap{Kind: manifest.KindSLSAProvenance, Reason: "planned"}, signed(attest.ProvenanceV1), warn, "is there: web.att.json"},
		{"of this image", manifest.Gap{Kind: manifest.KindSLSAProvenance, Image: "web", Reason: "planned"}, signed(attest.ProvenanceV02), warn, "about image web is declared absent"},
		{"of another image", manifest.Gap{Kind: manifest.KindSLSAProvenance, Image: "db", Reason: "planned"}, signed(attest.ProvenanceV1), pass, ""},
		{"another statement", manifest.Gap{Kind: manifest.KindSLSAProvenance, Reason: "planned"}, signed("https://example.com/p"), pass, ""},
		{"an attestation", manifest.Gap{Kind: manifest.KindAttestation, Reason: "planned"}, signed("https://example.com/p"), warn, "is there"},
		{"no signature", manifest.Gap{Kind: manifest.KindImageSigning, Reason: "planned"}, signed("https://example.com/p"), pass, ""},
		{"a file that is no evidence", manifest.Gap{Kind: manifest.KindSBOM, Reason: "planned"}, &Document{File: manifest.File{Kind: manifest.KindSBOM}, refused: "was not read as an SBOM"}, pass, ""},
		{"no reason", manifest.Gap{Kind: manifest.KindPenetrationTest, Reason: "."}, signed("https://example.com/p"), warn, "gives no reason"},
		{"a reason in another script", manifest.Gap{Kind: manifest.KindPenetrationTest, Reason: "计划"}, signed("https://example.com/p"), pass, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			web, db := &Subject{Name: "web", Documents: []*Document{tt.doc}}, &Subject{Name: "db"}
			web.noteEvidence()
			db.noteEvidence()
			r := &Release{Manifest: &manifest.Manifest{Gaps: []manifest.Gap{tt.gap}}, Subjects: []*Subject{db, web}}
			wantCheck(t, gapChecks(r), gapsID, "", tt.status, tt.says)
		})
	}
	if checks := gapChecks(&Release{Manifest: &manifest.Manifest{}}); checks != nil {
		t.Errorf("no gap: %v", checks)
	}
}
