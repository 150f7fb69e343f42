// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/verify"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/attest/sigstore"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

// attestation is one keyless bundle with what it must be held against.
type attestation struct {
	data        []byte
	rootData    []byte
	san, issuer string
	digest      string
}

func load(b *testing.B, elem ...string) []byte {
	b.Helper()
	data, err := os.ReadFile(corpus.Dir(b, elem...))
	if err != nil {
		b.Fatal(err)
	}
	return data
}

// released returns an attestation of the release 1.481 or 1.482 of the stand-in product.
func released(b *testing.B, version, name string) attestation {
	b.Helper()
	dir := []string{"real", "asm-" + version, "signatures"}
	at := func(elem ...string) []string { return append(dir[:len(dir):len(dir)], elem...) }
	image, _, _ := strings.Cut(name, ".")
	return attestation{
		data:     load(b, at("keyless", name+".sigstore.json")...),
		rootData: load(b, at("keyless", "trusted_root.json")...),
		san:      "https://github.com/HailBytes/hailbytes-asm/.github/workflows/build.yml@refs/tags/v" + version,
		issuer:   sigstore.GitHubIssuer,
		digest:   evidence.Sum256(load(b, at(image+".manifest.json")...)).String(),
	}
}

// public returns a GitHub Actions attestation of the public Sigstore instance.
func public(b *testing.B, id string) attestation {
	b.Helper()
	for _, c := range publicCases(b) {
		if c.ID == id {
			return c.attestation(b)
		}
	}
	b.Fatalf("no case %s", id)
	return attestation{}
}

type publicCase struct {
	ID, Family, File, Expect string
	Policy                   struct{ TrustedRoot, SAN, Issuer, Digest, Key string }
}

func publicCases(b *testing.B) []publicCase {
	b.Helper()
	var cases []publicCase
	if err := json.Unmarshal(load(b, "attest", "cases.json"), &cases); err != nil {
		b.Fatal(err)
	}
	return cases
}

func (c publicCase) attestation(b *testing.B) attestation {
	return attestation{
		data:     load(b, "attest", filepath.FromSlash(c.File)),
		rootData: load(b, "attest", filepath.FromSlash(c.Policy.TrustedRoot)),
		san:      c.Policy.SAN, issuer: c.Policy.Issuer, digest: c.Policy.Digest,
	}
}

// ours returns a function that parses and verifies the attestation from its bytes.
func (a attestation) ours(b *testing.B) func() error {
	b.Helper()
	r, err := sigstore.ParseTrustedRoot(a.rootData)
	if err != nil {
		b.Fatal(err)
	}
	v, err := sigstore.NewVerifier(r, sigstore.Identity{SAN: a.san, Issuer: a.issuer}, nil)
	if err != nil {
		b.Fatal(err)
	}
	d, err := evidence.ParseDigest(a.digest)
	if err != nil {
		b.Fatal(err)
	}
	subject, policy := attest.DigestSubject(d), attest.AtLeast(1, v)
	return func() error {
		parsed, err := attest.ParseBundle(a.data, nil)
		if err == nil {
			_, err = attest.Verify(b.Context(), parsed, subject, policy)
		}
		return err
	}
}

// theirs is the same through sigstore-go, with the thresholds that are our defaults.
func (a attestation) theirs(b *testing.B, more ...verify.VerifierOption) func() error {
	b.Helper()
	r, err := root.NewTrustedRootFromJSON(a.rootData)
	if err != nil {
		b.Fatal(err)
	}
	v, err := verify.NewVerifier(r, append(more, verify.WithSignedCertificateTimestamps(1), verify.WithTransparencyLog(1), verify.WithObserverTimestamps(1))...)
	if err != nil {
		b.Fatal(err)
	}
	id, err := verify.NewShortCertificateIdentity(a.issuer, "", a.san, "")
	if err != nil {
		b.Fatal(err)
	}
	algorithm, digits, _ := strings.Cut(a.digest, ":")
	sum, err := hex.DecodeString(digits)
	if err != nil {
		b.Fatal(err)
	}
	policy := verify.NewPolicy(verify.WithArtifactDigest(algorithm, sum), verify.WithCertificateIdentity(id))
	return func() error {
		var parsed bundle.Bundle
		err := parsed.UnmarshalJSON(a.data)
		if err == nil {
			_, err = v.Verify(&parsed, policy)
		}
		return err
	}
}

func measure(b *testing.B, name string, size int, do func() error) {
	b.Run(name, func(b *testing.B) {
		b.SetBytes(int64(size))
		b.ReportAllocs()
		for b.Loop() {
			if err := do(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkAttestVerify parses and fully verifies one bundle.
func BenchmarkAttestVerify(b *testing.B) {
	for _, tt := range []struct {
		name string
		a    func() attestation
	}{
		{"public-provenance", func() attestation { return public(b, "cli--sigstore-js-2.1.0-bundle-0-e7f514c7") }},
		{"image", func() attestation { return released(b, "1.482", "hailbytes-asm-web.image") }},
		{"provenance", func() attestation { return released(b, "1.482", "hailbytes-asm-web.provenance") }},
		{"spdx-1.4MB", func() attestation { return released(b, "1.481", "hailbytes-asm-web.spdx") }},
		{"spdx-10MB", func() attestation { return released(b, "1.482", "hailbytes-asm-web.spdx") }},
	} {
		b.Run(tt.name, func(b *testing.B) {
			a := tt.a()
			measure(b, "evidence", len(a.data), a.ours(b))
			measure(b, "sigstore-go", len(a.data), a.theirs(b))
			measure(b, "sigstore-go-without-predicate", len(a.data), a.theirs(b, verify.WithoutStatementPredicate()))
		})
	}
}

// BenchmarkAttestThousand verifies 1,000 bundles of the public instance on all cores.
func BenchmarkAttestThousand(b *testing.B) {
	var ours, theirs []func() error
	for _, c := range publicCases(b) {
		if c.Family != "real" || c.Expect != "pass" || c.Policy.Key != "" || c.Policy.Issuer != sigstore.GitHubIssuer || c.Policy.TrustedRoot != "roots/public-good.json" {
			continue
		}
		a := c.attestation(b)
		ours, theirs = append(ours, a.ours(b)), append(theirs, a.theirs(b))
	}
	b.Logf("%d different bundles, %d cores", len(ours), runtime.GOMAXPROCS(0))
	for _, side := range []struct {
		name string
		do   []func() error
	}{{"evidence", ours}, {"sigstore-go", theirs}} {
		b.Run(side.name, func(b *testing.B) {
			for b.Loop() {
				var next, failed atomic.Int64
				var wg sync.WaitGroup
				for range runtime.GOMAXPROCS(0) {
					wg.Go(func() {
						for i := next.Add(1); i <= 1000; i = next.Add(1) {
							if side.do[int(i)%len(side.do)]() != nil {
								failed.Add(1)
							}
						}
					})
				}
				wg.Wait()
				if n := failed.Load(); n > 0 {
					b.Fatalf("%d of 1000 failed", n)
				}
			}
		})
	}
}
