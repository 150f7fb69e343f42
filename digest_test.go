// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package evidence_test

import (
	"crypto"
	_ "crypto/sha512"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
)

func TestDigest(t *testing.T) {
	for alg, hash := range map[evidence.Algorithm]crypto.Hash{
		evidence.SHA256: crypto.SHA256, evidence.SHA384: crypto.SHA384, evidence.SHA512: crypto.SHA512,
	} {
		h := hash.New()
		h.Write([]byte("evidence"))
		text := fmt.Sprintf("%s:%x", alg, h.Sum(nil))
		d, err := evidence.ParseDigest(text)
		if err != nil {
			t.Fatal(err)
		}
		again, err := evidence.NewDigest(alg, h.Sum(nil))
		if err != nil || again != d {
			t.Errorf("NewDigest = %v, %v; want %v", again, err, d)
		}
		own := alg.New()
		own.Write([]byte("evidence"))
		if fmt.Sprintf("%x", own.Sum(nil)) != d.Hex() || alg.Size() != hash.Size() {
			t.Errorf("%s: New or Size is of another algorithm", alg)
		}
		if d.String() != text || d.Algorithm() != alg || d.Hex() != text[len(alg)+1:] || d.IsZero() {
			t.Errorf("%s: got %s, %s, %s", text, d, d.Algorithm(), d.Hex())
		}
		var back evidence.Digest
		b, err := json.Marshal(d)
		if err == nil {
			err = json.Unmarshal(b, &back)
		}
		if err != nil || back != d {
			t.Errorf("through JSON: %v, %v", back, err)
		}
	}
}

func TestSum256AgainstTool(t *testing.T) {
	sha256sum, err := exec.LookPath("sha256sum")
	if err != nil {
		t.Skip("sha256sum not installed")
	}
	cmd := exec.Command(sha256sum)
	cmd.Stdin = strings.NewReader("evidence\n")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	want, err := evidence.ParseSHA256(strings.Fields(string(out))[0])
	if got := evidence.Sum256([]byte("evidence\n")); err != nil || got != want {
		t.Errorf("got %s, sha256sum says %s, %v", got, want, err)
	}
}

func TestDigestZero(t *testing.T) {
	var d evidence.Digest
	if !d.IsZero() || d.String() != "" || d.Hex() != "" || d.Algorithm() != "" || d.Bytes() != nil {
		t.Errorf("the zero Digest is %q", d)
	}
	if _, err := d.MarshalText(); !errors.Is(err, evidence.ErrFormat) {
		t.Errorf("MarshalText of the zero Digest: %v", err)
	}
	if d == evidence.Sum256(nil) {
		t.Error("the zero Digest equals one that was computed")
	}
}

func TestParseDigestRefuses(t *testing.T) {
	hex := strings.Repeat("0123456789abcdef", 4)
	for _, test := range []struct {
		text  string
		class error
		want  string
	}{
		{"", evidence.ErrFormat, "not of the form algorithm:hex"},
		{hex, evidence.ErrFormat, `want "sha256:" before it`},
		{"sha256", evidence.ErrFormat, "not of the form"},
		{"sha256:", evidence.ErrFormat, "0 digits, want 64"},
		{"sha256:" + hex[1:], evidence.ErrFormat, "63 digits, want 64"},
		{"sha256:" + hex + "0", evidence.ErrFormat, "65 digits, want 64"},
		{"sha256:" + strings.ToUpper(hex), evidence.ErrFormat, "upper-case digit 'A'"},
		{"sha256:" + hex[1:] + "g", evidence.ErrFormat, `has "g" at 64`},
		{"sha256: " + hex[1:], evidence.ErrFormat, `has " " at 1`},
		{"sha512:" + hex, evidence.ErrFormat, "64 digits, want 128"},
		{"SHA256:" + hex, evidence.ErrFormat, "is spelled sha256"},
		{"sha-256:" + hex, evidence.ErrFormat, "is spelled sha256"},
		{"md5:" + hex[:32], evidence.ErrUnsupported, "md5 is broken"},
		{"sha1:" + hex[:40], evidence.ErrUnsupported, "sha1 is broken"},
		{"blake3:" + hex, evidence.ErrUnsupported, `"blake3" is not known`},
		{":" + hex, evidence.ErrUnsupported, `"" is not known`},
		{"sha256:" + strings.Repeat("é", 32), evidence.ErrFormat, "want hexadecimal digits"},
	} {
		d, err := evidence.ParseDigest(test.text)
		var p *evidence.Problem
		if !errors.As(err, &p) || p.Code != "digest" || !errors.Is(err, test.class) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want class %v saying %q", test.text, err, test.class, test.want)
		}
		if !d.IsZero() {
			t.Errorf("%q: a digest came with the error", test.text)
		}
	}
}
