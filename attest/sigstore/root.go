// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"encoding/hex"
	"fmt"

	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore/pkg/signature"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
)

// maxRootBytes bounds a trusted root; the largest public one has 30 kB.
const maxRootBytes = 4 << 20

// TrustedRoot is a Sigstore instance that the caller trusts: its certificate
// authorities, transparency logs and timestamp authorities with their periods of
// validity. Parse it once and share it; it may be used concurrently.
type TrustedRoot struct {
	root        *root.TrustedRoot
	authorities []*authority
	logs        map[string]*rekorLog // by hexadecimal log id
}

// rekorLog is a transparency log with the verifier of its key.
type rekorLog struct {
	*root.TransparencyLog
	verifier signature.Verifier
}

// ParseTrustedRoot reads a trusted_root.json (Sigstore protobuf-specs,
// sigstore_trustroot.proto, media type
// "application/vnd.dev.sigstore.trustedroot+json;version=0.1").
//
// Certificates are verified against each other now, so that verifying an
// attestation need not: what is left then is the signature of its own certificate.
func ParseTrustedRoot(data []byte) (*TrustedRoot, error) {
	if len(data) > maxRootBytes {
		return nil, fmt.Errorf("sigstore: trusted root of %d bytes, the limit is %d: %w", len(data), maxRootBytes, evidence.ErrLimit)
	}
	// Protobuf JSON takes the last of members with equal names.
	if err := jsonstrict.Check(data, jsonstrict.Options{}); err != nil {
		return nil, fmt.Errorf("sigstore: trusted root: %w", err)
	}
	r, err := root.NewTrustedRootFromJSON(data)
	if err != nil {
		return nil, fmt.Errorf("sigstore: trusted root: %w: %w", evidence.ErrFormat, err)
	}
	t := &TrustedRoot{root: r, logs: map[string]*rekorLog{}}
	for _, ca := range r.FulcioCertificateAuthorities() {
		t.authorities = append(t.authorities, newAuthority(ca))
	}
	for id, log := range r.RekorLogs() {
		v, err := signature.LoadVerifier(log.PublicKey, log.SignatureHashFunc)
		if err != nil {
			return nil, fmt.Errorf("sigstore: trusted root: key of log %s: %w: %w", log.BaseURL, evidence.ErrFormat, err)
		}
		t.logs[id] = &rekorLog{log, v}
	}
	return t, nil
}

// log returns the log with an id, nil if the root does not have it.
func (t *TrustedRoot) log(id []byte) *rekorLog { return t.logs[hex.EncodeToString(id)] }
