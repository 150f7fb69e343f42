// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package privatekey

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"unicode/utf16"
)

// keys are made anew for each run and protect nothing.
type keys struct {
	sec1, pkcs8, pkcs1, ed []byte // DER
	public, certificate    []byte
	ec                     *ecdsa.PrivateKey
	rsa                    *rsa.PrivateKey
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func newKeys() *keys {
	ec, rs := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)), must(rsa.GenerateKey(rand.Reader, 2048))
	public, private, err := ed25519.GenerateKey(rand.Reader)
	must(public, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "none"}}
	return &keys{
		sec1: must(x509.MarshalECPrivateKey(ec)), pkcs8: must(x509.MarshalPKCS8PrivateKey(rs)), pkcs1: x509.MarshalPKCS1PrivateKey(rs),
		ed: must(x509.MarshalPKCS8PrivateKey(private)), public: must(x509.MarshalPKIXPublicKey(&ec.PublicKey)),
		certificate: must(x509.CreateCertificate(rand.Reader, template, template, &ec.PublicKey, ec)), ec: ec, rsa: rs,
	}
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func inUTF16(order binary.AppendByteOrder, text string) string {
	var b []byte
	for _, c := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, c)
	}
	return string(b)
}

func quoted(text string) string { return string(must(json.Marshal(text))) }

func wrap(text string, width int) string {
	var b strings.Builder
	for ; len(text) > width; text = text[width:] {
		b.WriteString(text[:width] + "\n")
	}
	return b.String() + text
}

func unhex(text string) string {
	return string(must(hex.DecodeString(strings.ReplaceAll(text, " ", ""))))
}

// find writes text in pieces, so that forms are also found across their borders.
func find(text string, piece int) string {
	var s Scanner
	for ; len(text) > piece; text = text[piece:] {
		s.Write([]byte(text[:piece]))
	}
	s.Write([]byte(text))
	return s.Found()
}

func TestFound(t *testing.T) {
	k := newKeys()
	ec, ed, rs := block("EC PRIVATE KEY", k.sec1), block("PRIVATE KEY", k.ed), block("RSA PRIVATE KEY", k.pkcs1)
	std, raw := base64.StdEncoding.EncodeToString, base64.RawURLEncoding.EncodeToString
	scalar, err := k.ec.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	d := raw(scalar)
	jwk := fmt.Sprintf(`{"kty":"EC","crv":"P-256","x":%q,"y":%q,"d":%q}`, d, d, d)
	random := make([]byte, 96)
	rand.Read(random)
	pbes2 := "30 81 73 30 0f 06 09 2a 86 48 86 f7 0d 01 05 0d 30 02 05 00 04 60"
	for name, text := range map[string]string{
		"SEC 1":                  ec,
		"PKCS #8":                block("PRIVATE KEY", k.pkcs8),
		"Ed25519":                ed,
		"PKCS #1":                rs,
		"CR LF":                  strings.ReplaceAll(ec, "\n", "\r\n"),
		"a short block":          "-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n",
		"with headers":           strings.Replace(rs, "-----\n", "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123456789ABCDEF0123456789ABCDEF\n\n", 1),
		"cosign":                 block("ENCRYPTED SIGSTORE PRIVATE KEY", []byte(`{"kdf":{"name":"scrypt","params":{"N":65536,"r":8,"p":1},"salt":"`+std(random)+`"}}`)),
		"OpenSSH":                block("OPENSSH PRIVATE KEY", append([]byte("openssh-key-v1\x00"), random...)),
		"PGP":                    "-----BEGIN PGP PRIVATE KEY BLOCK-----\nComment: for tests\n\n" + wrap(std(random), 64) + "\n=abcd\n-----END PGP PRIVATE KEY BLOCK-----\n",
		"SSH2":                   "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: \"x\"\n" + wrap(std(random), 70) + "\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n",
		"on one line":            strings.ReplaceAll(ec, "\n", " "),
		"after a megabyte":       strings.Repeat("step done\n", 110_000) + ec + strings.Repeat("step done\n", 110_000),
		"in JSON":                `{"private_key":` + quoted(ec) + `}`,
		"in JSON in JSON":        `{"settings":` + quoted(`{"private_key":`+quoted(ec)+`}`) + `}`,
		"in JSON as PHP does":    `{"private_key":` + strings.ReplaceAll(quoted(rs), "/", `\/`) + `}`,
		"in JSON with \\u":       `{"private_key":` + strings.NewReplacer("-", `\u002d`, "+", `\u002B`, " ", `\u0020`).Replace(quoted(ec)) + `}`,
		"as lines of JSON":       `["` + strings.Join(strings.Split(ec, "\n"), `","`) + `"]`,
		"in YAML":                "key: |\n    " + strings.ReplaceAll(ec, "\n", "\n    "),
		"in XML":                 "<key>" + strings.ReplaceAll(ec, "\n", "&#10;") + "</key>",
		"in a comment":           "# " + strings.ReplaceAll(ec, "\n", "\n# "),
		"in Go":                  `"` + strings.ReplaceAll(ec, "\n", "\\n\" +\n\t\"") + `"`,
		"UTF-16 LE":              "\xff\xfe" + inUTF16(binary.LittleEndian, ec),
		"UTF-16 BE without mark": inUTF16(binary.BigEndian, ec),
		"JSON in UTF-16":         "\xff\xfe" + inUTF16(binary.LittleEndian, `{"private_key":`+quoted(ec)+`}`),
		"secret of Kubernetes":   "data:\n  tls.key: " + std([]byte(ec)) + "\n",
		"base64 in lines":        wrap(std([]byte("x"+rs)), 76),
		"DER":                    string(k.sec1),
		"DER PKCS #8":            string(k.pkcs8),
		"DER PKCS #1":            string(k.pkcs1),
		"DER Ed25519":            string(k.ed),
		"DER encrypted":          unhex(pbes2) + string(random),
		"DER in base64":          `{"key":"` + std(k.pkcs8) + `"}`,
		"short DER in base64":    "key=" + std(k.ed) + "\n",
		"DER in base64, P-256":   "key=" + std(k.sec1) + "\n",
		"PKCS #12":               unhex("30 82 05 00 02 01 03 30 82 04 c0 06 09 2a 86 48 86 f7 0d 01 07 01 a0 82 04 b1") + strings.Repeat("x", 200) + unhex("06 0b 2a 86 48 86 f7 0d 01 0c 0a 01 02"),
		"PGP, binary":            unhex("95 01 d8 04 5f 00 00 00 01") + string(random),
		"Java key store":         unhex("fe ed fe ed 00 00 00 02 00 00 00 01 00 00 00 01 00 01 61") + string(random),
		"JWK":                    jwk,
		"JWK Set":                `{"keys":[{"kty":"RSA","n":"` + raw(k.rsa.N.Bytes()) + `","e":"AQAB"},` + jwk + `]}`,
		"JWK of RSA":             `{"kty":"RSA","n":"` + raw(k.rsa.N.Bytes()) + `","e":"AQAB","d":"` + raw(k.rsa.D.Bytes()) + `"}`,
		"JWK, indented":          "{\n  \"d\": \"" + d + "\",\n  \"kty\": \"OKP\"\n}",
		"JWK in a string":        `{"value":` + quoted(jwk) + `}`,
		"JWK in YAML":            "keys:\n  - kty: OKP\n    crv: Ed25519\n    d: " + d + "\n    x: " + d + "\n",
		"secret JWK":             `{"kty":"oct","k":"` + d + `"}`,
		"PuTTY":                  "PuTTY-User-Key-File-3: ssh-ed25519\nPublic-Lines: 1\nAAAA\nPrivate-Lines: 1\n" + std(random[:36]) + "\nPrivate-MAC: 00\n",
		"age":                    "# created\nAGE-SECRET-KEY-1" + strings.Repeat("QPZRY9X8GF", 6)[:58] + "\n",
		"minisign":               "untrusted comment: minisign encrypted secret key\n" + std(append([]byte("EdScB2"), strings.Repeat("k3y", 51)...)) + "\n",
		"signify":                "untrusted comment: signify secret key\n" + std(append([]byte("EdBK"), strings.Repeat("k3y", 34)...)) + "\n",
		"WireGuard":              "[Interface]\nPrivateKey = " + std(random[:32]) + "\n",
		".NET":                   "<RSAKeyValue><Modulus>AQ==</Modulus><D>" + std(random) + "</D></RSAKeyValue>",
	} {
		for _, piece := range []int{1 << 20, 7, 1} {
			if piece < 1<<20 && len(text) > 100_000 {
				continue
			}
			if find(text, piece) == "" {
				t.Errorf("%s, in pieces of %d bytes: nothing found", name, piece)
			}
		}
	}
}

func TestNotFound(t *testing.T) {
	k := newKeys()
	std, raw := base64.StdEncoding.EncodeToString, base64.RawURLEncoding.EncodeToString
	d := raw(k.ec.X.FillBytes(make([]byte, 32)))
	hash := strings.Repeat("0123456789abcdef", 4)
	for name, text := range map[string]string{
		"nothing":                     "",
		"public key":                  block("PUBLIC KEY", k.public),
		"public key of RSA":           block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&k.rsa.PublicKey)),
		"certificate":                 block("CERTIFICATE", k.certificate),
		"certificate and public key":  block("CERTIFICATE", k.certificate) + block("PUBLIC KEY", k.public),
		"certificate, DER":            string(k.certificate),
		"public key, DER":             string(k.public),
		"public key of RSA, DER":      string(x509.MarshalPKCS1PublicKey(&k.rsa.PublicKey)),
		"request, DER":                string(must(x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, k.ec))),
		"certificate in base64":       `{"rawBytes":"` + std(k.certificate) + `"}`,
		"public key in base64":        `{"rawBytes":"` + std(k.public) + `"}`,
		"public JWK":                  `{"kty":"EC","crv":"P-256","x":"` + d + `","y":"` + d + `"}`,
		"public JWK beside a d":       `{"jwk":{"kty":"EC","x":"` + d + `","y":"` + d + `"},"d":"` + d + `"}`,
		"public JWK Set":              `{"keys":[{"kty":"OKP","x":"` + d + `"},{"kty":"RSA","n":"` + raw(k.rsa.N.Bytes()) + `","e":"AQAB"}]}`,
		"public JWK in YAML":          "- kty: OKP\n  x: " + d + "\nother:\n  d: " + d + "\n",
		"schema of JWKs":              `{"properties":{"kty":{"type":"string"},"d":{"type":"string","pattern":"^[A-Za-z0-9_-]{22,}$"}}}`,
		"a d of no key":               `{"a":1,"d":"2026-11-22T21:28:36Z-0123456789abcdef","x":3}`,
		"words":                       "Never commit a file that starts with `-----BEGIN PRIVATE KEY-----`.\nA `.ppk` file starts with `PuTTY-User-Key-File-3` and has `Private-Lines: 1`, an age key with `AGE-SECRET-KEY-1`.\n",
		"words and a hash":            "-----BEGIN RSA PRIVATE KEY----- was found in the file with the hash " + hash + hash + "\n",
		"masked":                      `{"match":"-----BEGIN RSA PRIVATE KEY-----` + strings.Repeat("*", 900) + `-----END RSA PRIVATE KEY-----","sha":"` + std(k.public) + `"}`,
		"masked with one letter":      "-----BEGIN RSA PRIVATE KEY-----\n" + strings.Repeat("x", 64) + "\n-----END RSA PRIVATE KEY-----\n",
		"shortened":                   "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn...\n-----END RSA PRIVATE KEY-----\n",
		"empty":                       "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n" + block("CERTIFICATE", k.certificate),
		"a rule that finds keys":      `regex = '''-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY( BLOCK)?-----[\s\S-]{64,}KEY-----'''`,
		"the words in base64":         std([]byte("Never commit a file that starts with -----BEGIN PRIVATE KEY-----, please.")),
		"public PGP key":              "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n" + wrap(std(k.certificate), 64) + "\n-----END PGP PUBLIC KEY BLOCK-----\n",
		"public PGP key, binary":      unhex("99 01 0d 04 5f 00 00 00 01") + string(k.public),
		"public SSH key":              "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + std(k.public) + " deploy@acme.example\n",
		"public PuTTY key":            "---- BEGIN SSH2 PUBLIC KEY ----\n" + std(k.public) + "\n---- END SSH2 PUBLIC KEY ----\n",
		"age recipient":               "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudlm5rfq5g3pqn\n",
		"minisign public key":         "untrusted comment: minisign public key\nRWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\n",
		"minisign signature":          "untrusted comment: signature from minisign secret key\n" + std(append([]byte("Ed01234567"), strings.Repeat("s1g", 32)...)) + "\n",
		"WireGuard peer":              "[Peer]\nPublicKey = " + std(k.public[:32]) + "\n",
		"store of certificates":       unhex("fe ed fe ed 00 00 00 02 00 00 00 01 00 00 00 02 00 01 61 00 00 00 00 00 00 00 00 00 05") + "X.509" + unhex("00 00 00 02 30 00") + strings.Repeat("h", 20),
		"PKCS #12 of certificates":    unhex("30 82 05 00 02 01 03 30 82 04 c0 06 09 2a 86 48 86 f7 0d 01 07 01 a0 82 04 b1") + strings.Repeat("x", 200),
		"backslashes":                 strings.Repeat(`\`, 3000) + "u00" + strings.Repeat("\x00", 3000),
		"picture":                     "\x89PNG\r\n\x1a\n" + string(k.public),
		"signed PKCS #7":              unhex("30 82 01 00 06 09 2a 86 48 86 f7 0d 01 07 02 a0 82 00 f0"),
		"question to a time stamper":  unhex("30 39 02 01 01 30 31 30 0d 06 09 60 86 48 01 65 03 04 02 01 05 00 04 20") + strings.Repeat("h", 32),
		"a private key that is named": "privateKey: /etc/keys/signing.pem\nPrivateKey = /etc/wireguard/key\n",
	} {
		for _, piece := range []int{1 << 20, 7, 1} {
			if found := find(text, piece); found != "" {
				t.Errorf("%s, in pieces of %d bytes: found %s", name, piece, found)
			}
		}
	}
}

// TestLinear: texts that are full of what keys begin with cost no more for each
// byte when they are longer.
func TestLinear(t *testing.T) {
	needle := base64.StdEncoding.EncodeToString([]byte("PRIVATE KEY---"))
	for _, unit := range []string{needle[:18], "-----BEGIN PRIVATE KEY----- ", `"kty" `, `{"kty":"EC",`, "<D>", "Private-Lines: 1 ", `\`, "MII ", "kty: EC\n"} {
		allocs := func(n int) float64 {
			text := strings.Repeat(unit, n/len(unit))
			return testing.AllocsPerRun(1, func() { find(text, 64<<10) })
		}
		if short, long := allocs(1<<18), allocs(1<<20); long > 5*short+64 {
			t.Errorf("%q: %v allocations for 256 KiB, %v for 1 MiB", unit, short, long)
		}
	}
}

func BenchmarkScanner(b *testing.B) {
	text := []byte(strings.Repeat(`{"name":"github.com/acme/box","checksum":"`+strings.Repeat("0a1B", 16)+`","path":"a\/b\n"},`, 80_000))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		var s Scanner
		s.Write(text)
		if s.Found() != "" {
			b.Fatal("found")
		}
	}
}
