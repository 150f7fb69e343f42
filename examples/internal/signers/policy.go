// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package signers

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/attest/sigstore"
	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/trustpack"
	"github.com/HailBytes/evidence/trustpack/policy"
)

// ApplyPolicy adds to pol, which the flags of a command have filled in, what a policy file
// asks. Whatever only one of the two may say, such as who the publisher is, is refused
// where both do. Its errors mean that nothing can be checked.
func ApplyPolicy(ctx context.Context, p *policy.Policy, pol *trustpack.Policy) error {
	file, err := p.Verification(ctx, pol.Now)
	if err != nil {
		return err
	}
	if file.Publisher, err = of(p, p.Publisher, &pol.TrustFiles); err != nil {
		return err
	}
	if file.ImageSigners, err = of(p, p.ImageSigners, &pol.TrustFiles); err != nil {
		return err
	}
	for _, c := range []struct {
		what string
		both bool
	}{
		{"the publisher", len(pol.Publisher) > 0 && len(file.Publisher) > 0},
		{"the signers of images", len(pol.ImageSigners) > 0 && len(file.ImageSigners) > 0},
		{"the profile", (pol.Profile != nil || pol.UnsafeNoProfile) && (file.Profile != nil || file.UnsafeNoProfile)},
		{"the product", pol.Product != "" && file.Product != "" && pol.Product != file.Product},
		{"the version", pol.Version != "" && file.Version != "" && pol.Version != file.Version},
	} {
		if c.both {
			return &cli.UsageError{Message: fmt.Sprintf("-policy %s names %s, and other flags do so too", p.Name, c.what)}
		}
	}
	pol.Publisher, pol.ImageSigners = append(pol.Publisher, file.Publisher...), append(pol.ImageSigners, file.ImageSigners...)
	pol.Require = append(pol.Require, file.Require...)
	pol.Gate = file.Gate
	if file.Profile != nil || file.UnsafeNoProfile {
		pol.Profile, pol.UnsafeNoProfile = file.Profile, file.UnsafeNoProfile
	}
	if file.Product != "" {
		pol.Product = file.Product
	}
	if file.Version != "" {
		pol.Version = file.Version
	}
	return nil
}

// of returns the verifiers of the signers that a policy names, and notes the files that
// they were read from.
func of(p *policy.Policy, list []policy.Signer, files *[]trustpack.TrustFile) ([]attest.Verifier, error) {
	var all []attest.Verifier
	for _, s := range list {
		name := s.Key
		if name == "" {
			name = s.TrustedRoot
		}
		data, err := cli.ReadFile(p.File(name), cli.MaxSettings)
		if err != nil {
			return nil, fmt.Errorf("policy %s: %w", p.Name, err)
		}
		file := trustpack.TrustFile{Name: p.File(name), SHA256: evidence.Sum256(data)}
		signer, err := verifiers(s, data, &file)
		if err != nil {
			return nil, fmt.Errorf("policy %s: %s: %v", p.Name, name, err) // without its class: it is no verdict on a pack
		}
		all = append(all, signer...)
		if !slices.Contains(*files, file) {
			*files = append(*files, file)
		}
	}
	return all, nil
}

// verifiers makes the verifiers of one signer, of the data in its key or trusted root.
func verifiers(s policy.Signer, data []byte, file *trustpack.TrustFile) ([]attest.Verifier, error) {
	if s.Key != "" {
		keys, err := attest.ParseKeys(data)
		var all []attest.Verifier
		for _, k := range keys {
			all = append(all, k)
		}
		if err == nil && len(all) == 0 {
			err = errors.New("holds no key")
		}
		return all, err
	}
	root, err := sigstore.ParseTrustedRoot(data)
	if err != nil {
		return nil, err
	}
	file.Newest = root.Newest()
	v, err := sigstore.NewVerifier(root, sigstore.Identity{
		SAN: s.Identity, SANPattern: s.IdentityPattern, Issuer: s.Issuer, SourceRepository: s.SourceRepository,
	}, nil)
	if err != nil {
		return nil, err
	}
	return []attest.Verifier{v}, nil
}
