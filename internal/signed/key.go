// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package signed

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
)

// Bounds of RSA moduli, in bits. Below, a key can be broken; above, one
// verification takes the time of thousands.
const (
	minRSABits = 2048
	maxRSABits = 16384
)

// ErrSignature is returned by Check for a signature that the key did not make.
var ErrSignature = errors.New("signature does not verify")

// CheckKey returns an error for a key that no signature is accepted of.
func CheckKey(pub crypto.PublicKey) error {
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		switch k.Curve {
		case elliptic.P256(), elliptic.P384(), elliptic.P521():
			return nil
		}
		return fmt.Errorf("ECDSA key on curve %s, want P-256, P-384 or P-521", k.Curve.Params().Name)
	case ed25519.PublicKey:
		return nil
	case *rsa.PublicKey:
		if n := k.N.BitLen(); n < minRSABits || n > maxRSABits {
			return fmt.Errorf("RSA key of %d bits, want %d to %d", n, minRSABits, maxRSABits)
		}
		return nil
	}
	return fmt.Errorf("key of type %T, want ECDSA, Ed25519 or RSA", pub)
}

// KeyID returns the lower-case hexadecimal SHA-256 of the key as PKIX DER.
func KeyID(pub crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:]), nil
}

// Check returns nil if sig is a signature by pub over the bytes of in. Which
// hash function was used is not written anywhere, so those are tried that writers
// use: the one that fits the curve, and SHA-256, which old cosign took for every curve.
func Check(pub crypto.PublicKey, in *Input, sig []byte) error {
	if err := CheckKey(pub); err != nil {
		return err
	}
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		return checkECDSA(k, in, sig)
	case ed25519.PublicKey:
		return checkEd25519(k, in, sig)
	default:
		return checkRSA(pub.(*rsa.PublicKey), in, sig)
	}
}

var curveHash = map[elliptic.Curve]crypto.Hash{
	elliptic.P256(): crypto.SHA256,
	elliptic.P384(): crypto.SHA384,
	elliptic.P521(): crypto.SHA512,
}

func checkECDSA(k *ecdsa.PublicKey, in *Input, sig []byte) error {
	hashes := []crypto.Hash{curveHash[k.Curve], crypto.SHA256}
	if hashes[0] == crypto.SHA256 {
		hashes = hashes[:1]
	}
	raw := rawECDSA(k, sig)
	return tryHashes(in, hashes, func(_ crypto.Hash, sum []byte) bool {
		return ecdsa.VerifyASN1(k, sum, sig) || raw != nil && ecdsa.VerifyASN1(k, sum, raw)
	})
}

// rawECDSA returns sig in ASN.1 if it may be r and s side by side, as JOSE and
// the DSSE specification's own test vector write them, else nil.
func rawECDSA(k *ecdsa.PublicKey, sig []byte) []byte {
	size := (k.Curve.Params().BitSize + 7) / 8
	if len(sig) != 2*size {
		return nil
	}
	der, err := asn1.Marshal(struct{ R, S *big.Int }{
		new(big.Int).SetBytes(sig[:size]), new(big.Int).SetBytes(sig[size:]),
	})
	if err != nil {
		return nil
	}
	return der
}

func checkRSA(k *rsa.PublicKey, in *Input, sig []byte) error {
	hashes := []crypto.Hash{crypto.SHA256, crypto.SHA512, crypto.SHA384}
	return tryHashes(in, hashes, func(h crypto.Hash, sum []byte) bool {
		return rsa.VerifyPKCS1v15(k, h, sum, sig) == nil || rsa.VerifyPSS(k, h, sum, sig, nil) == nil
	})
}

// checkEd25519 accepts Ed25519 over the bytes, and for an artifact also Ed25519ph, the
// only form of which Rekor's hashedrekord keeps a digest (RFC 8032 section 5.1).
func checkEd25519(k ed25519.PublicKey, in *Input, sig []byte) error {
	if in.overArtifact() {
		err := tryHashes(in, []crypto.Hash{crypto.SHA512}, func(h crypto.Hash, sum []byte) bool {
			return ed25519.VerifyWithOptions(k, sum, sig, &ed25519.Options{Hash: h}) == nil
		})
		if err == nil || in.read == nil {
			return err
		}
	}
	msg, err := in.Bytes()
	if err == nil && !ed25519.Verify(k, msg, sig) {
		err = ErrSignature
	}
	return err
}

// tryHashes calls verify with each digest that is known.
func tryHashes(in *Input, hashes []crypto.Hash, verify func(crypto.Hash, []byte) bool) error {
	tried := false
	for _, h := range hashes {
		sum := in.Digest(h)
		if sum == nil {
			continue
		}
		tried = true
		if verify(h, sum) {
			return nil
		}
	}
	if !tried {
		return fmt.Errorf("signature over an artifact needs its %s digest, or the artifact", hashes[0])
	}
	return ErrSignature
}

// HashFor returns the hash function that fits an ECDSA curve.
func HashFor(curve elliptic.Curve) crypto.Hash { return curveHash[curve] }
