// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"slices"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/signed"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// ParseKeys reads public keys: one as [ParseKey] does, or a JWK Set with one or more
// (RFC 7517 section 5). All keys of a set must be such as ParseKey reads, each another.
func ParseKeys(data []byte) ([]*Key, error) {
	if !isJSON(data) {
		k, err := ParseKey(data)
		if err != nil {
			return nil, err
		}
		return []*Key{k}, nil
	}
	list, set, err := parseJWKs(data)
	if err != nil {
		return nil, err
	}
	if set && len(list) == 0 {
		return nil, refuse(signed.StageSignature, evidence.ErrFormat, "JWK Set without a key")
	}
	var keys []*Key
	for _, j := range list {
		k, err := NewKey(j.public)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(keys, func(o *Key) bool { return o.id == k.id }) {
			return nil, refuse(signed.StageSignature, evidence.ErrFormat, "JWK Set with one key twice: thumbprint %s", k.Thumbprint())
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// isJSON tells a JWK from PEM, which begins with a word or dashes, and DER, which
// begins with 0x30.
func isJSON(data []byte) bool {
	return jsonstrict.NewBytes(data, jsonstrict.Options{}).Kind() == jsonstrict.Object
}

// parseJWKs reads a JWK, or a JWK Set, which has a member "keys".
func parseJWKs(data []byte) (list []*jwk, set bool, err error) {
	limits := evidence.Limits{}.OrDefault()
	r := newReader(data, limits)
	one := &jwk{}
	for r.Object(); r.Next(); {
		if string(r.Key()) != "keys" {
			one.member(r)
			continue
		}
		set = true
		for r.Array(); r.Next(); {
			if !r.bounded(len(list)+1, limits.Signatures, "keys") {
				break
			}
			k := &jwk{}
			for r.Object(); r.Next(); {
				k.member(r)
			}
			k.finish(r)
			list = append(list, k)
		}
	}
	switch {
	case set && one.kty != "":
		r.fail("jwk", evidence.ErrFormat, "both a JWK and a JWK Set")
	case !set:
		one.finish(r)
		list = append(list, one)
	}
	if err := r.End(); err != nil {
		return nil, false, malformed(signed.StageSignature, "not a public key", err)
	}
	return list, set, nil
}

// jwk is a JSON Web Key as it is read (RFC 7517 section 4, RFC 7518 section 6, RFC
// 8037 section 2).
type jwk struct {
	kty, use, alg, crv string
	x, y, n, e         []byte
	ops                []string
	hasOps             bool
	private            string // the name of a private member
	public             crypto.PublicKey
}

func (k *jwk) member(r *reader) {
	switch name := string(r.Key()); name {
	case "kty":
		k.kty = r.String()
	case "use":
		k.use = r.String()
	case "alg":
		k.alg = r.String()
	case "crv":
		k.crv = r.String()
	case "key_ops":
		k.hasOps = true
		for r.Array(); r.Next(); {
			if !r.bounded(len(k.ops)+1, r.limits.Signatures, "key_ops") {
				return
			}
			k.ops = append(k.ops, r.String())
		}
	case "x":
		k.x = r.base64url()
	case "y":
		k.y = r.base64url()
	case "n":
		k.n = r.base64url()
	case "e":
		k.e = r.base64url()
	case "d", "p", "q", "dp", "dq", "qi", "oth", "k": // never read: it is nobody's to hold but the signer's
		k.private = name
		r.Skip()
	default: // kid and x5c among them: hints, and a certificate that only a trust root vouches for
		r.Skip()
	}
}

// base64url reads base64 of RFC 7515 section 2: URL-safe, without padding.
func (r *reader) base64url() []byte {
	text := r.String()
	data, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if r.Err() == nil && (err != nil || len(text) != base64.RawURLEncoding.EncodedLen(len(data))) {
		r.fail("jwk", evidence.ErrFormat, "not unpadded base64url")
		return nil
	}
	return data
}

// finish holds the members of a key against each other.
func (k *jwk) finish(r *reader) {
	switch {
	case r.Err() != nil:
	case k.kty == "":
		r.fail("jwk", evidence.ErrFormat, "no JWK: it has no kty")
	case k.private != "":
		r.fail("jwk", evidence.ErrFormat, "JWK with the private or secret member %q, want a public key alone", k.private)
	case k.use != "" && k.use != "sig":
		r.fail("jwk", evidence.ErrUnsupported, "JWK for use %s, want sig", textfmt.Quote(k.use))
	case k.hasOps && !slices.Contains(k.ops, "verify"):
		r.fail("jwk", evidence.ErrUnsupported, "JWK whose key_ops do not hold verify")
	case k.kty == "EC":
		k.ec(r)
	case k.kty == "RSA":
		k.rsa(r)
	case k.kty == "OKP":
		k.okp(r)
	default:
		r.fail("jwk", evidence.ErrUnsupported, "JWK of type %s, want EC, RSA or OKP", textfmt.Quote(k.kty))
	}
}

// forAlg refuses a key that is meant for other algorithms than the key's own.
func (k *jwk) forAlg(r *reader, want ...string) {
	if r.Err() == nil && k.alg != "" && !slices.Contains(want, k.alg) {
		r.fail("jwk", evidence.ErrUnsupported, "JWK of type %s for algorithm %s, want %s", k.kty, textfmt.Quote(k.alg), want[0])
	}
}

var jwkCurves = map[string]struct {
	elliptic.Curve
	alg string
}{
	"P-256": {elliptic.P256(), "ES256"},
	"P-384": {elliptic.P384(), "ES384"},
	"P-521": {elliptic.P521(), "ES512"},
}

// ec reads RFC 7518 section 6.2.1: both coordinates have the full length of the field.
func (k *jwk) ec(r *reader) {
	curve, ok := jwkCurves[k.crv]
	if !ok {
		r.fail("jwk", evidence.ErrUnsupported, "JWK on curve %s, want P-256, P-384 or P-521", textfmt.Quote(k.crv))
		return
	}
	size := (curve.Params().BitSize + 7) / 8
	if len(k.x) != size || len(k.y) != size {
		r.fail("jwk", evidence.ErrFormat, "JWK on %s with coordinates of %d and %d bytes, want %d", k.crv, len(k.x), len(k.y), size)
		return
	}
	point := slices.Concat([]byte{4}, k.x, k.y)
	public, err := ecdsa.ParseUncompressedPublicKey(curve.Curve, point)
	if err != nil {
		r.fail("jwk", evidence.ErrFormat, "JWK with a point that is not on %s", k.crv)
		return
	}
	k.public = public
	k.forAlg(r, curve.alg)
}

// rsa reads RFC 7518 section 6.3.1: numbers without leading zeros.
func (k *jwk) rsa(r *reader) {
	if len(k.n) == 0 || len(k.e) == 0 || k.n[0] == 0 || k.e[0] == 0 {
		r.fail("jwk", evidence.ErrFormat, "RSA JWK without n or e, or with leading zeros in them")
		return
	}
	// crypto/rsa wants an odd exponent of at most 31 bits, and panics at none.
	e := new(big.Int).SetBytes(k.e)
	if len(k.e) > 4 || e.Int64() > 1<<31-1 || e.Int64() < 3 || e.Bit(0) == 0 || k.n[len(k.n)-1]&1 == 0 {
		r.fail("jwk", evidence.ErrFormat, "RSA JWK with an even modulus, or an exponent that is not odd and between 3 and 2^31")
		return
	}
	k.public = &rsa.PublicKey{N: new(big.Int).SetBytes(k.n), E: int(e.Int64())}
	k.forAlg(r, "RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
}

// okp reads RFC 8037 section 2.
func (k *jwk) okp(r *reader) {
	switch {
	case k.crv != "Ed25519":
		r.fail("jwk", evidence.ErrUnsupported, "JWK on curve %s, want Ed25519", textfmt.Quote(k.crv))
	case len(k.x) != ed25519.PublicKeySize:
		r.fail("jwk", evidence.ErrFormat, "Ed25519 JWK of %d bytes, want %d", len(k.x), ed25519.PublicKeySize)
	default:
		k.public = ed25519.PublicKey(k.x)
		k.forAlg(r, "EdDSA", "Ed25519")
	}
}

// Thumbprint returns the SHA-256 JWK thumbprint of the key in unpadded base64url (RFC
// 7638; for Ed25519 RFC 8037 appendix A.3), the usual key id of who keeps keys as JWK.
func (k *Key) Thumbprint() string {
	b64 := base64.RawURLEncoding.EncodeToString
	var text string
	switch p := k.pub.(type) {
	case *ecdsa.PublicKey:
		point, err := p.Bytes()
		if err != nil {
			return "" // NewKey took the curve and its point
		}
		half := (len(point) - 1) / 2
		text = `{"crv":"` + p.Params().Name + `","kty":"EC","x":"` + b64(point[1:1+half]) + `","y":"` + b64(point[1+half:]) + `"}`
	case ed25519.PublicKey:
		text = `{"crv":"Ed25519","kty":"OKP","x":"` + b64(p) + `"}`
	case *rsa.PublicKey:
		text = `{"e":"` + b64(big.NewInt(int64(p.E)).Bytes()) + `","kty":"RSA","n":"` + b64(p.N.Bytes()) + `"}`
	}
	sum := sha256.Sum256([]byte(text))
	return b64(sum[:])
}
