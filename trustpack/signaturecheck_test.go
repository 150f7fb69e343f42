// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/test/sigtest"
	"github.com/HailBytes/evidence/manifest"
)

const signedFolder = "../testdata/evidence/asm-1.482/signatures/"

func readTestFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// signedDocument makes the document that is read of a file about an image.
func signedDocument(t *testing.T, path string, kind manifest.Kind, format manifest.Format, data []byte) *Document {
	t.Helper()
	d := &Document{File: manifest.File{Path: path, Kind: kind, Format: format, SHA256: evidence.Sum256(data)}}
	if err := d.readSigned(data, format, &evidenceReader{}); err != nil {
		t.Fatal(err)
	}
	return d
}

// wantCheck fails the test unless the check of an id about a subject is as expected; a
// status of 0 means that there is none.
func wantCheck(t *testing.T, checks evidence.Checks, id, subject string, status evidence.Status, says string) {
	t.Helper()
	for _, c := range checks {
		if c.ID != id || c.Subject != subject {
			continue
		}
		if c.Status != status || !strings.Contains(c.Message, says) {
			t.Errorf("got %s %q, want %s %q", c.Status, c.Message, status, says)
		}
		if status == evidence.StatusFail && !errors.Is(c.Problems[0].Err, evidence.ErrMismatch) {
			t.Errorf("class of the failure is %v", c.Problems[0].Err)
		}
		return
	}
	if status != 0 {
		t.Errorf("no check %s about %s in %v", id, subject, checks)
	}
}

// TestSignedFacts: what signatures, references and manifests name is the image that they
// are given to.
func TestSignedFacts(t *testing.T) {
	const repository = "ghcr.io/hailbytes/hailbytes-asm-celery"
	oci := readTestFile(t, signedFolder+"hailbytes-asm-celery.manifest.json")
	digest := evidence.Sum256(oci)
	other := evidence.Sum256([]byte("other"))
	payload := func(repository string, d evidence.Digest) string {
		return `{"critical":{"identity":{"docker-reference":"` + repository + `"},"image":{"docker-manifest-digest":"` + d.String() + `"},"type":"cosign container image signature"},"optional":null}`
	}
	signature := func(d evidence.Digest) []byte {
		data, err := json.Marshal(map[string]any{"Base64Signature": "AA==", "Payload": []byte(payload(repository, d))})
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	attestation := func(d evidence.Digest) []byte {
		data, err := signedAbout(t, newSigner(t), d, "https://example.com/p", struct{}{}).data()
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	listed := evidence.Sum256([]byte("a platform"))
	file := evidence.Sum256([]byte("an SBOM"))
	const pass, warn, fail = evidence.StatusPass, evidence.StatusWarn, evidence.StatusFail
	for _, tt := range []struct {
		name   string
		path   string
		kind   manifest.Kind
		format manifest.Format
		data   []byte
		status evidence.Status
		says   string
	}{
		{"signature", "celery.signature.json", manifest.KindSignature, manifest.FormatCosignSignature, signature(digest), pass, ""},
		{"signature of a platform", "celery.signature.json", manifest.KindSignature, manifest.FormatCosignSignature, signature(listed), pass, ""},
		{"signature of another image", "celery.signature.json", manifest.KindSignature, manifest.FormatCosignSignature, signature(other), fail, other.String()},
		{"attestation", "celery.att.json", manifest.KindAttestation, manifest.FormatDSSE, attestation(digest), pass, ""},
		{"attestation about a file", "celery.att.json", manifest.KindAttestation, manifest.FormatDSSE, attestation(file), pass, ""},
		{"attestation about another image", "celery.att.json", manifest.KindAttestation, manifest.FormatDSSE, attestation(other), fail, other.String()},
		{"named for another image", "nginx.att.json", manifest.KindAttestation, manifest.FormatDSSE, attestation(digest), warn, "is named for image nginx, and is about celery"},
		{"named for an image with a longer name", "celery.beat.json", manifest.KindAttestation, manifest.FormatDSSE, attestation(digest), pass, ""},
		{"cosign", "v.json", manifest.KindSignature, manifest.FormatCosignVerify, []byte("[" + payload(repository, digest) + "," + payload(repository, digest) + "]"), pass, ""},
		{"cosign, other digest", "v.json", manifest.KindSignature, manifest.FormatCosignVerify, []byte("[" + payload(repository, digest) + "," + payload(repository, other) + "]"), fail, other.String()},
		{"cosign, mirror", "v.json", manifest.KindSignature, manifest.FormatCosignVerify, []byte("[" + payload("mirror.example/x/hailbytes-asm-celery", digest) + "]"), pass, ""},
		{"cosign, other repository", "v.json", manifest.KindSignature, manifest.FormatCosignVerify, []byte("[" + payload("ghcr.io/acme/x", digest) + "]"), warn, "ghcr.io/acme/x"},
		{"reference", "r.txt", manifest.KindImageManifest, manifest.FormatImageReference, []byte(repository + ":1.482@" + digest.String() + "\n"), pass, ""},
		{"reference by a tag", "r.txt", manifest.KindImageManifest, manifest.FormatImageReference, []byte(repository + ":latest\n"), warn, "a tag can move"},
		{"reference, other digest", "r.txt", manifest.KindImageManifest, manifest.FormatImageReference, []byte(repository + "@" + other.String()), fail, other.String()},
		{"manifest", "m.json", manifest.KindImageManifest, manifest.FormatOCIManifest, oci, pass, ""},
		{"manifest of other bytes", "m.json", manifest.KindImageManifest, manifest.FormatOCIManifest, append(bytes.Clone(oci), ' '), fail, digest.String()},
		{"signature of an artifact", "b.json", manifest.KindSignature, manifest.FormatCosignSignature, []byte(`{}`), 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := &manifest.Manifest{
				Images: []manifest.Image{{Name: "celery", Reference: repository + ":1.482", Digest: digest}, {Name: "nginx", Digest: other}},
				Files:  []manifest.File{{Path: "sbom", SHA256: file}},
			}
			d := signedDocument(t, tt.path, tt.kind, tt.format, tt.data)
			s := &Subject{Name: "celery", Image: &m.Images[0], Documents: []*Document{d}, otherDigests: []string{listed.String()}}
			wantCheck(t, signedFacts(&Release{Manifest: m}, s), checkAbout, tt.path, tt.status, tt.says)
		})
	}
	m := &manifest.Manifest{Images: []manifest.Image{{Name: "celery", Digest: digest}}}
	for d, status := range map[evidence.Digest]evidence.Status{digest: pass, other: warn} {
		s := &Subject{Documents: []*Document{signedDocument(t, "a.json", manifest.KindAttestation, manifest.FormatDSSE, attestation(d))}}
		wantCheck(t, signedFacts(&Release{Manifest: m}, s), checkAbout, "a.json", status, "")
	}
}

// TestCertificates: a certificate file is that of a signature, and the manifest names its holder.
func TestCertificates(t *testing.T) {
	const (
		identity = "https://github.com/HailBytes/hailbytes-asm/.github/workflows/build.yml@refs/tags/v1.482"
		issuer   = "https://token.actions.githubusercontent.com"
	)
	bundle := readTestFile(t, signedFolder+"keyless/hailbytes-asm-celery.image.sigstore.json")
	provenance := readTestFile(t, signedFolder+"keyless/hailbytes-asm-celery.provenance.sigstore.json")
	leaf := readTestFile(t, signedFolder+"hailbytes-asm-celery.pem")
	root := readTestFile(t, signedFolder+"keyless/trusted_root.json")
	encode := func(der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}) }
	parsed, err := attest.ParseBundle(provenance, nil)
	if err != nil {
		t.Fatal(err)
	}
	another := encode(parsed.UnverifiedCertificates()[0]) // of the same workflow and run
	var authorities []byte
	for _, c := range (&Document{data: root}).rootCertificates() {
		authorities = append(authorities, encode(c.Raw)...)
	}
	if authorities == nil {
		t.Fatal("the trusted root has no authority")
	}
	stranger := encode(sigtest.New("stranger.example").Fulcio.Root.Raw)
	block, _ := pem.Decode(leaf)
	const pass, warn, fail = evidence.StatusPass, evidence.StatusWarn, evidence.StatusFail
	for _, tt := range []struct {
		name    string
		files   [][]byte // certificate files 0.pem, 1.pem; the first is judged
		bundle  []byte
		kind    manifest.Kind
		signing manifest.Signing
		subject string
		status  evidence.Status
		says    string
	}{
		{"same", [][]byte{leaf}, bundle, manifest.KindSignature, manifest.Signing{}, "0.pem", pass, "of a signature"},
		{"text before", [][]byte{append([]byte("the signer\n"), leaf...)}, bundle, manifest.KindSignature, manifest.Signing{}, "0.pem", pass, "of a signature"},
		{"DER", [][]byte{block.Bytes}, bundle, manifest.KindSignature, manifest.Signing{}, "0.pem", pass, "of a signature"},
		{"chain", [][]byte{append(bytes.Clone(leaf), authorities...)}, bundle, manifest.KindSignature, manifest.Signing{}, "0.pem", pass, "of a signature"},
		{"authorities", [][]byte{authorities}, bundle, manifest.KindSignature, manifest.Signing{}, "0.pem", pass, "authority"},
		{"other authority", [][]byte{stranger}, bundle, manifest.KindSignature, manifest.Signing{}, "0.pem", fail, "is not the one in the signature"},
		{"other authority beside", [][]byte{stranger, leaf}, bundle, manifest.KindSignature, manifest.Signing{}, "0.pem", warn, "of no signature"},
		{"another of the workflow", [][]byte{another}, bundle, manifest.KindSignature, manifest.Signing{}, "0.pem", fail, "is not the one in the signature"},
		{"another beside", [][]byte{another, leaf}, bundle, manifest.KindSignature, manifest.Signing{}, "0.pem", warn, "of no signature"},
		{"only an attestation", [][]byte{leaf}, provenance, manifest.KindAttestation, manifest.Signing{}, "0.pem", warn, "of no signature"},
		{"no file", nil, bundle, manifest.KindSignature, manifest.Signing{}, "0.pem", 0, ""},
		{"claimed", nil, bundle, manifest.KindSignature, manifest.Signing{CertificateIdentity: identity, CertificateOIDCIssuer: issuer, Bundle: "b.json"}, "image celery", pass, ""},
		{"claimed by a pattern", nil, bundle, manifest.KindSignature, manifest.Signing{CertificateIdentityRegexp: "^https://github.com/HailBytes/", CertificateOIDCIssuer: issuer}, "image celery", pass, ""},
		{"claimed by another pattern", nil, bundle, manifest.KindSignature, manifest.Signing{CertificateIdentityRegexp: "^https://github.com/acme/", CertificateOIDCIssuer: issuer}, "image celery", fail, "acme"},
		{"claimed for another", nil, bundle, manifest.KindSignature, manifest.Signing{CertificateIdentity: "a@acme.example", CertificateOIDCIssuer: issuer, Bundle: "b.json"}, "image celery", fail, "a@acme.example"},
		{"claimed of another issuer", nil, bundle, manifest.KindSignature, manifest.Signing{CertificateIdentity: identity, CertificateOIDCIssuer: "https://acme.example"}, "image celery", fail, "acme.example"},
		{"claimed, by a file", [][]byte{leaf}, provenance, manifest.KindAttestation, manifest.Signing{CertificateIdentity: "a@acme.example", CertificateOIDCIssuer: issuer}, "image celery", fail, "a@acme.example"},
		{"claimed unsigned, and signed", nil, bundle, manifest.KindSignature, manifest.Signing{Status: manifest.Unsigned}, "image celery", warn, "b.json signs it"},
		{"claimed unsigned, and only attested", nil, provenance, manifest.KindAttestation, manifest.Signing{Status: manifest.Unsigned}, "image celery", 0, ""},
		{"claimed, and no certificate", nil, provenance, manifest.KindAttestation, manifest.Signing{CertificateIdentity: identity, CertificateOIDCIssuer: issuer}, "image celery", 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			img := &manifest.Image{Name: "celery", Signing: tt.signing}
			s := &Subject{Name: "celery", Image: img, Documents: []*Document{signedDocument(t, "b.json", tt.kind, manifest.FormatSigstoreBundle, tt.bundle)}}
			for i, data := range tt.files {
				s.Documents = append(s.Documents, signedDocument(t, string(rune('0'+i))+".pem", manifest.KindCertificate, manifest.FormatPEM, data))
			}
			if tt.kind == manifest.KindSignature {
				s.holds = map[manifest.Kind]string{manifest.KindImageSigning: "b.json"} // as reading finds it
			}
			wantCheck(t, certificateChecks(s), checkCertificate, tt.subject, tt.status, tt.says)
		})
	}
	// The trust root in the pack lists the authority of the signature, or another one.
	for _, tt := range []struct {
		name   string
		root   []byte
		status evidence.Status
	}{
		{"the root", root, pass},
		{"two roots", append(sigtest.New("stranger.example").TrustedRoot(), root...), pass},
		{"another root", sigtest.New("stranger.example").TrustedRoot(), warn},
		{"no authority in it", []byte(`{"certificateAuthorities":7}`), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			image := &Subject{Name: "celery", Image: &manifest.Image{}, Documents: []*Document{signedDocument(t, "b.json", manifest.KindSignature, manifest.FormatSigstoreBundle, bundle)}}
			release := &Subject{Documents: []*Document{signedDocument(t, "root.json", manifest.KindTrustRoot, manifest.FormatTrustedRoot, tt.root)}}
			certificateChecks(image)
			certificateChecks(release)
			wantCheck(t, rootChecks(&Release{Subjects: []*Subject{image, release}}), checkRoot, "", tt.status, "")
		})
	}
}
