// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package signers is the flags by which a caller says whose signature counts.
package signers

import (
	"errors"
	"fmt"

	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/attest/sigstore"
	"github.com/HailBytes/evidence/internal/cli"
)

// Flags are -trusted-root, -certificate-identity, -certificate-identity-regexp,
// -certificate-oidc-issuer and -key.
type Flags struct {
	root     string
	identity sigstore.Identity
	keys     cli.Strings
}

// Define adds the flags to a command.
func (f *Flags) Define(cmd *cli.Command) {
	cmd.Flags.StringVar(&f.root, "trusted-root", "", "trusted_root.json of the Sigstore instance to trust, `FILE`")
	cmd.Flags.StringVar(&f.identity.SAN, "certificate-identity", "", "exact identity of the signer, `URL`")
	cmd.Flags.StringVar(&f.identity.SANPattern, "certificate-identity-regexp", "", "`PATTERN` (RE2) for the whole identity of the signer; one that strangers match is refused")
	cmd.Flags.StringVar(&f.identity.Issuer, "certificate-oidc-issuer", "", "exact OIDC issuer of the signer, `URL`")
	cmd.Flags.Var(&f.keys, "key", "public key of a signer, `FILE` with PEM, DER, a JWK or a JWK Set; may be repeated")
}

// Verifiers returns the signers that the flags name, none if they name none. Its
// errors mean that nothing could be checked.
func (f *Flags) Verifiers() ([]attest.Verifier, error) {
	var signers []attest.Verifier
	for _, name := range f.keys {
		data, err := cli.ReadFile(name, cli.MaxSettings)
		if err != nil {
			return nil, err
		}
		keys, err := attest.ParseKeys(data)
		if err != nil {
			return nil, &cli.UsageError{Message: fmt.Sprintf("-key %s: %v", name, err)}
		}
		for _, key := range keys {
			signers = append(signers, key)
		}
	}
	keyless := f.Keyless()
	switch {
	case !keyless && f.identity.Issuer == "" && f.root == "":
		return signers, nil
	case !keyless || f.root == "" || f.identity.Issuer == "":
		return nil, &cli.UsageError{Message: "a keyless signer takes -trusted-root, -certificate-oidc-issuer, and -certificate-identity or -certificate-identity-regexp"}
	}
	data, err := cli.ReadFile(f.root, cli.MaxSettings)
	if err != nil {
		return nil, err
	}
	root, err := sigstore.ParseTrustedRoot(data)
	if err != nil {
		return nil, cannot(fmt.Errorf("-trusted-root %s: %w", f.root, err))
	}
	signer, err := sigstore.NewVerifier(root, f.identity, nil)
	if err != nil {
		return nil, cannot(err)
	}
	return append(signers, signer), nil
}

// Keyless reports whether the flags name an identity, beside keys or alone.
func (f *Flags) Keyless() bool { return f.identity.SAN != "" || f.identity.SANPattern != "" }

// cannot says of an error about what the caller trusts that it is not a verdict on what is checked.
func cannot(err error) error { return errors.New(err.Error()) }
