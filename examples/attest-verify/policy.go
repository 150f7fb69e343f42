// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/attest/sigstore"
	"github.com/HailBytes/evidence/examples/internal/signers"
	"github.com/HailBytes/evidence/internal/cli"
)

// summaryFlags say what a verification summary must state.
var summaryFlags = []string{"verification-result", "verifier-id", "resource-uri", "verified-level"}

// check says what is wrong with the flags beside each other, empty if nothing is.
func (o *options) check(cmd *cli.Command) string {
	given := func(names ...string) int {
		n := 0
		for _, name := range names {
			if cmd.IsSet(name) {
				n++
			}
		}
		return n
	}
	keyless := given("certificate-identity", "certificate-identity-regexp", "certificate-oidc-issuer", "source-repository")
	summary := given(summaryFlags...)
	if len(o.layoutKeys) > 0 {
		if keyless+given("artifact", "digest", "unsafe-any-subject", "trusted-root", "key", "threshold", "predicate-type", "predicate")+given(signers.EvidenceFlags...)+summary > 0 {
			return "a layout takes -layout-key, -link-dir and -unsafe-run-inspections only"
		}
		if o.linkDir == "" {
			return "-layout-key needs -link-dir"
		}
		return ""
	}
	switch {
	case cmd.IsSet("verification-result") && o.summary.Result != "PASSED" && o.summary.Result != "FAILED":
		return "-verification-result is PASSED or FAILED"
	case given("link-dir", "unsafe-run-inspections") > 0:
		return "-link-dir and -unsafe-run-inspections need -layout-key"
	case given("artifact", "digest", "unsafe-any-subject") != 1:
		return "choose one of -artifact, -digest and -unsafe-any-subject"
	case len(o.keys) > 0 && keyless > 0:
		return "-key and the flags for a certificate: choose one"
	case len(o.keys) > 1 && o.RootFile != "":
		return "-trusted-root goes with one -key"
	case len(o.keys) > 0 && cmd.IsSet("min-sct"):
		return "a key has no signed certificate timestamps: -min-sct is for certificates"
	case len(o.keys) > 0 && o.RootFile == "" && given("min-tlog", "min-timestamps", "min-signed-timestamps") > 0:
		return "-min-tlog, -min-timestamps and -min-signed-timestamps need -trusted-root"
	case len(o.keys) > 0:
		if o.threshold < 1 {
			return "-threshold is at least 1"
		}
		return ""
	case cmd.IsSet("threshold"):
		return "-threshold needs -key"
	case o.RootFile == "":
		return "say whom to trust: -key, or -trusted-root with an identity and issuer"
	case given("certificate-identity", "certificate-identity-regexp") != 1 || o.identity+o.pattern == "":
		return "choose one of -certificate-identity and -certificate-identity-regexp"
	case o.issuer == "":
		return "-certificate-oidc-issuer is needed with an identity"
	}
	return ""
}

// policy returns whose signature is wanted. What cannot be read as a key or root
// was not checked; a key that is too weak was.
func (o *options) policy(cmd *cli.Command) (attest.Policy, error) {
	signed, err := o.signers()
	if err != nil {
		return attest.Policy{}, err
	}
	if o.predicateType != "" {
		signed = attest.All(signed, attest.PredicateType(o.predicateType))
	}
	if slices.ContainsFunc(summaryFlags, cmd.IsSet) {
		o.summary.VerifiedLevels = o.levels
		signed = attest.All(signed, attest.Summary(o.summary))
	}
	return signed, nil
}

func (o *options) signers() (attest.Policy, error) {
	keys, err := readKeys(o.keys)
	if err != nil {
		return attest.Policy{}, err
	}
	if o.RootFile == "" {
		var all []attest.Verifier
		for _, k := range keys {
			all = append(all, k)
		}
		return attest.AtLeast(o.threshold, all...), nil
	}
	if len(keys) > 1 {
		return attest.Policy{}, fmt.Errorf("-trusted-root goes with one -key, and %s holds %d", o.keys[0], len(keys))
	}
	root, err := o.Root()
	if err != nil {
		return attest.Policy{}, err
	}
	var v *sigstore.Verifier
	if len(keys) > 0 {
		v, err = sigstore.NewKeyVerifier(root, keys[0], o.Options(true))
	} else {
		v, err = sigstore.NewVerifier(root, sigstore.Identity{
			SAN: o.identity, SANPattern: o.pattern, Issuer: o.issuer, SourceRepository: o.repository,
		}, o.Options(false))
	}
	if err != nil {
		return attest.Policy{}, err
	}
	return attest.AtLeast(o.threshold, v), nil
}

func readKeys(files []string) ([]*attest.Key, error) {
	var keys []*attest.Key
	for _, name := range files {
		data, err := cli.ReadFile(name, cli.MaxSettings)
		if err != nil {
			return nil, err
		}
		fromFile, err := attest.ParseKeys(data)
		switch {
		case errors.Is(err, attest.ErrWeakKey):
			return nil, err
		case err != nil:
			return nil, cannot(name, err)
		}
		keys = append(keys, fromFile...)
	}
	return keys, nil
}
