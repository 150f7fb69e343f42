// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/test/attestcase"
)

// TestCosignLayer verifies layers as a registry keeps them. The log's body
// intoto/0.0.1 commits to the layer's very bytes, dsse/0.0.1 to payload and signature.
func TestCosignLayer(t *testing.T) {
	trusted := roots{}
	for _, c := range attestcase.Load(t) {
		if c.Family != "cosign-oci-annotations" {
			continue
		}
		t.Run(c.ID, func(t *testing.T) {
			var file struct {
				Envelope    json.RawMessage
				Annotations map[string]string
			}
			if err := json.Unmarshal(attestcase.Read(t, c.Path(c.File)), &file); err != nil {
				t.Fatal(err)
			}
			var layer bytes.Buffer
			if err := json.Compact(&layer, file.Envelope); err != nil {
				t.Fatal(err)
			}
			pol, err := policy(t, trusted, &c)
			if err != nil {
				t.Fatal(err)
			}
			verify := func(layer []byte) (*attest.Verified, error) {
				b, err := attest.ParseCosignLayer(layer, file.Annotations, nil)
				if err != nil {
					return nil, err
				}
				return attest.Verify(t.Context(), b, subjects(t, &c)["digest"], pol)
			}
			v, err := verify(layer.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			_, err = verify(append(layer.Bytes(), ' '))
			var e *attest.Error
			switch kind := v.Signers()[0].Logged[0].Kind; {
			case kind != "intoto/0.0.1" && err != nil:
				t.Errorf("%s: %v", kind, err)
			case kind == "intoto/0.0.1" && (!errors.As(err, &e) || e.Stage != "tlog" || !errors.Is(err, attest.ErrLog)):
				t.Errorf("%s of other bytes: %v", kind, err)
			}
		})
	}
}
