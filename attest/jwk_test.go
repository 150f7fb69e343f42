// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"os/exec"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
)

// The keys of RFC 7517 appendix A.1, RFC 7515 appendix A.3 and RFC 8037 appendix A.2.
const (
	rfc7517EC  = `{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"}`
	rfc7517RSA = `{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}`
	rfc7515EC  = `{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`
	rfc8037    = `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
)

func TestJWKVectors(t *testing.T) {
	for _, tt := range []struct{ name, jwk, thumbprint string }{
		{"RFC 7638 section 3.1", rfc7517RSA, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"},
		{"RFC 8037 appendix A.3", rfc8037, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"},
	} {
		k, err := attest.ParseKey([]byte(tt.jwk))
		if err != nil {
			t.Fatal(err)
		}
		if got := k.Thumbprint(); got != tt.thumbprint {
			t.Errorf("%s: thumbprint %s, want %s", tt.name, got, tt.thumbprint)
		}
	}
	// RFC 8037 appendix A.4 and RFC 7515 appendix A.3 sign what is no envelope, so the
	// keys are held against the signatures here.
	k, err := attest.ParseKey([]byte(rfc8037))
	if err != nil {
		t.Fatal(err)
	}
	sig, _ := base64.RawURLEncoding.DecodeString("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
	if !ed25519.Verify(k.Public().(ed25519.PublicKey), []byte("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"), sig) {
		t.Error("RFC 8037 appendix A.4: the signature does not verify")
	}
	set := `{"keys":[` + rfc7515EC + `,` + rfc7517RSA + `,` + rfc8037 + `]}`
	keys, err := attest.ParseKeys([]byte(set))
	if err != nil || len(keys) != 3 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	_, err = attest.ParseKey([]byte(set))
	refused(t, err, "signature", evidence.ErrFormat)
	// The EC key of appendix A.1 is for encryption.
	_, err = attest.ParseKey([]byte(rfc7517EC))
	refused(t, err, "signature", evidence.ErrUnsupported)
}

// TestJWKByNode: PEM and JWK of one key, as Node.js 20 writes both, are one key.
func TestJWKByNode(t *testing.T) {
	var cases []struct {
		Name string
		PEM  string
		JWK  json.RawMessage
	}
	if err := json.Unmarshal(read(t, "testdata/jwk.json"), &cases); err != nil {
		t.Fatal(err)
	}
	for _, tt := range cases {
		fromPEM, err := attest.ParseKey([]byte(tt.PEM))
		if err != nil {
			t.Fatal(err)
		}
		fromJWK, err := attest.ParseKey(tt.JWK)
		if err != nil {
			t.Errorf("%s: %v", tt.Name, err)
			continue
		}
		if fromJWK.ID() != fromPEM.ID() || fromJWK.Thumbprint() != fromPEM.Thumbprint() {
			t.Errorf("%s: the JWK is another key than the PEM", tt.Name)
		}
		block, _ := pem.Decode([]byte(tt.PEM))
		if k, err := attest.ParseKey(block.Bytes); err != nil || k.ID() != fromPEM.ID() {
			t.Errorf("%s: DER: %v", tt.Name, err)
		}
	}
	if len(cases) != 6 {
		t.Errorf("%d keys, want 6", len(cases))
	}
}

// TestJWKByOpenSSL: keys that openssl makes, of every kind.
func TestJWKByOpenSSL(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	for _, args := range [][]string{
		{"EC", "-pkeyopt", "ec_paramgen_curve:P-256"}, {"EC", "-pkeyopt", "ec_paramgen_curve:P-384"},
		{"EC", "-pkeyopt", "ec_paramgen_curve:P-521"}, {"ED25519"}, {"RSA", "-pkeyopt", "rsa_keygen_bits:2048"},
	} {
		private, err := exec.Command(openssl, append([]string{"genpkey", "-algorithm"}, args...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		signer, err := attest.ParsePrivateKey(private, nil)
		if err != nil {
			t.Fatal(err)
		}
		key, err := attest.ParseKey([]byte(jwkOf(t, signer.Key())))
		if err != nil {
			t.Errorf("%v: %v", args, err)
			continue
		}
		b := parse(t, envelope(t, attest.PayloadType, artifactStatement(), signer))
		if _, err := attest.Verify(t.Context(), b, attest.BytesSubject(artifact), attest.AtLeast(1, key)); err != nil {
			t.Errorf("%v: %v", args, err)
		}
	}
}

// jwkOf writes a key as a JWK.
func jwkOf(t testing.TB, k *attest.Key) string {
	t.Helper()
	b64 := base64.RawURLEncoding.EncodeToString
	m := map[string]string{}
	switch p := k.Public().(type) {
	case *ecdsa.PublicKey:
		point, err := p.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		half := len(point) / 2
		m = map[string]string{"kty": "EC", "crv": p.Params().Name, "x": b64(point[1 : 1+half]), "y": b64(point[1+half:])}
	case ed25519.PublicKey:
		m = map[string]string{"kty": "OKP", "crv": "Ed25519", "x": b64(p)}
	case *rsa.PublicKey:
		m = map[string]string{"kty": "RSA", "n": b64(p.N.Bytes()), "e": b64(big.NewInt(int64(p.E)).Bytes())}
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestJWKRefused: each is one edit of a key that is read.
func TestJWKRefused(t *testing.T) {
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, key, old, new string
		kind                error // nil: still read
		says                string
	}{
		{"use sig", rfc7515EC, `{`, `{"use":"sig",`, nil, ""},
		{"key_ops verify", rfc7515EC, `{`, `{"key_ops":["sign","verify"],`, nil, ""},
		{"alg", rfc7515EC, `{`, `{"alg":"ES256",`, nil, ""},
		{"alg EdDSA", rfc8037, `{`, `{"alg":"EdDSA",`, nil, ""},
		{"alg PSS", rfc7517RSA, `RS256`, `PS512`, nil, ""},
		{"unknown member", rfc7515EC, `{`, `{"x-note":[1],"kid":"a",`, nil, ""},
		{"use enc", rfc7515EC, `{`, `{"use":"enc",`, evidence.ErrUnsupported, "want sig"},
		{"key_ops sign", rfc7515EC, `{`, `{"key_ops":["sign"],`, evidence.ErrUnsupported, "verify"},
		{"key_ops empty", rfc7515EC, `{`, `{"key_ops":[],`, evidence.ErrUnsupported, "verify"},
		{"alg of another curve", rfc7515EC, `{`, `{"alg":"ES384",`, evidence.ErrUnsupported, "ES256"},
		{"alg of another type", rfc7517RSA, `RS256`, `ES256`, evidence.ErrUnsupported, "RS256"},
		{"alg of encryption", rfc7517RSA, `RS256`, `RSA-OAEP`, evidence.ErrUnsupported, "RS256"},
		{"private EC", rfc7515EC, `{`, `{"d":"AA",`, evidence.ErrFormat, `private or secret member "d"`},
		{"private RSA", rfc7517RSA, `{`, `{"p":"AA",`, evidence.ErrFormat, `"p"`},
		{"private OKP", rfc8037, `{`, `{"d":"AA",`, evidence.ErrFormat, `"d"`},
		{"symmetric", `{"kty":"oct","k":"AA"}`, "AA", "BB", evidence.ErrFormat, `"k"`},
		{"unknown kty", rfc8037, `OKP`, `AKP`, evidence.ErrUnsupported, "want EC, RSA or OKP"},
		{"no kty", rfc8037, `"kty":"OKP",`, ``, evidence.ErrFormat, "no kty"},
		{"kty in lower case", rfc8037, `OKP`, `okp`, evidence.ErrUnsupported, "want EC, RSA or OKP"},
		{"curve", rfc7515EC, `P-256`, `secp256k1`, evidence.ErrUnsupported, "want P-256"},
		{"Ed448", rfc8037, `Ed25519`, `Ed448`, evidence.ErrUnsupported, "want Ed25519"},
		{"X25519", rfc8037, `Ed25519`, `X25519`, evidence.ErrUnsupported, "want Ed25519"},
		{"larger curve", rfc7515EC, `P-256`, `P-384`, evidence.ErrFormat, "want 48"},
		{"off the curve", rfc7515EC, `f83O`, `f83P`, evidence.ErrFormat, "not on P-256"},
		{"short Ed25519", rfc8037, `11qYAYKx`, `11qY`, evidence.ErrFormat, "want 32"},
		{"padding", rfc7517RSA, `AQAB`, `AQ==`, evidence.ErrFormat, "base64url"},
		{"standard alphabet", rfc8037, `VS_7`, `VS/7`, evidence.ErrFormat, "base64url"},
		{"stray bits", rfc7517RSA, `AQAB`, `Ax`, evidence.ErrFormat, "base64url"},
		{"exponent 1", rfc7517RSA, `AQAB`, `AQ`, evidence.ErrFormat, "exponent"},
		{"even exponent", rfc7517RSA, `AQAB`, `BA`, evidence.ErrFormat, "exponent"},
		{"huge exponent", rfc7517RSA, `AQAB`, `_____w`, evidence.ErrFormat, "exponent"},
		{"leading zero", rfc7517RSA, `AQAB`, `AAEAAQ`, evidence.ErrFormat, "leading zeros"},
		{"no modulus", rfc7517RSA, `"n":`, `"m":`, evidence.ErrFormat, "without n or e"},
		{"even modulus", rfc7517RSA, `DKgw"`, `DKgA"`, evidence.ErrFormat, "even modulus"},
		{"twice", rfc7515EC, `{`, `{"crv":"P-256",`, evidence.ErrFormat, "duplicate"},
		{"trailing", rfc7515EC, `}`, `}{}`, evidence.ErrFormat, ""},
		{"number", rfc7517RSA, `"AQAB"`, `65537`, evidence.ErrFormat, "/e"},
		{"key and set", rfc7515EC, `{`, `{"keys":[],`, evidence.ErrFormat, "both"},
		{"empty set", `{"keys":[1]}`, `[1]`, `[]`, evidence.ErrFormat, "without a key"},
		{"key in set twice", `{"keys":[0]}`, `0`, rfc8037 + "," + rfc8037, evidence.ErrFormat, "twice"},
		{"private key in set", `{"keys":[0]}`, `0`, rfc8037 + "," + strings.Replace(rfc7515EC, "{", `{"d":"AA",`, 1), evidence.ErrFormat, "private"},
		{"many", `{"keys":[0]}`, `0`, strings.TrimSuffix(strings.Repeat(rfc8037+",", 17), ","), evidence.ErrLimit, "more than 16"},
	} {
		text := strings.Replace(tt.key, tt.old, tt.new, 1)
		if text == tt.key {
			t.Fatalf("%s: nothing to replace", tt.name)
		}
		_, err := attest.ParseKeys([]byte(text))
		switch {
		case tt.kind == nil && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.kind != nil && !errors.Is(err, tt.kind), tt.kind != nil && !strings.Contains(err.Error(), tt.says):
			t.Errorf("%s: want %v, %q; got %v", tt.name, tt.kind, tt.says, err)
		}
	}
	// The key is weak only when it is one: its JWK is written from Go's own key.
	n := base64.RawURLEncoding.EncodeToString(weak.N.Bytes())
	_, err = attest.ParseKey([]byte(`{"kty":"RSA","n":"` + n + `","e":"AQAB"}`))
	refused(t, err, "signature", attest.ErrWeakKey)
}

// FuzzParseKey: a key that is read survives being written as a JWK and in PEM.
func FuzzParseKey(f *testing.F) {
	s := newSigner(f, elliptic.P384())
	f.Add(pemOf(f, s.Key().Public()))
	for _, text := range []string{rfc7517EC, rfc7517RSA, rfc7515EC, rfc8037, jwkOf(f, s.Key()), `{"keys":[` + rfc7515EC + `,` + rfc8037 + `]}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		keys, err := attest.ParseKeys(data)
		if err != nil {
			var e *attest.Error
			if !errors.As(err, &e) || e.Kind == nil {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		for _, k := range keys {
			for _, text := range [][]byte{[]byte(jwkOf(t, k)), pemOf(t, k.Public())} {
				again, err := attest.ParseKey(text)
				if err != nil || again.ID() != k.ID() || again.Thumbprint() != k.Thumbprint() {
					t.Fatalf("%s: %v", text, err)
				}
			}
		}
	})
}
