// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package signers is the flags by which a caller says whose signature counts.
package signers

import (
	"flag"
	"fmt"
	"slices"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/attest/sigstore"
	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/trustpack"
)

// Flags are those of [Evidence], and for the publisher -certificate-identity,
// -certificate-identity-regexp, -certificate-oidc-issuer, -source-repository and -key.
// The first two and -key are there once more, with "image-" before the name, for those
// who sign images, where these are others.
type Flags struct {
	Evidence
	cmd        *cli.Command
	issuer     string
	repository string
	publisher  signer
	images     signer
	files      []trustpack.TrustFile
	others     map[string]bool // flags of the command that were there before
	alone      bool            // a trusted root is of use without an identity
}

// signer is who must have signed one kind of thing.
type signer struct {
	prefix       string // of its flags
	san, pattern string
	keys         cli.Strings
}

// Define adds the flags to a command.
func (f *Flags) Define(cmd *cli.Command) {
	f.cmd, f.others = cmd, map[string]bool{}
	cmd.Flags.VisitAll(func(other *flag.Flag) { f.others[other.Name] = true })
	f.Evidence.Define(cmd)
	cmd.Flags.StringVar(&f.issuer, "certificate-oidc-issuer", "", "exact OIDC issuer of the signers, `URL`")
	cmd.Flags.StringVar(&f.repository, "source-repository", "", "exact source repository in the certificates of the signers, `URI`")
	f.publisher.define(cmd, "", "the signer of the pack's statement, and of images unless -image-… names another")
	f.images.define(cmd, "image-", "the signer of images and of what is attested of them, where that is not the publisher")
}

func (s *signer) define(cmd *cli.Command, prefix, who string) {
	s.prefix = prefix
	cmd.Flags.StringVar(&s.san, prefix+"certificate-identity", "", "exact identity of "+who+", `URL`")
	cmd.Flags.StringVar(&s.pattern, prefix+"certificate-identity-regexp", "", "`PATTERN` (RE2) for the whole identity; one that strangers match is refused")
	cmd.Flags.Var(&s.keys, prefix+"key", "public key of "+who+", `FILE` with PEM, DER, a JWK or a JWK Set; may be repeated")
}

func (s *signer) keyless() bool { return s.san != "" || s.pattern != "" }

func (s *signer) given() bool { return s.keyless() || len(s.keys) > 0 }

// Apply fills in who must have signed the pack and the images: Publisher, ImageSigners
// and TrustFiles of the policy. Statement says that the pack's statement was given: keys
// without an -image- flag are then those of the statement, whose maker need not have
// signed the images. Its errors mean that nothing could be checked.
func (f *Flags) Apply(pol *trustpack.Policy, statement bool) error {
	keyless := append([]string{"certificate-oidc-issuer", "source-repository"}, EvidenceFlags...)
	if !f.alone {
		keyless = append(keyless, "trusted-root")
	}
	if slices.ContainsFunc(keyless, f.cmd.IsSet) && !f.publisher.keyless() && !f.images.keyless() {
		return f.incomplete(&f.publisher)
	}
	publisher, err := f.verifiers(&f.publisher)
	if err != nil {
		return err
	}
	images, err := f.verifiers(&f.images)
	if err != nil {
		return err
	}
	pol.Publisher, pol.ImageSigners = publisher, images
	if !f.images.given() && (!statement || f.publisher.keyless()) {
		pol.ImageSigners = publisher
	}
	pol.TrustFiles = f.files
	return nil
}

// Fingerprint returns the SHA-256 of these flags and of the files that they name, once
// Apply has read them: whoever is trusted in another way has another one. It is empty
// where none is given. The command must define its own flags before these.
func (f *Flags) Fingerprint() string {
	var said []string
	f.cmd.Flags.Visit(func(given *flag.Flag) {
		if !f.others[given.Name] {
			said = append(said, given.Name, given.Value.String())
		}
	})
	for _, file := range f.files {
		said = append(said, file.SHA256.String())
	}
	if len(said) == 0 {
		return ""
	}
	return evidence.Sum256(fmt.Appendf(nil, "%q", said)).Hex()
}

func (f *Flags) incomplete(s *signer) error {
	return &cli.UsageError{Message: fmt.Sprintf("a keyless signer takes -trusted-root, -certificate-oidc-issuer, and -%scertificate-identity or -%[1]scertificate-identity-regexp", s.prefix)}
}

// verifiers returns the signers that the flags name, none if they name none.
func (f *Flags) verifiers(s *signer) ([]attest.Verifier, error) {
	var all []attest.Verifier
	for _, name := range s.keys {
		data, err := cli.ReadFile(name, cli.MaxSettings)
		if err != nil {
			return nil, err
		}
		keys, err := attest.ParseKeys(data)
		if err != nil {
			return nil, &cli.UsageError{Message: fmt.Sprintf("-%skey %s: %v", s.prefix, name, err)}
		}
		f.read(trustpack.TrustFile{Name: name, SHA256: evidence.Sum256(data)})
		for _, key := range keys {
			all = append(all, key)
		}
	}
	if !s.keyless() {
		return all, nil
	}
	if f.RootFile == "" || f.issuer == "" {
		return nil, f.incomplete(s)
	}
	root, err := f.trustedRoot()
	if err != nil {
		return nil, err
	}
	keyless, err := sigstore.NewVerifier(root, sigstore.Identity{
		SAN: s.san, SANPattern: s.pattern, Issuer: f.issuer, SourceRepository: f.repository,
	}, f.Options(false))
	if err != nil {
		return nil, cannot(err)
	}
	return append(all, keyless), nil
}

// trustedRoot reads the trusted root, and notes its file.
func (f *Flags) trustedRoot() (*sigstore.TrustedRoot, error) {
	root, err := f.Root()
	if err == nil {
		f.read(trustpack.TrustFile{Name: f.RootFile, SHA256: f.digest, Newest: root.Newest()})
	}
	return root, err
}

// read notes a file that says who is trusted, once.
func (f *Flags) read(file trustpack.TrustFile) {
	if !slices.Contains(f.files, file) {
		f.files = append(f.files, file)
	}
}
